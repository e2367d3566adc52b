"""The documents as the tests of this folder read them: their code, their links, their words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[[^]\n]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    path: Path  # relative to the root
    text: str

    def blocks(self, *languages: str) -> list[str]:
        """The fenced blocks in these languages."""
        return [block for language, block in FENCE.findall(self.text) if language in languages]

    @property
    def prose(self) -> str:
        return FENCE.sub("", self.text)

    def inline(self) -> list[str]:
        """What stands between single backticks."""
        return INLINE.findall(self.prose)

    def links(self) -> list[str]:
        return LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """Of its headings, as code hosts make them."""
        return {
            re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in HEADING.findall(self.prose)
        }

    def shell_lines(self) -> Iterator[str]:
        """What one is told to type: lines of shell blocks, those that go on put together."""
        for block in self.blocks("sh", "console"):
            for line in block.replace("\\\n", " ").splitlines():
                told = line.removeprefix("$ ").strip()
                if told and not told.startswith("#"):
                    yield told


@cache
def pages() -> tuple[Page, ...]:
    """Every document: those at the root, and all under docs/ and deploy/."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
    return tuple(Page(path.relative_to(ROOT), path.read_text("utf-8")) for path in sorted(paths))


def page(name: str) -> Page:
    return next(each for each in pages() if each.path == Path(name))
