"""What a list may be narrowed to: the filters of the contract, as values."""

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

from domain import geo
from domain.alliances import AllianceStatus
from domain.events import AttendanceMode, EventHostRole, EventStatus, PublicationStatus


@dataclass(frozen=True, slots=True)
class Near:
    """Within `radius_km` kilometres of a position."""

    latitude: float
    longitude: float
    radius_km: float = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationsWanted:
    search: str | None = None
    causes: tuple[str, ...] | None = None
    alliance: str | None = None
    near: Near | None = None
    hub: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsWanted:
    search: str | None = None
    organizations: tuple[str, ...] | None = None
    alliances: tuple[str, ...] | None = None
    causes: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    near: Near | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsWanted:
    search: str | None = None
    organizations: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    alliances: tuple[str, ...] | None = None
    hubs: tuple[str, ...] | None = None
    causes: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    from_: datetime | None = None
    to: datetime | None = None
    near: Near | None = None
    statuses: tuple[EventStatus, ...] | None = None
    publication_statuses: tuple[PublicationStatus, ...] = (PublicationStatus.PUBLISHED,)
    attendance_modes: tuple[AttendanceMode, ...] | None = None
    host_roles: tuple[EventHostRole, ...] | None = None
    accessible: bool | None = None
    include_cancelled: bool = False
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlliancesWanted:
    search: str | None = None
    causes: tuple[str, ...] | None = None
    member_organization: str | None = None
    statuses: tuple[AllianceStatus, ...] | None = None


def has_words(row: FromClause, text: str) -> ColumnElement[bool]:
    """The words of the text, in any language the hub stems, accents folded."""
    return row.c.search.op("@@")(words(text))


def words(text: str) -> ColumnElement[Any]:
    """As a subquery, which PostgreSQL works out once: the bare call, once for each row it looks
    at, which took a second for a few hundred rows."""
    return select(func.convoke_query(literal(text.replace("\x00", ""), Text))).scalar_subquery()


def shares_any(column: ColumnElement[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    return column.op("&&")(literal(list(values), ARRAY(Text)))


def distance_km(row: FromClause, near: Near) -> ColumnElement[float]:
    return func.convoke_distance_km(
        row.c.place_latitude,
        row.c.place_longitude,
        literal(near.latitude, Float),
        literal(near.longitude, Float),
        type_=Float,
    )


def lies_near(row: FromClause, near: Near) -> ColumnElement[bool]:
    """The cells around the position narrow it down by index; the distance itself decides."""
    geo.check_position(near.latitude, near.longitude, ("near",))
    geo.check_radius(near.radius_km, ("near",))
    cells = geo.cells_near(near.latitude, near.longitude, near.radius_km)
    # As one array: a thousand cells as parameters of their own cost more than the search.
    among = row.c.geo_cell == any_(literal(list(cells), ARRAY(Integer)))
    return and_(among, distance_km(row, near) <= near.radius_km)
