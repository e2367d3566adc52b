"""Where every schedule begins: hubs that are peers, an organization on each, and an alliance of all.

It is made once, in calm weather; each schedule finds its databases as they were then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select

from domain.actors import BY_TIME
from federation.mirroring.pulling import Pulling
from resolvers import alliances, co_hosting, events
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from storage.embedded import EmbeddedPostgres
from storage.peer_tables import joined_elsewhere
from storage.tables import alliance_members, organizations
from tests.cast import food_drive
from tests.conftest import TEMPLATE
from tests.federation.acting import Somebody, an_organization
from tests.federation.neighbourhood import Neighbour, neighbours, peered
from tests.outside import StandingClock

AUTHORITIES = ("a.test", "b.test", "c.test", "d.test", "e.test", "f.test")
PEOPLE = ("Anna", "Bo", "Cleo", "Dan", "Elif", "Finn")


@dataclass(frozen=True)
class Villager:
    """The owner of the one organization of a hub."""

    authority: str
    person: str
    organization: str
    grant_id: str
    scopes: tuple[str, ...]
    membership: str  # of its organization in the alliance


@dataclass(frozen=True)
class Village:
    """`alliance` is at home at the first hub; `fair` is an event of its organization that all others
    host too. `urls` are of the databases, by authority."""

    villagers: tuple[Villager, ...]
    alliance: str
    fair: str
    urls: Mapping[str, str]

    @property
    def members(self) -> tuple[Villager, ...]:
        """All but the convener."""
        return self.villagers[1:]

    def of(self, authority: str) -> Villager:
        return next(each for each in self.villagers if each.authority == authority)


def database_of(size: int, authority: str) -> str:
    return f"village_of_{size}_{authority.partition('.')[0]}"


async def built(postgres: EmbeddedPostgres, size: int) -> Village:
    urls = {}
    for authority in AUTHORITIES[:size]:
        name = database_of(size, authority)
        postgres.create_database(name, template=TEMPLATE)
        urls[authority] = postgres.url(name)
    async with neighbours(urls, StandingClock()) as hubs:
        await peered(*hubs)
        made = [
            await an_organization(hub, f"house-{name.lower()}", name)
            for hub, name in zip(hubs, PEOPLE, strict=False)
        ]
        await all_read(hubs)
        village = await allied(hubs, [person for _, person in made], urls)
        await all_read(hubs)
        await all_read(hubs)
        for hub in hubs:
            async with hub.database.reading() as db:
                known = set(await db.scalars(select(organizations.c.id)))
            assert known >= {organization for organization, _ in made}, hub.authority
    return village


async def takes_on(one: Somebody, thing_id: str) -> None:
    """They said at home that their organization joins it."""
    async with one.home.database.writing() as db:
        await db.execute(
            insert(joined_elsewhere).values(
                thing_id=thing_id, organization_id=one.organization, at=one.home.clock.now()
            )
        )


async def allied(
    hubs: Iterable[Neighbour], people: list[Somebody], urls: Mapping[str, str]
) -> Village:
    first, *others = people
    home = first.home
    async with home.context(operator_for(first.organization)) as ctx:
        alliance = await alliances.create(
            ctx,
            NewAlliance(
                convener_id=first.organization, slug="street", name="The Street", purpose="Us."
            ),
        )
    for other in others:
        async with home.context(operator_for(first.organization)) as ctx:
            await alliances.add_member(ctx, alliance, other.organization)
        await takes_on(other, alliance)
    async with home.context(operator_for(first.organization)) as ctx:
        new = food_drive(first.organization, title="Fair", share_with=(alliance,))
        fair = await events.create(ctx, new)
    for other in others:
        async with home.context(operator_for(first.organization)) as ctx, ctx.writing() as db:
            await co_hosting.add_by_operator(ctx, db, fair, other.organization)
        await takes_on(other, fair)
    async with home.database.reading(fresh=True) as db:
        found = await db.execute(
            select(alliance_members.c.organization_id, alliance_members.c.id).where(
                alliance_members.c.alliance_id == alliance
            )
        )
        memberships = {row.organization_id: row.id for row in found}
    villagers = tuple(
        Villager(
            authority=each.home.authority,
            person=each.id,
            organization=each.organization,
            grant_id=each.grant_id,
            scopes=each.scopes,
            membership=memberships[each.organization],
        )
        for each in people
    )
    return Village(villagers, alliance, fair, urls)


async def all_read(hubs: Iterable[Neighbour]) -> None:
    """Each hub what the others publish."""
    hubs = list(hubs)
    for hub in hubs:
        for other in hubs:
            if other is not hub:
                await pulling(hub).turn(other.hub_id)
        hub.clock.forward(seconds=31)


def pulling(hub: Neighbour) -> Pulling:
    abroad = hub.service.abroad
    return Pulling(
        hub.database,
        hub.service.hub,
        hub.clock,
        hub.service.chance,
        abroad.outgoing,
        abroad.tokens,
        lambda: hub.context(BY_TIME),
    )
