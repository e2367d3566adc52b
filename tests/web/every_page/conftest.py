"""A hub that the Pantry runs, with one of everything, and the demo's page of letters."""

from dataclasses import replace

import pytest

from domain.hubs import LocalHub
from storage.engine import Database
from tests.cast import Cast, MakeContext
from tests.outside import SeededChance, StandingClock
from tests.web.account.conftest import SECRET, Counter, counter
from tests.web.every_page.furnished import Ids, furnish
from web.service import Service
from web.settings import read_settings

__all__ = ["counter"]


@pytest.fixture
async def service(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Service:
    settings = replace(
        read_settings({"CONVOKE_HUB_NAME": "River City"}),
        base_url=hub.url,
        operated_by="river-city-pantry",
        outbox_page=True,
    )
    return await Service.opened(settings, database, SECRET, clock, chance)


@pytest.fixture
async def ids(counter: Counter, context: MakeContext, database: Database) -> Ids:
    return await furnish(counter, context, database)
