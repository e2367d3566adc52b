"""How answers stand, beside what whoever gave them was told (`domain.news_of_dates`), as rows."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from domain.events import AttendanceMode, EventStatus, PublicationStatus
from domain.news_of_dates import IN_CALENDAR, Standing, Told
from domain.rsvps import RsvpStatus
from storage.account_tables import sign_in_addresses
from storage.columns import Row
from storage.engine import Reading, Writing
from storage.post_tables import rsvp_letters
from storage.tables import events, occurrences, organizations, persons, rsvps

_PLACE = ("name", "street_address", "locality", "region", "postal_code", "country")


def own_address(person_id: ColumnElement[Any]) -> ColumnElement[str]:
    """Where a person is written to: what they gave for it, or by what they sign in."""
    signs_in = (
        select(sign_in_addresses.c.address)
        .where(sign_in_addresses.c.person_id == person_id)
        .order_by(sign_in_addresses.c.confirmed_at, sign_in_addresses.c.address)
        .limit(1)
        .correlate_except(sign_in_addresses)
        .scalar_subquery()
    )
    return func.coalesce(persons.c.contact_email, signs_in)


async def standings(db: Writing, rsvp_ids: Collection[str]) -> list[Standing]:
    """Of those who can be written to; held, but for answers that somebody else holds."""
    rows = _STANDINGS.where(rsvps.c.id.in_(sorted(rsvp_ids))).order_by(rsvps.c.id)
    return await _read(db, rows)


def is_to_be_reminded(
    now: datetime,
    before: timedelta,
    status: ColumnElement[str],
    answered_at: ColumnElement[datetime],
    reminded_of: ColumnElement[Any],
) -> tuple[ColumnElement[bool], ...]:
    """The date begins before long, was answered to earlier than that, takes place, and was not
    reminded of yet."""
    return (
        occurrences.c.starts_at > now,
        occurrences.c.starts_at <= now + before,
        status.in_(sorted(IN_CALENDAR)),
        answered_at < occurrences.c.starts_at - before,
        reminded_of.is_distinct_from(occurrences.c.starts_at),
        DATE_STATUS.is_distinct_from(EventStatus.CANCELLED.value),
    )


async def to_remind(
    db: Writing, now: datetime, before: timedelta, limit: int
) -> Sequence[Standing]:
    """Of dates that begin before long, answered to earlier than that, and not reminded of yet."""
    rows = (
        _STANDINGS.where(
            *is_to_be_reminded(
                now, before, rsvps.c.status, rsvps.c.created_at, rsvp_letters.c.reminded_of
            ),
            _ADDRESS.is_not(None),
            events.c.publication_status == PublicationStatus.PUBLISHED.value,
        )
        .order_by(occurrences.c.starts_at, rsvps.c.id)
        .limit(limit)
    )
    return await _read(db, rows)


async def keep(db: Writing, rsvp_id: str, told: Told, now: datetime) -> None:
    values = {**asdict(told), "told_at": now}
    adding = insert(rsvp_letters).values(rsvp_id=rsvp_id, **values)
    await db.execute(adding.on_conflict_do_update(index_elements=["rsvp_id"], set_=values))


async def existing(db: Reading, rsvp_ids: Collection[str]) -> set[str]:
    """Of those who can be written to: who came in at the door left no address."""
    wanted = select(rsvps.c.id).where(rsvps.c.id.in_(sorted(rsvp_ids)), _CAN_BE_WRITTEN_TO)
    return set(await db.scalars(wanted))


_ADDRESS = func.coalesce(rsvps.c.guest_email, own_address(rsvps.c.person_id))
DATE_STATUS = case(
    (events.c.status == EventStatus.CANCELLED.value, events.c.status), else_=occurrences.c.status
)
# As far as the owner lets anybody know (`domain.places`).
PLACE: list[ColumnElement[Any]] = [
    case(
        (occurrences.c.place_precision.is_not(None), occurrences.c[f"place_{part}"]),
        else_=events.c[f"place_{part}"],
    ).label(f"place_{part}")
    for part in _PLACE
]
# Of the event and the date, which are mirrors where the answer is another hub's.
OF_DATE: list[ColumnElement[Any]] = [
    persons.c.preferred_language,
    events.c.id.label("event_id"),
    occurrences.c.id.label("occurrence_id"),
    case((events.c.rrule.is_not(None), occurrences.c.recurrence_id)).label("recurrence_id"),
    events.c.version,
    events.c.organization_id.label("host_id"),
    organizations.c.name.label("host_name"),
    func.coalesce(func.nullif(occurrences.c.title, ""), events.c.title).label("title"),
    occurrences.c.starts_at,
    occurrences.c.ends_at,
    events.c.time_zone,
    events.c.all_day,
    DATE_STATUS.label("date_status"),
    (events.c.publication_status == PublicationStatus.PUBLISHED.value).label("is_published"),
    events.c.cancellation_reason.label("why_cancelled"),
    events.c.attendance_mode,
    events.c.online_url,
    *PLACE,
]
_COLUMNS: list[ColumnElement[Any]] = [
    rsvps.c.id.label("rsvp_id"),
    _ADDRESS.label("address"),
    rsvps.c.person_id.is_(None).label("is_guest"),
    rsvps.c.status,
    *OF_DATE,
    *(rsvp_letters.c[name].label(f"told_{name}") for name in Told.__dataclass_fields__),
]
_CAN_BE_WRITTEN_TO = or_(rsvps.c.person_id.is_not(None), rsvps.c.guest_email.is_not(None))
_STANDINGS: Select[Any] = (
    select(*_COLUMNS)
    .select_from(rsvps)
    .join(occurrences, occurrences.c.id == rsvps.c.occurrence_id)
    .join(events, events.c.id == rsvps.c.event_id)
    .join(organizations, organizations.c.id == events.c.organization_id)
    .outerjoin(persons, persons.c.id == rsvps.c.person_id)
    .outerjoin(rsvp_letters, rsvp_letters.c.rsvp_id == rsvps.c.id)
    .where(_CAN_BE_WRITTEN_TO)
)


async def _read(db: Writing, rows: Select[Any]) -> list[Standing]:
    held = rows.with_for_update(of=rsvps, key_share=True, skip_locked=True)
    found = (await db.execute(held)).mappings().all()
    return [standing(row) for row in found]


def standing(row: Row) -> Standing:
    return Standing(
        rsvp_id=row["rsvp_id"],
        address=row["address"] or "",
        is_guest=row["is_guest"],
        status=RsvpStatus(row["status"]),
        event_id=row["event_id"],
        occurrence_id=row["occurrence_id"],
        recurrence_id=row["recurrence_id"],
        version=row["version"],
        host_id=row["host_id"],
        host_name=row["host_name"],
        title=row["title"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        all_day=row["all_day"],
        date_status=EventStatus(row["date_status"]),
        is_published=row["is_published"],
        why_cancelled=row["why_cancelled"],
        place=place_of(row),
        online_url=row["online_url"],
        told=_told(row) if row["told_uid"] is not None else None,
        preferred_language=row["preferred_language"],
    )


def _told(row: Row) -> Told:
    values = {name: row[f"told_{name}"] for name in Told.__dataclass_fields__}
    status, date_status = RsvpStatus(values["status"]), EventStatus(values["date_status"])
    return Told(**{**values, "status": status, "date_status": date_status})


def place_of(row: Row) -> str | None:
    """One line; where people meet in no place, none."""
    is_elsewhere = row["date_status"] == EventStatus.MOVED_ONLINE
    if is_elsewhere or row["attendance_mode"] == AttendanceMode.ONLINE:
        return None
    town = " ".join(filter(None, [row["place_postal_code"], row["place_locality"]]))
    parts = (row["place_name"], row["place_street_address"], town, row["place_region"])
    return ", ".join(filter(None, [*parts, row["place_country"]])) or None
