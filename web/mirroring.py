"""Keeping mirrors up to date: a turn with each peer that is due, and what peers poke us for.

It runs in the worker (`web/worker.py`), by one process of a hub at a time, with connections of its
own. Each peer has a task of its own: one that is slow or dead keeps nobody else waiting. A poke
(`web/poked.py`) comes to whichever process answers it; the row that it changes is looked at here.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from domain.actors import BY_TIME
from domain.hubs import LocalHub
from domain.ids import Names, ulid
from domain.outside import Chance, Clock
from federation.mirroring.pulling import Pulling
from federation.peering import Abroad
from resolvers.context import Context
from storage import mirrors_channels, notices
from storage.engine import Database, Pool

LOOK_SECONDS = 1.0  # between two looks at which peers are due
STOP_SECONDS = 2.0  # for the pages that are being read, before they are undone
AT_ONCE = 20  # peers that are read at a time
REST = timedelta(seconds=30)  # of a peer whose turn broke down for a reason of ours
# None beyond those that are kept: peers are due in bursts, and to open a connection costs PostgreSQL
# more than to read what an idle peer has to tell.
CONNECTIONS = Pool(
    size=6, overflow=0, answering=1, wait_seconds=30.0, statement_seconds=60.0, lock_seconds=10.0
)

log = logging.getLogger("convoke.mirrors")

Turn = Callable[[str], Coroutine[Any, Any, None]]


@dataclass
class Mirroring:
    database: Database
    clock: Clock
    turn: Turn  # with that peer
    look_seconds: float = LOOK_SECONDS
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _turns: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _resting: dict[str, datetime] = field(default_factory=dict)  # peers whose turns broke down

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, url: str, hub: LocalHub, clock: Clock, chance: Chance, abroad: Abroad
    ) -> AsyncIterator[Self]:
        """With connections of its own, to that database."""
        database = Database(url, CONNECTIONS)

        def context() -> Context:
            return Context(
                viewer=BY_TIME,
                database=database,
                hub=hub,
                names=Names(hub.authority, clock, chance),
                clock=clock,
                request_id=f"mirror_{ulid(clock.now(), chance.token_bytes(10))}",
            )

        pulling = Pulling(database, hub, clock, chance, abroad.outgoing, abroad.tokens, context)
        try:
            yield cls(database, clock, pulling.turn)
        finally:
            await database.close()

    async def run(self, told_to_stop: asyncio.Event) -> None:
        """Until told to stop, or cancelled. What is read at that moment may end, for a moment. Behind
        what other processes write, such as a poke, it is looked at once."""
        hearing = asyncio.create_task(notices.hear(self.database.engine, self._woken.set))
        try:
            while not told_to_stop.is_set():
                self._woken.clear()  # from here on: what comes while it is looked is looked at next
                await self._begin_what_is_due()
                await self._pause(told_to_stop)
            if self._turns:
                await asyncio.wait(self._turns.values(), timeout=STOP_SECONDS)
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])
            await self._end_turns()

    async def _begin_what_is_due(self) -> None:
        async with self.database.reading(fresh=True) as db:
            due = await mirrors_channels.due(db, self.clock.now())
        for hub_id in due:
            if hub_id not in self._turns and len(self._turns) < AT_ONCE and not self._rests(hub_id):
                turn = self._turns[hub_id] = asyncio.create_task(self.turn(hub_id))
                turn.add_done_callback(partial(self._ended, hub_id))

    def _rests(self, hub_id: str) -> bool:
        until = self._resting.get(hub_id)
        return until is not None and self.clock.now() < until

    def _ended(self, hub_id: str, turn: "asyncio.Future[None]") -> None:
        del self._turns[hub_id]
        self._woken.set()  # it may have been poked meanwhile
        if turn.cancelled():
            return
        error = turn.exception()
        if error is None:
            self._resting.pop(hub_id, None)
            return
        if hub_id not in self._resting:  # told once, and tried again
            log.error("A turn with %s broke down.", hub_id, exc_info=error)
        self._resting[hub_id] = self.clock.now() + REST

    async def _pause(self, told_to_stop: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(each.wait()) for each in (told_to_stop, self._woken)]
        await asyncio.wait(waiting, timeout=self.look_seconds, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()

    async def _end_turns(self) -> None:
        turns = list(self._turns.values())
        for turn in turns:
            turn.cancel()  # PostgreSQL undoes the page that was not yet kept
        if turns:
            await asyncio.wait(turns)
