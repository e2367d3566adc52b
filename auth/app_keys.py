"""The public keys by which apps sign what they say of themselves: strangers' data, read with care.

`checked` is for keys that are registered: one that is no good is refused, by name. `chosen` is for a
signature: of a set that may hold other things too, the one key that can have made it.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from domain.errors import Invalid
from domain.words import Count, say

ALGORITHMS = ("ES256", "Ed25519", "RS256", "PS256")  # RFC 7518 s3.1, RFC 9864; none symmetric

MOST_KEYS = 20
_MOST_CHARACTERS = 2_000  # of one value: a modulus of 8,192 bits has 1,366
_SMALLEST_RSA, _LARGEST_RSA = 2_048, 4_096
_KID = re.compile(r"[\x21-\x7e]{1,200}")

_PUBLIC = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}
_SAID = ("kid", "use", "alg")
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def checked(jwks: object) -> dict[str, Any]:
    """The set as it is kept, RFC 7517 s5, with nothing in it but public keys for signatures."""
    given = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(given, Sequence) or isinstance(given, str) or not 0 < len(given) <= MOST_KEYS:
        raise _no_keys(
            say('it is {"keys": [...]} with 1 to %(most)s keys (RFC 7517)', most=MOST_KEYS)
        )
    kept = [_kept(one) for one in given]
    names = [one.get("kid") for one in kept]
    if len(kept) > 1 and (None in names or len(set(names)) < len(names)):
        raise _no_keys(say("of several keys each has a kid of its own"))
    return {"keys": kept}


def chosen(jwks: object, kid: str | None, algorithm: str) -> Key | None:
    """Without a kid, the only key that will do."""
    given = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(given, list):
        return None
    found = [
        one
        for one in given[:MOST_KEYS]
        if isinstance(one, Mapping)
        and (kid is None or one.get("kid") == kid)
        and _is_for(one, algorithm)
    ]
    return _key(found[0]) if len(found) == 1 else None


def thumbprints(jwks: object) -> frozenset[str]:
    """RFC 7638, of the keys in the set that can be used at all, whatever they are called there."""
    given = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(given, list):
        return frozenset()
    keys = (
        _key(one)
        for one in given[:MOST_KEYS]
        if isinstance(one, Mapping) and any(_is_for(one, algorithm) for algorithm in ALGORITHMS)
    )
    return frozenset(key.thumbprint() for key in keys if key is not None)


def _kept(one: object) -> dict[str, Any]:
    if not isinstance(one, Mapping) or one.get("kty") not in list(_PUBLIC):
        raise _no_keys(say("each key is of kty EC, OKP or RSA"))
    if _PRIVATE & one.keys():
        # Whoever holds it can be the app: it is a leaked key from now on.
        raise _no_keys(
            say("it holds a private key. Make new ones, and send the public halves alone")
        )
    kid = one.get("kid")
    if kid is not None and not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise _no_keys(say("a kid is 1 to 200 letters, digits and signs"))
    if not any(_is_for(one, algorithm) for algorithm in ALGORITHMS) or _key(one) is None:
        raise _no_keys(
            say(
                "each key is a public one, to sign with %(algorithms)s (P-256, Ed25519, or "
                "RSA with %(least)s to %(most)s bits)",
                algorithms=", ".join(ALGORITHMS),
                least=Count(_SMALLEST_RSA),
                most=Count(_LARGEST_RSA),
            )
        )
    names = ("kty", *_PUBLIC[one["kty"]], *_SAID)
    return {name: one[name] for name in names if one.get(name) is not None}


def _is_for(one: Mapping[str, Any], algorithm: str) -> bool:
    """By what it says of itself; RFC 7517 s4.2 to s4.4."""
    curve = {"ES256": "P-256", "Ed25519": "Ed25519"}.get(algorithm)
    kind = {"ES256": "EC", "Ed25519": "OKP"}.get(algorithm, "RSA")
    uses = one.get("key_ops")
    return (
        (one.get("kty"), one.get("crv")) == (kind, curve)
        and one.get("use") in (None, "sig")
        and one.get("alg") in (None, algorithm)
        and (uses is None or (isinstance(uses, list) and "verify" in uses))
    )


def _key(one: Mapping[str, Any]) -> Key | None:
    """Made of its public half alone, so that nothing else of what was sent is looked at."""
    kind = str(one["kty"])
    values = {name: one.get(name) for name in _PUBLIC[kind]}
    if not all(_is_short(value) for value in values.values()):
        return None
    if kind == "RSA" and not _is_a_sane_rsa(str(values["n"]), str(values["e"])):
        return None
    try:
        key = import_key({"kty": kind, **{name: str(value) for name, value in values.items()}})
        # The point is looked for on its curve only here.
        key.get_op_key("verify") if isinstance(key, ECKey | OKPKey | RSAKey) else None
    except (JoseError, ValueError, TypeError):
        return None
    return key


def _is_short(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _MOST_CHARACTERS and value.isascii()


def _is_a_sane_rsa(modulus: str, exponent: str) -> bool:
    """A large exponent makes each check of a signature slow, a small modulus makes it worthless."""
    n, e = _number(modulus), _number(exponent)
    return _SMALLEST_RSA <= n.bit_length() <= _LARGEST_RSA and e in {3, 17, 65_537}


def _number(text: str) -> int:
    try:
        return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0


def _no_keys(why: str) -> Invalid:
    return Invalid(say("jwks: %(why)s.", why=why), ("jwks",))
