"""The addresses of identity that servers ask: tokens, what becomes of them, keys, and the documents
that say how. Those that people look at are in `web/account/`.

Each endpoint here is a use case with what the request brings, read and checked (`wire.py`).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import addresses, limits_of_tokens, registration, userinfo
from auth.asking import Asking, answered
from auth.desk import Desk
from auth.device_endpoint import device_answer
from auth.introspection import introspection_answer
from auth.metadata import resource_metadata, server_metadata
from auth.revocation import revocation_answer
from auth.server import token_answer
from auth.service import TokenService
from auth.wire import json_request, refusal, response, token_request
from domain.errors import Unauthenticated

_KEPT_FOR = {"Cache-Control": "public, max-age=300"}
_NOT_KEPT = {"Cache-Control": "no-store"}

Endpoint = Callable[[Request], Awaitable[Response]]
OpenDesk = Callable[[Request], Desk]
ASKING: tuple[tuple[str, Asking], ...] = (
    (addresses.TOKEN, token_answer),
    (addresses.REVOKE, revocation_answer),
    (addresses.INTROSPECT, introspection_answer),
    (addresses.DEVICE_AUTHORIZATION, device_answer),
)


def routes(service: TokenService, open_desk: OpenDesk) -> list[Route]:
    server, resource = server_metadata(service), resource_metadata(service)
    return [
        *(
            Route(path, _asked(service, open_desk, path, answer), methods=["POST"])
            for path, answer in ASKING
        ),
        Route(addresses.REGISTER, _registered(open_desk), methods=["POST"]),
        Route(addresses.USERINFO, _userinfo(service, open_desk), methods=["GET", "POST"]),
        Route(addresses.JWKS, _jwks(service), methods=["GET"]),
        Route(addresses.SERVER_METADATA, _document(server), methods=["GET"]),
        Route(addresses.OPENID_CONFIGURATION, _document(server), methods=["GET"]),
        # RFC 9728 s3.1: after the well-known part comes the path of what is protected. The bare
        # form is where clients look that know only the hub's address.
        Route(
            addresses.RESOURCE_METADATA + addresses.RESOURCE, _document(resource), methods=["GET"]
        ),
        Route(addresses.RESOURCE_METADATA, _document(resource), methods=["GET"]),
    ]


def _asked(service: TokenService, open_desk: OpenDesk, path: str, answer: Asking) -> Endpoint:
    async def asked(request: Request) -> Response:
        try:
            brought = await token_request(request)
            return response(*await answered(service, open_desk(request), path, brought, answer))
        except OAuth2Error as error:
            return refusal(error)

    return asked


def _registered(open_desk: OpenDesk) -> Endpoint:
    """RFC 7591 s3."""

    async def registered(request: Request) -> Response:
        desk = open_desk(request)
        try:
            await limits_of_tokens.by_address(desk, limits_of_tokens.REGISTRATIONS)
            made = await registration.register(desk, await json_request(request))
        except OAuth2Error as error:
            return refusal(error)
        return response(201, registration.answer(made), [("Content-Type", "application/json")])

    return registered


def _userinfo(service: TokenService, open_desk: OpenDesk) -> Endpoint:
    """RFC 6750 s3 has how it is refused."""

    async def who(request: Request) -> Response:
        try:
            claims = await userinfo.of_bearer(service, open_desk(request), request.headers)
        except Unauthenticated as refused:
            without = "authorization" not in request.headers
            challenge = "Bearer" if without else 'Bearer error="invalid_token"'
            return _bearer_refusal(401, "invalid_token", refused.message, challenge)
        except userinfo.NotAsked as refused:
            challenge = 'Bearer error="insufficient_scope", scope="openid"'
            return _bearer_refusal(403, "insufficient_scope", refused.message, challenge)
        return JSONResponse(dict(claims), headers=_NOT_KEPT)

    return who


def _bearer_refusal(status: int, error: str, said: str, challenge: str) -> Response:
    body = {"error": error, "error_description": said}
    return JSONResponse(body, status, {**_NOT_KEPT, "WWW-Authenticate": challenge})


def _jwks(service: TokenService) -> Endpoint:
    async def jwks(_request: Request) -> Response:
        await service.ring.freshen()
        return JSONResponse(
            service.ring.jwks, headers=_KEPT_FOR, media_type="application/jwk-set+json"
        )

    return jwks


def _document(content: dict[str, Any]) -> Endpoint:
    async def document(_request: Request) -> Response:
        return JSONResponse(content, headers=_KEPT_FOR)

    return document
