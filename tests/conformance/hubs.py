"""A hub that really listens on this machine, with something to tell, and perhaps a fault put before it.

The hub and the tester share a clock that goes as time does, and can be set forward between two runs,
so that what a hub counts of failed tries is forgotten.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from domain.ids import Names
from federation.client import OutgoingClient, OutgoingSettings
from resolvers import organizations
from resolvers.context import Context
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from storage.engine import Database, Pool
from tests.federation.neighbourhood import secret_of, shared_operations
from tests.outside import SeededChance
from web.app import create_app
from web.conformance.identity import kept_identity
from web.conformance.meeting import Meeting, answering
from web.conformance.musts import MUSTS, Must
from web.conformance.probing import Probe
from web.conformance.running import Finding, Verdict, run
from web.conformance.small_hub import SmallHub
from web.mirroring import Mirroring
from web.service import Service
from web.serving import Announced, configured
from web.settings import read_settings

Fault = Callable[[ASGIApp], ASGIApp]
AGREED_WITHIN_SECONDS = 10.0


@dataclass
class GoingClock:
    """As time goes, and further by what it was set forward."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def pause(self, seconds: float) -> None:
        """Instead of waiting."""
        self.ahead += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Tested:
    """`fault` stands before the hub's application, and may be exchanged."""

    service: Service
    app: ASGIApp
    clock: GoingClock
    fault: Fault | None = None

    @property
    def url(self) -> str:
        return self.service.hub.url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app if self.fault is None else self.fault(self.app)
        await app(scope, receive, send)

    async def checked(
        self, meeting: Meeting | None = None, musts: Sequence[Must] = MUSTS
    ) -> dict[str, Finding]:
        """By every check, in the order of the page."""
        settings = OutgoingSettings(allow_loopback=True, total_seconds=30.0)
        async with OutgoingClient(settings) as out:
            chance = SeededChance(f"tester at {self.clock.now()}")
            probe = Probe(self.url, out, self.clock, chance, self.clock.pause, meeting)
            return {finding.id: finding for finding in await run(probe, None, musts)}


def failed(found: dict[str, Finding]) -> dict[str, str]:
    return {
        name: f"{one.came} ({one.do})"
        for name, one in found.items()
        if one.verdict is Verdict.FAILED
    }


@asynccontextmanager
async def listening(database_url: str) -> AsyncIterator[Tested]:
    """With three organizations in its public channel."""
    clock = GoingClock()
    async with AsyncExitStack() as opened:
        taken = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        database = Database(database_url, Pool(size=5, overflow=20))
        opened.push_async_callback(database.close)
        settings = replace(
            read_settings({"CONVOKE_ALLOW_LOOPBACK": "yes", "CONVOKE_PEERS_ACCEPT": "public"}),
            base_url=f"http://127.0.0.1:{taken.getsockname()[1]}",
        )
        chance = SeededChance("the hub that is tested")
        service = await Service.opened(settings, database, secret_of("tested"), clock, chance)
        await found(service, "pantry", "shelter", "library")
        opened.push_async_callback(service.outgoing().__aexit__, None, None, None)
        tested = Tested(service, create_app(service, operations=shared_operations), clock)
        await opened.enter_async_context(_served(tested, taken))
        await opened.enter_async_context(_at_work(service, database_url, clock))
        yield tested


async def found(service: Service, *slugs: str) -> None:
    """Organizations that everybody finds."""
    for slug in slugs:
        names = Names(service.hub.authority, service.clock, service.chance)
        async with Context(
            viewer=operator_for(),
            database=service.database,
            hub=service.hub,
            names=names,
            clock=service.clock,
            request_id=f"req_{slug}",
        ) as ctx:
            new = NewOrganization(
                slug=slug, name=slug.capitalize(), languages=("en",), time_zone="UTC"
            )
            await organizations.create(ctx, new)


@asynccontextmanager
async def met(tested: Tested, directory: Path) -> AsyncIterator[Meeting]:
    """The tester as a hub that the other can reach."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    identity = kept_identity(
        directory / "tester.json", url, tested.clock, SeededChance("the tester")
    )
    told: list[str] = []
    small = SmallHub(identity)
    async with answering(small, "127.0.0.1", port):
        yield Meeting(small, AGREED_WITHIN_SECONDS, told.append, identity.agreed.add)


@asynccontextmanager
async def _served(tested: Tested, taken: socket.socket) -> AsyncIterator[None]:
    ready = asyncio.Event()
    server = Announced(configured(tested, tested.service.settings.limits), ready.set)
    running = asyncio.create_task(server.serve(sockets=[taken]))
    try:
        async with asyncio.timeout(10):
            await ready.wait()
        yield
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def _at_work(service: Service, url: str, clock: GoingClock) -> AsyncIterator[None]:
    """What its worker does: it reads its peers' feeds."""
    stop = asyncio.Event()
    opened = Mirroring.opened(url, service.hub, clock, service.chance, service.abroad)
    async with opened as mirroring:
        mirroring.look_seconds = 0.05
        running = asyncio.create_task(mirroring.run(stop))
        try:
            yield
        finally:
            stop.set()
            await running


def again(meeting: Meeting, read_within_seconds: float = AGREED_WITHIN_SECONDS) -> Meeting:
    """The same tester, another day."""
    return Meeting(
        meeting.small,
        meeting.wait_seconds,
        meeting.tell,
        meeting.agreed,
        read_within_seconds=read_within_seconds,
    )
