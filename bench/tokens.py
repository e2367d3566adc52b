"""A token checked: what every request with a token costs before anything is read for it.

The signature and the claims, in one process, without the question to the database how its holder
stands, which is a part of the statement that answers. Ours is measured as the endpoint calls it,
for tokens that were not seen before and for the same ones again; beside it, two checks as their
libraries have them, of the same tokens with the same key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import process_time
from typing import Any

from authlib.oauth2.rfc9068 import JWTBearerTokenValidator  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import KeySet, KeySetSerialization

from auth.authenticate import bearer_of
from auth.keys import ALGORITHM
from auth.sealing import HubSecret
from auth.service import TokenService
from auth.tokens import Verifier
from bench.contest import SECRET
from bench.data import AUTHORITY
from bench.loading import Say
from storage import migrating
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from web.outside import SystemChance, SystemClock

FIRST, AGAIN = "convoke, not seen before", "convoke, seen before"
JOSERFC, AUTHLIB = "joserfc", "authlib"
WAYS = (FIRST, AGAIN, JOSERFC, AUTHLIB)

_DATABASE = "bench_of_tokens"


@dataclass(frozen=True, slots=True)
class TokenPlan:
    """How much is measured. Ours remembers ten thousand."""

    tokens: int = 1_000
    rounds: int = 11


QUICK_TOKENS = TokenPlan(tokens=200, rounds=3)


@dataclass(frozen=True, slots=True)
class Check:
    """The mean of a round: processor time to check one token."""

    way: str
    microseconds: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it."""

    plan: TokenPlan
    checks: list[Check] = field(default_factory=list)

    def middle(self, way: str) -> float:
        return median(each.microseconds for each in self.checks if each.way == way)


class _AsDocumented(JWTBearerTokenValidator):  # type: ignore[misc]
    """Authlib's check of an RFC 9068 token, with the keys at hand."""

    def __init__(self, issuer: str, resource: str, keys: KeySet) -> None:
        super().__init__(issuer, resource)
        self._keys = keys

    def get_jwks(self) -> KeySet:
        return self._keys


def check_tokens(plan: TokenPlan, server: EmbeddedPostgres, say: Say) -> Checked:
    server.drop_database(_DATABASE)
    server.create_database(_DATABASE)
    try:
        return asyncio.run(_check(plan, server.url(_DATABASE), say))
    finally:
        server.drop_database(_DATABASE)


async def _check(plan: TokenPlan, url: str, say: Say) -> Checked:
    database = Database(url)
    try:
        await migrating.upgrade(database)
        service = await TokenService.opened(
            base_url=f"https://{AUTHORITY}",
            hub_name="Benchmark",
            database=database,
            secret=HubSecret(SECRET.encode()),
            clock=SystemClock(),
            chance=SystemChance(),
        )
        done = Checked(plan)
        for number in range(plan.rounds):
            say(f"Round {number + 1} of {plan.rounds}: {plan.tokens:,} tokens.")
            done.checks.extend(await _round(service, plan.tokens))
        return done
    finally:
        await database.close()


async def _round(service: TokenService, count: int) -> list[Check]:
    """Each way checks all of them, or the round ends with an error."""
    tokens = [
        service.mint.token(
            client_id="app_of_the_benchmark",
            organization_id=f"org_of_the_benchmark@{AUTHORITY}",
            grant_id="grant_of_the_benchmark",
            scopes=("openid", "organizations:read", "groups:read", "events:read"),
            person_id=f"prs_of_the_benchmark@{AUTHORITY}",
        )
        for _ in range(count)
    ]
    verifier = Verifier(service.issuer, service.ring, service.clock)
    headers = [{"authorization": f"Bearer {token}"} for token in tokens]

    async def ours(sent: dict[str, str]) -> None:
        await bearer_of(sent, verifier)

    by_joserfc, by_authlib = _peers(service)
    return [
        Check(FIRST, await _awaited(ours, headers)),
        Check(AGAIN, await _awaited(ours, headers)),
        Check(JOSERFC, _called(by_joserfc, tokens)),
        Check(AUTHLIB, _called(by_authlib, tokens)),
    ]


def _peers(service: TokenService) -> tuple[Callable[[str], None], Callable[[str], None]]:
    issuer = service.issuer
    kept: KeySetSerialization = {"keys": list(service.ring.jwks["keys"])}
    keys = KeySet.import_key_set(kept)
    claims = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer.url},
        aud={"essential": True, "value": issuer.resource},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        client_id={"essential": True},
    )
    validator: Any = _AsDocumented(issuer.url, issuer.resource, keys)

    def by_joserfc(token: str) -> None:
        claims.validate(jwt.decode(token, keys, algorithms=[ALGORITHM]).claims)

    def by_authlib(token: str) -> None:
        validator.validate_token(validator.authenticate_token(token), ["events:read"], None)

    return by_joserfc, by_authlib


async def _awaited(
    check: Callable[[dict[str, str]], Awaitable[None]], sent: Sequence[dict[str, str]]
) -> float:
    began = process_time()
    for each in sent:
        await check(each)
    return (process_time() - began) / len(sent) * 1e6


def _called(check: Callable[[str], None], tokens: Sequence[str]) -> float:
    began = process_time()
    for each in tokens:
        check(each)
    return (process_time() - began) / len(tokens) * 1e6
