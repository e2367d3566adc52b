"""What goes wrong with a plan: too large, too slow, nobody there, somebody gone, a bug."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text
from starlette.types import ASGIApp, Message

from domain.hubs import LocalHub
from schema.access import Need, Needs
from schema.limits import Limits
from schema.planning import Contract
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database, Pool
from tests.cast import Cast, MakeContext, publish
from tests.locks import PATIENCE, locked, until_waiting
from tests.outside import SeededChance, StandingClock
from tests.plans.conftest import Door, Heard, with_scopes
from tests.web.edge.asking import asking, call
from tests.web.edge.conftest import opened
from web.app import create_app
from web.service import Service

EVENTS = "{ events { nodes { id title } } }"


@pytest.fixture
async def service(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Service:
    return await opened(database, hub, clock, chance)


async def test_an_answer_that_is_too_large_is_not_sent(
    cast: Cast, context: MakeContext, heard: Heard
) -> None:
    await publish(context, cast.anna, description="soup " * 500)
    limits = replace(Limits(), answer_bytes=2_000)
    door = Door(context=context, operations=Operations(graphql_schema, limits))
    heard.listen()
    told = await door.ask("{ events { nodes { description } } }")
    assert told.planned
    assert told.answer.code is None
    assert told.body["data"] is None
    assert told.errors == [("TOO_LARGE", None)]
    assert "Ask for fewer" in told.body["errors"][0]["message"]
    assert len(heard.statements) == 1
    assert (await door.ask("{ events { nodes { id } } }")).planned


async def test_a_statement_that_takes_too_long_is_told_as_that(
    service: Service, database: Database
) -> None:
    slow = Database(database.url, Pool(statement_seconds=0.3, lock_seconds=20))
    app = create_app(replace(service, database=slow))
    async with locked(database):
        told = await call(app, **asking(EVENTS))
        assert (told.status, told.codes) == (504, ["TIMEOUT"])
        assert "data" not in told.json
    assert (await call(app, **asking(EVENTS))).json == {"data": {"events": {"nodes": []}}}
    await slow.close()


async def test_a_lock_that_is_held_is_a_busy_hub_and_waited_for_once(
    service: Service, database: Database, heard: Heard
) -> None:
    patient = Database(database.url, Pool(statement_seconds=20, lock_seconds=0.2))
    app = create_app(replace(service, database=patient))
    async with locked(database):
        told = await call(app, **asking(EVENTS))
        assert (told.status, told.codes) == (503, ["OVERLOADED"])
    assert not [each for each in heard.statements if "READ ONLY" in each]  # as graphql-core reads
    await patient.close()


async def test_a_database_that_is_away_is_told_as_that(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    url = service.database.url.partition("?")[0] + "?host=/nobody/is/here"
    away = Database(url)
    told = await call(create_app(replace(service, database=away)), **asking(EVENTS))
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    assert told.headers["retry-after"]
    assert "data" not in told.json
    assert caplog.records == []  # it is no bug
    await away.close()


async def test_all_lines_at_work_are_a_busy_hub(service: Service, database: Database) -> None:
    narrow = Database(database.url, Pool(answering=1, wait_seconds=0.3))
    app = create_app(replace(service, database=narrow))
    async with locked(database) as holder:
        first = asyncio.create_task(call(app, **asking(EVENTS)))
        await until_waiting(holder, 1)
        told = await call(app, **asking(EVENTS))
        assert (told.status, told.codes) == (503, ["OVERLOADED"])
        await holder.rollback()
        assert (await first).status == 200
    await narrow.close()


# ── whoever goes away ────────────────────────────────────────────────────────────────────────────


async def at_work(database: Database) -> int:
    """How many compiled statements PostgreSQL runs just now; within a transaction it would go on
    telling what it told first."""
    counted = text(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and state = 'active' and query like 'SELECT format(%'"
    )
    async with database.reading() as db:
        return int(await db.scalar(counted) or 0)


async def until_at_work(database: Database, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await at_work(database) != count:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


@dataclass
class Client:
    """Sends one request, and may leave."""

    gone: asyncio.Event
    answer: list[Message]
    body: bytes | None = json.dumps({"query": EVENTS}).encode()

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


@pytest.mark.parametrize(
    "asked_before",
    [
        pytest.param(False, id="parsing"),
        pytest.param(True, id="running"),
    ],
)
async def test_whoever_leaves_ends_the_statement_in_postgresql(
    asked_before: bool, service: Service, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(service)
    if asked_before:
        assert (await call(app, **asking(EVENTS))).status == 200
    client = Client(asyncio.Event(), [])
    async with locked(database):
        running = asyncio.create_task(client.ask(app))
        await until_at_work(database, 1)
        client.gone.set()
        async with asyncio.timeout(Pool().lock_seconds / 2):  # before PostgreSQL ends it itself
            await running
            await until_at_work(database, 0)
    assert client.answer == []
    assert caplog.records == []
    assert (await call(app, **asking(EVENTS))).json == {"data": {"events": {"nodes": []}}}


async def test_at_the_deadline_the_statement_ends_too(
    service: Service, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    limits = replace(service.settings.limits, run_seconds=0.3)
    app = create_app(replace(service, settings=replace(service.settings, limits=limits)))
    assert (await call(app, **asking(EVENTS))).status == 200  # so that it is parsed
    async with locked(database):
        told = await call(app, **asking(EVENTS))
        assert (told.status, told.codes) == (504, ["TIMEOUT"])
        async with asyncio.timeout(Pool().lock_seconds / 2):
            await until_at_work(database, 0)
    assert caplog.records == []


# ── bugs ─────────────────────────────────────────────────────────────────────────────────────────


class Broken(Mapping[str, Need]):
    """What the fields need, by somebody who has lost the list."""

    def __getitem__(self, name: str) -> Need:
        raise LookupError(name)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]

    def __iter__(self) -> Any:
        raise LookupError

    def __len__(self) -> int:
        return 1


def logged(caplog: pytest.LogCaptureFixture) -> str:
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("convoke.graphql", logging.ERROR)
    return record.message


async def test_a_bug_in_planning_is_logged_once_and_graphql_core_answers(
    door: Door, cast: Cast, context: MakeContext, caplog: pytest.LogCaptureFixture
) -> None:
    event = await publish(context, cast.anna)
    door.plans.contract = Contract(graphql_schema, Needs(Broken(), Broken()))
    told = await door.ask("query Drives { events { nodes { id title } } }")
    assert not told.planned
    assert told.data == {"events": {"nodes": [{"id": event, "title": "Food drive"}]}}
    line = logged(caplog)
    assert "request=req_asked operation=Drives" in line
    assert "builtins.LookupError" in line
    assert "Food" not in line


async def test_a_bug_in_planning_what_a_change_hands_out_is_no_trouble_to_whoever_changed_it(
    door: Door, cast: Cast, context: MakeContext, caplog: pytest.LogCaptureFixture
) -> None:
    event = await publish(context, cast.anna)
    door.plans.contract = Contract(graphql_schema, Needs(Broken(), Broken()))
    document = """mutation Rename($id: ID!) {
        updateEvent(input: { id: $id, version: 1, title: "Soup" }) {
            event { title version } userErrors { code } } }"""
    writer = with_scopes(cast.anna, "events:read", "events:write")
    told = await door.ask(document, writer, id=event)
    assert told.data == {
        "updateEvent": {"event": {"title": "Soup", "version": 2}, "userErrors": []}
    }
    assert "operation=Rename" in logged(caplog)


async def test_a_statement_that_postgresql_refuses_is_a_bug_like_any_other(
    door: Door,
    cast: Cast,
    context: MakeContext,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A function of the database is gone, which the plans use and graphql-core does not."""
    await publish(context, cast.anna)
    async with database.writing() as db:
        await db.execute(text("drop function convoke_moment"))
    told = await door.ask("{ events { nodes { startsAt } } }", with_scopes(cast.lee))
    assert not told.planned
    assert told.data == {"events": {"nodes": [{"startsAt": "2027-03-06T09:00:00-05:00"}]}}
    assert "UndefinedFunctionError" in logged(caplog)
