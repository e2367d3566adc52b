"""The partner's service, put together: its part of the graph, at /graphql."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from carpools.contract import Asking, graphql_schema
from carpools.hub import Hub
from carpools.shelf import Shelf

HUB_SECONDS = 10.0


class Endpoint(GraphQL[Asking, None]):
    def __init__(self, hub: Hub, shelf: Shelf) -> None:
        super().__init__(graphql_schema, graphql_ide=None, allow_queries_via_get=False)
        self.hub, self.shelf = hub, shelf

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Asking:
        caller = await self.hub.caller(request.headers.get("authorization"))
        return Asking(caller, self.hub, self.shelf)


def create_app(hub_url: str, file: Path) -> Starlette:
    http = httpx.AsyncClient(timeout=HUB_SECONDS, trust_env=False)

    @asynccontextmanager
    async def closing(_app: Starlette) -> AsyncIterator[None]:
        async with http:
            yield

    endpoint = Endpoint(Hub(hub_url.rstrip("/"), http), Shelf(file))
    return Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])], lifespan=closing)
