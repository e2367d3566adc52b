"""Events, who hosts them, and the alliances they are shared with, as rows.

Their dates are in `storage.occurrences`.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain import occurrences
from domain.events import (
    TRANSLATED,
    Accessibility,
    AccessibilityStatus,
    AttendanceMode,
    Event,
    EventHostRole,
    EventHostStatus,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.recurrence import Recurrence
from domain.sharing import AttendeeSharing, HostEditing
from storage import columns
from storage.columns import Columns, Row
from storage.engine import Reading, Writing
from storage.searching import document, document_in_bulk, language_of, parameters
from storage.tables import event_hosts, event_shares, events

# asyncpg writes this moment as PostgreSQL's 'infinity' (and would read that as a naive datetime,
# so `over_at` is compared in SQL and never read here).
NEVER = datetime.max.replace(tzinfo=UTC)
INITIATED_BY_OWNER = "OWNER"


async def by_id(db: Reading, event_id: str) -> Event | None:
    found = await db.execute(select(events).where(events.c.id == event_id))
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def by_ids(db: Reading, event_ids: Collection[str]) -> dict[str, Event]:
    found = await db.execute(select(events).where(events.c.id.in_(sorted(event_ids))))
    return {row["id"]: _record(row) for row in found.mappings()}


async def add(db: Writing, event: Event) -> None:
    await db.execute(events.insert().values(_columns(event)))


async def add_many(db: Writing, new: Sequence[Event]) -> None:
    """`add`, in one go for those without translations."""
    for event in new:
        if event.translations:
            await add(db, event)
    rows = [
        {
            **_own_columns(event),
            **parameters(event.languages, event.organization_id, *_words(event)),
        }
        for event in new
        if not event.translations
    ]
    if rows:
        await db.execute(_ADDING_MANY, rows)


async def keep(db: Writing, event: Event, seen: int) -> None:
    await columns.keep(db, events, _columns(event), seen)


async def share(db: Writing, event_id: str, alliance_ids: Collection[str], at: datetime) -> None:
    """Sharing twice is sharing once."""
    if alliance_ids:
        shares = [
            {"event_id": event_id, "alliance_id": alliance_id, "shared_at": at}
            for alliance_id in sorted(alliance_ids)
        ]
        await db.execute(insert(event_shares).values(shares).on_conflict_do_nothing())


async def share_many(db: Writing, shares: Collection[tuple[str, str]], at: datetime) -> None:
    """Events with alliances, by their ids. Sharing twice is sharing once."""
    if shares:
        values = [
            {"event_id": event_id, "alliance_id": alliance_id, "shared_at": at}
            for event_id, alliance_id in sorted(shares)
        ]
        await db.execute(insert(event_shares).on_conflict_do_nothing(), values)


async def unshare(db: Writing, event_id: str, alliance_ids: Collection[str]) -> None:
    await db.execute(
        delete(event_shares).where(
            event_shares.c.event_id == event_id,
            event_shares.c.alliance_id.in_(sorted(alliance_ids)),
        )
    )


async def withdraw(db: Writing, event_id: str) -> None:
    """It is shared with no alliance any more."""
    await db.execute(delete(event_shares).where(event_shares.c.event_id == event_id))


async def add_host(
    db: Writing, host_id: str, event_id: str, organization_id: str, at: datetime
) -> None:
    """The owner's own part in it, which needs nobody's answer."""
    await add_hosts(db, [(host_id, event_id)], organization_id, at)


async def add_hosts(
    db: Writing, hosts: Sequence[tuple[str, str]], organization_id: str, at: datetime
) -> None:
    """The same for many events of one organization: the part's id, and the event's."""
    if not hosts:
        return
    part = {
        "organization_id": organization_id,
        "role": EventHostRole.HOST,
        "status": EventHostStatus.ACCEPTED,
        "initiated_by": INITIATED_BY_OWNER,
        "may_edit": HostEditing.ALL,
        "attendee_sharing": AttendeeSharing.ALL_WITH_CONSENT,
        "created_at": at,
        "responded_at": at,
    }
    values = [{"id": host_id, "event_id": event_id, **part} for host_id, event_id in hosts]
    await db.execute(event_hosts.insert(), values)


async def touch(db: Writing, event_id: str, at: datetime) -> None:
    """Something that stands beside it changed: its hosts, or with whom it is shared. Its version
    guards its own words and times, and stays: nobody who is editing those is sent back."""
    await db.execute(events.update().where(events.c.id == event_id).values(updated_at=at))


def _columns(event: Event) -> Columns:
    language = language_of(event.languages, event.organization_id)
    words, extra = _words(event)
    return {
        **_own_columns(event),
        "language": language,
        "search": document(language, words, event.translations, TRANSLATED, extra),
    }


def _words(event: Event) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    """What it can be found by: the fields of TRANSLATED, and the rest."""
    place = (event.place.name, event.place.locality) if event.place else ()
    return (event.title, event.summary, event.description), (*event.causes, *place)


def _own_columns(event: Event) -> Columns:
    """Those that are not made of others."""
    repeats, accessibility, place = event.recurrence, event.accessibility, event.place
    return {
        **columns.of_publication(event),
        **columns.of_place(place),
        **columns.of_contact(event.contact),
        "organization_id": event.organization_id,
        "group_id": event.group_id,
        "title": event.title,
        "summary": event.summary,
        "description": event.description,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "time_zone": event.time_zone,
        "all_day": event.all_day,
        "rrule": repeats.rrule if repeats else None,
        "recurrence_dates": list(repeats.dates) if repeats else [],
        "recurrence_exceptions": list(repeats.exceptions) if repeats else [],
        "over_at": occurrences.over_at(event) or NEVER,
        "status": event.status,
        "cancellation_reason": event.cancellation_reason,
        "publication_status": event.publication_status,
        "attendance_mode": event.attendance_mode,
        "online_url": event.online_url,
        "accessibility_status": accessibility.status if accessibility else None,
        "accessibility_notes": accessibility.notes if accessibility else None,
        "accessibility_features": list(accessibility.features) if accessibility else [],
        "languages": list(event.languages),
        "is_free": event.is_free,
        "capacity": event.capacity,
        "join_mode": event.join_mode,
        "registration_url": event.registration_url,
    }


_LANGUAGE, _DOCUMENT = document_in_bulk()
_ADDING_MANY = events.insert().values(language=_LANGUAGE, search=_DOCUMENT)


def _record(row: Row) -> Event:
    return Event(
        **columns.publication(row),
        place=columns.place(row),
        contact=columns.contact(row),
        organization_id=row["organization_id"],
        group_id=row["group_id"],
        title=row["title"],
        summary=row["summary"],
        description=row["description"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        all_day=row["all_day"],
        recurrence=_recurrence(row),
        status=EventStatus(row["status"]),
        cancellation_reason=row["cancellation_reason"],
        publication_status=PublicationStatus(row["publication_status"]),
        attendance_mode=AttendanceMode(row["attendance_mode"]),
        online_url=row["online_url"],
        accessibility=_accessibility(row),
        languages=tuple(row["languages"]),
        is_free=row["is_free"],
        capacity=row["capacity"],
        join_mode=JoinMode(row["join_mode"]),
        registration_url=row["registration_url"],
    )


def _recurrence(row: Row) -> Recurrence | None:
    if row["rrule"] is None:
        return None
    return Recurrence(
        row["rrule"], tuple(row["recurrence_dates"]), tuple(row["recurrence_exceptions"])
    )


def _accessibility(row: Row) -> Accessibility | None:
    if row["accessibility_status"] is None:
        return None
    return Accessibility(
        AccessibilityStatus(row["accessibility_status"]),
        row["accessibility_notes"],
        tuple(row["accessibility_features"]),
    )
