"""An app registers itself: anybody may, nobody vouches for it, and it gets little."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth import app_addresses, authorizing, registration, sweeping
from auth.adapter import NotRecognizedError
from auth.client_assertions import TYPE, ClientAssertions
from auth.desk import digest_of
from auth.keys_elsewhere import KeysElsewhere
from auth.registration import MAY_ASK_FOR, WITHOUT_ASKING, RegistrationRefusedError
from auth.routes import routes
from domain.apps import RegisteredBy
from domain.errors import Invalid
from federation.client import OutgoingClient, OutgoingSettings
from storage import credentials
from storage.credential_tables import client_secrets, clients
from storage.credentials import Client
from storage.tables import audit_entries
from tests.auth.letting_in import VERIFIER, Doorstep, answer_in
from tests.auth.people import Office, basic_of
from tests.auth.signing import Signer, made_key, public
from tests.outside import StandingClock
from web.outgoing import fetched_by

CALLBACK = "https://calendar.example/back"
GOOD: dict[str, Any] = {"redirect_uris": [CALLBACK], "client_name": "Free Calendar"}


async def registers(office: Office, **metadata: Any) -> httpx.Response:
    """None leaves one out."""
    whole = {name: value for name, value in {**GOOD, **metadata}.items() if value is not None}
    return await office.http.post("/oauth/register", json=whole)


async def registered(office: Office, **metadata: Any) -> dict[str, Any]:
    answer = await registers(office, **metadata)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    told: dict[str, Any] = answer.json()
    return told


async def client_of(office: Office, client_id: str) -> Client:
    async with office.town.database.reading() as db:
        client = await credentials.client_called(db, client_id)
    assert client is not None
    return client


async def count_of(office: Office) -> int:
    async with office.town.database.reading() as db:
        return await db.scalar(select(func.count()).select_from(clients)) or 0


async def test_it_is_told_all_that_was_registered(office: Office) -> None:
    told = await registered(office)
    secret = told.pop("client_secret")
    client_id = told.pop("client_id")
    assert told == {
        "client_id_issued_at": int(office.desk.clock.now().timestamp()),
        "client_secret_expires_at": 0,
        "client_name": "Free Calendar",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid offline_access organizations:read groups:read events:read alliances:read",
        "id_token_signed_response_alg": "ES256",
    }
    client = await client_of(office, client_id)
    assert (client.registered_by, client.organization_id) == (RegisteredBy.ITSELF, None)
    async with office.town.database.reading() as db:
        assert digest_of(secret) in list(await db.scalars(select(client_secrets.c.digest)))
        entries = (await db.execute(select(audit_entries))).mappings().all()
    assert entries[-1]["action"] == "client.register_itself"
    assert entries[-1]["client_id"] == client_id
    assert secret not in str(entries)


async def test_what_is_not_used_here_is_left_out_above_all_its_picture(office: Office) -> None:
    told = await registered(
        office,
        logo_uri="http://169.254.169.254/latest/meta-data",
        software_statement="ey",
        application_type="web",
        contacts=["a@b.example"],
        client_id="convoke-cli",
        registered_by="BUILT_IN",
        organization_id=office.town.pantry,
        something={"new": [1]},
        client_uri="https://calendar.example/",
        policy_uri="https://calendar.example/policy",
        tos_uri="https://calendar.example/terms",
    )
    assert not told.keys() & {"logo_uri", "software_statement", "contacts", "something"}
    assert told["client_id"].startswith("app_")
    client = await client_of(office, told["client_id"])
    assert (client.client_uri, client.policy_uri, client.tos_uri) == (
        "https://calendar.example/",
        "https://calendar.example/policy",
        "https://calendar.example/terms",
    )
    assert (client.registered_by, client.organization_id) == (RegisteredBy.ITSELF, None)


async def test_a_public_app_has_no_secret_and_one_with_keys_has_none_either(office: Office) -> None:
    told = await registered(office, token_endpoint_auth_method="none", client_name=None)
    assert not told.keys() & {"client_secret", "client_secret_expires_at"}
    assert told["client_name"] == "An app without a name"
    signs = {"token_endpoint_auth_method": "private_key_jwt"}
    jwks = public(made_key())
    told = await registered(office, **signs, jwks=jwks)
    assert told["jwks"] == jwks
    assert "client_secret" not in told
    told = await registered(office, **signs, jwks_uri="https://calendar.example/keys")
    assert told["jwks_uri"] == "https://calendar.example/keys"


async def test_an_app_without_a_browser_shows_a_code(office: Office) -> None:
    ways = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]
    told = await registered(
        office, redirect_uris=None, grant_types=ways, token_endpoint_auth_method="none"
    )
    assert sorted(told["grant_types"]) == sorted(ways)
    assert (told["response_types"], told["redirect_uris"]) == ([], [])
    asked = {"client_id": told["client_id"], "scope": "events:read"}
    answer = await office.http.post("/oauth/device_authorization", data=asked)
    assert answer.status_code == 200


async def test_anna_lets_it_in_and_is_told_that_nobody_knows_it(doorstep: Doorstep) -> None:
    office = doorstep.office
    told = await registered(office, grant_types=["authorization_code", "refresh_token"])
    client = await client_of(office, told["client_id"])
    asked = await doorstep.read(client, scope="openid offline_access events:read")
    assert (asked.is_unverified, asked.redirect_host) == (True, "calendar.example")
    sent_to = await authorizing.allow(
        office.service, office.desk, asked, doorstep.anna, doorstep.pantry, asked.scopes
    )
    fields = {
        "grant_type": "authorization_code",
        "code": answer_in(sent_to)["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    basic = basic_of(client.id, told["client_secret"])
    answer = await office.http.post("/oauth/token", data=fields, headers={"authorization": basic})
    assert answer.status_code == 200, answer.text
    assert answer.json()["refresh_token"]
    alone = await office.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"authorization": basic},
    )
    assert (alone.status_code, alone.json()["error"]) == (400, "unauthorized_client")


NEVER = ("alliances:agree", "organization:admin", "hubs:admin", "audit:read", "federation:sync")


def test_what_it_may_ask_for_is_neither_binding_nor_ruling() -> None:
    assert not set(NEVER) & set(MAY_ASK_FOR)
    assert set(WITHOUT_ASKING) <= set(MAY_ASK_FOR)
    assert not [name for name in WITHOUT_ASKING if name.endswith((":write", ":publish", ":hosts"))]


METADATA: list[tuple[dict[str, Any], str, str]] = [
    *(({"scope": f"events:read {name}"}, "scope", name) for name in NEVER),
    ({"scope": "events:all"}, "scope", "events:all"),
    ({"scope": ["events:read"]}, "scope", "text"),
    ({"grant_types": ["client_credentials"]}, "grant_types", "organization"),
    ({"grant_types": ["implicit"]}, "grant_types", "grant_types"),
    ({"grant_types": ["password", "authorization_code"]}, "grant_types", "grant_types"),
    ({"grant_types": ["refresh_token"]}, "grant_types", "grant_types"),
    ({"grant_types": "authorization_code"}, "grant_types", "list"),
    ({"grant_types": [1]}, "grant_types", "list"),
    ({"response_types": ["token"]}, "response_types", "code"),
    ({"response_types": ["code", "id_token"]}, "response_types", "code"),
    ({"token_endpoint_auth_method": "client_secret_post"}, "token_endpoint_auth_method", "one of"),
    ({"token_endpoint_auth_method": 1}, "token_endpoint_auth_method", "text"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks", "jwks_uri"),
    ({"jwks": {"keys": []}}, "jwks", "private_key_jwt"),
    ({"client_name": 1}, "client_name", "text"),
    ({"client_name": "a" * 81}, "client_name", "80"),
    ({"client_name": "Pantry\u202egnp.exe"}, "client_name", "U\\+202E"),
    ({"client_name": "Pan\u200btry"}, "client_name", "U\\+200B"),
    ({"client_name": "Pantry\u2066"}, "client_name", "U\\+2066"),
    ({"client_name": "Pantry\U000e0041"}, "client_name", "U\\+E0041"),
    ({"redirect_uris": None}, "redirect_uris", "redirect_uris"),
    ({"redirect_uris": []}, "redirect_uris", "redirect_uris"),
    ({"redirect_uris": CALLBACK}, "redirect_uris", "list"),
    ({"redirect_uris": [f"{CALLBACK}/{n}" for n in range(11)]}, "redirect_uris", "10"),
]


async def test_what_will_not_do_is_refused_by_name(office: Office) -> None:
    before = await count_of(office)
    for metadata, field, says in METADATA:
        given = {**GOOD, **metadata}
        with pytest.raises(RegistrationRefusedError, match=says) as refused:
            await registration.register(
                office.desk, {name: value for name, value in given.items() if value is not None}
            )
        is_redirect = field == "redirect_uris"
        error = "invalid_redirect_uri" if is_redirect else "invalid_client_metadata"
        assert refused.value.error == error, metadata
    assert await count_of(office) == before


async def test_a_refusal_is_as_the_standard_has_it(office: Office) -> None:
    before = await count_of(office)
    answer = await registers(office, redirect_uris=["http://calendar.example/back"])
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_redirect_uri"
    assert "https://" in answer.json()["error_description"]
    for body, headers in (
        (b"[]", {"content-type": "application/json"}),
        (b"{", {"content-type": "application/json"}),
        (b"\xff", {"content-type": "application/json"}),
        (b"[" * 10_000, {"content-type": "application/json"}),
        (json.dumps(GOOD).encode(), {"content-type": "text/plain"}),
        (json.dumps(GOOD).encode(), {}),
    ):
        answer = await office.http.post("/oauth/register", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    large = await registers(office, client_name="a" * 20_000)
    assert large.status_code == 413
    assert (await office.http.get("/oauth/register")).status_code == 405
    assert await count_of(office) == before


@pytest.mark.parametrize(
    "address",
    [
        "https://calendar.example/back",
        "https://calendar.example",
        "https://calendar.example:8443/back?app=1&x=%20",
        "https://xn--caf-dma.example/back",
        "http://127.0.0.1/back",
        "http://127.0.0.1:49152/back",
        "http://[::1]/back",
        "http://localhost:3000/back",
        "org.example.app:/back",
        "org.example.app://back",
    ],
)
def test_where_a_browser_may_be_sent(address: str) -> None:
    assert app_addresses.redirect_uris([address, address]) == (address,)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "back",
        "/back",
        "//calendar.example/back",
        "http://calendar.example/back",
        "http://127.0.0.1.calendar.example/",
        "http://localhost.calendar.example/",
        "http://127.0.0.2/",
        "http://calendar.example@127.0.0.1/",
        "https:///back",
        "https://",
        "https:calendar.example/back",
        "https://calendar.example/back#part",
        "https://calendar.example#",
        "https://user@calendar.example/back",
        "https://user:word@calendar.example/back",
        "https://calendar.example\\@evil.example/",
        "https://calendar.example:port/",
        "https://calendar.example:99999/",
        "https://caf\u00e9.example/back",
        "https://calendar.example/ba ck",
        "https://calendar.example/back\n",
        "https://calendar.example;form-action/back",
        "https://*/back",
        "https://[::1/back",
        "HTTP://calendar.example/",
        "javascript:alert(1)",
        "javascript.x:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "myapp:/back",
        "myapp://back",
        "urn:ietf:wg:oauth:2.0:oob",
        "a" * 2_001,
        "https://calendar.example/" + "a" * 2_000,
    ],
)
def test_where_no_browser_is_sent(address: str) -> None:
    with pytest.raises(Invalid, match="redirect_uris"):
        app_addresses.redirect_uris([address])


INWARD = [
    "http://calendar.example/keys",
    "https://127.0.0.1/keys",
    "https://10.0.0.1/keys",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/keys",
    "https://[::ffff:10.0.0.1]/keys",
    "https://2130706433/keys",
    "https://0x7f.1/keys",
    "https://127.1/keys",
    "https://localhost/keys",
    "https://keys.localhost/keys",
    "https://intranet/keys",
    "https://user@calendar.example/keys",
    "file:///etc/passwd",
    "gopher://calendar.example/",
]


async def test_keys_at_an_address_within_are_not_registered(office: Office) -> None:
    before = await count_of(office)
    for url in INWARD:
        given = {**GOOD, "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": url}
        with pytest.raises(RegistrationRefusedError, match="jwks_uri"):
            await registration.register(office.desk, given)
    for field in ("client_uri", "policy_uri", "tos_uri"):
        for url in ("http://calendar.example/", "javascript:alert(1)", "https://a@b.example/"):
            with pytest.raises(RegistrationRefusedError, match=field):
                await registration.register(office.desk, {**GOOD, field: url})
    assert await count_of(office) == before


async def test_keys_whose_name_leads_inward_are_never_asked_for(
    office: Office, clock: StandingClock
) -> None:
    """The name is public, and its address is not: it is looked at when it is asked, each time."""
    looked_up: list[str] = []

    async def inward(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["93.184.216.34", "10.0.0.1"]

    told = await registered(
        office,
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri="https://calendar.example/keys",
        grant_types=["urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris=None,
    )
    app = Signer(office, told["client_id"], made_key())
    async with OutgoingClient(OutgoingSettings(), resolver=inward) as client:
        guarded = KeysElsewhere(fetched_by(lambda: client), clock)
        asking = ClientAssertions(office.service.issuer, office.town.database, clock, guarded)
        for _ in range(3):
            sent = {"client_assertion_type": TYPE, "client_assertion": app.assertion()}
            with pytest.raises(NotRecognizedError):
                await asking.proven(sent)
    assert looked_up == ["calendar.example"], "looked up once, and nobody was connected to"


async def test_whoever_registers_and_registers_has_to_wait(
    office: Office, clock: StandingClock
) -> None:
    before = await count_of(office)
    desk = replace(office.desk, address="192.0.2.7")
    app = Starlette(routes=routes(office.service, lambda _: desk))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://any.test") as http:
        answers = [await http.post("/oauth/register", json=GOOD) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [201] * 10 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) == 60
        clock.forward(seconds=60)
        assert (await http.post("/oauth/register", json=GOOD)).status_code == 201
    assert await count_of(office) == before + 11


async def test_apps_that_nobody_let_in_are_forgotten_after_a_month(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    office = doorstep.office
    used, unused = await registered(office), await registered(office)
    await office.town.consent(
        used["client_id"], doorstep.pantry, doorstep.anna.person_id, "events:read"
    )
    asked = {"client_id": unused["client_id"], "scope": "events:read"}
    await office.http.post("/oauth/device_authorization", data=asked)
    there = await count_of(office)
    clock.forward(days=30)
    await sweeping.forget(office.town.database, clock.now(), 1_000)
    assert await count_of(office) == there, "the doorstep's phone app registered itself too"
    clock.forward(seconds=1)
    await sweeping.forget(office.town.database, clock.now(), 1_000)
    async with office.town.database.reading() as db:
        left = set(await db.scalars(select(clients.c.id)))
    assert unused["client_id"] not in left
    assert {used["client_id"], office.app.client.id, doorstep.website.id} <= left
