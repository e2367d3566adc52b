"""What may be done next is told in SQL and decided in Python: the two say the same of everybody."""

from itertools import count, product

from sqlalchemy import select

from domain.actors import NOBODY, TeamRole, Viewer
from domain.errors import Problem
from domain.group_memberships import GROUP_MEMBERSHIP
from domain.groups import GroupRole
from domain.handovers import HANDOVER, Handover, HandoverStatus
from domain.ids import Kind
from domain.policy_of_leads import sides_of_handover, sides_of_membership
from domain.sharing import MembershipStatus
from domain.transitions import Party
from resolvers.reading import group_memberships as reading_places
from resolvers.reading import handovers as reading_handovers
from storage import group_memberships as places
from storage import handovers as stored
from storage import reach, teams
from storage.engine import Database, Writing
from storage.tables import group_members, handovers
from storage.visibility import Eyes, parameters
from tests.cast import Cast, MakeContext, start_group
from tests.outside import MONDAY

NONE: frozenset[Party] = frozenset()


def viewers(cast: Cast) -> list[Viewer]:
    """Everybody of the cast for every organization, in every role, and the organizations' apps."""
    people = (cast.anna_id, cast.sam_id, cast.lee_id)
    organizations = (cast.pantry, cast.shelter, cast.library)
    return [
        NOBODY,
        *(Viewer(organization, client_id="app") for organization in organizations),
        *(Viewer(*of, "app") for of in product(organizations, people, TeamRole)),
    ]


async def work(db: Writing, viewer: Viewer) -> None:
    """Their row in the team says what their token says."""
    if viewer.organization_id and viewer.person_id and viewer.role:
        member_id = f"tmb-{viewer.organization_id}-{viewer.person_id}"
        await teams.give_role(
            db, member_id, viewer.organization_id, viewer.person_id, viewer.role, MONDAY
        )


def offers(cast: Cast) -> list[Handover]:
    """Of each kind, between those who may; offered, accepted and done."""
    numbers = count(1)

    def named(kind: Kind) -> str:
        return f"{kind.value}_{next(numbers):026}@hub.test"

    sides = [
        (cast.pantry, cast.anna_id, cast.sam_id),
        (cast.shelter, cast.sam_id, cast.lee_id),
        *((named(Kind.GROUP), giver, cast.sam_id) for giver in (cast.lee_id, cast.pantry) * 3),
        *((named(Kind.ALLIANCE), cast.pantry, cast.shelter) for _ in range(3)),
        *((named(Kind.EVENT), cast.shelter, cast.library) for _ in range(3)),
    ]
    under_way = (HandoverStatus.PROPOSED, HandoverStatus.ACCEPTED, HandoverStatus.EFFECTIVE)
    return [
        Handover(
            id=named(Kind.HANDOVER),
            subject_id=subject,
            giver_id=giver,
            taker_id=taker,
            status=under_way[at // 2 % 3 if subject.startswith("grp") else at % 3],
            created_at=MONDAY,
            expires_at=MONDAY,
        )
        for at, (subject, giver, taker) in enumerate(sides)
    ]


async def test_of_a_handover(context: MakeContext, cast: Cast, database: Database) -> None:
    all_of_them = offers(cast)
    met: set[tuple[str, ...]] = set()
    async with database.writing() as db:
        for each in all_of_them:
            await stored.add(db, each)
        for viewer in viewers(cast):
            await work(db, viewer)
            row = handovers.alias()
            told = reading_handovers.next_actions(Eyes.of(viewer), row)
            found = await db.execute(select(row.c.id, told), parameters(viewer))
            in_sql = {identifier: tuple(actions) for identifier, actions in found}
            for each in all_of_them:
                try:
                    sides = sides_of_handover(viewer, each)
                except Problem:
                    sides = NONE
                expected = HANDOVER.next_actions(each.status, sides)
                assert in_sql[each.id] == expected, (viewer, each)
                met.add(expected)
    assert {(), ("cancelHandover",), ("respondToHandover",)} < met


async def test_of_a_place_in_a_group(context: MakeContext, cast: Cast, database: Database) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    in_it = (
        (cast.lee_id, MembershipStatus.ACTIVE, GroupRole.ADMIN),
        (cast.sam_id, MembershipStatus.REQUESTED, GroupRole.MEMBER),
        (cast.anna_id, MembershipStatus.INVITED, GroupRole.MEMBER),
        (cast.anna_id, MembershipStatus.LEFT, GroupRole.ADMIN),
    )
    met: set[tuple[str, ...]] = set()
    async with database.writing() as db:
        for at, (person_id, status, role) in enumerate(in_it):
            await db.execute(
                group_members.insert().values(
                    id=f"gmb-{at}", group_id=crew, person_id=person_id, role=role, status=status
                )
            )
        thing = await reach.group(db, crew)
        assert thing is not None
        for viewer in viewers(cast):
            await work(db, viewer)
            row = group_members.alias()
            told = reading_places.next_actions(Eyes.of(viewer), row)
            found = await db.execute(select(row.c.id, told), parameters(viewer))
            in_sql = {identifier: tuple(actions) for identifier, actions in found}
            is_admin = await places.role_of(db, crew, viewer.person_id) is GroupRole.ADMIN
            for identifier, actions in in_sql.items():
                place = await places.by_id(db, identifier)
                assert place is not None
                try:
                    sides = sides_of_membership(viewer, thing, place, is_admin=is_admin)
                except Problem:
                    sides = NONE
                expected = GROUP_MEMBERSHIP.next_actions(place.status, sides)
                assert set(actions) == set(expected), (viewer, place)
                met.add(tuple(sorted(expected)))
    assert ("leaveGroup", "respondToGroupMembership") in met
    assert ("respondToGroupMembership",) in met
