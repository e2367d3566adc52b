"""A series that goes on as another event: what stands beside it is taken along.

The dates from then on move with their ids, with what differs on each, and with the answers to them
(a foreign key's cascade); the organizations on it and the alliances it is shared with are written
down once more.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, literal, select, update

from domain.ids import Kind, Names
from domain.policy import CONCERNED
from storage.engine import Writing
from storage.tables import Id, event_hosts, event_shares, events, occurrences

# Kept by triggers, from the event itself.
_OF_EVENT = frozenset({"organization_id", "starts_at", "over_at", "recurring"})


async def go_on(db: Writing, names: Names, from_id: str, to_id: str, at: datetime) -> None:
    """The event `to_id`, which is there already, goes on from the other at that date."""
    await _follow(db, from_id, to_id)
    await _copy_hosts(db, names, from_id, to_id)
    await _copy_shares(db, from_id, to_id)
    moving = update(occurrences).where(
        occurrences.c.event_id == from_id, occurrences.c.recurrence_id >= at
    )
    await db.execute(moving.values(event_id=to_id))


async def _follow(db: Writing, from_id: str, to_id: str) -> None:
    """Its picture is the one thing of an event that its record does not hold."""
    picture = select(events.c.image_url, events.c.image_alternative_text)
    found = await db.execute(picture.where(events.c.id == from_id))
    following = update(events).where(events.c.id == to_id)
    await db.execute(following.values(follows_id=from_id, **found.mappings().one()))


async def _copy_hosts(db: Writing, names: Names, from_id: str, to_id: str) -> None:
    """Those that accepted or are being asked, on the terms that they have."""
    found = await db.execute(
        select(event_hosts)
        .where(event_hosts.c.event_id == from_id, event_hosts.c.status.in_(sorted(CONCERNED)))
        .order_by(event_hosts.c.created_at, event_hosts.c.id)
    )
    kept = _OF_EVENT - {"organization_id"}
    copied: list[dict[str, Any]] = [
        {
            **{name: value for name, value in row.items() if name not in kept},
            "id": names.new(Kind.EVENT_HOST),
            "event_id": to_id,
        }
        for row in found.mappings()
    ]
    await db.execute(insert(event_hosts), copied)


async def _copy_shares(db: Writing, from_id: str, to_id: str) -> None:
    columns = [column for column in event_shares.c if column.name not in _OF_EVENT | {"event_id"}]
    those = select(literal(to_id, Id), *columns).where(event_shares.c.event_id == from_id)
    names = ["event_id", *(column.name for column in columns)]
    await db.execute(insert(event_shares).from_select(names, those))
