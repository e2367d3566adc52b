"""What one process of a hub works with, read and made once at its start."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from starlette.requests import Request

from auth import addresses
from auth.authenticate import bearer_of, presumed
from auth.built_in import ensure_built_in
from auth.desk import Desk
from auth.provider_directory import Directory
from auth.providers import Providers
from auth.sealing import HubSecret, Sealer
from auth.service import TokenService
from domain.actors import NOBODY
from domain.hubs import LocalHub
from domain.ids import Names
from domain.outside import Chance, Clock
from federation.delegation import Delegation
from federation.forwarding import Forwarding
from federation.hub_tokens import HubTokens
from federation.peering import Abroad
from resolvers.context import Context
from resolvers.hubs import ensure_local_hub
from storage.engine import Database
from storage.moved import Moved
from storage.refusals import explained
from web.addresses import counted_as
from web.operating.leaving import Leaving
from web.outgoing import WayOut, fetched_by, way_out
from web.request_id import request_id_of
from web.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """What one process of a hub works with."""

    settings: Settings
    database: Database
    hub: LocalHub
    tokens: TokenService
    clock: Clock
    chance: Chance
    providers: Providers
    outgoing: WayOut
    hub_tokens: HubTokens
    abroad: Abroad
    forwarding: Forwarding
    moved: Moved
    leaving: Leaving = field(default_factory=Leaving)

    @classmethod
    async def opened(
        cls,
        settings: Settings,
        database: Database,
        secret: HubSecret,
        clock: Clock,
        chance: Chance,
        *,
        outgoing: WayOut | None = None,
    ) -> Self:
        """`outgoing` is another way out than the guarded one: for hubs that are in one process.

        Makes the hub's own row at its first start. Raises `Problem` where the data belong to
        another hub, or are sealed with another secret."""
        hub = await ensure_local_hub(database, settings.base_url, settings.hub_name, clock, chance)
        await ensure_built_in(database, clock)
        outgoing = outgoing or way_out(settings)
        tokens = await TokenService.opened(
            base_url=settings.base_url,
            hub_name=settings.hub_name,
            database=database,
            secret=secret,
            clock=clock,
            chance=chance,
            fetch=fetched_by(outgoing),
        )
        directory = Directory(outgoing, clock, allow_loopback=settings.allow_loopback)
        providers = Providers(settings.base_url, directory, Sealer(secret, chance))
        client_id = settings.base_url + addresses.CLIENT_METADATA
        hub_tokens = HubTokens(client_id, tokens.client_ring, outgoing, clock, chance)
        abroad = Abroad(hub, outgoing, hub_tokens, settings.allow_loopback)
        delegation = Delegation(database, tokens, hub_tokens, clock, chance)
        return cls(
            settings=settings,
            database=database,
            hub=hub,
            tokens=tokens,
            clock=clock,
            chance=chance,
            providers=providers,
            outgoing=outgoing,
            hub_tokens=hub_tokens,
            abroad=abroad,
            forwarding=Forwarding(delegation, outgoing, chance),
            moved=Moved(database),
        )

    def desk(self, request: Request) -> Desk:
        """What the use cases of identity work with, in one request."""
        return Desk(
            database=self.database,
            names=Names(self.hub.authority, self.clock, self.chance),
            clock=self.clock,
            chance=self.chance,
            request_id=request_id_of(request),
            address=counted_as(request.client.host) if request.client else "",
        )

    def asked(self, request: Request) -> "_Asked":
        """`async with`: the context of one operation, of whoever the request's token speaks for."""
        return _Asked(self, request)

    async def is_asked_by_a_hub(self, request: Request) -> bool:
        """By its token, whether or not that still counts."""
        with explained():
            bearer = await bearer_of(request.headers, self.tokens.verifier)
        return bearer is not None and presumed(bearer).is_hub

    def asked_by_nobody(self, request: Request) -> Context:
        """The context of what shows no token, whatever the request brings."""
        return Context(
            viewer=NOBODY,
            database=self.database,
            hub=self.hub,
            names=Names(self.hub.authority, self.clock, self.chance),
            clock=self.clock,
            request_id=request_id_of(request),
            neighbours=self.abroad,
            operated_by=self.settings.operated_by,
            elsewhere=self.forwarding,
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
