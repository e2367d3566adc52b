"""PostgreSQL stops under a running hub: the answers are clear and quick, and it comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from starlette.types import ASGIApp

from resolvers import hubs
from storage import migrating
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.locks import until_waiting
from tests.outside import SeededChance, StandingClock
from tests.web.edge.asking import Told, asking, call
from tests.web.edge.conftest import opened
from web.app import create_app
from web.service import Service

EVENTS = "{ events(first: 5) { nodes { id } } }"
FORM = ("content-type", "application/x-www-form-urlencoded")
BASIC = ("authorization", "Basic YXBwOnNlY3JldA==")


@dataclass
class Server:
    """A PostgreSQL that is stopped and started again at the same address."""

    directory: Path
    running: EmbeddedPostgres | None = None

    @property
    def address(self) -> Path:
        return self.directory / "address"

    def start(self) -> None:
        self.running = EmbeddedPostgres.start(self.directory / "data", durable=False)
        self.address.unlink(missing_ok=True)
        self.address.symlink_to(self.running.socket_directory)

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()
        self.running = None

    def url(self) -> str:
        host = quote(str(self.address), safe="")
        return f"postgresql+asyncpg://convoke@/convoke?host={host}"


@dataclass
class Shaken:
    server: Server
    service: Service
    app: ASGIApp

    @property
    def token(self) -> str:
        """Good, as far as it says itself."""
        return self.service.tokens.mint.token(
            client_id="app_1", organization_id="org_1", grant_id="grant_1", scopes=["events:read"]
        )


@pytest.fixture
async def shaken(
    tmp_path: Path, clock: StandingClock, chance: SeededChance
) -> AsyncIterator[Shaken]:
    server = Server(tmp_path)
    server.start()
    try:
        assert server.running is not None
        server.running.create_database()
        database = Database(server.url())
        await migrating.upgrade(database)
        hub = await hubs.ensure_local_hub(database, "http://hub.test", "Hub", clock, chance)
        service = await opened(database, hub, clock, chance)
        yield Shaken(server, service, create_app(service))
        await database.close()
    finally:
        server.stop()


async def in_time(answer: Callable[[], object]) -> Told:
    begun = time.monotonic()
    told = await answer()  # type: ignore[misc]
    assert time.monotonic() - begun < 2
    assert isinstance(told, Told)
    return told


async def test_while_the_database_is_away_and_after(
    shaken: Shaken, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    app = shaken.app
    assert (await call(app, **asking(EVENTS))).status == 200
    shaken.server.stop()
    for _ in range(3):  # connections that were kept, and none
        told = await in_time(lambda: call(app, **asking(EVENTS)))
        assert (told.status, told.codes) == (503, ["OVERLOADED"])
        assert told.headers["retry-after"] == "2"
        assert "The database of this hub does not answer just now." in told.body.decode()
        assert "data" not in told.json
    told = await in_time(lambda: call(app, **asking("{ __typename }", token=shaken.token)))
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    clock.forward(minutes=2)  # the keys are looked at again, and are not there
    told = await in_time(lambda: call(app, **asking("{ __typename }", token=shaken.token)))
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    told = await in_time(
        lambda: call(app, [b"grant_type=client_credentials"], [FORM, BASIC], path="/oauth/token")
    )
    assert (told.status, told.json["error"]) == (503, "temporarily_unavailable")
    assert told.headers["retry-after"] == "2"
    assert caplog.records == []
    shaken.server.start()
    told = await in_time(lambda: call(app, **asking(EVENTS)))
    assert told.json == {"data": {"events": {"nodes": []}}}
    told = await in_time(
        lambda: call(app, [b"grant_type=client_credentials"], [FORM, BASIC], path="/oauth/token")
    )
    assert told.status == 401


async def test_what_needs_no_database_is_answered_without_one(shaken: Shaken) -> None:
    shaken.server.stop()
    told = await in_time(lambda: call(shaken.app, **asking("{ __typename }")))
    assert told.json == {"data": {"__typename": "Query"}}
    told = await in_time(lambda: call(shaken.app, **asking(EVENTS, token="none")))
    assert told.status == 401
    for path in ("/schema.graphql", "/oauth/jwks", "/.well-known/oauth-protected-resource"):
        assert (await call(shaken.app, method="GET", path=path)).status == 200


async def test_what_runs_when_the_database_stops_is_told_so(
    shaken: Shaken, caplog: pytest.LogCaptureFixture
) -> None:
    database = shaken.service.database
    async with database.engine.connect() as holder:
        await holder.execute(text("lock table events in access exclusive mode"))
        running = asyncio.create_task(call(shaken.app, **asking(EVENTS)))
        await until_waiting(holder, 1)
        await asyncio.to_thread(shaken.server.stop)
        told = await running
        await holder.invalidate()
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    assert caplog.records == []
