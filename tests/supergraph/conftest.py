"""A hub that listens, with the cast on it, and deploy/supergraph/run beside it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.clients import Apps
from auth.sealing import HubSecret
from auth.tokens import Mint
from domain.ids import Names
from domain.sharing import Visibility
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.auth.listening import listening
from tests.cast import Cast, MakeContext, assemble, publish
from tests.conftest import TEMPLATE, contexts
from web.app import create_app
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import read_settings

DEPLOYED = Path(__file__).parents[2] / "deploy" / "supergraph"
SECRET = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
SLUGS = {"pantry": "river-city-pantry", "shelter": "harbor-shelter", "library": "northside-library"}
LONGEST_SECONDS = 120  # the packages may have to be fetched first


@dataclass(frozen=True)
class Graph:
    """A hub and its partner behind one gateway."""

    people: Cast
    drive: str  # for everybody to see
    meeting: str  # the City Table's alone: the Pantry's and the Shelter's
    hub: httpx.AsyncClient
    gateway: httpx.AsyncClient
    carpools: httpx.AsyncClient
    desk: Apps
    mint: Mint  # what the hub signs with
    heard: list[tuple[str, str]]  # which path the hub was asked for, and for whom

    async def token(self, organization: str, *scopes: str) -> str:
        """Of an organization's own app, got as the app gets it."""
        app = await self.desk.register(SLUGS[organization], "Website", scopes)
        basic = base64.b64encode(f"{app.client.id}:{app.secret}".encode()).decode()
        answer = await self.hub.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "scope": " ".join(scopes)},
            headers={"Authorization": f"Basic {basic}"},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> Any:
        """The answer of the gateway: `data`, `errors` or both."""
        return await asked(self.gateway, query, token, **variables)

    async def data(self, query: str, token: str | None = None, **variables: Any) -> Any:
        answer = await self.ask(query, token, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


async def asked(
    client: httpx.AsyncClient, query: str, token: str | None = None, **variables: Any
) -> Any:
    answer = await client.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    return answer.json()


class _Later:
    """An application that is made when it is known where it listens, and what it is asked for."""

    app: ASGIApp

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        self.heard.append((scope["path"], headers.get(b"x-forwarded-for", b"").decode()))
        await self.app(scope, receive, send)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def graph(
    postgres: EmbeddedPostgres,
    new_name: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Graph]:
    name = new_name()
    postgres.create_database(name, template=TEMPLATE)
    database, later = Database(postgres.url(name)), _Later()
    clock, chance = SystemClock(), SystemChance()
    file = tmp_path_factory.mktemp("carpools") / "carpools.sqlite3"
    async with AsyncExitStack() as stack:
        stack.callback(postgres.drop_database, name)
        stack.push_async_callback(database.close)
        url = await stack.enter_async_context(listening(later))
        settings = replace(read_settings({"CONVOKE_HUB_NAME": "River City"}), base_url=url)
        service = await Service.opened(settings, database, SECRET, clock, chance)
        later.app = create_app(service)
        context = await stack.enter_async_context(
            contexts(database, service.hub, clock, chance)  # type: ignore[arg-type]  # real ones
        )
        people, drive, meeting = await _city(context, clock)
        ports = await stack.enter_async_context(_run(url, file))
        hub, gateway, carpools = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=each, timeout=30))
            for each in (url, *(f"http://127.0.0.1:{port}" for port in ports))
        ]
        names = Names(service.hub.authority, clock, chance)
        desk = Apps(database, names, clock, chance, "req_of_the_operator")
        yield Graph(
            people, drive, meeting, hub, gateway, carpools, desk, service.tokens.mint, later.heard
        )


async def _city(context: MakeContext, clock: SystemClock) -> tuple[Cast, str, str]:
    people = await assemble(context)
    starts = clock.now().replace(microsecond=0) + timedelta(days=7)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=3)}
    drive = await publish(context, people.pantry_app, **times)
    meeting = await publish(
        context,
        people.pantry_app,
        title="Meeting of the table",
        visibility=Visibility.ALLIANCE,
        share_with=(people.city_table,),
        **times,
    )
    return people, drive, meeting


@asynccontextmanager
async def _run(hub: str, file: Path) -> AsyncIterator[tuple[int, int]]:
    """The one command; the ports of the gateway and of the carpools."""
    given = ["--hub", hub, "--port", "0", "--carpools-port", "0", "--file", str(file)]
    running = await asyncio.create_subprocess_exec(
        str(DEPLOYED / "run"), *given, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert running.stdout is not None
        async with asyncio.timeout(LONGEST_SECONDS):
            told = [(await running.stdout.readline()).decode() for _ in range(2)]
        carpools, gateway = (int(line.rpartition(":")[2].partition("/")[0]) for line in told)
        yield gateway, carpools
    finally:
        if running.returncode is None:
            running.terminate()
        await running.communicate()
