"""graphql-sse, read as a plain stream of events: what EventSource and any client of HTTP can do."""

import pytest
from sqlalchemy import text

from domain.sharing import Visibility
from resolvers import events
from schema.limits import Limits
from storage.engine import Database
from tests.cast import Cast, MakeContext, publish
from tests.outside import StandingClock
from tests.subscriptions.followers import OF_EVENT, Hubs

PANTRY, SHELTER = "river-city-pantry", "harbor-shelter"
HEADS = "subscription { feedAdvanced { channel } }"
OF_WORDS = "subscription ($id: ID!) { eventChanged(id: $id) { description version } }"
BOTH = "application/graphql-response+json, application/json, text/event-stream"


async def test_an_edit_is_told_as_an_event(hubs: Hubs, context: MakeContext, cast: Cast) -> None:
    event = await publish(context, cast.anna)
    for accept in ("text/event-stream", BOTH):
        async with hubs.stream(OF_WORDS, at=1, accept=accept, id=event) as stream:
            headers = stream.answer.headers
            assert stream.answer.status_code == 200
            assert headers["content-type"] == "text/event-stream; charset=utf-8"
            assert headers["cache-control"] == "no-store"
            assert headers["access-control-allow-origin"] == "*"
            version = (await stream.told())["version"]
            words = "Soup\n\ndata: and bread"
            await events.update(context(cast.anna), event, version, {"description": words})
            told = await stream.told()
            assert (told["description"], told["version"]) == (words, version + 1)


async def test_who_may_see_it_no_longer_hears_that_it_is_complete(
    hubs: Hubs, database: Database, context: MakeContext, cast: Cast
) -> None:
    event = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    async with hubs.stream(OF_EVENT, await hubs.token(SHELTER), id=event) as stream:
        await stream.told()
        async with database.writing() as db:
            await db.execute(text("delete from event_shares"))
        assert await stream.event() == ("complete", None)
        assert await stream.event() is None


async def test_a_stream_ends_with_its_token_and_may_be_asked_for_again(
    hubs: Hubs, context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    event = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    async with hubs.stream(OF_EVENT, await hubs.token(PANTRY), id=event) as stream:
        await stream.told()
        clock.forward(seconds=301)
        assert await stream.event() is None  # and not `complete`
        assert stream.comments == ["The token counts no longer. Come again with another one."]
    async with hubs.stream(OF_EVENT, await hubs.token(PANTRY), id=event) as stream:
        assert (await stream.told())["id"] == event


async def test_what_the_request_lacks_is_told_by_its_status(hubs: Hubs) -> None:
    async with hubs.stream(HEADS, "nonsense") as stream:
        assert stream.answer.status_code == 401
        assert stream.answer.headers["www-authenticate"].startswith("Bearer ")
        assert stream.answer.headers["content-type"] == "application/json; charset=utf-8"
    async with hubs.stream("{ viewer { scopes } }") as stream:
        assert stream.answer.status_code == 406


async def test_what_the_document_lacks_is_told_as_an_event_or_as_the_client_likes(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    hidden = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    for query, code in (
        ("subscription { weather }", "GRAPHQL_VALIDATION_FAILED"),
        (OF_EVENT, "NOT_FOUND"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
    ):
        async with hubs.stream(query, id=hidden) as stream:
            assert stream.answer.status_code == 200
            event = await stream.event()
            assert event is not None
            assert event[0] == "next"
            assert event[1]["errors"][0]["extensions"]["code"] == code
            assert event[1].keys() == {"errors"}
            assert await stream.event() == ("complete", None)
            assert await stream.event() is None
    async with hubs.stream("subscription { weather }", accept=BOTH) as stream:
        assert stream.answer.status_code == 400
        media = stream.answer.headers["content-type"]
        assert media == "application/graphql-response+json; charset=utf-8"


async def test_queries_are_answered_as_ever_to_who_takes_streams_too(hubs: Hubs) -> None:
    answer = await hubs.http.post(
        "/graphql", json={"query": "{ events { totalCount } }"}, headers={"accept": BOTH}
    )
    assert answer.json() == {"data": {"events": {"totalCount": 0}}}


async def test_a_subscription_is_not_answered_once(hubs: Hubs) -> None:
    """By POST without a stream, and by GET in any way."""
    for headers in ({}, {"accept": "application/json"}, {"accept": "*/*"}):
        answer = await hubs.http.post("/graphql", json={"query": HEADS}, headers=headers)
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
        assert "text/event-stream" in error["message"]
    for accept, status in (("text/event-stream", 406), (BOTH, 400), ("application/json", 200)):
        answer = await hubs.http.get(
            "/graphql", params={"query": HEADS}, headers={"accept": accept}
        )
        assert answer.status_code == status
        assert answer.json()["errors"]
        assert "data" not in answer.json()


async def test_the_mount_for_gateways_tells_them_too(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    headers = {"accept": "text/event-stream"}
    body = {"query": OF_EVENT, "variables": {"id": event}}
    async with hubs.http.stream("POST", "/subgraph", json=body, headers=headers) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            assert line == "event: next"
            break


async def test_nothing_is_watched_when_a_stream_was_left(
    hubs: Hubs, context: MakeContext, cast: Cast
) -> None:
    event = await publish(context, cast.anna)
    async with hubs.stream(OF_EVENT, id=event) as stream:
        await stream.told()
        assert hubs.services[0].moved.watched == 1
    await hubs.until_nobody_follows()


class TestTime:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(stream_seconds=2.5, stream_ping_seconds=0.5)

    async def test_a_stream_that_has_nothing_to_tell_shows_that_it_is_there(
        self, hubs: Hubs
    ) -> None:
        async with hubs.stream(HEADS) as stream:
            await stream.told()
            assert await stream.event() is None
            *signs, last = stream.comments
            assert set(signs) == {""}  # as many as there was time for
            assert last == "Come again."

    async def test_a_socket_that_is_old_is_to_come_again(self, hubs: Hubs) -> None:
        async with hubs.following() as socket:
            await socket.subscribe(HEADS)
            await socket.told()
            assert await socket.closed() == (1012, "That was long: connect again.")

    async def test_a_socket_that_gives_no_sign_of_life_is_closed(self, hubs: Hubs) -> None:
        async with hubs.following() as socket:
            await socket.subscribe(HEADS)
            await socket.told()
            socket.connection.transport.pause_reading()  # and so answers no ping
            await hubs.until_nobody_follows()
            socket.connection.transport.abort()
