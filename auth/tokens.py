"""Access tokens: RFC 9068 JWTs that this hub signs for itself, and believes from nobody else.

They live five minutes and are not stored. What changes sooner (a client revoked, a person who left
the team) is asked of the database by `auth/authenticate.py`, on every request.
"""

import base64
import binascii
import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from auth import scopes as known_scopes
from auth.keys import ALGORITHM, KeyRing
from domain.errors import Unauthenticated
from domain.outside import Chance, Clock

LIVES_SECONDS = 300
LEEWAY_SECONDS = 30  # how far ahead of ours the clock of another process of this hub may be
TYPE = "at+jwt"  # RFC 9068 s2.1: so that no other JWT of ours is taken for an access token
MOST_CHARACTERS = 4_096
MOST_REMEMBERED = 10_000

# Nothing else may stand in the header: `jwk`, `jku`, `x5u` and `x5c` bring a key along, `crit` and
# `b64` change what is signed.
_HEADER = {"alg", "typ", "kid"}


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a token says, once it is known to be ours."""

    subject: str
    client_id: str
    organization_id: str | None  # None: a peer hub's own, which speaks for none
    grant_id: str
    scopes: frozenset[str]
    jti: str
    expires_at: int
    kid: str
    hub_id: str | None = None  # of a peer, or of one of its people

    @property
    def person_id(self) -> str | None:
        """RFC 9068 s2.2: an app on its own is its own subject. A client id never looks like a
        person's id, which has an '@'."""
        return None if self.subject == self.client_id else self.subject


class UnknownKey(Unauthenticated):
    """It names a key that this process does not know (yet)."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, and for which address: the hub's own, and its GraphQL endpoint."""

    url: str

    @property
    def resource(self) -> str:
        return f"{self.url}/graphql"


class Mint:
    """Makes tokens. The authorization server is who calls it; the command line may, in process."""

    def __init__(self, issuer: Issuer, ring: KeyRing, clock: Clock, chance: Chance) -> None:
        self._issuer = issuer
        self._ring = ring
        self._clock = clock
        self._chance = chance

    def token(
        self,
        *,
        client_id: str,
        organization_id: str | None,
        grant_id: str,
        scopes: Iterable[str],
        person_id: str | None = None,
        hub_id: str | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """`hub_id` is of a peer; `more` are claims that tell of a token, and that nobody here reads."""
        whose = {"org": organization_id, "hub": hub_id}
        claims = {
            **(more or {}),
            "aud": self._issuer.resource,
            "sub": person_id or client_id,
            "client_id": client_id,
            **{name: value for name, value in whose.items() if value is not None},
            "gid": grant_id,
            "scope": " ".join(known_scopes.in_order(scopes)),
            "jti": base64.urlsafe_b64encode(self._chance.token_bytes(16)).rstrip(b"=").decode(),
        }
        return self.signed(TYPE, claims, LIVES_SECONDS)

    def signed(self, kind: str, claims: Mapping[str, Any], lives_seconds: int) -> str:
        """A JWT of this hub, of that `typ`, with who issued it and when."""
        now = int(self._clock.now().timestamp())
        every = {"iss": self._issuer.url, **claims, "iat": now, "exp": now + lives_seconds}
        key = self._ring.signing_key
        header = {"alg": ALGORITHM, "typ": kind, "kid": key.kid}
        return jws.serialize_compact(header, json.dumps(every), key, algorithms=[ALGORITHM])


class Verifier:
    """Says what a token of ours says, or `Unauthenticated`.

    A token that was good is remembered by its digest until it expires, so that only the first use
    of it costs a signature.
    """

    def __init__(self, issuer: Issuer, ring: KeyRing, clock: Clock) -> None:
        self.issuer = issuer
        self.ring = ring
        self._clock = clock
        self._registry = jws.JWSRegistry(algorithms=[ALGORITHM])
        self._remembered: OrderedDict[bytes, Bearer] = OrderedDict()

    def verified(self, token: str) -> Bearer:
        now = self._clock.now().timestamp()
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        bearer = self._remembered.get(digest)
        if bearer is None:
            bearer = self._read(token, now)
            self._remembered[digest] = bearer
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        if bearer.expires_at <= now or self.ring.public_key(bearer.kid) is None:
            del self._remembered[digest]
            raise Unauthenticated("The token has expired: get another one.")
        return bearer

    def _read(self, token: str, now: float) -> Bearer:
        if len(token) > MOST_CHARACTERS or token.count(".") != 2 or not token.isascii():
            raise _not_ours("it is no JWT")
        header = _object(token.partition(".")[0])
        if header.keys() != _HEADER or header["alg"] != ALGORITHM or header["typ"] != TYPE:
            raise _not_ours("it is no access token of this hub")
        kid = header["kid"]
        key = self.ring.public_key(kid) if isinstance(kid, str) else None
        if key is None:
            raise UnknownKey("The token was not signed by this hub: get one from it.")
        try:
            signed = jws.deserialize_compact(token, key, registry=self._registry)
            claims = json.loads(signed.payload)
        except (JoseError, ValueError, RecursionError):
            raise _not_ours("its signature is wrong") from None
        return self._believed(claims, key.kid or "", now)

    def _believed(self, claims: Any, kid: str, now: float) -> Bearer:
        """RFC 9068 s4. The signature is ours, but not everything we sign is for here and now."""
        if not isinstance(claims, dict) or claims.get("iss") != self.issuer.url:
            raise _not_ours("another hub issued it")
        if claims.get("aud") != self.issuer.resource:
            raise _not_ours("it is meant for another address")
        if "cnf" in claims:
            # RFC 7800: only for whoever proves to hold a key, which is not asked for here.
            raise _not_ours("it is bound to a key")
        texts = [claims.get(name) for name in ("sub", "client_id", "gid", "jti", "scope")]
        expires_at, issued_at = claims.get("exp"), claims.get("iat")
        if not all(isinstance(text, str) for text in texts) or not all(texts[:4]):
            raise _not_ours("it lacks a claim")
        whose = [claims[name] for name in ("org", "hub") if name in claims]
        if not whose or not all(isinstance(name, str) and name for name in whose):
            raise _not_ours("it lacks a claim")
        # `type(...) is int`: True is an int too, and 1e400 is infinity.
        if type(expires_at) is not int or type(issued_at) is not int:
            raise _not_ours("it lacks a claim")
        if expires_at <= now:
            raise Unauthenticated("The token has expired: get another one.")
        if issued_at > now + LEEWAY_SECONDS or expires_at - issued_at > LIVES_SECONDS:
            raise _not_ours("its times make no sense")
        return Bearer(
            subject=claims["sub"],
            client_id=claims["client_id"],
            organization_id=claims.get("org"),
            grant_id=claims["gid"],
            scopes=frozenset(claims["scope"].split()),
            jti=claims["jti"],
            expires_at=expires_at,
            kid=kid,
            hub_id=claims.get("hub"),
        )


def _object(part: str) -> dict[str, Any]:
    try:
        read = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise _not_ours("it is no JWT") from None
    if not isinstance(read, dict):
        raise _not_ours("it is no JWT")
    return read


def _not_ours(why: str) -> Unauthenticated:
    return Unauthenticated(f"The token is not good here: {why}. Get one from this hub.")
