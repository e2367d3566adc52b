"""An app of an organization asks for itself, without a person: RFC 6749 s4.4.

The scopes asked for are given whole or refused, and never quietly narrowed.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidScopeError,
    UnauthorizedClientError,
    scope_to_list,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    ClientCredentialsGrant,
)

from auth import scopes
from auth.adapter import TokenRequest, sayable
from auth.client_authentication import CONFIDENTIAL, AskingClient


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    request: TokenRequest
    client: AskingClient

    def validate_token_request(self) -> None:
        super().validate_token_request()
        if self.client.known.grant_id is None:
            raise UnauthorizedClientError("This client acts for people, and never by itself.")
        asked = scope_to_list(self.request.form.get("scope")) or ()
        personal = sorted(set(asked) - set(scopes.FOR_MACHINES))
        if personal:
            # Whatever it is registered for: what binds an organization, a person decides.
            raise InvalidScopeError(f"Without a person there is no {sayable(' '.join(personal))}.")
