"""Starting groups, and changing what they say of themselves."""

from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import TeamRole, Viewer
from domain.errors import Invalid, NotFound, Refused, Stale, Taken
from domain.groups import Group, GroupKind, GroupRole
from domain.sharing import JoinPolicy, Visibility
from resolvers import groups
from resolvers.groups import GroupChanges
from resolvers.operating import operator_for
from storage import groups as stored
from storage.engine import Database
from storage.tables import group_members, group_shares
from tests.cast import RIVER_CITY, Cast, MakeContext, start_group
from tests.conftest import Contents


async def kept(database: Database, group_id: str) -> Group:
    async with database.reading() as db:
        group = await stored.by_id(db, group_id)
    assert group is not None
    return group


async def test_sam_starts_a_group_within_another_and_shares_it(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    parent = await start_group(context, cast.sam, "volunteers")
    said: dict[str, Any] = {
        "parent_id": parent,
        "purpose": "Drive people home.",
        "description": "At night.",
        "kind": GroupKind.TEAM,
        "causes": ("housing",),
        "languages": ("en",),
        "place": RIVER_CITY,
        "join_policy": JoinPolicy.BY_REQUEST,
        "links": ("https://chat.example/drivers",),
        "visibility": Visibility.ALLIANCE,
    }
    made = await start_group(context, cast.sam, "drivers", share_with=(cast.city_table,), **said)
    group = await kept(database, made)
    assert {name: getattr(group, name) for name in said} == said
    assert (group.organization_id, group.slug, group.name) == (cast.shelter, "drivers", "Drivers")
    async with database.reading() as db:
        shares = await db.execute(select(group_shares.c.group_id, group_shares.c.alliance_id))
        assert [tuple(row) for row in shares] == [(made, cast.city_table)]


async def test_a_group_is_within_a_group_of_its_own_organization(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    theirs = await start_group(context, cast.anna, "cooks")
    hidden = await start_group(context, cast.anna, "board", visibility=Visibility.PRIVATE)
    before = await contents()
    with pytest.raises(Invalid, match="same organization") as refusal:
        await start_group(context, cast.sam, "drivers", parent_id=theirs)
    assert refusal.value.field == ("parent",)
    with pytest.raises(NotFound) as unseen:
        await start_group(context, cast.sam, "drivers", parent_id=hidden)
    assert unseen.value.field == ("parent",)
    assert await contents() == before


async def test_a_slug_names_one_group_of_an_organization(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    await start_group(context, cast.anna, "cooks")
    await start_group(context, cast.sam, "cooks")
    before = await contents()
    with pytest.raises(Taken) as refusal:
        await start_group(context, cast.anna, "cooks")
    assert refusal.value.field == ("slug",)
    assert await contents() == before


async def test_editors_keep_groups_and_event_managers_do_not(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    group_id = await start_group(context, cast.sam, "drivers")
    before = await contents()
    manager = Viewer(cast.shelter, cast.sam_id, TeamRole.EVENT_MANAGER, "app")
    with pytest.raises(Refused, match="own editors"):
        await start_group(context, manager, "cooks")
    for viewer in (manager, cast.anna, cast.lee):
        with pytest.raises(Refused, match="own editors"):
            await groups.update(context(viewer), group_id, 1, {"name": "Ours"})
    assert await contents() == before


async def test_only_the_fields_that_were_given_change(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    group_id = await start_group(context, cast.sam, "drivers", purpose="Drive people home.")
    changes: GroupChanges = {"name": "Night drivers", "links": None}
    await groups.update(context(cast.sam), group_id, 1, changes)
    after = await kept(database, group_id)
    assert (after.name, after.purpose, after.links, after.version) == (
        "Night drivers",
        "Drive people home.",
        (),
        2,
    )


async def test_a_group_that_is_shared_stays_open_to_its_allies(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    group_id = await start_group(context, cast.sam, "drivers", share_with=(cast.city_table,))
    before = await contents()
    hidden: GroupChanges = {"visibility": Visibility.PRIVATE}
    with pytest.raises(Invalid, match="shared with an alliance") as refusal:
        await groups.update(context(cast.sam), group_id, 1, hidden)
    assert refusal.value.field == ("visibility",)
    with pytest.raises(Stale):
        await groups.update(context(cast.sam), group_id, 2, {"name": "Night drivers"})
    assert await contents() == before


async def test_a_person_is_in_a_group_once(
    context: MakeContext, cast: Cast, database: Database, contents: Contents
) -> None:
    group_id = await start_group(context, cast.sam, "drivers")
    operator = context(operator_for(cast.shelter))
    await groups.add_member(operator, group_id, cast.lee_id, GroupRole.CREW)
    members = select(group_members.c.person_id, group_members.c.role, group_members.c.status)
    async with database.reading() as db:
        assert [tuple(row) for row in await db.execute(members)] == [
            (cast.lee_id, "CREW", "ACTIVE")
        ]
    before = await contents()
    with pytest.raises(Taken):
        await groups.add_member(operator, group_id, cast.lee_id)
    with pytest.raises(NotFound, match="no such person"):
        await groups.add_member(operator, group_id, "prs_nobody")
    with pytest.raises(Refused, match="operator"):
        await groups.add_member(context(cast.sam), group_id, cast.anna_id)
    assert await contents() == before
