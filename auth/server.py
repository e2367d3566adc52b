"""The authorization server: Authlib's, put together for one request and one transaction.

Authlib is synchronous, so it is run inside `AsyncConnection.run_sync`: its questions to the
database use the request's own connection, and neither a thread nor a second engine is needed.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedGrantTypeError,
    scope_to_list,
)
from authlib.oauth2.rfc6750 import BearerTokenGenerator  # type: ignore[import-untyped]
from sqlalchemy import Connection

from auth import scopes
from auth.adapter import NotRecognizedError, TokenRequest, sayable
from auth.desk import digest_of
from auth.grants import (
    CLIENT_CREDENTIALS,
    SECRET_BASIC,
    AskingClient,
    InvalidTargetError,
    MachineGrant,
    is_one_of,
)
from auth.tokens import LIVES_SECONDS, Issuer, Mint
from domain.outside import Clock
from storage import credentials
from storage.credentials import KnownClient

Answer = tuple[int, Mapping[str, Any], Sequence[tuple[str, str]]]

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

# Compared where there is no such client, so that it takes as long as where there is.
_NOBODYS = digest_of("nobody's secret")


class OnlyMachinesError(UnsupportedGrantTypeError):  # type: ignore[misc]
    description = f"grant_type must be {CLIENT_CREDENTIALS}."


class Server(AuthorizationServer):  # type: ignore[misc]
    def __init__(self, connection: Connection, issuer: Issuer, mint: Mint, clock: Clock) -> None:
        super().__init__(scopes_supported=list(scopes.SCOPES))
        self._connection = connection
        self._issuer = issuer
        self._mint = mint
        self._clock = clock
        self.register_client_auth_method(SECRET_BASIC, self._by_secret)
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                access_token_generator=self._access_token,
                # Authlib's own lives of a token are days.
                expires_generator=lambda _client, _grant_type: LIVES_SECONDS,
            ),
        )
        self.register_grant(MachineGrant)

    def answer(self, request: TokenRequest) -> Answer:
        """To a request at the token endpoint, errors too."""
        result: Answer = self.create_token_response(request)
        return result

    # ── what Authlib asks ────────────────────────────────────────────────────────────────────────

    def query_client(self, client_id: str) -> AskingClient | None:
        known = credentials.known_client(self._connection, client_id, self._clock.now())
        return None if known is None else AskingClient(known)

    def authenticate_client(
        self, request: TokenRequest, methods: Sequence[str], endpoint: str = "token"
    ) -> Any:
        if not request.tries_to_authenticate:
            raise NotRecognizedError("Send the client's id and secret by HTTP Basic.")
        try:
            return super().authenticate_client(request, methods, endpoint)
        except OAuth2Error:
            raise NotRecognizedError from None

    def validate_requested_scope(self, scope: str | None) -> None:
        unknown = scopes.unknown(scope_to_list(scope) or ())
        if unknown:
            raise InvalidScopeError(
                f"There is no scope {sayable(' '.join(unknown))}: "
                "scopes_supported in the server metadata lists them."
            )

    def get_token_grant(self, request: TokenRequest) -> Any:
        if "grant_type" not in request.form:
            raise InvalidRequestError(f"Send grant_type={CLIENT_CREDENTIALS}.")
        try:
            grant = super().get_token_grant(request)
        except UnsupportedGrantTypeError as error:
            raise OnlyMachinesError(error.grant_type) from None
        if any(resource != self._issuer.resource for resource in request.resources):
            raise InvalidTargetError(
                f"resource must be {sayable(self._issuer.resource)}, or left out."
            )
        return grant

    def create_token_response(self, request: TokenRequest) -> Any:
        # Authlib expects one kind of error while it chooses the grant; ours is another.
        try:
            return super().create_token_response(request)
        except OAuth2Error as error:
            return self.handle_error_response(request, error)

    def save_token(self, token: Mapping[str, Any], request: TokenRequest) -> None:
        """Access tokens are not kept; that the client is in use is."""
        client: Any = request.client
        credentials.note_use(self._connection, client.known.client, self._clock.now())

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def handle_response(
        self, status: int, body: Mapping[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Answer:
        return status, body, headers

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nothing here listens to Authlib's signals."""

    def _by_secret(
        self, query_client: Callable[[str], AskingClient | None], request: TokenRequest
    ) -> AskingClient | None:
        given = request.credentials
        if given is None or not CLIENT_ID.fullmatch(given.client_id):
            return None
        client = query_client(given.client_id)
        if client is None:
            is_one_of(given.secret, [_NOBODYS])
            return None
        return client if client.check_client_secret(given.secret) else None

    def _access_token(self, client: Any, grant_type: str, user: None, scope: str) -> str:
        known: KnownClient = client.known
        return self._mint.token(
            client_id=known.client.id,
            organization_id=known.client.organization_id,
            grant_id=known.grant_id,
            scopes=scope.split(),
        )
