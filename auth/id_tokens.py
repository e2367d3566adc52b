"""ID tokens: who the person is, for the app that asked and for nobody else (OpenID Connect Core s2).

`typ` is not that of an access token, so neither is taken for the other (RFC 9068 s5).
"""

import base64
import hashlib
from typing import Any

from auth.tokens import LIVES_SECONDS, Mint
from storage.credentials import Grant

TYPE = "JWT"


def made(mint: Mint, grant: Grant, access_token: str, nonce: str | None) -> str:
    """`nonce` is of the authorization request; there is none where a token is refreshed (s12.2)."""
    if grant.person_id is None:
        raise RuntimeError("An ID token is about a person.")
    claims: dict[str, Any] = {
        "sub": grant.person_id,
        "aud": grant.client_id,
        "at_hash": _half_hash(access_token),
    }
    if grant.authenticated_at is not None:
        claims["auth_time"] = int(grant.authenticated_at.timestamp())
    if grant.methods:
        claims["amr"] = list(grant.methods)
    if nonce is not None:
        claims["nonce"] = nonce
    return mint.signed(TYPE, claims, LIVES_SECONDS)


def _half_hash(access_token: str) -> str:
    """S3.1.3.6: the left half of the hash that goes with ES256."""
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
