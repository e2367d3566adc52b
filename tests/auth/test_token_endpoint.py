"""POST /oauth/token, as apps, clumsy ones and attackers meet it."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from auth.tokens import LIVES_SECONDS
from storage.credential_tables import clients
from tests.auth.people import Office, basic_of, bearer
from tests.outside import StandingClock


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


def header_of(token: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    return header


def refused(answer: httpx.Response, status: int, error: str) -> str:
    """The description; whatever is refused is refused as RFC 6749 s5.2 has it."""
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, error), body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "access_token" not in body
    description: str = body["error_description"]
    return description


async def test_an_app_gets_a_token_for_the_scopes_it_asks(office: Office) -> None:
    answer = await office.ask(scope="events:write events:read")
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert body | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "events:read events:write",
    }


async def test_a_token_says_who_it_is_for_and_no_more(office: Office, clock: StandingClock) -> None:
    token = await office.token("events:read")
    now = int(clock.now().timestamp())
    claims = claims_of(token)
    assert header_of(token) == {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": office.service.ring.signing_key.kid,
    }
    assert claims | {"jti": "", "gid": ""} == {
        "iss": "http://hub.test",
        "aud": "http://hub.test/graphql",
        "sub": office.app.client.id,
        "client_id": office.app.client.id,
        "org": office.town.pantry,
        "gid": "",
        "scope": "events:read",
        "jti": "",
        "iat": now,
        "exp": now + LIVES_SECONDS,
    }
    assert claims["jti"] != claims_of(await office.token("events:read"))["jti"]


async def test_where_no_scope_is_asked_an_app_gets_what_it_may_read(office: Office) -> None:
    assert (await office.ask()).json()["scope"] == "organizations:read events:read"
    assert (await office.ask(scope="")).json()["scope"] == "organizations:read events:read"


async def test_an_app_without_the_default_scopes_must_name_what_it_wants(office: Office) -> None:
    app = await office.desk.register("pantry", "Door", ["attendance:write"])
    basic = basic_of(app.client.id, app.secret)
    assert "Name the scopes" in refused(await office.ask(basic=basic), 400, "invalid_scope")
    assert (await office.ask(basic=basic, scope="attendance:write")).status_code == 200


@pytest.mark.parametrize(
    "scope",
    ["events:publish", "events:read events:publish", "alliances:agree", "organization:admin"],
)
async def test_a_scope_beyond_the_registration_is_refused_and_not_narrowed(
    office: Office, scope: str
) -> None:
    description = refused(await office.ask(scope=scope), 400, "invalid_scope")
    assert scope.split()[-1] in description
    assert "events:read" not in description.replace(scope, "")


async def test_what_needs_a_person_is_refused_whatever_the_registration_says(
    office: Office,
) -> None:
    async with office.town.database.writing() as db:
        await db.execute(update(clients).values(scopes=["events:read", "alliances:agree"]))
    answer = await office.ask(scope="events:read alliances:agree")
    said = refused(answer, 400, "invalid_scope")
    assert said == "Without a person there is no alliances:agree."
    assert (await office.ask(scope="events:read")).status_code == 200


@pytest.mark.parametrize("scope", ["events:everything", "*", "EVENTS:READ", 'a"b', "é", "\x00"])
async def test_an_unknown_scope_is_refused_by_name(office: Office, scope: str) -> None:
    assert "no scope" in refused(await office.ask(scope=scope), 400, "invalid_scope")


async def test_a_wrong_secret_and_an_unknown_client_look_the_same(office: Office) -> None:
    wrong = await office.ask(basic=basic_of(office.app.client.id, "cvk_secret_wrong"))
    unknown = await office.ask(basic=basic_of("app_unknown", office.app.secret))
    refused(wrong, 401, "invalid_client")
    assert wrong.headers["www-authenticate"] == 'Basic realm="Convoke", charset="UTF-8"'
    assert (wrong.status_code, wrong.text, wrong.headers) == (
        unknown.status_code,
        unknown.text,
        unknown.headers,
    )


@pytest.mark.parametrize(
    "basic",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"no separator").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Basic " + base64.b64encode(b"app\x00:secret").decode(),
        "Basic " + base64.b64encode(b"app%00:secret").decode(),
        "Bearer something",
        "Digest something",
    ],
)
async def test_credentials_that_are_none_are_refused_like_wrong_ones(
    office: Office, basic: str
) -> None:
    refused(await office.ask(basic=basic), 401, "invalid_client")


async def test_without_credentials_the_way_to_send_them_is_said(office: Office) -> None:
    answer = await office.http.post("/oauth/token", data={"grant_type": "client_credentials"})
    assert "HTTP Basic" in refused(answer, 401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_secret_in_the_body_is_refused(office: Office) -> None:
    fields = {"client_id": office.app.client.id, "client_secret": office.app.secret}
    data = {"grant_type": "client_credentials", **fields}
    refused(await office.http.post("/oauth/token", data=data), 401, "invalid_client")


@pytest.mark.parametrize("extra", ["client_secret", "client_assertion"])
async def test_two_ways_to_authenticate_are_refused(office: Office, extra: str) -> None:
    answer = await office.ask(**{extra: office.app.secret})
    assert "one way" in refused(answer, 400, "invalid_request")


async def test_two_authorization_headers_are_refused(office: Office) -> None:
    basic = basic_of(office.app.client.id, office.app.secret)
    answer = await office.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=[("authorization", basic), ("authorization", basic)],
    )
    assert "one way" in refused(answer, 400, "invalid_request")


async def test_another_client_id_in_the_body_is_refused(office: Office) -> None:
    refused(await office.ask(client_id="app_other"), 400, "invalid_request")
    assert (await office.ask(client_id=office.app.client.id)).status_code == 200


@pytest.mark.parametrize("name", ["grant_type", "scope", "client_id", "made_up"])
async def test_a_repeated_parameter_is_refused(office: Office, name: str) -> None:
    answer = await office.http.post(
        "/oauth/token",
        content=f"grant_type=client_credentials&{name}=events:read&{name}=events:read",
        headers={
            "authorization": basic_of(office.app.client.id, office.app.secret),
            "content-type": "application/x-www-form-urlencoded",
        },
    )
    assert f"Send {name} once." == refused(answer, 400, "invalid_request")


async def test_only_our_own_resource_may_be_named_however_often(office: Office) -> None:
    assert (await office.ask(resource="http://hub.test/graphql")).status_code == 200
    elsewhere = "https://other.test/graphql"
    assert "http://hub.test/graphql" in refused(
        await office.ask(resource=elsewhere), 400, "invalid_target"
    )
    both = f"resource=http://hub.test/graphql&resource={elsewhere}"
    answer = await office.http.post(
        "/oauth/token",
        content=f"grant_type=client_credentials&{both}",
        headers={
            "authorization": basic_of(office.app.client.id, office.app.secret),
            "content-type": "application/x-www-form-urlencoded",
        },
    )
    refused(answer, 400, "invalid_target")


@pytest.mark.parametrize(
    "grant_type",
    ["password", "implicit", 'x"y', "é"],
)
async def test_another_grant_type_is_refused(office: Office, grant_type: str) -> None:
    answer = await office.ask(grant_type=grant_type)
    assert "client_credentials" in refused(answer, 400, "unsupported_grant_type")


async def test_a_missing_grant_type_is_asked_for(office: Office) -> None:
    answer = await office.ask(grant_type="")
    assert "grant_type, one of client_credentials" in refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b'{"grant_type": "client_credentials"}', {"content-type": "application/json"}),
        (b"grant_type=client_credentials", {"content-type": "multipart/form-data"}),
        (b"grant_type=client_credentials", {"content-encoding": "gzip"}),
        (b"grant_type=%ff%fe", {}),
        (b"grant_type=\xff\xfe", {}),
        (b"&".join(b"a%d=1" % number for number in range(51)), {}),
    ],
)
async def test_a_body_that_is_no_form_is_refused(
    office: Office, content: bytes, headers: dict[str, str]
) -> None:
    every = {
        "authorization": basic_of(office.app.client.id, office.app.secret),
        "content-type": "application/x-www-form-urlencoded",
        **headers,
    }
    answer = await office.http.post("/oauth/token", content=content, headers=every)
    assert "x-www-form-urlencoded" in refused(answer, 400, "invalid_request")


async def test_an_endless_body_is_cut_off(office: Office) -> None:
    answer = await office.ask(scope="a" * 20_000)
    refused(answer, 413, "invalid_request")


async def test_parameters_in_the_address_are_refused(office: Office) -> None:
    answer = await office.http.post(
        "/oauth/token?grant_type=client_credentials",
        data={"grant_type": "client_credentials"},
        headers={"authorization": basic_of(office.app.client.id, office.app.secret)},
    )
    refused(answer, 400, "invalid_request")


async def test_the_token_endpoint_takes_posts_alone(office: Office) -> None:
    answer = await office.http.get("/oauth/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_no_header_changes_who_issues_a_token_or_for_what(office: Office) -> None:
    answer = await office.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={
            "authorization": basic_of(office.app.client.id, office.app.secret),
            "host": "evil.test",
            "x-forwarded-host": "evil.test",
            "x-forwarded-proto": "https",
            "forwarded": "host=evil.test",
        },
    )
    claims = claims_of(answer.json()["access_token"])
    assert (claims["iss"], claims["aud"]) == ("http://hub.test", "http://hub.test/graphql")


async def test_a_revoked_app_gets_no_token(office: Office) -> None:
    await office.desk.revoke(office.app.client.id)
    refused(await office.ask(), 401, "invalid_client")


async def test_while_a_secret_is_changed_both_work_and_then_the_new_one_alone(
    office: Office, clock: StandingClock
) -> None:
    new = await office.desk.rotate(office.app.client.id, timedelta(hours=2))
    fresh = basic_of(new.client.id, new.secret)
    assert (await office.ask()).status_code == 200
    assert (await office.ask(basic=fresh)).status_code == 200
    clock.forward(hours=2)
    refused(await office.ask(), 401, "invalid_client")
    assert (await office.ask(basic=fresh)).status_code == 200


async def last_used(office: Office) -> Any:
    async with office.town.database.reading() as db:
        return await db.scalar(select(clients.c.last_used_at))


async def test_when_an_app_was_last_used_is_kept_to_the_minute(
    office: Office, clock: StandingClock
) -> None:
    assert await last_used(office) is None
    refused(await office.ask(scope="nothing"), 400, "invalid_scope")
    assert await last_used(office) is None, "a refusal is no use"
    first = clock.now()
    await office.token()
    clock.forward(seconds=59)
    await office.token()
    assert await last_used(office) == first
    clock.forward(seconds=1)
    await office.token()
    assert await last_used(office) == clock.now()


async def test_many_tokens_at_once_are_no_trouble(office: Office) -> None:
    tokens = await asyncio.gather(*(office.token() for _ in range(20)))
    assert len(set(tokens)) == 20
    async with office.town.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(clients)) == 1


async def test_a_bearer_token_is_no_client_authentication(office: Office) -> None:
    token = await office.token()
    answer = await office.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=bearer(token)
    )
    refused(answer, 401, "invalid_client")
