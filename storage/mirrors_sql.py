"""Writing many rows of a mirror in one statement: they go to PostgreSQL as one JSON text, and come
out of it as rows of the table.

A thing is written over only where its owner's version has not fallen; a part only where it differs.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Table, TextClause, text

from domain.texts import Translations
from storage.columns import Columns
from storage.engine import Writing
from storage.searching import MOST_CHARACTERS, without_tags

# Translations have words to be found by, too. A statement is made for so many of them at most:
# as few statements as there are steps, however many translations each thing has.
STEPS = (0, 1, 3, 8, 30)
Words = Sequence[str | None]


def documents(
    language: str | None,
    words: Words,
    extra: Words,
    translations: Translations | None = None,
    fields: Sequence[str] = (),
) -> list[list[str | None]]:
    """What a thing can be found by, in each of its languages: the twin of `searching.document`, for
    `MOST_CHARACTERS` altogether. Beyond that PostgreSQL would refuse the row, and with it the page."""
    left = MOST_CHARACTERS
    found: list[list[str | None]] = []
    several = [(language, words), *_translated(translations or {}, fields)]
    for tag, each in several:
        plain: list[str | None] = []
        for word in each:
            shown = without_tags(word)[: max(0, left)] if word else None
            left -= len(shown or "")
            plain.append(shown)
        found.append([tag, *plain, None])
    found[0][-1] = " ".join(filter(None, extra))[:MOST_CHARACTERS]
    return found


def _translated(
    translations: Translations, fields: Sequence[str]
) -> list[tuple[str | None, list[str | None]]]:
    return [(tag, [words.get(field) for field in fields]) for tag, words in translations.items()]


async def write_things(
    db: Writing, table: Table, rows: Sequence[Columns], now: datetime, *, anew: bool
) -> set[str]:
    """The ids of those that were written. Each row has `documents` and the languages of its `owner`
    beside its columns; `anew` believes a version that fell, as after a restore of the owner's."""
    written: set[str] = set()
    for step, those in _by_step(rows).items():
        columns = sorted(those[0].keys() - {"documents", "language"})
        statement = _things(table, tuple(columns), step)
        given = {"rows": orjson.dumps(those).decode(), "now": now, "anew": anew}
        written |= set(await db.scalars(statement, given))
    return written


def _by_step(rows: Sequence[Columns]) -> Mapping[int, list[Columns]]:
    found: dict[int, list[Columns]] = {}
    for row in rows:
        translated = len(row["documents"]) - 1
        found.setdefault(next(step for step in STEPS if step >= translated), []).append(row)
    return found


_made: dict[Any, TextClause] = {}


def _things(table: Table, columns: tuple[str, ...], step: int) -> TextClause:
    key = (table.name, columns, step)
    if key not in _made:
        _made[key] = text(_thing_statement(table.name, columns, step))
    return _made[key]


def _thing_statement(table: str, columns: tuple[str, ...], step: int) -> str:
    found_by = " || ".join(
        "convoke_document("
        + ", ".join(f"e.told -> 'documents' -> {each} ->> {part}" for part in range(5))
        + ")"
        for each in range(step + 1)
    )
    names = ", ".join((*columns, "language", "search", "synced_at"))
    given = ", ".join(f"r.{column}" for column in columns)
    kept = ", ".join(
        f"{column} = excluded.{column}"
        for column in (*columns, "language", "search", "synced_at")
        if column not in {"id", "hub_id"}
    )
    return f"""
        insert into {table} ({names})
        select {given}, r.language, {found_by}, cast(:now as timestamptz)
        from jsonb_array_elements(cast(:rows as jsonb)) with ordinality e (told, n),
          jsonb_populate_record(null::{table}, e.told) r
        order by e.n
        on conflict (id) do update set {kept}
        where {table}.hub_id = excluded.hub_id
          and ({table}.version <= excluded.version or cast(:anew as boolean))
        returning id
    """.replace("::", "\\:\\:")  # noqa: S608 - names of our own columns


async def write_rows(
    db: Writing, table: Table, rows: Sequence[Columns], *, key: str = "id"
) -> None:
    """Rows with ids, each written where it is new or differs from what is there."""
    if rows:
        statement = _rows(table, tuple(rows[0]), key)
        await db.execute(statement, {"rows": orjson.dumps(rows).decode()})


def _rows(table: Table, columns: tuple[str, ...], key: str) -> TextClause:
    made = (table.name, columns, key)
    if made not in _made:
        names = ", ".join(columns)
        changed = [column for column in columns if column not in key.split(", ")]
        before = ", ".join(f"{table.name}.{column}" for column in changed)
        after = ", ".join(f"excluded.{column}" for column in changed)
        does = (
            f"do update set ({', '.join(changed)}) = row({after})"
            f" where row({before}) is distinct from row({after})"
        )
        _made[made] = text(
            f"""
            insert into {table.name} ({names})
            select {", ".join(f"r.{column}" for column in columns)}
            from jsonb_array_elements(cast(:rows as jsonb)) with ordinality e (told, n),
              jsonb_populate_record(null\\:\\:{table.name}, e.told) r
            order by e.n
            on conflict ({key}) {does if changed else "do nothing"}
            """  # noqa: S608 - names of our own columns
        )
    return _made[made]


async def forget_others(
    db: Writing, table: Table, of: str, of_ids: Collection[str], kept: Collection[str]
) -> None:
    """Parts of these things that they have no more."""
    statement = text(
        f"delete from {table.name} where {of} = any(:of_ids) and not id = any(:kept)"  # noqa: S608
    )
    await db.execute(statement, {"of_ids": list(of_ids), "kept": list(kept)})
