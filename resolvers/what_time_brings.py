"""What happens because a date has come: the duties, how often each is done, and doing them.

A duty is a use case like any other, done by nobody: `async def expire(ctx, now, limit)` does a
bounded piece of work in transactions of its own, takes its rows with `for update skip locked`,
notes what it did, and returns how many things it did. Nobody counts on its having run: what is
over by the clock is over for whoever acts on it.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth import sweeping
from domain.actors import BY_TIME
from domain.hubs import LocalHub
from domain.ids import Names, ulid
from domain.outside import Chance, Clock
from resolvers import (
    agreements,
    alliances,
    channels,
    co_hosting,
    handovers,
    letters,
    memberships,
    once,
    proposals,
    series,
)
from resolvers.context import Context
from resolvers.post import answers, digests, elsewhere, line
from storage import duties as stored
from storage.duties import Kept
from storage.engine import Database

Doing = Callable[[Context, datetime, int], Awaitable[int]]
MINUTE, HOUR = 60, 3_600
LONGEST_PAUSE = timedelta(hours=1)  # of a duty that fails

log = logging.getLogger("convoke.duties")


@dataclass(frozen=True, slots=True)
class Duty:
    """`do` is done `every` so many seconds, for at most `limit` things; at once again where that
    was not all."""

    name: str
    every: int
    do: Doing
    limit: int = 100


async def _forget_what_opened(ctx: Context, now: datetime, limit: int) -> int:
    return await sweeping.forget(ctx.database, now, limit)


DUTIES: tuple[Duty, ...] = (
    Duty("close_proposals", MINUTE, proposals.close_due),
    Duty("hand_over", MINUTE, handovers.make_effective),
    Duty("expire_handovers", 10 * MINUTE, handovers.expire),
    Duty("close_handovers", HOUR, handovers.close),
    Duty("expire_memberships", 10 * MINUTE, memberships.expire),
    Duty("expire_co_hosting", 10 * MINUTE, co_hosting.expire),
    Duty("suspend_for_agreements", 10 * MINUTE, agreements.suspend_for_agreements),
    Duty("rest_alliances", HOUR, alliances.go_dormant),
    Duty("roll_on_series", 10 * MINUTE, series.roll_on, limit=20),
    Duty("write_letters", MINUTE, line.write, limit=200),
    Duty("remind", 10 * MINUTE, answers.remind),
    Duty("write_letters_elsewhere", MINUTE, elsewhere.write, limit=200),
    Duty("remind_elsewhere", 10 * MINUTE, elsewhere.remind),
    Duty("write_digests", 10 * MINUTE, digests.write),
    Duty("forget_changes", HOUR, channels.forget, limit=1_000),
    Duty("forget_letters", HOUR, letters.forget, limit=1_000),
    Duty("forget_what_opened", HOUR, _forget_what_opened, limit=1_000),
    Duty("forget_what_was_done_once", HOUR, once.forget, limit=1_000),
)


@dataclass(frozen=True, slots=True)
class Time:
    """Whoever sees to the duties, with what they are done with."""

    database: Database
    hub: LocalHub
    clock: Clock
    chance: Chance
    duties: Sequence[Duty] = DUTIES

    async def pass_once(self, is_over: Callable[[], bool] = lambda: False) -> bool:
        """Does what is due, once each, and says whether there is more to do at once; between two
        duties it stops where `is_over`. What fails is told in the log the first time, and tried
        again later and later."""
        async with self.database.reading(fresh=True) as db:
            kept = await stored.kept(db)
        is_more = False
        for duty in self._due(kept):
            if is_over():
                break
            is_more |= await self._see_to(duty, kept.get(duty.name)) >= duty.limit
        return is_more

    def _due(self, kept: dict[str, Kept]) -> Iterator[Duty]:
        for duty in self.duties:
            last = kept.get(duty.name)
            if last is None or last.due_at <= self.clock.now():
                yield duty

    async def _see_to(self, duty: Duty, last: Kept | None) -> int:
        now = self.clock.now()
        request_id = f"time_{ulid(now, self.chance.token_bytes(10))}"
        failures = last.failures if last else 0
        try:
            async with self._context(request_id) as ctx:
                done = await duty.do(ctx, now, duty.limit)
        except Exception:
            if not failures:
                log.exception("%s failed (%s), and will be tried again.", duty.name, request_id)
            failures, done, due_at = failures + 1, 0, now + _pause(duty, failures)
        else:
            if failures:
                log.warning("%s works again (%s).", duty.name, request_id)
            wait = 0 if done >= duty.limit else duty.every
            failures, due_at = 0, now + timedelta(seconds=wait)
        async with self.database.writing() as db:
            await stored.keep(db, Kept(duty.name, due_at, now, done, failures, request_id))
        return done

    def _context(self, request_id: str) -> Context:
        return Context(
            viewer=BY_TIME,
            database=self.database,
            hub=self.hub,
            names=Names(self.hub.authority, self.clock, self.chance),
            clock=self.clock,
            request_id=request_id,
        )


def _pause(duty: Duty, failures: int) -> timedelta:
    """As long as usual, then twice as long each time, up to an hour."""
    usual, longer = timedelta(seconds=duty.every), 1 << min(failures, 20)
    return min(max(usual, LONGEST_PAUSE), usual * longer)
