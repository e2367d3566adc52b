"""Hubs in one process, each with its own database, which start, stop, crash and are restored.

A hub that crashes is gone in the middle of whatever it does: its connections to PostgreSQL are cut
first, so that nothing it would do on its way out is done, and then its tasks are dropped.
"""

import asyncio
import contextvars
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

import httpx
from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp

from domain.errors import Problem
from federation.client import OutgoingClient
from storage.engine import Database, Pool
from tests.federation.neighbourhood import secret_of, shared_operations
from tests.outside import MONDAY, SeededChance
from tests.simulation.lines import Line
from tests.simulation.network import Network, answer
from tests.simulation.virtual_time import DOER, Fault, SimulatedLoop, SimulatedTask
from web.app import create_app
from web.service import Service
from web.settings import Settings

T = TypeVar("T")
PATIENT = Pool(
    size=4, overflow=20, answering=4, wait_seconds=60, statement_seconds=60, lock_seconds=60
)
# What a hub does beside answering, from its start on.
Beside = Callable[[Service], Coroutine[Any, Any, None]]


class HubGoneError(Exception):
    """It crashed meanwhile: nobody knows what became of it."""


class SimulatedClock:
    """The loop's, and wrong by as much as the hub's is."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wrong_by: float = 0.0) -> None:
        self._loop = loop
        self._wrong_by = wrong_by

    def now(self) -> datetime:
        return MONDAY + timedelta(seconds=self._loop.time() + self._wrong_by)


@dataclass
class Life:
    """A hub from one start to its end. `doer` names it."""

    doer: str
    service: Service
    app: ASGIApp
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)


@dataclass
class SimulatedHub:
    authority: str
    url: str  # of its database
    settings: Settings
    wrong_by: float = 0.0
    lives: int = 0
    life: Life | None = None

    @property
    def doer(self) -> str:
        return f"{self.authority}#{self.lives}"


class World:
    """`faulty` says whether anything goes wrong at the moment."""

    def __init__(self, loop: SimulatedLoop, seed: int, beside: tuple[Beside, ...]) -> None:
        self.loop = loop
        self.random = Random(seed)  # noqa: S311 - taken again
        self.hubs: dict[str, SimulatedHub] = {}
        self.network = Network(self.random, self._reach, self._answering, self._inspect)
        self.happened: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.secrets_told: list[str] = []
        self.is_over = False
        self.crash_at_question = 0.0
        self.cut_at_question = 0.0
        self.cut_at_commit = 0.0
        self._beside = beside
        self._gone: set[str] = set()
        self._cut: list[Line] = []
        self._ends: dict[str, asyncio.Future[None]] = {}
        self._tasks: dict[str, set[asyncio.Task[Any]]] = {}
        loop.watch = self._watch
        loop.is_gone = self._is_gone
        loop.set_task_factory(self._task)
        loop.set_exception_handler(self._unhandled)

    # ── beginning and ending ─────────────────────────────────────────────────────────────────────

    async def start(self, hub: SimulatedHub) -> None:
        hub.lives += 1
        await self.within(hub.doer, self._start(hub, hub.doer))

    async def _start(self, hub: SimulatedHub, doer: str) -> None:
        clock = SimulatedClock(self.loop, hub.wrong_by)
        outgoing = OutgoingClient(transport=self.network.from_hub(hub.authority))
        service = await Service.opened(
            hub.settings,
            Database(hub.url, PATIENT),
            secret_of(hub.authority),
            clock,
            SeededChance(f"{doer} {self.random.random()}"),
            outgoing=lambda: outgoing,
        )
        hub.life = Life(doer, service, create_app(service, operations=shared_operations))
        for each in self._beside:
            self.loop.create_task(each(service))

    def crash(self, hub: SimulatedHub, *, for_seconds: float | None = None) -> None:
        """Also while it starts. It is started again after a while."""
        doer = hub.doer
        if doer in self._gone:
            return
        self._gone.add(doer)
        hub.life = None
        self.happened["crashes"] += 1
        for line in list(self.loop.lines):
            if line.doer == doer:
                line.cut()
                self._cut.append(line)
        for task in self._tasks.pop(doer, set()):
            task.cancel()
        if doer in self._ends:
            self._ends.pop(doer).set_result(None)
        seconds = self.random.uniform(0.1, 10) if for_seconds is None else for_seconds
        self.loop.call_later(seconds, self._revive, hub)

    def _revive(self, hub: SimulatedHub) -> None:
        if hub.doer in self._gone and not self.is_over:
            self.loop.create_task(self._started_again(hub), context=contextvars.Context())

    async def _started_again(self, hub: SimulatedHub) -> None:
        """What cannot start ends, and is started again, as by whatever looks after services."""
        try:
            await self.start(hub)
        except HubGoneError:
            return
        except Exception:
            self.happened["starts that failed"] += 1
            self.crash(hub)

    async def end(self) -> None:
        """Of the simulation: whoever still waits for what never comes, waits no more."""
        self.loop.watch = None
        self.is_over = True
        for hub in self.hubs.values():
            self.crash(hub)
        for line in self._cut:
            line.tell_that_it_is_cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=60)

    async def within(self, doer: str, doing: Coroutine[Any, Any, T]) -> T:
        """Done by the hub: its connections are the hub's, and it dies with it."""
        context = contextvars.copy_context()
        context.run(DOER.set, doer)
        task = self.loop.create_task(doing, context=context)
        end = self._ends.setdefault(doer, self.loop.create_future())
        awaited: set[asyncio.Future[Any]] = {task, end}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        if doer in self._gone:
            raise HubGoneError(doer)
        return task.result()

    def begin(self, doer: str, doing: Coroutine[Any, Any, None]) -> None:
        """Done by the hub, and nobody waits for it. What fails on a bad day, fails."""

        async def done() -> None:
            try:
                await doing
            except Problem as problem:
                self.happened[f"{problem.code} of nobody's"] += 1
            except DBAPIError:
                self.happened["lines cut of nobody's"] += 1

        context = contextvars.copy_context()
        context.run(DOER.set, doer)
        task = self.loop.create_task(done(), context=context)
        task.add_done_callback(lambda _: doing.close())  # also where it has not begun

    async def ask(self, authority: str, request: httpx.Request) -> httpx.Response:
        """As somebody does who sits beside the hub: nothing is lost on the way there."""
        hub = self.hubs[authority]
        if hub.life is None:
            raise HubGoneError(authority)
        body = await request.aread()
        return await self.within(hub.life.doer, answer(hub.life.app, request, body))

    # ── what the loop and the network ask ────────────────────────────────────────────────────────

    def _task(self, loop: Any, coroutine: Any, **options: Any) -> "asyncio.Task[Any]":
        task = SimulatedTask(coroutine, loop=loop, **options)
        context = options.get("context")
        doer = context.get(DOER) if context is not None else DOER.get()
        if doer is not None:
            if self._is_gone(doer):
                task.cancel()
            else:
                mine = self._tasks.setdefault(doer, set())
                mine.add(task)
                task.add_done_callback(mine.discard)
        return task

    def _is_gone(self, doer: str) -> bool:
        return doer in self._gone

    def _watch(self, doer: str, is_commit: bool) -> Fault | None:
        hub = self.hubs[doer.partition("#")[0]]
        if self._happens(self.crash_at_question):
            # Perhaps what it was about to ask goes out with its last breath.
            self.happened["crashes at a question"] += 1
            fault = Fault.SENT if self._happens(0.5) else Fault.UNSENT
            self.loop.call_soon(self.crash, hub)
            return fault
        if self._happens(self.cut_at_question) or (is_commit and self._happens(self.cut_at_commit)):
            self.happened["lines cut"] += 1
            return Fault.SENT if self._happens(0.5) else Fault.UNSENT
        return None

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self.random.random() < chance

    def _reach(self, authority: str) -> ASGIApp | None:
        hub = self.hubs.get(authority)
        return hub.life.app if hub is not None and hub.life is not None else None

    def _answering(
        self, authority: str, answer: Coroutine[Any, Any, httpx.Response]
    ) -> "asyncio.Task[httpx.Response]":
        context = contextvars.Context()
        context.run(DOER.set, self.hubs[authority].doer)
        return self.loop.create_task(answer, context=context)

    def _inspect(self, source: str, target: str, body: bytes) -> None:
        if b"SECRET" in body:
            self.secrets_told.append(f"{source} to {target}: {body[:500]!r}")

    def _unhandled(self, _loop: object, context: dict[str, Any]) -> None:
        error, task = context.get("exception"), context.get("future") or context.get("task")
        where = traceback.extract_tb(error.__traceback__)[-12:] if error else []
        steps = " > ".join(f"{each.filename.rpartition('/')[2]}:{each.lineno}" for each in where)
        self.wrong.append(f"Nobody saw to this: {error!r} of {task!r} at {steps}")
