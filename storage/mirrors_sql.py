"""Writing many rows of a mirror in one statement: they go to PostgreSQL as one JSON text, and come
out of it as rows of the table.

A thing is written over only where its owner's version has not fallen; a part only where it differs.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Dialect, Table, TextClause, text
from sqlalchemy.dialects import postgresql

from domain.texts import Translations
from storage.columns import Columns
from storage.engine import Writing
from storage.mirrors_words import ready
from storage.searching import MOST_CHARACTERS, without_tags

# Translations have words to be found by, too. A statement is made for so many of them at most:
# as few statements as there are steps, however many translations each thing has.
STEPS = (0, 1, 3, 8, 30)
Words = Sequence[str | None]
# Of a document, as `convoke_found` takes them.
PARTS = ("language", "title", "summary", "body", "extra")


@asynccontextmanager
async def in_bulk(db: Writing) -> AsyncIterator[None]:
    """While events of another hub, and what hangs from them, are written with all that triggers keep
    of ours: none of those looks (migration 0023). Where something fails, so does the transaction."""
    await db.execute(_IN_BULK, {"is_so": "on"})
    yield
    await db.execute(_IN_BULK, {"is_so": "off"})


_IN_BULK = text("select set_config('convoke.mirroring', :is_so, true)")


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
            shown = without_tags(word)[: max(0, left)] if word else ""
            left -= len(shown)
            plain.append(ready(shown) or None)
        found.append([tag, *plain, None])
    found[0][-1] = ready(" ".join(filter(None, extra))[:MOST_CHARACTERS])
    return found


def _translated(
    translations: Translations, fields: Sequence[str]
) -> list[tuple[str | None, list[str | None]]]:
    return [(tag, [words.get(field) for field in fields]) for tag, words in translations.items()]


async def write_things(
    db: Writing, table: Table, rows: Sequence[Columns], now: datetime, *, anew: bool
) -> set[str]:
    """The ids of those that were written. Each row has its `documents` beside its columns; `anew`
    believes a version that fell, as after a restore of the owner's."""
    written: set[str] = set()
    for step, those in _by_step(rows).items():
        columns = tuple(sorted(those[0].keys() - {"documents"}))
        statement = _things(table, columns, step)
        given = {"rows": orjson.dumps(_with_documents(those)).decode(), "now": now, "anew": anew}
        written |= set(await db.scalars(statement, given))
    return written


def _by_step(rows: Sequence[Columns]) -> Mapping[int, list[Columns]]:
    found: dict[int, list[Columns]] = {}
    for row in rows:
        translated = len(row["documents"]) - 1
        found.setdefault(next(step for step in STEPS if step >= translated), []).append(row)
    return found


def _with_documents(rows: Sequence[Columns]) -> list[Columns]:
    found: list[Columns] = []
    for row in rows:
        flat = {**row}
        for number, document in enumerate(flat.pop("documents")):
            for part, words in zip(PARTS, document, strict=True):
                flat[f"{part}_{number}"] = words
        found.append(flat)
    return found


_made: dict[Any, TextClause] = {}


def _things(table: Table, columns: tuple[str, ...], step: int) -> TextClause:
    key = (table.name, columns, step)
    if key not in _made:
        _made[key] = text(_thing_statement(table, columns, step))
    return _made[key]


def _thing_statement(table: Table, columns: tuple[str, ...], step: int) -> str:
    documents = [[f"{part}_{number}" for part in PARTS] for number in range(step + 1)]
    found_by = " || ".join(
        f"convoke_found({', '.join(f'r.{part}' for part in parts)})" for parts in documents
    )
    names = ", ".join((*columns, "search", "synced_at"))
    given = ", ".join(f"r.{column}" for column in columns)
    kept = ", ".join(
        f"{column} = excluded.{column}"
        for column in (*columns, "search", "synced_at")
        if column not in {"id", "hub_id"}
    )
    words = [f"{part} text" for parts in documents for part in parts]
    return f"""
        insert into {table.name} ({names})
        select {given}, {found_by}, cast(:now as timestamptz)
        from {_told(table, columns, words)}
        on conflict (id) do update set {kept}
        where {table.name}.hub_id = excluded.hub_id
          and ({table.name}.version <= excluded.version or cast(:anew as boolean))
        returning id
    """  # noqa: S608 - names of our own columns


def _told(table: Table, columns: Sequence[str], beside: Sequence[str] = ()) -> str:
    """The rows of the text, in its order."""
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = [f"{name} {table.c[name].type.compile(dialect=dialect)}" for name in columns]
    return f"json_to_recordset(cast(:rows as json)) as r ({', '.join((*types, *beside))})"


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
            from {_told(table, columns)}
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
