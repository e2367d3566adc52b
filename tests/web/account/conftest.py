"""A hub with the cast on it; Anna, Sam and Lee have accounts; and browsers to look at its pages with."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import httpx
import pytest

from auth.desk import Desk
from auth.sealing import HubSecret
from domain.hubs import LocalHub
from domain.ids import Names
from storage.engine import Database
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock
from tests.web.account.browsing import Browser, open_account, sign_in
from web.app import create_app
from web.service import Service
from web.settings import read_settings

SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
NewBrowser = Callable[[], Awaitable[Browser]]


@dataclass(frozen=True)
class Counter:
    """The hub as people meet it. `anna` is signed in, `browser` is nobody's yet."""

    cast: Cast
    service: Service
    desk: Desk
    new_browser: NewBrowser
    browser: Browser
    anna: Browser


@pytest.fixture
async def service(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Service:
    settings = replace(read_settings({"CONVOKE_HUB_NAME": "River City"}), base_url=hub.url)
    return await Service.opened(settings, database, SECRET, clock, chance)


@pytest.fixture
async def counter(
    service: Service,
    database: Database,
    cast: Cast,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
) -> AsyncIterator[Counter]:
    desk = Desk(
        database, Names(hub.authority, clock, chance), clock, chance, "req_of_tests", "192.0.2.1"
    )
    for person, address in (
        (cast.anna_id, "anna@pantry.example"),
        (cast.sam_id, "sam@shelter.example"),
        (cast.lee_id, "lee@library.example"),
    ):
        await open_account(database, cast, clock, chance, person, address)
    app = create_app(service)
    async with AsyncExitStack() as opened:

        async def new_browser() -> Browser:
            transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 50_000))
            http = httpx.AsyncClient(transport=transport, base_url=hub.url)
            return Browser(await opened.enter_async_context(http))

        browser, anna = await new_browser(), await new_browser()
        await sign_in(desk, anna, cast.anna_id, "Anna")
        yield Counter(cast, service, desk, new_browser, browser, anna)
