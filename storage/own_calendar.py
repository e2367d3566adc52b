"""The dates in somebody's own calendar: those they answered to, and those their teams hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from domain.events import EventHostRole, EventHostStatus, EventStatus, PublicationStatus
from domain.news_of_dates import IS_TO_COME
from domain.rsvps import RsvpStatus
from storage.engine import Reading
from storage.rsvp_letters import DATE_STATUS, PLACE, place_of
from storage.tables import event_hosts, events, occurrences, organizations, rsvps, team_members


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDate:
    """`answer` is None where it is only their team's."""

    uid: str
    event_id: str
    version: int
    created_at: datetime
    updated_at: datetime
    title: str
    starts_at: datetime
    ends_at: datetime | None
    time_zone: str
    all_day: bool
    status: EventStatus
    place: str | None
    online_url: str | None
    host_name: str
    answer: RsvpStatus | None


async def dates(
    db: Reading, person_id: str, since: datetime, until: datetime, most: int
) -> Sequence[OwnDate]:
    """In order of time. What is not published is in nobody's calendar."""
    answer = (
        select(rsvps.c.status)
        .where(
            rsvps.c.occurrence_id == occurrences.c.id,
            rsvps.c.person_id == person_id,
            rsvps.c.status.in_(sorted(IS_TO_COME)),
        )
        .limit(1)
        .correlate(occurrences)
        .scalar_subquery()
    )
    rows = (
        _dates(answer)
        .where(
            or_(answer.is_not(None), events.c.id.in_(_of_teams(person_id))),
            occurrences.c.starts_at > since,
            occurrences.c.starts_at < until,
        )
        .order_by(occurrences.c.starts_at, occurrences.c.id)
        .limit(most)
    )
    return [_own(row) for row in (await db.execute(rows)).mappings()]


def _of_teams(person_id: str) -> Select[str]:
    """Events that an organization answers for in whose team the person is today."""
    return (
        select(event_hosts.c.event_id)
        .join(team_members, team_members.c.organization_id == event_hosts.c.organization_id)
        .where(
            team_members.c.person_id == person_id,
            event_hosts.c.status == EventHostStatus.ACCEPTED.value,
            event_hosts.c.role.in_([EventHostRole.HOST.value, EventHostRole.CO_HOST.value]),
        )
    )


_COLUMNS: list[ColumnElement[Any]] = [
    occurrences.c.id,
    events.c.rrule,
    events.c.recurrence_dates,
    events.c.id.label("event_id"),
    events.c.version,
    events.c.created_at,
    events.c.updated_at,
    func.coalesce(func.nullif(occurrences.c.title, ""), events.c.title).label("title"),
    occurrences.c.starts_at,
    occurrences.c.ends_at,
    events.c.time_zone,
    events.c.all_day,
    DATE_STATUS.label("date_status"),
    events.c.attendance_mode,
    events.c.online_url,
    *PLACE,
    organizations.c.name.label("host_name"),
]


def _dates(answer: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*_COLUMNS, answer.label("answer"))
        .select_from(occurrences)
        .join(events, events.c.id == occurrences.c.event_id)
        .join(organizations, organizations.c.id == events.c.organization_id)
        .where(
            and_(
                events.c.publication_status == PublicationStatus.PUBLISHED.value,
                events.c.replaced_by_id.is_(None),
            )
        )
    )


def _own(row: Any) -> OwnDate:
    is_one_of_many = row["rrule"] is not None or bool(row["recurrence_dates"])
    return OwnDate(
        # Dates of a series stand by themselves here: most of it may be none of the person's.
        uid=row["id"] if is_one_of_many else row["event_id"],
        event_id=row["event_id"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        title=row["title"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        all_day=row["all_day"],
        status=EventStatus(row["date_status"]),
        place=place_of(row),
        online_url=row["online_url"],
        host_name=row["host_name"],
        answer=None if row["answer"] is None else RsvpStatus(row["answer"]),
    )
