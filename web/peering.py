"""The addresses by which hubs find one another: who this one is, its keys as a client, proposals.

How hubs come to work together is in `federation/peering.py` and `resolvers/peering.py`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import orjson
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import addresses
from auth.peer_documents import client_document, hub_document
from auth.throttle import Limit, TooManyTries, count
from auth.wire import json_request, refusal
from domain.errors import Problem
from federation.peering import receive
from resolvers import peering_steps
from resolvers.operating import operator_for
from web.service import Service

PROPOSALS_BY_ADDRESS = Limit("proposals by address", 10, 360.0)
PROPOSALS = Limit("proposals", 60, 60.0)
LOOKED_AT_ONCE = 3  # hubs that proposed, by one process
LONGEST_URL = 300

_KEPT_FOR = {"Cache-Control": "public, max-age=300"}
_NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger("convoke.peering")

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(service: Service) -> list[Route]:
    hub = hub_document(service.tokens, service.hub)
    client = client_document(service.tokens, service.hub)
    return [
        Route(addresses.HUB, _document(hub), methods=["GET"]),
        Route(addresses.CLIENT_METADATA, _document(client), methods=["GET"]),
        Route(addresses.CLIENT_KEYS, _client_keys(service), methods=["GET"]),
        Route(addresses.PROPOSALS, _proposals(service), methods=["POST"]),
    ]


def _document(content: dict[str, object]) -> Endpoint:
    async def document(_request: Request) -> Response:
        return JSONResponse(content, headers=_KEPT_FOR)

    return document


def _client_keys(service: Service) -> Endpoint:
    async def client_keys(_request: Request) -> Response:
        ring = service.tokens.client_ring
        await ring.freshen()
        return JSONResponse(ring.jwks, headers=_KEPT_FOR, media_type="application/jwk-set+json")

    return client_keys


def _proposals(service: Service) -> Endpoint:
    """Answered before anything is looked at, and always alike: what is at an address is told to
    nobody who names it, not even by how long it takes."""
    gate = asyncio.Semaphore(LOOKED_AT_ONCE)

    async def proposed(request: Request) -> Response:
        desk = service.desk(request)
        try:
            url = (await json_request(request)).get("url")
        except OAuth2Error as error:
            return refusal(error)
        if not isinstance(url, str) or not 0 < len(url) <= LONGEST_URL:
            return _told(400, "invalid_request", "Send your hub's own address as url.")
        try:
            await count(desk, PROPOSALS_BY_ADDRESS, desk.address)
            await count(desk, PROPOSALS, "")
        except TooManyTries as often:
            answer = _told(429, "temporarily_unavailable", often.message)
            answer.headers["Retry-After"] = str(often.wait_seconds)
            return answer
        looking = BackgroundTask(_look, service, request, url, gate)
        return Response(b"{}", 202, _NOT_KEPT, "application/json", looking)

    return proposed


async def _look(service: Service, request: Request, url: str, gate: asyncio.Semaphore) -> None:
    if gate.locked():
        return  # whoever proposes does so again, each hour
    async with gate, service.asked_by_nobody(request) as ctx:
        facts = await receive(ctx, service.abroad, url)
        if facts is not None and service.settings.accepts_public_peers:
            # As the operator said beforehand, by CONVOKE_PEERS_ACCEPT.
            ctx.viewer = operator_for()
            try:
                await peering_steps.accept_what(ctx, facts.hub_id, facts)
            except Problem as problem:  # somebody was quicker: it was accepted, or ended
                log.info("%s was not accepted: %s", facts.authority, problem.message)


def _told(status: int, error: str, said: str) -> Response:
    body = orjson.dumps({"error": error, "error_description": said})
    return Response(body, status, _NOT_KEPT, "application/json")
