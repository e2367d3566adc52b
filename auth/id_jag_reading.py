"""What an ID-JAG says, read strictly: of one meaning, for this hub alone, for a short while.

Nothing here asks whether it is true: who signed it is asked by `auth/id_jag_consume.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from authlib.oauth2.rfc6749 import InvalidGrantError  # type: ignore[import-untyped]

from auth import jwt_reading
from auth.adapter import sayable
from auth.id_jag_issue import TYPE
from auth.jwt_reading import LEEWAY_SECONDS, LONGEST_SECONDS, moment
from auth.tokens import Issuer
from domain.actors import TeamRole
from domain.ids import Kind, kind_of

MOST_OF_A_NAME = 200

# RFC 6749 s3.3.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_METHOD = re.compile(r"[\x21-\x7e]{1,32}")
# Lines, and what turns the direction of what stands beside it.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Of whom, by whom and what for. `organization_id` and `person_id` are of the hub that says it."""

    token: str
    algorithm: str
    kid: str
    issuer: str
    client_id: str
    jti: str
    expires_at: float
    person_id: str
    organization_id: str
    role: TeamRole
    display_name: str
    scopes: frozenset[str]
    authenticated_at: float | None
    methods: tuple[str, ...]


def read(token: str, ours: Issuer, issuer: str, client_id: str, now: float) -> Said:
    """What it says, where it is one of `issuer` and `client_id` for us, and of this moment. Raises
    `InvalidGrantError`, in the order that docs/decisions gives (acting at another hub)."""
    header, claims = jwt_reading.taken_apart(token, refuse)
    if header.get("typ") != TYPE:
        # RFC 8725 s3.11: whatever else that hub signs is never taken for this.
        refuse(f"its typ is {TYPE}")
    algorithm, kid = jwt_reading.algorithm(header, refuse), header.get("kid")
    if not isinstance(kid, str) or not kid:
        refuse("its kid is the name of a key")
    if claims.get("iss") == ours.url:
        refuse("this hub vouches for nobody to itself")
    if claims.get("iss") != issuer:
        refuse("its iss is the hub whose client asks, and no other")
    if claims.get("aud") not in (ours.url, [ours.url]):
        refuse(f"its aud is {sayable(ours.url)} alone")
    if claims.get("client_id") != client_id:
        refuse("its client_id is the client that asks")
    if claims.get("resource", ours.resource) not in (ours.resource, [ours.resource]):
        refuse(f"its resource is {sayable(ours.resource)}")
    expires_at = _checked_times(claims, now)
    if "cnf" in claims:
        refuse("it is bound to a key (cnf), which is not asked for here")
    if "act" in claims:
        # Who acts for a person of another hub does not pass them on.
        refuse("it says that somebody else acts (act): a hub vouches for people of its own alone")
    jti = jwt_reading.jti(claims, refuse)
    authenticated_at, methods = _how_known(claims)
    return Said(
        token=token,
        algorithm=algorithm,
        kid=kid,
        issuer=issuer,
        client_id=client_id,
        jti=jti,
        expires_at=expires_at,
        person_id=_id(claims, "sub", Kind.PERSON),
        organization_id=_id(claims, "org", Kind.ORGANIZATION),
        role=_role(claims),
        display_name=_name(claims),
        scopes=_scopes(claims),
        authenticated_at=authenticated_at,
        methods=methods,
    )


def refuse(why: str) -> NoReturn:
    raise InvalidGrantError(f"The assertion is not good: {why}.")


def _checked_times(claims: Mapping[str, Any], now: float) -> float:
    expires_at, issued_at = moment(claims, "exp", refuse), moment(claims, "iat", refuse)
    begins_at = issued_at if "nbf" not in claims else moment(claims, "nbf", refuse)
    if expires_at <= now:
        refuse("it has expired")
    if max(issued_at, begins_at) > now + LEEWAY_SECONDS:
        refuse("it is of the future: set the clock")
    if not 0 < expires_at - issued_at <= LONGEST_SECONDS:
        refuse(f"it is good for at most {LONGEST_SECONDS} seconds from its iat to its exp")
    return expires_at


def _how_known(claims: Mapping[str, Any]) -> tuple[float | None, tuple[str, ...]]:
    """When the person showed that hub who they are, and how; both may be left out."""
    methods = claims.get("amr", [])
    if not isinstance(methods, list) or len(methods) > 10:
        refuse("its amr is a list of words")
    if not all(isinstance(one, str) and _METHOD.fullmatch(one) for one in methods):
        refuse("its amr is a list of words")
    at = moment(claims, "auth_time", refuse) if "auth_time" in claims else None
    return at, tuple(methods)


def _id(claims: Mapping[str, Any], name: str, kind: Kind) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or kind_of(value) is not kind:
        refuse(f"its {name} is the id of {_WORDS[kind]} ({kind.value}_...@...)")
    return value


_WORDS = {Kind.PERSON: "a person", Kind.ORGANIZATION: "an organization"}


def _role(claims: Mapping[str, Any]) -> TeamRole:
    value = claims.get("role")
    if not isinstance(value, str) or value not in list(TeamRole):
        refuse(f"its role is one of {', '.join(TeamRole)}")
    return TeamRole(value)


def _name(claims: Mapping[str, Any]) -> str:
    value = claims.get("name")
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_OF_A_NAME:
        refuse(f"its name is what the person is called, in at most {MOST_OF_A_NAME} letters")
    if _UNSEEN.search(value):
        refuse("its name holds letters that cannot be shown")
    return value.strip()


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    value = claims.get("scope")
    if not isinstance(value, str) or not _SCOPE.fullmatch(value):
        refuse("its scope is names with one space between")
    return frozenset(value.split(" "))
