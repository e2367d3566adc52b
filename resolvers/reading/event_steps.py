"""What the viewer may do to an event next: the twin of what `domain.policy` says of changing one."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, Text, and_, case, func, null, or_, select
from sqlalchemy.dialects.postgresql import array

from domain.co_hosting import MAY_CHANGE
from domain.events import EventHostRole, EventHostStatus, EventStatus
from domain.policy import CONCERNED, EVENT_STAFF
from domain.publication import PUBLICATION
from domain.sharing import HostEditing
from domain.transitions import Party
from resolvers.reading.sides import acts_for
from storage import tables as t
from storage.visibility import Eyes, own
from storage.words import among, exists_for_row, word

# What only the host changes: co-hosts are lent the rest (`domain.co_hosting.ALL`).
_HOSTS_ALONE = ("visibility",)
_EVERYTHING = sorted({*MAY_CHANGE[HostEditing.ALL], *_HOSTS_ALONE})


def next_actions(eyes: Eyes, event: FromClause) -> ColumnElement[Any]:
    """The mutations that the viewer may do to it next. What was merged into another event is only
    looked at."""
    if not eyes.organization:
        return _texts(())
    host = acts_for(eyes, event.c.organization_id, EVENT_STAFF)
    told = {
        "updateEvent": or_(host, *(_lent(eyes, event, way) for way in _LENT)),
        "publishEvent": and_(host, among(event.c.publication_status, _PUBLISHABLE)),
        "cancelEvent": and_(host, event.c.status != word(EventStatus.CANCELLED)),
        "shareEvent": host,
        "unshareEvent": and_(host, _is_shared(event)),
        "inviteEventHost": or_(host, _may_ask(eyes, event)),
        "proposeHandover": and_(host, _has_co_host(event)),
        "reportEvent": host,
    }
    names: list[ColumnElement[Any]] = [
        case((may, word(name)), else_=null()) for name, may in told.items()
    ]
    all_of_them = func.array_remove(array[Any](names, type_=Text), null(), type_=ARRAY(Text))
    return case((event.c.replaced_by_id.is_(None), all_of_them), else_=_texts(()))


def may_change(eyes: Eyes, event: FromClause) -> ColumnElement[Any]:
    """The fields of it that the viewer may change: all of them for its host, and what was lent to a
    co-host."""
    if not eyes.organization:
        return _texts(())
    in_use = event.c.replaced_by_id.is_(None)
    host = acts_for(eyes, event.c.organization_id, EVENT_STAFF)
    lent = ((_lent(eyes, event, way), _texts(sorted(MAY_CHANGE[way]))) for way in _LENT)
    return case((~in_use, _texts(())), (host, _texts(_EVERYTHING)), *lent, else_=_texts(()))


_LENT = tuple(way for way, fields in MAY_CHANGE.items() if fields)
_PUBLISHABLE = tuple(
    state for state in PUBLICATION.states if PUBLICATION.next_actions(state, {Party.HOST})
)


def _lent(eyes: Eyes, event: FromClause, way: HostEditing) -> ColumnElement[bool]:
    place = t.event_hosts.alias()
    return exists_for_row(
        select(place.c.id).where(
            place.c.event_id == event.c.id,
            place.c.status == word(EventHostStatus.ACCEPTED),
            place.c.role != word(EventHostRole.HOST),
            place.c.may_edit == word(way),
            acts_for(eyes, place.c.organization_id, EVENT_STAFF),
        )
    )


def _may_ask(eyes: Eyes, event: FromClause) -> ColumnElement[bool]:
    """For a place of one's own organization, where it has none and is not being asked."""
    place = t.event_hosts.alias()
    stands = exists_for_row(
        select(place.c.id).where(
            place.c.event_id == event.c.id,
            place.c.organization_id == own(),
            among(place.c.status, CONCERNED),
        )
    )
    return and_(acts_for(eyes, own(), EVENT_STAFF), ~stands)


def _is_shared(event: FromClause) -> ColumnElement[bool]:
    share = t.event_shares.alias()
    return exists_for_row(select(share.c.alliance_id).where(share.c.event_id == event.c.id))


def _has_co_host(event: FromClause) -> ColumnElement[bool]:
    place = t.event_hosts.alias()
    return exists_for_row(
        select(place.c.id).where(
            place.c.event_id == event.c.id,
            place.c.status == word(EventHostStatus.ACCEPTED),
            place.c.role == word(EventHostRole.CO_HOST),
        )
    )


def _texts(words: Iterable[str]) -> ColumnElement[Any]:
    return array[Any]([word(each) for each in words], type_=Text)
