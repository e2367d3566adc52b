"""What impact is measured on: dates that were held, and who was there, of some events."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)

from domain.events import EventHostRole, EventHostStatus, EventStatus
from domain.policy import ON_SHOW
from domain.rsvps import RsvpStatus
from storage import tables as t
from storage.words import among, word

Of = Callable[[FromClause], ColumnElement[bool]]  # whether an event's row counts
IN_CHARGE = (EventHostRole.HOST, EventHostRole.CO_HOST)
_DAY = timedelta(days=1)


def dates_held(of: Of, from_: date, to: date, now: datetime) -> Select[Any]:
    """Dates of these days that are over and were not called off."""
    event, held = t.events.alias(), t.occurrences.alias()
    place, answer = t.event_hosts.alias(), t.rsvps.alias()
    in_charge = select(func.count()).where(
        place.c.event_id == event.c.id,
        place.c.status == word(EventHostStatus.ACCEPTED),
        among(place.c.role, IN_CHARGE),
    )
    recorded = select(answer.c.id).where(
        answer.c.occurrence_id == held.c.id, answer.c.attended.is_not(None)
    )
    columns: list[ColumnElement[Any]] = [
        held.c.id,
        held.c.event_id,
        (in_charge.scalar_subquery() > 1).label("co_hosted"),
        recorded.exists().label("recorded"),
    ]
    return (
        select(*columns)
        .join(event, event.c.id == held.c.event_id)
        .where(*_held(event, held, now), *_on_days(event, held, from_, to), of(event))
        .order_by(held.c.id)
    )


def answers(of: Of, from_: date, to: date, now: datetime) -> Select[Any]:
    """Those to the dates held that say who came, or who was to come."""
    event, held, answer = t.events.alias(), t.occurrences.alias(), t.rsvps.alias()
    counts = or_(answer.c.attended, answer.c.status == word(RsvpStatus.ACCEPTED))
    return _told(event, held, answer).where(
        *_held(event, held, now), *_on_days(event, held, from_, to), of(event), counts
    )


def earlier(of: Of, from_: date, people: list[str], addresses: list[str]) -> Select[Any]:
    """Where these people had been before, at dates of the same events."""
    event, held, answer = t.events.alias(), t.occurrences.alias(), t.rsvps.alias()
    whose = or_(
        answer.c.person_id.in_(people),
        and_(answer.c.person_id.is_(None), func.lower(answer.c.guest_email).in_(addresses)),
    )
    return _told(event, held, answer).where(
        whose, answer.c.attended, _day(event, held) < literal(from_, Date), of(event)
    )


def groups_founded(of: Of, from_: date, to: date) -> Select[Any]:
    group = t.groups.alias()
    begin, end = (datetime.combine(day, time(), UTC) for day in (from_, to + _DAY))
    return select(func.count().label("count")).where(
        group.c.created_at >= begin, group.c.created_at < end, of(group)
    )


def _told(event: FromClause, held: FromClause, answer: FromClause) -> Select[Any]:
    crowd = t.rsvps.alias()
    columns: list[ColumnElement[Any]] = [
        answer.c.id,
        answer.c.occurrence_id,
        held.c.starts_at,
        answer.c.person_id,
        func.lower(answer.c.guest_email).label("address"),
        func.coalesce(answer.c.referred_by_id, event.c.organization_id).label("through"),
        (answer.c.status == word(RsvpStatus.ACCEPTED)).label("accepted"),
        func.coalesce(answer.c.attended, False).label("attended"),
        select(func.count())
        .where(crowd.c.occurrence_id == held.c.id, crowd.c.attended)
        .scalar_subquery()
        .label("crowd"),
    ]
    return (
        select(*columns)
        .select_from(answer)
        .join(held, held.c.id == answer.c.occurrence_id)
        .join(event, event.c.id == held.c.event_id)
        .order_by(answer.c.id)
    )


def _held(event: FromClause, held: FromClause, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        among(event.c.publication_status, ON_SHOW),
        held.c.status != word(EventStatus.CANCELLED),
        func.coalesce(held.c.ends_at, held.c.starts_at) <= now,
    )


def _on_days(
    event: FromClause, held: FromClause, from_: date, to: date
) -> tuple[ColumnElement[bool], ...]:
    """By the clocks of the place. The days around are by index: no clock is a day ahead."""
    begin, end = (datetime.combine(day, time(), UTC) for day in (from_ - _DAY, to + 2 * _DAY))
    return (
        held.c.starts_at >= begin,
        held.c.starts_at < end,
        _day(event, held).between(literal(from_, Date), literal(to, Date)),
    )


def _day(event: FromClause, held: FromClause) -> ColumnElement[date]:
    return cast(func.timezone(event.c.time_zone, held.c.starts_at), Date)
