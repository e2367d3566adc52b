"""Who sees what is said twice: to Python in `domain.policy`, to PostgreSQL in `storage.visibility`.

Here the two are held together, in worlds made by chance and in one that has every case. What
policy is told of a thing is read by `storage.reach`, and of the viewer by `storage.standings`.
"""

from itertools import product

from hypothesis import HealthCheck, given, settings

from domain import policy
from domain.actors import Viewer
from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.sharing import FINAL_STATUSES, MembershipStatus, Visibility
from storage.engine import Database, Writing
from tests.storage.worlds import Seen, World, selected
from tests.storage.worlds_by_chance import undone, worlds


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
    _hidden_owners(world)
    _hidden_proposers(world)
    return world


def _hidden_owners(world: World) -> None:
    """For each thing that somebody is let into by name, in every status, an owner of its own who
    keeps to itself, and has another thing that all could see."""
    for name in ("asked", "witness"):
        world.organization(name, Visibility.PUBLIC)
    world.person("vera", "witness")
    kinds = {"alliance": MembershipStatus, "event": EventHostStatus, "group": MembershipStatus}
    for kind, statuses in kinds.items():
        for status in statuses:
            name = f"hidden-{kind}-{status}"
            world.organization(name, Visibility.PRIVATE)
            world.group(f"more-of-{name}", name, Visibility.PUBLIC, ())
            world.event(f"more-of-{name}", name, Visibility.UNLISTED)
            world.alliance(f"more-of-{name}", name, Visibility.PUBLIC, AllianceStatus.ACTIVE)
            match kind:
                case "alliance":
                    world.alliance(name, name, Visibility.PRIVATE, AllianceStatus.ACTIVE)
                    world.member(name, "asked", status)
                case "event":
                    world.event(name, name, Visibility.PRIVATE, PublicationStatus.DRAFT)
                    world.host(name, "asked", status)
                case _:
                    world.group(name, name, Visibility.PRIVATE, ())
                    world.group_member(name, "vera", status)


def _hidden_proposers(world: World) -> None:
    """For each status of a member, one that keeps to itself has put a question to the alliance."""
    for status in MembershipStatus:
        name, table = f"hidden-proposer-{status}", f"table-of-proposer-{status}"
        world.organization(name, Visibility.PRIVATE)
        world.event(f"more-of-{name}", name, Visibility.UNLISTED)
        world.alliance(table, "witness", Visibility.PRIVATE, AllianceStatus.ACTIVE)
        world.member(table, "asked", status)
        world.proposal(f"question-{status}", table, name)


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


async def test_who_is_let_in_by_name_sees_by_whom_and_nothing_else_of_theirs(
    database: Database,
) -> None:
    world = every_case()
    async with undone(database) as db:
        await world.put_in(db)
        seen = {
            viewer.person_id or viewer.client_id: [
                (kind, by_link, name)
                for kind, by_link, name in await selected(db, viewer)
                if "hidden-" in name
            ]
            for viewer in await world.viewers(db)
        }
    under_way = [status for status in MembershipStatus if status not in FINAL_STATUSES]
    in_alliances = [("alliance", f"hidden-alliance-{status}") for status in under_way]
    on_events = [("event", f"hidden-event-{status}") for status in policy.CONCERNED]
    in_group = [("group", "hidden-group-ACTIVE")]
    # Who put a question to them is known to those who decide.
    proposers = [f"hidden-proposer-{status}" for status in policy.DECIDING]
    for who, let_into, more in (
        ("app-asked", in_alliances + on_events, proposers),
        ("vera", in_group, []),
    ):
        assert sorted(seen.pop(who)) == sorted(
            [
                *((kind, by_link, name) for kind, name in let_into for by_link in (True, False)),
                *(("organization", True, name) for _, name in let_into),
                *(("organization", True, name) for name in more),
            ]
        )
    for other, things in seen.items():
        own = other.removeprefix("app-") if other else ""
        assert all(own and name.endswith(own) for _, _, name in things), other
