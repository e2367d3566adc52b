"""A visitor with a browser, before a hub with the cast on it."""

from collections.abc import AsyncIterator

import pytest

from domain.hubs import LocalHub
from storage.engine import Database
from tests.cast import Cast, MakeContext
from tests.outside import SeededChance, StandingClock
from tests.web.visiting import Visit, visiting


@pytest.fixture
async def visit(
    cast: Cast,
    context: MakeContext,
    database: Database,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
) -> AsyncIterator[Visit]:
    async with visiting(cast, context, database, hub, clock, chance) as made:
        yield made
