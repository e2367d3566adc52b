"""Attacks by requests that two readers may understand differently: names, headers, parameters, ends."""

import asyncio

from tests.attacks.target import ISSUER, RESOURCE, Target, error_of, read
from tests.auth.people import basic_of
from tests.auth.signing_in import mailbox
from tests.web.account.apps_of_people import asking
from web.account.visits import SIGN_IN

EVIL = {
    "host": "evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-original-host": "evil.example",
    "forwarded": "host=evil.example;proto=https",
}
DOCUMENTS = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-protected-resource/graphql",
)


async def test_a_foreign_host_is_in_no_document(target: Target) -> None:
    for path in DOCUMENTS:
        honest = await target.http.get(path)
        answer = await target.http.get(path, headers=EVIL)
        assert answer.json() == honest.json()
        assert "evil" not in answer.text
        assert ISSUER in answer.text
    refused = await target.http.post("/graphql", json={"query": "{ viewer { client } }"})
    forged = await target.http.post(
        "/graphql", json={"query": "{ viewer { client } }"}, headers=EVIL
    )
    assert "evil" not in str(forged.headers) + forged.text
    assert forged.headers.get("www-authenticate") == refused.headers.get("www-authenticate")


async def test_a_foreign_host_is_in_no_token_and_no_link(target: Target) -> None:
    machine = {"authorization": basic_of(target.office.app.client.id, target.office.app.secret)}
    answer = await target.posted({"grant_type": "client_credentials"}, **{**EVIL, **machine})
    _, claims = read(answer.json()["access_token"])
    assert (claims["iss"], claims["aud"]) == (ISSUER, RESOURCE)
    app = await target.app()
    begun = await target.posted({"client_id": app.id}, "/oauth/device_authorization", **EVIL)
    assert begun.json()["verification_uri"] == f"{ISSUER}/device"
    sent = await target.anna.http.get(asking(app, prompt="none"), headers=EVIL)
    assert "evil" not in sent.headers["location"]
    for path in ("/account", "/account/", "/device/", "/account/apps"):
        told = await target.counter.browser.http.get(path, headers=EVIL)
        assert "evil" not in told.headers.get("location", "") + told.text, path


async def test_a_foreign_host_is_in_no_letter(target: Target) -> None:
    """The link in it would take Anna's sign-in there."""
    browser = await target.browser()
    await browser.open(SIGN_IN)
    form = browser.form(f"{SIGN_IN}/letter")
    answer = await browser.http.post(
        form.action,
        data={**form.fields, "address": "anna@pantry.example"},
        headers={**EVIL, "origin": ISSUER},
    )
    assert answer.status_code == 303
    (text,) = await mailbox(target.counter.desk.database, "anna@pantry.example")
    assert "evil" not in text
    assert f"{ISSUER}{SIGN_IN}/link?letter=" in text


async def test_of_two_ways_to_show_who_an_app_is_neither_is_believed(target: Target) -> None:
    app = target.office.app
    basic, other = basic_of(app.client.id, app.secret), basic_of("app_other", app.secret)
    form = {"content-type": "application/x-www-form-urlencoded"}
    before = await target.contents()
    for headers, body in (
        ([basic, basic], "grant_type=client_credentials"),
        ([basic, other], "grant_type=client_credentials"),
        ([basic], f"grant_type=client_credentials&client_secret={app.secret}"),
        ([basic], "grant_type=client_credentials&client_assertion=x"),
        ([basic], "grant_type=client_credentials&client_id=app_other"),
    ):
        answer = await target.http.post(
            "/oauth/token",
            content=body,
            headers=[*form.items(), *(("authorization", each) for each in headers)],
        )
        assert error_of(answer) == (400, "invalid_request"), body
    assert await target.contents() == before
    assert (await target.office.ask()).status_code == 200


async def test_of_two_parameters_of_one_name_neither_gets_a_token(target: Target) -> None:
    basic = basic_of(target.office.app.client.id, target.office.app.secret)
    form = {"authorization": basic, "content-type": "application/x-www-form-urlencoded"}
    before = await target.contents()
    for name in ("grant_type", "scope", "client_id", "made_up"):
        twice = f"grant_type=client_credentials&{name}=a&{name}=b"
        answer = await target.http.post("/oauth/token", content=twice, headers=form)
        assert error_of(answer) == (400, "invalid_request"), name
    assert await target.contents() == before
    assert (await target.office.ask()).status_code == 200


async def test_of_two_parameters_of_one_name_nobody_is_asked_about_either(target: Target) -> None:
    app = await target.app()
    before = await target.contents()
    for name in ("client_id", "redirect_uri"):
        answer = await target.anna.open(f"{asking(app)}&{name}=https://evil.example/")
        assert (answer.status_code, "location" in answer.headers) == (400, False), name
    for name in ("scope", "state", "code_challenge", "nonce"):
        answer = await target.anna.open(f"{asking(app, nonce='n')}&{name}=another")
        assert "error=invalid_request" in answer.headers["location"], name
    assert await target.contents() == before
    assert (await target.anna.open(asking(app))).status_code == 200


async def raw(target: Target, request: bytes) -> list[bytes]:
    """The status lines of all that is answered to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(request)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


async def test_a_request_whose_end_two_readers_see_elsewhere_is_refused(target: Target) -> None:
    """Request smuggling (RFC 9112 s6.3): what follows is never taken for another's request."""
    basic = basic_of(target.office.app.client.id, target.office.app.secret).encode()
    body = b"grant_type=client_credentials"
    head = (
        b"POST /oauth/token HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nAuthorization: " + basic + b"\r\n"
    )
    length = b"Content-Length: %d\r\n" % len(body)
    smuggled = b"GET /account HTTP/1.1\r\nHost: hub.test\r\n\r\n"
    before = await target.contents()
    for ends, content in (
        (length + b"Content-Length: 5\r\n", body),
        (b"Content-Length: 5, %d\r\n" % len(body), body),
        (b"Content-Length: +29\r\n", body),
        (b"Transfer-Encoding: xchunked\r\n", body),
        (b"Transfer-Encoding: identity, chunked\r\n", b"0\r\n\r\n" + smuggled),
        (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + smuggled),
    ):
        told = await raw(target, head + ends + b"\r\n" + content)
        assert len(told) == 1, (ends, told)
        assert told[0].startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), (ends, told)
    # Both: the length is left out of account, and the connection ends (RFC 9112 s6.1); or refused.
    both = length + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled
    told = await raw(target, head + both)
    assert len(told) == 1, told
    assert b" 200 " not in told[0]
    assert await target.contents() == before
    assert (await raw(target, head + length + b"\r\n" + body))[0] == b"HTTP/1.1 200 OK"
