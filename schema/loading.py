"""Running the reading side through graphql-core: what many parents ask for, read at once.

The parents that ask for the same field in one turn of the loop are gathered, and one statement
answers them all. Every statement of an operation sees the same snapshot (`resolvers.context`).
This is the way of what cannot be one statement, and of telling errors; the other is
`schema.planning`, and tests/differential holds the two equal.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from strawberry import Info

from resolvers.context import Context
from resolvers.reading import batches
from resolvers.reading.batches import Values
from resolvers.reading.given import parametrized, taken_apart
from resolvers.reading.listing import Listing, asked, count_of, page_of, parametrized_page
from resolvers.reading.sources import SOURCES
from schema.loaders import Load, Loader

Field = tuple[Hashable, ...]  # which field was asked for, its arguments included
Items = tuple[Any, ...]


class Row:
    """A row as the schema's types read it: columns by name, and which type it shows as."""

    __slots__ = ("type_name", "values")

    def __init__(self, type_name: str, values: Values) -> None:
        self.type_name = type_name
        self.values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


class PartOfRow:
    """An object made of some of a row's columns, by the rest of their names."""

    __slots__ = ("prefix", "row")

    def __init__(self, row: Row, prefix: str) -> None:
        self.row = row
        self.prefix = prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, self.prefix + name)


class Inputs:
    """What a live field is worked out of, by name."""

    __slots__ = ("values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """What a connection shows. `count` asks the database, only when somebody wants the total."""

    rows: list[Any]
    cursors: list[str]
    has_next_page: bool
    has_previous_page: bool
    count: Callable[[], Awaitable[int | None]]


def field_of(info: Info[Context, None]) -> tuple[str, str]:
    return (info._raw_info.parent_type.name, info.field_name)


async def by_id(ctx: Context, type_name: str, identifier: str | None) -> Row | None:
    """The thing, if there is one of this type that the viewer may open."""
    if identifier is None or type_name not in SOURCES:
        return None

    async def load(identifiers: list[str]) -> list[Row | None]:
        found = await batches.things(ctx, type_name, identifiers)
        return [Row(type_name, found[one]) if one in found else None for one in identifiers]

    thing: Row | None = await _loader(ctx, ("by_id", type_name), load).get(identifier)
    return thing


async def found(
    ctx: Context, type_name: str | None, rows_of: Callable[..., Select[Any]], items: Items
) -> list[Row | None]:
    """What the statement finds. Without a type's name its rows only name what is to be read."""
    _, values = taken_apart(items, "a_")
    rows = await ctx.rows(rows_of(ctx.eyes, *parametrized(items, "a_")), values)
    if type_name is not None:
        return [Row(type_name, row) for row in rows]
    return list(await gather(*(by_id(ctx, row["type_name"], row["id"]) for row in rows)))


async def page(
    ctx: Context,
    parent: Any,
    field: Field,
    listing_of: Callable[..., Listing],
    items: Items,
    first: int,
    after: str | None,
) -> PageOfRows:
    """A page of a list: one that hangs from a thing, or from the root."""
    shape, values = taken_apart(items, "a_")
    params = parametrized(items, "a_")
    if not isinstance(parent, Row):
        return await _page_of_root(ctx, listing_of(ctx.eyes, *params), values, first, after)
    same = (*field, shape, tuple((name, _hashable(value)) for name, value in values.items()))

    def listing_under(thing: batches.Thing) -> Listing:
        return listing_of(ctx.eyes, thing, *params)

    listing = _kept(
        ctx, ("listing", *same), lambda: batches.example(parent.type_name, listing_under)
    )
    wanted = asked(listing, first, after)
    placed, place = parametrized_page(listing, wanted, "p_")
    values = {**values, **place}

    async def count(parents: list[str]) -> list[int | None]:
        return await batches.counts_under(ctx, parent.type_name, parents, listing_under, values)

    def counting(one: str) -> Callable[[], Awaitable[int | None]]:
        return lambda: _loader(ctx, ("count", *same), count).get(one)

    async def load(parents: list[str]) -> list[PageOfRows]:
        name = parent.type_name
        rows = await batches.rows_under(ctx, name, parents, listing_under, placed, values)
        return [_page(listing, rows[one], first, after, counting(one)) for one in parents]

    pages = _loader(ctx, ("page", *same, first, after), load)
    shown: PageOfRows = await pages.get(parent.id)
    return shown


async def value(ctx: Context, parent: Row, of: Callable[..., Any]) -> Any:
    """What an expression over the thing's row gives, asked once for all rows that want it."""

    async def load(parents: list[str]) -> list[Any]:
        return await batches.values_under(
            ctx, parent.type_name, parents, lambda thing: of(ctx.eyes, thing)
        )

    return await _loader(ctx, ("value", parent.type_name, of), load).get(parent.id)


async def _page_of_root(
    ctx: Context, listing: Listing, values: dict[str, Any], first: int, after: str | None
) -> PageOfRows:
    wanted = asked(listing, first, after)
    placed, place = parametrized_page(listing, wanted, "p_")
    rows = await ctx.rows(page_of(listing, placed), {**values, **place})

    async def count() -> int | None:
        found: int | None = (await ctx.rows(count_of(listing), values))[0]["count"]
        return found

    shown = _page(listing, rows, first, after, count)
    if listing.type_name is not None:
        return shown
    things = await gather(*(by_id(ctx, row.values["type_name"], row.id) for row in shown.rows))
    shown.rows[:] = things
    return shown


def _page(
    listing: Listing,
    rows: Sequence[Values],
    first: int,
    after: str | None,
    count: Callable[[], Awaitable[int | None]],
) -> PageOfRows:
    on_page = rows[:first]
    return PageOfRows(
        rows=[Row(listing.type_name or "", values) for values in on_page],
        cursors=[values["cursor"] for values in on_page],
        has_next_page=len(rows) > first,
        has_previous_page=after is not None,
        count=count,
    )


def _hashable(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


def _kept(ctx: Context, key: Field, make: Callable[[], Listing]) -> Listing:
    """Made once for all parents of a field: making it takes longer than a row of it."""
    found: Listing | None = ctx.loaders.get(key)
    if found is None:
        found = ctx.loaders[key] = make()
    return found


def _loader(ctx: Context, key: Field, load: Load) -> Loader:
    made: Loader | None = ctx.loaders.get(key)
    if made is None:
        made = ctx.loaders[key] = Loader(ctx, load)
    return made
