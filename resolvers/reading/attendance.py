"""Who comes, as far as a number tells it.

How many accepted is told to whoever sees the event, from the counts that the database keeps. The
rest is counted from answers: for the host as it is, for partners who are told numbers in steps of
five, date by date, so that nobody is counted out by a difference (docs/decisions/0024).
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    any_,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
)

from domain.attendee_sharing import STEP
from domain.rsvps import RsvpStatus
from storage import tables as t
from storage.occurrences import LEFT_OUT
from storage.visibility import Eyes
from storage.visibility_of_answers import hosts_event, is_told_numbers
from storage.words import word

NONE = literal_column("0", Integer)
ONE = literal_column("1", Integer)
EACH_STEP = literal_column(str(STEP), Integer)


def remaining_capacity(eyes: Eyes, event: FromClause) -> ColumnElement[int | None]:
    """A number says nothing of who they are, so whoever sees the event sees it.

    More may have accepted than there are places, where the capacity was lowered afterwards."""
    date = t.occurrences.alias()
    # Of the one date that an event has which takes place once. Those that it had when it recurred,
    # and that somebody had answered, are kept beside it.
    is_left_out = word(LEFT_OUT) == any_(date.c.overrides)
    accepted = (
        select(date.c.accepted)
        .where(date.c.event_id == event.c.id, ~is_left_out)
        .limit(literal_column("1", Integer))
        .correlate(event)
        .scalar_subquery()
    )
    left = func.greatest(event.c.capacity - func.coalesce(accepted, NONE), NONE, type_=Integer)
    # Of no limit GREATEST would make 0, for it passes nulls over.
    is_limited, is_once = event.c.capacity.is_not(None), event.c.rrule.is_(None)
    return case((and_(is_limited, is_once), left))


def accepted(eyes: Eyes, thing: FromClause) -> ColumnElement[int]:
    """Of a date, or of all dates of an event. `remaining_capacity` tells it anyway."""
    if _is_date(thing):
        return thing.c.accepted
    date = t.occurrences.alias()
    of_event = select(_sum(date.c.accepted)).where(date.c.event_id == thing.c.id)
    return of_event.correlate(thing).scalar_subquery()


def tentative(eyes: Eyes, thing: FromClause) -> ColumnElement[int]:
    answer = t.rsvps.alias()
    return _people(eyes, thing, answer, answer.c.status == word(RsvpStatus.TENTATIVE))


def waitlisted(eyes: Eyes, thing: FromClause) -> ColumnElement[int]:
    answer = t.rsvps.alias()
    return _people(eyes, thing, answer, answer.c.status == word(RsvpStatus.WAITLISTED))


def attended(eyes: Eyes, thing: FromClause) -> ColumnElement[int | None]:
    """With the guests they brought. Null where nobody was checked in, for who is not told, and for
    a partner under five."""
    answer = t.rsvps.alias()
    people = func.sum(case((answer.c.attended, ONE + answer.c.additional_guests), else_=NONE))
    exactly, in_steps = _counted(thing, answer, people, answer.c.attended.is_not(None))
    return _told(eyes, thing, exactly, func.nullif(in_steps, NONE, type_=Integer), null())


def first_timers(eyes: Eyes, thing: FromClause) -> ColumnElement[int | None]:
    """Of those who were there and can be known again, by account or address: for how many it was
    the first date on this hub. Null for who is not told, and for a partner under five."""
    answer = t.rsvps.alias()
    first = and_(answer.c.attended, _is_known(answer), ~_was_there_before(answer))
    exactly, in_steps = _counted(thing, answer, func.count(), first)
    return _told(eyes, thing, exactly, func.nullif(in_steps, NONE, type_=Integer), null())


def _people(
    eyes: Eyes, thing: FromClause, answer: FromClause, asked: ColumnElement[bool]
) -> ColumnElement[int]:
    people = _sum(ONE + answer.c.additional_guests)
    return _told(eyes, thing, *_counted(thing, answer, people, asked), NONE)


def _counted(
    thing: FromClause, answer: FromClause, count: ColumnElement[Any], asked: ColumnElement[bool]
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """As it is, and as a partner is told: each date by itself, and of an event the sum of that."""
    of_thing = answer.c.occurrence_id if _is_date(thing) else answer.c.event_id
    found: Select[Any] = select(count).where(of_thing == thing.c.id, asked)
    exactly = found.with_only_columns(count.cast(Integer)).correlate(thing).scalar_subquery()
    of_date = found.with_only_columns((count // EACH_STEP * EACH_STEP).label("told"))
    each = of_date.group_by(answer.c.occurrence_id).correlate(thing).subquery()
    in_steps = select(_sum(each.c.told)).correlate(thing).scalar_subquery()
    return exactly, in_steps


def _told(
    eyes: Eyes,
    thing: FromClause,
    exactly: ColumnElement[int],
    in_steps: ColumnElement[int],
    otherwise: ColumnElement[Any],
) -> ColumnElement[Any]:
    if not eyes.organization:
        return otherwise.cast(Integer)
    event_id = thing.c.event_id if _is_date(thing) else thing.c.id
    return case(
        (hosts_event(eyes, event_id), exactly),
        (is_told_numbers(eyes, event_id), in_steps),
        else_=otherwise.cast(Integer),
    )


def _is_known(answer: FromClause) -> ColumnElement[bool]:
    return or_(answer.c.person_id.is_not(None), answer.c.guest_email.is_not(None))


def _was_there_before(answer: FromClause) -> ColumnElement[bool]:
    """The same person, or the same address, at a date that began before this one."""

    def before(whose: Any) -> ColumnElement[bool]:
        other, then, now = t.rsvps.alias(), t.occurrences.alias(), t.occurrences.alias()
        rows = (
            select(other.c.id)
            .join(then, then.c.id == other.c.occurrence_id)
            .join(now, now.c.id == answer.c.occurrence_id)
            .where(
                whose(other) == whose(answer),
                other.c.attended,
                tuple_(then.c.starts_at, then.c.id) < tuple_(now.c.starts_at, now.c.id),
            )
        )
        return rows.correlate(answer).exists()

    return or_(
        before(lambda row: row.c.person_id), before(lambda row: func.lower(row.c.guest_email))
    )


def _is_date(thing: FromClause) -> bool:
    return "recurrence_id" in thing.c


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), NONE).cast(Integer)
