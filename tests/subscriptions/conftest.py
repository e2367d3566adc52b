"""Two processes of one hub that really listen, and whoever follows something there."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest

from auth.clients import Apps
from domain.hubs import LocalHub
from domain.ids import Names
from schema.limits import Limits
from storage.engine import Database
from tests.attacks.target import ISSUER, Wire, served
from tests.auth.people import basic_of
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock
from tests.subscriptions.followers import SCOPES, Hubs
from tests.web.account.conftest import SECRET
from web.service import Service
from web.settings import read_settings


@pytest.fixture
def limits() -> Limits:
    """The usual ones. A module that waits for a deadline has shorter ones."""
    return Limits()


@pytest.fixture
async def hubs(
    database: Database,
    database_url: str,
    cast: Cast,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
    limits: Limits,
) -> AsyncIterator[Hubs]:
    settings = replace(read_settings({}), base_url=hub.url, limits=limits)
    async with AsyncExitStack() as opened:
        services, ports = [], []
        for each in (Database(database_url), Database(database_url)):
            opened.push_async_callback(each.close)
            services.append(await Service.opened(settings, each, SECRET, clock, chance))
            ports.append(await opened.enter_async_context(served(services[-1])))
        desk = Apps(database, Names(hub.authority, clock, chance), clock, chance, "req_of_tests")
        apps = {}
        for slug in ("river-city-pantry", "harbor-shelter", "northside-library"):
            apps[slug] = await desk.register(slug, f"Website of {slug}", SCOPES)
        http = httpx.AsyncClient(transport=Wire(ports[0]), base_url=ISSUER, timeout=30)
        await opened.enter_async_context(http)

        async def token(slug: str, scope: str = "") -> str:
            app = apps[slug]
            answer = await http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials", "scope": scope or " ".join(SCOPES)},
                headers={"authorization": basic_of(app.client.id, app.secret)},
            )
            assert answer.status_code == 200, answer.text
            given: str = answer.json()["access_token"]
            return given

        yield Hubs(services, ports, cast, token, http, desk, apps)
