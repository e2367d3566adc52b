"""What was published is told in the order in which it was kept, and nothing is ever passed by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from domain.sharing import Visibility
from resolvers import publishing
from storage import feeds
from storage.engine import Database
from storage.feeds import PUBLIC, Place, RemovalReason, Resync
from storage.tables import alliance_members, alliances, organizations
from tests.cast import Cast, MakeContext, publish


async def read_on(
    database: Database, channel: str = PUBLIC, after: Place | None = None
) -> tuple[dict[str, RemovalReason | None], Place]:
    """All there is to read from that place on, in pages of three."""
    met: dict[str, RemovalReason | None] = {}
    while True:
        async with database.reading() as db:
            page = await feeds.since(db, channel, after, 3)
        met |= {entry.thing_id: entry.removed for entry in page.entries}
        after = page.place
        if page.is_all:
            return met, after


async def change(database: Database, *statements: Any) -> None:
    async with database.writing() as db:
        for statement in statements:
            await db.execute(statement)


async def test_whoever_begins_meets_all_that_is_public_and_nothing_else(
    database: Database, cast: Cast
) -> None:
    met, _ = await read_on(database)
    assert set(met.values()) == {None}
    async with database.reading() as db:
        public = set(
            (
                await db.scalars(
                    text(
                        "select id from organizations where visibility = 'PUBLIC'"
                        " union all select id from alliances where visibility = 'PUBLIC'"
                        " union all select id from groups where visibility = 'PUBLIC'"
                        " union all select id from events where visibility = 'PUBLIC'"
                        " and publication_status = 'PUBLISHED'"
                    )
                )
            ).all()
        )
    assert met.keys() == public
    assert {cast.pantry, cast.shelter, cast.library} <= public


async def test_a_thing_that_changes_twice_is_met_once_where_it_changed_last(
    database: Database, cast: Cast
) -> None:
    _, place = await read_on(database)
    renamed = update(organizations).values(version=organizations.c.version + 1)
    await change(database, renamed.where(organizations.c.id == cast.pantry))
    await change(database, renamed.where(organizations.c.id == cast.shelter))
    await change(database, renamed.where(organizations.c.id == cast.pantry))
    async with database.reading() as db:
        page = await feeds.since(db, PUBLIC, place, 10)
    assert [entry.thing_id for entry in page.entries] == [cast.shelter, cast.pantry]
    assert [entry.seq for entry in page.entries] == [place.seq + 2, place.seq + 3]


async def test_what_is_hidden_from_everybody_is_told_as_removed_and_comes_back(
    database: Database, cast: Cast
) -> None:
    _, place = await read_on(database)
    hidden = update(organizations).where(organizations.c.id == cast.library)
    await change(database, hidden.values(visibility="ORGANIZATION"))
    met, after = await read_on(database, after=place)
    assert met[cast.library] is RemovalReason.NO_LONGER_VISIBLE
    # With it goes what it owns, for nobody sees that any more.
    assert set(met.values()) == {RemovalReason.NO_LONGER_VISIBLE}
    await change(database, hidden.values(visibility="PUBLIC"))
    back, _ = await read_on(database, after=after)
    assert back == dict.fromkeys(met)


async def test_whoever_begins_is_not_told_what_was_removed_before(
    database: Database, cast: Cast
) -> None:
    await change(
        database,
        update(organizations)
        .where(organizations.c.id == cast.library)
        .values(visibility="ORGANIZATION"),
    )
    met, place = await read_on(database)
    assert cast.library not in met
    assert set(met.values()) == {None}
    assert await read_on(database, after=place) == ({}, place)


async def test_an_alliance_is_told_what_is_shared_with_it_and_that_it_no_longer_is(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    event = await publish(
        context, cast.sam, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    met, place = await read_on(database, cast.city_table)
    assert met.keys() >= {event, cast.shelter, cast.pantry, cast.city_table}
    assert event not in (await read_on(database))[0]
    await publishing.unshare(context(cast.sam), event, [cast.city_table])
    after, _ = await read_on(database, cast.city_table, place)
    assert after == {event: RemovalReason.UNSHARED}


async def test_who_leaves_an_alliance_takes_along_what_was_shared_with_it(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    event = await publish(
        context, cast.sam, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    _, place = await read_on(database, cast.city_table)
    theirs = alliance_members.c
    await change(
        database,
        update(alliance_members)
        .where(theirs.organization_id == cast.shelter)
        .values(status="SUSPENDED"),
    )
    met, place = await read_on(database, cast.city_table, place)
    assert met[event] is RemovalReason.UNSHARED
    assert met[cast.shelter] is RemovalReason.UNSHARED
    assert met[cast.city_table] is None
    await change(
        database,
        update(alliance_members)
        .where(theirs.organization_id == cast.shelter)
        .values(status="ACTIVE"),
    )
    back, _ = await read_on(database, cast.city_table, place)
    assert back == {event: None, cast.shelter: None, cast.city_table: None}


async def test_a_dissolved_alliance_is_told_of_nothing_but_itself(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    await publish(context, cast.sam, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,))
    met, place = await read_on(database, cast.city_table)
    await change(
        database,
        update(alliances).where(alliances.c.id == cast.city_table).values(status="DISSOLVED"),
    )
    after, _ = await read_on(database, cast.city_table, place)
    assert after.keys() == met.keys()
    assert [thing for thing, why in after.items() if why is None] == [cast.city_table]


async def test_what_nobody_is_told_of_moves_no_feed(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    _, place = await read_on(database)
    await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    await publish(context, cast.anna, visibility=Visibility.UNLISTED)
    # A gap would tell how much goes on that is none of the reader's business.
    assert await read_on(database, after=place) == ({}, place)


async def test_a_change_that_was_undone_leaves_no_gap(database: Database, cast: Cast) -> None:
    _, place = await read_on(database)
    renamed = update(organizations).where(organizations.c.id == cast.pantry)
    renamed = renamed.values(version=organizations.c.version + 1)
    with pytest.raises(DBAPIError):
        await change(database, renamed, text("select 1 / 0"))
    await change(database, renamed)
    _, after = await read_on(database, after=place)
    assert after.seq == place.seq + 1


async def test_a_place_of_another_epoch_or_of_the_future_is_none(
    database: Database, cast: Cast
) -> None:
    _, place = await read_on(database)
    ahead = replace(place, seq=place.seq + 1)
    async with database.reading() as db:
        for unknown in (ahead, replace(place, epoch="another"), replace(place, began=10**6)):
            with pytest.raises(Resync):
                await feeds.since(db, PUBLIC, unknown, 10)
    async with database.writing() as db:
        await feeds.begin_anew(db)
    async with database.reading() as db:
        with pytest.raises(Resync):
            await feeds.since(db, PUBLIC, place, 10)


async def test_whoever_is_behind_what_was_forgotten_begins_again(
    database: Database, cast: Cast
) -> None:
    _, behind = await read_on(database)
    hidden = update(organizations).where(organizations.c.id == cast.library)
    await change(database, hidden.values(visibility="ORGANIZATION"))
    _, in_time = await read_on(database, after=behind)
    async with database.writing() as db:
        assert await feeds.compact(db, datetime.now(UTC) - timedelta(days=1)) == 0
        assert await feeds.compact(db, datetime.now(UTC) + timedelta(days=1)) > 0
    async with database.reading() as db:
        with pytest.raises(Resync):
            await feeds.since(db, PUBLIC, behind, 10)
    assert await read_on(database, after=in_time) == ({}, in_time)
    met, _ = await read_on(database)
    assert cast.library not in met
