"""Who pretends to be a peer hub gets nothing, and leaves nothing behind (oauth.md, the list of attacks)."""

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, Key

from auth import addresses
from auth.client_assertions import TYPE
from auth.keys import Purpose
from auth.peer_clients import SCOPES
from domain.peering import PeeringStatus
from tests.auth.signing import made_key, part, signature, signed
from tests.federation.neighbourhood import Contents, Neighbour, Neighbourhood, knows, peered
from tests.federation.test_documents import answering

SCOPE = " ".join(SCOPES)


def key_of(hub: Neighbour, purpose: Purpose = Purpose.CLIENT) -> ECKey:
    tokens = hub.service.tokens
    return (tokens.client_ring if purpose is Purpose.CLIENT else tokens.ring).signing_key


def claims(who: Neighbour, at: Neighbour, **changed: Any) -> dict[str, Any]:
    now = int(at.clock.now().timestamp())
    jti = base64.urlsafe_b64encode(who.service.chance.token_bytes(16)).decode()
    usual = {
        "iss": who.client_id,
        "sub": who.client_id,
        "aud": at.url,
        "iat": now,
        "exp": now + 60,
        "jti": jti,
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def assertion(
    who: Neighbour,
    at: Neighbour,
    header: Mapping[str, Any] | None = None,
    key: Key | None = None,
    **changed: Any,
) -> str:
    key = key or key_of(who)
    usual = {"alg": "ES256", "typ": "client-authentication+jwt", "kid": key.kid}
    told = {name: value for name, value in {**usual, **(header or {})}.items() if value is not None}
    return signed(told, claims(who, at, **changed), key)


async def send(at: Neighbour, token: str, **fields: str) -> httpx.Response:
    usual = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": token,
        "scope": SCOPE,
    }
    return await at.http.post("/oauth/token", data={**usual, **fields})


async def refused(at: Neighbour, token: str, error: str = "invalid_client", **fields: str) -> None:
    before = await Contents(at)()
    answer = await send(at, token, **fields)
    assert answer.json()["error"] == error, answer.text
    assert "access_token" not in answer.json()
    assert await Contents(at)() == before


async def test_what_a_peer_signs_as_it_should_is_believed(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        answer = await send(a, assertion(b, a), resource=f"{a.url}/graphql")
        assert (answer.status_code, answer.json()["scope"]) == (200, SCOPE)
        assert "refresh_token" not in answer.json()


async def test_what_is_meant_for_another_hub_is_refused(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b, c)
        for audience in (
            c.url,
            f"{a.url}/",
            a.url.upper(),
            "https://A.test",
            f"https://x@{a.authority}",
            f"{a.url}/oauth/token",
            f"{a.url}/graphql",
            [a.url, c.url],
            [],
            None,
            "*",
        ):
            b.clock.forward(seconds=20)
            await refused(a, assertion(b, a, aud=audience))
        # What b sends to c is of no use to c at a.
        await refused(a, assertion(b, c))


async def test_each_is_believed_once_also_where_all_come_together(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        token = assertion(b, a)
        answers = await asyncio.gather(*(send(a, token) for _ in range(8)))
        assert sorted(one.status_code for one in answers) == [200] + [401] * 7
        await refused(a, token)


async def test_another_kind_of_token_is_no_assertion(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        for kind in ("at+jwt", "oauth-id-jag+jwt", "id_token", "logout+jwt", "jwt", ""):
            b.clock.forward(seconds=20)
            await refused(a, assertion(b, a, {"typ": kind}))
        access = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        await refused(a, access)
        # And an assertion is no access token.
        answer = await a.answered("{ hub { id } }", token=assertion(b, a))
        assert answer.status_code == 401


async def test_keys_that_an_assertion_brings_or_makes_up_are_no_keys(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b, c)
        own, kid = made_key(), key_of(b).kid
        public = dict(own.as_dict(private=False))
        forged: list[dict[str, Any]] = [
            {"kid": kid},
            {"kid": "unknown"},
            {"kid": None},
            {"kid": None, "jwk": public},
            {"kid": kid, "jku": f"{c.url}/.well-known/convoke/client-keys"},
            {"kid": kid, "x5u": f"{c.url}/keys"},
            {"kid": kid, "x5c": ["MIIB"]},
            {"kid": kid, "crit": ["b64"], "b64": False},
            {"kid": ["a"]},
        ]
        for header in forged:
            b.clock.forward(seconds=20)
            await refused(a, assertion(b, a, header, own))
        assert not any("c.test" in one for one in b.roads.asked)


async def test_no_signature_and_a_secret_that_is_public_are_no_signatures(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        kid = key_of(b).kid
        for name in ("none", "None", "nOnE"):
            text = f"{part({'alg': name, 'kid': kid})}.{part(claims(b, a))}"
            await refused(a, f"{text}.")
        jwk = (await b.http.get(addresses.CLIENT_KEYS)).json()["keys"][0]
        for secret in (json.dumps(jwk).encode(), jwk["x"].encode(), kid.encode() if kid else b""):
            b.clock.forward(seconds=30)
            text = f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims(b, a))}"
            await refused(a, f"{text}.{part(hmac.digest(secret, text.encode(), 'sha256'))}")


async def test_no_hub_asks_as_another(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b, c)
        # c signs with its own key, and says that it is b.
        await refused(a, assertion(b, a, key=key_of(c)))
        await refused(a, assertion(b, a, {"kid": key_of(b).kid}, key=key_of(c)))
        await refused(a, assertion(c, a, iss=b.client_id))
        await refused(a, assertion(c, a, sub=b.client_id))
        await refused(a, assertion(c, a), client_id=b.client_id)
        for said in (
            b.client_id + "/",
            b.client_id.upper(),
            b.client_id.replace("b.test", "B.test"),
            b.client_id.replace("https://", "https://c.test@"),
            b.client_id + "#",
            b.client_id + "?x=1",
            f"{c.url}/other",
        ):
            b.clock.forward(seconds=30)
            await refused(a, assertion(c, a, iss=said, sub=said))


async def test_the_keys_that_vouch_for_people_do_not_ask_for_the_hub(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        await refused(a, assertion(b, a, key=key_of(b, Purpose.TOKENS)))


async def test_invented_keys_make_nobody_fetch_more_than_twice(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        own = made_key()
        storm = [assertion(b, a, {"kid": f"key-{number}"}, own) for number in range(40)]
        answers = await asyncio.gather(*(send(a, one) for one in storm))
        assert {one.status_code for one in answers} <= {401, 429}
        assert sum("client-keys" in one for one in b.roads.asked) <= 2


async def test_a_stranger_is_never_fetched(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b)
        await refused(a, assertion(c, a))
        for address in ("https://169.254.169.254", "http://localhost:9200"):
            client_id = address + addresses.CLIENT_METADATA
            await refused(a, assertion(c, a, iss=client_id, sub=client_id))
        assert b.roads.asked == []


@pytest.mark.parametrize("status", [PeeringStatus.SUSPENDED, PeeringStatus.ENDED])
async def test_who_is_no_active_peer_gets_no_token(
    neighbourhood: Neighbourhood, status: PeeringStatus
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await knows(a, b, status)
        await refused(a, assertion(b, a), "unauthorized_client")


@pytest.mark.parametrize(
    "scope",
    [
        "events:write",
        "contacts:read",
        "hubs:read",
        "hubs:admin",
        "organization:admin",
        "offline_access",
        "openid",
        "federation:sync events:write",
        "everything",
    ],
)
async def test_no_more_scopes_than_a_mirror_needs(neighbourhood: Neighbourhood, scope: str) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        await refused(a, assertion(b, a), "invalid_scope", scope=scope)


async def test_a_token_is_for_this_hub_alone(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        for resource in (f"{b.url}/graphql", a.url, f"{a.url}/graphql/"):
            await refused(a, assertion(b, a), "invalid_target", resource=resource)
        token = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        for query in ("{ hub { id } }", "{ viewer { client } }"):
            assert (await b.answered(query, token=token)).status_code == 401


async def test_a_peer_asks_in_no_other_way(neighbourhood: Neighbourhood) -> None:
    """No code, no refresh token, no device: those are for people; and it registers nothing."""
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        for grant in ("authorization_code", "refresh_token"):
            answer = await send(a, assertion(b, a), grant_type=grant, code="x", refresh_token="x")
            assert answer.status_code >= 400
            assert "access_token" not in answer.json()
        before = await Contents(a)()
        device = {
            "client_id": b.client_id,
            "client_assertion_type": TYPE,
            "client_assertion": assertion(b, a),
        }
        asked = await a.http.post("/oauth/device_authorization", data=device)
        assert (asked.status_code, "device_code" in asked.json()) == (400, False)
        for claimed in (b.client_id, "https://c.test/.well-known/convoke/client"):
            by_name = {"grant_type": "client_credentials", "client_id": claimed}
            assert (await a.http.post("/oauth/token", data=by_name)).status_code == 401
            basic = base64.b64encode(f"{claimed}:secret".encode()).decode()
            by_secret = await a.http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                headers={"authorization": f"Basic {basic}"},
            )
            assert by_secret.status_code == 401
            page = await a.http.get(
                "/oauth/authorize",
                params={"response_type": "code", "client_id": claimed, "redirect_uri": b.url},
            )
            assert "location" not in page.headers or b.url not in page.headers["location"]
        assert await Contents(a)() == before


async def test_an_assertion_of_another_time_is_refused(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        now = int(a.clock.now().timestamp())
        for iat, exp in ((now - 600, now - 300), (now, now + 301), (now + 31, now + 60)):
            await refused(a, assertion(b, a, iat=iat, exp=exp))


async def test_keys_of_which_none_was_known_are_not_believed(neighbourhood: Neighbourhood) -> None:
    """Somebody else at that address, or a hub that lost its keys: an admin says which."""
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        own = made_key()
        keys = {"keys": [dict(own.as_dict(private=False))]}
        b.roads.instead[b.url + addresses.CLIENT_KEYS] = answering(keys)
        await refused(a, assertion(b, a, key=own))


async def test_a_word_that_was_changed_is_noticed(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        head, _, seal = assertion(b, a).split(".")
        await refused(a, f"{head}.{part(claims(b, a))}.{seal}")
        other = f"{head}.{part(claims(b, a))}"
        await refused(a, f"{other}.{signature(other, 'ES256', made_key())}")
