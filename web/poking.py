"""Telling peers that something moved here: POST to each that may read it, and nothing in it.

It runs in the worker (`web/worker.py`), by one process of a hub at a time. A poke is a hint: one
that is lost costs the peer the time until it looks by itself, and so none is ever repeated.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from domain.errors import Problem
from federation.peering import Abroad
from storage import peers, pokes
from storage.engine import Database, Pool
from storage.moved import Moved

DEADLINE_SECONDS = 3.0
PAUSE_SECONDS = 1.0  # between two pokes of one peer, however much moves
AT_ONCE = 20  # peers that are poked at a time
MOST_BYTES = 4_096
CONNECTIONS = Pool(size=1, overflow=1, answering=1, wait_seconds=10.0)

log = logging.getLogger("convoke.pokes")

Poke = Callable[[str], Awaitable[None]]  # the hub of that id


@dataclass
class Poking:
    database: Database
    moved: Moved
    poke: Poke
    pause_seconds: float = PAUSE_SECONDS
    _waiting: set[str] = field(default_factory=set)  # hubs that are to be poked
    _turns: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, abroad: Abroad) -> AsyncIterator[Self]:
        """With connections of its own, to that database."""
        database = Database(url, CONNECTIONS)
        try:
            yield cls(database, Moved(database), Pokes(database, abroad).send)
        finally:
            await database.close()

    async def run(self, told_to_stop: asyncio.Event) -> None:
        """Until told to stop, or cancelled: whoever was not poked by then looks by itself."""
        listening = asyncio.create_task(self._listen())
        stopping = asyncio.create_task(told_to_stop.wait())
        try:
            await asyncio.wait([listening, stopping], return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                await listening  # which ends only where it fails
        finally:
            ending = [listening, stopping, *self._turns.values()]
            for each in ending:
                each.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _listen(self) -> None:
        async with self.moved.running(), self.moved.listen() as moves:
            async for channels in moves:
                async with self.database.reading(fresh=True) as db:
                    self._begin(await pokes.concerned(db, channels))

    def _begin(self, hub_ids: list[str]) -> None:
        self._waiting.update(hub_ids)
        for hub_id in hub_ids:
            if hub_id not in self._turns:
                self._turns[hub_id] = asyncio.create_task(self._turn(hub_id))

    async def _turn(self, hub_id: str) -> None:
        """A poke, and another one after a pause for all that moved meanwhile."""
        try:
            while hub_id in self._waiting:
                self._waiting.discard(hub_id)
                async with self._places:
                    await self.poke(hub_id)
                await asyncio.sleep(self.pause_seconds)
        except Exception:
            log.exception("A poke of %s broke down.", hub_id)
        finally:
            del self._turns[hub_id]


@dataclass(frozen=True, slots=True)
class Pokes:
    """Sends them. What shows that it is this hub is a client assertion, good for one time."""

    database: Database
    abroad: Abroad

    async def send(self, hub_id: str) -> None:
        async with self.database.reading(fresh=True) as db:
            peer = await peers.by_hub(db, hub_id)
        if peer is None or not peer.is_active or peer.poke_url is None:
            return  # it was, a moment ago
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                assertion = await self.abroad.tokens.assertion(peer)
                await self.abroad.outgoing().post(
                    peer.poke_url,
                    body=b"",
                    content_type="application/octet-stream",
                    accept="*/*",
                    max_bytes=MOST_BYTES,
                    headers={"Authorization": f"Bearer {assertion}"},
                )
        except (Problem, TimeoutError) as why:
            log.debug("%s was not poked, and looks by itself: %s", peer.name, why)
