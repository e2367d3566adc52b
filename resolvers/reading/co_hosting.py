"""What is told of an organization's place on an event to the two sides of it."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    literal_column,
    null,
    or_,
    select,
)

from domain.co_hosting import EVENT_HOST
from domain.events import EventHostRole
from domain.policy import EVENT_STAFF
from domain.transitions import Party
from resolvers.reading.next_actions import next_actions as of_machine
from storage import tables as t
from storage.visibility import Eyes, is_party, own
from storage.visibility_of_roles import acts_as
from storage.words import among, exists_for_row, word


def next_actions(eyes: Eyes, place: FromClause) -> ColumnElement[Any]:
    """The mutations that the viewer may do to it next. The host's own place is not one of these:
    it passes on with the event."""
    if not eyes.organization:
        return literal_column("'{}'::text[]", ARRAY(Text))
    may = and_(place.c.role != word(EventHostRole.HOST), _is_event_staff(eyes))
    sides = {
        Party.HOST: and_(_is_host(place), may),
        Party.PARTNER: and_(_is_partner(place), may),
    }
    return of_machine(EVENT_HOST, place.c.status, sides)


def is_final(eyes: Eyes, place: FromClause) -> ColumnElement[bool]:
    return among(place.c.status, EVENT_HOST.final)


def message(eyes: Eyes, place: FromClause) -> ColumnElement[Any]:
    return _between_the_two(eyes, place, place.c.message)


def end_reason(eyes: Eyes, place: FromClause) -> ColumnElement[Any]:
    return _between_the_two(eyes, place, place.c.end_reason)


def _between_the_two(
    eyes: Eyes, place: FromClause, words: ColumnElement[Any]
) -> ColumnElement[Any]:
    """A hub is told what is for the organizations that are at home there: it tells them."""
    if not eyes.parties:
        return null().cast(Text)
    sides = [is_party(eyes, place.c.organization_id)]
    if eyes.organization:
        sides.append(_is_host(place))
    return case((or_(*sides), words), else_=null())


def _is_partner(place: FromClause) -> ColumnElement[bool]:
    return place.c.organization_id == own()


def _is_host(place: FromClause) -> ColumnElement[bool]:
    event = t.events.alias()
    return exists_for_row(
        select(event.c.id).where(event.c.id == place.c.event_id, event.c.organization_id == own())
    )


def _is_event_staff(eyes: Eyes) -> ColumnElement[bool]:
    """The viewer works on events for the organization: by their role, or as its own app."""
    return acts_as(eyes, EVENT_STAFF)
