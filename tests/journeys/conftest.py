"""A whole hub, with the cast on it, asked over HTTP as its users ask it."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from auth.clients import Apps
from auth.sealing import HubSecret
from domain.hubs import LocalHub
from domain.ids import Names
from storage.engine import Database
from tests import cast
from tests.cast import Cast, MakeContext
from tests.outside import SeededChance, StandingClock
from web.app import create_app
from web.service import Service
from web.settings import read_settings

SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
READING = ("organizations:read", "groups:read", "events:read", "alliances:read")
SLUGS = {"pantry": "river-city-pantry", "shelter": "harbor-shelter", "library": "northside-library"}


@dataclass(frozen=True)
class RiverCity:
    """The hub as a client finds it."""

    cast: Cast
    http: httpx.AsyncClient
    desk: Apps

    async def token(self, organization: str, *scopes: str) -> str:
        """An access token of an organization's own app, got as the app gets it."""
        slug = SLUGS.get(organization, organization)
        app = await self.desk.register(slug, "Website", scopes or READING)
        basic = base64.b64encode(f"{app.client.id}:{app.secret}".encode()).decode()
        answer = await self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "scope": " ".join(scopes or READING)},
            headers={"Authorization": f"Basic {basic}"},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The whole answer: `data` and `errors`."""
        answer = await self.http.post(
            "/subgraph" if "_entities" in query else "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def data(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """What an answer without errors holds."""
        answer = await self.ask(query, token, **variables)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found


@pytest.fixture
async def river_city(
    context: MakeContext,
    database: Database,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
) -> AsyncIterator[RiverCity]:
    people = await cast.assemble(context)
    settings = replace(read_settings({}), base_url=hub.url)
    service = await Service.opened(settings, database, SECRET, clock, chance)
    transport = httpx.ASGITransport(app=create_app(service))
    desk = Apps(database, Names(hub.authority, clock, chance), clock, chance, "req_of_operator")
    async with httpx.AsyncClient(transport=transport, base_url=hub.url) as http:
        yield RiverCity(people, http, desk)
