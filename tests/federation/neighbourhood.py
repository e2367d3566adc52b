"""Hubs that are neighbours: each with its own database, service and application, in one process.

Whoever asks another goes out by its one way out (`federation/client.py`) and comes in at the other's
application, by the authority in the address; nothing listens. `peered(a, b)` lets two work together,
as after both have agreed.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import httpx
from graphql import GraphQLSchema
from sqlalchemy import Text, func, select
from starlette.types import ASGIApp
from strawberry import Schema

from auth import addresses, app_keys
from auth.desk import Desk
from auth.keys import KeyRing
from auth.peer_clients import register
from auth.sealing import HubSecret
from domain.actors import NOBODY, Viewer
from domain.hubs import SOFTWARE
from domain.ids import Names
from domain.peering import PeeringStatus
from federation.client import OutgoingClient
from resolvers.context import Context
from resolvers.operating import operator_for
from schema.limits import Limits
from schema.run import Operations
from storage import peers
from storage.embedded import EmbeddedPostgres
from storage.engine import Database, Pool
from storage.peers import Peer
from storage.tables import metadata
from tests.auth.people import Town
from tests.conftest import TEMPLATE
from tests.outside import SeededChance, StandingClock
from web.app import create_app
from web.service import Service
from web.settings import Settings, read_settings

Neighbourhood = Callable[..., AbstractAsyncContextManager[tuple["Neighbour", ...]]]


@dataclass
class Roads(httpx.AsyncBaseTransport):
    """From each hub to every other. `asked` is every request, in its order; `closed` are those that
    nobody reaches; `instead` answers in the place of an application, by the address; `wires` lead to
    those that really listen."""

    apps: dict[str, ASGIApp] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    instead: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    wires: dict[str, httpx.AsyncBaseTransport] = field(default_factory=dict)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        authority, address = request.url.netloc.decode(), str(request.url)
        self.asked.append(f"{request.method} {address}")
        if address in self.instead:
            return self.instead[address](request)
        if authority in self.closed or authority not in self.apps:
            raise httpx.ConnectError(f"Nobody answers at {authority}.", request=request)
        if authority in self.wires:
            return await self.wires[authority].handle_async_request(request)
        transport = httpx.ASGITransport(app=self.apps[authority], client=("192.0.2.7", 50_000))
        return await transport.handle_async_request(request)


@dataclass(frozen=True)
class Neighbour:
    """A hub. `roads` are everybody's."""

    service: Service
    app: ASGIApp
    http: httpx.AsyncClient
    clock: StandingClock
    roads: Roads
    settings: Settings

    @property
    def authority(self) -> str:
        return self.service.hub.authority

    @property
    def hub_id(self) -> str:
        return self.service.hub.id

    @property
    def url(self) -> str:
        return self.service.hub.url

    @property
    def client_id(self) -> str:
        return self.service.hub_tokens.client_id

    @property
    def database(self) -> Database:
        return self.service.database

    @property
    def names(self) -> Names:
        return Names(self.authority, self.clock, self.service.chance)

    @property
    def desk(self) -> Desk:
        return Desk(
            self.database, self.names, self.clock, self.service.chance, "req_of_the_operator"
        )

    @property
    def town(self) -> Town:
        """To put organizations, people and alliances into it."""
        return Town(self.database, self.service.hub, self.names, self.clock.now(), "", "")

    @property
    def operator(self) -> Context:
        """One operation of whoever runs the hub."""
        return self.context(operator_for())

    def context(self, viewer: Viewer = NOBODY) -> Context:
        """`async with`: one operation of that viewer's."""
        return Context(
            viewer=viewer,
            database=self.database,
            hub=self.service.hub,
            names=self.names,
            clock=self.clock,
            request_id="req_of_tests",
            neighbours=self.service.abroad,
        )

    async def answered(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        body = {"query": document, "variables": dict(variables or {})}
        return await self.http.post("/graphql", json=body, headers=sent)

    async def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """What GraphQL answers: `data`, `errors`."""
        answer = await self.answered(document, variables, token=token, headers=headers)
        said: dict[str, Any] = json.loads(answer.content)
        return said

    async def peer(self, other: "Neighbour") -> Peer:
        """The other hub, as this one knows it."""
        async with self.database.reading(fresh=True) as db:
            found = await peers.by_hub(db, other.hub_id)
        assert found is not None
        return found


@contextmanager
def databases(
    postgres: EmbeddedPostgres, new_name: Callable[[], str]
) -> Iterator[Callable[[Iterable[str]], dict[str, str]]]:
    """A migrated one for each authority, by its URL."""
    made: list[str] = []

    def urls_of(authorities: Iterable[str]) -> dict[str, str]:
        urls = {}
        for authority in authorities:
            name = new_name()
            postgres.create_database(name, template=TEMPLATE)
            made.append(name)
            urls[authority] = postgres.url(name)
        return urls

    yield urls_of
    for name in made:
        postgres.drop_database(name)


@asynccontextmanager
async def neighbours(
    urls: Mapping[str, str],
    clock: StandingClock,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[Neighbour, ...]]:
    """A hub for each authority, on the migrated database of that URL."""
    roads = Roads()
    async with AsyncExitStack() as opened:
        found: list[Neighbour] = []
        for authority, url in urls.items():
            database = Database(url, Pool(size=5, overflow=20))
            opened.push_async_callback(database.close)
            settings = read_settings(
                {"CONVOKE_HUB_NAME": f"Hub {authority}", **(environment or {})}
            )
            settings = replace(settings, base_url=f"https://{authority}")
            outgoing = await opened.enter_async_context(OutgoingClient(transport=roads))
            service = await Service.opened(
                settings,
                database,
                secret_of(authority),
                clock,
                SeededChance(authority),
                outgoing=lambda outgoing=outgoing: outgoing,  # type: ignore[misc]
            )
            app = create_app(service, operations=shared_operations)
            roads.apps[authority] = app
            transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 50_000))
            http = httpx.AsyncClient(transport=transport, base_url=settings.base_url)
            await opened.enter_async_context(http)
            found.append(Neighbour(service, app, http, clock, roads, settings))
        yield tuple(found)


async def peered(*those: Neighbour) -> None:
    """Each with every other, as if their admins had agreed."""
    for one in those:
        for other in those:
            if one is not other:
                await knows(one, other)


async def knows(
    one: Neighbour, other: Neighbour, status: PeeringStatus = PeeringStatus.ACTIVE
) -> None:
    """One side of it."""
    peer, now = as_known(other, status), one.clock.now()
    async with one.database.writing() as db:
        await peers.keep(db, peer, now)
        await register(db, one.names, peer, now)


def as_known(other: Neighbour, status: PeeringStatus = PeeringStatus.ACTIVE) -> Peer:
    """The hub as its documents say."""
    url, now, tokens = other.url, other.clock.now(), other.service.tokens
    is_agreed = status is not PeeringStatus.PROPOSED
    return Peer(
        hub_id=other.hub_id,
        authority=other.authority,
        url=url,
        name=other.service.hub.name,
        software=SOFTWARE,
        status=status,
        since=now,
        we_agreed_at=now,
        they_agreed_at=now if is_agreed else None,
        suspended_why=None,
        graphql_url=tokens.issuer.resource,
        issuer=tokens.issuer.url,
        token_endpoint=url + addresses.TOKEN,
        client_id=other.client_id,
        poke_url=url + addresses.POKE,
        schema_version="1",
        most_a_page=1_000,
        jwks_uri=url + addresses.JWKS,
        client_jwks_uri=url + addresses.CLIENT_KEYS,
        thumbprints=thumbprints(tokens.ring),
        client_thumbprints=thumbprints(tokens.client_ring),
        keys_replaced_at=None,
        looked_at=now,
        last_synced_at=None,
        faults=0,
        last_error=None,
        last_error_at=None,
    )


def thumbprints(ring: KeyRing) -> tuple[str, ...]:
    return tuple(sorted(app_keys.thumbprints(ring.jwks)))


@dataclass(frozen=True)
class Contents:
    """What a hub holds, but for what is kept of refusals too: counts of tries, keys, uses."""

    hub: Neighbour

    async def __call__(self) -> dict[str, list[str]]:
        left_out = {"throttles", "signing_keys", "used_assertions"}
        async with self.hub.database.reading(fresh=True) as db:
            return {
                table.name: sorted(
                    await db.scalars(select(func.to_jsonb(table.table_valued()).cast(Text)))
                )
                for table in metadata.sorted_tables
                if table.name not in left_out
            }


@lru_cache(maxsize=8)
def shared_operations(schema: Schema | GraphQLSchema, limits: Limits) -> Operations:
    """One for all hubs here: what they ask of one another is planned once."""
    return Operations(schema, limits)


def secret_of(authority: str) -> HubSecret:
    return HubSecret(f"the secret of {authority}, of the tests".ljust(48).encode())
