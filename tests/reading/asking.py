"""Listings as they are run: a statement made once, its values parameters, its plan a generic one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import Dialect, FromClause, Table, select, true
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers.reading.given import parametrized, taken_apart
from resolvers.reading.listing import (
    Listing,
    Page,
    count_of,
    page_of,
    parametrized_page,
    read_cursor,
)
from storage.visibility import ORGANIZATION, PERSON, Eyes
from tests.reading.busy_hub import LARGE, MEMBER

_DIALECT: Dialect = dialect()  # type: ignore[no-untyped-call]
NOBODY = Eyes()
STAFF = Eyes(organization=True, person=True)
VIEWER = {ORGANIZATION: MEMBER, PERSON: "somebody"}


@dataclass(frozen=True)
class Asked:
    """A list: of all there is, or what hangs from the thing of that id."""

    listing_of: Callable[..., Listing]
    items: tuple[Any, ...]
    of: Table | None = None
    id: str = ""
    eyes: Eyes = NOBODY


@dataclass(frozen=True)
class Statement:
    sql: str
    names: Sequence[str]
    given: Mapping[str, Any]
    listing: Listing

    @property
    def values(self) -> list[Any]:
        return [self.given[name] for name in self.names]

    def after(self, row: Any) -> "Statement":
        """The same, for the page after that row."""
        place = zip(self.listing.keys, place_of(self, row), strict=True)
        return replace(self, given={**self.given, **{f"p_{k.label}": v for k, v in place}})


def page(asked: Asked, first: int, after: tuple[Any, ...] | None = None) -> Statement:
    def rows_of(listing: Listing, under: tuple[FromClause, ...]) -> tuple[Any, dict[str, Any]]:
        placed, values = parametrized_page(listing, Page(first, after), "p_")
        return page_of(listing, placed, *under), values

    return _statement(asked, rows_of)


def count(asked: Asked) -> Statement:
    return _statement(asked, lambda listing, under: (count_of(listing, *under), {}))


def _statement(
    asked: Asked,
    rows_of: Callable[[Listing, tuple[FromClause, ...]], tuple[Any, dict[str, Any]]],
) -> Statement:
    _, values = taken_apart(asked.items, "a_")
    items = parametrized(asked.items, "a_")
    if asked.of is None:
        listing = asked.listing_of(asked.eyes, *items)
        rows, place = rows_of(listing, ())
    else:
        parent = asked.of.alias()
        listing = asked.listing_of(asked.eyes, parent, *items)
        inside, place = rows_of(listing, (parent,))
        shown = inside.lateral()
        rows = (
            select(*shown.c).select_from(parent.join(shown, true())).where(parent.c.id == asked.id)
        )
    made = rows.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    given = {**made.params, **values, **place, **VIEWER}
    return Statement(made.string, made.positiontup or (), given, listing)


@dataclass
class Desk:
    """One connection, on which plans are made as for statements that are run again and again."""

    connection: asyncpg.Connection
    made: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def at(cls, connection: AsyncConnection) -> "Desk":
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute("set plan_cache_mode = force_generic_plan")
        return cls(raw)

    async def rows(self, statement: Statement) -> list[Any]:
        return list(await self.connection.fetch(statement.sql, *statement.values))

    async def plan(self, statement: Statement) -> "Plan":
        """How it was run, and what that took."""
        await self.connection.execute(f"prepare asked as {statement.sql}")
        try:
            values = ", ".join(_literal(value) for value in statement.values)
            given = f"({values})" if values else ""
            options = "analyze, buffers, timing off, costs off, format json"
            told = await self.connection.fetchval(f"explain ({options}) execute asked{given}")
        finally:
            await self.connection.execute("deallocate asked")
        return Plan((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])


@dataclass(frozen=True)
class Plan:
    root: dict[str, Any]

    @property
    def pages_read(self) -> int:
        """Of 8 kB, from memory or disk."""
        return int(self.root["Shared Hit Blocks"]) + int(self.root["Shared Read Blocks"])

    def read_whole(self) -> list[str]:
        """The large tables that were read from end to end, or were to be."""
        return [
            node["Relation Name"]
            for node in _nodes(self.root)
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
        ]

    def looked_at(self) -> int:
        """How many rows of one table, or entries of one index, were looked at, at most."""
        return max(int(_looked_at(node)) for node in _nodes(self.root))

    def __str__(self) -> str:
        return "\n".join(_told(self.root, 0))


def place_of(statement: Statement, row: Any) -> tuple[Any, ...]:
    return read_cursor(statement.listing, row["cursor"])


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("Plans", []) for inner in _nodes(child))]


def _looked_at(node: dict[str, Any]) -> float:
    if "Scan" not in node["Node Type"] or node["Node Type"] == "Subquery Scan":
        return 0
    removed = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    rows: float = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return rows


def _told(node: dict[str, Any], depth: int) -> list[str]:
    named = [node["Node Type"], node.get("Index Name"), node.get("Relation Name")]
    asked = [f"{name}: {node[name]}" for name in ("Index Cond", "Filter") if name in node]
    rows = f"{node.get('Actual Rows')} rows, {node.get('Actual Loops')} times"
    line = (
        "  " * depth + " ".join(part for part in named if part) + f" ({rows}) " + "; ".join(asked)
    )
    return [line, *(told for child in node.get("Plans", []) for told in _told(child, depth + 1))]


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case list():
            return "array[" + ", ".join(_literal(each) for each in value) + "]"
        case datetime():
            return f"timestamptz '{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)
