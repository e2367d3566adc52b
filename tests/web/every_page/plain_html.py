"""What is in a page beside its words: what it runs, loads, styles and leads to, as a browser reads it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

_LOADING = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("video", "src"),
    ("audio", "src"),
    ("source", "src"),
    ("use", "href"),
}
_LEADING = {("a", "href"), ("area", "href"), ("form", "action"), ("button", "formaction")}
_BESIDE = ("stylesheet", "icon", "preload", "modulepreload", "manifest")  # links that are loaded
_DATA = "application/ld+json"


@dataclass
class Plain(HTMLParser):
    """`elements` are the names of those that it has."""

    elements: set[str] = field(default_factory=set)
    scripts_inside: list[str] = field(default_factory=list)
    styles_inside: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    words: str = ""
    _runs: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, text: str) -> Self:
        found = cls()
        found.feed(text)
        found.close()
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        self._runs = tag == "script" and given.get("type") != _DATA
        if tag == "style" or "style" in given:
            self.styles_inside.append(str(given))
        self.handlers += [name for name in given if name.startswith("on")]
        self.loaded += [value for name, value in given.items() if (tag, name) in _LOADING]
        if tag == "link" and given.get("rel", "") in _BESIDE:
            self.loaded.append(given["href"])
        self.links += [value for name, value in given.items() if (tag, name) in _LEADING]

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._runs = False

    def handle_data(self, data: str) -> None:
        if self._runs and data.strip():
            self.scripts_inside.append(data)
        elif self.lasttag != "script":
            self.words += data
