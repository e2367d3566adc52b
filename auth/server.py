"""The authorization server: Authlib's, put together for one request and one transaction.

Authlib is synchronous, so it is run inside `AsyncConnection.run_sync`: its questions to the
database use the request's own connection, and neither a thread nor a second engine is needed.
The ways to get a token are in `GRANTS`, each a file of its own; the ways to show who asks are in
`client_authentication.WAYS`.
"""

# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release, and narrower hooks than Authlib calls.

from collections.abc import Mapping, Sequence
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedGrantTypeError,
    scope_to_list,
)
from sqlalchemy import Connection

from auth import id_tokens, refresh_grant, scopes
from auth.adapter import InvalidTargetError, TokenRequest, sayable
from auth.client_authentication import AskingClient, authenticated
from auth.code_grant import CodeGrant
from auth.desk import Desk, digest_of
from auth.device_grant import DeviceGrant
from auth.holders import Ended, Holder
from auth.id_jag_consume import Delegated, PeersPersonGrant
from auth.machine_grant import MachineGrant
from auth.refresh_grant import RefreshGrant
from auth.service import TokenService
from auth.tokens import LIVES_SECONDS
from domain.apps import AuthMethod, GrantType
from storage import authorizations, credentials, refresh_tokens
from storage.credentials import Grant
from storage.peers import Peer

Answer = tuple[int, Mapping[str, Any], Sequence[tuple[str, str]]]

# Each is one of Authlib's, made as strict as this hub wants it.
GRANTS: tuple[type[Any], ...] = (
    MachineGrant,
    CodeGrant,
    RefreshGrant,
    DeviceGrant,
    PeersPersonGrant,
)
GRANT_TYPES: tuple[str, ...] = tuple(str(grant.GRANT_TYPE) for grant in GRANTS)


class UnknownGrantError(UnsupportedGrantTypeError):  # type: ignore[misc]
    description = f"grant_type is one of {', '.join(GRANT_TYPES)}."


async def token_answer(service: TokenService, desk: Desk, asked: TokenRequest) -> Answer:
    """To a request at the token endpoint, errors too, in one transaction. What a refusal changes is
    kept: a code that is sent a second time ends what it was good for."""
    await service.ring.freshen()
    async with desk.database.writing() as db:

        def answered(connection: Connection) -> tuple[Answer, Server]:
            server = Server(connection, service, desk)
            return server.create_token_response(asked), server

        answer, server = await db.run_sync(answered)
        for grant, why in server.ended:
            await desk.note(
                db,
                "grant.revoked",
                organization_id=grant.organization_id,
                client_id=grant.client_id,
                person_id=grant.person_id,
                detail=why,
            )
        for given in server.delegated:
            await given.note(db, desk)
        for peer in server.begun:
            await desk.note(db, "peering.begun", client_id=peer.client_id, subject_id=peer.hub_id)
        return answer


class Server(AuthorizationServer):  # type: ignore[misc]
    """`ended` are the authorizations that this request ended, `begun` the peerings that it began,
    to be noted."""

    def __init__(self, connection: Connection, service: TokenService, desk: Desk) -> None:
        super().__init__(scopes_supported=list(scopes.SCOPES))
        self.connection = connection
        self.service = service
        self.desk = desk
        self.now = desk.clock.now()
        self.ended: list[tuple[Grant, Ended]] = []
        self.begun: list[Peer] = []
        self.delegated: list[Delegated] = []
        generator: Any = self._tokens
        self.register_token_generator("default", generator)
        for grant in GRANTS:
            self.register_grant(grant)

    def end(self, grant: Grant, why: Ended) -> None:
        """Everything issued under it ends now. Its row is locked."""
        if authorizations.revoke(self.connection, grant.id, why, self.now):
            self.ended.append((grant, why))

    # ── what Authlib asks ────────────────────────────────────────────────────────────────────────

    def authenticate_client(
        self, request: TokenRequest, methods: Sequence[AuthMethod], endpoint: str = "token"
    ) -> AskingClient:
        return authenticated(self, request, methods)

    def validate_requested_scope(self, scope: str | None) -> None:
        unknown = scopes.unknown(scope_to_list(scope) or ())
        if unknown:
            raise InvalidScopeError(
                f"There is no scope {sayable(' '.join(unknown))}: "
                "scopes_supported in the server metadata lists them."
            )

    def get_token_grant(self, request: TokenRequest) -> Any:
        if "grant_type" not in request.form:
            raise InvalidRequestError(f"Send grant_type, one of {', '.join(GRANT_TYPES)}.")
        try:
            grant = super().get_token_grant(request)
        except UnsupportedGrantTypeError as error:
            raise UnknownGrantError(error.grant_type) from None
        ours = self.service.issuer.resource
        if any(resource != ours for resource in request.resources):
            raise InvalidTargetError(f"resource must be {sayable(ours)}, or left out.")
        return grant

    def create_token_response(self, request: TokenRequest) -> Any:
        # Authlib expects one kind of error while it chooses the grant; ours is another.
        try:
            return super().create_token_response(request)
        except OAuth2Error as error:
            return self.handle_error_response(request, error)

    def save_token(self, token: Mapping[str, Any], request: TokenRequest) -> None:
        """Access tokens are not kept. That the app is in use is, and a refresh token's digest."""
        client: AskingClient = request.client
        credentials.note_use(self.connection, client.known.client, self.now)
        holder: Holder | None = request.user
        if holder is None:
            return
        authorizations.note_use(self.connection, holder.grant, self.now)
        if "refresh_token" in token:
            refresh_tokens.add(
                self.connection,
                digest_of(token["refresh_token"]),
                holder.grant.id,
                self.now,
                refresh_grant.expires_at(holder.grant, self.now),
            )

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def handle_response(
        self, status: int, body: Mapping[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Answer:
        return status, body, headers

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nothing here listens to Authlib's signals."""

    # ── what is issued ───────────────────────────────────────────────────────────────────────────

    def _tokens(
        self,
        *,
        grant_type: str,
        client: AskingClient,
        user: Holder | None,
        scope: str | None,
        expires_in: int | None,
        include_refresh_token: bool,
    ) -> dict[str, Any]:
        """RFC 6749 s5.1. The lives of tokens are ours: Authlib's own are days."""
        given = client.get_allowed_scope(scope)
        token: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": LIVES_SECONDS,
            "scope": given,
        }
        if user is None:
            return token | {"access_token": self._of_machine(client, given)}
        grant = user.grant
        access_token = self.service.mint.token(
            client_id=grant.client_id,
            organization_id=grant.organization_id,
            grant_id=grant.id,
            scopes=given.split(),
            person_id=grant.person_id,
        )
        token["access_token"] = access_token
        # Whether it may come back is asked of what was allowed, not of what this token is for.
        if client.check_grant_type(GrantType.REFRESH_TOKEN) and "offline_access" in grant.scopes:
            token["refresh_token"] = self.desk.secret(refresh_grant.PREFIX)
        if "openid" in given.split():
            token["id_token"] = id_tokens.made(self.service.mint, grant, access_token, user.nonce)
        return token

    def _of_machine(self, client: AskingClient, given: str) -> str:
        known = client.known
        if known.grant_id is None or (known.client.organization_id or known.hub_id) is None:
            raise RuntimeError("An app without an organization asked for itself.")
        return self.service.mint.token(
            client_id=known.client.id,
            organization_id=known.client.organization_id,
            grant_id=known.grant_id,
            scopes=given.split(),
            hub_id=known.hub_id,
        )
