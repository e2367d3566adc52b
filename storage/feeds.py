"""Reading what was published since a place in a feed, and forgetting what left it long ago.

The database numbers changes as transactions end (migration 0019), so that nothing with a lower
number comes to be seen later than one with a higher.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Text, delete, func, or_, select, update

from domain.errors import Problem
from storage.engine import Reading, Writing
from storage.feed_tables import feed_entries, feeds

PUBLIC = "public"


class RemovalReason(StrEnum):
    DELETED = "DELETED"
    UNSHARED = "UNSHARED"
    NO_LONGER_VISIBLE = "NO_LONGER_VISIBLE"


class Resync(Problem):
    """The place is none of this feed (any more): whoever reads begins again from its start, and
    drops what they do not meet again."""

    code: ClassVar[str] = "RESYNC"

    def __init__(self) -> None:
        super().__init__(
            "This hub no longer knows that place in its feed. Read it again from its start, without "
            "`after`, and drop what does not come again.",
            ("after",),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody has read. `began` is where the feed's head was when they started: what had
    left the channel by then, they never had, and are not told of."""

    epoch: str
    seq: int
    began: int


# Of a channel in which nothing was ever published.
NOTHING_YET = Place("", 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    thing_id: str
    removed: RemovalReason | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`entries` in their order, and the place after the last of them. `is_all`: there is no more."""

    entries: Sequence[Entry]
    place: Place
    is_all: bool


async def since(db: Reading, channel: str, after: Place | None, first: int) -> Page:
    """What changed in the channel after that place; None is its start. Raises `Resync`."""
    last = (
        select(feed_entries.c.seq)
        .where(feed_entries.c.channel == channel)
        .order_by(feed_entries.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    head = func.greatest(feeds.c.compacted_to, last).label("head")
    feed = (await db.execute(select(feeds, head).where(feeds.c.channel == channel))).one_or_none()
    if feed is None:
        if after is not None and after != NOTHING_YET:
            raise Resync
        return Page((), NOTHING_YET, is_all=True)
    place = after
    if place is None or place == NOTHING_YET:
        place = Place(feed.epoch, 0, feed.head)
    is_known = max(place.seq, place.began) >= feed.compacted_to
    if place.epoch != feed.epoch or not is_known or max(place.seq, place.began) > feed.head:
        raise Resync
    found = await db.execute(
        select(
            feed_entries.c.seq, feed_entries.c.thing_id, feed_entries.c.removed, feed_entries.c.at
        )
        .where(
            feed_entries.c.channel == channel,
            feed_entries.c.seq > place.seq,
            or_(feed_entries.c.removed.is_(None), feed_entries.c.seq > place.began),
        )
        .order_by(feed_entries.c.seq)
        .limit(first)
    )
    entries = tuple(
        Entry(row.seq, row.thing_id, RemovalReason(row.removed) if row.removed else None, row.at)
        for row in found
    )
    is_all = len(entries) < first
    reached = feed.head if is_all else entries[-1].seq
    return Page(entries, replace(place, seq=reached), is_all)


async def compact(db: Writing, before: datetime) -> int:
    """Forgets what left a channel before that time; how many. Whoever has read up to then is not
    concerned; whoever is behind begins again."""
    forgotten = (
        delete(feed_entries)
        .where(feed_entries.c.removed.is_not(None), feed_entries.c.at < before)
        .returning(feed_entries.c.channel, feed_entries.c.seq)
        .cte()
    )
    last = select(forgotten.c.channel, func.max(forgotten.c.seq).label("seq"))
    per_channel = last.group_by(forgotten.c.channel).cte()
    moved = (
        update(feeds)
        .where(feeds.c.channel == per_channel.c.channel)
        .values(compacted_to=func.greatest(feeds.c.compacted_to, per_channel.c.seq))
        .returning(feeds.c.channel)
        .cte()
    )
    counted = select(func.count()).select_from(forgotten).scalar_subquery()
    return int(await db.scalar(select(counted).add_cte(moved)) or 0)


async def begin_anew(db: Writing) -> None:
    """Another epoch for every channel: after a restore, nobody's place is one any more."""
    await db.execute(update(feeds).values(epoch=func.gen_random_uuid().cast(Text)))
