"""The addresses of identity: get a token, the published keys, and the two documents that say how.

RFC 6749 s3.2 (token), RFC 7517 (keys), RFC 8414 (the server), RFC 9728 (what it protects).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import scopes
from auth.adapter import refusal, response, token_request
from auth.grants import CLIENT_CREDENTIALS, SECRET_BASIC
from auth.server import Answer, Server
from auth.service import TokenService

TOKEN = "/oauth/token"  # noqa: S105  # an address
JWKS = "/oauth/jwks"
SERVER_METADATA = "/.well-known/oauth-authorization-server"
RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
RESOURCE = "/graphql"

_KEPT_FOR = {"Cache-Control": "public, max-age=300"}

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(service: TokenService) -> list[Route]:
    server, resource = server_metadata(service), resource_metadata(service)
    return [
        Route(TOKEN, _token(service), methods=["POST"]),
        Route(JWKS, _jwks(service), methods=["GET"]),
        Route(SERVER_METADATA, _document(server), methods=["GET"]),
        # RFC 9728 s3.1: after the well-known part comes the path of what is protected. The bare
        # form is where clients look that know only the hub's address.
        Route(RESOURCE_METADATA + RESOURCE, _document(resource), methods=["GET"]),
        Route(RESOURCE_METADATA, _document(resource), methods=["GET"]),
    ]


def server_metadata(service: TokenService) -> dict[str, Any]:
    """RFC 8414 s2: what is served, and nothing that will be one day."""
    url = service.issuer.url
    return {
        "issuer": url,
        "token_endpoint": url + TOKEN,
        "jwks_uri": url + JWKS,
        "scopes_supported": list(scopes.FOR_MACHINES),
        "response_types_supported": [],  # required, though there is no authorization endpoint yet
        "grant_types_supported": [CLIENT_CREDENTIALS],
        "token_endpoint_auth_methods_supported": [SECRET_BASIC],
        "protected_resources": [service.issuer.resource],
    }


def resource_metadata(service: TokenService) -> dict[str, Any]:
    """RFC 9728 s2."""
    return {
        "resource": service.issuer.resource,
        "resource_name": service.hub_name,
        "authorization_servers": [service.issuer.url],
        "scopes_supported": list(scopes.FOR_MACHINES),
        "bearer_methods_supported": ["header"],
    }


def _token(service: TokenService) -> Endpoint:
    async def token(request: Request) -> Response:
        try:
            asked = await token_request(request)
        except OAuth2Error as error:
            return refusal(error)
        await service.ring.freshen()

        def answer(connection: Connection) -> Answer:
            server = Server(connection, service.issuer, service.mint, service.clock)
            return server.answer(asked)

        async with service.database.writing() as db:
            return response(*await db.run_sync(answer))

    return token


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
