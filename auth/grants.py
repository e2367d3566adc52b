"""The ways to get a token. Each is one of Authlib's, made as strict as this hub wants it.

For now one: a machine asks for itself (RFC 6749 s4.4). The scopes asked for are given whole or
refused, and never quietly narrowed.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

import hmac
from collections.abc import Iterable

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    ClientMixin,
    InvalidRequestError,
    InvalidScopeError,
    scope_to_list,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    ClientCredentialsGrant,
)

from auth import scopes
from auth.adapter import TokenRequest, sayable
from auth.desk import digest_of
from storage.credentials import KnownClient

SECRET_BASIC = "client_secret_basic"  # noqa: S105  # the name of a method
CLIENT_CREDENTIALS = "client_credentials"


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """RFC 8707 s2."""

    error = "invalid_target"


def is_one_of(secret: str, digests: Iterable[bytes]) -> bool:
    """Each is compared, so that the time says nothing of which one it was."""
    given = digest_of(secret)
    return sum(hmac.compare_digest(given, kept) for kept in digests) > 0


class AskingClient(ClientMixin):  # type: ignore[misc]
    """A known client in the words Authlib asks."""

    def __init__(self, known: KnownClient) -> None:
        self.known = known

    def get_client_id(self) -> str:
        return self.known.client.id

    def check_client_secret(self, client_secret: str) -> bool:
        return is_one_of(client_secret, self.known.digests)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == SECRET_BASIC and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == CLIENT_CREDENTIALS

    def get_allowed_scope(self, scope: str | None) -> str:
        """What is asked for; where nothing is, those of the default that the client may have."""
        registered = set(self.known.client.scopes)
        asked = set(scope_to_list(scope) or ())
        if not asked:
            asked = registered & set(scopes.DEFAULT)
            if not asked:
                raise InvalidScopeError(
                    "Name the scopes: this client has none of the default ones."
                )
        beyond = sorted(asked - registered)
        if beyond:
            raise InvalidScopeError(
                f"This client is not registered for {sayable(' '.join(beyond))}: "
                "ask without, or have it registered anew."
            )
        return " ".join(scopes.in_order(asked))


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """An app of an organization, without a person."""

    TOKEN_ENDPOINT_AUTH_METHODS = (SECRET_BASIC,)
    request: TokenRequest
    client: AskingClient

    def validate_token_request(self) -> None:
        super().validate_token_request()
        asked = scope_to_list(self.request.form.get("scope")) or ()
        personal = sorted(set(asked) - set(scopes.FOR_MACHINES))
        if personal:
            # Whatever it is registered for: what binds an organization, a person decides.
            raise InvalidScopeError(f"Without a person there is no {sayable(' '.join(personal))}.")
        named = self.request.form.get("client_id")
        if named is not None and named != self.client.get_client_id():
            raise InvalidRequestError(
                "client_id is not the client that authenticated: leave it out."
            )
