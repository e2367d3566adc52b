"""Two hubs that work together, and their people: the Pantry and Anna at home at one, the Shelter and
Sam at the other, which knows the things of the first by hand-made mirrors.

City Table is an alliance of the Pantry's, in which the Shelter is a member, and the food drive an
event of it that the Shelter hosts too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, Text, func, insert, select

from auth import scopes
from domain.actors import TeamRole
from resolvers import alliances, co_hosting, events, organizations, people
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from storage import credentials
from storage.credential_tables import clients
from storage.credentials import Client, Grant
from storage.tables import alliance_members, metadata
from storage.tables import alliances as alliance_rows
from storage.tables import organizations as organization_rows
from tests.cast import food_drive
from tests.federation.neighbourhood import Neighbour, peered

APP = "app_of_tests"
EVERYTHING = tuple(name for name in scopes.SCOPES if name not in scopes.BUILT_IN_ONLY)


@dataclass(frozen=True)
class Somebody:
    """A person in the team of an organization, who let the app do all of that."""

    home: Neighbour
    id: str
    organization: str
    grant_id: str
    scopes: tuple[str, ...]

    def token(self, *scopes: str) -> str:
        return self.home.service.tokens.mint.token(
            client_id=APP,
            organization_id=self.organization,
            grant_id=self.grant_id,
            scopes=scopes or self.scopes,
            person_id=self.id,
        )

    async def ask(
        self, document: str, variables: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.home.ask(document, variables, token=self.token(), headers=headers)


@dataclass(frozen=True)
class Town:
    """`here` is the Pantry's hub and owns all of it; `there` the Shelter's."""

    here: Neighbour
    there: Neighbour
    pantry: str
    shelter: str
    anna: Somebody
    sam: Somebody
    city_table: str
    drive: str

    async def version(self) -> int:
        document = "query($id: ID!) { event(id: $id) { version } }"
        found = await self.anna.ask(document, {"id": self.drive})
        return int(found["data"]["event"]["version"])


async def a_town(here: Neighbour, there: Neighbour) -> Town:
    await peered(here, there)
    pantry, anna = await an_organization(here, "pantry", "Anna")
    shelter, sam = await an_organization(there, "shelter", "Sam")
    await copied(organization_rows, shelter, there, here)
    await copied(organization_rows, pantry, here, there)
    async with here.context(operator_for(pantry)) as ctx:
        city_table = await alliances.create(
            ctx,
            NewAlliance(
                convener_id=pantry, slug="city-table", name="City Table", purpose="No hunger."
            ),
        )
    async with here.context(operator_for(pantry)) as ctx:
        await alliances.add_member(ctx, city_table, shelter)
    async with here.context(operator_for(pantry)) as ctx:
        drive = await events.create(ctx, food_drive(pantry, share_with=(city_table,)))
    async with here.context(operator_for(pantry)) as ctx, ctx.writing() as db:
        await co_hosting.add_by_operator(ctx, db, drive, shelter)
    town = Town(here, there, pantry, shelter, anna, sam, city_table, drive)
    await copied(alliance_rows, city_table, here, there)
    await copied(alliance_members, await place_of(town, shelter), here, there)
    return town


async def an_organization(
    hub: Neighbour, slug: str, name: str, role: TeamRole = TeamRole.OWNER
) -> tuple[str, Somebody]:
    async with hub.context(operator_for()) as ctx:
        organization = await organizations.create(
            ctx,
            NewOrganization(
                slug=slug, name=slug.title(), languages=("en",), time_zone="Europe/Paris"
            ),
        )
    return organization, await somebody(hub, organization, name, role)


async def somebody(
    hub: Neighbour, organization: str, name: str, role: TeamRole = TeamRole.OWNER
) -> Somebody:
    async with hub.context(operator_for()) as ctx:
        person = await people.create(ctx, NewPerson(display_name=name))
    async with hub.context(operator_for(organization)) as ctx:
        await organizations.add_team_member(ctx, organization, person, role)
    now = hub.clock.now()
    grant_id = f"grant_of_{person.partition('@')[0]}"
    async with hub.database.writing() as db:
        if not await db.scalar(select(clients.c.id).where(clients.c.id == APP)):
            await credentials.add_client(
                db,
                Client(id=APP, organization_id=None, name="App", scopes=EVERYTHING, created_at=now),
            )
        await credentials.add_grant(
            db,
            Grant(
                id=grant_id,
                client_id=APP,
                organization_id=organization,
                person_id=person,
                scopes=EVERYTHING,
                created_at=now,
                authenticated_at=now - timedelta(minutes=1),
                methods=("pop",),
            ),
        )
    return Somebody(hub, person, organization, grant_id, EVERYTHING)


async def copied(table: Table, identifier: str, home: Neighbour, at: Neighbour) -> None:
    """A row of one hub at another, as a mirror would have it."""
    async with home.database.reading(fresh=True) as db:
        row = (await db.execute(select(table).where(table.c.id == identifier))).one()
    async with at.database.writing() as db:
        await db.execute(insert(table).values(**row._mapping))


async def place_of(town: Town, organization: str) -> str:
    """Of an organization in City Table."""
    async with town.here.database.reading(fresh=True) as db:
        found = await db.scalar(
            select(alliance_members.c.id).where(
                alliance_members.c.alliance_id == town.city_table,
                alliance_members.c.organization_id == organization,
            )
        )
    assert found is not None
    return str(found)


# What is counted of refusals, and keys, which turn with time.
_BESIDE = {"throttles", "signing_keys"}


async def contents(hub: Neighbour, *but: str) -> dict[str, list[str]]:
    """Every row there is: a refusal leaves it the same."""
    async with hub.database.reading(fresh=True) as db:
        return {
            table.name: sorted(
                await db.scalars(select(func.to_jsonb(table.table_valued()).cast(Text)))
            )
            for table in metadata.sorted_tables
            if table.name not in _BESIDE | set(but)
        }
