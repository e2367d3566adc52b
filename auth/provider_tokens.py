"""An ID token of an organization's provider, believed or not (OpenID Connect Core 1.0 s3.1.3.7).

Which algorithms, header parameters and times are good is decided here, whatever the provider's own
description says.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from auth.provider_keys import Keys, SigningKey
from auth.provider_metadata import ALGORITHMS
from auth.provider_outgoing import ProviderProblem, json_object, plain
from domain.words import say

MOST_CHARACTERS = 20_000
LEEWAY_SECONDS = 60
MOST_SUBJECT = 255  # Core s2
_WHAT = say("The provider's ID token")
_TYPES = {None, "JWT", "jwt"}  # not `at+jwt`, not `logout+jwt`: those are signed with the same keys
# RFC 7515 s4.1: they bring a key along, or change what the rest means.
_NEVER = {"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"}
# Core s3.1.3.6: the hash of the signature's own algorithm; of Ed25519 that is SHA-512.
_HASHES = {"EdDSA": "sha512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must stand in it. `begun_at` is when the person was sent to the provider; `again`: they
    were to show it who they are, also where it knows them already."""

    issuer: str
    client_id: str
    nonce: str
    begun_at: datetime
    now: datetime
    again: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the provider says it was. `called` is for showing, and says nothing of whose account."""

    subject: str
    called: str
    authenticated_at: int | None


@dataclass(frozen=True, slots=True)
class Unopened:
    """A token as it came: its header looked at, its signature not yet."""

    kid: str | None
    alg: str
    signed: bytes
    payload: bytes
    signature: bytes


def opened(token: object) -> Unopened:
    """Raises `ProviderProblem` where it says in its header that it is none to be believed."""
    if not isinstance(token, str) or not token:
        _refuse(say("is missing"))
    if len(token) > MOST_CHARACTERS or token.count(".") != 2 or not token.isascii():
        _refuse(say("is no JWT"))
    head, payload, signature = (_bytes(part) for part in token.split("."))
    header = json_object(head, _WHAT)
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        _refuse(say("is not signed with one of %(algorithms)s", algorithms=", ".join(ALGORITHMS)))
    if header.keys() & _NEVER:
        _refuse(say("brings its own key, or asks for what is not done here"))
    kind = header.get("typ")
    if not isinstance(kind, str | None) or kind not in _TYPES:
        _refuse(say("is a token of another kind"))
    if not isinstance(kid, str | None) or (kid is not None and len(kid) > 500):
        _refuse(say("names no key"))
    return Unopened(kid, alg, token.rpartition(".")[0].encode(), payload, signature)


def believed(
    token: Unopened, signing: SigningKey, expected: Expected, access_token: str | None
) -> Claims:
    """Its claims, once the signature and each of them is right."""
    _require_signature(token, signing)
    claims = json_object(token.payload, _WHAT)
    if claims.get("iss") != expected.issuer:
        _refuse(say("was issued by somebody else (iss)"))
    _require_audience(claims, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "surrogatepass"), expected.nonce.encode()
    ):
        _refuse(say("answers another question (nonce)"))
    _require_times(claims, expected)
    _require_hash(claims, token.alg, access_token)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT:
        _refuse(say("names nobody (sub)"))
    if not subject.isprintable() or not subject.isascii():
        _refuse(say("names nobody (sub)"))
    return Claims(subject, called(claims), _authenticated_at(claims, expected))


def called(claims: Mapping[str, Any]) -> str:
    """By what the person may know which of their accounts there it is."""
    for name in ("email", "preferred_username", "name"):
        shown = plain(claims.get(name), 100)
        if shown:
            return shown
    return ""


def key_of(keys: Keys, token: Unopened) -> SigningKey | None:
    return keys.named(token.kid)


def _require_signature(token: Unopened, signing: SigningKey) -> None:
    # The algorithm itself, and not `jws.deserialize_compact`: that warns of the name EdDSA, which
    # RFC 9864 replaces and providers go on using.
    algorithm = JWSRegistry.algorithms[token.alg]
    try:
        if signing.alg not in {None, token.alg}:
            _refuse(say("is signed with a key for something else"))
        algorithm.check_key(signing.key)  # of the kind that the algorithm takes
        good = algorithm.verify(token.signed, token.signature, signing.key)
    except (JoseError, ValueError, TypeError):
        good = False
    if not good:
        _refuse(say("is not signed by the provider"))


def _require_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Core s3.1.3.7, 3 to 5: for this hub; and where for others too, made for this hub."""
    audience, party = claims.get("aud"), claims.get("azp")
    every = [audience] if isinstance(audience, str) else audience
    if not isinstance(every, list) or not 0 < len(every) <= 20 or client_id not in every:
        _refuse(say("is meant for somebody else (aud)"))
    if (len(every) > 1 or party is not None) and party != client_id:
        _refuse(say("was made for somebody else (azp)"))


def _require_times(claims: Mapping[str, Any], expected: Expected) -> None:
    now = expected.now.timestamp()
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    # `type(...) is int`: True is an int too, and 1e400 is infinity.
    if type(issued_at) is not int or type(expires_at) is not int or expires_at <= issued_at:
        _refuse(say("lacks its times (iat, exp)"))
    if expires_at <= now - LEEWAY_SECONDS:
        _refuse(say("has expired (exp)"))
    if issued_at > now + LEEWAY_SECONDS:
        _refuse(say("is of the future (iat): one of the two clocks is wrong"))
    if issued_at < expected.begun_at.timestamp() - LEEWAY_SECONDS:
        _refuse(say("is older than the question (iat): one of the two clocks is wrong"))
    not_before = claims.get("nbf")
    if not_before is not None and (
        type(not_before) is not int or not_before > now + LEEWAY_SECONDS
    ):
        _refuse(say("is not good yet (nbf)"))


def _authenticated_at(claims: Mapping[str, Any], expected: Expected) -> int | None:
    given = claims.get("auth_time")
    if given is None and not expected.again:
        return None
    if type(given) is not int or not 0 < given <= expected.now.timestamp() + LEEWAY_SECONDS:
        _refuse(say("does not say when you showed the provider who you are (auth_time)"))
    if expected.again and given < expected.begun_at.timestamp() - LEEWAY_SECONDS:
        _refuse(
            say("says that you showed the provider who you are before, and not now (auth_time)")
        )
    return given


def _require_hash(claims: Mapping[str, Any], alg: str, access_token: str | None) -> None:
    """Core s3.1.3.8: where it is there, the access token beside it is the one it was made with."""
    given = claims.get("at_hash")
    if given is None:
        return
    digest = hashlib.new(_HASHES.get(alg, "sha256"), (access_token or "").encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), half
    ):
        _refuse(say("belongs to another access token (at_hash)"))


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        _refuse(say("is no JWT"))


def _refuse(why: str) -> NoReturn:
    raise ProviderProblem(
        say(
            "The provider's ID token %(why)s. It is not believed, and nothing was changed.", why=why
        )
    )
