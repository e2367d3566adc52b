"""A client that goes away: what runs for it ends, in PostgreSQL too, and its connection is free."""

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy.pool import QueuePool
from starlette.types import ASGIApp, Message

from domain.hubs import LocalHub
from storage.engine import Database, Pool
from tests.cast import Cast, MakeContext, publish
from tests.locks import locked, until_waiting
from tests.outside import SeededChance, StandingClock
from tests.web.edge.asking import asking, call
from tests.web.edge.conftest import opened
from web.app import create_app
from web.service import Service

EVENTS = "{ events(first: 5) { nodes { id hosts { totalCount } } totalCount } }"
LOCK_SECONDS = Pool().lock_seconds  # after which PostgreSQL itself would end the wait


class Client:
    """One request, whose sender may leave."""

    def __init__(self, query: str) -> None:
        self.gone = asyncio.Event()
        self.body: bytes | None = json.dumps({"query": query}).encode()
        self.answer: list[Message] = []

    async def receive(self) -> Message:
        if self.body is not None:
            body, self.body = self.body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.answer.append(message)

    async def ask(self, app: ASGIApp) -> None:
        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}
        await app(scope, self.receive, self.send)


def in_use(database: Database) -> int:
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


async def test_who_leaves_is_worked_for_no_longer(
    whole_app: ASGIApp, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clients = [Client(EVENTS) for _ in range(3)]
    async with locked(database) as holder:
        before = in_use(database)
        asking_ = [asyncio.create_task(each.ask(whole_app)) for each in clients]
        await until_waiting(holder, 3)
        for each in clients:
            each.gone.set()
        async with asyncio.timeout(LOCK_SECONDS / 2):
            await asyncio.gather(*asking_)
        await until_waiting(holder, 0)
        assert in_use(database) == before
    assert [each.answer for each in clients] == [[], [], []]
    assert caplog.records == []
    told = await call(whole_app, **asking(EVENTS))
    assert told.json == {"data": {"events": {"nodes": [], "totalCount": 0}}}


async def test_what_is_read_for_many_at_once_ends_too(
    whole_app: ASGIApp, database: Database, cast: Cast, context: MakeContext
) -> None:
    """It is read in a task of its own, which nobody cancels who leaves."""
    await publish(context, cast.anna)
    client = Client("{ events(first: 5) { nodes { hosts { nodes { role } } } } }")
    async with locked(database, "event_hosts") as holder:
        before = in_use(database)
        running = asyncio.create_task(client.ask(whole_app))
        await until_waiting(holder, 1)
        client.gone.set()
        async with asyncio.timeout(LOCK_SECONDS / 2):
            await running
        await until_waiting(holder, 0)
        assert in_use(database) == before
    assert client.answer == []


async def test_at_the_deadline_the_statement_is_stopped_and_its_connection_free(
    database: Database,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = await opened(database, hub, clock, chance)
    app = create_app(short_of_time(service))
    # At the top, where graphql-core cancels the fields of several levels more than once.
    several = "{ a: events { nodes { id } } b: events { totalCount } c: events { totalCount } }"
    async with locked(database) as holder:
        before = in_use(database)
        told = await call(app, **asking(several))
        assert (told.status, told.codes) == (504, ["TIMEOUT"])
        await until_waiting(holder, 0)
        assert in_use(database) == before
    assert caplog.records == []


def short_of_time(service: Service) -> Service:
    limits = replace(service.settings.limits, run_seconds=0.3)
    return replace(service, settings=replace(service.settings, limits=limits))


async def test_a_lock_that_is_not_let_go_is_a_busy_hub(
    whole_app: ASGIApp, database: Database
) -> None:
    async with locked(database):
        told = await call(whole_app, **asking(EVENTS))
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    assert told.headers["retry-after"] == "2"
    assert "data" not in told.json
