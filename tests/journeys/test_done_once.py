"""A change is sent again, because its client does not know whether it was made: it is made once."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.types import ASGIApp, Message

from domain.actors import BY_TIME
from resolvers import once
from storage.engine import Database
from storage.tables import audit_entries, done_once, events
from tests.cast import MakeContext
from tests.journeys.conftest import RiverCity
from tests.locks import locked, until_waiting
from tests.outside import StandingClock

WRITING = ("events:read", "events:write", "events:publish", "organizations:read")
CREATE = """mutation Create($pantry: ID!, $title: String!, $alliance: [ID!]) {
  createEvent(input: {organization: $pantry, title: $title, shareWith: $alliance,
    startsAt: "2027-03-06T14:00:00Z", timeZone: "Europe/Berlin"}) {
    event { id title version } userErrors { code message }
  }
}"""
TWO = """mutation Two($pantry: ID!) {
  first: createEvent(input: {organization: $pantry, title: "One",
    startsAt: "2027-03-06T14:00:00Z", timeZone: "Europe/Berlin"}) {
    event { id } userErrors { code } }
  second: createEvent(input: {organization: $pantry, title: "",
    startsAt: "2027-03-06T14:00:00Z", timeZone: "Europe/Berlin"}) {
    event { id } userErrors { code } }
}"""
Contents = Callable[[], Awaitable[dict[str, list[str]]]]
Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def pantry_token(river_city: RiverCity) -> str:
    return await river_city.token("pantry", *WRITING)


@pytest.fixture
def send(river_city: RiverCity, pantry_token: str) -> Send:
    """As the Pantry's app, under a key."""

    async def sent(
        key: str | None,
        title: str = "Soup night",
        query: str = CREATE,
        token: str | None = pantry_token,
        **more: Any,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        variables = {"pantry": river_city.cast.pantry, "title": title, **more}
        body = {"query": query, "variables": variables}
        return await river_city.http.post("/graphql", json=body, headers=headers)

    return sent


async def count(database: Database, table: Any) -> int:
    async with database.reading() as db:
        found: int = await db.scalar(select(func.count()).select_from(table)) or 0
        return found


def app_of(river_city: RiverCity) -> ASGIApp:
    transport = river_city.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    app: ASGIApp = transport.app
    return app


def code_of(answer: httpx.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


async def test_what_is_sent_again_under_its_key_is_answered_again_and_not_done_again(
    send: Send, database: Database
) -> None:
    first = await send('"5f0c-1"')
    assert first.json()["data"]["createEvent"]["userErrors"] == []
    entries = await count(database, audit_entries)
    again = await send('"5f0c-1"')
    assert (again.status_code, again.content) == (200, first.content)
    assert (await send("5f0c-1")).content == first.content, "quotes are no part of a key"
    assert await count(database, events) == 1
    assert await count(database, audit_entries) == entries


async def test_without_a_key_or_under_another_it_is_done_again(
    send: Send, database: Database
) -> None:
    for key in (None, None, "one", "two"):
        assert (await send(key)).json()["data"]["createEvent"]["userErrors"] == []
    assert await count(database, events) == 4
    assert await count(database, done_once) == 2


async def test_the_same_request_may_be_written_otherwise(
    send: Send, river_city: RiverCity, pantry_token: str, database: Database
) -> None:
    first = await send("k")
    variables = {"title": "Soup night", "pantry": river_city.cast.pantry}
    body = json.dumps({"variables": variables, "query": CREATE}, indent=2)
    again = await river_city.http.post(
        "/graphql",
        content=body,
        headers={
            "Authorization": f"Bearer {pantry_token}",
            "Content-Type": "application/json",
            "Idempotency-Key": "k",
        },
    )
    assert again.content == first.content
    assert await count(database, events) == 1


async def test_a_key_with_another_request_is_refused(send: Send, contents: Contents) -> None:
    await send("k")
    before = await contents()
    refused = await send("k", title="Another night")
    assert (refused.status_code, code_of(refused)) == (422, "IDEMPOTENCY_KEY_REUSED")
    other_operation = await send("k", query=TWO)
    assert other_operation.status_code == 422
    assert await contents() == before


async def test_a_key_is_its_callers_own(
    send: Send, river_city: RiverCity, database: Database
) -> None:
    await send("k")
    another_app = await river_city.token("pantry", *WRITING)
    other = await send("k", title="Another night", token=another_app)
    assert other.json()["data"]["createEvent"]["event"]["title"] == "Another night"
    assert await count(database, events) == 2


async def test_nobody_has_keys(send: Send, contents: Contents) -> None:
    before = await contents()
    refused = await send("k", token=None)
    assert (refused.status_code, code_of(refused)) == (401, "UNAUTHENTICATED")
    assert await contents() == before


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "two words", 'qu"ote', "a, b", "back\\slash"])
async def test_an_odd_key_is_refused_and_named(send: Send, contents: Contents, key: str) -> None:
    before = await contents()
    refused = await send(key)
    assert (refused.status_code, code_of(refused)) == (400, "BAD_REQUEST")
    assert refused.json()["errors"][0]["message"].startswith("Idempotency-Key: ")
    assert await contents() == before


async def test_a_key_of_255_characters_will_do(send: Send) -> None:
    first = await send("x" * 255)
    assert (await send("x" * 255)).content == first.content


async def test_a_key_on_a_query_means_nothing(send: Send, database: Database) -> None:
    for title in ("One", "Two"):
        shown = await send(
            "k",
            query="query ($title: String!) { search(text: $title) { nodes { __typename } } }",
            title=title,
        )
        assert shown.json()["data"] == {"search": {"nodes": []}}
    odd = await send("two words", query="{ hub { name } }")
    assert odd.status_code == 200
    assert await count(database, done_once) == 0


async def test_what_was_refused_may_be_tried_again_under_its_key(
    send: Send, database: Database, contents: Contents
) -> None:
    before = await contents()
    refused = await send("k", title="")
    assert refused.json()["data"]["createEvent"]["userErrors"] != []
    assert await contents() == before, "the key is not kept either"
    done = await send("k", title="Soup night")
    assert done.json()["data"]["createEvent"]["userErrors"] == []
    assert await count(database, events) == 1


async def test_without_the_scope_nothing_is_done_and_the_key_is_free(
    send: Send, river_city: RiverCity, contents: Contents
) -> None:
    reader = await river_city.token("pantry", "events:read")
    before = await contents()
    for _ in range(2):
        refused = await send("k", token=reader)
        assert code_of(refused) == "INSUFFICIENT_SCOPE"
    assert await contents() == before


async def test_of_two_changes_in_one_request_the_one_that_was_refused_is_told_again(
    send: Send, database: Database
) -> None:
    first = await send("k", query=TWO)
    data = first.json()["data"]
    assert data["first"]["userErrors"] == []
    assert data["second"]["event"] is None
    assert (await send("k", query=TWO)).content == first.content
    assert await count(database, events) == 1


async def test_of_twenty_at_once_one_does_it_and_all_hear_of_it(
    send: Send, database: Database
) -> None:
    answers = await asyncio.gather(*(send("k") for _ in range(20)))
    assert await count(database, events) == 1
    done = [each for each in answers if each.status_code == 200]
    waiting = [each for each in answers if each.status_code != 200]
    assert len({each.content for each in done}) == 1
    assert all(each.status_code == 409 for each in waiting)
    assert all(code_of(each) == "IDEMPOTENCY_KEY_IN_USE" for each in waiting)
    assert len(done) > 10, "most wait for the first, and are answered with it"


async def test_of_twenty_that_are_refused_none_is_done(
    send: Send, database: Database, contents: Contents
) -> None:
    before = await contents()
    answers = await asyncio.gather(*(send("k", title="") for _ in range(20)))
    assert await contents() == before
    codes = {
        (each.json()["data"]["createEvent"]["userErrors"][0]["code"])
        for each in answers
        if each.status_code == 200
    }
    assert codes == {"INVALID"}


async def test_twenty_different_requests_under_one_key_do_one(
    send: Send, database: Database
) -> None:
    answers = await asyncio.gather(*(send("k", title=f"Night {n}") for n in range(20)))
    assert await count(database, events) == 1
    assert sum(each.status_code == 200 for each in answers) == 1
    assert {code_of(each) for each in answers if each.status_code != 200} <= {
        "IDEMPOTENCY_KEY_REUSED",
        "IDEMPOTENCY_KEY_IN_USE",
    }


async def lose_the_answer(database: Database) -> None:
    """As a process leaves it that dies between its commit and its answer."""
    async with database.writing() as db:
        await db.execute(update(done_once).values(answer=None))


async def test_where_the_process_died_it_is_said_that_it_was_done(
    send: Send, database: Database, clock: StandingClock, contents: Contents
) -> None:
    await send("k")
    await lose_the_answer(database)
    before = await contents()
    at_work = await send("k")
    assert (at_work.status_code, code_of(at_work)) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert int(at_work.headers["retry-after"]) > 0
    clock.forward(seconds=16)
    lost = await send("k")
    assert (lost.status_code, code_of(lost)) == (409, "IDEMPOTENCY_ANSWER_LOST")
    assert "Read how things stand" in lost.json()["errors"][0]["message"]
    assert await contents() == before


async def test_a_key_is_good_for_a_week(
    send: Send, context: MakeContext, database: Database, clock: StandingClock
) -> None:
    first = await send("k")
    clock.forward(days=6, hours=23, minutes=59)
    async with database.reading() as db:
        begun = await db.scalar(select(done_once.c.begun_at))
    assert begun is not None
    assert await once.forget(context(BY_TIME), clock.now(), 10) == 0
    assert await once.forget(context(BY_TIME), begun + timedelta(days=7), 10) == 1
    assert await count(database, done_once) == 0
    assert first.status_code == 200


async def test_only_so_many_keys_are_forgotten_at_a_time(
    send: Send, context: MakeContext, database: Database, clock: StandingClock
) -> None:
    for key in "abcde":
        await send(key)
    later = clock.now() + timedelta(days=7)
    assert [await once.forget(context(BY_TIME), later, 2) for _ in range(4)] == [2, 2, 1, 0]


async def test_who_leaves_in_the_middle_hears_later_how_it_ended(
    send: Send, river_city: RiverCity, pantry_token: str, database: Database
) -> None:
    variables = {"pantry": river_city.cast.pantry, "title": "Soup night"}
    body = json.dumps({"query": CREATE, "variables": variables}).encode()
    left = asyncio.Event()
    read = False

    async def receive() -> Message:
        nonlocal read
        if not read:
            read = True
            return {"type": "http.request", "body": body, "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def told(message: Message) -> None:
        """Nobody is there to hear it."""

    headers = {
        "host": "hub.test",
        "content-type": "application/json",
        "authorization": f"Bearer {pantry_token}",
        "idempotency-key": "k",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
    }
    async with locked(database, "occurrences") as holder:
        asking = asyncio.ensure_future(app_of(river_city)(scope, receive, told))
        await until_waiting(holder, 1)
        left.set()
        await asyncio.sleep(0.15)  # in which a client that leaves is noticed
        assert not asking.done()
    await asking
    assert await count(database, events) == 1
    again = await send("k")
    assert again.json()["data"]["createEvent"]["event"]["title"] == "Soup night"
    assert await count(database, events) == 1


async def test_a_change_that_is_stopped_at_its_deadline_is_not_done_and_its_key_is_free(
    send: Send, database: Database, contents: Contents
) -> None:
    before = await contents()
    async with locked(database, "occurrences"):
        stopped = await send("k")
    assert code_of(stopped) in {"TIMEOUT", "OVERLOADED"}
    assert await contents() == before
    assert (await send("k")).json()["data"]["createEvent"]["userErrors"] == []


async def test_what_was_done_and_could_not_be_read_is_said_to_be_done_when_it_is_sent_again(
    send: Send, database: Database
) -> None:
    query = CREATE.replace("id title version", "id title identifiers { value }")
    async with locked(database, "identifiers"):
        unread = await send("k", query=query)
    assert code_of(unread) in {"TIMEOUT", "OVERLOADED"}
    assert await count(database, events) == 1
    again = await send("k", query=query)
    assert (again.status_code, code_of(again)) == (409, "IDEMPOTENCY_ANSWER_LOST")
    assert await count(database, events) == 1


async def test_an_answer_too_large_to_keep_is_said_to_be_lost(
    send: Send, database: Database
) -> None:
    wide = " ".join(f"a{n}: description" for n in range(15))
    query = CREATE.replace("id title version", wide).replace(
        "title: $title", f"title: $title, description: {json.dumps('word ' * 900)}"
    )
    first = await send("k", query=query)
    assert len(first.content) > once.LARGEST_ANSWER, first.content[:300]
    again = await send("k", query=query)
    assert (again.status_code, code_of(again)) == (409, "IDEMPOTENCY_ANSWER_LOST")
    assert await count(database, events) == 1


async def test_a_document_named_by_its_digest_is_the_same_request(
    send: Send, river_city: RiverCity, pantry_token: str, database: Database
) -> None:
    digest = hashlib.sha256(CREATE.encode()).hexdigest()
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    variables = {"pantry": river_city.cast.pantry, "title": "Soup night"}
    headers = {"Authorization": f"Bearer {pantry_token}", "Idempotency-Key": "k"}

    async def post(**body: Any) -> httpx.Response:
        whole = {"variables": variables, **named, **body}
        return await river_city.http.post("/graphql", json=whole, headers=headers)

    assert code_of(await post()) == "PERSISTED_QUERY_NOT_FOUND"
    first = await post(query=CREATE)
    assert (await post()).content == first.content
    assert (await send("k")).content == first.content
    assert await count(database, events) == 1
