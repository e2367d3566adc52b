"""The hub listens, Chromium looks, and what it sees is kept where --screenshots says."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.cast import Cast, MakeContext
from tests.npm import fetched
from tests.pictures.chromium import PROGRAM, WHY_NOT, Chromium, started
from tests.pictures.looking import Studio
from tests.web.account.conftest import Counter, counter, service
from web.app import create_app
from web.serving import configured

__all__ = ["counter", "service"]

HERE = Path(__file__).parent


# Of one module: a Chromium that nobody looks through any more keeps half a gigabyte.
@pytest.fixture(scope="module")
def listening() -> Iterator[socket.socket]:
    """One port for all, because Chromium is told once where the hub is."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture(scope="module")
def chromium(listening: socket.socket) -> Iterator[Chromium]:
    if not PROGRAM.exists():
        pytest.skip(WHY_NOT)
    with started({"hub.test:80": listening.getsockname()[1]}) as running:
        yield running


@pytest.fixture(scope="session")
def axe() -> str:
    packages = fetched(HERE, "pictures") / "node_modules"
    return (packages / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
async def studio(
    chromium: Chromium,
    axe: str,
    listening: socket.socket,
    counter: Counter,
    cast: Cast,
    context: MakeContext,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Studio]:
    kept = request.config.getoption("--screenshots")
    config = configured(create_app(counter.service), counter.service.settings.limits)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening.dup()]))
    try:
        yield Studio(chromium, axe, counter, context, None if kept is None else Path(kept))
    finally:
        server.should_exit = True
        await running
