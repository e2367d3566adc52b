"""A device without a keyboard asks for the codes that it shows and keeps: RFC 8628 s3.1 and s3.2.

A person answers at the page (`device.py`); the device asks meanwhile (`device_grant.py`).
"""

from datetime import timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidScopeError,
    UnauthorizedClientError,
)
from sqlalchemy import Connection

from auth import device, scopes
from auth.adapter import InvalidTargetError, TokenRequest, sayable
from auth.client_authentication import EVERY_METHOD, AskingClient, authenticated
from auth.desk import Desk, digest_of
from auth.server import Answer, Server
from auth.service import TokenService
from domain.apps import GrantType
from storage import device_codes
from storage.device_codes import DeviceCode

PAGE = "/device"  # short: it is typed
PREFIX = "cvk_device_"
LIVES = timedelta(minutes=10)
INTERVAL_SECONDS = 5

_DRAWN_AGAIN = 5  # times: one of 20^8 is seldom taken


async def device_answer(service: TokenService, desk: Desk, asked: TokenRequest) -> Answer:
    """To a request at the device authorization endpoint, errors too, in one transaction."""
    async with desk.database.writing() as db:

        def answered(connection: Connection) -> Answer:
            try:
                return 200, _begun(Server(connection, service, desk), asked), ()
            except OAuth2Error as error:
                status, body, headers = error()
                return status, body, headers

        return await db.run_sync(answered)


def _begun(server: Server, asked: TokenRequest) -> dict[str, Any]:
    client = authenticated(server, asked, EVERY_METHOD)
    if not client.check_grant_type(GrantType.DEVICE_CODE):
        raise UnauthorizedClientError("This client is not registered for device codes.")
    ours = server.service.issuer.resource
    if any(resource != ours for resource in asked.resources):
        raise InvalidTargetError(f"resource must be {sayable(ours)}, or left out.")
    code = server.desk.secret(PREFIX)
    user_code = device.shown(_kept(server, client, _scopes(server, client, asked), code))
    page = server.service.issuer.url + PAGE
    return {
        "device_code": code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "expires_in": int(LIVES.total_seconds()),
        "interval": INTERVAL_SECONDS,
    }


def _scopes(server: Server, client: AskingClient, asked: TokenRequest) -> tuple[str, ...]:
    """Given whole or refused; the person may untick."""
    scope = asked.form.get("scope")
    server.validate_requested_scope(scope)
    wanted = client.get_allowed_scope(scope).split()
    beyond = scopes.beyond(wanted, client.known.client.registered_by)
    if beyond:
        raise InvalidScopeError(f"No person gives an app {sayable(' '.join(beyond))}.")
    if not set(wanted) - {"offline_access"}:
        raise InvalidScopeError("Name the scopes that are asked for.")
    return scopes.in_order(wanted)


def _kept(server: Server, client: AskingClient, wanted: tuple[str, ...], code: str) -> str:
    """The code for the person, once nobody else is shown it."""
    for _ in range(_DRAWN_AGAIN):
        user_code = device.drawn(server.desk.chance)
        made = DeviceCode(
            digest=digest_of(code),
            user_code=user_code,
            client_id=client.get_client_id(),
            scopes=wanted,
            created_at=server.now,
            expires_at=server.now + LIVES,
            interval_seconds=INTERVAL_SECONDS,
        )
        if device_codes.add(server.connection, made):
            return user_code
    raise RuntimeError("Every code that was drawn is shown by another device.")
