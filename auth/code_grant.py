"""A code for tokens: RFC 6749 s4.1.3, with PKCE for every client (RFC 7636).

What is wrong with a request changes nothing: the code may still be spent by whoever holds its
verifier. It is spent last, under the lock of its authorization; a second time ends that
authorization with everything issued under it (RFC 6749 s4.1.2, RFC 9700 s4.5).
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from authlib.oauth2.rfc6749 import InvalidGrantError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    AuthorizationCodeGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]

from auth.adapter import TokenRequest
from auth.client_authentication import EVERY_METHOD, AskingClient
from auth.desk import digest_of
from auth.holders import Ended, Holder, require_standing
from storage import authorizations
from storage.authorizations import Code, Held

if TYPE_CHECKING:
    from auth.server import Server

_NO_GOOD = "The code is unknown, spent, or older than a minute: ask the person again."


@dataclass(frozen=True, slots=True)
class LockedCode:
    """In the words Authlib asks."""

    digest: bytes
    code: Code
    held: Held
    code_challenge_method: str = "S256"

    @property
    def code_challenge(self) -> str:
        return self.code.code_challenge

    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.held.grant.scopes)


class S256Alone(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD
    request: TokenRequest
    server: "Server"

    def __init__(self, request: TokenRequest, server: "Server") -> None:
        super().__init__(request, server)
        S256Alone(required=True)(self)

    def query_authorization_code(self, code: str, client: AskingClient) -> LockedCode:
        digest = digest_of(code)
        found = authorizations.code_of(self.server.connection, digest)
        if found is None or found.client_id != client.get_client_id():
            raise InvalidGrantError(_NO_GOOD)
        held = authorizations.lock(self.server.connection, found.grant_id)
        # As it stands now that nobody else can spend it.
        found = authorizations.code_of(self.server.connection, digest)
        if found is None:
            raise InvalidGrantError(_NO_GOOD)
        return LockedCode(digest, found, held)

    def create_token_response(self) -> Any:
        """By now the client, the address and the verifier are the right ones."""
        locked: LockedCode = self.request.authorization_code
        if locked.code.used_at is not None:
            self.server.end(locked.held.grant, Ended.CODE_REPLAY)
            raise InvalidGrantError(_NO_GOOD)
        if locked.code.expires_at <= self.server.now:
            raise InvalidGrantError(_NO_GOOD)
        require_standing(locked.held)
        return super().create_token_response()

    def authenticate_user(self, authorization_code: LockedCode) -> Holder:
        return Holder(authorization_code.held.grant, authorization_code.code.nonce)

    def delete_authorization_code(self, authorization_code: LockedCode) -> None:
        """The row stays for a while, so that a second use is noticed."""
        spent = authorizations.spend_code(
            self.server.connection, authorization_code.digest, self.server.now
        )
        if not spent:
            raise RuntimeError("A code was spent by somebody else while it was locked.")
