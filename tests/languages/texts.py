"""What the tree says to people: the texts that are marked for the catalogues, and those that are not."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from languages.reading import CATALOGUES

ROOT = Path(__file__).resolve().parent.parent.parent
TAGS = tuple(sorted(path.stem for path in CATALOGUES.glob("*.po")))
TEMPLATES = tuple(
    sorted(
        path
        for folder in ("web", "resolvers")
        for path in (ROOT / folder).rglob("templates/*")
        if path.suffix in (".html", ".txt")
    )
)


LAYERS = ("domain", "storage", "auth", "resolvers", "schema", "federation", "web")


@cache
def keywords() -> dict[str, Any]:
    """What marks a text beside `_`: `say`, and the problems that are raised with their words."""
    given = (ROOT / "languages/keywords").read_text("utf-8").split()
    found: dict[str, Any] = parse_keywords(each for each in given if each != "-k")
    return found


def mapping() -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """How the files of each pattern are read, of which the first counts; and with which options."""
    given = (ROOT / "languages/babel.cfg").read_text("utf-8")
    found: tuple[list[tuple[str, str]], dict[str, Any]]
    found = parse_mapping_cfg(StringIO(given))  # type: ignore[no-untyped-call]
    return found


@cache
def marked() -> Catalog:
    """Every text of the tree that is said through a catalogue."""
    methods, options = mapping()
    found = Catalog()
    for name, line, message, comments, context in extract_from_dir(
        ROOT,
        methods,
        options,
        keywords={**DEFAULT_KEYWORDS, **keywords()},
        comment_tags=("Translators:",),
        directory_filter=_is_ours,
    ):
        found.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return found


def _is_ours(folder: str | Path) -> bool:
    path = Path(folder).relative_to(ROOT)
    return path == Path() or path.parts[0] in LAYERS


@cache
def translated(tag: str) -> Catalog:
    with (CATALOGUES / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=tag, abort_invalid=True)


# ── what a template says beside its marks ────────────────────────────────────────────────────────

# Names, the same in every language.
_NAMES = {"GraphQL", "iCalendar", "Atom", "CSV", "JSON-LD", "Google", "Outlook", "UTC"}
_WORD = re.compile(r"[A-Za-z]{2,}(?:-[A-Z]+)?")
_SENTENCE = re.compile(r"^[A-Z][a-z]+\b(?![.:/])|[a-z]{2,} [a-z]{2,} [a-z]{2,}")
_SAYING = {"aria-label", "title", "placeholder", "alt"}  # attributes that people read or hear
_SILENT = {"script", "style", "code", "pre"}
_ATTRIBUTE = re.compile(r'[a-z-]+="[^"]*"')
_GAP = "\x00"  # where something is put in
_SPOKEN = {"_", "gettext", "ngettext", "pgettext", "npgettext"}


def unmarked(text: str, name: str) -> list[str]:
    """Words in a template that every reader gets in English."""
    made = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, autoescape=True)
    beside = _Words()
    beside.feed("".join(_beside_marks(made, text)))
    beside.close()
    return [*beside.said, *_constants(made.parse(text, name))]


def _beside_marks(made: Environment, text: str) -> Iterator[str]:
    """The template without its marked texts, and without whatever is put in."""
    is_marked, block = False, ""
    for _, kind, value in made.lex(text):
        if kind == "data" and not is_marked:
            yield value
        elif kind == "block_begin":
            block = ""
        elif kind == "name" and not block:
            block = value
            is_marked = block in ("trans", "pluralize") or (is_marked and block != "endtrans")
        elif kind == "variable_begin":
            yield _GAP


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        for name, value in attrs:
            if name in _SAYING:
                self._hear(value or "")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if not _SILENT & set(self.open):
            self._hear(_ATTRIBUTE.sub("", data))  # that a macro puts into an element

    def _hear(self, words: str) -> None:
        found = [each for each in _WORD.findall(words) if each not in _NAMES]
        if found:
            self.said.append(" ".join(words.replace(_GAP, "…").split()))


def _constants(tree: nodes.Template) -> Iterator[str]:
    """Sentences and capital words that are given to a macro or chosen between."""
    silent: set[int] = set()
    for node in tree.find_all((nodes.Call, nodes.Compare, nodes.Getitem, nodes.FromImport)):
        is_spoken = isinstance(node, nodes.Call) and getattr(node.node, "name", "") in _SPOKEN
        if is_spoken or not isinstance(node, nodes.Call):
            silent |= {id(each) for each in node.find_all(nodes.Const)}
    for block in tree.find_all(nodes.Const):
        said = block.value
        if id(block) in silent or not isinstance(said, str) or said in _NAMES:
            continue
        if _SENTENCE.search(said):
            yield said
