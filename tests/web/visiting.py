"""A hub with the cast on it, as somebody without a token finds it: a visitor, or a program."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx

from auth.sealing import HubSecret
from domain.hubs import LocalHub
from storage.engine import Database
from tests.cast import Cast, MakeContext
from tests.outside import SeededChance, StandingClock
from web.app import create_app
from web.service import Service
from web.settings import read_settings

SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")


@dataclass(frozen=True)
class Visit:
    cast: Cast
    context: MakeContext
    clock: StandingClock
    database: Database
    http: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.get(path, headers=named)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@asynccontextmanager
async def visiting(
    cast: Cast,
    context: MakeContext,
    database: Database,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
    **limits: str,
) -> AsyncIterator[Visit]:
    """`limits` as they are set: CONVOKE_LIMIT_…="1"."""
    settings = replace(
        read_settings({"CONVOKE_HUB_NAME": "River City", **limits}), base_url=hub.url
    )
    service = await Service.opened(settings, database, SECRET, clock, chance)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url=hub.url) as http:
        yield Visit(cast, context, clock, database, http)
