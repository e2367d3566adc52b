"""The hub of the account pages, whose Pantry has a sign-in of its own at a provider on this machine."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from auth.provider_directory import Directory
from domain.hubs import LocalHub
from federation.client import OutgoingClient, OutgoingSettings
from storage.engine import Database
from tests.auth.lying_provider import Provider, providing
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock
from tests.web.account.conftest import SECRET, Counter
from tests.web.account.providers.pantry import Pantry, set_up
from web.service import Service
from web.settings import read_settings


@pytest.fixture
def patience() -> OutgoingSettings:
    """As in earnest."""
    return OutgoingSettings(allow_loopback=True)


@pytest.fixture
async def service(
    database: Database,
    cast: Cast,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
    patience: OutgoingSettings,
) -> AsyncIterator[Service]:
    settings = replace(
        read_settings({"CONVOKE_HUB_NAME": "River City", "CONVOKE_ALLOW_LOOPBACK": "yes"}),
        base_url=hub.url,
    )
    opened = await Service.opened(settings, database, SECRET, clock, chance)
    nobody_trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which reads no certificates
    async with OutgoingClient(patience, ssl_context=nobody_trusted) as client:
        directory = Directory(lambda: client, clock, allow_loopback=True)
        yield replace(opened, providers=replace(opened.providers, directory=directory))


@pytest.fixture
async def there(clock: StandingClock) -> AsyncIterator[Provider]:
    async with providing(clock) as provider:
        yield provider


@pytest.fixture
async def pantry(counter: Counter, there: Provider) -> Pantry:
    """Anna has connected her account with it."""
    pantry = await set_up(counter, there)
    await pantry.connect(counter.cast.anna_id)
    return pantry
