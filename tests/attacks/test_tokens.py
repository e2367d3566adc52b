"""Attacks on the endpoint with tokens that nobody issued, or issued for something else."""

import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import update

from resolvers import agreements
from resolvers.agreements import NewAgreement
from storage.credential_tables import clients, grants
from storage.tables import agreement_acceptances
from tests.attacks.target import (
    ISSUER,
    MACHINES,
    RESOURCE,
    Target,
    error_of,
    read,
    refused_by_graphql,
)
from tests.auth.people import basic_of
from tests.auth.signing import part, public, signature, signed
from tests.cast import MakeContext


async def like(
    target: Target, header: dict[str, Any] | None = None, **changed: Any
) -> tuple[str, str]:
    """A good token; and one with something else in it, as only the hub's own key could sign it."""
    good = await target.machine_token()
    known, claims = read(good)
    key = target.office.service.ring.signing_key
    text = f"{part({**known, **(header or {})})}.{part({**claims, **changed})}"
    return good, f"{text}.{signature(text, 'ES256', key)}"


async def refused(target: Target, token: str) -> str:
    before = await target.contents()
    said = refused_by_graphql(await target.asks(token))
    assert await target.contents() == before
    return said


AUDIENCES: list[object] = [
    "http://other.example/graphql",
    [RESOURCE, "http://other.example/graphql"],
    ["http://other.example/graphql", RESOURCE],
    ISSUER,
    f"{RESOURCE}/",
    f"{RESOURCE}?",
    "http://HUB.test/graphql",
    "http://hub.test:80/graphql",
    "http://anna@hub.test/graphql",
    "",
    [],
]
ISSUERS = [
    f"{ISSUER}/",
    "HTTP://hub.test",
    "http://HUB.test",
    "https://hub.test",
    "http://hub.test:80",
    "http://hub.test.",
    "http://anna@hub.test",
    "http://hub.test@evil.example",
    "http://hub.test.evil.example",
    "http://hub.test#",
    "http://hub.test/../hub.test",
    "",
]


async def test_a_token_for_another_address_is_no_token_here(target: Target) -> None:
    """Audience confusion: even where our own key signed it."""
    good = await target.machine_token()
    for audience in AUDIENCES:
        _, forged = await like(target, aud=audience)
        assert "another address" in await refused(target, forged), audience
    assert await target.is_good(good)


async def test_a_token_of_an_issuer_that_looks_like_this_one_is_refused(target: Target) -> None:
    good = await target.machine_token()
    for issuer in ISSUERS:
        _, forged = await like(target, iss=issuer)
        assert "another hub" in await refused(target, forged), issuer
    assert await target.is_good(good)


async def test_a_token_is_asked_for_this_hub_alone(target: Target) -> None:
    """Audience injection (RFC 8707)."""
    before = await target.contents()
    for resource in (
        "https://other.example/graphql",
        ISSUER,
        f"{RESOURCE}/",
        "HTTP://hub.test/graphql",
    ):
        answer = await target.office.ask(scope="events:read", resource=resource)
        assert error_of(answer) == (400, "invalid_target"), resource
    assert await target.contents() == before
    answer = await target.office.ask(scope="events:read", resource=RESOURCE)
    assert await target.is_good(answer.json()["access_token"])


async def test_no_other_kind_of_jwt_is_taken_for_an_access_token(target: Target) -> None:
    """Type confusion: an ID token, an assertion, and an access token that goes by another type."""
    app = await target.app()
    tokens = await target.tokens(app)
    assert "no access token" in await refused(target, tokens["id_token"])
    signer = await target.signer()
    for claims in ({}, {"aud": RESOURCE}):
        await refused(target, signer.assertion({"typ": "JWT"}, **claims))
        assert "not signed by this hub" in await refused(
            target, signer.assertion({"typ": "at+jwt"}, **claims)
        )
    for kind in ("JWT", "jwt", "AT+JWT", "application/at+jwt", "at+jwt ", "oauth-id-jag+jwt", None):
        _, renamed = await like(target, {"typ": kind})
        assert "no access token" in await refused(target, renamed), kind
    assert await target.is_good(tokens["access_token"])


async def test_no_key_that_a_token_brings_along_is_believed(target: Target) -> None:
    good = await target.machine_token()
    header, claims = read(good)
    own = ECKey.generate_key("P-256", {"kid": "own"})
    (brought,) = public(own)["keys"]
    for more in (
        {},
        {"kid": "own"},
        {"kid": "../../etc/passwd"},
        {"kid": "' or 1=1 --"},
        {"jwk": brought},
        {"kid": "own", "jwk": brought},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"zip": "DEF"},
    ):
        await refused(target, signed({**header, **more}, claims, own))
        if more:  # and nothing but the three stands there, whoever signed it
            _, ours = await like(target, more)
            await refused(target, ours)
    assert await target.is_good(good)


async def test_no_other_algorithm_is_believed(target: Target) -> None:
    """None at all; our public key as a password; another curve (RFC 8725 s2.1, s3.1)."""
    good = await target.machine_token()
    header, claims = read(good)
    ours = target.office.service.ring.public_key(header["kid"])
    assert ours is not None
    for algorithm in ("none", "None", "nOnE", ""):
        text = f"{part({**header, 'alg': algorithm})}.{part(claims)}"
        for end in ("", good.rpartition(".")[2]):
            await refused(target, f"{text}.{end}")
    published = (await target.http.get("/oauth/jwks")).content
    for password in (ours.as_pem(private=False), published, json.dumps(ours.as_dict()).encode()):
        text = f"{part({**header, 'alg': 'HS256'})}.{part(claims)}"
        await refused(target, f"{text}.{hs256(text, password)}")
    for curve, algorithm in (("P-384", "ES384"), ("P-521", "ES512"), ("secp256k1", "ES256K")):
        key = ECKey.generate_key(curve)
        for named in (algorithm, "ES256"):
            text = f"{part({**header, 'alg': named})}.{part(claims)}"
            await refused(target, f"{text}.{signature(text, algorithm, key)}")
    assert await target.is_good(good)


def hs256(text: str, password: bytes) -> str:
    return part(hmac.digest(password, text.encode(), "sha256"))


async def test_a_token_changed_on_the_way_is_refused(target: Target) -> None:
    good = await target.machine_token()
    _, claims = read(good)
    head, body, end = good.split(".")
    wider = part({**claims, "scope": "organizations:read events:read events:write"})
    anothers = part({**claims, "org": target.cast.shelter})
    for changed in (f"{head}.{wider}.{end}", f"{head}.{anothers}.{end}", f"{head}.{body}.", "x"):
        await refused(target, changed)
    assert await target.is_good(good)


async def test_keys_with_unknown_names_make_the_hub_ask_nobody(target: Target) -> None:
    """A storm of them: they are looked for in the database, and not each time."""
    good = await target.machine_token()
    header, claims = read(good)
    own = ECKey.generate_key("P-256")
    for number in range(30):
        answer = await target.asks(signed({**header, "kid": f"unknown {number}"}, claims, own))
        assert "not signed by this hub" in refused_by_graphql(answer)
    assert await target.is_good(good)


ACCEPTS = """mutation ($agreement: ID!, $organization: ID!) {
    acceptAgreement(agreement: $agreement, organization: $organization) {
        userErrors { code message } } }"""


async def test_a_machine_does_not_do_what_takes_a_person(
    target: Target, context: MakeContext
) -> None:
    """Its registration may say what it likes, and so may a token in its name."""
    charter = NewAgreement(alliance_id=target.cast.city_table, title="Charter", body="Be kind.")
    given = {
        "agreement": await agreements.publish(context(target.cast.anna), charter),
        "organization": target.cast.pantry,
    }
    machine = await target.machine_token()
    async with target.counter.desk.database.writing() as db:
        for table in (clients, grants):
            await db.execute(update(table).values(scopes=[*MACHINES, "alliances:agree"]))
    _, wider = await like(target, scope="events:read alliances:agree")
    before = await target.contents()
    for scope in ("alliances:agree", "events:read alliances:agree"):
        assert error_of(await target.office.ask(scope=scope)) == (400, "invalid_scope")
    answer = await target.asks(machine, ACCEPTS, **given)
    assert answer.json()["errors"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"
    answer = await target.asks(wider, ACCEPTS, **given)
    (told,) = answer.json()["data"]["acceptAgreement"]["userErrors"]
    assert told["code"] == "FORBIDDEN", answer.text
    assert "by a person" in told["message"]
    assert await target.contents() == before
    tokens = await target.tokens(await target.app(), "openid alliances:agree")
    answer = await target.asks(tokens["access_token"], ACCEPTS, **given)
    assert answer.json() == {"data": {"acceptAgreement": {"userErrors": []}}}
    assert len((await target.contents())[agreement_acceptances.name]) == 1


@pytest.mark.parametrize("twice", ["two headers", "one header with two"])
async def test_of_two_tokens_neither_is_believed(target: Target, twice: str) -> None:
    one, two = await target.machine_token(), await target.machine_token()
    headers = (
        [("authorization", f"Bearer {one}"), ("authorization", f"Bearer {two}")]
        if twice == "two headers"
        else [("authorization", f"Bearer {one}, Bearer {two}")]
    )
    before = await target.contents()
    answer = await target.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    refused_by_graphql(answer)
    assert await target.contents() == before
    assert await target.is_good(one)


async def test_a_token_counts_in_the_header_alone(target: Target) -> None:
    """RFC 6750 s2.2, s2.3: not in the address, where logs keep it, and not as another's password."""
    token = await target.machine_token()
    body = {"query": "{ viewer { client } }", "access_token": token}
    for path, headers in (
        (f"/graphql?access_token={token}", {}),
        ("/graphql", {"cookie": f"access_token={token}"}),
        ("/graphql", {"x-authorization": f"Bearer {token}"}),
        ("/graphql", {"authorization": basic_of("app", token)}),
    ):
        answer = await target.http.post(path, json=body, headers=headers)
        assert answer.json().get("data") in (None, {"viewer": None}), answer.text
        assert "UNAUTHENTICATED" in answer.text or answer.status_code == 400, answer.text
    assert await target.is_good(token)
