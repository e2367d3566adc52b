"""Hubs of one neighbourhood that really listen, each on a port of its own: they ask one another, and whoever
attacks asks them, over sockets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import httpx
from starlette.types import Receive, Scope, Send

from tests.attacks.target import Wire, served
from tests.federation.neighbourhood import Neighbour, neighbours
from tests.outside import StandingClock


async def _by_no_other_way(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("This hub is asked over its socket.")


@asynccontextmanager
async def listening(
    urls: Mapping[str, str], clock: StandingClock, environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Neighbour, ...]]:
    """As `neighbours`, by the same names."""
    async with neighbours(urls, clock, environment) as those, AsyncExitStack() as opened:
        found = []
        for hub in those:
            port = await opened.enter_async_context(served(hub.service))
            wire = await opened.enter_async_context(Wire(port))
            hub.roads.wires[hub.authority] = wire
            hub.roads.apps[hub.authority] = _by_no_other_way
            http = httpx.AsyncClient(transport=Wire(port), base_url=hub.url, timeout=30)
            await opened.enter_async_context(http)
            found.append(replace(hub, http=http))
        yield tuple(found)
