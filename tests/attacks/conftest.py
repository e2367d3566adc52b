"""A hub with the cast on it that really listens, and whoever attacks it."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from auth.clients import Apps
from auth.desk import Desk
from domain.hubs import LocalHub
from domain.ids import Names
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.attacks.hubs import listening
from tests.attacks.target import ISSUER, MACHINES, Target, Wire, served
from tests.auth.people import Office, Town
from tests.cast import Cast
from tests.conftest import Contents
from tests.federation.neighbourhood import Neighbour, Neighbourhood, databases
from tests.outside import SeededChance, StandingClock
from tests.web.account.browsing import Browser, open_account, sign_in
from tests.web.account.conftest import SECRET, Counter
from web.service import Service
from web.settings import read_settings


@pytest.fixture
def environment() -> dict[str, str]:
    """Nothing that makes it weaker than in earnest."""
    return {"CONVOKE_HUB_NAME": "River City"}


@pytest.fixture
def contents(contents: Contents) -> Contents:
    """But for counts of tries, which are kept of what is refused, and keys, which turn with time."""

    async def read() -> dict[str, list[str]]:
        return {**await contents(), "throttles": [], "signing_keys": []}

    return read


@pytest.fixture
def neighbourhood(
    postgres: EmbeddedPostgres, new_name: Callable[[], str], clock: StandingClock
) -> Iterator[Neighbourhood]:
    """`async with neighbourhood("a.test", "b.test") as (a, b)`: hubs that listen."""
    with databases(postgres, new_name) as urls_of:

        @asynccontextmanager
        async def opened(
            *authorities: str, environment: Mapping[str, str] | None = None
        ) -> AsyncIterator[tuple[Neighbour, ...]]:
            async with listening(urls_of(authorities), clock, environment) as found:
                yield found

        yield opened


@pytest.fixture
async def target(
    database: Database,
    database_url: str,
    contents: Contents,
    environment: dict[str, str],
    cast: Cast,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
) -> AsyncIterator[Target]:
    settings = replace(read_settings(environment), base_url=hub.url)
    names = Names(hub.authority, clock, chance)
    desk = Desk(database, names, clock, chance, "req_of_tests", "192.0.2.1")
    for person, address in (
        (cast.anna_id, "anna@pantry.example"),
        (cast.sam_id, "sam@shelter.example"),
    ):
        await open_account(database, cast, clock, chance, person, address)
    async with AsyncExitStack() as opened:
        services = []
        for each in (Database(database_url), Database(database_url)):
            opened.push_async_callback(each.close)
            services.append(await Service.opened(settings, each, SECRET, clock, chance))
        ports = [await opened.enter_async_context(served(service)) for service in services]

        async def reaching(port: int) -> httpx.AsyncClient:
            http = httpx.AsyncClient(transport=Wire(port), base_url=ISSUER, timeout=30)
            return await opened.enter_async_context(http)

        async def new_browser() -> Browser:
            return Browser(await reaching(ports[0]))

        anna = await new_browser()
        await sign_in(desk, anna, cast.anna_id, "Anna")
        counter = Counter(cast, services[0], desk, new_browser, await new_browser(), anna)
        town = Town(database, hub, names, clock.now(), cast.pantry, cast.shelter)
        operator = Apps(database, names, clock, chance, "req_of_the_operator")
        machine = await operator.register("river-city-pantry", "Pantry website", MACHINES)
        http, other = await reaching(ports[0]), await reaching(ports[1])
        office = Office(town, services[0].tokens, operator, machine, http)
        yield Target(counter, office, http, other, ports[0], opened, contents)
