"""Answers to an event: the list of them, as far as the viewer is told, and the viewer's own."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array

from domain.rsvps import RSVP as STEPS
from domain.rsvps import UNDER_WAY, DeliveryStatus
from domain.transitions import Party
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.next_actions import next_actions as of_machine
from resolvers.reading.sources import RSVP
from resolvers.reading.wanted import RsvpsWanted, one_of
from storage import tables as t
from storage.visibility import Eyes, own_person
from storage.visibility_of_answers import has_the_list, hosts_event, works_here
from storage.words import among, word

CHECK_IN = "checkIn"


class RsvpOrder(StrEnum):
    ANSWERED_AT_ASC = "ANSWERED_AT_ASC"
    NAME_ASC = "NAME_ASC"


def of_event(eyes: Eyes, event: FromClause, wanted: RsvpsWanted, order: RsvpOrder) -> Listing:
    row, rows = RSVP.rows_of_seen(eyes)
    rows = rows.where(row.c.event_id == event.c.id)
    if wanted.occurrence is not None:
        rows = rows.where(row.c.occurrence_id == wanted.occurrence)
    if wanted.statuses is not None:
        rows = rows.where(one_of(row.c.status, wanted.statuses))
    if wanted.search is not None:
        rows = rows.where(_is_called(row, wanted.search))
    keys: dict[str, ColumnElement[Any]] = {"created_at": row.c.created_at, "id": row.c.id}
    if order is RsvpOrder.NAME_ASC:
        keys = {"name": _name(row), "id": row.c.id}
    return in_order(RSVP.type_name, rows, order, keys)


def _name(row: FromClause) -> ColumnElement[str]:
    """Folded, so that one who is looked for is found however the name is typed."""
    person = t.persons.alias()
    known = select(person.c.display_name).where(person.c.id == row.c.person_id)
    called = func.coalesce(known.correlate(row).scalar_subquery(), row.c.guest_name, literal(""))
    return func.convoke_fold(called, type_=Text)


def _is_called(row: FromClause, text: Given[str]) -> ColumnElement[bool]:
    wanted = literal(text, Text) if isinstance(text, str) else text
    return func.strpos(_name(row), func.convoke_fold(wanted)) > literal_column("0", Integer)


def next_actions(eyes: Eyes, answer: FromClause) -> ColumnElement[Any]:
    """The mutations that the viewer may do to it next, as whoever gave it, as the host, or at the
    door."""
    nothing = literal_column("'{}'::text[]", ARRAY(Text))
    if not eyes.organization:
        return nothing
    hosts = and_(works_here(eyes), hosts_event(eyes, answer.c.event_id))
    sides = {Party.HOST: hosts}
    if eyes.person:
        sides[Party.PERSON] = func.coalesce(answer.c.person_id == own_person(), false())
    at_the_door = or_(hosts, and_(works_here(eyes), has_the_list(eyes, answer.c.event_id)))
    may_check = and_(among(answer.c.status, UNDER_WAY), at_the_door)
    checks = case((may_check, array[Any]([word(CHECK_IN)], type_=Text)), else_=nothing)
    return func.array_cat(of_machine(STEPS, answer.c.status, sides), checks, type_=ARRAY(Text))


def of_viewer(eyes: Eyes, event: FromClause) -> ColumnElement[str | None]:
    """The id of the person's own answer: the one that they gave or changed last, of those under
    way if there are any."""
    if not eyes.person:
        return null().cast(Text)
    mine = t.rsvps.alias()
    return (
        select(mine.c.id)
        .where(mine.c.event_id == event.c.id, mine.c.person_id == own_person())
        .order_by(
            among(mine.c.status, UNDER_WAY).desc(), mine.c.updated_at.desc(), mine.c.id.desc()
        )
        .limit(literal_column("1", Integer))
        .correlate(event)
        .scalar_subquery()
    )


def delivery(eyes: Eyes, row: FromClause) -> ColumnElement[str]:
    """Every event that is answered to here is owned here."""
    return word(DeliveryStatus.LOCAL)
