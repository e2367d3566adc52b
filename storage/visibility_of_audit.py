"""Who reads the record of who did what: those whom an entry concerned when it was made, and whoever
answers today for the thing it is about.

An event's history is its accepted hosts', all of it, from before they came too: they answer for the
event together. Who answered a date is not a part of that, and concerns the event's owner alone.
"""

from sqlalchemy import ColumnElement, FromClause, and_, case, false, func, null, or_, select

from domain.actors import BY_TIME
from domain.events import EventHostStatus
from storage.tables import (
    alliances,
    audit_concerned,
    event_hosts,
    events,
    groups,
    persons,
)
from storage.visibility import Eyes, own
from storage.visibility_of_parts import sees_person
from storage.words import exists_for_row, word


def sees_audit_entry(eyes: Eyes, a: FromClause) -> ColumnElement[bool]:
    if not eyes.organization:
        return false()
    concerned = audit_concerned.alias()
    return or_(
        exists_for_row(
            select(concerned.c.entry_id).where(
                concerned.c.organization_id == own(),
                concerned.c.at == a.c.at,
                concerned.c.entry_id == a.c.id,
            )
        ),
        *_answers_today(a),
    )


def _answers_today(a: FromClause) -> list[ColumnElement[bool]]:
    event, place = events.alias(), event_hosts.alias()
    group, alliance = groups.alias(), alliances.alias()
    is_answer = func.left(a.c.subject_id, 4) == word("rsv_")
    return [
        exists_for_row(
            select(event.c.id).where(event.c.id == a.c.whole_id, event.c.organization_id == own())
        ),
        and_(
            ~is_answer,
            exists_for_row(
                select(place.c.id).where(
                    place.c.event_id == a.c.whole_id,
                    place.c.organization_id == own(),
                    place.c.status == word(EventHostStatus.ACCEPTED),
                )
            ),
        ),
        exists_for_row(
            select(group.c.id).where(group.c.id == a.c.whole_id, group.c.organization_id == own())
        ),
        exists_for_row(
            select(alliance.c.id).where(
                alliance.c.id == a.c.whole_id, alliance.c.convener_id == own()
            )
        ),
    ]


def client_shown(eyes: Eyes, a: FromClause) -> ColumnElement[str | None]:
    """Through what others work is their business, unless one knows the person."""
    ways: list[ColumnElement[bool]] = [a.c.client_id == word(BY_TIME.client_id or "")]
    if eyes.organization:
        person = persons.alias()
        ways += [
            a.c.organization_id == own(),
            exists_for_row(
                select(person.c.id).where(person.c.id == a.c.person_id, sees_person(eyes, person))
            ),
        ]
    return case((or_(*ways), a.c.client_id), else_=null())
