"""The worker: sees to it that what time brings is done, by one process of a hub at a time.

It runs beside the answering of requests (`./convoke serve`), or alone (`./convoke worker`). However
many there are, one holds the lease and works; the others stand by, and within seconds one of them
goes on when it ends, however it ends. What there is to do is in `resolvers/what_time_brings.py`,
and letters are sent by `web/mailing.py`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from domain.hubs import LocalHub
from domain.outside import Chance, Clock
from federation.asking_of_answers import Asking
from federation.delivering import Delivering
from federation.forwarding import Forwarding
from federation.peering import Abroad, Rounds
from resolvers.what_time_brings import DUTIES, Duty, Time
from storage.engine import WITHOUT_WAITING, Database
from storage.leases import Lease, leased
from web.mailing import Mailer
from web.mirroring import Mirroring
from web.poking import Poking
from web.settings import Settings

LEASE = "what time brings"
LOOK_SECONDS = 2.0  # between two looks at what is due, at the lease, or for it
LOST_SECONDS = 10.0  # a database that does not say a word for so long is gone
STOP_SECONDS = 3.0  # for what is being done to end, before it is undone

log = logging.getLogger("convoke.worker")


# Does what is due, and says whether there is more to do at once; the argument says when to stop.
Pass = Callable[[Callable[[], bool]], Awaitable[bool]]


@dataclass
class Worker:
    time: Time
    mailer: Mailer | None = None
    neighbours: Time | None = None  # what other hubs are asked for again and again
    deliveries: Time | None = None  # what waits for other hubs
    mirroring: Mirroring | None = None
    poking: Poking | None = None
    look_seconds: float = LOOK_SECONDS
    _is_in_trouble: bool = False

    async def run(self, told_to_stop: asyncio.Event) -> None:
        """Until told to stop. Where the database is away, it waits for it to be back, and says so
        once."""
        while not told_to_stop.is_set():
            try:
                async with leased(self.time.database, LEASE) as lease:
                    if await self._is_our_turn(lease, told_to_stop):
                        await self._while_it_lasts(lease, told_to_stop)
            except Exception:
                if not self._is_in_trouble:
                    log.exception("What time brings is not seen to; this is tried again.")
                self._is_in_trouble = True
                await self._pause(told_to_stop)

    async def _is_our_turn(self, lease: Lease, told_to_stop: asyncio.Event) -> bool:
        while not told_to_stop.is_set():
            async with asyncio.timeout(LOST_SECONDS):
                if await lease.take():
                    return True
            await self._pause(told_to_stop)
        return False

    async def _while_it_lasts(self, lease: Lease, told_to_stop: asyncio.Event) -> None:
        """Works, and stops where the lease is lost: by then another may have begun."""
        working = asyncio.create_task(self._work_at_all(told_to_stop))
        watching = asyncio.create_task(self._watch(lease))
        try:
            await asyncio.wait([working, watching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            working.cancel()
            ended = await asyncio.gather(working, watching, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _work_at_all(self, told_to_stop: asyncio.Event) -> None:
        """A mail server that takes its time keeps nobody from the rest."""
        async with asyncio.TaskGroup() as together:
            together.create_task(self._work(self.time.pass_once, told_to_stop))
            if self.mailer is not None:
                together.create_task(self._work(self.mailer.pass_once, told_to_stop))
            if self.neighbours is not None:
                together.create_task(self._work(self.neighbours.pass_once, told_to_stop))
            if self.deliveries is not None:
                together.create_task(self._work(self.deliveries.pass_once, told_to_stop))
            if self.mirroring is not None:
                together.create_task(self.mirroring.run(told_to_stop))
            if self.poking is not None:
                together.create_task(self.poking.run(told_to_stop))

    async def _work(self, pass_once: Pass, told_to_stop: asyncio.Event) -> None:
        while not told_to_stop.is_set():
            is_more = await pass_once(told_to_stop.is_set)
            self._is_in_trouble = False
            if not is_more:
                await self._pause(told_to_stop)

    async def _watch(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self.look_seconds)
            async with asyncio.timeout(LOST_SECONDS):
                await lease.confirm()

    async def _pause(self, told_to_stop: asyncio.Event) -> None:
        await asyncio.wait(
            [waiting := asyncio.ensure_future(told_to_stop.wait())], timeout=self.look_seconds
        )
        waiting.cancel()


@asynccontextmanager
async def worker_of(
    url: str,
    hub: LocalHub,
    clock: Clock,
    chance: Chance,
    duties: Sequence[Duty] = DUTIES,
    *,
    settings: Settings | None = None,
    abroad: Abroad | None = None,
    forwarding: Forwarding | None = None,
) -> AsyncIterator[Worker]:
    """With connections of its own: whoever asks does not wait for what nobody waits for. Letters
    are sent as `settings` say, and not at all without; other hubs are asked by way of `abroad`."""
    database = Database(url, WITHOUT_WAITING)
    mailer = Mailer.of_settings(settings, database, hub, clock) if settings else None
    async with AsyncExitStack() as opened:
        opened.push_async_callback(database.close)
        neighbours = Time(database, hub, clock, chance, Rounds(abroad).duties) if abroad else None
        worker = Worker(Time(database, hub, clock, chance, duties), mailer, neighbours)
        if forwarding is not None:
            told = (*Delivering(forwarding, chance).duties, *Asking(forwarding).duties)
            worker.deliveries = Time(database, hub, clock, chance, told)
        if abroad is not None:
            mirroring = Mirroring.opened(url, hub, clock, chance, abroad)
            worker.mirroring = await opened.enter_async_context(mirroring)
            worker.poking = await opened.enter_async_context(Poking.opened(url, abroad))
        yield worker


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[None]:
    """Beside something else, and until that ends; what it is doing then may end, for a moment."""
    told_to_stop = asyncio.Event()
    running = asyncio.create_task(worker.run(told_to_stop))
    running.add_done_callback(_tell)
    try:
        yield
    finally:
        told_to_stop.set()
        await asyncio.wait([running], timeout=STOP_SECONDS)
        if not running.done():
            running.cancel()  # PostgreSQL undoes what was not committed
            await asyncio.wait([running])


def _tell(running: asyncio.Task[None]) -> None:
    """Requests are answered all the same; somebody should know."""
    if not running.cancelled() and running.exception() is not None:
        log.error("The worker broke down.", exc_info=running.exception())
