"""What a list may be narrowed to: the filters of the contract, as values or parameters for them.

What narrows is told by what is given, and never by what is in it (`resolvers.reading.given`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Text,
    and_,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.alliances import AllianceStatus
from domain.events import AttendanceMode, EventHostRole, EventStatus, PublicationStatus
from domain.rsvps import RsvpStatus
from resolvers.reading.given import Given
from resolvers.reading.given import Near as Near  # the filters are made with it


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationsWanted:
    search: Given[str] | None = None
    causes: Given[tuple[str, ...]] | None = None
    alliance: Given[str] | None = None
    near: Near | None = None
    hub: Given[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsWanted:
    search: Given[str] | None = None
    organizations: Given[tuple[str, ...]] | None = None
    alliances: Given[tuple[str, ...]] | None = None
    causes: Given[tuple[str, ...]] | None = None
    languages: Given[tuple[str, ...]] | None = None
    near: Near | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsWanted:
    search: Given[str] | None = None
    organizations: Given[tuple[str, ...]] | None = None
    groups: Given[tuple[str, ...]] | None = None
    alliances: Given[tuple[str, ...]] | None = None
    hubs: Given[tuple[str, ...]] | None = None
    causes: Given[tuple[str, ...]] | None = None
    languages: Given[tuple[str, ...]] | None = None
    from_: Given[datetime] | None = None
    to: Given[datetime] | None = None
    near: Near | None = None
    statuses: Given[tuple[EventStatus, ...]] | None = None
    publication_statuses: Given[tuple[PublicationStatus, ...]] = (PublicationStatus.PUBLISHED,)
    attendance_modes: Given[tuple[AttendanceMode, ...]] | None = None
    host_roles: Given[tuple[EventHostRole, ...]] | None = None
    accessible: bool | None = None
    include_cancelled: bool = False
    updated_since: Given[datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlliancesWanted:
    search: Given[str] | None = None
    causes: Given[tuple[str, ...]] | None = None
    member_organization: Given[str] | None = None
    statuses: Given[tuple[AllianceStatus, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpsWanted:
    occurrence: Given[str] | None = None
    statuses: Given[tuple[RsvpStatus, ...]] | None = None
    search: Given[str] | None = None


def has_words(row: FromClause, text: Given[str]) -> ColumnElement[bool]:
    """The words of the text, in any language the hub stems, accents folded."""
    return row.c.search.op("@@")(words(text))


def words(text: Given[str]) -> ColumnElement[Any]:
    """As a subquery, which PostgreSQL works out once: the bare call, once for each row it looks
    at, which took a second for a few hundred rows."""
    given = literal(text.replace("\x00", ""), Text) if isinstance(text, str) else text
    return select(func.convoke_query(given)).scalar_subquery()


def one_of(column: ColumnElement[Any], values: Given[tuple[Any, ...]]) -> ColumnElement[bool]:
    """As one array: a thousand values as parameters of their own cost more than the search."""
    return column == any_(array_of(values))


def shares_any(column: ColumnElement[Any], values: Given[tuple[str, ...]]) -> ColumnElement[bool]:
    return column.op("&&")(array_of(values))


def array_of(values: Given[tuple[Any, ...]]) -> ColumnElement[Any]:
    if not isinstance(values, tuple):
        return values
    kind = Integer if values and isinstance(values[0], int) else Text
    return literal(list(values), ARRAY(kind))


def distance_km(row: FromClause, near: Near) -> ColumnElement[float]:
    return func.convoke_distance_km(
        row.c.place_latitude,
        row.c.place_longitude,
        _number(near.latitude),
        _number(near.longitude),
        type_=Float,
    )


def lies_near(row: FromClause, near: Near) -> ColumnElement[bool]:
    """The cells around the position narrow it down by index; the distance itself decides."""
    return and_(one_of(row.c.geo_cell, near.cells), is_within(row, near))


def is_within(row: FromClause, near: Near) -> ColumnElement[bool]:
    return distance_km(row, near) <= _number(near.radius_km)


def _number(value: Given[float]) -> ColumnElement[float]:
    return value if isinstance(value, ColumnElement) else literal(value, Float)
