"""Automatic persisted queries, as Apollo's clients ask: the digest first, and the text if need be."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp

from schema.limits import Limits
from tests.web.edge.asking import Told, asking, call, persisted, sha256
from tests.web.edge.conftest import Hall

NEWER = "application/graphql-response+json"
HELLO = "query Hello($name: String!) { hello(name: $name) }"


async def ask_by_digest(app: ASGIApp, text: str, **members: Any) -> Told:
    return await call(app, **asking(None, extensions=persisted(text), **members))


async def ask_by_both(app: ASGIApp, text: str, **members: Any) -> Told:
    return await call(app, **asking(text, extensions=persisted(text), **members))


@pytest.mark.parametrize("accept", [NEWER, "application/json"])
async def test_a_digest_that_nobody_brought_is_answered_so_that_the_text_comes(
    app: ASGIApp, accept: str
) -> None:
    told = await ask_by_digest(app, HELLO, accept=accept, variables={"name": "Anna"})
    assert (told.status, told.codes) == (200, ["PERSISTED_QUERY_NOT_FOUND"])
    assert told.json["errors"][0]["message"] == "PersistedQueryNotFound"
    assert told.headers["cache-control"] == "no-store"


async def test_after_the_text_came_once_its_digest_will_do(app: ASGIApp) -> None:
    await ask_by_both(app, HELLO, variables={"name": "Anna"})
    for name in ("Sam", "Lee"):
        told = await ask_by_digest(app, HELLO, variables={"name": name})
        assert (told.status, told.json) == (200, {"data": {"hello": f"Hello, {name}"}})


async def test_a_text_that_came_without_its_digest_may_still_get_one(app: ASGIApp) -> None:
    await call(app, **asking(HELLO, variables={"name": "Anna"}))
    assert (await ask_by_digest(app, HELLO)).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    await ask_by_both(app, HELLO, variables={"name": "Anna"})
    assert (await ask_by_digest(app, HELLO, variables={"name": "Sam"})).status == 200


async def test_no_text_is_kept_under_anothers_digest(app: ASGIApp, hall: Hall) -> None:
    wrong = asking('mutation { rename(title: "x") }', NEWER, extensions=persisted(HELLO))
    for known in (False, True):
        told = await call(app, **wrong)
        assert (told.status, told.codes) == (400, ["BAD_REQUEST"])
        assert "provided sha does not match query" in told.json["errors"][0]["message"]
        assert hall.titles == []
        if not known:
            assert (await ask_by_digest(app, HELLO)).codes == ["PERSISTED_QUERY_NOT_FOUND"]
            await ask_by_both(app, HELLO, variables={"name": "Anna"})
    again = await ask_by_digest(app, HELLO, variables={"name": "Anna"})
    assert again.json == {"data": {"hello": "Hello, Anna"}}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + "hello " * 51 + "}", "REPEATED_FIELD_LIMIT"),
    ],
)
async def test_a_document_that_is_no_good_is_never_kept(app: ASGIApp, text: str, code: str) -> None:
    assert (await ask_by_both(app, text)).codes[0] == code
    assert (await ask_by_digest(app, text)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_what_was_asked_longest_ago_is_forgotten_first(
    app_with: Callable[..., ASGIApp],
) -> None:
    app = app_with(Limits(cached_document_characters=60))
    often, once, other = "{ hello }  # often", "{ hello }  # once.", "{ hello }  # other"
    for text in (often, once):
        await ask_by_both(app, text)
    await ask_by_digest(app, often)
    for text in (other, "{ hello }  # last"):
        await ask_by_both(app, text)
    assert (await ask_by_digest(app, once)).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    assert (await ask_by_digest(app, other)).json == {"data": {"hello": "Hello, you"}}


async def test_a_hub_that_keeps_nothing_says_that_it_is_not_supported(
    app_with: Callable[..., ASGIApp],
) -> None:
    app = app_with(Limits(cached_document_characters=0))
    told = await ask_by_digest(app, HELLO)
    assert (told.status, told.codes) == (200, ["PERSISTED_QUERY_NOT_SUPPORTED"])
    assert told.json["errors"][0]["message"] == "PersistedQueryNotSupported"
    both = await ask_by_both(app, HELLO, variables={"name": "Anna"})
    assert both.json == {"data": {"hello": "Hello, Anna"}}


@pytest.mark.parametrize(
    "given",
    [
        "x",
        1,
        [],
        {},
        {"version": 2, "sha256Hash": sha256(HELLO)},
        {"version": "1", "sha256Hash": sha256(HELLO)},
        {"version": 1},
        {"version": 1, "sha256Hash": None},
        {"version": 1, "sha256Hash": 5},
        {"version": 1, "sha256Hash": sha256(HELLO).upper()},
        {"version": 1, "sha256Hash": sha256(HELLO)[1:]},
        {"version": 1, "sha256Hash": sha256(HELLO) + "\n"},
    ],
)
async def test_another_protocol_or_no_digest_is_refused_by_name(app: ASGIApp, given: Any) -> None:
    told = await call(app, **asking(HELLO, extensions={"persistedQuery": given}))
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])
    assert told.json["errors"][0]["extensions"]["field"][:2] == ["extensions", "persistedQuery"]


async def test_other_extensions_mean_nothing(app: ASGIApp) -> None:
    told = await call(app, **asking("{ hello }", extensions={"trace": {"version": 9}}))
    assert told.json == {"data": {"hello": "Hello, you"}}


async def test_a_change_may_be_asked_by_digest_too(app: ASGIApp, hall: Hall) -> None:
    text = "mutation Name($title: String!) { rename(title: $title) }"
    await ask_by_both(app, text, variables={"title": "Soup"})
    await ask_by_digest(app, text, variables={"title": "Bread"})
    assert hall.titles == ["Soup", "Bread"]


async def test_the_usual_introspection_may_be_asked_by_digest_too(app: ASGIApp) -> None:
    text = "{ __schema { queryType { name } } }"
    first = await ask_by_both(app, text)
    again = await ask_by_digest(app, text)
    assert first.json == again.json == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
