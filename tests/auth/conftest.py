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
from tests.auth import letting_in
from tests.auth.letting_in import Doorstep
from tests.auth.people import Office, Town
from tests.conftest import Contents
from tests.outside import SeededChance, StandingClock

SCOPES = ("organizations:read", "events:read", "events:write", "contacts:read")
SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")


@pytest.fixture
def contents(contents: Contents) -> Contents:
    """But for counts of tries, which are kept of what is refused, and keys, which turn with time."""

    async def read() -> dict[str, list[str]]:
        return {**await contents(), "throttles": [], "signing_keys": []}

    return read


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
    transport = httpx.ASGITransport(app=Starlette(routes=routes(service, lambda _: desk)))
    async with httpx.AsyncClient(transport=transport, base_url="http://anything.test") as http:
        yield Office(town, service, desk, app, http)


@pytest.fixture
async def doorstep(office: Office) -> Doorstep:
    made = Doorstep(
        office,
        letting_in.website(office),
        letting_in.phone(office),
        await letting_in.signed_in(office, "Anna", office.town.pantry),
        await letting_in.signed_in(office, "Sam", office.town.shelter),
        office.http,
    )
    for client in (made.website, made.phone):
        await made.known(client)
    return made
