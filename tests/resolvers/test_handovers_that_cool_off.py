"""Passing an alliance or an organization on: there is a week to take it back."""

import asyncio

import pytest

from domain.actors import BY_TIME, TeamRole, Viewer
from domain.errors import Invalid, InvalidTransition, NotFound, Refused
from resolvers import (
    alliances,
    group_memberships,
    handovers,
    memberships,
)
from resolvers import organizations as organization_use_cases
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import (
    alliance_members,
    audit_entries,
    team_members,
)
from storage.tables import alliances as alliance_rows
from tests.cast import Cast, MakeContext, start_group
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.handing import rows, status

CITY_TABLE_ROLES = ("organization_id", "role")


# ── an alliance ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sam_leads(cast: Cast) -> Viewer:
    return Viewer(
        cast.shelter, cast.sam_id, TeamRole.ADMIN, "app", alliance_ids=frozenset({cast.city_table})
    )


async def test_convening_passes_on_when_it_has_cooled_off(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
    sam_leads: Viewer,
) -> None:
    handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    await handovers.respond(context(sam_leads), handover, True)
    assert await status(database, handover) == "ACCEPTED"
    now = clock.forward(days=6, hours=23)
    assert await handovers.make_effective(context(BY_TIME), now) == 0
    now = clock.forward(hours=1)
    assert await handovers.make_effective(context(BY_TIME), now) == 1
    assert await handovers.make_effective(context(BY_TIME), now) == 0
    assert await status(database, handover) == "EFFECTIVE"
    city_table = {"alliance_id": cast.city_table}
    assert await rows(database, alliance_members, CITY_TABLE_ROLES, **city_table) == sorted(
        [(cast.pantry, "MEMBER"), (cast.shelter, "CONVENER")]
    )
    convener = await rows(database, alliance_rows, ["convener_id", "version"], id=cast.city_table)
    assert convener == [(cast.shelter, 3)]
    await alliances.update(context(sam_leads), cast.city_table, 3, {"name": "Harbor Table"})
    with pytest.raises(Refused):
        await alliances.update(context(cast.anna), cast.city_table, 4, {"name": "Ours"})
    noted = await rows(database, audit_entries, ["action", "client_id"], subject_id=handover)
    assert ("handover.effective", "time") in noted
    now = clock.forward(days=30)
    assert await handovers.close(context(BY_TIME), now) == 1
    assert await handovers.close(context(BY_TIME), now) == 0
    assert await status(database, handover) == "CLOSED"


async def test_both_may_cancel_while_it_cools_off_and_not_after(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
    sam_leads: Viewer,
    contents: Contents,
) -> None:
    for viewer in (cast.anna, sam_leads):
        handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
        await handovers.respond(context(sam_leads), handover, True)
        await handovers.cancel(context(viewer), handover)
        await handovers.cancel(context(viewer), handover)
        assert await status(database, handover) == "CANCELED"
    third = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    with pytest.raises(InvalidTransition, match="respondToHandover"):
        await handovers.cancel(context(sam_leads), third)
    await handovers.respond(context(sam_leads), third, True)
    clock.forward(days=7)
    before = await contents()
    for viewer in (cast.anna, sam_leads):  # whether or not the worker has looked at the clock
        with pytest.raises(InvalidTransition, match="EFFECTIVE"):
            await handovers.cancel(context(viewer), third)
    assert await contents() == before


async def test_an_offer_that_nobody_answers_runs_out(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
    sam_leads: Viewer,
    contents: Contents,
) -> None:
    handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    now = clock.forward(days=30)
    before = await contents()
    with pytest.raises(InvalidTransition, match="EXPIRED"):
        await handovers.respond(context(sam_leads), handover, True)
    assert await contents() == before
    again = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    assert again != handover
    assert await status(database, handover) == "EXPIRED"
    assert await handovers.expire(context(BY_TIME), now) == 0
    now = clock.forward(days=30)
    assert await handovers.expire(context(BY_TIME), now, 1) == 1
    assert await status(database, again) == "EXPIRED"


async def test_an_editor_speaks_for_no_organization_in_an_alliance(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    with pytest.raises(Invalid, match="active member organization"):
        await handovers.propose(context(cast.anna), cast.city_table, cast.library)
    handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    before = await contents()
    with pytest.raises(Refused, match="your role"):
        await handovers.respond(context(cast.sam), handover, True)
    with pytest.raises(Refused, match="convener's owners"):
        await handovers.propose(context(cast.sam), cast.city_table, cast.shelter)
    for stranger in (cast.lee, cast.library_app):
        with pytest.raises(NotFound):
            await handovers.respond(context(stranger), handover, True)
        with pytest.raises(NotFound):
            await handovers.cancel(context(stranger), handover)
    assert await contents() == before


async def test_it_is_offered_to_one_at_a_time(
    context: MakeContext, cast: Cast, contents: Contents, sam_leads: Viewer, database: Database
) -> None:
    await alliances.add_member(context(operator_for(cast.pantry)), cast.city_table, cast.library)
    handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    before = await contents()
    same = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter, "Again")
    assert same == handover
    with pytest.raises(InvalidTransition, match="cancelHandover"):
        await handovers.propose(context(cast.anna), cast.city_table, cast.library)
    assert await contents() == before
    await handovers.respond(context(sam_leads), handover, False)
    await handovers.respond(context(sam_leads), handover, False)
    assert await status(database, handover) == "DECLINED"
    assert await handovers.propose(context(cast.anna), cast.city_table, cast.library) != handover


async def test_two_workers_pass_it_on_once(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, sam_leads: Viewer
) -> None:
    handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    await handovers.respond(context(sam_leads), handover, True)
    now = clock.forward(days=8)
    done = await asyncio.gather(
        *(handovers.make_effective(context(BY_TIME), now) for _ in range(4))
    )
    assert sum(done) == 1
    noted = await rows(database, audit_entries, ["action"], subject_id=handover)
    assert noted.count(("handover.effective",)) == 1


async def test_a_convener_that_left_passes_on_what_it_left_behind(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, sam_leads: Viewer
) -> None:
    ((place,),) = await rows(
        database,
        alliance_members,
        ["id"],
        alliance_id=cast.city_table,
        organization_id=cast.pantry,
    )
    await memberships.leave(context(cast.anna), place)
    handover = await handovers.propose(context(cast.anna), cast.city_table, cast.shelter)
    await handovers.respond(context(sam_leads), handover, True)
    await handovers.make_effective(context(BY_TIME), clock.forward(days=7))
    assert await rows(database, alliance_rows, ["convener_id"], id=cast.city_table) == [
        (cast.shelter,)
    ]
    roles = ["organization_id", "role", "status"]
    found = await rows(database, alliance_members, roles, alliance_id=cast.city_table)
    assert (cast.shelter, "CONVENER", "ACTIVE") in found
    assert (cast.pantry, "CONVENER", "LEFT") in found  # as it was when it left


# ── an organization ──────────────────────────────────────────────────────────────────────────


async def test_anna_hands_the_pantry_to_a_colleague_in_a_week(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    operator = context(operator_for(cast.pantry))
    await organization_use_cases.add_team_member(
        operator, cast.pantry, cast.sam_id, TeamRole.VIEWER
    )
    handover = await handovers.propose(context(cast.anna), cast.pantry, cast.sam_id)
    await handovers.respond(context(cast.sam), handover, True)  # by whichever of his tokens
    assert await handovers.make_effective(context(BY_TIME), clock.forward(days=7)) == 1
    team = ["person_id", "role"]
    assert await rows(database, team_members, team, organization_id=cast.pantry) == sorted(
        [(cast.anna_id, "ADMIN"), (cast.sam_id, "OWNER")]
    )


async def test_somebody_of_its_groups_comes_into_the_team_by_taking_it_over(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    await group_memberships.join(context(cast.sam), crew)
    handover = await handovers.propose(context(cast.anna), cast.pantry, cast.sam_id)
    await handovers.respond(context(cast.sam), handover, True)
    await handovers.make_effective(context(BY_TIME), clock.forward(days=7))
    team = ["person_id", "role"]
    assert await rows(database, team_members, team, organization_id=cast.pantry) == sorted(
        [(cast.anna_id, "ADMIN"), (cast.sam_id, "OWNER")]
    )


async def test_whoever_left_its_groups_while_it_cooled_off_takes_nothing_over(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    await group_memberships.join(context(cast.sam), crew)
    handover = await handovers.propose(context(cast.anna), cast.pantry, cast.sam_id)
    await handovers.respond(context(cast.sam), handover, True)
    await group_memberships.leave(context(cast.sam), crew)
    assert await handovers.make_effective(context(BY_TIME), clock.forward(days=7)) == 1
    assert await status(database, handover) == "CANCELED"
    team = ["person_id", "role"]
    assert await rows(database, team_members, team, organization_id=cast.pantry) == [
        (cast.anna_id, "OWNER")
    ]


async def test_only_an_owner_in_person_hands_over_an_organization(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    admin = Viewer(cast.pantry, cast.anna_id, TeamRole.ADMIN, "app")
    for viewer in (admin, cast.pantry_app, cast.sam):
        with pytest.raises(Refused, match="Only an owner"):
            await handovers.propose(context(viewer), cast.pantry, cast.sam_id)
    with pytest.raises(Invalid, match="team or groups"):
        await handovers.propose(context(cast.anna), cast.pantry, cast.sam_id)
    assert await contents() == before


async def test_another_owner_stops_an_organization_from_passing_on(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    operator = context(operator_for(cast.pantry))
    for person, role in ((cast.sam_id, TeamRole.VIEWER), (cast.lee_id, TeamRole.OWNER)):
        await organization_use_cases.add_team_member(operator, cast.pantry, person, role)
    handover = await handovers.propose(context(cast.anna), cast.pantry, cast.sam_id)
    await handovers.respond(context(cast.sam), handover, True)
    lee = Viewer(cast.pantry, cast.lee_id, TeamRole.OWNER, "app")
    await handovers.cancel(context(lee), handover)
    assert await status(database, handover) == "CANCELED"
