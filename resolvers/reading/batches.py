"""Reading for many parents at once: one statement, in which each parent has its own list."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, bindparam, select, true

from resolvers.context import Context, Eyes
from resolvers.reading.listing import Listing, Page, count_of, page_of
from resolvers.reading.sources import SOURCES
from storage.tables import Id

Values = RowMapping  # a row's columns by name
Thing = FromClause  # the row of a parent, as a listing or an expression is given it
Expression = ColumnElement[Any]
ListingOf = Callable[[Thing], Listing]


def example(type_name: str, listing_of: ListingOf) -> Listing:
    """The listing as it would be under some parent: its order, for reading cursors."""
    return listing_of(SOURCES[type_name].table.alias())


async def things(ctx: Context, type_name: str, identifiers: list[str]) -> dict[str, Values]:
    """The things of these ids that the viewer may open, by id."""
    found = await ctx.rows(_by_ids(type_name, ctx.eyes), {"identifiers": identifiers})
    return {values["id"]: values for values in found}


@cache
def _by_ids(type_name: str, eyes: Eyes) -> Select[Any]:
    """Made once for each type: what every mutation hands out is found by it, and to put it together
    takes longer than PostgreSQL does to answer."""
    row, rows = SOURCES[type_name].rows(eyes)
    return rows.where(row.c.id.in_(bindparam("identifiers", expanding=True, type_=Id)))


async def rows_under(
    ctx: Context,
    type_name: str,
    parents: list[str],
    listing_of: ListingOf,
    page: Page,
    values: dict[str, Any],
) -> dict[str, list[Values]]:
    """The page of each parent's list, by the parent's id."""
    parent = SOURCES[type_name].table.alias()
    listing = listing_of(parent)
    some = page_of(listing, page, parent).lateral()
    places = [some.c[key.label] for key in listing.keys]
    statement = (
        select(parent.c.id.label("parent_of_row"), *some.c)
        .select_from(parent.join(some, true()))
        .where(parent.c.id.in_(parents))
        .order_by(*(place.desc() if listing.descending else place for place in places))
    )
    rows: dict[str, list[Values]] = {one: [] for one in parents}
    for row in await ctx.rows(statement, values):
        rows[row["parent_of_row"]].append(row)
    return rows


async def counts_under(
    ctx: Context,
    type_name: str,
    parents: list[str],
    listing_of: ListingOf,
    values: dict[str, Any],
) -> list[int | None]:
    """How many each parent's list holds, all pages together; null where there are too many."""
    return await values_under(
        ctx,
        type_name,
        parents,
        lambda parent: count_of(listing_of(parent), parent).scalar_subquery(),
        values,
    )


async def values_under(
    ctx: Context,
    type_name: str,
    parents: list[str],
    expression: Callable[[Thing], Expression],
    values: dict[str, Any] | None = None,
) -> list[Any]:
    """What an expression over each parent's row gives, in the order of the parents."""
    parent = SOURCES[type_name].table.alias()
    statement = select(parent.c.id, expression(parent).label("value"))
    found = await ctx.rows(statement.where(parent.c.id.in_(parents)), values)
    by_parent = {row["id"]: row["value"] for row in found}
    return [by_parent[one] for one in parents]
