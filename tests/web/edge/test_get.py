"""Queries by GET: read from the address, kept by caches where anybody may read them, never a change."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from schema.limits import Limits
from tests.web.edge.asking import Told, asking, call, getting, persisted, sha256
from tests.web.edge.conftest import METADATA, Hall

NEWER = "application/graphql-response+json"
OLDER = "application/json"
HELLO = "query Hello($name: String!) { hello(name: $name) }"
PUBLIC = "public, max-age=30, stale-while-revalidate=30"
ANNA = {"data": {"hello": "Hello, Anna"}}


@pytest.fixture
async def knowing(app: ASGIApp) -> ASGIApp:
    """A hub to which HELLO was brought by somebody."""
    await call(app, **asking(HELLO, extensions=persisted(HELLO), variables={"name": "Lee"}))
    return app


async def gotten(app: ASGIApp, text: str = HELLO, name: str = "Anna", **more: Any) -> Told:
    """By the document's id, as somebody who shows no token, unless `more` says otherwise."""
    return await call(
        app,
        **getting(**{"accept": NEWER, **more}, documentId=sha256(text), variables={"name": name}),
    )


def assert_not_kept(told: Told) -> None:
    assert "no-store" in told.headers["cache-control"]
    assert "public" not in told.headers["cache-control"]
    assert "etag" not in told.headers


@pytest.mark.parametrize("accept", [NEWER, OLDER, "*/*", None])
async def test_a_query_may_stand_in_the_address(app: ASGIApp, accept: str | None) -> None:
    told = await call(app, **getting(accept, query=HELLO, variables={"name": "Zoë & Anna + 1"}))
    assert (told.status, told.json) == (200, {"data": {"hello": "Hello, Zoë & Anna + 1"}})
    assert_not_kept(told)


async def test_one_of_several_operations_is_named_there_too(app: ASGIApp) -> None:
    text = 'query A { hello } query B { hello(name: "B") }'
    told = await call(app, **getting(query=text, operationName="B"))
    assert told.json == {"data": {"hello": "Hello, B"}}


async def test_an_empty_parameter_is_none_and_an_unknown_one_means_nothing(app: ASGIApp) -> None:
    told = await call(
        app,
        **getting(
            query="{ hello }", documentId="", operationName="", variables="", extensions="", v="7"
        ),
    )
    assert told.json == {"data": {"hello": "Hello, you"}}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", [NEWER, OLDER])
async def test_no_address_makes_a_change(
    app: ASGIApp, hall: Hall, method: str, accept: str
) -> None:
    text = 'query A { hello } mutation B { rename(title: "x") }'
    request = {**getting(accept, query=text, operationName="B"), "method": method}
    told = await call(app, **request)
    assert (told.status, told.headers["allow"]) == (405, "POST")
    if method == "GET":
        assert told.codes == ["METHOD_NOT_ALLOWED"]
    assert_not_kept(told)
    assert (hall.titles, hall.contexts_made) == ([], 0)


async def test_no_id_makes_a_change_by_get(app: ASGIApp, hall: Hall) -> None:
    text = "mutation Name($name: String!) { rename(title: $name) }"
    await call(app, **asking(text, extensions=persisted(text), variables={"name": "Soup"}))
    told = await gotten(app, text)
    assert (told.status, told.codes, told.headers["allow"]) == (405, ["METHOD_NOT_ALLOWED"], "POST")
    assert hall.titles == ["Soup"]


@pytest.mark.parametrize(
    "query_string",
    [
        b"",
        b"quer=%7Bhello%7D",
        b"query=",
        b"query=%7Bhello%7D&query=%7Bhello%7D",
        b"query=%7Bhello%7D&variables=%7B%7D&variables=%7B%7D",
        b"query=%7Bhello%7D&variables=%5B%5D",
        b"query=%7Bhello%7D&variables=1",
        b"query=%7Bhello%7D&variables=%7B",
        b"query=%7Bhello%7D&variables=%7B%22a%22%3ANaN%7D",
        b"query=%7Bhello%7D&variables=" + b"%5B" * 9_000,
        b"query=%7Bhello%7D&extensions=x",
        b"query=%FF%FE",
        b"query=\xff",
        b"query=%ED%A0%80",
        b"documentId=x",
        b"documentId=md5:" + b"a" * 64,
        b"documentId=sha256:" + b"A" * 64,
        b"documentId=" + b"a" * 63,
        b"extensions=%7B%22persistedQuery%22%3A1%7D",
        b"&".join(b"a%d=1" % n for n in range(21)),
        b"&" * 60_000,
    ],
)
async def test_an_address_that_asks_nothing_clear_is_refused(
    app: ASGIApp, query_string: bytes
) -> None:
    told = await call(app, [b""], [("accept", NEWER)], "GET", query_string=query_string)
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])
    assert_not_kept(told)


async def test_an_address_is_held_to_the_limits_of_a_body(app: ASGIApp) -> None:
    long = await call(app, **getting(query="{ hello }" + "#" * 131_072))
    assert (long.status, long.codes) == (413, ["TOO_LARGE"])
    document = await call(app, **getting(NEWER, query="{ hello }" + " " * 16_384))
    assert (document.status, document.codes) == (400, ["SOURCE_LIMIT"])
    deep = await call(app, **getting(query="{ hello }", variables={"a": [[[[[[[[]]]]]]]] * 2}))
    assert deep.status == 200
    listed = await call(app, **getting(query="{ hello }", variables={"a": [0] * 1_001}))
    assert listed.json["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "field": ["variables"]}


async def test_who_takes_no_json_is_told_so_and_a_browser_gets_the_page(knowing: ASGIApp) -> None:
    assert (await gotten(knowing, accept="image/png")).codes == ["NOT_ACCEPTABLE"]
    page = await gotten(knowing, accept="text/html,*/*;q=0.8")
    assert page.headers["content-type"].startswith("text/html")


async def test_what_anybody_may_read_by_an_id_is_for_caches_to_keep(knowing: ASGIApp) -> None:
    told = await gotten(knowing)
    assert (told.status, told.json) == (200, ANNA)
    assert told.headers["cache-control"] == PUBLIC
    assert told.headers["vary"] == "Accept, Authorization"
    assert told.headers["etag"].startswith('"')
    assert told.headers["content-length"] == str(len(told.body))
    by_digest = await call(
        knowing, **getting(NEWER, extensions=persisted(HELLO), variables={"name": "Anna"})
    )
    assert (by_digest.body, by_digest.headers) == (told.body, told.headers)


async def test_an_operator_says_how_long(app_with: Callable[..., ASGIApp]) -> None:
    app = app_with(Limits(), cache_seconds=5)
    both = getting(query=HELLO, extensions=persisted(HELLO), variables={"name": "Anna"})
    told = await call(app, **both)
    assert told.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=5"


async def test_each_answer_and_each_media_type_has_a_tag_of_its_own(knowing: ASGIApp) -> None:
    told = [
        await gotten(knowing),
        await gotten(knowing, name="Sam"),
        await gotten(knowing, accept=OLDER),
    ]
    assert len({each.headers["etag"] for each in told}) == 3
    assert (await gotten(knowing)).headers["etag"] == told[0].headers["etag"]


@pytest.mark.parametrize(
    "known", ["{}", "W/{}", '"other", {}', '"other" ,W/{},"third"', "*", " * "]
)
async def test_who_has_the_answer_already_is_not_sent_it_again(
    knowing: ASGIApp, known: str
) -> None:
    tag = (await gotten(knowing)).headers["etag"]
    told = await gotten(knowing, known=known.format(tag))
    assert (told.status, told.body) == (304, b"")
    assert told.headers == {
        "etag": tag,
        "cache-control": PUBLIC,
        "vary": "Accept, Authorization",
        "x-request-id": "0001020304050607",
    }


@pytest.mark.parametrize("known", ['"other"', "", 'W/"other"', "x", '"', "{}x"])
async def test_who_has_another_answer_is_sent_this_one(knowing: ASGIApp, known: str) -> None:
    tag = (await gotten(knowing)).headers["etag"]
    told = await gotten(knowing, known=known.format(tag))
    assert (told.status, told.json) == (200, ANNA)


async def test_head_is_answered_with_the_same_headers_and_nothing_else(knowing: ASGIApp) -> None:
    request = getting(NEWER, documentId=sha256(HELLO), variables={"name": "Anna"})
    whole = await call(knowing, **request)
    head = await call(knowing, **{**request, "method": "HEAD"})
    assert (head.status, head.headers, head.body) == (200, whole.headers, b"")


async def test_what_was_read_with_a_token_is_kept_by_nobody(knowing: ASGIApp) -> None:
    tag = (await gotten(knowing)).headers["etag"]
    for known in (None, tag, "*"):
        told = await gotten(knowing, token="good", known=known)
        assert (told.status, told.json) == (200, ANNA)
        assert told.headers["cache-control"] == "private, no-store"
        assert "etag" not in told.headers


async def test_a_token_that_is_no_good_is_refused_and_that_is_not_kept(knowing: ASGIApp) -> None:
    told = await gotten(knowing, token="old", known="*")
    assert (told.status, told.codes) == (401, ["UNAUTHENTICATED"])
    assert METADATA in told.headers["www-authenticate"]
    assert_not_kept(told)


@pytest.mark.parametrize("accept", [NEWER, OLDER])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ missing hello }", "NOT_FOUND"),
        ("{ failsAtOnce }", "NOT_FOUND"),
        ("query Q($name: Int!) { events(first: $name) { nodes { id } } }", "BAD_USER_INPUT"),
    ],
)
async def test_no_answer_with_a_mistake_is_kept(
    app: ASGIApp, text: str, code: str, accept: str
) -> None:
    await call(app, **asking(text, extensions=persisted(text), variables={"name": 1}))
    told = await gotten(app, text, accept=accept, known="*")
    assert told.codes == [code]
    assert told.status in (200, 400)
    assert_not_kept(told)


async def test_a_document_that_nobody_brought_is_not_kept_as_missing(app: ASGIApp) -> None:
    told = await gotten(app)
    assert (told.status, told.codes) == (404, ["DOCUMENT_NOT_FOUND"])
    assert_not_kept(told)


async def test_who_leaves_a_get_is_worked_for_no_longer(app: ASGIApp, hall: Hall) -> None:
    came = False

    async def receive() -> Message:
        nonlocal came
        if not came:
            came = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await hall.entered.wait()
        return {"type": "http.disconnect"}

    async def nobody(message: Message) -> None:
        pytest.fail(f"answered: {message}")

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/graphql",
        "query_string": b"query=%7Benter%7D",
        "headers": [],
    }
    async with asyncio.timeout(5):
        await app(scope, receive, nobody)
    assert (hall.inside, hall.contexts_open) == (0, 0)
