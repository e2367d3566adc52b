"""Reading what was published since a place in a feed, and forgetting what left it long ago.

The database numbers changes as transactions end (migration 0019), so that nothing with a lower
number comes to be seen later than one with a higher. `page_of` is the one statement that reads
them: other hubs are answered by it (`resolvers.reading.changes`), and `since` reads its rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    delete,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)

from domain.channels import PUBLIC as PUBLIC
from domain.channels import ChannelClosed
from domain.channels import RemovalReason as RemovalReason
from domain.channels import Resync as Resync
from domain.errors import BadInput
from storage.engine import Reading, Writing
from storage.feed_tables import feed_entries, feeds
from storage.words import word


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
class After:
    """A place as parts of a statement. `seal` is what a reader shows for it (`sealed`); a place that
    never left this hub needs none."""

    epoch: ColumnElement[str]
    seq: ColumnElement[int]
    began: ColumnElement[int]
    seal: ColumnElement[str] | None = None

    @classmethod
    def of(cls, place: Place) -> "After":
        return cls(
            literal(place.epoch, Text),
            literal(place.seq, BigInteger),
            literal(place.began, BigInteger),
        )


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
    rows = page_of(
        literal(channel, Text), After.of(after) if after else None, literal(first, Integer), true()
    )
    found = (await db.execute(rows)).all()
    begin = found[0]
    if begin.trouble is not None:
        raise TROUBLES[begin.trouble]()
    entries = tuple(
        Entry(row.seq, row.thing_id, RemovalReason(row.removed) if row.removed else None, row.at)
        for row in found[:first]
        if row.seq is not None
    )
    place = Place(begin.epoch, begin.start, begin.began)
    is_all = len(found) <= first or begin.seq is None
    if is_all:
        return Page(entries, replace(place, seq=begin.head), is_all)
    return Page(entries, replace(place, seq=entries[-1].seq) if entries else place, is_all)


class NoPlace(BadInput):
    def __init__(self) -> None:
        super().__init__(
            "after: not a cursor of this channel. Give back an endCursor or an edge's cursor as it "
            "was, with the channel that it came from.",
            ("after",),
        )


TROUBLES = {each.code: each for each in (ChannelClosed, Resync, NoPlace)}


def page_of(
    channel: ColumnElement[str],
    after: After | None,
    first: ColumnElement[int],
    is_open: ColumnElement[bool],
) -> Select[Any]:
    """The entries after that place and one more, which tells whether there are others, oldest first.

    There is always a row: each says where the page begins (`epoch`, `start`, `began`), where the
    feed ends (`head`), and in `trouble` the code of what is wrong with the question; its entry is
    null where there is none.
    """
    place = _place(channel, after, is_open).subquery()
    entry = feed_entries.alias()
    entries = (
        select(entry.c.seq, entry.c.thing_id, entry.c.kind, entry.c.removed, entry.c.at)
        .where(
            place.c.trouble.is_(None),
            entry.c.channel == channel,
            entry.c.seq > place.c.start,
            or_(entry.c.removed.is_(None), entry.c.seq > place.c.began),
        )
        .order_by(entry.c.seq)
        .limit(first + literal_column("1", Integer))
        .correlate(place)
        .lateral()
    )
    return (
        select(*place.c, *entries.c)
        .select_from(place.outerjoin(entries, true()))
        .order_by(entries.c.seq)
    )


def _place(
    channel: ColumnElement[str], after: After | None, is_open: ColumnElement[bool]
) -> Select[Any]:
    """The one row of where a page begins."""
    one = select(literal_column("1").label("one")).subquery()
    last = (
        select(feed_entries.c.seq)
        .where(feed_entries.c.channel == channel)
        .order_by(feed_entries.c.seq.desc())
        .limit(literal_column("1", Integer))
        .scalar_subquery()
    )
    head = func.coalesce(func.greatest(feeds.c.compacted_to, last), _ZERO, type_=BigInteger)
    epoch = func.coalesce(feeds.c.epoch, word(""), type_=Text)
    start: ColumnElement[int] = _ZERO
    began: ColumnElement[int] = head
    wrong: ColumnElement[str] = _NOTHING_WRONG
    if after is not None:
        # What was said before anything was published is the start, too.
        is_start = and_(after.epoch == word(""), after.seq == _ZERO, after.began == _ZERO)
        start = case((is_start, _ZERO), else_=after.seq)
        began = case((is_start, head), else_=after.began)
        furthest = func.greatest(after.seq, after.began)
        wrong = case(
            (is_start, null()),
            (or_(feeds.c.epoch.is_(None), feeds.c.epoch != after.epoch), word(Resync.code)),
            *_unsealed(after),
            (or_(furthest < feeds.c.compacted_to, furthest > head), word(Resync.code)),
            else_=null(),
        )
    columns: list[ColumnElement[Any]] = [
        case((~is_open, word(ChannelClosed.code)), else_=wrong).label("trouble"),
        epoch.label("epoch"),
        start.label("start"),
        began.label("began"),
        head.label("head"),
        feeds.c.seal.label("feed_seal"),
    ]
    return select(*columns).select_from(one.outerjoin(feeds, feeds.c.channel == channel))


def _unsealed(after: After) -> list[tuple[ColumnElement[bool], ColumnElement[str]]]:
    if after.seal is None:
        return []
    seal = sealed(feeds.c.seal, after.epoch, after.seq, after.began)
    return [(after.seal != seal, word(NoPlace.code))]


def sealed(
    feed_seal: ColumnElement[str],
    epoch: ColumnElement[str],
    seq: ColumnElement[int],
    began: ColumnElement[int],
) -> ColumnElement[str]:
    """What this hub alone can say of a place in the feed of that seal: nobody makes up where they
    began, and is told of what was gone by then. Empty where nothing was ever published."""
    dot = word(".")
    said = func.concat(feed_seal, dot, epoch, dot, seq, dot, began, dot, feed_seal, type_=Text)
    digest = func.encode(func.sha256(func.convert_to(said, word("UTF8"))), word("hex"))
    return case(
        (feed_seal.is_(None), word("")),
        else_=func.left(digest, literal_column("20", Integer), type_=Text),
    )


_ZERO = literal_column("0", BigInteger)
_NOTHING_WRONG = literal_column("null::text", Text)


async def compact(db: Writing, before: datetime, most: int = 10_000) -> int:
    """Forgets what left a channel before that time, the first of it; how many. Whoever has read up
    to then is not concerned; whoever is behind begins again."""
    gone = feed_entries.alias()
    oldest = (
        select(gone.c.channel, gone.c.thing_id)
        .where(gone.c.removed.is_not(None), gone.c.at < before)
        .order_by(gone.c.at)
        .limit(most)
    )
    forgotten = (
        delete(feed_entries)
        .where(
            tuple_(feed_entries.c.channel, feed_entries.c.thing_id).in_(oldest),
            feed_entries.c.removed.is_not(None),
        )
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
