"""An app shows that it is the one by a JWT that it signed: `private_key_jwt`, RFC 7523 s2.2 and s3.

`ClientAssertions.proven` checks everything that takes no transaction, before one is begun: the
app's keys may have to be fetched. That the assertion was not sent before is asked within it, by
whoever then answers the request (`auth/server.py`).

What is wrong with the assertion itself is said; whether there is such an app, and whether the key is
its own, is not told apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from sqlalchemy import Connection

from auth import app_keys, jwt_reading
from auth.adapter import NotRecognizedError
from auth.client_ids import may_sign
from auth.jwt_reading import LEEWAY_SECONDS, LONGEST_SECONDS, moment
from auth.keys_elsewhere import KeysElsewhere
from auth.tokens import Issuer
from domain.apps import AuthMethod, RegisteredBy
from domain.outside import Clock
from storage import credentials, used_assertions
from storage.credentials import Client
from storage.engine import Database
from storage.peers import by_client_id

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TYPES = (None, "JWT", "client-authentication+jwt")  # the last of draft-ietf-oauth-rfc7523bis

# Somebody's public keys, whose private halves were thrown away when they were made: looked at where
# there is no such app, so that it takes as long as where there is.
_NOBODYS = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "TO1vcPheufT7Xz6Wp7xOG_Si791cNCLBIM3bQgM8lNo",
            "y": "4i0Sojzw06lhZ6gHHpBR1ilsxkDXEW6ixXnkqP_nnbU",
        },
        {"kty": "OKP", "crv": "Ed25519", "x": "UqIepHwOD_z-Ebj_fzepnph0mSR3g9oFX5xgewzo_kw"},
        {
            "kty": "RSA",
            "e": "AQAB",
            "n": "ss0v52dO9Ywjs_Rg2DiEOcXXjtXp92wlHjP7XNULVC09--dpy2NjK49jBBjlsndAqGe9eMKu4iajU5rN"
            "IrRnDFqRFosE-9mh_-JaPUCGwBH_Ial5Jpm89Cys7SUYJPYnBP27IspJqVFX_NlBGPSVM5F-7CMqNGZI"
            "kkbTmZ4Gfg5FpHBaL6Xop_gs0KO1a7wDQeGTkS3W4vMgvwTzZyhqy9Zi083OfNEvICpznFM-u2OdlNLO"
            "HHuvlprHYteeF5zz1bBI0xcNP8oed5qJSYcJifsjEtSfVAJoxuCnstx9prn-9k_lXknwm0z8rPOPPEQh"
            "5qiYrCKRUEtrTJBWgaSeEw",
        },
    ]
}


@dataclass(frozen=True, slots=True)
class Proven:
    """Signed by a key of that app, and meant for us. Perhaps sent before."""

    client_id: str
    jti: str
    until: datetime

    def is_first_use(self, connection: Connection) -> bool:
        """Never twice."""
        return used_assertions.use(connection, f"client:{self.client_id}", self.jti, self.until)


@dataclass(frozen=True, slots=True)
class _Assertion:
    token: str
    algorithm: str
    kid: str | None
    client_id: str
    jti: str
    expires_at: float


class ClientAssertions:
    def __init__(
        self, issuer: Issuer, database: Database, clock: Clock, elsewhere: KeysElsewhere
    ) -> None:
        self._issuer = issuer
        self._database = database
        self._clock = clock
        self._elsewhere = elsewhere

    async def proven(self, fields: Mapping[str, str]) -> Proven | None:
        """What a form proves; None where it holds no assertion. Raises `NotRecognizedError`."""
        token, kind = fields.get("client_assertion"), fields.get("client_assertion_type")
        if token is None and kind is None:
            return None
        if token is None or kind != TYPE:
            raise NotRecognizedError(f"Send client_assertion, and client_assertion_type={TYPE}.")
        assertion = self._read(token)
        if fields.get("client_id", assertion.client_id) != assertion.client_id:
            raise NotRecognizedError("client_id is not the client that signed: leave it out.")
        if not await self._is_signed(assertion):
            raise NotRecognizedError("Unknown client, or not signed by a key of it.")
        until = datetime.fromtimestamp(assertion.expires_at, UTC) + timedelta(
            seconds=LEEWAY_SECONDS
        )
        return Proven(assertion.client_id, assertion.jti, until)

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    def _read(self, token: str) -> _Assertion:
        header, claims = jwt_reading.taken_apart(token, _refuse)
        algorithm, kid = jwt_reading.algorithm(header, _refuse), header.get("kid")
        if header.get("typ") not in _TYPES:
            _refuse("its typ is JWT or client-authentication+jwt")
        if kid is not None and not isinstance(kid, str):
            _refuse("its kid is the name of a key")
        client_id = claims.get("sub")
        if not isinstance(client_id, str) or client_id != claims.get("iss"):
            _refuse("its iss and its sub are the client's id")
        jti = jwt_reading.jti(claims, _refuse)
        if claims.get("aud") not in (self._issuer.url, [self._issuer.url]):
            # Several, or the address of an endpoint: what is sent to another server could then be
            # sent on to us (draft-ietf-oauth-rfc7523bis s4).
            _refuse(f"its aud is {self._issuer.url} alone")
        return _Assertion(
            token, algorithm, kid, client_id, jti, expires_at=self._checked_times(claims)
        )

    def _checked_times(self, claims: Mapping[str, Any]) -> float:
        now = self._clock.now().timestamp()
        expires_at = moment(claims, "exp", _refuse)
        issued_at = now if "iat" not in claims else moment(claims, "iat", _refuse)
        begins_at = now if "nbf" not in claims else moment(claims, "nbf", _refuse)
        if expires_at <= now:
            _refuse("it has expired")
        if max(issued_at, begins_at) > now + LEEWAY_SECONDS:
            _refuse("it is of the future: set the clock")
        if expires_at - issued_at > LONGEST_SECONDS:
            _refuse(f"it is good for at most {LONGEST_SECONDS} seconds from its iat to its exp")
        return expires_at

    # ── who signed it ────────────────────────────────────────────────────────────────────────────

    async def _is_signed(self, assertion: _Assertion) -> bool:
        client = await self._client(assertion.client_id)
        key = await self._key(client, assertion)
        key_or_nobodys = key or app_keys.chosen(_NOBODYS, None, assertion.algorithm)
        try:
            # A registry knows the algorithms it is given, and no other.
            registry = jws.JWSRegistry(algorithms=[assertion.algorithm])
            jws.deserialize_compact(assertion.token, key_or_nobodys, registry=registry)
        except (JoseError, ValueError):
            return False
        return key is not None

    async def _client(self, client_id: str) -> Client | None:
        if not may_sign(client_id):
            return None
        now = self._clock.now()
        async with self._database.reading(fresh=True) as db:
            known = await db.run_sync(
                lambda connection: credentials.known_client(connection, client_id, now)
            )
        if known is None or known.client.auth_method != AuthMethod.PRIVATE_KEY_JWT:
            return None
        return known.client

    async def _key(self, client: Client | None, assertion: _Assertion) -> Key | None:
        if client is None:
            return None
        if client.jwks is not None:
            return app_keys.chosen(client.jwks, assertion.kid, assertion.algorithm)
        if client.registered_by is RegisteredBy.PEER:
            return await self._key_of_peer(client, assertion)
        if client.jwks_uri is not None:
            return await self._elsewhere.key(client.jwks_uri, assertion.kid, assertion.algorithm)
        return None

    async def _key_of_peer(self, client: Client, assertion: _Assertion) -> Key | None:
        """From where its documents said when somebody agreed, and only in the company of a key that
        was there before."""
        async with self._database.reading(fresh=True) as db:
            peer = await db.run_sync(lambda asked: by_client_id(asked, client.id))
        if peer is None or assertion.kid is None:
            return None
        return await self._elsewhere.key(
            peer.client_jwks_uri,
            assertion.kid,
            assertion.algorithm,
            known=frozenset(peer.client_thumbprints),
        )


def said_by(token: str) -> str:
    """Whose it says it is, before any of it is believed; empty where it says nothing."""
    try:
        name = jwt_reading.taken_apart(token, _refuse)[1].get("sub")
    except NotRecognizedError:
        return ""
    return name if isinstance(name, str) else ""


def _refuse(why: str) -> NoReturn:
    raise NotRecognizedError(f"The client assertion is not good: {why}.")
