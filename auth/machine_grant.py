"""An app of an organization asks for itself, without a person: RFC 6749 s4.4.

The scopes asked for are given whole or refused, and never quietly narrowed.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

from typing import Any

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
from domain.apps import RegisteredBy
from storage import peer_clients


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    request: TokenRequest
    client: AskingClient
    server: Any  # the `Server`, which names this class

    def validate_token_request(self) -> None:
        super().validate_token_request()
        if self.client.known.grant_id is None:
            raise UnauthorizedClientError("This client acts for people, and never by itself.")
        asked = scope_to_list(self.request.form.get("scope")) or ()
        if self.client.known.client.registered_by is RegisteredBy.PEER:
            # What it may ask for is what it is registered for, and so for no more than that.
            self._require_peer()
            return
        personal = sorted(set(asked) - set(scopes.FOR_MACHINES))
        if personal:
            # Whatever it is registered for: what binds an organization, a person decides.
            raise InvalidScopeError(f"Without a person there is no {sayable(' '.join(personal))}.")

    def _require_peer(self) -> None:
        """Oauth.md: an ACTIVE peer. Where only its agreement was waited for, this is it."""
        server = self.server
        peer = peer_clients.lock_asking(server.connection, self.client.get_client_id())
        if peer is not None and peer_clients.note_agreed(server.connection, peer, server.now):
            server.begun.append(peer)
        elif peer is None or not peer.is_active:
            raise UnauthorizedClientError("The peering is not active: ask this hub's admins.")
