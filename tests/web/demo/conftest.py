"""Port Merrow as it is made on a Monday: once for the run, and copied for who changes it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from auth.clients import Apps
from auth.scopes import FOR_MACHINES
from auth.sealing import HubSecret
from domain.hubs import LocalHub
from domain.ids import Names
from resolvers.hubs import ensure_local_hub
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.federation.conftest import neighbourhood
from tests.outside import MONDAY, SeededChance, StandingClock
from web.app import create_app
from web.demo import making
from web.demo.known import Known
from web.demo.making import Making
from web.demo.moments import contexts
from web.demo.schedule import planned
from web.service import Service
from web.settings import read_settings

__all__ = ["neighbourhood"]  # a fixture

SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
URL = "http://localhost:8055"
MADE = "port_merrow"


@dataclass(frozen=True)
class Merrow:
    """The demo's hub, and the ways of tests to fill it and to ask it."""

    database: Database
    hub: LocalHub
    clock: StandingClock
    chance: SeededChance
    known: Known
    http: httpx.AsyncClient

    @property
    def desk(self) -> Apps:
        names = Names(self.hub.authority, self.clock, self.chance)
        return Apps(self.database, names, self.clock, self.chance, "req_of_operator")

    async def fill(self) -> Making:
        return await filled(self.database, self.hub, self.clock, self.chance)

    async def token(self, slug: str) -> str:
        app = await self.desk.register(slug, "Website", FOR_MACHINES)
        answer = await self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "scope": " ".join(FOR_MACHINES)},
            auth=(app.client.id, app.secret),
        )
        return str(answer.json()["access_token"])

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """What an answer without errors holds."""
        answer = await self.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        said = answer.json()
        assert "errors" not in said, (query, said["errors"])
        found: dict[str, Any] = said["data"]
        return found


async def filled(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Making:
    context = contexts(database, hub, clock, chance, "req_of_demo")
    steps: list[None] = []
    wanted = planned(clock.now())
    made = await making.fill(context, clock.now(), wanted, lambda: steps.append(None))
    assert len(steps) == making.steps(wanted)
    assert made.left_out == []
    return made


async def made_on_monday(url: str) -> None:
    database, clock, chance = Database(url), StandingClock(MONDAY), SeededChance("merrow")
    hub = await ensure_local_hub(database, URL, "Port Merrow", clock, chance)
    await filled(database, hub, clock, chance)
    await database.close()


@pytest.fixture(scope="session")
def made(postgres: EmbeddedPostgres) -> Iterator[str]:
    postgres.create_database(MADE, template="template_of_tests")
    asyncio.run(made_on_monday(postgres.url(MADE)))
    yield MADE
    postgres.drop_database(MADE)


@pytest.fixture
def merrow_url(postgres: EmbeddedPostgres, made: str, new_name: Callable[[], str]) -> Iterator[str]:
    name = new_name()
    postgres.create_database(name, template=made)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
async def merrow(merrow_url: str) -> AsyncIterator[Merrow]:
    database, clock, chance = Database(merrow_url), StandingClock(MONDAY), SeededChance("later")
    settings = read_settings({})
    # What looks into every list at once is dearer than any client may be.
    limits = replace(settings.limits, cost=10**7, run_seconds=60.0, answer_bytes=10**8, depth=30)
    settings = replace(settings, base_url=URL, hub_name="Port Merrow", limits=limits)
    service = await Service.opened(settings, database, SECRET, clock, chance)
    known = (await filled(database, service.hub, clock, chance)).known
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        yield Merrow(database, service.hub, clock, chance, known, http)
    await database.close()
