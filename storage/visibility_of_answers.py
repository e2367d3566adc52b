"""Who sees whose answers, and who is told how many: `domain.answering` and
`domain.attendee_sharing`, said in SQL.
"""

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, or_, select

from domain.events import EventHostRole, EventHostStatus
from domain.policy import EVENT_STAFF
from domain.sharing import AttendeeSharing, HostEditing
from storage.tables import event_hosts, events, rsvp_consents, rsvps
from storage.visibility import Eyes, own, own_person, sees_event
from storage.visibility_of_roles import acts_as
from storage.words import among, exists_for_row, word

ALL_WITH_CONSENT = word(AttendeeSharing.ALL_WITH_CONSENT)
REFERRED_ONLY = word(AttendeeSharing.REFERRED_ONLY)
NUMBERS = frozenset(AttendeeSharing) - {AttendeeSharing.NONE}


def sees_answer(eyes: Eyes, r: FromClause) -> ColumnElement[bool]:
    event = events.alias()
    whole = select(event.c.id).where(
        event.c.id == r.c.event_id, sees_event(eyes, event, by_link=True)
    )
    return and_(shows_answer(eyes, r), exists_for_row(whole))


def shows_answer(eyes: Eyes, r: FromClause) -> ColumnElement[bool]:
    """Of an event that the viewer sees: one's own answer; to the host's event staff all of them; to
    a partner's, those that are shared with it."""
    if not eyes.organization:
        return false()
    ways = [_meets(eyes, r)]
    if eyes.person:
        ways.append(r.c.person_id == own_person())
    return or_(*ways)


def met_in_an_answer(eyes: Eyes, p: FromClause) -> ColumnElement[bool]:
    """People are known by their answers to those who see these. Whoever hosts the event, or stands
    on it, sees the event."""
    answer = rsvps.alias()
    return exists_for_row(
        select(answer.c.id).where(answer.c.person_id == p.c.id, _meets(eyes, answer))
    )


def _meets(eyes: Eyes, r: FromClause) -> ColumnElement[bool]:
    return and_(works_here(eyes), or_(_hosts(r), _is_told(r)))


def works_here(eyes: Eyes) -> ColumnElement[bool]:
    """The organization's own app, or a person of its event staff. It says nothing of the row."""
    return acts_as(eyes, EVENT_STAFF)


def _hosts(r: FromClause) -> ColumnElement[bool]:
    event = events.alias()
    return exists_for_row(
        select(event.c.id).where(event.c.id == r.c.event_id, event.c.organization_id == own())
    )


def _is_told(r: FromClause) -> ColumnElement[bool]:
    """What its place on the event lets the partner learn, of those who agreed to that."""
    agreed = rsvp_consents.alias()
    consented = exists_for_row(
        select(agreed.c.id).where(
            agreed.c.rsvp_id == r.c.id,
            agreed.c.organization_id == own(),
            agreed.c.withdrawn_at.is_(None),
        )
    )
    place = event_hosts.alias()
    shared = or_(
        place.c.attendee_sharing == ALL_WITH_CONSENT,
        and_(place.c.attendee_sharing == REFERRED_ONLY, r.c.referred_by_id == own()),
    )
    return and_(consented, exists_for_row(_accepted(place, r.c.event_id).where(shared)))


def hosts_event(eyes: Eyes, event_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The viewer works for the organization whose event it is: it is told every number."""
    if not eyes.organization:
        return false()
    event = events.alias()
    return exists_for_row(
        select(event.c.id).where(event.c.id == event_id, event.c.organization_id == own())
    )


def is_told_numbers(eyes: Eyes, event_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The viewer works for a partner that is told how many."""
    if not eyes.organization:
        return false()
    place = event_hosts.alias()
    return exists_for_row(
        _accepted(place, event_id).where(among(place.c.attendee_sharing, NUMBERS))
    )


def has_the_list(eyes: Eyes, event_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The viewer works for a co-host that may change something of the event: its staff stand at the
    door too (`domain.answering.works_at_the_door`)."""
    if not eyes.organization:
        return false()
    place = event_hosts.alias()
    return exists_for_row(
        _accepted(place, event_id).where(
            place.c.role == word(EventHostRole.CO_HOST), place.c.may_edit != word(HostEditing.NONE)
        )
    )


def _accepted(place: FromClause, event_id: ColumnElement[str]) -> Select[tuple[str]]:
    return select(place.c.id).where(
        place.c.event_id == event_id,
        place.c.organization_id == own(),
        place.c.status == word(EventHostStatus.ACCEPTED),
    )
