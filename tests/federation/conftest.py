"""`async with neighbourhood("a.test", "b.test") as (a, b)`: hubs that can ask one another."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

import pytest

from storage.embedded import EmbeddedPostgres
from tests.federation.neighbourhood import Neighbour, Neighbourhood, databases, neighbours
from tests.outside import StandingClock


@pytest.fixture
def neighbourhood(
    postgres: EmbeddedPostgres, new_name: Callable[[], str], clock: StandingClock
) -> Iterator[Neighbourhood]:
    with databases(postgres, new_name) as urls_of:

        @asynccontextmanager
        async def opened(
            *authorities: str, environment: Mapping[str, str] | None = None
        ) -> AsyncIterator[tuple[Neighbour, ...]]:
            async with neighbours(urls_of(authorities), clock, environment) as found:
                yield found

        yield opened
