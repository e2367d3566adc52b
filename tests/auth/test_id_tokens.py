"""ID tokens: who the person is, for the app that asked; and no other JWT of this hub is one."""

import base64
import hashlib
import json
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from auth.authenticate import viewer_of
from domain.errors import Unauthenticated
from tests.auth.letting_in import Doorstep
from tests.auth.people import bearer
from tests.outside import StandingClock


def read(doorstep: Doorstep, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """As an app reads it: with the published keys."""
    keys = KeySet.import_key_set(json.loads(json.dumps(doorstep.office.service.ring.jwks)))
    signed = jwt.decode(token, keys, algorithms=["ES256"])
    return signed.header, signed.claims


async def test_it_says_who_when_how_and_for_whom(doorstep: Doorstep, clock: StandingClock) -> None:
    clock.forward(seconds=90)
    tokens = await doorstep.tokens()
    header, claims = read(doorstep, tokens["id_token"])
    now = int(clock.now().timestamp())
    hashed = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert header == {
        "alg": "ES256",
        "typ": "JWT",
        "kid": doorstep.office.service.ring.signing_key.kid,
    }
    assert claims == {
        "iss": "http://hub.test",
        "sub": doorstep.anna.person_id,
        "aud": "app_website",
        "nonce": "n-0S6_WzA2Mj",
        "auth_time": now - 90,
        "amr": ["pop"],
        "at_hash": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
        "iat": now,
        "exp": now + 300,
    }


async def test_without_a_nonce_there_is_none(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens(nonce=None)
    assert "nonce" not in read(doorstep, tokens["id_token"])[1]


async def test_who_does_not_ask_who_it_is_is_not_told(doorstep: Doorstep) -> None:
    assert "id_token" not in await doorstep.tokens(scope="events:read offline_access")


async def test_a_refreshed_one_is_about_the_same_sign_in(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    tokens = await doorstep.tokens()
    first = read(doorstep, tokens["id_token"])[1]
    clock.forward(days=1)
    body = (await doorstep.refresh(tokens["refresh_token"])).json()
    again = read(doorstep, body["id_token"])[1]
    same = ("iss", "sub", "aud", "auth_time", "amr")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert again["iat"] == int(clock.now().timestamp())
    assert "nonce" not in again


# ── no JWT is taken for another ──────────────────────────────────────────────────────────────────


async def refused(doorstep: Doorstep, token: str) -> None:
    office = doorstep.office
    with pytest.raises(Unauthenticated):
        await viewer_of(bearer(token), office.service.verifier, office.town.database)
    answer = await doorstep.http.get("/oauth/userinfo", headers=bearer(token))
    assert answer.status_code == 401


async def test_an_id_token_opens_nothing(doorstep: Doorstep) -> None:
    await refused(doorstep, (await doorstep.tokens())["id_token"])


async def test_an_access_token_says_nothing_to_an_app_about_who_signed_in(
    doorstep: Doorstep,
) -> None:
    header, claims = read(doorstep, (await doorstep.tokens())["access_token"])
    assert header["typ"] == "at+jwt"
    assert claims["aud"] == "http://hub.test/graphql", "which is no app"
    assert not claims.keys() & {"nonce", "auth_time", "at_hash"}


@pytest.mark.parametrize("kind", ["JWT", "at+JWT", "oauth-id-jag+jwt", "application/at+jwt", ""])
async def test_what_the_hub_signed_as_something_else_opens_nothing(
    doorstep: Doorstep, kind: str
) -> None:
    """With every claim of an access token, and the hub's own key."""
    good = (await doorstep.tokens())["access_token"]
    claims = read(doorstep, good)[1]
    key = doorstep.office.service.ring.signing_key
    header = {"alg": "ES256", "typ": kind, "kid": key.kid}
    signed = jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])
    await refused(doorstep, signed)


async def test_a_token_for_another_audience_opens_nothing(doorstep: Doorstep) -> None:
    claims = read(doorstep, (await doorstep.tokens())["access_token"])[1]
    mint = doorstep.office.service.mint
    audience: object
    for audience in ("https://other.test/graphql", "http://hub.test", "app_website", [], None):
        wrong = {**claims, "aud": audience}
        await refused(doorstep, mint.signed("at+jwt", wrong, 300))


async def test_a_key_given_along_or_none_at_all_opens_nothing(doorstep: Doorstep) -> None:
    good = (await doorstep.tokens())["access_token"]
    header, payload, signature = good.split(".")
    known = json.loads(base64.urlsafe_b64decode(header + "=="))

    def part(**changed: Any) -> str:
        made = json.dumps({**known, **changed}).encode()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    jwk = doorstep.office.service.ring.signing_key.as_dict(private=False)
    for changed in (
        {"jwk": jwk},
        {"jku": "https://evil.test/keys"},
        {"x5u": "https://evil.test/cert"},
        {"alg": "none"},
        {"alg": "HS256"},
    ):
        await refused(doorstep, f"{part(**changed)}.{payload}.{signature}")
    await refused(doorstep, f"{part(alg='none')}.{payload}.")
