"""What a thing can be found by: its words, put into the `search` column with the row.

The functions are in the migrations (`convoke_document`, `convoke_query`): words as they stand and
their stems, in the language of the text. Names weigh most, then summaries, then descriptions.
"""

from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from domain.texts import Translations
from storage.tables import Id, organizations

# A row's search column holds at most 1 MB (a limit of PostgreSQL's). Thirty translations of twenty
# thousand characters do not fit; a description says what it is about in its first pages.
MOST_CHARACTERS = 60_000


def language_of(languages: Sequence[str], owner_id: str | None) -> ColumnElement[str | None]:
    """What its words are written in: the first of its languages, else the first of its owner's."""
    if languages or owner_id is None:
        return literal(languages[0] if languages else None, Text)
    return (
        select(organizations.c.languages[1])
        .where(organizations.c.id == literal(owner_id, Id))
        .scalar_subquery()
    )


def document(
    language: ColumnElement[str | None],
    words: Sequence[str | None],
    translations: Translations,
    fields: Sequence[str],
    extra: Iterable[str | None] = (),
) -> ColumnElement[str]:
    """`words` are the values of `fields`: a name, a summary, a description, in that order."""
    left = MOST_CHARACTERS
    found = _document(language, (*_plain(words, left), " ".join(filter(None, extra))))
    left -= sum(len(word or "") for word in words)
    for tag, translated in translations.items():
        plain = _plain([translated.get(field) for field in fields], left)
        found = found.op("||", return_type=TSVECTOR())(
            _document(literal(tag, Text), (*plain, None))
        )
        left -= sum(len(word or "") for word in plain)
    return found


def document_in_bulk() -> tuple[ColumnElement[Any], ColumnElement[str]]:
    """The language column and the search column of rows that are written many at a time: what
    `parameters` gives stands in for the values."""
    said, owner_id = bindparam("its_language", type_=Text), bindparam("its_owner", type_=Id)
    of_owner = select(organizations.c.languages[1]).where(organizations.c.id == owner_id)
    language = func.coalesce(said, of_owner.scalar_subquery())
    words = (bindparam(f"its_{part}", type_=Text) for part in _PARTS)
    return language, func.convoke_document(language, *words, type_=TSVECTOR())


def parameters(
    languages: Sequence[str],
    owner_id: str,
    words: Sequence[str | None],
    extra: Iterable[str | None] = (),
) -> dict[str, str | None]:
    """For `document_in_bulk`; the words are those of `document`, without translations."""
    plain = (*_plain(words, MOST_CHARACTERS), " ".join(filter(None, extra)))
    return {
        "its_language": languages[0] if languages else None,
        "its_owner": owner_id,
        **{f"its_{part}": word for part, word in zip(_PARTS, plain, strict=True)},
    }


_PARTS = ("name", "summary", "description", "extra")


def _document(
    language: ColumnElement[str | None], words: Iterable[str | None]
) -> ColumnElement[str]:
    return func.convoke_document(
        language, *(literal(word, Text) for word in words), type_=TSVECTOR()
    )


def _plain(words: Iterable[str | None], most: int) -> list[str | None]:
    shortened: list[str | None] = []
    for word in words:
        plain = without_tags(word)[: max(0, most)] if word else None
        most -= len(plain or "")
        shortened.append(plain)
    return shortened


def without_tags(text: str) -> str:
    """The words of HTML, or of plain text, as people read them."""
    if "<" not in text and "&" not in text:
        return text
    reader = _Words()
    reader.feed(text)
    reader.close()
    return "".join(reader.found)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._unread += 1
        elif tag not in _WITHIN_A_WORD:
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._unread = max(0, self._unread - 1)
        elif tag not in _WITHIN_A_WORD:
            self.found.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.found.append(data)


_WITHIN_A_WORD = frozenset(
    {"a", "abbr", "b", "em", "i", "mark", "s", "small", "span", "strong", "u"}
)
