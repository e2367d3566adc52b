"""The whole database at one moment, as rows: small worlds are looked at whole, after each step.

Whatever a law says, it says of two pictures and of what was asked between them; so no law leans on
the code whose doings it judges.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.all_tables import metadata
from storage.engine import Database

Row = dict[str, Any]
Rows = Mapping[str, Row]
ALWAYS = datetime.max.replace(tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Picture:
    """By table, by key. What is asked of it often is kept: a picture does not change."""

    tables: Mapping[str, Rows]

    def __getitem__(self, table: str) -> Rows:
        return self.tables[table]

    def all(self, table: str, **of: Any) -> list[Row]:
        """The rows that hold these values, in the order of their keys."""
        rows = self.tables[table].values()
        return [row for row in rows if all(row[name] == value for name, value in of.items())]

    def find(self, identifier: str | None) -> Row | None:
        return self.by_id.get(identifier or "")

    def table_of(self, identifier: str) -> str | None:
        return self._table_of.get(identifier)

    @cached_property
    def by_id(self) -> Rows:
        return {row["id"]: row for rows in self.tables.values() for row in _with_id(rows)}

    @cached_property
    def _table_of(self) -> Mapping[str, str]:
        return {row["id"]: name for name, rows in self.tables.items() for row in _with_id(rows)}


def _with_id(rows: Rows) -> Iterator[Row]:
    return (row for row in rows.values() if "id" in row)


@dataclass(frozen=True)
class Difference:
    """What became of one row: it was made, changed, or taken away."""

    table: str
    key: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """As it is, or was last."""
        found = self.after or self.before
        assert found is not None
        return found

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            said = {name: value for name, value in self.row.items() if value not in (None, [], {})}
            return f"{self.table}: {'made' if self.after else 'gone'} {said}"
        changed = {
            name: (value, self.after[name])
            for name, value in self.before.items()
            if value != self.after[name]
        }
        return f"{self.table} {self.key}: {changed}"


def differences(before: Picture, after: Picture) -> list[Difference]:
    found = []
    for name, rows in after.tables.items():
        past = before.tables[name]
        if rows == past:
            continue
        keys = dict.fromkeys([*past, *rows])
        found += [
            Difference(name, key, past.get(key), rows.get(key))
            for key in keys
            if past.get(key) != rows.get(key)
        ]
    return found


def _columns(table: Table) -> str:
    """A vector of words is long, and only whether it changed is of interest."""
    return ", ".join(
        f"hashtext({column.name}::text) as {column.name}"
        if isinstance(column.type, TSVECTOR)
        else f'"{column.name}"'
        for column in table.columns
    )


# What is in line to be looked at is nobody's doing, and is gone once it was.
_TABLES = [table for table in metadata.sorted_tables if table.name != "letters_due"]
_PARTS = [
    f"select '{table.name}' as name, (select json_agg(one) from"  # noqa: S608 - names of ours
    f" (select {_columns(table)} from {table.name}) as one) as rows"
    for table in _TABLES
]
_EVERYTHING = (
    f"select json_object_agg(name, rows)::text from ({' union all '.join(_PARTS)}) as tables"  # noqa: S608
)
_KEY = {table.name: tuple(each.name for each in table.primary_key) for table in _TABLES}


def _keyed(table: str, rows: Sequence[Row]) -> Rows:
    found = {" ".join(str(row[name]) for name in _KEY[table]): row for row in rows}
    return dict(sorted(found.items()))


async def taken(database: Database) -> Picture:
    told = orjson.loads(await database.answer(_EVERYTHING, [], fresh=True))
    return Picture({name: _keyed(name, rows or ()) for name, rows in told.items()})


def moment(written: str | None) -> datetime | None:
    """As PostgreSQL writes one, which may be for ever."""
    match written:
        case None:
            return None
        case "infinity":
            return ALWAYS
        case "-infinity":
            return NEVER
    return datetime.fromisoformat(written)


def at(written: str) -> datetime:
    found = moment(written)
    assert found is not None
    return found
