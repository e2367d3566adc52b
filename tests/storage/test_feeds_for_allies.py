"""What only the allies of its owner find is told in their alliances; and what shows somebody is told again
as they come to be known."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from domain.sharing import Visibility
from storage import migrating
from storage.engine import Database
from storage.feed_tables import feed_entries
from storage.feeds import PUBLIC, RemovalReason
from storage.tables import (
    alliance_members,
    alliances,
    event_hosts,
    events,
    group_shares,
    groups,
    organizations,
)
from tests.cast import Cast, MakeContext, publish, start_group
from tests.plans.abroad import AT
from tests.storage.test_feeds import change, read_on

HIDDEN, UNSHARED = RemovalReason.NO_LONGER_VISIBLE, RemovalReason.UNSHARED


def seen_by(organization: str, visibility: Visibility) -> Any:
    changed = update(organizations).where(organizations.c.id == organization)
    return changed.values(visibility=visibility.value)


def stands(organization: str, status: str) -> Any:
    theirs = update(alliance_members).where(alliance_members.c.organization_id == organization)
    return theirs.values(status=status)


async def of_the_shelter(context: MakeContext, cast: Cast, database: Database) -> tuple[str, str]:
    """An event and a group for everybody, of an organization that its allies alone see."""
    await change(database, seen_by(cast.shelter, Visibility.ALLIANCE))
    event = await publish(context, cast.sam, visibility=Visibility.PUBLIC)
    group = await start_group(context, cast.sam, "sewing", visibility=Visibility.PUBLIC)
    return event, group


async def test_what_is_for_everybody_of_an_organization_for_allies_is_told_to_its_allies(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    _, place = await read_on(database)
    things = await of_the_shelter(context, cast, database)
    met, _ = await read_on(database, after=place)
    assert met == {cast.shelter: HIDDEN, cast.city_table: None}
    assert (await read_on(database, cast.city_table))[0].keys() >= set(things)


async def test_it_goes_with_the_membership_and_with_the_alliance_and_comes_back(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    things = await of_the_shelter(context, cast, database)
    _, place = await read_on(database, cast.city_table)
    steps: tuple[tuple[Any, Any], ...] = (
        (stands(cast.shelter, "SUSPENDED"), UNSHARED),
        (stands(cast.shelter, "ACTIVE"), None),
        (update(alliances).values(status="DISSOLVED"), HIDDEN),
        (update(alliances).values(status="ACTIVE"), None),
        (seen_by(cast.shelter, Visibility.PRIVATE), HIDDEN),
        (seen_by(cast.shelter, Visibility.ALLIANCE), None),
        (update(events).values(visibility="ORGANIZATION"), UNSHARED),
    )
    for step, told in steps:
        await change(database, step)
        met, place = await read_on(database, cast.city_table, place)
        concerned = things[:1] if step is steps[-1][0] else things
        assert {each: met.get(each, "nothing") for each in concerned} == dict.fromkeys(
            concerned, told
        ), step


async def test_where_its_owner_shows_itself_everybody_is_told_and_its_allies_no_more(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    things = await of_the_shelter(context, cast, database)
    _, in_public = await read_on(database)
    _, by_table = await read_on(database, cast.city_table)
    await change(database, seen_by(cast.shelter, Visibility.PUBLIC))
    assert (await read_on(database, after=in_public))[0].keys() >= set(things)
    met, _ = await read_on(database, cast.city_table, by_table)
    assert {met[each] for each in things} == {UNSHARED}


async def test_an_alliance_for_everybody_is_hidden_with_its_convener_and_found_by_its_allies(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    """The convener's allies in another alliance."""
    other = "aln_01JD8HARBOR@hub.test"
    async with database.reading() as db:
        table = select(alliances).where(alliances.c.id == cast.city_table)
        row = dict((await db.execute(table)).mappings().one())
    row |= {"id": other, "slug": "harbor", "visibility": "PRIVATE"}
    membership: dict[str, Any] = {"id": "alm_01JD8HARBOR@hub.test", "alliance_id": other}
    membership |= {"organization_id": cast.pantry, "status": "ACTIVE", "role": "MEMBER"}
    await change(
        database,
        insert(alliances).values(**row),
        insert(alliance_members).values(**membership, initiated_by="ALLIANCE", created_at=AT),
    )
    met, in_public = await read_on(database)
    assert cast.city_table in met
    _, by_harbor = await read_on(database, other)
    await change(database, seen_by(cast.pantry, Visibility.ALLIANCE))
    met, in_public = await read_on(database, after=in_public)
    assert met[cast.city_table] is HIDDEN
    assert cast.city_table in (await read_on(database, other, by_harbor))[0]
    await change(database, seen_by(cast.pantry, Visibility.PUBLIC))
    assert (await read_on(database, after=in_public))[0][cast.city_table] is None


async def cohosted(context: MakeContext, cast: Cast, database: Database) -> str:
    """The Library's event, on which the Shelter stands."""
    event = await publish(context, cast.lee)
    place = {"id": "evh_01JD8@hub.test", "event_id": event, "organization_id": cast.shelter}
    how = {"role": "CO_HOST", "status": "ACCEPTED", "initiated_by": "OWNER", "may_edit": "NONE"}
    added = insert(event_hosts).values(**place, **how, attendee_sharing="NONE", created_at=AT)
    await change(database, added)
    return event


async def test_an_event_is_told_again_as_who_stands_on_it_comes_to_be_known(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    event = await cohosted(context, cast, database)
    await change(database, seen_by(cast.shelter, Visibility.PRIVATE))
    _, place = await read_on(database)
    for step in (
        seen_by(cast.shelter, Visibility.ALLIANCE),
        stands(cast.shelter, "SUSPENDED"),
        stands(cast.shelter, "ACTIVE"),
        update(alliances).values(status="DISSOLVED"),
        seen_by(cast.shelter, Visibility.PUBLIC),
    ):
        await change(database, step)
        met, place = await read_on(database, after=place)
        assert met.get(event, "nothing") is None, step
    # Everybody knows it now, whoever its allies are: nothing is told that was told before.
    await change(database, stands(cast.shelter, "SUSPENDED"))
    assert event not in (await read_on(database, after=place))[0]


async def test_an_event_is_told_again_as_its_group_comes_to_be_seen(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    group = await start_group(context, cast.sam, "sewing", visibility=Visibility.ALLIANCE)
    event = await publish(context, cast.sam, group_id=group)
    _, place = await read_on(database)
    shared = insert(group_shares).values(group_id=group, alliance_id=cast.city_table, shared_at=AT)
    await change(database, shared)
    met, place = await read_on(database, after=place)
    assert met == {event: None}
    # A change of the group itself is none of its event.
    await change(database, update(groups).values(version=groups.c.version + 1))
    met, place = await read_on(database, after=place)
    assert event not in met
    await change(database, delete(group_shares))
    met, place = await read_on(database, after=place)
    assert met == {event: None}


async def test_an_event_is_told_again_as_the_one_it_was_merged_into_comes_to_be_seen(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    merged, into = await publish(context, cast.lee), await publish(context, cast.lee)
    await change(database, update(events).where(events.c.id == merged).values(replaced_by_id=into))
    _, place = await read_on(database)
    for visibility, told in (("ORGANIZATION", HIDDEN), ("PUBLIC", None)):
        stays = update(events).where(events.c.id == into)
        await change(database, stays.values(visibility=visibility))
        met, place = await read_on(database, after=place)
        assert met == {into: told, merged: None}


async def test_what_was_for_allies_already_is_told_when_that_comes(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    things = await of_the_shelter(context, cast, database)

    async def told() -> set[tuple[str, str]]:
        standing = select(feed_entries).where(feed_entries.c.removed.is_(None))
        async with database.reading(fresh=True) as db:
            return {(row.channel, row.thing_id) for row in await db.execute(standing)}

    now = await told()
    await migrating.downgrade(database, "0021")
    assert now - await told() == {(cast.city_table, each) for each in things}
    await migrating.upgrade(database)
    assert await told() == now
    async with database.reading(fresh=True) as db:
        wrong = text(
            "select f.channel, f.thing_id from feed_entries f where f.removed is null"
            " and f.channel not in (select convoke_channels_of(f.kind, f.thing_id))"
        )
        assert (await db.execute(wrong)).all() == []
    assert PUBLIC in {channel for channel, _ in now}


@pytest.mark.parametrize("is_ours", [True, False])
async def test_who_is_of_another_hub_is_told_of_by_that_alone(
    database: Database, cast: Cast, context: MakeContext, is_ours: bool
) -> None:
    """An event of ours is told again as its co-host comes to be known, and theirs is not ours to tell."""
    event = await cohosted(context, cast, database)
    other = "hub_01JD8EAST@east.test"
    await change(
        database,
        text(
            "insert into hubs (id, authority, url, name, software, is_local, created_at)"
            " values (:id, 'east.test', 'http://east.test', 'East', 'convoke', false, now())"
        ).bindparams(id=other),
        update(events).values(hub_id=other) if not is_ours else text("select 1"),
        update(organizations).where(organizations.c.id == cast.shelter).values(hub_id=other),
    )
    _, place = await read_on(database)
    await change(database, seen_by(cast.shelter, Visibility.PRIVATE))
    met, _ = await read_on(database, after=place)
    assert (event in met) is is_ours
