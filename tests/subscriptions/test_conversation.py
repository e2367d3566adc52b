"""graphql-transport-ws as its text has it: who speaks out of turn is told so, by a code of its own."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text

from domain.sharing import Visibility
from schema.limits import Limits
from storage.engine import Database
from tests.cast import Cast, MakeContext, publish
from tests.subscriptions.followers import OF_EVENT, PROTOCOL, Hubs

PANTRY = "river-city-pantry"
HEADS = "subscription { feedAdvanced { channel } }"


@pytest.fixture
def limits() -> Limits:
    return Limits(socket_init_seconds=0.5, subscriptions=3, socket_messages=40)


async def test_who_does_not_begin_in_time_is_closed(hubs: Hubs) -> None:
    async with hubs.socket() as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_who_begins_twice_is_closed(hubs: Hubs) -> None:
    async with hubs.following() as socket:
        await socket.say(type="connection_init")
        code, _ = await socket.closed()
        assert code == 4429


async def test_who_follows_before_they_begin_is_closed(hubs: Hubs) -> None:
    async with hubs.socket() as socket:
        await socket.subscribe(HEADS)
        code, _ = await socket.closed()
        assert code == 4401


async def test_an_id_that_is_in_use_ends_the_connection(hubs: Hubs) -> None:
    async with hubs.following() as socket:
        await socket.subscribe(HEADS)
        await socket.told()
        await socket.subscribe(HEADS)
        assert await socket.closed() == (4409, "Subscriber for 1 already exists")


async def test_another_protocol_is_not_spoken(hubs: Hubs) -> None:
    for protocols in ((), ("graphql-ws",), ("soap", "graphql-ws")):
        async with hubs.socket(protocols=protocols) as socket:
            told = (4406, "Ask for the subprotocol graphql-transport-ws.")
            assert await socket.closed() == told, protocols


async def test_ours_is_chosen_among_several(hubs: Hubs) -> None:
    async with hubs.socket(protocols=("graphql-ws", PROTOCOL)) as socket:
        assert socket.connection.subprotocol == PROTOCOL
        assert socket.connection.response is not None
        assert "sec-websocket-extensions" not in socket.connection.response.headers
        await socket.begin()


async def test_a_ping_is_answered_and_a_pong_is_not(hubs: Hubs) -> None:
    async with hubs.socket() as socket:
        await socket.say(type="ping", payload={"at": 1})
        assert await socket.hear() == {"type": "pong"}
        await socket.begin()
        await socket.say(type="pong")
        await socket.say(type="ping")
        assert await socket.hear() == {"type": "pong"}


# ── who asks ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_sent_as_one_begins(hubs: Hubs) -> None:
    token = await hubs.token(PANTRY)
    for name in ("authorization", "Authorization"):
        async with hubs.socket() as socket:
            await socket.say(type="connection_init", payload={name: f"Bearer {token}"})
            assert await socket.hear() == {"type": "connection_ack"}


async def test_or_a_token_is_sent_in_the_header(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    draft = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    shown = {"authorization": f"Bearer {await hubs.token(PANTRY)}"}
    async with hubs.socket(headers=shown) as socket:
        await socket.begin()
        await socket.subscribe(id=draft)
        assert (await socket.told())["id"] == draft


NO_GOOD: tuple[dict[str, Any], ...] = (
    {"authorization": "Bearer nonsense"},
    {"authorization": "Basic abc"},
    {"authorization": ""},
    {"authorization": 5},
    {"authorization": None},
    {"authorization": "Bearer é"},
    {"authorization": "Bearer a", "Authorization": "Bearer b"},
)


async def test_a_token_that_is_no_good_is_nobody_s(hubs: Hubs) -> None:
    for payload in NO_GOOD:
        async with hubs.socket() as socket:
            await socket.say(type="connection_init", payload=payload)
            code, words = await socket.closed()
            assert code == 4401, payload
            assert words


async def test_two_tokens_are_one_too_many(hubs: Hubs) -> None:
    shown = {"authorization": f"Bearer {await hubs.token('harbor-shelter')}"}
    async with hubs.socket(headers=shown) as socket:
        payload = {"authorization": f"Bearer {await hubs.token(PANTRY)}"}
        await socket.say(type="connection_init", payload=payload)
        assert await socket.closed() == (4401, "Two tokens: send one, in connection_init.")


# ── what is asked ────────────────────────────────────────────────────────────────────────────────


ASKED_WRONGLY: tuple[tuple[dict[str, Any], str], ...] = (
        ({"query": "{ viewer { scopes } }"}, "BAD_REQUEST"),
        ({"query": "mutation { createEvent(input: {}) { event { id } } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "subscription { weather }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { a: feedAdvanced { channel } b: feedAdvanced { channel } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { __schema { types { name } } }"}, "INTROSPECTION_LIMIT"),
        ({"query": OF_EVENT}, "BAD_USER_INPUT"),
        ({"query": OF_EVENT, "variables": {"id": {}}}, "BAD_USER_INPUT"),
        ({"query": OF_EVENT, "variables": []}, "BAD_REQUEST"),
        ({"query": HEADS, "operationName": "Other"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": 5}, "BAD_REQUEST"),
        ({}, "BAD_REQUEST"),
        ({"documentId": "sha256:" + "0" * 64}, "DOCUMENT_NOT_FOUND"),
        ({"query": "subscription { feedAdvanced { " + "channel " * 60 + "} }"}, "REPEATED_FIELD_LIMIT"),
        ({"query": "subscription { eventChanged(id: \"e\") { hosts(first: 100) { nodes { organization { events(first: 100) { nodes { id } } } } } } }"}, "COST_LIMIT"),
)  # fmt: skip


async def test_what_is_asked_wrongly_ends_that_one_alone(hubs: Hubs) -> None:
    async with hubs.following() as socket:
        await socket.subscribe(HEADS, "right")
        assert await socket.told("right") == {"channel": "public"}
        for payload, code in ASKED_WRONGLY:
            await socket.say(id="wrong", type="subscribe", payload=payload)
            assert await socket.refused("wrong") == code, payload
        await socket.subscribe(HEADS, "wrong")
        assert await socket.told("wrong") == {"channel": "public"}


async def test_the_one_field_may_stand_in_a_fragment_under_another_name(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    query = """subscription Soup($id: ID!) { ...It } fragment It on Subscription {
      soup: eventChanged(id: $id) { ... on Event { title host { name } } } }"""
    async with hubs.following() as socket:
        await socket.subscribe(query, id=event)
        assert await socket.told() == {
            "title": "Food drive",
            "host": {"name": "River City Pantry"},
        }


async def test_a_document_may_be_named_by_its_digest(hubs: Hubs) -> None:
    digest = sha256(HEADS.encode()).hexdigest()
    known = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    async with hubs.following() as socket:
        await socket.say(id="1", type="subscribe", payload={"extensions": known})
        assert await socket.refused() == "PERSISTED_QUERY_NOT_FOUND"
        await socket.say(id="1", type="subscribe", payload={"query": HEADS, "extensions": known})
        assert await socket.told() == {"channel": "public"}
        await socket.say(id="2", type="subscribe", payload={"extensions": known})
        assert await socket.told("2") == {"channel": "public"}


async def test_one_too_many_is_refused_and_the_others_go_on(hubs: Hubs) -> None:
    async with hubs.following() as socket:
        for number in range(3):
            await socket.subscribe(HEADS, str(number))
            await socket.told(str(number))
        await socket.subscribe(HEADS, "more")
        assert await socket.refused("more") == "SUBSCRIPTION_LIMIT"
        await socket.say(id="0", type="complete")
        assert await socket.hears_nothing()
        await socket.subscribe(HEADS, "more")
        assert await socket.told("more") == {"channel": "public"}


async def test_a_bug_is_told_by_its_request_alone(
    hubs: Hubs,
    database: Database,
    context: MakeContext,
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = await publish(context, cast.anna)
    async with database.writing() as db:
        await db.execute(text("alter table organizations rename column name to hunter2"))
    query = "subscription ($id: ID!) { eventChanged(id: $id) { host { name } } }"
    async with hubs.following() as socket:
        await socket.subscribe(query, id=event)
        heard = await socket.hear()
    (error,) = heard["payload"]
    assert error["extensions"].keys() == {"code", "requestId"}
    assert "hunter2" not in json.dumps(heard)
    lines = [each.getMessage() for each in caplog.records]
    assert lines
    assert all(error["extensions"]["requestId"] in line for line in lines)


async def test_many_who_come_at_once_each_have_their_own(hubs: Hubs) -> None:
    async def one(number: int) -> None:
        async with hubs.following(at=number % 2) as socket:
            await socket.subscribe(HEADS, f"{number}")
            assert await socket.told(f"{number}") == {"channel": "public"}

    await asyncio.gather(*(one(number) for number in range(40)))
