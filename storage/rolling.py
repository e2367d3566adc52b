"""Series of which more dates are to be made as time passes, and when.

`events.rolls_on_at` says when, and is null for everything that has all of its dates: whoever looks
for what is due looks along an index, and never at all events.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select

from storage.engine import Writing
from storage.hubs import is_local
from storage.tables import Id, Instant, events


async def keep(db: Writing, due: Mapping[str, datetime | None]) -> None:
    """By event, when more of its dates are to be made."""
    if due:
        await db.execute(_KEEPING, [{"of": one, "at": at} for one, at in sorted(due.items())])


async def hold_next(db: Writing, now: datetime) -> str | None:
    """The event that is due first, held; one that somebody else holds is left for another time."""
    due = (
        select(events.c.id)
        .where(events.c.rolls_on_at <= now, is_local(events.c.hub_id))
        .order_by(events.c.rolls_on_at, events.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: str | None = await db.scalar(due)
    return found


_AT = bindparam("at", type_=Instant)
_KEEPING = (
    events.update()
    .where(events.c.id == bindparam("of", type_=Id), events.c.rolls_on_at.is_distinct_from(_AT))
    .values(rolls_on_at=_AT)
)
