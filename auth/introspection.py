"""A server asks whether a token counts: RFC 7662. About tokens of its own organization's apps alone.

Whatever it may not know of, and whatever is no token, is `active: false` and nothing else (s2.2).
"""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError  # type: ignore[import-untyped]
from sqlalchemy import Connection

from auth import scopes
from auth.adapter import TokenRequest
from auth.authenticate import verified
from auth.client_authentication import CONFIDENTIAL
from auth.desk import Desk, digest_of
from auth.server import Answer, Server
from auth.service import TokenService
from auth.tokens import Bearer
from domain.errors import Unauthenticated
from storage import authorizations, credentials, refresh_tokens, standings
from storage.credentials import Client
from storage.engine import Reading

_INACTIVE: Mapping[str, Any] = {"active": False}


async def introspection_answer(service: TokenService, desk: Desk, asked: TokenRequest) -> Answer:
    token, bearer = asked.form.get("token"), None
    if token is not None:
        try:
            bearer = await verified(service.verifier, token)
        except Unauthenticated:
            bearer = None
    # Writing, though little is written: that an assertion of the client was used.
    async with desk.database.writing() as db:

        def about(connection: Connection) -> tuple[Client, Mapping[str, Any]]:
            server = Server(connection, service, desk)
            client = server.authenticate_client(asked, CONFIDENTIAL).known.client
            if token is None:
                raise InvalidRequestError("Send the token.")
            return client, _refresh_token(server, client, token)

        client, said = await db.run_sync(about)
        if bearer is not None:
            said = await _access_token(service, db, client, bearer)
    return 200, said, [("Content-Type", "application/json")]


async def _access_token(
    service: TokenService, db: Reading, client: Client, bearer: Bearer
) -> Mapping[str, Any]:
    if not await db.run_sync(lambda asked: _may_know(asked, client, bearer.client_id)):
        return _INACTIVE
    standing = await standings.of(
        db,
        grant_id=bearer.grant_id,
        client_id=bearer.client_id,
        organization_id=bearer.organization_id,
        person_id=bearer.person_id,
        jti=bearer.jti,
    )
    if standing is None:
        return _INACTIVE
    return {
        "active": True,
        "token_type": "Bearer",
        "scope": " ".join(scopes.in_order(bearer.scopes & standing.scopes)),
        "client_id": bearer.client_id,
        "sub": bearer.subject,
        "aud": service.issuer.resource,
        "iss": service.issuer.url,
        "org": bearer.organization_id,
        "exp": bearer.expires_at,
        "jti": bearer.jti,
    }


def _refresh_token(server: Server, client: Client, token: str) -> Mapping[str, Any]:
    found = refresh_tokens.of_digest(server.connection, digest_of(token))
    if found is None or not _may_know(server.connection, client, found.client_id):
        return _INACTIVE
    held = authorizations.look(server.connection, found.grant_id)
    is_over = found.used_at is not None or found.expires_at <= server.now
    if is_over or held.grant.revoked_at is not None or not held.may_act:
        return _INACTIVE
    return {
        "active": True,
        "scope": " ".join(held.grant.scopes),
        "client_id": found.client_id,
        "sub": held.grant.person_id,
        "iss": server.service.issuer.url,
        "org": held.grant.organization_id,
        "iat": int(found.created_at.timestamp()),
        "exp": int(found.expires_at.timestamp()),
    }


def _may_know(connection: Connection, client: Client, about: str) -> bool:
    """Itself, and the other apps of its organization."""
    if about == client.id:
        return True
    owner = credentials.owner_of(connection, about)
    return owner is not None and owner == client.organization_id
