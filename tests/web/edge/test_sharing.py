"""Pages of other sites: which answers a browser lets them read."""

import pytest
from starlette.types import ASGIApp

from tests.web.edge.asking import asking, call

ORIGIN = ("origin", "https://pantry.example")
SHARED = [
    "/graphql",
    "/schema.graphql",
    "/oauth/jwks",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/graphql",
]


def preflight(method: str, headers: str) -> dict[str, object]:
    asked = [
        ORIGIN,
        ("access-control-request-method", method),
        ("access-control-request-headers", headers),
    ]
    return {"method": "OPTIONS", "headers": asked}


async def test_any_site_may_ask_with_a_token(whole_app: ASGIApp) -> None:
    may = await call(whole_app, **preflight("POST", "authorization,content-type,if-none-match"))  # type: ignore[arg-type]
    assert may.status == 200
    assert may.headers["access-control-allow-origin"] == "*"
    assert "POST" in may.headers["access-control-allow-methods"]
    assert may.headers["access-control-max-age"] == "7200"
    allowed = may.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "if-none-match"} <= set(allowed.split(", "))
    request = asking("{ __typename }")
    told = await call(whole_app, **{**request, "headers": [*request["headers"], ORIGIN]})
    assert told.json == {"data": {"__typename": "Query"}}
    assert told.headers["access-control-allow-origin"] == "*"
    exposed = told.headers["access-control-expose-headers"]
    assert set(exposed.split(", ")) == {"X-Request-Id", "Retry-After", "ETag"}


async def test_an_answer_that_a_cache_keeps_may_be_given_to_any_site(whole_app: ASGIApp) -> None:
    told = await call(whole_app, **asking("{ __typename }"))  # no Origin: not from a page
    assert told.headers["access-control-allow-origin"] == "*"


async def test_a_refusal_can_be_read_by_the_page_too(whole_app: ASGIApp) -> None:
    for request in (asking("{"), asking("{ hub { name } }", token="none")):
        told = await call(whole_app, **{**request, "headers": [*request["headers"], ORIGIN]})
        assert told.codes
        assert told.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", SHARED[1:])
async def test_what_says_how_to_ask_is_shared(whole_app: ASGIApp, path: str) -> None:
    told = await call(whole_app, headers=[ORIGIN], method="GET", path=path)
    assert (told.status, told.headers["access-control-allow-origin"]) == (200, "*")


async def test_nobody_s_cookies_are_ever_asked_for(whole_app: ASGIApp) -> None:
    cookie = ("cookie", "session=hunter2")
    for path in SHARED:
        told = await call(whole_app, headers=[ORIGIN, cookie], method="GET", path=path)
        assert "access-control-allow-credentials" not in told.headers
        assert told.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/userinfo"])
async def test_an_app_that_is_a_page_gets_its_tokens_and_is_told_of_refusals(
    whole_app: ASGIApp, path: str
) -> None:
    may = await call(whole_app, **preflight("POST", "authorization"), path=path)  # type: ignore[arg-type]
    told = await call(whole_app, headers=[ORIGIN], path=path)
    assert (may.status, told.status) == (200, 401 if "userinfo" in path else 400)
    for answer in (may, told):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


async def test_the_explorer_and_what_servers_and_people_use_are_not_shared(
    whole_app: ASGIApp,
) -> None:
    page = await call(whole_app, headers=[ORIGIN, ("accept", "text/html")], method="GET")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    asked = [
        await call(whole_app, headers=[ORIGIN], path=path, method=method)
        for path, method in (
            ("/oauth/introspect", "POST"),
            ("/oauth/authorize", "GET"),
            ("/account", "GET"),
        )
    ]
    before = [
        await call(whole_app, **preflight("POST", "authorization"), path=path)  # type: ignore[arg-type]
        for path in ("/oauth/introspect", "/oauth/authorize", "/account")
    ]
    for told in (page, *asked, *before):
        assert "access-control-allow-origin" not in told.headers


async def test_another_header_is_not_promised(whole_app: ASGIApp) -> None:
    told = await call(whole_app, **preflight("POST", "x-secret"))  # type: ignore[arg-type]
    assert told.status == 400


async def test_a_slash_too_many_is_not_sent_on_to_the_host_that_a_header_names(
    whole_app: ASGIApp,
) -> None:
    told = await call(whole_app, headers=[("host", "evil.example")], path="/graphql/")
    assert told.status == 404
    assert "location" not in told.headers
