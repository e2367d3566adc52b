"""Coming into groups by each of their ways, being let in, and leaving again."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import TeamRole, Viewer
from domain.errors import InvalidTransition, NotFound, Refused
from domain.groups import GroupRole
from domain.sharing import JoinPolicy, Visibility
from resolvers import group_memberships, groups
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import audit_entries, group_members
from storage.tables import groups as group_rows
from tests.cast import Cast, MakeContext, start_group
from tests.conftest import Contents
from tests.outside import StandingClock


async def places(database: Database, group_id: str) -> list[tuple[str, str, str]]:
    rows = select(group_members.c.person_id, group_members.c.role, group_members.c.status).where(
        group_members.c.group_id == group_id
    )
    async with database.reading() as db:
        return sorted((row[0], row[1], row[2]) for row in await db.execute(rows))


async def member_count(database: Database, group_id: str) -> Any:
    async with database.reading() as db:
        return await db.scalar(select(group_rows.c.member_count).where(group_rows.c.id == group_id))


async def done_to(database: Database, subject_id: str) -> list[tuple[str, str | None]]:
    rows = select(audit_entries.c.action, audit_entries.c.person_id).order_by(audit_entries.c.id)
    async with database.reading() as db:
        found = await db.execute(rows.where(audit_entries.c.subject_id == subject_id))
        return [(row[0], row[1]) for row in found]


async def test_sam_of_another_organization_comes_into_an_open_group(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    place = await group_memberships.join(context(cast.sam), crew, "I can cook.")
    assert await places(database, crew) == [(cast.sam_id, "MEMBER", "ACTIVE")]
    assert await member_count(database, crew) == 1
    assert await done_to(database, place) == [("group.joined", cast.sam_id)]


async def test_whoever_is_in_it_joins_no_second_time(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    place = await group_memberships.join(context(cast.sam), crew)
    before = await contents()
    assert await group_memberships.join(context(cast.sam), crew, "Again!") == place
    assert await contents() == before


async def test_a_group_by_request_is_entered_when_its_organization_agrees(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew", join_policy=JoinPolicy.BY_REQUEST)
    place = await group_memberships.join(context(cast.sam), crew, "I can cook.")
    assert await places(database, crew) == [(cast.sam_id, "MEMBER", "REQUESTED")]
    assert await member_count(database, crew) == 0
    assert await group_memberships.respond(context(cast.pantry_app), place, True) == place
    assert await places(database, crew) == [(cast.sam_id, "MEMBER", "ACTIVE")]
    assert await member_count(database, crew) == 1


async def test_an_admin_of_the_group_answers_for_it_too(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew", join_policy=JoinPolicy.BY_REQUEST)
    operator = context(operator_for(cast.pantry))
    await groups.add_member(operator, crew, cast.lee_id, GroupRole.ADMIN)
    place = await group_memberships.join(context(cast.sam), crew)
    await group_memberships.respond(context(cast.lee), place, False)
    assert (cast.sam_id, "MEMBER", "REJECTED") in await places(database, crew)
    # What was turned down stays as a row, and one may ask again.
    again = await group_memberships.join(context(cast.sam), crew)
    assert again != place
    await group_memberships.respond(context(cast.lee), again, True)
    assert (cast.sam_id, "MEMBER", "ACTIVE") in await places(database, crew)


async def test_nobody_lets_themselves_in_and_strangers_answer_nothing(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew", join_policy=JoinPolicy.BY_REQUEST)
    place = await group_memberships.join(context(cast.sam), crew)
    before = await contents()
    with pytest.raises(InvalidTransition, match="accept is not possible"):
        await group_memberships.respond(context(cast.sam), place, True)
    with pytest.raises(NotFound):
        await group_memberships.respond(context(cast.lee), place, True)
    manager = Viewer(cast.pantry, cast.lee_id, TeamRole.EVENT_MANAGER, "app")
    with pytest.raises(Refused, match="organization's editors"):
        await group_memberships.respond(context(manager), place, True)
    with pytest.raises(NotFound):
        await group_memberships.respond(context(cast.anna), "gmb_nothing", True)
    assert await contents() == before


async def test_an_app_alone_comes_into_no_group(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    before = await contents()
    for going in (group_memberships.join, group_memberships.leave):
        with pytest.raises(Refused, match="Only a person"):
            await going(context(cast.shelter_app), crew)
    assert await contents() == before


async def test_a_group_by_invitation_says_the_way_in(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew", join_policy=JoinPolicy.INVITE_ONLY)
    hidden = await start_group(context, cast.anna, "board", visibility=Visibility.PRIVATE)
    before = await contents()
    with pytest.raises(Refused, match="inviteToGroup") as refusal:
        await group_memberships.join(context(cast.sam), crew)
    assert refusal.value.field == ("group",)
    with pytest.raises(NotFound):
        await group_memberships.join(context(cast.sam), hidden)
    assert await contents() == before


async def test_anna_invites_a_colleague_who_comes_in_by_joining(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew", join_policy=JoinPolicy.INVITE_ONLY)
    place = await group_memberships.invite(context(cast.pantry_app), crew, cast.anna_id, "Come!")
    before = await contents()
    with pytest.raises(Refused, match="invite to it"):
        await group_memberships.invite(context(cast.sam), crew, cast.sam_id)
    with pytest.raises(NotFound, match="you do not know them"):
        await group_memberships.invite(context(cast.anna), crew, cast.lee_id)
    assert await group_memberships.invite(context(cast.anna), crew, cast.anna_id) == place
    assert await contents() == before
    assert await group_memberships.join(context(cast.anna), crew) == place
    assert await places(database, crew) == [(cast.anna_id, "MEMBER", "ACTIVE")]


async def test_an_invitation_is_declined_by_one_side_and_taken_back_by_the_other(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    place = await group_memberships.invite(context(cast.pantry_app), crew, cast.anna_id)
    await group_memberships.respond(context(cast.pantry_app), place, False)
    second = await group_memberships.invite(context(cast.pantry_app), crew, cast.anna_id)
    await group_memberships.leave(context(cast.anna), crew)
    found = await places(database, crew)
    assert found == [(cast.anna_id, "MEMBER", status) for status in ("CANCELED", "DECLINED")]
    assert place != second


async def test_whoever_leaves_is_gone_at_once_and_may_come_again(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    place = await group_memberships.join(context(cast.sam), crew)
    clock.forward(days=1)
    assert await group_memberships.leave(context(cast.sam), crew) == place
    assert await group_memberships.leave(context(cast.sam), crew) == place
    assert await member_count(database, crew) == 0
    assert [action for action, _ in await done_to(database, place)] == [
        "group.joined",
        "group.left",
    ]
    again = await group_memberships.join(context(cast.sam), crew)
    assert await places(database, crew) == [
        (cast.sam_id, "MEMBER", "ACTIVE"),
        (cast.sam_id, "MEMBER", "LEFT"),
    ]
    clock.forward(days=1)
    assert await group_memberships.leave(context(cast.sam), crew) == again


async def test_a_request_is_taken_back_by_leaving(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew", join_policy=JoinPolicy.BY_REQUEST)
    await group_memberships.join(context(cast.sam), crew)
    await group_memberships.leave(context(cast.sam), crew)
    assert await places(database, crew) == [(cast.sam_id, "MEMBER", "CANCELED")]
    before = await contents()
    with pytest.raises(NotFound, match="not in this group"):
        await group_memberships.leave(context(cast.lee), crew)
    assert await contents() == before


async def test_the_last_admin_does_not_leave_others_behind(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    operator = context(operator_for(cast.pantry))
    await groups.add_member(operator, crew, cast.lee_id, GroupRole.ADMIN)
    await group_memberships.join(context(cast.sam), crew)
    before = await contents()
    with pytest.raises(Refused, match="proposeHandover"):
        await group_memberships.leave(context(cast.lee), crew)
    assert await contents() == before
    await group_memberships.leave(context(cast.sam), crew)
    await group_memberships.leave(context(cast.lee), crew)
    assert {status for _, _, status in await places(database, crew)} == {"LEFT"}


async def test_of_two_admins_who_leave_at_once_one_stays(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    operator = context(operator_for(cast.pantry))
    for person in (cast.lee_id, cast.anna_id):
        await groups.add_member(operator, crew, person, GroupRole.ADMIN)
    await group_memberships.join(context(cast.sam), crew)
    leaving = (group_memberships.leave(context(who), crew) for who in (cast.lee, cast.anna))
    ended = await asyncio.gather(*leaving, return_exceptions=True)
    assert [type(each) for each in ended if not isinstance(each, str)] == [Refused]
    admins = [place for place in await places(database, crew) if place[1:] == ("ADMIN", "ACTIVE")]
    assert len(admins) == 1


async def test_twenty_who_press_the_button_at_once_are_in_it_once(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    joining = (group_memberships.join(context(cast.sam), crew) for _ in range(20))
    assert len(set(await asyncio.gather(*joining))) == 1
    assert await places(database, crew) == [(cast.sam_id, "MEMBER", "ACTIVE")]
    assert await member_count(database, crew) == 1
