"""What the operator's commands work with: the hub's database, and one context for each use case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from domain.alliances import Alliance
from domain.errors import NotFound
from domain.hubs import LocalHub
from domain.ids import Names, ulid
from resolvers.context import Context
from resolvers.hubs import ensure_local_hub
from resolvers.operating import operator_for
from storage import alliances, hubs
from storage.credentials import organization_called
from storage.engine import Database
from storage.tables import alliances as alliance_rows
from web.commands._hub import opened_hub
from web.outside import SystemChance, SystemClock


@dataclass(frozen=True, slots=True)
class Operating:
    """Whoever runs the hub, at its command line; `context` in the name of an organization."""

    database: Database
    hub: LocalHub
    names: Names
    clock: SystemClock
    request_id: str

    def context(self, organization_id: str | None = None) -> Context:
        return Context(
            viewer=operator_for(organization_id),
            database=self.database,
            hub=self.hub,
            names=self.names,
            clock=self.clock,
            request_id=self.request_id,
        )

    async def organization_called(self, slug: str) -> str:
        """Its id."""
        async with self.database.reading() as db:
            found = await organization_called(db, slug)
        if found is None:
            raise NotFound(
                f"This hub has no organization {slug}. ./convoke organization list shows all."
            )
        return found

    async def alliance_called(self, slug: str) -> Alliance:
        called = select(alliance_rows.c.id).where(
            alliance_rows.c.slug == slug, alliance_rows.c.hub_id == self.hub.id
        )
        async with self.database.reading() as db:
            found = await alliances.by_id(db, await db.scalar(called) or "")
        if found is None:
            raise NotFound(f"This hub has no alliance {slug}. ./convoke alliance list shows all.")
        return found


@asynccontextmanager
async def operating(data: Path | None) -> AsyncIterator[Operating]:
    """On the hub whose data it is, also where the settings name another address: a command that
    works on a directory need not be told what is written in it."""
    clock, chance = SystemClock(), SystemChance()
    async with opened_hub(data) as opened:
        settings, database = opened.settings, opened.database
        async with database.reading() as db:
            hub = await hubs.local(db)
        if hub is None:
            hub = await ensure_local_hub(
                database, settings.base_url, settings.hub_name, clock, chance
            )
        request_id = f"cmd_{ulid(clock.now(), chance.token_bytes(10))}"
        yield Operating(database, hub, Names(hub.authority, clock, chance), clock, request_id)
