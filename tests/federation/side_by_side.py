"""Two hubs that mirror one another: the cast is at home at the first, and the Riverside Mosque with
Mina at the second."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from domain.actors import BY_TIME, TeamRole, Viewer
from federation.mirroring.pulling import Pulling
from resolvers import alliances, organizations, people
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from storage import mirrors
from storage.engine import Database
from storage.peer_tables import joined_elsewhere
from tests.cast import Cast, MakeContext, assemble
from tests.conftest import contexts
from tests.federation.neighbourhood import Neighbour, Neighbourhood, peered
from tests.outside import SeededChance


@dataclass(frozen=True)
class SideBySide:
    a: Neighbour
    b: Neighbour
    at_a: MakeContext
    at_b: MakeContext
    cast: Cast  # at A
    mosque: str  # at B
    mina_id: str
    pull_b: Pulling  # B's
    pull_a: Pulling

    @property
    def mina(self) -> Viewer:
        return Viewer(
            organization_id=self.mosque,
            person_id=self.mina_id,
            role=TeamRole.OWNER,
            client_id="app",
        )

    async def follow(self) -> None:
        """B reads what A publishes, at once."""
        await hasten(self.b, self.a)
        await self.pull_b.turn(self.a.hub_id)

    async def follow_back(self) -> None:
        await hasten(self.a, self.b)
        await self.pull_a.turn(self.b.hub_id)

    async def ally(self, alliance_id: str) -> str:
        """The Mosque joins an alliance of A's; the id of its membership. Both sides know it."""
        await self.follow_back()
        async with self.b.database.writing() as db:
            joining = {"thing_id": alliance_id, "organization_id": self.mosque}
            joined = insert(joined_elsewhere).values(**joining, at=self.b.clock.now())
            await db.execute(joined.on_conflict_do_nothing())
        convener = self.at_a(operator_for(self.cast.pantry))
        membership = await alliances.add_member(convener, alliance_id, self.mosque)
        await self.follow()
        return membership


async def hasten(one: Neighbour, other: Neighbour) -> None:
    async with one.database.writing() as db:
        await mirrors.hasten(db, other.hub_id)


@asynccontextmanager
async def side_by_side(neighbourhood: Neighbourhood) -> AsyncIterator[SideBySide]:
    async with AsyncExitStack() as opened:
        a, b = await opened.enter_async_context(neighbourhood("a.test", "b.test"))
        await peered(a, b)
        at_a, at_b = [
            await opened.enter_async_context(
                contexts(
                    each.database,
                    each.service.hub,
                    each.clock,
                    SeededChance(f"cast of {each.authority}"),
                )
            )
            for each in (a, b)
        ]
        cast = await assemble(at_a)
        mina_id = await people.create(at_b(operator_for()), NewPerson(display_name="Mina"))
        mosque = await organizations.create(
            at_b(operator_for()),
            NewOrganization(slug="mosque", name="Riverside Mosque", time_zone="America/Chicago"),
        )
        await organizations.add_team_member(
            at_b(operator_for(mosque)), mosque, mina_id, TeamRole.OWNER
        )
        yield SideBySide(a, b, at_a, at_b, cast, mosque, mina_id, pulling(b), pulling(a))


def pulling(hub: Neighbour) -> Pulling:
    service = hub.service
    return Pulling(
        service.database,
        service.hub,
        service.clock,
        service.chance,
        service.outgoing,
        service.hub_tokens,
        lambda: hub.context(BY_TIME),
    )


async def rows(database: Database, table: Table, **asked: Any) -> list[dict[str, Any]]:
    """What is kept, without what Python has no value for (`infinity`)."""
    shown = [c for c in table.c if c.name not in {"search", "over_at", "follows_at"}]
    wanted = select(*shown).where(*(table.c[name] == value for name, value in asked.items()))
    async with database.reading(fresh=True) as db:
        return [dict(row) for row in (await db.execute(wanted)).mappings()]
