"""`async with neighbourhood("a.test", "b.test") as (a, b)`: hubs that can ask one another."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

import pytest

from storage.embedded import EmbeddedPostgres
from tests.conftest import TEMPLATE
from tests.federation.neighbourhood import Neighbour, Neighbourhood, neighbours
from tests.outside import StandingClock


@pytest.fixture
def neighbourhood(
    postgres: EmbeddedPostgres, new_name: Callable[[], str], clock: StandingClock
) -> Iterator[Neighbourhood]:
    made: list[str] = []

    @asynccontextmanager
    async def opened(
        *authorities: str, environment: Mapping[str, str] | None = None
    ) -> AsyncIterator[tuple[Neighbour, ...]]:
        urls = {}
        for authority in authorities:
            name = new_name()
            postgres.create_database(name, template=TEMPLATE)
            made.append(name)
            urls[authority] = postgres.url(name)
        async with neighbours(urls, clock, environment) as found:
            yield found

    yield opened
    for name in made:
        postgres.drop_database(name)
