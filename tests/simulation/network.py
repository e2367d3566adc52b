"""The network between simulated hubs: it loses, delays and doubles what is sent, and is cut in parts.

A request that is lost is not refused: who asked waits until their own deadline, as on the real one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from starlette.types import ASGIApp

FOR_EVER = 10_000_000.0  # seconds: longer than anybody waits
Inspect = Callable[[str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is: chances, and the longest delay of one way in seconds."""

    lost: float = 0.0
    answer_lost: float = 0.0
    doubled: float = 0.0
    delay: float = 0.05


@dataclass
class Network:
    """`reach` gives the application of a hub, or None where nothing answers there; `spawn` runs what
    is asked as a task of the hub that is asked, which dies with it."""

    random: Random
    reach: Callable[[str], ASGIApp | None]
    spawn: Callable[[str, Coroutine[Any, Any, httpx.Response]], asyncio.Task[httpx.Response]]
    inspect: Inspect
    weather: Weather = field(default_factory=Weather)
    cut: set[frozenset[str]] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    def from_hub(self, name: str) -> httpx.AsyncBaseTransport:
        return _WayOut(self, name)

    async def carry(self, source: str, request: httpx.Request) -> httpx.Response:
        target = request.url.netloc.decode()
        body = await request.aread()
        self.inspect(source, target, body)
        self.seen["asked"] += 1
        if self._is_cut(source, target) or self._happens(self.weather.lost):
            await self._never("lost")
        await self._delay()
        app = self.reach(target)
        if app is None:
            raise httpx.ConnectError(f"Nobody answers at {target}.", request=request)
        if self._happens(self.weather.doubled):
            self.seen["doubled"] += 1
            self.spawn(target, self._later(app, request, body))
        answering = self.spawn(target, answer(app, request, body))
        try:
            response = await asyncio.shield(answering)
        except asyncio.CancelledError:
            if not answering.cancelled():
                raise  # whoever asked waits no more; what was asked goes on
            raise httpx.ReadError("The connection was reset.", request=request) from None
        if self._is_cut(source, target) or self._happens(self.weather.answer_lost):
            await self._never("answers lost")
        await self._delay()
        self.inspect(target, source, response.content)
        return response

    def _is_cut(self, one: str, other: str) -> bool:
        return frozenset({one, other}) in self.cut

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self.random.random() < chance

    async def _never(self, what: str) -> None:
        self.seen[what] += 1
        await asyncio.sleep(FOR_EVER)

    async def _delay(self) -> None:
        await asyncio.sleep(self.random.random() * self.weather.delay)

    async def _later(self, app: ASGIApp, request: httpx.Request, body: bytes) -> httpx.Response:
        await asyncio.sleep(self.random.random() * 10)
        return await answer(app, request, body)


class _WayOut(httpx.AsyncBaseTransport):
    def __init__(self, network: Network, source: str) -> None:
        self._network = network
        self._source = source

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._network.carry(self._source, request)


async def answer(app: ASGIApp, request: httpx.Request, body: bytes) -> httpx.Response:
    """Each time a request of its own: what was read of one is not read of another."""
    again = httpx.Request(request.method, request.url, headers=request.headers, content=body)
    response = await httpx.ASGITransport(app, client=("192.0.2.1", 1)).handle_async_request(again)
    await response.aread()
    return httpx.Response(
        response.status_code, headers=response.headers, content=response.content, request=request
    )
