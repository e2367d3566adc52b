"""What is told to other hubs of what concerns their organizations, and that theirs is told to none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from domain.sharing import Visibility
from storage import migrating
from storage.engine import Database
from storage.feed_tables import feed_entries
from storage.feeds import PUBLIC, RemovalReason
from storage.tables import (
    agreements,
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    events,
    organizations,
)
from tests.cast import Cast, MakeContext, publish
from tests.plans.abroad import AT, CLINIC, EAST, East, east_of
from tests.storage.test_feeds import read_on

THEIRS = "aln_01JD8HARBOR@east.test"


@pytest.fixture
async def east(database: Database, cast: Cast) -> East:
    return await east_of(database, cast)


async def copied(east: East, table: Any, like: str, **other: Any) -> None:
    """A row like that one, but for what is said."""
    async with east.database.reading() as db:
        row = (await db.execute(select(table).where(table.c.id == like))).mappings().one()
    kept = {"over_at", "search"}  # the database sees to these
    values = {name: value for name, value in row.items() if name not in kept}
    if "over_at" in row:
        values["over_at"] = row["over_at"]
    await east.write(insert(table).values(**{**values, **other}))


async def their_alliance(east: East, ours: str, status: str = "ACTIVE") -> None:
    """One that the clinic convenes, mirrored here, and a place of ours in it."""
    await copied(
        east, alliances, east.cast.city_table, id=THEIRS, hub_id=EAST, convener_id=CLINIC,
        slug="harbor", visibility="PRIVATE",
    )  # fmt: skip
    for number, (who, stands) in enumerate(((CLINIC, "ACTIVE"), (ours, status))):
        await east.write(
            insert(alliance_members).values(
                id=f"alm_01JD8HARBOR{number}@east.test",
                alliance_id=THEIRS,
                organization_id=who,
                role="MEMBER",
                status=stands,
                initiated_by="ALLIANCE",
                created_at=AT,
            )
        )


async def test_what_is_mirrored_is_told_on_to_nobody(
    database: Database, cast: Cast, east: East, context: MakeContext
) -> None:
    event = await publish(context, cast.sam)
    before = await told(database)
    theirs = {"hub_id": EAST, "organization_id": CLINIC, "id": "evt_01JD8@east.test"}
    await copied(east, events, event, **theirs)
    await east.is_named("evt_01JD8@east.test", "ACCEPTED")
    changed = update(events).where(events.c.id == "evt_01JD8@east.test")
    await east.write(changed.values(version=7))
    await east.write(
        delete(event_hosts).where(event_hosts.c.event_id == "evt_01JD8@east.test"),
        delete(events).where(events.c.id == "evt_01JD8@east.test"),
    )
    assert await told(database) == before


async def test_nobody_who_mirrors_waits_for_those_who_publish(
    database: Database, cast: Cast, east: East
) -> None:
    async with database.writing() as publishing:
        await publishing.execute(text("select pg_advisory_xact_lock(hashtext('convoke feeds'))"))
        renamed = update(organizations).where(organizations.c.id == CLINIC)
        await east.write(
            text("set local lock_timeout = '1s'"),
            renamed.values(version=organizations.c.version + 1, name="Clinic of the East"),
        )


async def test_what_is_ours_is_told_in_an_alliance_of_theirs_while_we_stand_in_it(
    database: Database, cast: Cast, east: East, context: MakeContext
) -> None:
    event = await publish(context, cast.lee, visibility=Visibility.ALLIANCE)
    await their_alliance(east, cast.library)
    await east.write(insert(event_shares).values(event_id=event, alliance_id=THEIRS, shared_at=AT))
    met, place = await read_on(database, THEIRS)
    assert met == {event: None, cast.library: None}  # and nothing of the alliance, which is theirs
    ours = update(alliance_members).where(alliance_members.c.organization_id == cast.library)
    await east.write(ours.values(status="SUSPENDED"))
    gone, place = await read_on(database, THEIRS, place)
    assert gone == {event: RemovalReason.UNSHARED, cast.library: RemovalReason.UNSHARED}
    await east.write(ours.values(status="ACTIVE"))
    back, place = await read_on(database, THEIRS, place)
    assert back == {event: None, cast.library: None}


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_an_alliance_of_theirs_that_ends_or_is_forgotten_takes_ours_out_of_its_channel(
    database: Database, cast: Cast, east: East, context: MakeContext, is_forgotten: bool
) -> None:
    event = await publish(context, cast.lee, visibility=Visibility.ALLIANCE)
    await their_alliance(east, cast.library)
    await east.write(insert(event_shares).values(event_id=event, alliance_id=THEIRS, shared_at=AT))
    _, place = await read_on(database, THEIRS)
    if is_forgotten:
        await east.write(
            delete(event_shares).where(event_shares.c.alliance_id == THEIRS),
            delete(alliance_members).where(alliance_members.c.alliance_id == THEIRS),
            delete(alliances).where(alliances.c.id == THEIRS),
        )
    else:
        ended = update(alliances).where(alliances.c.id == THEIRS)
        await east.write(ended.values(status="DISSOLVED"))
    met, _ = await read_on(database, THEIRS, place)
    assert met.keys() == {event, cast.library}
    assert None not in met.values()


async def test_another_owner_of_an_event_is_told_to_those_who_stand_on_it(
    database: Database, cast: Cast, east: East, context: MakeContext
) -> None:
    event = await publish(context, cast.lee)
    await east.is_named(event)
    _, place = await read_on(database, EAST)
    moved = update(events).where(events.c.id == event)
    await east.write(moved.values(organization_id=cast.shelter))
    met, place = await read_on(database, EAST, place)
    assert met == {event: None, cast.library: RemovalReason.UNSHARED, cast.shelter: None}
    await east.write(
        delete(event_hosts).where(event_hosts.c.event_id == event),
        text("delete from occurrences"),
        delete(events).where(events.c.id == event),
    )
    gone, _ = await read_on(database, EAST, place)
    assert gone == {event: RemovalReason.DELETED, cast.shelter: RemovalReason.UNSHARED}


async def test_terms_and_new_dates_are_changes_of_what_they_belong_to(
    database: Database, cast: Cast, context: MakeContext
) -> None:
    event = await publish(context, cast.lee)
    _, place = await read_on(database)
    async with database.writing() as db:
        await db.execute(
            insert(agreements).values(
                id="agr_01JD8@hub.test",
                alliance_id=cast.city_table,
                title="Charter",
                body="We share.",
                version_number=1,
                active_from=AT,
                required=True,
            )
        )
    met, place = await read_on(database, PUBLIC, place)
    assert met == {cast.city_table: None}
    async with database.writing() as db:
        series = update(events).where(events.c.id == event)
        await db.execute(series.values(rolls_on_at=datetime.now(UTC) + timedelta(days=9)))
    assert (await read_on(database, PUBLIC, place))[0] == {event: None}


async def test_what_concerns_hubs_already_is_told_when_the_channels_come(
    database: Database, cast: Cast, east: East, context: MakeContext
) -> None:
    event = await publish(context, cast.lee)
    await east.is_named(event)
    concerned = await told(database, EAST)
    assert concerned == {event, cast.library, cast.city_table, cast.pantry}
    everybody = await told(database)
    await migrating.downgrade(database, "0020")
    assert await told(database, EAST) == set()
    await migrating.upgrade(database)
    assert await told(database, EAST) == concerned
    assert await told(database) == everybody


async def told(database: Database, channel: str | None = None) -> set[str]:
    """What stands in that channel, or in any."""
    asked = select(feed_entries.c.thing_id).where(feed_entries.c.removed.is_(None))
    if channel is not None:
        asked = asked.where(feed_entries.c.channel == channel)
    async with database.reading(fresh=True) as db:
        return set((await db.scalars(asked)).all())
