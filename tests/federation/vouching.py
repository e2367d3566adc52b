"""What one hub says of its people to another, made by hand: as it should be, or wrong in one way."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import Key, OctKey
from sqlalchemy import Table, delete, update

from auth import client_assertions
from auth.id_jag_consume import GRANT_TYPE
from auth.id_jag_issue import TYPE
from storage.account_tables import throttles
from storage.tables import alliance_members
from tests.federation.acting import Somebody, Town, contents
from tests.federation.neighbourhood import Neighbour

READS = "events:read organizations:read"


def claims_of(person: Somebody, to: Neighbour, **different: Any) -> dict[str, Any]:
    """`None` leaves one out."""
    home, now = person.home, int(to.clock.now().timestamp())
    claims = {
        "iss": home.service.tokens.issuer.url,
        "sub": person.id,
        "aud": to.service.tokens.issuer.url,
        "client_id": home.client_id,
        "resource": to.service.tokens.issuer.resource,
        "scope": READS,
        "org": person.organization,
        "role": "OWNER",
        "name": "Sam",
        "iat": now,
        "exp": now + 120,
        "jti": base64.urlsafe_b64encode(home.service.chance.token_bytes(16)).decode(),
        **different,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(
    claims: Any, key: Key, header: Mapping[str, Any] | None = None, algorithm: str = "ES256"
) -> str:
    head = {"typ": TYPE, "alg": algorithm, "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    # Also what the library itself would not write.
    content = f"{_part(head)}.{_part(claims)}"
    if head.get("alg") == "none":
        return f"{content}."
    signer = jws.JWSRegistry.algorithms[algorithm]
    signature = signer.sign(content.encode(), key)
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def vouched(person: Somebody, to: Neighbour, **different: Any) -> str:
    """As the person's hub would say it, but for what is said to be different."""
    key = person.home.service.tokens.ring.signing_key
    return signed(claims_of(person, to, **different), key)


def symmetric(public_jwk: Mapping[str, Any]) -> Key:
    """A public key taken for a secret one: HS256 with what everybody knows."""
    return OctKey.import_key(json.dumps(public_jwk), {"kid": str(public_jwk["kid"])})


async def brought(
    assertion: str | None,
    by: Neighbour,
    to: Neighbour,
    *,
    client_assertion: str | None = None,
    **fields: str,
) -> httpx.Response:
    """At the token endpoint, with what shows that it is that hub which asks. What failed before is
    forgotten: here it is not asked how often somebody may try."""
    async with to.database.writing() as db:
        await db.execute(delete(throttles))
    shown = client_assertion or await by.service.hub_tokens.assertion(await by.peer(to))
    form = {
        "grant_type": GRANT_TYPE,
        "client_assertion_type": client_assertions.TYPE,
        "client_assertion": shown,
        **({"assertion": assertion} if assertion is not None else {}),
        **fields,
    }
    return await to.http.post("/oauth/token", data=form)


async def kept(town: Town) -> dict[str, list[str]]:
    """At the hub that is asked. What shows who asks is noted, whatever comes of it."""
    return await contents(town.here, "used_assertions")


def words(answer: httpx.Response, status: int, error: str) -> str:
    body = answer.json()
    assert (answer.status_code, body.get("error")) == (status, error), answer.text
    return str(body["error_description"])


async def given(town: Town, **different: Any) -> str:
    answer = await brought(vouched(town.sam, town.here, **different), town.there, town.here)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def ended(town: Town, table: Table) -> None:
    """The Shelter stands there no longer."""
    async with town.here.database.writing() as db:
        await db.execute(
            update(table)
            .where(table.c.organization_id == town.shelter)
            .values(status="LEFT" if table is alliance_members else "WITHDRAWN")
        )


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
