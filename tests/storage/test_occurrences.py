"""The dates of events as rows: which there are, and what survives a change of the series."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Text, select

from domain import occurrences as rules
from domain.events import EventStatus
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from resolvers import events
from resolvers.events import EventChanges
from storage import events as stored
from storage import occurrences
from storage.engine import Database
from storage.tables import events as events_table
from storage.tables import occurrences as table
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.one_date import change_one
from tests.outside import MONDAY, StandingClock

WEEK = timedelta(weeks=1)
THREE = Recurrence("FREQ=WEEKLY;COUNT=3")
UTC_THREE: dict[str, Any] = {"recurrence": THREE, "time_zone": "UTC"}
A_WEEKLY_FOR_EVER: dict[str, Any] = {"recurrence": Recurrence("FREQ=WEEKLY"), "time_zone": "UTC"}


async def dates(database: Database, event_id: str) -> list[dict[str, Any]]:
    rows = select(table).where(table.c.event_id == event_id).order_by(table.c.starts_at)
    async with database.reading() as db:
        return [dict(row) for row in (await db.execute(rows)).mappings()]


async def over_at(database: Database, event_id: str) -> str:
    """As PostgreSQL writes it: asyncpg has no word for 'infinity'."""
    moment = select(events_table.c.over_at.cast(Text)).where(events_table.c.id == event_id)
    async with database.reading() as db:
        found: str = (await db.execute(moment)).scalar_one()
        return found


async def again(database: Database, context: MakeContext, event_id: str, now: datetime) -> None:
    ctx = context()
    async with database.writing() as db:
        event = await stored.by_id(db, event_id)
        assert event is not None
        await occurrences.materialize(db, ctx.names, event, now)


async def test_an_event_that_takes_place_once_has_one_date(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    (date,) = await dates(database, event_id)
    assert (date["recurrence_id"], date["starts_at"], date["ends_at"]) == (STARTS, STARTS, ENDS)
    assert (date["status"], date["title"], date["overrides"]) == ("SCHEDULED", None, [])
    assert date["id"].startswith("occ_")


async def test_moving_an_event_keeps_the_date_people_answered_to(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    (before,) = await dates(database, event_id)
    moved: EventChanges = {"starts_at": STARTS + 3 * WEEK, "ends_at": ENDS + 3 * WEEK}
    await events.update(context(cast.anna), event_id, 1, moved)
    (after,) = await dates(database, event_id)
    assert after["id"] == before["id"]
    assert (after["recurrence_id"], after["starts_at"], after["ends_at"]) == (
        STARTS + 3 * WEEK,
        STARTS + 3 * WEEK,
        ENDS + 3 * WEEK,
    )


async def test_a_series_has_a_row_for_each_date_as_long_as_the_first(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    assert [(row["starts_at"], row["ends_at"]) for row in await dates(database, event_id)] == [
        (STARTS + n * WEEK, ENDS + n * WEEK) for n in range(3)
    ]


async def test_a_series_that_moves_to_another_hour_keeps_its_dates(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    before = await dates(database, event_id)
    hour = timedelta(hours=1)
    later: EventChanges = {"starts_at": STARTS + hour, "ends_at": ENDS + hour}
    await events.update(context(cast.anna), event_id, 1, later)
    after = await dates(database, event_id)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [row["starts_at"] for row in after] == [row["starts_at"] + hour for row in before]


async def test_dates_that_fall_out_go_and_new_ones_come_and_the_rest_stay(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    first, second, third = await dates(database, event_id)
    other = Recurrence("FREQ=WEEKLY;COUNT=4", (), (STARTS + WEEK,))
    await events.update(context(cast.anna), event_id, 1, {"recurrence": other})
    after = await dates(database, event_id)
    assert [row["id"] for row in after[:2]] == [first["id"], third["id"]]
    assert [row["starts_at"] for row in after] == [STARTS, STARTS + 2 * WEEK, STARTS + 3 * WEEK]
    assert second["id"] not in {row["id"] for row in after}


async def test_a_series_that_ends_being_one_keeps_its_first_date(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    first, *_ = await dates(database, event_id)
    await events.update(context(cast.anna), event_id, 1, {"recurrence": None})
    (left,) = await dates(database, event_id)
    assert left == {**first, "follows_at": None}  # there are none before it


async def test_what_differs_on_one_date_survives_a_change_of_the_series(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    _, second, third = await dates(database, event_id)
    elsewhere = Place(name="Library", locality="River City", precision=PlacePrecision.PRECISE)
    day = timedelta(days=1)
    moved: dict[str, Any] = {
        "title": "Feast",
        "place": elsewhere,
        "starts_at": STARTS + WEEK + day,
        "ends_at": ENDS + WEEK + day,
    }
    assert (
        await change_one(database, context().names, event_id, STARTS + WEEK, **moved)
        == second["id"]
    )
    gone: dict[str, Any] = {"status": EventStatus.CANCELLED}
    assert (
        await change_one(database, context().names, event_id, STARTS + 2 * WEEK, **gone)
        == third["id"]
    )
    longer: EventChanges = {"ends_at": ENDS + timedelta(hours=1), "title": "Food drive!"}
    await events.update(context(cast.anna), event_id, 1, longer)
    one, two, three = await dates(database, event_id)
    assert one["ends_at"] == ENDS + timedelta(hours=1)
    assert (two["id"], two["title"], two["place_name"]) == (second["id"], "Feast", "Library")
    assert (two["starts_at"], two["ends_at"]) == (STARTS + WEEK + day, ENDS + WEEK + day)
    assert (three["id"], three["status"]) == (third["id"], "CANCELLED")
    assert three["ends_at"] == ENDS + 2 * WEEK + timedelta(hours=1)


async def test_calling_a_series_off_leaves_what_took_place_and_what_differs(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    postponed: dict[str, Any] = {"status": EventStatus.POSTPONED}
    await change_one(database, context().names, event_id, STARTS + 2 * WEEK, **postponed)
    clock.at = STARTS + timedelta(days=2)
    called_off: EventChanges = {"status": EventStatus.CANCELLED}
    await events.update(context(cast.anna), event_id, 1, called_off)
    assert [row["status"] for row in await dates(database, event_id)] == [
        "SCHEDULED",
        "CANCELLED",
        "POSTPONED",
    ]
    back_on: EventChanges = {"status": EventStatus.SCHEDULED}
    await events.update(context(cast.anna), event_id, 2, back_on)
    assert [row["status"] for row in await dates(database, event_id)] == [
        "SCHEDULED",
        "SCHEDULED",
        "POSTPONED",
    ]


async def test_a_series_for_ever_is_kept_from_a_month_ago_to_eighteen_months_ahead(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    long_ago = MONDAY - 100 * WEEK
    event_id = await publish(
        context, cast.anna, starts_at=long_ago, ends_at=None, **A_WEEKLY_FOR_EVER
    )
    rows = [row["starts_at"] for row in await dates(database, event_id)]
    assert rows[0] == MONDAY - 4 * WEEK
    assert rows[-1] == datetime(2028, 8, 28, 9, tzinfo=UTC)
    assert len(rows) == len(set(rows)) == 83
    assert await over_at(database, event_id) == "infinity"


async def test_as_time_passes_new_dates_come_and_old_ones_stay(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **A_WEEKLY_FOR_EVER)
    before = await dates(database, event_id)
    await again(database, context, event_id, MONDAY + 40 * WEEK)
    after = await dates(database, event_id)
    assert after[: len(before)] == before
    assert len(after) == len(before) + 40
    await again(database, context, event_id, MONDAY + 40 * WEEK)
    assert await dates(database, event_id) == after


async def test_no_series_has_more_than_five_hundred_rows(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(
        context, cast.anna, recurrence=Recurrence("FREQ=DAILY;BYHOUR=8,12,16,20"), ends_at=None
    )
    assert len(await dates(database, event_id)) == 500


@pytest.mark.parametrize(
    ("starts_at", "rule", "count"),
    [
        (MONDAY - 200 * WEEK, "FREQ=WEEKLY;COUNT=5", 5),  # over for years
        (MONDAY + 200 * WEEK, "FREQ=WEEKLY;COUNT=5", 1),  # years ahead: its first date
        (MONDAY - 200 * WEEK, "FREQ=YEARLY;INTERVAL=10", 1),  # none within reach but the first
    ],
)
async def test_every_event_has_a_date(
    context: MakeContext,
    cast: Cast,
    database: Database,
    starts_at: datetime,
    rule: str,
    count: int,
) -> None:
    event_id = await publish(
        context, cast.anna, starts_at=starts_at, ends_at=None, recurrence=Recurrence(rule)
    )
    rows = await dates(database, event_id)
    assert (len(rows), rows[0]["starts_at"]) == (count, starts_at)


@pytest.mark.parametrize(
    ("given", "over"),
    [
        ({}, "2027-03-06 17:00:00+00"),
        ({"ends_at": None}, "2027-03-06 14:00:00+00"),
        ({"ends_at": None, "all_day": True}, "2027-03-07 05:00:00+00"),  # midnight in Indiana
        ({"recurrence": THREE}, "2027-03-20 16:00:00+00"),  # an hour earlier, after 14 March
        ({"recurrence": THREE, "ends_at": None, "all_day": True}, "2027-03-21 04:00:00+00"),
        ({"recurrence": Recurrence("FREQ=WEEKLY;UNTIL=20270313")}, "2027-03-13 17:00:00+00"),
        ({"recurrence": Recurrence("", (STARTS + WEEK,))}, "2027-03-13 17:00:00+00"),
        ({"recurrence": Recurrence("FREQ=WEEKLY")}, "infinity"),
    ],
)
async def test_an_event_is_over_when_its_last_date_is(
    context: MakeContext, cast: Cast, database: Database, given: dict[str, Any], over: str
) -> None:
    event_id = await publish(context, cast.anna, **given)
    assert await over_at(database, event_id) == over


async def test_a_last_date_that_moves_makes_the_event_longer(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **UTC_THREE)
    late: dict[str, Any] = {"starts_at": STARTS + 8 * WEEK, "ends_at": ENDS + 8 * WEEK}
    await change_one(database, context().names, event_id, STARTS + 2 * WEEK, **late)
    assert await over_at(database, event_id) == "2027-05-01 17:00:00+00"
    await events.update(context(cast.anna), event_id, 1, {"title": "Food drive!"})
    assert await over_at(database, event_id) == "2027-05-01 17:00:00+00"


some_starts = st.integers(-60, 60).map(lambda hours: STARTS + timedelta(hours=hours * 7))
some_rules = st.sampled_from(
    [
        None,
        Recurrence("FREQ=WEEKLY;COUNT=6"),
        Recurrence("FREQ=WEEKLY;BYDAY=MO,WE,SA;COUNT=9"),
        Recurrence("FREQ=DAILY;INTERVAL=3;COUNT=12", (STARTS + WEEK,), (STARTS,)),
        Recurrence("FREQ=MONTHLY;BYDAY=1SA;COUNT=4"),
        Recurrence("", (STARTS + WEEK, STARTS + 2 * WEEK)),
    ]
)


@given(st.lists(st.tuples(some_starts, some_rules), min_size=2, max_size=5))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_however_an_event_is_changed_its_rows_are_its_dates_and_keep_their_ids(
    context: MakeContext,
    cast: Cast,
    database: Database,
    changes: list[tuple[datetime, Recurrence | None]],
) -> None:
    event_id = await publish(context, cast.anna, ends_at=None, time_zone="Europe/Berlin")
    ctx = context(cast.anna)
    before = {row["recurrence_id"]: row["id"] for row in await dates(database, event_id)}
    for version, (starts_at, recurrence) in enumerate(changes, start=1):
        given_now: EventChanges = {"starts_at": starts_at, "recurrence": recurrence}
        await events.update(ctx, event_id, version, given_now)
        async with database.reading() as db:
            event = await stored.by_id(db, event_id)
        assert event is not None
        after = {row["recurrence_id"]: row["id"] for row in await dates(database, event_id)}
        assert sorted(after) == [start for start, _ in rules.dates(event, MONDAY)]
        stayed = before.keys() & after.keys()
        assert {at: after[at] for at in stayed} == {at: before[at] for at in stayed}
        before = after
