"""The hubs around the city's: each with a database of its own beside the city's, keys of its own, and a
process that answers for it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from auth.clients import Apps
from auth.sealing import kept_secret
from domain.ids import Names
from federation.client import OutgoingClient
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.migrating import upgrade
from web.demo import clients
from web.demo.around import AROUND, Around
from web.demo.hubs import Hub
from web.demo.making import settle
from web.demo.processes import Process
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import Settings, environment_with

# What a real hub is told in the environment is not for these; limits are.
NOT_FOR_THEM = (
    "CONVOKE_BASE_URL",
    "CONVOKE_DOCUMENTS",
    "CONVOKE_DRAIN_SECONDS",
    "CONVOKE_LOG",
    "CONVOKE_MAIL_FROM",
    "CONVOKE_METRICS_TOKEN",
    "CONVOKE_OPERATOR",
    "CONVOKE_PEERS_ACCEPT",
    "CONVOKE_PROXIES",
    "CONVOKE_SMTP_URL",
    "CONVOKE_WORKER",
    "CONVOKE_WORKERS",
    "DATABASE_REPLICA_URL",
)
# Three hubs on one database server, which lets a hundred connections in.
CONNECTIONS = {
    "CONVOKE_POOL_SIZE": "2",
    "CONVOKE_POOL_OVERFLOW": "4",
    "CONVOKE_POOL_ANSWERING": "4",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    hub: Hub
    process: Process


@asynccontextmanager
async def surroundings(
    settings: Settings,
    sockets: Sequence[Sequence[socket.socket]],
    outgoing: OutgoingClient,
    died: Callable[[str], None],
) -> AsyncIterator[list[Neighbour]]:
    """Their databases hold what is theirs alone, and their processes were begun: these read their code
    while the city is made. They are stopped in the end."""
    async with AsyncExitStack() as opened:
        found: list[Neighbour] = []
        try:
            for around, taken in zip(AROUND, sockets, strict=True):
                making = _neighbour(settings, around, outgoing, died)
                one = await opened.enter_async_context(making)
                found.append(one)
                await one.process.begin(taken)
            for one in found:
                settled = await settle(
                    one.hub.contexts, one.hub.service.clock.now(), one.hub.voices, {}
                )
                one.hub.known = settled.known
            yield found
        finally:
            await asyncio.gather(*(one.process.stop() for one in found))


@asynccontextmanager
async def _neighbour(
    settings: Settings, around: Around, outgoing: OutgoingClient, died: Callable[[str], None]
) -> AsyncIterator[Neighbour]:
    server = EmbeddedPostgres.attach(settings.data)
    server.create_database(around.key)
    port, data = settings.port + around.after, settings.data / around.key
    data.mkdir(mode=0o700, exist_ok=True)
    clock, chance = SystemClock(), SystemChance()
    secret = kept_secret(data, chance)
    own = replace(
        settings,
        base_url=f"http://localhost:{port}",
        port=port,
        data=data,
        hub_name=around.name,
        outbox_page=False,
    )
    database = Database(server.url(around.key))
    try:
        await upgrade(database)
        service = await Service.opened(own, database, secret, clock, chance)
        async with service.outgoing():
            hub = Hub(service, outgoing, around.voices)
            environment = environment_with(
                **environment_of(own, database.url, secret.value.decode())
            )
            yield Neighbour(hub, Process(around.name, port, data, environment, died))
    finally:
        await database.close()


def environment_of(settings: Settings, url: str, secret: str) -> Mapping[str, str]:
    """For its process: what it is, and nothing of a real hub's."""
    return {
        **dict.fromkeys(NOT_FOR_THEM, ""),
        **CONNECTIONS,
        "CONVOKE_ALLOW_LOOPBACK": "yes",
        "CONVOKE_HUB_NAME": settings.hub_name,
        "CONVOKE_SECRET_KEY": secret,
        "DATABASE_URL": url,
    }


async def described(hubs: Sequence[Hub], file: Path) -> list[dict[str, object]]:
    """What `demo.json` says of them, with an app for each organization."""
    said: list[dict[str, object]] = []
    for hub in hubs:
        of = hub.service
        names = Names(of.hub.authority, of.clock, of.chance)
        desk = Apps(of.database, names, of.clock, of.chance, hub.request_id)
        apps = await clients.apps(desk, hub.known, file, hub.voices)
        said.append(clients.of_hub(hub.url, hub.known, apps))
    return said
