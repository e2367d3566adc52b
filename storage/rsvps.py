"""Answers to dates, as rows. Nothing is deleted: who cancels leaves a row that says so.

Whoever changes who comes holds the date's row (`hold`), taken after the event's: so no two decide
about the same places, and none waits for another in a circle.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Interval,
    Select,
    and_,
    case,
    extract,
    func,
    literal_column,
    select,
    update,
)

from domain.events import EventStatus, JoinMode, PublicationStatus
from domain.rsvps import ACCEPTED, CANCELLED, UNDER_WAY, WAITLISTED, Gathering, Rsvp, RsvpStatus
from storage.columns import Row
from storage.engine import Reading, Writing
from storage.hubs import is_local
from storage.tables import (
    events,
    occurrences,
    organizations,
    persons,
    rsvps,
)

AT_A_TIME = 200  # of a waiting line


async def next_date(
    db: Reading, event_id: str, now: datetime, *, nearest: bool = False
) -> str | None:
    """The id of the date that is meant where none is named: the next one that is not over, or the
    last one; the nearest in time, for whoever writes down who came."""
    date = occurrences
    rows = (
        select(date.c.id)
        .join(events, events.c.id == date.c.event_id)
        .where(date.c.event_id == event_id)
    )
    takes_place = date.c.status != EventStatus.CANCELLED
    since = extract("epoch", date.c.starts_at - now)
    if nearest:
        rows = rows.order_by(takes_place.desc(), func.abs(since), date.c.id)
    else:
        to_come = and_(takes_place, _ends > now)
        rows = rows.order_by(to_come.desc(), case((to_come, since), else_=-since), date.c.id)
    found: str | None = await db.scalar(rows.limit(1))
    return found


_DAY = literal_column("interval '1 day'", Interval())
_NO_TIME = literal_column("interval '0'", Interval())
# A whole day without an end lasts until the next one begins.
_ends = func.coalesce(
    occurrences.c.ends_at,
    occurrences.c.starts_at + case((events.c.all_day, _DAY), else_=_NO_TIME),
)


async def date(db: Reading, event_id: str, occurrence_id: str) -> Gathering | None:
    """A date as it stands, held by nobody."""
    asked = _DATE.where(occurrences.c.id == occurrence_id, occurrences.c.event_id == event_id)
    row = (await db.execute(asked)).mappings().one_or_none()
    return None if row is None else _gathering(row)


async def hold(db: Writing, event_id: str, occurrence_id: str) -> Gathering | None:
    """The same, held until the transaction ends: nobody else decides about its places meanwhile,
    nor changes the event. Answers to other dates of it go on. Of an event of another hub, None: who
    comes is kept there."""
    # Key share, as the foreign key of an answer takes it anyway, and before the date's own lock:
    # whoever changes the event holds that first and its dates then.
    found = await db.scalar(
        select(events.c.id)
        .where(events.c.id == event_id, is_local(events.c.hub_id))
        .with_for_update(read=True, key_share=True)
    )
    if found is None:
        return None
    await db.execute(
        select(occurrences.c.id).where(occurrences.c.id == occurrence_id).with_for_update()
    )
    return await date(db, event_id, occurrence_id)


_OF_DATE: list[ColumnElement[Any]] = [
    events.c.id.label("event_id"),
    occurrences.c.id.label("occurrence_id"),
    events.c.organization_id.label("host_id"),
    organizations.c.name.label("host_name"),
    func.coalesce(func.nullif(occurrences.c.title, ""), events.c.title).label("title"),
    occurrences.c.starts_at,
    occurrences.c.ends_at,
    events.c.time_zone,
    events.c.all_day,
    case(
        (events.c.status == EventStatus.CANCELLED, events.c.status), else_=occurrences.c.status
    ).label("status"),
    events.c.publication_status,
    events.c.join_mode,
    events.c.registration_url,
    events.c.capacity,
    occurrences.c.accepted,
]
_DATE = (
    select(*_OF_DATE)
    .join(events, events.c.id == occurrences.c.event_id)
    .join(organizations, organizations.c.id == events.c.organization_id)
)


def _gathering(row: Row) -> Gathering:
    return Gathering(
        event_id=row["event_id"],
        occurrence_id=row["occurrence_id"],
        host_id=row["host_id"],
        host_name=row["host_name"],
        title=row["title"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        all_day=row["all_day"],
        status=EventStatus(row["status"]),
        publication_status=PublicationStatus(row["publication_status"]),
        join_mode=JoinMode(row["join_mode"]),
        registration_url=row["registration_url"],
        capacity=row["capacity"],
        accepted=row["accepted"],
    )


async def where_it_belongs(db: Reading, rsvp_id: str) -> tuple[str, str] | None:
    """The event and the date that it answers to, to be held."""
    row = (
        await db.execute(
            select(rsvps.c.event_id, rsvps.c.occurrence_id).where(rsvps.c.id == rsvp_id)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def event_of_date(db: Reading, occurrence_id: str) -> str | None:
    found: str | None = await db.scalar(
        select(occurrences.c.event_id).where(occurrences.c.id == occurrence_id)
    )
    return found


async def by_id(db: Reading, rsvp_id: str, *, lock: bool = False) -> Rsvp | None:
    return await _one(db, _RSVP.where(rsvps.c.id == rsvp_id), lock=lock)


async def of_person(db: Writing, occurrence_id: str, person_id: str) -> Rsvp | None:
    """Their answer to that date: the one under way, else their last one that was not taken back."""
    return await _latest(db, occurrence_id, rsvps.c.person_id == person_id)


async def of_address(db: Writing, occurrence_id: str, email: str) -> Rsvp | None:
    return await _latest(db, occurrence_id, func.lower(rsvps.c.guest_email) == email.lower())


async def of_guest_called(
    db: Reading, occurrence_id: str, name: str, *, lock: bool = True
) -> Rsvp | None:
    """A guest whom the host wrote down without an address, by name."""
    called = and_(func.lower(rsvps.c.guest_name) == name.lower(), rsvps.c.guest_email.is_(None))
    return await _latest(db, occurrence_id, called, lock=lock)


async def _latest(
    db: Reading, occurrence_id: str, whose: ColumnElement[bool], *, lock: bool = True
) -> Rsvp | None:
    rows = _RSVP.where(
        rsvps.c.occurrence_id == occurrence_id, whose, rsvps.c.status != CANCELLED
    ).order_by(rsvps.c.status.in_(UNDER_WAY).desc(), rsvps.c.created_at.desc(), rsvps.c.id.desc())
    return await _one(db, rows.limit(1), lock=lock)


async def _one(db: Reading, rows: Select[Any], *, lock: bool) -> Rsvp | None:
    found = await db.execute(rows.with_for_update() if lock else rows)
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


_COLUMNS: list[ColumnElement[Any]] = [
    rsvps.c.id,
    rsvps.c.event_id,
    rsvps.c.occurrence_id,
    rsvps.c.person_id,
    rsvps.c.guest_name,
    rsvps.c.guest_email,
    rsvps.c.status,
    rsvps.c.additional_guests,
    rsvps.c.attended,
    rsvps.c.referred_by_id,
    rsvps.c.in_line,
]
_RSVP = select(*_COLUMNS)


def _record(row: Row) -> Rsvp:
    return Rsvp(**{**row, "status": RsvpStatus(row["status"])})


async def add(db: Writing, rsvp: Rsvp, now: datetime) -> None:
    """Where it waits, behind all who wait for that date already."""
    await db.execute(
        rsvps.insert().values(
            id=rsvp.id,
            event_id=rsvp.event_id,
            occurrence_id=rsvp.occurrence_id,
            person_id=rsvp.person_id,
            guest_name=rsvp.guest_name,
            guest_email=rsvp.guest_email,
            status=rsvp.status,
            additional_guests=rsvp.additional_guests,
            attended=rsvp.attended,
            checked_in_at=now if rsvp.attended else None,
            referred_by_id=rsvp.referred_by_id,
            in_line=_behind_all(rsvp.occurrence_id) if rsvp.status is WAITLISTED else None,
            created_at=now,
            updated_at=now,
        )
    )


async def keep(db: Writing, rsvp: Rsvp, now: datetime) -> None:
    """The answer as it is now. Who waits already keeps their place in line."""
    in_line: object = None
    if rsvp.status is WAITLISTED:
        in_line = rsvp.in_line if rsvp.in_line is not None else _behind_all(rsvp.occurrence_id)
    await db.execute(
        update(rsvps)
        .where(rsvps.c.id == rsvp.id)
        .values(
            status=rsvp.status,
            guest_name=rsvp.guest_name,
            additional_guests=rsvp.additional_guests,
            referred_by_id=rsvp.referred_by_id,
            in_line=in_line,
            updated_at=now,
        )
    )


def _behind_all(occurrence_id: str) -> ColumnElement[int]:
    line = rsvps.alias()
    last = select(func.coalesce(func.max(line.c.in_line), 0) + 1).where(
        line.c.occurrence_id == occurrence_id, line.c.status == WAITLISTED
    )
    return last.scalar_subquery()


async def check(db: Writing, rsvp_id: str, attended: bool, now: datetime) -> None:
    await db.execute(
        update(rsvps)
        .where(rsvps.c.id == rsvp_id)
        .values(attended=attended, checked_in_at=now if attended else None, updated_at=now)
    )


async def waiting(
    db: Writing, occurrence_id: str, behind: int, most: int | None
) -> Sequence[tuple[str, int, int]]:
    """Some of those who wait, in order: the answer, the size of the party, its place in line."""
    rows = (
        select(rsvps.c.id, (1 + rsvps.c.additional_guests).label("party"), rsvps.c.in_line)
        .where(
            rsvps.c.occurrence_id == occurrence_id,
            rsvps.c.status == WAITLISTED,
            rsvps.c.in_line > behind,
        )
        .order_by(rsvps.c.in_line, rsvps.c.id)
        .limit(AT_A_TIME)
        .with_for_update()
    )
    if most is not None:
        rows = rows.where(1 + rsvps.c.additional_guests <= most)
    return [(row[0], row[1], row[2]) for row in await db.execute(rows)]


async def offer(db: Writing, rsvp_ids: Collection[str], now: datetime) -> None:
    await db.execute(
        update(rsvps)
        .where(rsvps.c.id.in_(sorted(rsvp_ids)))
        .values(status=ACCEPTED, in_line=None, updated_at=now)
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody on the list at the door."""

    rsvp_id: str
    name: str
    party: int
    status: RsvpStatus
    attended: bool | None


async def expected(
    db: Reading, occurrence_id: str, statuses: Collection[RsvpStatus]
) -> list[Expected]:
    name = func.coalesce(rsvps.c.guest_name, persons.c.display_name)
    rows = (
        select(rsvps.c.id, name, 1 + rsvps.c.additional_guests, rsvps.c.status, rsvps.c.attended)
        .select_from(rsvps.outerjoin(persons, persons.c.id == rsvps.c.person_id))
        .where(rsvps.c.occurrence_id == occurrence_id, rsvps.c.status.in_(sorted(statuses)))
        .order_by(func.lower(name), rsvps.c.id)
    )
    return [
        Expected(row[0], row[1], row[2], RsvpStatus(row[3]), row[4])
        for row in await db.execute(rows)
    ]


async def dates_with_a_line(db: Reading, event_id: str, now: datetime) -> list[str]:
    """Dates to come for which somebody waits, in the order of their ids, as they are held."""
    rows = (
        select(occurrences.c.id)
        .join(events, events.c.id == occurrences.c.event_id)
        .where(
            occurrences.c.event_id == event_id,
            _ends > now,
            select(rsvps.c.id)
            .where(rsvps.c.occurrence_id == occurrences.c.id, rsvps.c.status == WAITLISTED)
            .exists(),
        )
        .order_by(occurrences.c.id)
    )
    return list(await db.scalars(rows))
