"""Whatever happens at one hub, the people of another are shown of it what policy lets them see there."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from domain import policy
from domain.actors import NOBODY, Viewer
from domain.alliances import AllianceStatus
from domain.errors import Problem
from domain.events import EventHostStatus
from domain.reach import Reach
from domain.sharing import MembershipStatus, Visibility
from resolvers import co_hosting, events, memberships, merging, organizations, publishing
from resolvers.operating import operator_for
from storage import mirrors, reach
from storage import tables as t
from storage.engine import Database, Reading
from tests.cast import publish, start_group
from tests.federation.neighbourhood import Neighbourhood
from tests.federation.side_by_side import SideBySide, hasten, rows, side_by_side

SEEDS = range(3, 8)
ROUNDS, CHANGES = 4, 7


@dataclass
class Happenings:
    """What people at A do next, by chance. What is refused to them has not happened."""

    hubs: SideBySide
    chance: random.Random
    drives: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def next(self) -> None:
        ways: list[Callable[[], Awaitable[Any]]] = [
            self.publish,
            self.publish,
            self.share,
            self.unshare,
            self.see_wider_or_narrower,
            self.retitle,
            self.hide_or_show,
            self.found_a_group,
            self.come_or_go,
            self.invite,
            self.stand_beside,
            self.merge,
        ]
        for way in self.chance.sample(ways, k=len(ways)):
            try:
                await way()
            except Problem as refused:
                self.done.append(f"{way.__name__}: {refused.message}")
            else:
                self.done.append(way.__name__)
                return

    @property
    def anna(self) -> Viewer:
        return self.hubs.cast.anna

    def a_drive(self) -> str:
        return self.chance.choice(self.drives) if self.drives else "evt_0@a.test"

    def how_visible(self) -> Visibility:
        return self.chance.choice(list(Visibility))

    def with_whom(self) -> tuple[str, ...]:
        return self.chance.choice([(), (self.hubs.cast.city_table,)])

    async def publish(self) -> None:
        host = self.chance.choice([self.anna, self.hubs.cast.sam])
        given: dict[str, Any] = {"visibility": self.how_visible(), "share_with": self.with_whom()}
        self.drives.append(await publish(self.hubs.at_a, host, **given))

    async def share(self) -> None:
        await publishing.share(
            self.hubs.at_a(self.anna), self.a_drive(), [self.hubs.cast.city_table]
        )

    async def unshare(self) -> None:
        await publishing.unshare(
            self.hubs.at_a(self.anna), self.a_drive(), [self.hubs.cast.city_table]
        )

    async def see_wider_or_narrower(self) -> None:
        await self.change({"visibility": self.how_visible()})

    async def retitle(self) -> None:
        await self.change({"title": f"Drive {self.chance.random()}"})

    async def change(self, changes: Any) -> None:
        drive = self.a_drive()
        for row in await rows(self.hubs.a.database, t.events, id=drive):
            await events.update(self.hubs.at_a(self.anna), drive, row["version"], changes)

    async def hide_or_show(self) -> None:
        whose = self.chance.choice([self.hubs.cast.pantry, self.hubs.cast.shelter])
        (row,) = await rows(self.hubs.a.database, t.organizations, id=whose)
        await organizations.update(
            self.hubs.at_a(operator_for(whose)),
            whose,
            row["version"],
            {"visibility": self.how_visible()},
        )

    async def found_a_group(self) -> None:
        await start_group(
            self.hubs.at_a,
            self.anna,
            f"readers-{self.chance.randrange(10**6)}",
            visibility=self.how_visible(),
            share_with=self.with_whom(),
        )

    async def come_or_go(self) -> None:
        """The Mosque, in the alliance."""
        table = self.hubs.cast.city_table
        found = await rows(
            self.hubs.a.database, t.alliance_members, organization_id=self.hubs.mosque
        )
        standing = [row["id"] for row in found if row["status"] in {"ACTIVE", "SUSPENDED"}]
        by_the_operator = self.hubs.at_a(operator_for(self.hubs.cast.pantry))
        if not standing:
            await self.hubs.ally(table)
        else:
            step = self.chance.choice([memberships.remove, memberships.suspend])
            await step(by_the_operator, standing[0], "For a while.")

    async def invite(self) -> None:
        await co_hosting.ask(
            self.hubs.at_a(self.anna),
            co_hosting.Wish(event_id=self.a_drive(), organization_id=self.hubs.mosque),
        )

    async def stand_beside(self) -> None:
        """The Shelter, on a drive of the Pantry's."""
        cast = self.hubs.cast
        wish = co_hosting.Wish(event_id=self.a_drive(), organization_id=cast.shelter)
        place = await co_hosting.ask(self.hubs.at_a(self.anna), wish)
        await co_hosting.respond(self.hubs.at_a(cast.sam), place, accept=True)

    async def merge(self) -> None:
        await merging.merge(self.hubs.at_a(self.anna), self.a_drive(), self.a_drive())


@pytest.mark.parametrize("seed", SEEDS)
async def test_people_elsewhere_see_what_policy_lets_them_see(
    neighbourhood: Neighbourhood, seed: int
) -> None:
    async with side_by_side(neighbourhood) as hubs:
        happening = Happenings(hubs, random.Random(seed))  # noqa: S311 - a test's chance
        await hubs.follow_back()
        met: set[str] = set()
        for _ in range(ROUNDS):
            for _ in range(CHANGES):
                await happening.next()
            await hubs.follow()
            await hubs.follow()  # what was learnt of memberships opens channels

            for who in (None, hubs.mosque):
                at_home = await seen(hubs.a.database, hubs.a.hub_id, who)
                abroad = await seen(hubs.b.database, hubs.a.hub_id, who)
                assert abroad == at_home, (who, happening.done)
                met |= at_home.keys()
        assert {each[:3] for each in met} >= {"org", "aln", "evt"}
        assert len([each for each in happening.done if ": " not in each]) == ROUNDS * CHANGES


async def seen(database: Database, hub_id: str, who: str | None) -> dict[str, Any]:
    """Of that hub's things, what an organization's people find in lists, as it stands."""
    async with database.reading(fresh=True) as db:
        viewer = await _as_known(db, who)
        found: dict[str, Any] = {}
        for table, reached, columns in (
            (t.organizations, reach.organization, ("name", "version")),
            (t.groups, reach.group, ("name", "version", "organization_id")),
            (t.alliances, reach.alliance, ("name", "version", "status")),
            (t.events, reach.event, ("title", "version", "starts_at", "status")),
        ):
            asked = select(table).where(table.c.hub_id == hub_id, table.c.version > 0)
            shown = [c for c in table.c if c.name in {"id", *columns}]
            for row in (await db.execute(asked.with_only_columns(*shown))).mappings():
                thing: Reach | None = await reached(db, row["id"])
                if thing is not None and policy.finds(viewer, thing):
                    found[row["id"]] = dict(row)
        for place in (await db.execute(_PLACES)).mappings():
            if place["event_id"] in found and await _knows(db, viewer, place["organization_id"]):
                beside = found[place["event_id"]].setdefault("beside", set())
                beside.add(place["organization_id"])
        return found


_PLACES = select(t.event_hosts.c.event_id, t.event_hosts.c.organization_id).where(
    t.event_hosts.c.status == EventHostStatus.ACCEPTED
)


async def _knows(db: Reading, viewer: Viewer, organization_id: str) -> bool:
    """By what it is itself, and not because it answers for something."""
    named = await reach.organization(db, organization_id)
    assert named is not None
    nobody: frozenset[str] = frozenset()
    return policy.sees(viewer, replace(named, convenes_for=nobody, hosts_with=nobody))


async def _as_known(db: Reading, who: str | None) -> Viewer:
    if who is None:
        return NOBODY
    m, a = t.alliance_members, t.alliances
    allied = await db.scalars(
        select(m.c.alliance_id)
        .join(a, a.c.id == m.c.alliance_id)
        .where(
            m.c.organization_id == who,
            m.c.status == MembershipStatus.ACTIVE,
            a.c.status != AllianceStatus.DISSOLVED,
        )
    )
    return Viewer(organization_id=who, client_id="app", alliance_ids=frozenset(allied))


async def test_a_crash_between_any_two_steps_loses_nothing(neighbourhood: Neighbourhood) -> None:
    async with side_by_side(neighbourhood) as hubs:
        drives = {await publish(hubs.at_a, hubs.cast.anna) for _ in range(6)}
        # Two changes a page: several pages, and the end of the world after each n-th step of any.
        hubs.pull_b._sizes.update(
            dict.fromkeys([(hubs.a.hub_id, "public"), (hubs.a.hub_id, hubs.b.hub_id)], 2)
        )
        steps = 1
        while True:
            await hasten(hubs.b, hubs.a)
            turn = asyncio.ensure_future(hubs.pull_b.turn(hubs.a.hub_id))
            for _ in range(steps):
                await asyncio.sleep(0)  # the next await of whatever runs
            was_over = turn.done()
            turn.cancel()
            await asyncio.wait([turn])
            if was_over:
                break
            assert not turn.done() or turn.cancelled() or turn.exception() is None
            await _nothing_is_half_done(hubs)
            steps += 1 + steps // 3

        held = {row["id"] for row in await rows(hubs.b.database, t.events)}
        assert held == drives
        assert (await hubs.b.peer(hubs.a)).faults == 0


async def _nothing_is_half_done(hubs: SideBySide) -> None:
    held = {row["id"] for row in await rows(hubs.b.database, t.events, hub_id=hubs.a.hub_id)}
    dated = {row["event_id"] for row in await rows(hubs.b.database, t.occurrences)}
    assert held == dated
    async with hubs.b.database.reading(fresh=True) as db:
        places = await mirrors.places(db, hubs.a.hub_id)
    if held:
        assert places["public"].cursor is not None or places["public"].failures
