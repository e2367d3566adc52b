"""Whom a token of a person is made for: their authorization, as it stands while it is locked."""

from dataclasses import dataclass
from enum import StrEnum

from authlib.oauth2.rfc6749 import InvalidGrantError  # type: ignore[import-untyped]

from storage.authorizations import Held
from storage.credentials import Grant


class Ended(StrEnum):
    """Why an authorization was revoked."""

    PERSON = "PERSON"
    APP = "APP"
    ORGANIZATION = "ORGANIZATION"
    CODE_REPLAY = "CODE_REPLAY"
    REFRESH_REPLAY = "REFRESH_REPLAY"


@dataclass(frozen=True, slots=True)
class Holder:
    """`user`, in Authlib's words. `nonce` is of the request that a code answers."""

    grant: Grant
    nonce: str | None = None


def require_standing(held: Held) -> None:
    """It was not revoked, and its person may still speak for its organization."""
    if held.grant.revoked_at is not None:
        raise InvalidGrantError("The authorization was revoked: ask the person again.")
    if not held.may_act:
        raise InvalidGrantError("The person speaks for that organization no longer.")
