"""Which words of a page stand in a direction of their own, so that they turn none of their neighbours."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

_VOID = {"meta", "link", "br", "input", "hr", "img", "wbr", "path", "circle", "line", "rect"}
# What stands in a box, or on a line, of its own in any case (HTML s15.3.6, CSS Writing Modes s2).
_APART = {"title", "option", "textarea", "button", "script", "text"}


@dataclass
class Isolated(HTMLParser):
    """`loose` are the harmful words that stand beside others, in the others' direction."""

    sign: str = ""
    loose: list[str] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, text: str, sign: str) -> Self:
        found = cls(sign)
        found.feed(text)
        found.close()
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag not in _VOID:
            apart = tag in _APART or tag == "bdi" or (tag != "html" and "dir" in names)
            self._open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.sign in data and not any(apart for _, apart in self._open):
            self.loose.append(f"{'>'.join(tag for tag, _ in self._open[-3:])}: {data[:60]!r}")
