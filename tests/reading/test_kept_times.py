"""What stands beside an event for the sake of an index is kept by the database itself."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.recurrence import Recurrence
from resolvers import events
from storage.engine import Database
from storage.tables import events as table
from tests import cast as people
from tests.cast import STARTS, Cast, MakeContext
from tests.reading.busy_hub import fill

DIFFERING = """
select 'share ' || s.event_id from event_shares s join events e on e.id = s.event_id
where (s.organization_id, s.starts_at, s.over_at, s.recurring)
  is distinct from (e.organization_id, e.starts_at, e.over_at, e.rrule is not null)
union all
select 'host ' || h.event_id from event_hosts h join events e on e.id = h.event_id
where (h.starts_at, h.over_at, h.recurring)
  is distinct from (e.starts_at, e.over_at, e.rrule is not null)
union all
select 'date ' || d.id from occurrences d join events e on e.id = d.event_id
where d.follows_at is distinct from case when e.rrule is not null then coalesce(
  (select max(greatest(b.ends_at, b.starts_at + interval '1 microsecond')) from occurrences b
   where b.event_id = d.event_id and (b.starts_at, b.id) < (d.starts_at, d.id)), '-infinity') end
union all
select 'owner of ' || e.id from events e join organizations o on o.id = e.organization_id
where e.owner_visibility <> o.visibility
union all
select 'owner of ' || g.id from groups g join organizations o on o.id = g.organization_id
where g.owner_visibility <> o.visibility
"""
CHANGES = (
    "update events set starts_at = starts_at + interval '1 day', ends_at = null,"
    " over_at = over_at + interval '1 day'",
    "update events set rrule = case when rrule is null then 'FREQ=DAILY' end",
    "update events set organization_id = 'org-6'",
    "update events set over_at = 'infinity'",
    "update occurrences set starts_at = starts_at - interval '10 days'",
    "update occurrences set ends_at = null",
    "update occurrences set ends_at = starts_at + interval '9 days'",
    "delete from occurrences",
    "update event_shares set event_id = event_id",
    "update organizations set visibility = 'ORGANIZATION'",
    "update organizations set visibility = 'PUBLIC'",
    "update groups set organization_id = 'org-7'",
)
SOME = {
    "events": "id",
    "occurrences": "id",
    "event_shares": "event_id",
    "organizations": "id",
    "groups": "id",
}


async def differing(connection: AsyncConnection) -> list[str]:
    return list((await connection.execute(text(DIFFERING))).scalars())


async def test_what_was_put_in_at_once_is_kept(quiet: AsyncConnection) -> None:
    assert await differing(quiet) == []


@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from("0123456789"))))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_however_rows_change_it_is_kept(
    quiet: AsyncConnection, changes: list[tuple[str, str]]
) -> None:
    undone = await quiet.begin_nested()
    for change, digit in changes:
        which = SOME[change.split()[2 if change.startswith("delete") else 1]]
        await quiet.execute(text(f"{change} where {which} like '%{digit}'"))
    assert await differing(quiet) == []
    await undone.rollback()


@pytest.mark.parametrize(
    ("trigger", "change"),
    [
        ("events disable trigger events_times", CHANGES[0]),
        ("organizations disable trigger organizations_owned", CHANGES[-3]),
        ("groups disable trigger groups_owner", CHANGES[-1]),
    ],
)
async def test_the_check_notices_what_no_trigger_keeps(
    quiet: AsyncConnection, trigger: str, change: str
) -> None:
    await quiet.execute(text("update organizations set visibility = 'UNLISTED' where id = 'org-7'"))
    # The feeds' triggers wait for the end, and PostgreSQL for them.
    await quiet.execute(text("set constraints all immediate"))
    await quiet.execute(text(f"alter table {trigger}"))
    await quiet.execute(text(change))
    assert await differing(quiet) != []


async def test_use_cases_leave_it_kept(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    weekly = Recurrence("FREQ=WEEKLY;COUNT=8")
    event_id = await people.publish(
        context, cast.anna, recurrence=weekly, share_with=(cast.city_table,)
    )
    changes: Any = {"starts_at": STARTS + timedelta(hours=1), "ends_at": None}
    await events.update(context(cast.anna), event_id, 1, changes)
    await events.update(context(cast.anna), event_id, 2, {"recurrence": None})
    async with database.engine.connect() as connection:
        assert await differing(connection) == []


@pytest.mark.parametrize("sharing_first", [True, False])
async def test_sharing_an_event_while_it_moves_leaves_no_old_time(
    database: Database, sharing_first: bool
) -> None:
    async with database.engine.begin() as connection:
        await fill(connection, 30)
        await connection.execute(text("delete from event_shares"))
    moved = update(table).values(starts_at=STARTS, over_at=STARTS + timedelta(hours=1))
    shared = text(
        "insert into event_shares (event_id, alliance_id, shared_at)"
        " values ('event-00000011', 'alliance-great', now())"
    )
    moving = moved.where(table.c.id == "event-00000011")
    first, second = (shared, moving) if sharing_first else (moving, shared)
    async with database.engine.connect() as one, database.engine.connect() as other:
        await one.execute(first)
        waiting = asyncio.ensure_future(other.execute(second))
        await held(database)
        await one.commit()
        await waiting
        await other.commit()
        assert await differing(one) == []


@pytest.mark.parametrize("hiding_first", [True, False])
async def test_an_event_that_comes_while_its_organization_hides_is_hidden_too(
    database: Database, hiding_first: bool
) -> None:
    async with database.engine.begin() as connection:
        await fill(connection, 30)
    hiding = text("update organizations set visibility = 'ORGANIZATION' where id = 'org-6'")
    coming = update(table).values(organization_id="org-6").where(table.c.id == "event-00000011")
    first, second = (hiding, coming) if hiding_first else (coming, hiding)
    async with database.engine.connect() as one, database.engine.connect() as other:
        await one.execute(first)
        waiting = asyncio.ensure_future(other.execute(second))
        await held(database)
        await one.commit()
        await waiting
        await other.commit()
        assert await differing(one) == []


async def held(database: Database) -> None:
    """Returns when somebody waits for a lock."""
    waits = text(
        "select count(*) from pg_stat_activity"
        " where wait_event_type = 'Lock' and datname = current_database()"
    )
    async with database.engine.connect() as connection:
        while not await connection.scalar(waits):
            await connection.rollback()
