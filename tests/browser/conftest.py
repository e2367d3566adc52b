"""Chromium, and two hubs that it finds: of one module, because the journeys in it share them."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from storage.embedded import EmbeddedPostgres
from tests.browser.hands import WAYS, Way
from tests.browser.two_hubs import HOSTS, TwoHubs, doors_open, with_accounts
from tests.federation.neighbourhood import Neighbour, databases, neighbours
from tests.federation.side_by_side import side_by_side
from tests.outside import StandingClock
from tests.pictures.chromium import PROGRAM, WHY_NOT, Chromium, started


@pytest.fixture(params=WAYS, ids=[each.name for each in WAYS])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture(scope="module")
def doors() -> Iterator[dict[str, socket.socket]]:
    """A port for each hub, because Chromium is told once where they are."""
    with ExitStack() as opened:
        yield {each: opened.enter_context(socket.create_server(("127.0.0.1", 0))) for each in HOSTS}


@pytest.fixture(scope="module")
def chromium(doors: dict[str, socket.socket]) -> Iterator[Chromium]:
    if not PROGRAM.exists():
        pytest.skip(WHY_NOT)
    with started({f"{name}:443": each.getsockname()[1] for name, each in doors.items()}) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hubs(
    chromium: Chromium,
    doors: dict[str, socket.socket],
    postgres: EmbeddedPostgres,
    new_name: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[TwoHubs]:
    directory: Path = tmp_path_factory.mktemp("hubs")
    with databases(postgres, new_name) as urls_of:

        @asynccontextmanager
        async def neighbourhood(*authorities: str) -> AsyncIterator[tuple[Neighbour, ...]]:
            async with neighbours(urls_of(authorities), StandingClock()) as found:
                yield found

        async with AsyncExitStack() as opened:
            both = await opened.enter_async_context(side_by_side(neighbourhood))
            await with_accounts(both)
            hubs = {each.authority: each for each in (both.a, both.b)}
            await opened.enter_async_context(doors_open(hubs, doors, directory))
            await both.follow()
            await both.follow_back()
            yield TwoHubs(chromium, both)
