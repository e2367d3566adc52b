"""What the product must not do, made on purpose: each is found by the schedules, or they are too tame.

`within` is after how many schedules that fit; about three times as many as it took.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from domain.peering import DeliveryStatus
from federation.delivering import Delivering
from federation.mirroring import pulling, reading
from federation.mirroring.pulling import Pulling
from resolvers import events
from resolvers.once import Once
from storage import deliveries, engine, feeds, mirrors, mirrors_bare
from storage.engine import Database, Writing
from storage.mirrors import Place
from storage.mirrors_told import ToldPage
from storage.tables import events as event_rows
from tests.simulation.network import Weather
from tests.simulation.plan import Plan
from web import graphql

Harsher = Callable[[Plan], Plan]
Made = Callable[[], AbstractContextManager[Any]]
HELD_OR_NOT = "does not hold|holds .* which is not shown|has other|has .* as .* of"


@dataclass(frozen=True)
class Bug:
    name: str
    expected: re.Pattern[str]  # one of the wrongs that are told
    made: Made
    harsher: Harsher
    within: int


def _as_it_is(plan: Plan) -> Plan:
    return plan


def _crashing(plan: Plan) -> Plan:
    return replace(plan, crash_at_question=max(plan.crash_at_question, 0.004))


def _crashing_often(plan: Plan) -> Plan:
    return replace(_busy(plan), crash_at_question=0.01)


def _cut(plan: Plan) -> Plan:
    """Much is done, and one commit in ten is the last that is asked on its connection."""
    return replace(_busy(plan), cut_at_commit=0.1)


def _losing(plan: Plan) -> Plan:
    return replace(plan, weather=replace(plan.weather, lost=0.3, answer_lost=0.3))


def _doubled(plan: Plan) -> Plan:
    """Much is done and comes twice, and many do not hear what came of it."""
    return replace(_busy(plan), weather=Weather(delay=0.5, answer_lost=0.3, doubled=0.5))


def _busy(plan: Plan) -> Plan:
    """Much is done, and nothing else goes wrong: what is read anew hides what was not heard."""
    busy = replace(plan, doings=12, weather=Weather(delay=0.5), partitions=0.0, crashes=0.0)
    return replace(busy, crash_at_question=0.0, cut_at_question=0.0, restores=False)


def _set_back(plan: Plan) -> Plan:
    """A hub is as it was, and goes on alone for longer than it was back."""
    return replace(_busy(plan), doings=24, restores=True, pokes=1.0, apart=40.0)


# ── mirrors ──────────────────────────────────────────────────────────────────────────────────────


def place_before_its_page() -> AbstractContextManager[Any]:
    """In a transaction of its own: whoever ends between the two has skipped a page."""

    async def pages(self: Any, peer: Any, place: Place) -> None:
        page = await self._page(peer, place)
        async with self._writing, self.database.writing() as db:
            nothing = ToldPage(cursor=page.cursor, is_all=page.is_all)
            moved = await mirrors.apply(db, place, nothing, self.clock.now(), pulling.POLL)
        async with self._writing, self.database.writing() as db:
            await mirrors.apply(db, moved, page, self.clock.now(), pulling.POLL)

    return patch.object(Pulling, "_pages", pages)


def removed_is_not_heard() -> AbstractContextManager[Any]:
    return patch.object(reading._Page, "_remove", lambda _self, _said, _identifier: None)


def closed_channels_are_not_purged() -> AbstractContextManager[Any]:
    """What they told stays."""
    purge = mirrors.purge_channel

    async def closed(db: Writing, hub_id: str, channel: str) -> None:
        with patch.object(mirrors, "_forget_unheld", _nothing):
            await purge(db, hub_id, channel)

    return patch.object(mirrors, "purge_channel", closed)


def what_one_channel_lets_go_is_forgotten() -> AbstractContextManager[Any]:
    """Though another holds it."""

    async def forget(db: Writing, hub_id: str, leaving: Any) -> None:
        if leaving:
            await mirrors_bare.forget(db, hub_id, sorted(leaving))

    return patch.object(mirrors, "_forget_unheld", forget)


def a_restored_hub_goes_on_counting() -> AbstractContextManager[Any]:
    """Places that others have in its feed are places again, of something else."""
    return patch.object(feeds, "begin_anew", _nothing)


# ── what was answered ────────────────────────────────────────────────────────────────────────────


def keys_are_not_looked_at() -> AbstractContextManager[Any]:
    return patch.object(graphql, "key_of", lambda _headers, _prepared: None)


def keys_come_after_their_change() -> AbstractContextManager[Any]:
    """In a transaction of their own."""
    write, keep = Once.write, Once.keep

    async def later(_self: Once, _db: Writing, _now: Any) -> None:
        """Not yet."""

    async def kept(self: Once, database: Database, answer: bytes | None, now: Any) -> None:
        async with database.writing() as db:
            self.is_written = False
            await write(self, db, now)
        await keep(self, database, answer, now)

    return _both(patch.object(Once, "write", later), patch.object(Once, "keep", kept))


def a_failed_commit_counts() -> AbstractContextManager[Any]:
    """Whoever asked is told that it is done."""

    @asynccontextmanager
    async def writing(self: Database) -> AsyncIterator[Any]:
        is_told = False
        try:
            async with self.engine.begin() as connection:
                yield connection
                is_told = True
        except DBAPIError:
            if not is_told:
                raise

    return patch.object(engine.Database, "writing", writing)


def anybody_writes_over_anybody() -> AbstractContextManager[Any]:
    change = events.change

    async def over(ctx: Any, db: Writing, event_id: str, version: int, changes: Any) -> str:
        now = await db.scalar(select(event_rows.c.version).where(event_rows.c.id == event_id))
        return await change(ctx, db, event_id, now or version, changes)

    return patch.object(events, "change", over)


# ── what waits for other hubs ────────────────────────────────────────────────────────────────────


def told_before_it_was_heard() -> AbstractContextManager[Any]:
    """What waits is struck out, and then sent."""
    told = Delivering._told

    async def struck(self: Delivering, ctx: Any, peer: Any, waiting: Any) -> bool:
        async with ctx.database.writing() as db:
            await deliveries.settle(db, waiting.id, DeliveryStatus.DELIVERED, ctx.clock.now())
        return await told(self, ctx, peer, waiting)

    return patch.object(Delivering, "_told", struck)


def silence_is_a_refusal() -> AbstractContextManager[Any]:
    async def put_off(self: Delivering, ctx: Any, peer: Any, waiting: Any, why: str) -> bool:
        await self._failed(ctx, peer, waiting, why)
        return True

    return patch.object(Delivering, "_put_off", put_off)


def nothing_is_kept_for_who_does_not_answer() -> AbstractContextManager[Any]:
    """And whoever asked is told that it is on its way."""
    return patch.object(deliveries, "add", _nothing)


async def _nothing(*_: Any) -> None:
    """Is done."""


@contextmanager
def _both(one: AbstractContextManager[Any], other: AbstractContextManager[Any]) -> Iterator[None]:
    with one, other:
        yield


def _bug(made: Made, expected: str, harsher: Harsher = _as_it_is, within: int = 20) -> Bug:
    return Bug(made.__name__, re.compile(expected), made, harsher, within)


BUGS = [
    _bug(place_before_its_page, HELD_OR_NOT, _crashing_often),
    _bug(removed_is_not_heard, "which is not shown", _busy),
    _bug(closed_channels_are_not_purged, "which is not shown", _busy),
    _bug(what_one_channel_lets_go_is_forgotten, "does not hold", _busy),
    _bug(a_restored_hub_goes_on_counting, HELD_OR_NOT, _set_back),
    _bug(keys_are_not_looked_at, "times|refused, and is there", _doubled),
    _bug(keys_come_after_their_change, "times|refused, and is there", _crashing),
    _bug(a_failed_commit_counts, "answered, and is not there", _cut),
    _bug(anybody_writes_over_anybody, "written over"),
    _bug(told_before_it_was_heard, "answered, and is not there", _losing),
    _bug(silence_is_a_refusal, "has never refused it", _losing),
    _bug(nothing_is_kept_for_who_does_not_answer, "answered, and is not there", _losing),
]
