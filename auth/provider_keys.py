"""The keys a provider signs with (RFC 7517): which of them can be used, and the one that is named."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from auth.provider_outgoing import ProviderProblem
from domain.words import say

WHAT = say("The provider's keys")
MOST_BYTES = 200_000
MOST_KEYS = 100
MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})
_LEAST_RSA_BITS, _MOST_RSA_BITS = 2048, 8192  # RFC 7518 s3.3; and a check that takes no seconds

PublicKey = ECKey | RSAKey | OKPKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str | None
    alg: str | None  # where the provider binds it to one
    key: PublicKey


@dataclass(frozen=True, slots=True)
class Keys:
    """Those of one provider that can sign what is believed here."""

    every: tuple[SigningKey, ...]

    def named(self, kid: str | None) -> SigningKey | None:
        """OpenID Connect Core s10.1: a signature without a name is of the only key there is.

        Raises `ProviderProblem` where the name is of two keys: it would be a choice of the signer's.
        """
        found = [key for key in self.every if kid is None or key.kid == kid]
        if len(found) > 1:
            raise ProviderProblem(
                say("The provider's keys: more than one could be the one that signed.")
            )
        return found[0] if found else None


def read(said: Mapping[str, Any]) -> Keys:
    """Keys of other kinds, or for other uses, are passed over (RFC 7517 s5)."""
    given = said.get("keys")
    if not isinstance(given, list) or not all(isinstance(key, dict) for key in given):
        raise ProviderProblem(say("The provider's keys are no set of keys."))
    if len(given) > MOST_KEYS:
        raise ProviderProblem(say("The provider's keys are more than %(most)s.", most=MOST_KEYS))
    found = tuple(key for key in map(_signing_key, given) if key is not None)
    if not found:
        raise ProviderProblem(say("The provider's keys: there is none to check a signature with."))
    return Keys(found)


def _signing_key(given: dict[str, Any]) -> SigningKey | None:
    kid, alg = given.get("kid"), given.get("alg")
    operations = given.get("key_ops")
    if (
        given.get("use", "sig") != "sig" or "d" in given
    ):  # a private key that is public is anybody's
        return None
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        return None
    if not isinstance(kid, str | None) or not isinstance(alg, str | None):
        return None
    key = _public_key(given)
    return None if key is None else SigningKey(kid, alg, key)


def _public_key(given: dict[str, Any]) -> PublicKey | None:
    """Only the numbers of the key are read: what else stands beside them decides nothing."""
    try:
        match given:
            case {"kty": "EC", "crv": "P-256", "x": str(x), "y": str(y)}:
                return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
            case {"kty": "OKP", "crv": "Ed25519", "x": str(x)}:
                return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
            case {"kty": "RSA", "n": str(n), "e": str(e)} if _is_of_a_good_size(n, e):
                return RSAKey.import_key({"kty": "RSA", "n": n, "e": e})
            case _:
                return None
    except (JoseError, ValueError):  # no point of the curve, or no base64
        return None


def _is_of_a_good_size(modulus: str, exponent: str) -> bool:
    """By the numbers themselves: zeros in front make no key longer."""
    bits = _number(modulus).bit_length()
    return _LEAST_RSA_BITS <= bits <= _MOST_RSA_BITS and _number(exponent).bit_length() <= 32


def _number(text: str) -> int:
    """RFC 7518 s2, Base64urlUInt; 0 for anything else."""
    if len(text) > _MOST_RSA_BITS:
        return 0
    try:
        return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
