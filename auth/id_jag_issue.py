"""What this hub vouches for: that one of its people asks, for one of its organizations.

An ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant) for one other hub, which makes a token of
its own of it (`auth/id_jag_consume.py` is the other end). It is signed by the ring that signs tokens:
whoever holds only the key by which this hub asks (`auth.keys.Purpose.CLIENT`) can make none.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth import scopes as known_scopes
from auth.tokens import Mint
from domain.actors import TeamRole
from domain.outside import Chance

TYPE = "oauth-id-jag+jwt"
LIVES_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Of this hub, as they stand: for which organization, in which role, and since when we know
    that it is them."""

    id: str
    display_name: str
    organization_id: str
    role: TeamRole
    authenticated_at: datetime | None = None
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The other hub, and what we are called there."""

    issuer: str
    resource: str
    client_id: str


def issued(mint: Mint, chance: Chance, person: Person, to: Audience, scopes: Iterable[str]) -> str:
    claims: dict[str, Any] = {
        "sub": person.id,
        "aud": to.issuer,
        "client_id": to.client_id,
        "resource": to.resource,
        "scope": " ".join(known_scopes.in_order(scopes)),
        "org": person.organization_id,
        "role": person.role.value,
        "name": person.display_name,
        "jti": base64.urlsafe_b64encode(chance.token_bytes(16)).rstrip(b"=").decode(),
    }
    if person.authenticated_at is not None:
        claims["auth_time"] = int(person.authenticated_at.timestamp())
        claims["amr"] = list(person.methods)
    return mint.signed(TYPE, claims, LIVES_SECONDS)
