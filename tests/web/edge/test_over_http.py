"""GraphQL over HTTP: what a request must be, and with which status it is answered."""

import json
from itertools import product

import pytest
from starlette.types import ASGIApp

from tests.web.edge.asking import asking, call

NEWER = "application/graphql-response+json"
JSON = ("content-type", "application/json")


async def test_a_query_is_answered_as_json(app: ASGIApp) -> None:
    told = await call(app, **asking('{ hello(name: "Anna") }'))
    assert (told.status, told.json) == (200, {"data": {"hello": "Hello, Anna"}})
    assert told.headers["content-type"] == "application/json; charset=utf-8"
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["x-content-type-options"] == "nosniff"


async def test_every_answer_bears_the_requests_name(app: ASGIApp) -> None:
    told = [
        await call(app, **asking("{ hello }")),
        await call(app, **asking("{")),
        await call(app, method="GET"),
        await call(app, chunks=[b"x" * 200_000]),
    ]
    assert [each.status for each in told] == [200, 200, 400, 413]
    assert {each.headers["x-request-id"] for each in told} == {"0001020304050607"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (NEWER, NEWER),
        (f"{NEWER}, application/json;q=0.9", NEWER),
        (f"application/json, {NEWER}", NEWER),
        (f"{NEWER};q=0.5, application/json", "application/json"),
        ("application/json;q=0, */*", NEWER),
        (f"{NEWER.upper()}; charset=utf-8", NEWER),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/json"),
    ],
)
async def test_a_client_gets_the_media_type_it_would_rather_have(
    app: ASGIApp, accept: str | None, expected: str
) -> None:
    told = await call(app, **asking("{ hello }", accept))
    assert (told.status, told.headers["content-type"]) == (200, f"{expected}; charset=utf-8")


@pytest.mark.parametrize(
    "accept", ["text/csv", "application/json;q=0", "*/*;q=0", "image/*", ";;;"]
)
async def test_a_client_that_takes_neither_type_is_told_so(app: ASGIApp, accept: str) -> None:
    told = await call(app, **asking('mutation { rename(title: "x") }', accept))
    assert (told.status, told.codes) == (406, ["NOT_ACCEPTABLE"])
    assert "data" not in told.json


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query Q($id: ID!) { hello }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query Q($n: String!) { hello(name: $n) }", {"n": None}, "BAD_USER_INPUT"),
        ("query Q($n: Int!) { events(first: $n) { nodes { id } } }", {"n": "3"}, "BAD_USER_INPUT"),
        ("{ events(first: 100) { nodes { id " + "title " * 50 + "} } }", None, "COST_LIMIT"),
        ("query A { hello } query B { hello }", None, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
async def test_a_mistake_in_the_document_is_400_or_for_older_clients_200(
    app: ASGIApp, query: str, variables: dict[str, object] | None, code: str
) -> None:
    newer = await call(app, **asking(query, NEWER, variables=variables))
    older = await call(app, **asking(query, "application/json", variables=variables))
    assert (newer.status, newer.codes[0]) == (400, code)
    assert (older.status, older.codes[0]) == (200, code)
    assert "data" not in newer.json
    assert "data" not in older.json


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"])
async def test_only_get_and_post_ask(app: ASGIApp, method: str) -> None:
    told = await call(app, method=method)
    assert (told.status, told.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "text/plain")],
        [("content-type", "application/x-www-form-urlencoded")],
        [("content-type", "multipart/form-data; boundary=x")],
        [("content-type", "application/graphql")],
        [("content-type", "application/json; charset=utf-16")],
        [("content-type", "application/jsonx")],
        [JSON, JSON],
        [JSON, ("content-encoding", "gzip")],
        [JSON, ("content-encoding", "identity")],
    ],
)
async def test_a_body_that_is_not_plain_json_is_refused(
    app: ASGIApp, headers: list[tuple[str, str]]
) -> None:
    told = await call(app, chunks=[b'{"query": "{ hello }"}'], headers=headers)
    assert (told.status, told.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("charset", ["; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"', ";"])
async def test_utf_8_may_be_said(app: ASGIApp, charset: str) -> None:
    told = await call(
        app,
        chunks=['{"query": "{ hello(name: \\"Zoë\\") }"}'.encode()],
        headers=[("content-type", f"application/json{charset}")],
    )
    assert told.json == {"data": {"hello": "Hello, Zoë"}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b"[]",
        b'"x"',
        b'[{"query": "{ hello }"}]',
        b"{",
        b'{"query": NaN}',
        b'{"query": "{ hello }", "variables": {"a": Infinity}}',
        b'{"query": "{ hello(name: \\"\\ud800\\") }", "x": "\\ud800"}',
        b'{"query": "\xff"}',
        b'\xef\xbb\xbf{"query": "{ hello }"}',
        b'{"query": "{ hello }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
        b'{"query": "{ hello }", "variables": ' + b"[" * 20_000,
        b'{"a":' * 20_000,
        b"\x00",
    ],
)
async def test_what_is_not_one_json_object_is_refused(app: ASGIApp, body: bytes) -> None:
    told = await call(app, chunks=[body])
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *product(["query"], [None, 0, False, [], {}]),
        *product(["operationName"], [0, False, [], {}]),
        *product(["variables", "extensions"], [0, False, [], "x"]),
    ],
)
async def test_a_member_of_the_wrong_kind_is_named(
    app: ASGIApp, member: str, value: object
) -> None:
    told = await call(app, chunks=[json.dumps({"query": "{ hello }", member: value}).encode()])
    assert told.status == 400
    assert told.json["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "field": [member]}


async def test_null_members_are_as_good_as_none_and_unknown_ones_are_ignored(app: ASGIApp) -> None:
    told = await call(
        app,
        **asking("{ hello }", variables=None, operationName=None, extensions=None, other={"a": 1}),
    )
    assert told.json == {"data": {"hello": "Hello, you"}}


@pytest.mark.parametrize(
    "variables",
    [
        {"deep": [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]},
        {"long": [0] * 1_001},
        {"text": "x" * 20_001},
        {"inner": [{"text": "x" * 20_001}]},
        {str(n): n for n in range(1_001)},
    ],
)
async def test_variables_out_of_all_proportion_are_refused(
    app: ASGIApp, variables: dict[str, object]
) -> None:
    told = await call(app, **asking("{ hello }", variables=variables))
    assert told.status == 400
    assert told.json["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "field": ["variables"]}


async def test_variables_at_their_limits_are_taken(app: ASGIApp) -> None:
    variables = {"name": "x" * 20_000, "unused": [0] * 1_000}
    query = "query Q($name: String!) { hello(name: $name) }"
    told = await call(app, **asking(query, variables=variables))
    assert len(told.json["data"]["hello"]) == 20_007


async def test_a_body_too_large_is_refused_before_it_has_come(app: ASGIApp) -> None:
    # `call` fails where the application reads beyond what was sent.
    told = await call(app, chunks=[], headers=[JSON, ("content-length", "1000000000")])
    assert (told.status, told.codes) == (413, ["TOO_LARGE"])
    assert told.headers["connection"] == "close"


async def test_a_body_that_grows_too_large_is_refused_on_the_way(app: ASGIApp) -> None:
    told = await call(app, chunks=[b"x" * 65_536, b"x" * 65_537, b"never read"])
    assert (told.status, told.codes) == (413, ["TOO_LARGE"])


async def test_a_body_may_come_in_pieces(app: ASGIApp) -> None:
    told = await call(app, chunks=[b'{"query": ', b'"{ hello', b' }"}', b""])
    assert told.json == {"data": {"hello": "Hello, you"}}
