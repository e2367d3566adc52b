"""What tests of co-hosting share: one event of the Pantry's, and what is done about hosting it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import RowMapping, select

from domain.actors import Viewer
from domain.errors import (
    Problem,
)
from domain.events import EventHostRole
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from storage.engine import Database
from storage.tables import audit_entries, event_hosts
from storage.tables import events as event_rows
from tests.cast import Cast, MakeContext
from tests.conftest import Contents

HOST = "event_host"  # what the record of changes calls a place
CO_HOST, PROMOTER = EventHostRole.CO_HOST, EventHostRole.PROMOTER


@dataclass(frozen=True)
class Table:
    """One event of the Pantry's, and what organizations do about hosting it."""

    context: MakeContext
    cast: Cast
    database: Database
    event_id: str

    async def ask(self, viewer: Viewer, organization_id: str, **wish: Any) -> str:
        wished = Wish(event_id=self.event_id, organization_id=organization_id, **wish)
        return await co_hosting.ask(self.context(viewer), wished)

    async def respond(self, viewer: Viewer, place_id: str, accept: bool = True) -> str:
        return await co_hosting.respond(self.context(viewer), place_id, accept)

    async def withdraw(self, viewer: Viewer, place_id: str, reason: str | None = None) -> str:
        return await co_hosting.withdraw(self.context(viewer), place_id, reason)

    async def place(self, place_id: str) -> RowMapping:
        async with self.database.reading() as db:
            found = await db.execute(select(event_hosts).where(event_hosts.c.id == place_id))
            return found.mappings().one()

    async def status(self, place_id: str) -> str:
        return str((await self.place(place_id))["status"])

    async def noted(self, subject_id: str) -> list[tuple[str, str | None, str | None]]:
        """What was done to it, through which client, for whom."""
        async with self.database.reading() as db:
            entry = audit_entries.c
            found = await db.execute(
                select(entry.action, entry.client_id, entry.organization_id)
                .where(entry.subject_id == subject_id)
                .order_by(entry.at, entry.id)
            )
            return [(row[0], row[1], row[2]) for row in found]

    async def shared_hosting(self, **wish: Any) -> str:
        """The Shelter's place, invited and accepted."""
        place_id = await self.ask(self.cast.anna, self.cast.shelter, **wish)
        return await self.respond(self.cast.sam, place_id)

    async def version(self) -> int:
        async with self.database.reading() as db:
            row = event_rows.c
            found = await db.scalar(select(row.version).where(row.id == self.event_id))
            assert found is not None
            return int(found)


async def refused(
    contents: Contents, problem: type[Problem], work: Awaitable[object], match: str | None = None
) -> Problem:
    before = await contents()
    with pytest.raises(problem, match=match) as told:
        await work
    assert await contents() == before
    return told.value
