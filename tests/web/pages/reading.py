"""A page as a reader meets it: its words, its elements, and what a browser would fetch for it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"base", "meta", "link", "br", "input"}
_WITHIN_A_LINE = {"a", "b", "span", "time", "strong", "bdi"}
# What a browser loads by itself.
_LOADING = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src")}


@dataclass
class Read(HTMLParser):
    """`open` must be empty at the end: every element that was begun was ended."""

    words: str = ""
    open: list[str] = field(default_factory=list)
    links: dict[str, dict[str, str | None]] = field(default_factory=dict)
    metas: dict[str, str | None] = field(default_factory=dict)
    loaded: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _WITHIN_A_LINE:
            self.words += " "
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "a":
            self.links[given["href"] or ""] = given
        if tag == "meta":
            self.metas[given.get("name") or given.get("property") or ""] = given.get("content")
        if not (tag == "link" and given.get("rel") in ("canonical", "alternate")):
            self.loaded += [value or "" for name, value in attrs if (tag, name) in _LOADING]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" not in self.open:
            self.words += data


def read(page: str) -> Read:
    found = Read()
    found.feed(page)
    found.close()
    assert found.open == []
    found.words = " ".join(found.words.split())
    return found
