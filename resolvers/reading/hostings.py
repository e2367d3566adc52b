"""Where organizations host together: the places of one on others' events, and theirs on its own."""

from typing import Any

from sqlalchemy import FromClause, Select, select

from domain.events import EventHostRole, EventHostStatus
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, Way, keys_of
from resolvers.reading.sources import EVENT_HOST, columns_of
from resolvers.reading.wanted import one_of
from storage import tables as t
from storage.visibility import Eyes
from storage.words import word

ORDER = "CREATED_AT_DESC"
Statuses = Given[tuple[EventHostStatus, ...]] | None


def of_organization(eyes: Eyes, organization: FromClause, statuses: Statuses) -> Listing:
    """As far as the viewer may know of them, the newest first. The host's own place is none of
    these: it passes on with the event."""
    shown = t.event_hosts.alias()

    def rows_of(found: FromClause) -> Select[Any]:
        return columns_of(EVENT_HOST, shown).join(found, found.c.key_id == shown.c.id)

    keys = keys_of({"created_at": shown.c.created_at, "id": shown.c.id})
    ways = (_its_own(eyes, organization, statuses), _of_others(eyes, organization, statuses))
    return Listing(EVENT_HOST.type_name, keys, ORDER, ways, descending=True, shown=rows_of)


def _its_own(eyes: Eyes, organization: FromClause, statuses: Statuses) -> Way:
    place = t.event_hosts.alias()
    rows = _rows(eyes, place, statuses).where(place.c.organization_id == organization.c.id)
    return Way(rows, (place.c.created_at, place.c.id))


def _of_others(eyes: Eyes, organization: FromClause, statuses: Statuses) -> Way:
    """On the events that it answers for."""
    place, event = t.event_hosts.alias(), t.events.alias()
    rows = _rows(eyes, place, statuses).join(event, event.c.id == place.c.event_id)
    rows = rows.where(
        event.c.organization_id == organization.c.id, place.c.organization_id != organization.c.id
    )
    return Way(rows, (place.c.created_at, place.c.id))


def _rows(eyes: Eyes, place: FromClause, statuses: Statuses) -> Select[Any]:
    rows = select(place.c.id).where(
        place.c.role != word(EventHostRole.HOST), EVENT_HOST.sees(eyes, place)
    )
    return rows if statuses is None else rows.where(one_of(place.c.status, statuses))
