"""Events, who hosts them, and the alliances they are shared with, as rows.

Their dates are in `storage.occurrences`.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import select
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
from storage.searching import document, language_of
from storage.tables import event_hosts, event_shares, events

# asyncpg writes this moment as PostgreSQL's 'infinity' (and would read that as a naive datetime,
# so `over_at` is compared in SQL and never read here).
NEVER = datetime.max.replace(tzinfo=UTC)
INITIATED_BY_OWNER = "OWNER"


async def by_id(db: Reading, event_id: str) -> Event | None:
    found = await db.execute(select(events).where(events.c.id == event_id))
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def add(db: Writing, event: Event) -> None:
    await db.execute(events.insert().values(_columns(event)))


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


async def add_host(
    db: Writing, host_id: str, event_id: str, organization_id: str, at: datetime
) -> None:
    """The owner's own part in it, which needs nobody's answer."""
    await db.execute(
        event_hosts.insert().values(
            id=host_id,
            event_id=event_id,
            organization_id=organization_id,
            role=EventHostRole.HOST,
            status=EventHostStatus.ACCEPTED,
            initiated_by=INITIATED_BY_OWNER,
            may_edit=HostEditing.ALL,
            attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT,
            created_at=at,
            responded_at=at,
        )
    )


def _columns(event: Event) -> Columns:
    language = language_of(event.languages, event.organization_id)
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
        "language": language,
        "search": document(
            language,
            (event.title, event.summary, event.description),
            event.translations,
            TRANSLATED,
            (*event.causes, *((place.name, place.locality) if place else ())),
        ),
    }


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
