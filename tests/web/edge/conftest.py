"""A small real schema behind the real endpoint."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.types import ASGIApp

from auth.sealing import HubSecret
from domain.errors import NotFound, Unauthenticated
from domain.hubs import LocalHub
from schema.limits import Limits
from storage.engine import Database
from tests.outside import SeededChance, StandingClock
from web.app import create_app
from web.graphql import GraphQLEndpoint
from web.request_id import RequestIds
from web.service import Service
from web.settings import read_settings

SECRET = "Bearer hunter2"
METADATA = "http://hub.test/.well-known/oauth-protected-resource/graphql"


@dataclass
class Hall:
    """What the resolvers of the small schema share with a test."""

    doors: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    most_inside: int = 0
    contexts_open: int = 0
    contexts_made: int = 0
    titles: list[str] = field(default_factory=list)


@strawberry.type
class Organization:
    name: str


@strawberry.type
class Event:
    id: strawberry.ID
    title: str
    host: Organization

    @strawberry.field
    async def secret_plan(self) -> str | None:
        raise RuntimeError(f"token {SECRET} of the event's host\nsecond line")


@strawberry.type
class EventConnection:
    nodes: list[Event]


@strawberry.type
class Query:
    old: str | None = strawberry.field(default=None, deprecation_reason="Ask hello.")

    @strawberry.field
    async def hello(self, name: str = "you") -> str:
        return f"Hello, {name}"

    @strawberry.field
    async def events(self, info: strawberry.Info, first: int = 20) -> EventConnection:
        pantry = Organization(name="Pantry")
        return EventConnection(
            nodes=[
                Event(id=strawberry.ID(str(n)), title=f"Soup {n}", host=pantry)
                for n in range(first)
            ]
        )

    @strawberry.field
    async def enter(self, info: strawberry.Info) -> bool:
        """Waits in the hall until its doors are opened."""
        hall: Hall = info.context
        hall.inside += 1
        hall.entered.set()
        hall.most_inside = max(hall.most_inside, hall.inside)
        try:
            await hall.doors.wait()
        finally:
            hall.inside -= 1
        return True

    @strawberry.field
    async def missing(self) -> str | None:
        raise NotFound("There is no such event, or you may not see it.", ("id",))

    @strawberry.field
    async def ours(self) -> str | None:
        raise GraphQLError("Needs events:read.", extensions={"code": "INSUFFICIENT_SCOPE"})

    @strawberry.field
    async def theirs(self) -> str | None:
        raise GraphQLError(f"could not write {SECRET} to the ledger")

    @strawberry.field
    def fails_at_once(self) -> str:
        raise NotFound("Not there.")

    @strawberry.field
    async def long(self, characters: int) -> str:
        return "x" * characters

    @strawberry.field
    async def number(self) -> float:
        return float("nan")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, info: strawberry.Info, title: str) -> str:
        info.context.titles.append(title)
        return title

    @strawberry.mutation
    async def rename_slowly(self, info: strawberry.Info, title: str) -> str:
        await info.context.doors.wait()
        info.context.titles.append(title)
        return title


def small_schema() -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation)


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def app_with(hall: Hall) -> Callable[..., ASGIApp]:
    """The endpoint with other limits than the usual ones, or more that is not usual."""

    @asynccontextmanager
    async def make_context(request: Request) -> AsyncIterator[Hall]:
        match request.headers.get("authorization"):
            case None | "Bearer good":
                pass
            case "Bearer broken":
                raise RuntimeError(f"no database for {SECRET}")
            case "Bearer slow":
                raise TimeoutError
            case _:
                raise Unauthenticated("The token has expired. Ask for a new one.")
        hall.contexts_made += 1
        hall.contexts_open += 1
        try:
            yield hall
        finally:
            hall.contexts_open -= 1

    def build(limits: Limits, **more: Any) -> ASGIApp:
        endpoint = GraphQLEndpoint(
            small_schema()._schema, limits, make_context, METADATA, processors=1, **more
        )
        return RequestIds(endpoint, lambda count: bytes(each % 8 for each in range(count)))

    return build


@pytest.fixture
def app(app_with: Callable[[Limits], ASGIApp]) -> ASGIApp:
    return app_with(Limits())


@pytest.fixture
async def service(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Service:
    """A whole hub's, on a database of its own."""
    return await opened(database, hub, clock, chance)


async def opened(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Service:
    settings = replace(read_settings({}), base_url=hub.url)
    secret = HubSecret(b"the secret of the hub of the tests, in 32 bytes")
    return await Service.opened(settings, database, secret, clock, chance)


@pytest.fixture
def whole_app(service: Service) -> ASGIApp:
    return create_app(service)
