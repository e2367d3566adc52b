"""A hub as whoever runs it sees it."""

import pytest

from domain.hubs import LocalHub
from storage.engine import Database
from tests.outside import SeededChance, StandingClock
from tests.web.edge.conftest import opened
from web.app import create_app
from web.operating.observed import Observed
from web.service import Service


@pytest.fixture
async def service(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Service:
    return await opened(database, hub, clock, chance)


@pytest.fixture
def app(service: Service) -> Observed:
    return create_app(service)
