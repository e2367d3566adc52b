"""The application, put together: the endpoint, the authorization server, the schema as a file.

`Service.opened` (`web/service.py`) reads what a process needs to know once (which hub this is, its
signing keys); `create_app` makes the application of it. Nothing is connected before.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from auth import addresses
from auth.routes import routes as auth_routes
from resolvers import documents
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from web.account.routes import routes as account_routes
from web.console.routes import routes as console_routes
from web.cors import SharedWithOtherSites
from web.embed.routes import routes as embed_routes
from web.feeds.asking import PublicReading
from web.feeds.own import routes as own_calendar_routes
from web.graphql import GraphQLEndpoint, MakeOperations
from web.mail_stop import routes as mail_routes
from web.operating.figures import HubFigures
from web.operating.metrics import Metrics
from web.operating.observed import Observed
from web.operating.readiness import Readiness
from web.operating.routes import routes as operating_routes
from web.operating.sampling import Sampling
from web.pages.routes import routes as page_routes
from web.pages.rsvps import routes as rsvp_routes
from web.peering import routes as peering_routes
from web.poked import routes as poked_routes
from web.request_id import RequestIds
from web.service import Service
from web.speaking import Speaking
from web.subgraph import subgraph
from web.subscriptions.conversation import Conversations
from web.subscriptions.places import STOP, Places
from web.trouble import Unbroken
from web.trusted import TrustedDocuments

GRAPHQL = "/graphql"
CONTRACT = "/schema.graphql"
# What an app that is a page needs too: it has no secret, and shows a code and its verifier, or a
# token. Not where servers ask about tokens, and never a page of ours.
SHARED = (
    GRAPHQL,
    CONTRACT,
    addresses.TOKEN,
    addresses.REVOKE,
    addresses.REGISTER,
    addresses.USERINFO,
    addresses.JWKS,
    addresses.SERVER_METADATA,
    addresses.OPENID_CONFIGURATION,
    addresses.RESOURCE_METADATA,
    addresses.RESOURCE_METADATA + GRAPHQL,
)


def create_app(
    service: Service,
    shared_metrics: Path | None = None,
    operations: MakeOperations = Operations,
) -> Observed:
    """`shared_metrics` is where several processes of one hub count together; `operations` may give
    several hubs in one process the same, so that what is asked is planned once."""
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
        operations=operations,
    )
    # Documents of our own fit the usual limits, however strict an operator is with strangers'.
    own = Limits(run_seconds=service.settings.limits.run_seconds)
    public = PublicReading(
        operations(graphql_schema, own), endpoint.turns, service.asked_by_nobody, service.clock
    )
    places = Places(service.settings.limits.streams)
    following = endpoint.followed(service.moved, service.clock, places)
    endpoint.read_by_hubs(graphql_schema, service.is_asked_by_a_hub, service.moved, places.leaving)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        async with service.moved.running():
            yield {STOP: places.leaving.set}

    metrics = Metrics(
        HubFigures(service.database, service.clock, service.settings.data), shared_metrics
    )
    app = Starlette(
        lifespan=lifespan,
        routes=[
            subgraph(endpoint),
            *console_routes(service, public.operations, endpoint.turns),
            *_routes(service, public, metrics),
        ],
        middleware=[Middleware(Unbroken), Middleware(Speaking, base_url=service.settings.base_url)],
    )
    # An address with a slash too many would be sent on to whatever the Host header says.
    app.router.redirect_slashes = False
    sites = SharedWithOtherSites(
        _Straight(Unbroken(endpoint), Conversations(following, places), app), SHARED
    )
    named = RequestIds(sites, service.chance.token_bytes)
    sampling = Sampling(metrics, service.database, endpoint.turns)
    return Observed(named, metrics, sampling, app.routes, {GRAPHQL: GRAPHQL})


def _routes(service: Service, public: PublicReading, metrics: Metrics) -> list[BaseRoute]:
    settings = service.settings
    readiness = Readiness(
        service.database,
        service.clock,
        service.leaving,
        settings.data,
        settings.disk_floor_bytes,
    )
    return [
        Route(CONTRACT, _contract),
        *auth_routes(service.tokens, service.desk),
        *peering_routes(service),
        *poked_routes(service),
        *page_routes(public, settings.hub_name),
        *embed_routes(public, settings.hub_name, settings.embed_sites),
        *rsvp_routes(service.asked_by_nobody, settings.hub_name),
        *mail_routes(service.asked_by_nobody, settings.hub_name),
        *own_calendar_routes(service.desk, settings.base_url, settings.hub_name),
        *account_routes(service),
        *operating_routes(readiness, metrics, settings.metrics_token),
    ]


class _Straight:
    """What is asked of the endpoint goes straight to it: a router would look through all other
    addresses first, and most of what is asked is asked there."""

    def __init__(self, endpoint: ASGIApp, sockets: ASGIApp, others: ASGIApp) -> None:
        self.endpoint = endpoint
        self.sockets = sockets
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] != GRAPHQL:
            await self.others(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
        else:
            await self.endpoint(scope, receive, send)


_SDL = graphql_schema.as_str()


async def _contract(request: Request) -> Response:
    return PlainTextResponse(
        _SDL,
        media_type="application/graphql",
        headers={"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"},
    )
