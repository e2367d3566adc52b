"""What the partner asks the hub: the keys of its tokens, and what a token sees.

A partner's service is open to whoever knows its address, with or without a gateway in front of it.
So it looks at every token itself, and shows what belongs to an event to those alone whom the hub
shows that event.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from graphql import GraphQLError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

KEYS_AGAIN_SECONDS = 30.0  # they are fetched at most so often, whatever keys tokens name
MOST_IDS = 100  # that the hub looks up at a time
SEEN = "query Seen($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Event { id } } }"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token speaks for. Where there is none, or none that counts, `problem` says so."""

    token: str = ""
    organization: str = ""
    scopes: frozenset[str] = frozenset()
    problem: str = ""

    def require(self, scope: str) -> None:
        if self.problem:
            raise refusal("UNAUTHENTICATED", self.problem)
        if scope not in self.scopes:
            raise refusal("INSUFFICIENT_SCOPE", f"This needs a token with the scope {scope}.")


class Hub:
    """`url` is where the hub is, and the issuer of its tokens."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self._http = http
        self._keys = KeySet([])
        self._fetched_at: float | None = None
        self._one_at_a_time = asyncio.Lock()
        self._claims = JWTClaimsRegistry(
            leeway=30,
            iss={"essential": True, "value": url},
            aud={"essential": True, "value": f"{url}/graphql"},
            exp={"essential": True},
            org={"essential": True},
        )

    async def caller(self, authorization: str | None) -> Caller:
        """Who asks, by a token of this hub that is not over (RFC 9068 s4). Whether it was revoked
        since then, the hub knows: see `seen`."""
        if authorization is None:
            return Caller(problem="This needs an access token of the hub.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return Caller(problem="Send the token as `Authorization: Bearer …`.")
        keys = self._keys
        claims = self._read(token)
        try:
            if claims is None and await self._has_others_than(keys):
                claims = self._read(token)
        except httpx.HTTPError:
            return Caller(problem=f"{self.url} does not tell its keys. Try again in a moment.")
        if claims is None:
            return Caller(problem=f"This is no token of {self.url} that counts now.")
        return Caller(token, str(claims["org"]), frozenset(str(claims.get("scope", "")).split()))

    async def seen(self, caller: Caller, events: Sequence[str]) -> set[str]:
        """Those of these events that the hub shows to the token's bearer."""
        found: set[str] = set()
        for begin in range(0, len(events), MOST_IDS):
            answer = await self._http.post(
                f"{self.url}/graphql",
                json={"query": SEEN, "variables": {"ids": events[begin : begin + MOST_IDS]}},
                headers={"Authorization": f"Bearer {caller.token}"},
            )
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                raise refusal("UNAUTHENTICATED", f"{self.url} no longer takes this token.")
            nodes = (answer.raise_for_status().json().get("data") or {}).get("nodes")
            found |= {each["id"] for each in nodes or () if each and "id" in each}
        return found

    def _read(self, token: str) -> Mapping[str, Any] | None:
        try:
            read = jwt.decode(token, self._keys, algorithms=["ES256"])
            self._claims.validate(read.claims)
        except (JoseError, ValueError):
            return None
        return read.claims if read.header.get("typ") == "at+jwt" else None

    async def _has_others_than(self, tried: KeySet) -> bool:
        """Whether there are other keys than those by now: the hub renews them now and then."""
        async with self._one_at_a_time:
            now = time.monotonic()
            if self._fetched_at is None or now - self._fetched_at >= KEYS_AGAIN_SECONDS:
                self._fetched_at = now
                about = await self._http.get(f"{self.url}/.well-known/oauth-authorization-server")
                keys = await self._http.get(about.raise_for_status().json()["jwks_uri"])
                self._keys = KeySet.import_key_set(keys.raise_for_status().json())
            return self._keys is not tried


def refusal(code: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
