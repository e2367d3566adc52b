"""Who sees what is said twice: to Python in `domain.policy`, to PostgreSQL in `storage.visibility`.

Here the two are held together, in worlds made by chance and in one that has every case. What
policy is told of a thing is read by `storage.reach`, and of the viewer by `storage.standings`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, composite

from domain import policy
from domain.actors import Viewer
from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.sharing import FINAL_STATUSES, MembershipStatus, Visibility
from storage.engine import Database, Reading, Writing
from tests.storage.worlds import Seen, World, selected

ORGANIZATIONS = ("pantry", "shelter", "library")
ALLIANCES = ("table", "harbor")
PEOPLE = ("anna", "sam", "lee")
GROUPS = ("cooks", "drivers")
EVENTS = ("drive", "dinner", "meeting", "party")

# What is most often the case is drawn more often, so that long chains of conditions come true.
visibilities = st.sampled_from([*Visibility, Visibility.ALLIANCE, Visibility.UNLISTED])
alliance_statuses = st.sampled_from([*AllianceStatus, AllianceStatus.ACTIVE])
memberships = st.sampled_from([None, *[MembershipStatus.ACTIVE] * 6, *MembershipStatus])
publications = st.sampled_from([*[PublicationStatus.PUBLISHED] * 4, *PublicationStatus])
hostings = st.sampled_from([*[None] * 6, *EventHostStatus])
finals = sorted(FINAL_STATUSES)


def some_of(names: tuple[str, ...]) -> SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names))


@composite
def worlds(draw: DrawFn) -> World:
    world = World()
    for organization in ORGANIZATIONS:
        world.organization(organization, draw(visibilities))
    for person, organization in zip(PEOPLE, ORGANIZATIONS, strict=True):
        world.person(person, organization)
    for alliance in ALLIANCES:
        convener = draw(st.sampled_from(ORGANIZATIONS))
        world.alliance(alliance, convener, draw(visibilities), draw(alliance_statuses))
        for organization in ORGANIZATIONS:
            status = draw(memberships)
            if status is not None:
                world.member(alliance, organization, status)
                # A membership that ended before is a row of its own.
                if status not in FINAL_STATUSES and draw(st.booleans()):
                    world.member(alliance, organization, draw(st.sampled_from(finals)))
    for group in GROUPS:
        owner = draw(st.sampled_from(ORGANIZATIONS))
        world.group(group, owner, draw(visibilities), draw(some_of(ALLIANCES)))
        for person in PEOPLE:
            status = draw(memberships)
            if status is not None:
                world.group_member(group, person, status)
    for event in EVENTS:
        owner = draw(st.sampled_from(ORGANIZATIONS))
        of_group = draw(st.sampled_from([None, *GROUPS]))
        shared = draw(some_of(ALLIANCES))
        world.event(event, owner, draw(visibilities), draw(publications), of_group, shared)
        for organization in ORGANIZATIONS:
            hosting = draw(hostings)
            if hosting is not None:
                world.host(event, organization, hosting)
                if hosting in policy.CONCERNED and draw(st.booleans()):
                    world.host(event, organization, EventHostStatus.DECLINED)
    return world


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Writing]:
    """A transaction that leaves nothing behind, so that the next world starts empty."""
    async with database.engine.connect() as connection:
        yield Writing(Reading(connection))
        await connection.rollback()


async def differences(db: Writing, world: World) -> list[tuple[Viewer, Seen, Seen]]:
    """Each viewer for whom the two do not agree, with what each lets through."""
    await world.put_in(db)
    things = await world.things(db)
    found = []
    for viewer in await world.viewers(db):
        by_sql = await selected(db, viewer)
        by_policy = sorted(
            (kind, by_link, name)
            for (kind, name), thing in things.items()
            for by_link, allows in ((True, policy.sees), (False, policy.finds))
            if allows(viewer, thing)
        )
        if by_sql != by_policy:
            found.append((viewer, by_sql, by_policy))
    return found


@given(worlds())
@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_lists_hold_exactly_what_policy_allows(database: Database, world: World) -> None:
    async with undone(database) as db:
        assert await differences(db, world) == []


def every_case() -> World:
    """Every visibility of every owner, with every publication status, shared and not; seen by an
    owner, an ally, a member in every status, a host in every status, and members of the group."""
    world = World()
    for name in ("ally", "sleeper", "stranger"):
        world.organization(name, Visibility.PUBLIC)
    for standing in AllianceStatus:
        world.alliance(f"table-{standing}", "ally", Visibility.PRIVATE, standing)
        world.member(f"table-{standing}", "sleeper", MembershipStatus.ACTIVE)
        for visibility in Visibility:
            world.alliance(f"a-{standing}-{visibility}", "ally", visibility, standing)
    world.member("table-ACTIVE", "ally", MembershipStatus.ACTIVE)
    for membership in MembershipStatus:
        world.organization(f"member-{membership}", Visibility.PRIVATE)
        world.member("table-ACTIVE", f"member-{membership}", membership)
    for hosting in EventHostStatus:
        world.organization(f"host-{hosting}", Visibility.PRIVATE)
    world.person("walter", "stranger")
    # What was shared by an owner who has left the alliance is shared no more.
    for membership in MembershipStatus:
        name, shared = f"past-{membership}", ("table-ACTIVE",)
        world.organization(name, Visibility.PUBLIC)
        world.member("table-ACTIVE", name, membership)
        world.event(f"e-{name}", name, Visibility.ALLIANCE, shared=shared)
        world.event(f"u-{name}", "stranger", Visibility.UNLISTED, shared=shared)
        world.group(f"g-{name}", name, Visibility.ALLIANCE, shared)
    for owner_visibility in Visibility:
        _everything_of(world, f"owner-{owner_visibility}", owner_visibility)
    return world


def _everything_of(world: World, owner: str, owner_visibility: Visibility) -> None:
    world.organization(owner, owner_visibility)
    world.alliance(f"by-{owner}", owner, Visibility.PUBLIC, AllianceStatus.ACTIVE)
    for standing in AllianceStatus:
        world.member(f"table-{standing}", owner, MembershipStatus.ACTIVE)
    shares = [(), *((f"table-{status}",) for status in AllianceStatus)]
    for visibility, shared in product(Visibility, shares):
        world.group(f"g-{owner}-{visibility}-{''.join(shared)}", owner, visibility, shared)
    for status in MembershipStatus:
        world.group(f"walters-{owner}-{status}", owner, Visibility.GROUP, ())
        world.group_member(f"walters-{owner}-{status}", "walter", status)
        name = f"e-{owner}-of-group-{status}"
        world.event(name, owner, Visibility.GROUP, group=f"walters-{owner}-{status}")
    for visibility, publication, shared in product(Visibility, PublicationStatus, shares):
        name = f"e-{owner}-{visibility}-{publication}-{''.join(shared)}"
        world.event(name, owner, visibility, publication, shared=shared)
        for hosting in EventHostStatus:
            world.host(name, f"host-{hosting}", hosting)


async def test_they_agree_on_every_case_there_is(database: Database) -> None:
    world = every_case()
    async with undone(database) as db:
        assert await differences(db, world) == []
        seen = {
            viewer.person_id or viewer.client_id: {
                name for kind, _, name in await selected(db, viewer) if kind == "event"
            }
            for viewer in await world.viewers(db)
        }
    # And the cases are cases: each of these is seen by some, and by nobody else.
    public, ours = "e-owner-PUBLIC-PUBLIC-PUBLISHED-", "e-owner-ALLIANCE-ALLIANCE-PUBLISHED-"
    drafts = "e-owner-PUBLIC-PUBLIC-DRAFT-"
    assert {who for who in seen if public in seen[who]} == set(seen)
    assert {who for who in seen if f"{ours}table-ACTIVE" in seen[who]} == {
        "app-ally",
        "app-sleeper",
        "app-member-ACTIVE",
        "app-past-ACTIVE",
        "app-owner-ALLIANCE",
        *(f"app-owner-{other}" for other in Visibility),
        *(f"app-host-{status}" for status in policy.CONCERNED),
    }
    assert {who for who in seen if f"{ours}table-DISSOLVED" in seen[who]} == {
        "app-owner-ALLIANCE",
        *(f"app-host-{status}" for status in policy.CONCERNED),
    }
    assert {who for who in seen if drafts in seen[who]} == {
        "app-owner-PUBLIC",
        *(f"app-host-{status}" for status in policy.CONCERNED),
    }
    assert {who for who in seen if "e-owner-PUBLIC-of-group-ACTIVE" in seen[who]} == {
        "walter",
        "app-owner-PUBLIC",
    }
    assert "e-owner-PUBLIC-of-group-LEFT" not in seen["walter"]
    theirs = {f"e-past-{status}" for status in MembershipStatus}
    assert seen["app-ally"] & theirs == {"e-past-ACTIVE"}
