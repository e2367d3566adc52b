"""Words in other languages: one of them in the language asked for, and all that there are."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, case, column, func, literal_column, select

from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, in_order
from storage.tables import Id
from storage.visibility import Eyes


def in_language(
    row: FromClause,
    name: str,
    original: ColumnElement[str],
    language: Given[str] | None,
) -> ColumnElement[str]:
    """The exact translation, else the one of the same primary language, else the original."""
    if language is None:
        return original
    primary = func.split_part(language, literal_column("'-'"), literal_column("1"))
    found = func.coalesce(
        *(_translated(row, tag, name) for tag in (language, primary)), original, type_=Text
    )
    return case((row.c.language.is_distinct_from(language), found), else_=original)


def _translated(row: FromClause, tag: Any, name: str) -> ColumnElement[Any]:
    words = row.c.translations.op("->")(tag).op("->>")(literal_column(f"'{name}'"))
    return func.nullif(words, literal_column("''"))


def translations_of(eyes: Eyes, event: FromClause) -> Listing:
    """All of them, by their languages."""
    each = (
        func.jsonb_each(event.c.translations)
        .table_valued(column("language", Id), column("words"))
        .render_derived()
    )
    language = each.c.language.cast(Id).collate("C")
    columns: list[ColumnElement[Any]] = [
        language.label("language"),
        *(
            each.c.words.op("->>")(literal_column(f"'{name}'")).cast(Text).label(name)
            for name in ("title", "summary", "description")
        ),
    ]
    return in_order("EventTranslation", select(*columns), "LANGUAGE", {"language": language})
