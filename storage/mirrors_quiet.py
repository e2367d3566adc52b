"""Channels of peers in which nothing has changed: that we looked, and where we stand, in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from domain.peering import PeeringStatus
from storage.engine import Writing
from storage.mirrors import Place


def is_quiet(place: Place) -> bool:
    """It was read to its end, all was well, and the peer has not said since that something moved."""
    return (
        place.cursor is not None
        and not place.is_reading_anew
        and place.failures == 0
        and place.next_at is not None
    )


async def note(
    db: Writing,
    places: Sequence[Place],
    cursors: Mapping[str, str],
    now: datetime,
    poll: timedelta,
) -> None:
    """Each place moves to its cursor, and is looked at again after `poll`. One that somebody else has
    moved, or that the peer has poked meanwhile, stays as it is."""
    if places:
        await db.execute(
            _NOTING,
            {
                "hub_id": places[0].hub_id,
                "channels": [each.channel for each in places],
                "before": [each.cursor for each in places],
                "generations": [each.generation for each in places],
                "cursors": [cursors[each.channel] for each in places],
                "now": now,
                "next_at": now + poll,
                "active": PeeringStatus.ACTIVE,
            },
        )


_NOTING = text(
    """
    with free as (  -- what somebody writes at this moment, such as a poke, is waited for by nobody
        select channel from mirror_channels
         where hub_id = :hub_id and channel = any(cast(:channels as text[])) for update skip locked
    )
    update mirror_channels c
       set cursor = n.cursor, current_at = :now, pulled_at = :now, next_at = :next_at,
           last_error = null
      from free
      join unnest(
             cast(:channels as text[]), cast(:before as text[]), cast(:generations as integer[]),
             cast(:cursors as text[])
           ) as n (channel, before, generation, cursor) on n.channel = free.channel
     where c.hub_id = :hub_id and c.channel = n.channel and c.cursor = n.before
       and c.generation = n.generation and c.next_at is not null
       and exists (select 1 from peerings p where p.hub_id = :hub_id and p.status = :active)
    """
)
