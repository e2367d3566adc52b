"""An app gives a token back: RFC 7009. One of its own, and no other's.

An access token is refused from then on. With a refresh token the whole authorization ends, and every
access token under it (s2.1).
"""

from datetime import UTC, datetime

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidGrantError,
    InvalidRequestError,
)
from sqlalchemy import Connection

from auth.adapter import TokenRequest
from auth.authenticate import verified
from auth.client_authentication import EVERY_METHOD
from auth.desk import Desk, digest_of
from auth.holders import Ended
from auth.server import Answer, Server
from auth.service import TokenService
from auth.tokens import Bearer
from domain.errors import Unauthenticated
from storage import authorizations, credentials, refresh_tokens
from storage.credentials import Client, Grant
from storage.engine import Writing


async def revocation_answer(service: TokenService, desk: Desk, asked: TokenRequest) -> Answer:
    """200 for what is no token, too: it is as good as revoked (s2.2)."""
    token, bearer = asked.form.get("token"), None
    if token is not None:
        try:
            bearer = await verified(service.verifier, token)
        except Unauthenticated:
            bearer = None
    async with desk.database.writing() as db:

        def revoked(connection: Connection) -> tuple[Client, Grant | None]:
            server = Server(connection, service, desk)
            client = server.authenticate_client(asked, EVERY_METHOD).known.client
            if token is None:
                raise InvalidRequestError("Send the token.")
            if bearer is not None:
                _require_own(client, bearer.client_id)
                return client, None
            return client, _family_ended(server, client, token)

        client, grant = await db.run_sync(revoked)
        if bearer is not None:
            await _deny(desk, db, client, bearer)
        elif grant is not None:
            await desk.note(
                db,
                "grant.revoked",
                organization_id=grant.organization_id,
                client_id=client.id,
                person_id=grant.person_id,
                detail=Ended.APP,
            )
    return 200, {}, [("Content-Type", "application/json")]


async def _deny(desk: Desk, db: Writing, client: Client, bearer: Bearer) -> None:
    until = datetime.fromtimestamp(bearer.expires_at, UTC)
    if not await credentials.deny_token(db, bearer.jti, until):
        return
    await desk.note(
        db,
        "token.revoked",
        organization_id=bearer.organization_id,
        client_id=client.id,
        person_id=bearer.person_id,
    )


def _family_ended(server: Server, client: Client, token: str) -> Grant | None:
    """A spent one ends it too: whoever gives it back wants to be done with all of them."""
    found = refresh_tokens.of_digest(server.connection, digest_of(token))
    if found is None:
        return None
    _require_own(client, found.client_id)
    grant = authorizations.lock(server.connection, found.grant_id).grant
    ended = authorizations.revoke(server.connection, grant.id, Ended.APP, server.now)
    return grant if ended else None


def _require_own(client: Client, client_id: str) -> None:
    if client_id != client.id:
        # RFC 7009 s2.1. Whoever holds a token learns nothing by this that using it would not tell.
        raise InvalidGrantError("The token was issued to another client.")
