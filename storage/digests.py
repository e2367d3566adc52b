"""Who wants a letter each week about what an organization is going to do, as rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from domain.events import EventHostRole, EventHostStatus, EventStatus, PublicationStatus
from domain.sharing import Visibility
from storage.account_tables import accounts
from storage.engine import Reading, Writing
from storage.post_tables import digests
from storage.rsvp_letters import DATE_STATUS, PLACE, own_address, place_of
from storage.tables import (
    event_hosts,
    events,
    occurrences,
    organizations,
    persons,
    rsvps,
    team_members,
)

EACH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Choice:
    """An organization that somebody has to do with."""

    organization_id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    person_id: str
    organization_id: str
    organization: str
    address: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    event_id: str
    title: str
    starts_at: datetime
    time_zone: str
    all_day: bool
    status: EventStatus
    place: str | None


async def address_of(db: Reading, person_id: str) -> str | None:
    found: str | None = await db.scalar(
        select(own_address(persons.c.id)).where(persons.c.id == person_id)
    )
    return found


async def choices(db: Reading, person_id: str, most: int) -> Sequence[Choice]:
    """Those in whose team they are, to whose events they answered, and which they chose before."""
    answered = (
        select(events.c.organization_id)
        .join(rsvps, rsvps.c.event_id == events.c.id)
        .where(rsvps.c.person_id == person_id)
    )
    teams = select(team_members.c.organization_id).where(team_members.c.person_id == person_id)
    chosen = select(digests.c.organization_id).where(digests.c.person_id == person_id)
    rows = (
        select(organizations.c.id, organizations.c.name, organizations.c.id.in_(chosen))
        .where(
            or_(
                organizations.c.id.in_(answered),
                organizations.c.id.in_(teams),
                organizations.c.id.in_(chosen),
            )
        )
        .order_by(func.lower(organizations.c.name), organizations.c.id)
        .limit(most)
    )
    return [Choice(row[0], row[1], row[2]) for row in await db.execute(rows)]


async def choose(
    db: Writing, person_id: str, organization_ids: Collection[str], now: datetime
) -> None:
    """These, and no others. The first letter comes at once."""
    own = digests.c.person_id == person_id
    wanted = sorted(organization_ids)
    await db.execute(delete(digests).where(own, digests.c.organization_id.not_in(wanted)))
    if wanted:
        values = [
            {"person_id": person_id, "organization_id": each, "due_at": now} for each in wanted
        ]
        await db.execute(insert(digests).values(values).on_conflict_do_nothing())


async def take(db: Writing, now: datetime, limit: int) -> list[Wanted]:
    """Those that are due, and are so again in a week; each for whoever asks alone."""
    key = tuple_(digests.c.person_id, digests.c.organization_id)
    due = (
        select(digests.c.person_id, digests.c.organization_id)
        .where(digests.c.due_at <= now)
        .order_by(digests.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = await db.execute(
        update(digests)
        .where(key.in_(due))
        .values(due_at=now + EACH)
        .returning(digests.c.person_id, digests.c.organization_id)
    )
    return await _wanted(db, [(row.person_id, row.organization_id) for row in taken])


async def _wanted(db: Reading, taken: list[tuple[str, str]]) -> list[Wanted]:
    address = own_address(persons.c.id)
    rows: Select[str, str, str, str, str | None] = (
        select(
            persons.c.id,
            organizations.c.id,
            organizations.c.name,
            address,
            persons.c.preferred_language,
        )
        .select_from(digests)
        .join(persons, persons.c.id == digests.c.person_id)
        .join(accounts, and_(accounts.c.person_id == persons.c.id, accounts.c.closed_at.is_(None)))
        .join(organizations, organizations.c.id == digests.c.organization_id)
        .where(
            tuple_(digests.c.person_id, digests.c.organization_id).in_(taken), address.is_not(None)
        )
        .order_by(persons.c.id, organizations.c.id)
    )
    return [Wanted(row[0], row[1], row[2], row[3], row[4]) for row in await db.execute(rows)]


async def coming(
    db: Reading, organization_id: str, now: datetime, until: datetime, most: int
) -> list[Coming]:
    """What anybody may know of: it goes to whoever wants it."""
    held = select(event_hosts.c.event_id).where(
        event_hosts.c.organization_id == organization_id,
        event_hosts.c.status == EventHostStatus.ACCEPTED.value,
        event_hosts.c.role.in_([EventHostRole.HOST.value, EventHostRole.CO_HOST.value]),
    )
    rows = (
        select(
            events.c.id.label("event_id"),
            func.coalesce(func.nullif(occurrences.c.title, ""), events.c.title).label("title"),
            occurrences.c.starts_at,
            events.c.time_zone,
            events.c.all_day,
            DATE_STATUS.label("date_status"),
            events.c.attendance_mode,
            *PLACE,
        )
        .select_from(occurrences)
        .join(events, events.c.id == occurrences.c.event_id)
        .where(
            events.c.id.in_(held),
            events.c.visibility == Visibility.PUBLIC.value,
            events.c.owner_visibility == Visibility.PUBLIC.value,
            events.c.publication_status == PublicationStatus.PUBLISHED.value,
            events.c.replaced_by_id.is_(None),
            occurrences.c.starts_at > now,
            occurrences.c.starts_at <= until,
        )
        .order_by(occurrences.c.starts_at, occurrences.c.id)
        .limit(most)
    )
    return [
        Coming(
            event_id=row["event_id"],
            title=row["title"],
            starts_at=row["starts_at"],
            time_zone=row["time_zone"],
            all_day=row["all_day"],
            status=EventStatus(row["date_status"]),
            place=place_of(row),
        )
        for row in (await db.execute(rows)).mappings()
    ]
