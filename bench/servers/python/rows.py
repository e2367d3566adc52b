"""What the plain Strawberry server asks of the database, as nobody may see it: what is public.

Nothing in the benchmark's data lasts longer than a day, or recurs, which the servers beside the hub
may count on: what is still going on lies in the last day of the index.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ARRAY, Integer, Select, bindparam, exists, func, select, true
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import aliased

from bench.servers.python.models import (
    Alliance,
    AllianceMember,
    Event,
    EventHost,
    EventShare,
    Group,
    Occurrence,
    Organization,
)
from domain.geo import cells_near

Row = TypeVar("Row")
DAY = timedelta(days=1)
BY_LINK = ("PUBLIC", "UNLISTED")
ON_SHOW = (
    Event.publication_status == "PUBLISHED",
    Event.visibility == "PUBLIC",
    Event.status != "CANCELLED",
)
session = async_sessionmaker(expire_on_commit=False)


def connect(url: str) -> None:
    """Ten connections at most, which prepare what they are asked once (asyncpg's own cache)."""
    url = url.replace("postgresql://", "postgresql+asyncpg://", 1)
    session.configure(bind=create_async_engine(url, pool_size=10, max_overflow=0))


async def _all(statement: Select[Row]) -> Sequence[Row]:
    async with session() as open_session:
        return (await open_session.scalars(statement)).all()


async def _one(statement: Select[Row]) -> Row | None:
    async with session() as open_session:
        return (await open_session.scalars(statement)).one_or_none()


async def event(event_id: str) -> Event | None:
    return await _one(
        select(Event).where(
            Event.id == event_id,
            Event.publication_status.in_(["PUBLISHED", "ARCHIVED"]),
            Event.visibility.in_(BY_LINK),
        )
    )


async def alliance(alliance_id: str) -> Alliance | None:
    return await _one(
        select(Alliance).where(Alliance.id == alliance_id, Alliance.visibility.in_(BY_LINK))
    )


async def members_of(alliance_id: str, first: int) -> Sequence[Organization]:
    return await _all(
        select(Organization)
        .join(AllianceMember, AllianceMember.organization_id == Organization.id)
        .where(AllianceMember.alliance_id == alliance_id, AllianceMember.status == "ACTIVE")
        .order_by(AllianceMember.created_at, AllianceMember.id)
        .limit(first)
    )


async def events_of(alliance_id: str, from_: datetime, limit: int) -> Sequence[Event]:
    """The shares in the order of their index, each with its event, until the page is full."""
    is_active = exists().where(
        AllianceMember.alliance_id == alliance_id,
        AllianceMember.organization_id == EventShare.organization_id,
        AllianceMember.status == "ACTIVE",
    )
    return await _all(
        select(Event)
        .join(EventShare, EventShare.event_id == Event.id)
        .where(
            EventShare.alliance_id == alliance_id,
            EventShare.starts_at >= from_ - DAY,
            (EventShare.starts_at >= from_) | (EventShare.over_at > from_),
            is_active,
            *ON_SHOW,
        )
        .order_by(EventShare.starts_at, EventShare.event_id)
        .limit(limit)
    )


async def events_near(
    position: tuple[float, float], radius_km: float, window: tuple[datetime, datetime], limit: int
) -> Sequence[Event]:
    """The first of each cell of the map by its index, and the first of those."""
    (latitude, longitude), (from_, to) = position, window
    cells = func.unnest(bindparam(None, cells_near(*position, radius_km), ARRAY(Integer)))
    cell = cells.table_valued("cell").render_derived()
    distance = func.convoke_distance_km(
        latitude, longitude, Event.place_latitude, Event.place_longitude
    )
    in_cell = (
        select(Event)
        .where(
            Event.geo_cell == cell.c.cell,
            Event.starts_at >= from_ - DAY,
            Event.starts_at < to,
            (Event.starts_at >= from_) | (Event.over_at > from_),
            distance <= radius_km,
            *ON_SHOW,
        )
        .order_by(Event.starts_at, Event.id)
        .limit(limit)
        .correlate(cell)
        .lateral()
    )
    nearest = aliased(Event, in_cell)
    return await _all(
        select(nearest)
        .select_from(cell)
        .join(nearest, true())
        .order_by(nearest.starts_at, nearest.id)
        .limit(limit)
    )


async def organizations(ids: list[str]) -> list[Organization | None]:
    found = {
        row.id: row for row in await _all(select(Organization).where(Organization.id.in_(ids)))
    }
    return [found.get(each) for each in ids]


async def groups(ids: list[str]) -> list[Group | None]:
    found = {row.id: row for row in await _all(select(Group).where(Group.id.in_(ids)))}
    return [found.get(each) for each in ids]


async def accepted(ids: list[str]) -> list[int | None]:
    asked = select(Occurrence.event_id, Occurrence.accepted).where(Occurrence.event_id.in_(ids))
    async with session() as open_session:
        found = dict((await open_session.execute(asked)).tuples().all())
    return [found.get(each) for each in ids]


async def hosts(ids: list[str]) -> list[list[tuple[str, Organization]]]:
    """Of each event the role of each host, and who it is."""
    asked = (
        select(EventHost.event_id, EventHost.role, Organization)
        .join(Organization, Organization.id == EventHost.organization_id)
        .where(EventHost.event_id.in_(ids), EventHost.status == "ACCEPTED")
        .order_by(EventHost.created_at, EventHost.id)
    )
    found: defaultdict[str, list[tuple[str, Organization]]] = defaultdict(list)
    async with session() as open_session:
        for event_id, role, organization in (await open_session.execute(asked)).tuples():
            found[event_id].append((role, organization))
    return [found[each] for each in ids]
