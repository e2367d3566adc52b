"""The application, put together: the endpoint, the authorization server, the schema as a file.

`Service.opened` reads what a process needs to know once (which hub this is, its signing keys);
`create_app` makes the application of it. Nothing is connected before.
"""

from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.authenticate import bearer_of, presumed
from auth.routes import JWKS, RESOURCE_METADATA, SERVER_METADATA
from auth.routes import routes as auth_routes
from auth.sealing import HubSecret
from auth.service import TokenService
from domain.actors import NOBODY
from domain.hubs import LocalHub
from domain.ids import Names
from domain.outside import Chance, Clock
from resolvers import documents
from resolvers.context import Context
from resolvers.hubs import ensure_local_hub
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database
from storage.refusals import explained
from web.cors import SharedWithOtherSites
from web.feeds.asking import PublicReading
from web.graphql import GraphQLEndpoint
from web.pages.routes import routes as page_routes
from web.pages.rsvps import routes as rsvp_routes
from web.request_id import RequestIds, request_id_of
from web.settings import Settings
from web.trouble import Unbroken
from web.trusted import TrustedDocuments

GRAPHQL = "/graphql"
CONTRACT = "/schema.graphql"
# Not the token endpoint: a page is no place for an app's secret.
SHARED = (GRAPHQL, CONTRACT, JWKS, SERVER_METADATA, RESOURCE_METADATA, RESOURCE_METADATA + GRAPHQL)


@dataclass(frozen=True, slots=True)
class Service:
    """What one process of a hub works with."""

    settings: Settings
    database: Database
    hub: LocalHub
    tokens: TokenService
    clock: Clock
    chance: Chance

    @classmethod
    async def opened(
        cls,
        settings: Settings,
        database: Database,
        secret: HubSecret,
        clock: Clock,
        chance: Chance,
    ) -> Self:
        """Makes the hub's own row at its first start. Raises `Problem` where the data belong to
        another hub, or are sealed with another secret."""
        hub = await ensure_local_hub(database, settings.base_url, settings.hub_name, clock, chance)
        tokens = await TokenService.opened(
            base_url=settings.base_url,
            hub_name=settings.hub_name,
            database=database,
            secret=secret,
            clock=clock,
            chance=chance,
        )
        return cls(settings, database, hub, tokens, clock, chance)

    def asked(self, request: Request) -> "_Asked":
        """`async with`: the context of one operation, of whoever the request's token speaks for."""
        return _Asked(self, request)

    def asked_by_nobody(self, request: Request) -> Context:
        """The context of what shows no token, whatever the request brings."""
        return Context(
            viewer=NOBODY,
            database=self.database,
            hub=self.hub,
            names=Names(self.hub.authority, self.clock, self.chance),
            clock=self.clock,
            request_id=request_id_of(request),
        )


class _Asked:
    """Who asks, by what their token says. Whoever reads looks how they stand."""

    __slots__ = ("_context", "_request", "_service")

    def __init__(self, service: Service, request: Request) -> None:
        self._service = service
        self._request = request

    async def __aenter__(self) -> Context:
        with explained():
            bearer = await bearer_of(self._request.headers, self._service.tokens.verifier)
        context = self._context = self._service.asked_by_nobody(self._request)
        if bearer is not None:
            context.viewer, context.bearer = presumed(bearer), bearer
        return await context.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._context.__aexit__(kind, raised, traceback)


def create_app(service: Service) -> ASGIApp:
    endpoint = GraphQLEndpoint(
        graphql_schema,
        service.settings.limits,
        service.asked,
        f"{service.settings.base_url}/.well-known/oauth-protected-resource/graphql",
        trusted=TrustedDocuments(
            partial(documents.texts, service.database),
            only=service.settings.trusted_documents_only,
        ),
        cache_seconds=service.settings.cache_seconds,
    )
    # Documents of our own fit the usual limits, however strict an operator is with strangers'.
    own = Limits(run_seconds=service.settings.limits.run_seconds)
    public = PublicReading(
        Operations(graphql_schema, own), endpoint.turns, service.asked_by_nobody, service.clock
    )
    app = Starlette(
        routes=[
            Route("/", _home),
            Route(CONTRACT, _contract),
            *auth_routes(service.tokens),
            *page_routes(public, service.settings.hub_name),
            *rsvp_routes(service.asked_by_nobody, service.settings.hub_name),
        ],
        middleware=[Middleware(Unbroken)],
    )
    # An address with a slash too many would be sent on to whatever the Host header says.
    app.router.redirect_slashes = False
    shared = SharedWithOtherSites(_Straight(Unbroken(endpoint), app), SHARED)
    return RequestIds(shared, service.chance.token_bytes)


class _Straight:
    """What is asked of the endpoint goes straight to it: a router would look through all other
    addresses first, and most of what is asked is asked there."""

    def __init__(self, endpoint: ASGIApp, others: ASGIApp) -> None:
        self.endpoint = endpoint
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["path"] == GRAPHQL
        await (self.endpoint if asked else self.others)(scope, receive, send)


async def _home(request: Request) -> Response:
    """There is no front page yet: whoever comes by browser finds the explorer."""
    return RedirectResponse("/graphql", 303)


_SDL = graphql_schema.as_str()


async def _contract(request: Request) -> Response:
    return PlainTextResponse(
        _SDL,
        media_type="application/graphql",
        headers={"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"},
    )
