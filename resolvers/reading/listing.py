"""How a list is ordered, and cut into pages by position (keyset), never by counting rows off.

A cursor is opaque to clients: the list's order and the place of a row in it. It stays good while
rows come and go before it.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Float, FromClause, Select, Text, bindparam, func, tuple_
from sqlalchemy.types import TypeEngine

from domain.errors import BadInput
from storage.tables import Instant

MOST = 100  # rows on a page
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that rows are sorted by; `name` is what its column is called in the rows."""

    name: str
    column: ColumnElement[Any]
    type: TypeEngine[Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a type in an order. All keys run one way; the last tells any two rows apart.
    `order` names the order in cursors."""

    type_name: str
    rows: Select[Any]
    keys: tuple[Key, ...]
    order: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is a place in the order, as `read_cursor` gives it."""

    first: int
    after: tuple[Any, ...] | None = None


def asked(listing: Listing, first: int, after: str | None) -> Page:
    """The page asked for, or `BadInput` naming the argument."""
    if not 0 <= first <= MOST:
        raise BadInput(f"first: ask for 0 to {MOST} at a time, and go on with after.", ("first",))
    return Page(first, None if after is None else read_cursor(listing, after))


def page_of(listing: Listing, page: Page) -> Select[Any]:
    """The rows of the page, and one more, which tells whether there is another."""
    columns = [key.column for key in listing.keys]
    rows = listing.rows.add_columns(*(key.column.label(f"key_{key.name}") for key in listing.keys))
    if page.after is not None:
        place = tuple_(
            *(
                bindparam(None, value, type_=key.type)
                for key, value in zip(listing.keys, page.after, strict=True)
            )
        )
        here = tuple_(*columns)
        rows = rows.where(here < place if listing.descending else here > place)
    rows = rows.order_by(*(c.desc() if listing.descending else c.asc() for c in columns))
    return rows.limit(page.first + 1)


def count_of(listing: Listing, *under: FromClause) -> Select[Any]:
    """How many rows the whole list holds, `under` the row it hangs from where it hangs from one."""
    whole = listing.rows.with_only_columns(func.count(), maintain_column_froms=True)
    return whole.order_by(None).correlate(*under) if under else whole.order_by(None)


# ── cursors ──────────────────────────────────────────────────────────────────────────────────


def cursor(listing: Listing, value_of: Callable[[str], Any]) -> str:
    """The cursor of a row: `value_of` gives the row's value of a column by name."""
    place = [_plain(value_of(f"key_{key.name}")) for key in listing.keys]
    return base64.urlsafe_b64encode(orjson.dumps([listing.order, *place])).rstrip(b"=").decode()


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


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value


def _value(kind: TypeEngine[Any], value: Any) -> Any:
    if kind is Instant and type(value) is int:
        return _EPOCH + timedelta(microseconds=value)
    if isinstance(kind, Float) and type(value) in (int, float):
        return float(value)
    if isinstance(kind, Text) and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError(value)
