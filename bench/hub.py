"""A hub of the benchmark: a service in a process of its own, and its database at hand from here.

What operators do (agreeing with another hub, letting somebody in) is done as their commands do it.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import func, select, text

from auth import scopes
from auth.built_in import COMMAND_LINE
from auth.sealing import HubSecret
from bench.contest import SECRET
from bench.data import Scale
from bench.loading import connected, database_name
from bench.processes import ROOT, Running, Server, free_port, running
from domain.actors import NOBODY, TeamRole, Viewer
from domain.ids import Names
from federation.client import OutgoingClient, OutgoingSettings
from resolvers import organizations, peering_steps, people
from resolvers.context import Context
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from storage import credentials
from storage.credentials import Grant
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.peer_tables import peerings
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import read_settings

FIRST = b'{"query":"{ __typename }"}'


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who publishes events."""

    hub: "BenchHub"
    person_id: str
    organization_id: str
    grant_id: str

    def token(self) -> str:
        return self.hub.service.tokens.mint.token(
            client_id=COMMAND_LINE,
            organization_id=self.organization_id,
            grant_id=self.grant_id,
            scopes=tuple(scopes.FOR_PEOPLE),
            person_id=self.person_id,
        )

    def event(self, number: int) -> dict[str, Any]:
        starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=number + 1)
        return {
            "organization": self.organization_id,
            "title": f"News {number}",
            "startsAt": starts_at.isoformat(),
            "timeZone": "UTC",
            "visibility": "PUBLIC",
        }


@dataclass(frozen=True, slots=True)
class BenchHub:
    port: int
    service: Service
    environment: dict[str, str]

    @classmethod
    @asynccontextmanager
    async def opened(cls, database_url: str, authority: str) -> AsyncIterator[Self]:
        port = int(authority.rpartition(":")[2])
        environment = {
            "DATABASE_URL": database_url,
            "CONVOKE_BASE_URL": f"http://{authority}",
            "CONVOKE_PORT": str(port),
            "CONVOKE_SECRET_KEY": SECRET,
            "CONVOKE_ALLOW_LOOPBACK": "yes",
            "CONVOKE_DISK_FLOOR_MB": "0",
        }
        settings = read_settings(environment)
        database = Database(database_url)
        try:
            async with OutgoingClient(OutgoingSettings(allow_loopback=True)) as client:
                service = await Service.opened(
                    settings,
                    database,
                    HubSecret(SECRET.encode()),
                    SystemClock(),
                    SystemChance(),
                    outgoing=lambda: client,
                )
                yield cls(port, service, environment)
        finally:
            await database.close()

    @property
    def url(self) -> str:
        return self.service.hub.url

    def running(self, log: Path) -> AbstractContextManager[Running]:
        command = [sys.executable, str(ROOT), "serve", "--workers", "1"]
        server = Server("convoke", command, self.environment)
        return running(server, FIRST, log, self.port, alone=False)

    def context(self, viewer: Viewer = NOBODY) -> Context:
        service = self.service
        return Context(
            viewer=viewer,
            database=service.database,
            hub=service.hub,
            names=Names(service.hub.authority, service.clock, service.chance),
            clock=service.clock,
            request_id="req_of_the_benchmark",
            neighbours=service.abroad,
        )

    async def propose(self, url: str) -> str:
        async with self.context(operator_for()) as ctx:
            return await peering_steps.propose(ctx, url)

    async def begin(self, hub_id: str) -> None:
        """With a hub that has agreed meanwhile, without waiting until it is asked again."""
        async with self.context(operator_for()) as ctx:
            await peering_steps.begin_if_agreed(
                ctx, self.service.abroad, await peering_steps.known(ctx, hub_id)
            )

    async def synced_peers(self) -> int:
        counted = select(func.count()).where(peerings.c.last_synced_at.is_not(None))
        async with self.service.database.reading(fresh=True) as db:
            return int(await db.scalar(counted) or 0)

    async def forget_peers(self) -> None:
        """Of a run before: their databases are gone."""
        async with self.service.database.writing() as db:
            await db.execute(text("delete from peerings"))

    async def author(self) -> Author:
        slug = f"news-{self.service.chance.token_bytes(4).hex()}"
        new = NewOrganization(slug=slug, name="News", languages=("en",), time_zone="UTC")
        async with self.context(operator_for()) as ctx:
            organization_id = await organizations.create(ctx, new)
        async with self.context(operator_for()) as ctx:
            person_id = await people.create(ctx, NewPerson(display_name="Nora"))
        async with self.context(operator_for(organization_id)) as ctx:
            await organizations.add_team_member(ctx, organization_id, person_id, TeamRole.OWNER)
        now = self.service.clock.now()
        grant = Grant(
            id=f"grant_{slug}",
            client_id=COMMAND_LINE,
            organization_id=organization_id,
            person_id=person_id,
            scopes=tuple(scopes.FOR_PEOPLE),
            created_at=now,
            authenticated_at=now - timedelta(minutes=1),
            methods=("pop",),
        )
        async with self.service.database.writing() as db:
            await credentials.add_grant(db, grant)
        return Author(self, person_id, organization_id, grant.id)


async def peer_with(one: BenchHub, other: BenchHub) -> None:
    """Both are asked, and both agree."""
    other_id = await one.propose(other.url)
    await other.propose(one.url)
    await one.begin(other_id)


async def free_authority(server: EmbeddedPostgres, scale: Scale) -> str:
    """On this machine. The port of data that are there already, where it is free."""
    async with connected(server, "postgres") as connection:
        rows = await connection.fetch(
            "select datname from pg_database where datname like 'hub\\_%'"
        )
    for name in sorted(str(row[0]) for row in rows):
        authority = f"localhost:{name.split('_')[1]}"
        if name == database_name(scale, authority):
            return authority
    return f"localhost:{free_port()}"
