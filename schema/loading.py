"""Running the reading side through graphql-core: what many parents ask for, read at once.

The parents that ask for the same field in one turn of the loop are gathered, and one statement
answers them all. Every statement of an operation sees the same snapshot (`resolvers.context`).
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from strawberry.dataloader import DataLoader

from resolvers.context import Context
from resolvers.reading import batches
from resolvers.reading.batches import Expression, ListingOf, Thing, Values
from resolvers.reading.listing import Listing, Page, asked, count_of, cursor, page_of

Field = tuple[Hashable, ...]  # which field was asked for, its arguments included


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


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """What a connection shows. `count` asks the database, only when somebody wants the total."""

    listing: Listing
    rows: list[Row]
    has_next_page: bool
    has_previous_page: bool
    count: Callable[[], Awaitable[int]]

    def cursor_of(self, row: Row) -> str:
        return cursor(self.listing, row.values.__getitem__)


async def by_id(ctx: Context, type_name: str, identifier: str | None) -> Row | None:
    """The thing, if there is one of this type that the viewer may open."""
    if identifier is None or "\x00" in identifier:  # which no text of PostgreSQL's can hold
        return None

    async def load(identifiers: list[str]) -> list[Row | None]:
        found = await batches.things(ctx, type_name, identifiers)
        return [Row(type_name, found[one]) if one in found else None for one in identifiers]

    thing: Row | None = await _loader(ctx, ("by_id", type_name), load).load(identifier)
    return thing


async def first_of(ctx: Context, type_name: str, rows: Select[Any]) -> Row | None:
    found = await ctx.rows(rows.limit(1))
    return Row(type_name, found[0]) if found else None


async def page(ctx: Context, listing: Listing, first: int, after: str | None) -> PageOfRows:
    """A page of a list that hangs from the root."""
    wanted = asked(listing, first, after)
    rows = await ctx.rows(page_of(listing, wanted))

    async def count() -> int:
        return int((await ctx.rows(count_of(listing)))[0]["count"])

    return _page(listing, rows, wanted, count)


async def page_under(
    ctx: Context, parent: Row, field: Field, listing_of: ListingOf, first: int, after: str | None
) -> PageOfRows:
    """A page of a list that hangs from a thing."""
    listing = _listing(ctx, parent.type_name, field, listing_of)
    wanted = asked(listing, first, after)

    async def count(parents: list[str]) -> list[int]:
        return await batches.counts_under(ctx, parent.type_name, parents, listing_of)

    def counting(one: str) -> Callable[[], Awaitable[int]]:
        return lambda: _loader(ctx, ("count", *field), count).load(one)

    async def load(parents: list[str]) -> list[PageOfRows]:
        rows = await batches.rows_under(ctx, parent.type_name, parents, listing_of, wanted)
        return [_page(listing, rows[one], wanted, counting(one)) for one in parents]

    pages = _loader(ctx, ("page", *field, first, after), load)
    shown: PageOfRows = await pages.load(parent.id)
    return shown


async def value_under(
    ctx: Context, parent: Row, field: Field, expression: Callable[[Thing], Expression]
) -> Any:
    """What an expression over the thing's row gives."""

    async def load(parents: list[str]) -> list[Any]:
        return await batches.values_under(ctx, parent.type_name, parents, expression)

    return await _loader(ctx, ("value", *field), load).load(parent.id)


def _listing(ctx: Context, type_name: str, field: Field, listing_of: ListingOf) -> Listing:
    """Made once for all parents of a field: making it takes longer than a row of it."""
    key = ("listing", *field)
    found: Listing | None = ctx.loaders.get(key)
    if found is None:
        found = ctx.loaders[key] = batches.example(type_name, listing_of)
    return found


def _loader(
    ctx: Context, key: Field, load: Callable[[list[Any]], Awaitable[Sequence[Any]]]
) -> DataLoader[Any, Any]:
    found = ctx.loaders.get(key)
    if found is None:
        found = ctx.loaders[key] = DataLoader(load_fn=load, max_batch_size=1_000)
    return found


def _page(
    listing: Listing,
    rows: Sequence[Values],
    wanted: Page,
    count: Callable[[], Awaitable[int]],
) -> PageOfRows:
    return PageOfRows(
        listing=listing,
        rows=[Row(listing.type_name, values) for values in rows[: wanted.first]],
        has_next_page=len(rows) > wanted.first,
        has_previous_page=wanted.after is not None,
        count=count,
    )
