"""How a list is ordered, and cut into pages by position (keyset), never by counting rows off.

A list is one way or several: rows that one index gives in the list's order. The first rows of each
way are taken and merged, so that a page costs what is on it, however long the list is
(docs/decisions/0018). A cursor is opaque to clients: the list's order and the place of a row in it.
It stays good while rows come and go before it.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Float,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.types import TypeEngine

from domain.errors import BadInput
from domain.words import Count, say
from resolvers.reading import json_text
from resolvers.reading.given import Given
from storage.tables import Instant

MOST = 100  # rows on a page
LONGEST = 1_000  # for peer hubs, which take whole things: nobody else's limits let it through
COUNTED_AT_MOST = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that rows are sorted by; its column in the rows is `key_` and its name."""

    name: str
    type: TypeEngine[Any]

    @property
    def label(self) -> str:
        return f"key_{self.name}"


@dataclass(frozen=True, slots=True)
class Way:
    """Rows that one index gives in the list's order, or that are few enough to sort.

    `place` is where a row stands: an expression for each key. Where the way hangs from rows of
    its own (`each`: the ids of some alliances, the cells of a map), the first of each are taken.
    """

    rows: Select[Any]
    place: tuple[ColumnElement[Any], ...]
    each: FromClause | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a type in an order. All keys run one way; the last tells any two rows apart.

    `order` names the order in cursors. Rows of a list of one way are as the way gives them; of
    several, `shown` gives the columns of the rows whose keys were found. No row comes by two ways,
    unless they are `overlapping`.
    """

    type_name: str | None  # none where each row says its own
    keys: tuple[Key, ...]
    order: str
    ways: tuple[Way, ...]
    descending: bool = False
    overlapping: bool = False
    shown: Callable[[FromClause], Select[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is a place in the order, as `read_cursor` gives it; `is_long` tells of more rows than
    `MOST`."""

    first: Given[int]
    after: tuple[Given[Any], ...] | None = None
    is_long: bool = False


def in_order(
    type_name: str | None,
    rows: Select[Any],
    order: str,
    places: Mapping[str, ColumnElement[Any]],
    *,
    descending: bool = False,
) -> Listing:
    """A list of one way: these rows, by these columns."""
    way = Way(rows, tuple(places.values()))
    return Listing(type_name, keys_of(places), order, (way,), descending)


def keys_of(places: Mapping[str, ColumnElement[Any]]) -> tuple[Key, ...]:
    return tuple(Key(name, _kind_of(place.type)) for name, place in places.items())


def _kind_of(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """What a cursor holds of it."""
    if isinstance(kind, DateTime):
        return Instant
    if isinstance(kind, Float):
        return Float()
    if isinstance(kind, Text):
        return Text()
    raise TypeError(f"No list is sorted by {kind!r}.")


def asked(listing: Listing | None, first: int, after: str | None) -> Page:
    """The page asked for, or `BadInput` naming the argument. The list is needed for a cursor."""
    if not 0 <= first <= LONGEST:
        raise BadInput(
            say(
                "first: ask for 0 to %(most)s at a time, and go on with after.", most=Count(LONGEST)
            ),
            ("first",),
        )
    is_long = first > MOST
    if after is None or listing is None:
        return Page(first, None, is_long)
    return Page(first, read_cursor(listing, after), is_long)


def parametrized_page(
    listing: Listing | None, page: Page, prefix: str
) -> tuple[Page, dict[str, Any]]:
    """The page with parameters in the place of its values, and those by their names."""
    first = bindparam(f"{prefix}first", type_=Integer)
    values = page_values(listing, page, prefix)
    if page.after is None or listing is None:
        return Page(first, None, page.is_long), values
    place = [bindparam(f"{prefix}{key.label}", type_=key.type) for key in listing.keys]
    return Page(first, tuple(place), page.is_long), values


def page_values(listing: Listing | None, page: Page, prefix: str) -> dict[str, Any]:
    """Its values, by the names of those parameters."""
    values: dict[str, Any] = {f"{prefix}first": page.first}
    if page.after is not None and listing is not None:
        names = (f"{prefix}{key.label}" for key in listing.keys)
        values.update(zip(names, page.after, strict=True))
    return values


def page_of(listing: Listing, page: Page, *under: FromClause) -> Select[Any]:
    """The rows of the page, and one more, which tells whether there is another. `under` are the
    rows of outer statements that the list hangs from."""
    tops = [_top_of_way(listing, way, page, under) for way in listing.ways]
    if listing.shown is None:
        (rows,) = tops
        return rows
    found = _merged(listing, tops, page).subquery()
    shown = listing.shown(found)
    places = [found.c[key.label] for key in listing.keys]
    return shown.add_columns(*places, cursor_of(listing, found)).order_by(
        *_ordered(listing, places)
    )


def count_of(listing: Listing, *under: FromClause) -> Select[Any]:
    """How many rows the whole list holds, all pages together; null where that takes too long to
    say, because there are more than `COUNTED_AT_MOST`."""
    every = [_all_of_way(way, under) for way in listing.ways]
    rows = every[0] if len(every) == 1 else select(union_all(*every).subquery().c.id)
    some = rows.limit(_constant(COUNTED_AT_MOST + 1)).subquery()
    counted = func.count()
    told = func.count(some.c.id.distinct()) if listing.overlapping else counted
    return select(case((counted <= _constant(COUNTED_AT_MOST), told)).label("count")).select_from(
        some
    )


def _all_of_way(way: Way, under: tuple[FromClause, ...]) -> Select[Any]:
    rows = way.rows.with_only_columns(way.place[-1].label("id"), maintain_column_froms=True)
    if way.each is None:
        return rows.correlate(*under) if under else rows
    # The limit keeps PostgreSQL from joining the two by reading all of both.
    of_each = rows.correlate(*under, way.each).limit(_constant(COUNTED_AT_MOST + 1)).lateral()
    return select(of_each.c.id).select_from(way.each.join(of_each, true()))


def _top_of_way(
    listing: Listing, way: Way, page: Page, under: tuple[FromClause, ...]
) -> Select[Any]:
    """The first rows of a way, or those of each row that it hangs from."""
    rows = way.rows
    if listing.shown is not None:
        rows = rows.with_only_columns(maintain_column_froms=True)
    labelled = zip(listing.keys, way.place, strict=True)
    rows = rows.add_columns(*(place.label(key.label) for key, place in labelled))
    if page.after is not None:
        here, there = tuple_(*way.place), tuple_(*_values_of(listing, page.after))
        rows = rows.where(here < there if listing.descending else here > there)
    # PostgreSQL, which keeps the plan of a statement for other values, thinks that a limit which
    # it does not know is a tenth of all rows. It is told the most that is ever asked for.
    most = LONGEST if page.is_long else MOST
    rows = rows.order_by(*_ordered(listing, way.place)).limit(_constant(most + 1))
    outer = under if way.each is None else (*under, way.each)
    top = rows.correlate(*outer).subquery() if outer else rows.subquery()
    columns: list[ColumnElement[Any]] = [*top.c]
    if listing.shown is None:
        columns.append(cursor_of(listing, top))
    first = _first(select(*columns), listing, page, [top.c[key.label] for key in listing.keys])
    if way.each is None:
        return first
    of_each = first.lateral()
    return select(*of_each.c).select_from(way.each.join(of_each, true()))


def _merged(listing: Listing, tops: list[Select[Any]], page: Page) -> Select[Any]:
    every = (tops[0] if len(tops) == 1 else union_all(*tops)).subquery()
    rows = select(*every.c)
    places = [every.c[key.label] for key in listing.keys]
    return _first(rows.distinct() if listing.overlapping else rows, listing, page, places)


def _first(
    rows: Select[Any], listing: Listing, page: Page, places: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    return rows.order_by(*_ordered(listing, places)).limit(page.first + _constant(1))


def _ordered(listing: Listing, places: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [place.desc() if listing.descending else place.asc() for place in places]


def _values_of(listing: Listing, after: tuple[Given[Any], ...]) -> list[ColumnElement[Any]]:
    return [
        value if isinstance(value, ColumnElement) else bindparam(None, value, type_=key.type)
        for key, value in zip(listing.keys, after, strict=True)
    ]


def _constant(number: int) -> ColumnElement[int]:
    """A number of ours, which the plan may know."""
    return literal_column(str(number), Integer)


# ── cursors ──────────────────────────────────────────────────────────────────────────────────


def cursor_of(listing: Listing, rows: FromClause) -> ColumnElement[str]:
    """The cursor of each of the page's rows."""
    keys = [_as_json(key.type, rows.c[key.label]) for key in listing.keys]
    return json_text.cursor(listing.order, keys).label("cursor")


def read_cursor(listing: Listing, text: str) -> tuple[Any, ...]:
    try:
        order, *place = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if order != listing.order:
            raise BadInput(
                "after: this cursor belongs to another list or order; begin again without it.",
                ("after",),
            )
        return tuple(
            _value(key.type, value) for key, value in zip(listing.keys, place, strict=True)
        )
    except (binascii.Error, ValueError, TypeError, OverflowError) as problem:
        raise BadInput(
            "after: not a cursor. Give back an endCursor or an edge's cursor as it was.",
            ("after",),
        ) from problem


def _as_json(kind: TypeEngine[Any], column: ColumnElement[Any]) -> ColumnElement[str]:
    """Moments as microseconds since 1970, which are a whole number."""
    plain = column
    if kind is Instant:
        plain = cast(extract("epoch", column) * literal_column("1000000"), BigInteger)
    return json_text.or_null(json_text.as_json(plain).cast(Text))


def _value(kind: TypeEngine[Any], value: Any) -> Any:
    if kind is Instant and type(value) is int:
        return _EPOCH + timedelta(microseconds=value)
    if isinstance(kind, Float) and type(value) in (int, float):
        return float(value)
    if isinstance(kind, Text) and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError(value)
