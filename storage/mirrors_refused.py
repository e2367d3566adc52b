"""What peers told that was not believed, and why: for admins to see. So many of a peer, the newest."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Writing
from storage.mirrors_told import Refusal
from storage.peer_tables import mirror_refusals

MOST = 1_000


async def keep(
    db: Writing, hub_id: str, channel: str, refusals: Sequence[Refusal], now: datetime
) -> None:
    """Each thing once, with how often."""
    if not refusals:
        return
    rows = {
        each.thing_id: {
            "hub_id": hub_id,
            "channel": channel,
            "thing_id": each.thing_id,
            "reason": each.reason,
            "first_at": now,
            "last_at": now,
        }
        for each in refusals[:MOST]
    }
    adding = insert(mirror_refusals)
    keeping = adding.on_conflict_do_update(
        index_elements=["hub_id", "channel", "thing_id"],
        set_={
            "reason": adding.excluded.reason,
            "last_at": adding.excluded.last_at,
            "times": mirror_refusals.c.times + 1,
        },
    )
    await db.execute(keeping, list(rows.values()))
    await _forget_the_oldest(db, hub_id)


async def _forget_the_oldest(db: Writing, hub_id: str) -> None:
    of_peer = mirror_refusals.c.hub_id == hub_id
    count = await db.scalar(select(func.count()).select_from(mirror_refusals).where(of_peer))
    if int(count or 0) <= MOST:
        return
    key = (mirror_refusals.c.channel, mirror_refusals.c.thing_id)
    newest = select(*key).where(of_peer)
    newest = newest.order_by(mirror_refusals.c.last_at.desc(), *key).limit(MOST)
    await db.execute(delete(mirror_refusals).where(of_peer, tuple_(*key).not_in(newest)))
