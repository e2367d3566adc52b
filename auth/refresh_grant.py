"""A refresh token for the next one and an access token: RFC 6749 s6, with rotation (RFC 9700 s4.14.2).

Each is spent once. Whoever shows one that is spent holds a copy, or somebody else does: the whole
family ends, and the person is asked again. It lasts thirty days from its last use, and a hundred and
eighty from the consent.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidGrantError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    RefreshTokenGrant,
)

from auth.adapter import TokenRequest
from auth.authorizing import LONGEST
from auth.client_authentication import EVERY_METHOD, AskingClient
from auth.desk import digest_of
from auth.holders import Ended, Holder, require_standing
from storage import authorizations, refresh_tokens
from storage.authorizations import Held
from storage.credentials import Grant
from storage.refresh_tokens import RefreshToken

if TYPE_CHECKING:
    from auth.server import Server

PREFIX = "cvk_refresh_"
IDLE = timedelta(days=30)

_NO_GOOD = "The refresh token is unknown, spent, revoked or too old: ask the person again."


@dataclass(frozen=True, slots=True)
class LockedToken:
    """In the words Authlib asks."""

    token: RefreshToken
    held: Held

    def check_client(self, client: AskingClient) -> bool:
        return self.token.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return " ".join(self.held.grant.scopes)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD
    INCLUDE_NEW_REFRESH_TOKEN = True
    request: TokenRequest
    server: "Server"

    def authenticate_refresh_token(self, refresh_token: str) -> LockedToken:
        digest = digest_of(refresh_token)
        found = refresh_tokens.of_digest(self.server.connection, digest)
        if found is None or found.client_id != self.client.get_client_id():
            raise InvalidGrantError(_NO_GOOD)
        held = authorizations.lock(self.server.connection, found.grant_id)
        # As it stands now that nobody else can spend it.
        found = refresh_tokens.of_digest(self.server.connection, digest)
        if found is None:
            raise InvalidGrantError(_NO_GOOD)
        if found.used_at is not None:
            self.server.end(held.grant, Ended.REFRESH_REPLAY)
            raise InvalidGrantError(_NO_GOOD)
        if found.expires_at <= self.server.now:
            raise InvalidGrantError(_NO_GOOD)
        require_standing(held)
        return LockedToken(found, held)

    def authenticate_user(self, refresh_token: LockedToken) -> Holder:
        return Holder(refresh_token.held.grant)

    def revoke_old_credential(self, refresh_token: LockedToken) -> None:
        """Last of all, so that a request that is refused costs nobody their token."""
        spent = refresh_tokens.spend(
            self.server.connection, refresh_token.token.digest, self.server.now
        )
        if not spent:
            raise RuntimeError("A refresh token was spent by somebody else while it was locked.")


def expires_at(grant: Grant, now: datetime) -> datetime:
    """Of a token of that authorization that is made now."""
    return min(now + IDLE, grant.created_at + LONGEST)
