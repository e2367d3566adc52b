"""A hub with identity: the real authorization server, over ASGI."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from auth.clients import Apps
from auth.routes import routes
from auth.sealing import HubSecret
from auth.service import TokenService
from domain.hubs import LocalHub
from domain.ids import Names
from storage.engine import Database
from tests.auth.people import Office, Town
from tests.outside import SeededChance, StandingClock

SCOPES = ("organizations:read", "events:read", "events:write", "contacts:read")
SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")


@pytest.fixture
async def town(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Town:
    names = Names(hub.authority, clock, chance)
    empty = Town(database, hub, names, clock.now(), "", "")
    pantry, shelter = await empty.organization("pantry"), await empty.organization("shelter")
    return Town(database, hub, names, clock.now(), pantry, shelter)


@pytest.fixture
async def service(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> TokenService:
    return await TokenService.opened(
        base_url=hub.url,
        hub_name=hub.name,
        database=database,
        secret=SECRET,
        clock=clock,
        chance=chance,
    )


@pytest.fixture
def desk(town: Town, clock: StandingClock, chance: SeededChance) -> Apps:
    return Apps(town.database, town.names, clock, chance, "req_of_the_operator")


@pytest.fixture
async def office(town: Town, service: TokenService, desk: Apps) -> AsyncIterator[Office]:
    app = await desk.register("pantry", "Pantry website", SCOPES)
    transport = httpx.ASGITransport(app=Starlette(routes=routes(service)))
    async with httpx.AsyncClient(transport=transport, base_url="http://anything.test") as http:
        yield Office(town, service, desk, app, http)
