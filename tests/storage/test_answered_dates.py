"""A date that people answered is never lost: it is called off, and comes back with its series."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from domain.events import EventStatus
from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from resolvers import events
from resolvers.events import EventChanges
from storage.engine import Database
from storage.tables import occurrences as table
from storage.tables import rsvps
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.one_date import change_one
from tests.outside import StandingClock
from tests.somebody_comes import answered, come_to

WEEK, DAY, HOUR = timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
WEEKLY: dict[str, Any] = {"recurrence": Recurrence("FREQ=WEEKLY;COUNT=4"), "time_zone": "UTC"}
TWICE = Recurrence("FREQ=WEEKLY;COUNT=2")


async def dates(database: Database, event_id: str) -> list[tuple[datetime, str]]:
    rows = select(table.c.starts_at, table.c.status).where(table.c.event_id == event_id)
    async with database.reading() as db:
        return [(row[0], row[1]) for row in await db.execute(rows.order_by(table.c.starts_at))]


async def ids(database: Database, event_id: str) -> list[str]:
    rows = select(table.c.id).where(table.c.event_id == event_id).order_by(table.c.starts_at)
    async with database.reading() as db:
        return list(await db.scalars(rows))


@pytest.mark.parametrize("status", [RsvpStatus.ACCEPTED, RsvpStatus.DECLINED])
async def test_a_date_that_falls_out_is_called_off_for_those_who_answered(
    context: MakeContext, cast: Cast, database: Database, status: RsvpStatus
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    answer = await come_to(database, event_id, STARTS + 3 * WEEK, status)
    date = await answered(database, answer)
    await events.update(context(cast.anna), event_id, 1, {"recurrence": TWICE})
    assert await dates(database, event_id) == [
        (STARTS, "SCHEDULED"),
        (STARTS + WEEK, "SCHEDULED"),
        (STARTS + 3 * WEEK, "CANCELLED"),
    ]
    assert await answered(database, answer) == date


async def test_it_stays_called_off_until_the_series_has_it_again(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    answer = await come_to(database, event_id, STARTS + 2 * WEEK)
    before = await ids(database, event_id)
    await events.update(context(cast.anna), event_id, 1, {"recurrence": TWICE})
    await events.update(context(cast.anna), event_id, 2, {"title": "Food drive!"})
    assert (await dates(database, event_id))[2:] == [(STARTS + 2 * WEEK, "CANCELLED")]
    await events.update(context(cast.anna), event_id, 3, {"recurrence": WEEKLY["recurrence"]})
    assert await dates(database, event_id) == [
        (STARTS + number * WEEK, "SCHEDULED") for number in range(4)
    ]
    assert (await ids(database, event_id))[:3] == before[:3]
    assert (await answered(database, answer))[0] == before[2]


async def test_a_date_comes_back_with_what_is_different_on_it(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await come_to(database, event_id, STARTS + 2 * WEEK)
    late: dict[str, Any] = {
        "title": "Feast",
        "starts_at": STARTS + 2 * WEEK + HOUR,
        "status": EventStatus.RESCHEDULED,
    }
    await change_one(database, context().names, event_id, STARTS + 2 * WEEK, **late)
    await events.update(context(cast.anna), event_id, 1, {"recurrence": TWICE})
    await events.update(context(cast.anna), event_id, 2, {"recurrence": WEEKLY["recurrence"]})
    rows = select(table.c.title, table.c.starts_at, table.c.status, table.c.overrides).where(
        table.c.event_id == event_id, table.c.recurrence_id == STARTS + 2 * WEEK
    )
    async with database.reading() as db:
        (row,) = (await db.execute(rows)).all()
    assert tuple(row) == (
        "Feast",
        STARTS + 2 * WEEK + HOUR,
        "SCHEDULED",
        ["starts_at", "title"],
    )


async def test_a_date_that_was_left_out_by_name_is_called_off_too(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await come_to(database, event_id, STARTS + WEEK)
    without = Recurrence("FREQ=WEEKLY;COUNT=4", (), (STARTS + WEEK,))
    await events.update(context(cast.anna), event_id, 1, {"recurrence": without})
    assert [status for _, status in await dates(database, event_id)] == [
        "SCHEDULED",
        "CANCELLED",
        "SCHEDULED",
        "SCHEDULED",
    ]


async def test_what_took_place_did_take_place(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await come_to(database, event_id, STARTS + WEEK)
    await come_to(database, event_id, STARTS + 2 * WEEK)
    clock.at = STARTS + WEEK + DAY
    other = Recurrence("FREQ=MONTHLY;COUNT=2")
    await events.update(context(cast.anna), event_id, 1, {"recurrence": other})
    assert await dates(database, event_id) == [
        (STARTS, "SCHEDULED"),
        (STARTS + WEEK, "SCHEDULED"),
        (STARTS + 2 * WEEK, "CANCELLED"),
        (datetime(2027, 4, 6, 14, tzinfo=UTC), "SCHEDULED"),
    ]


async def test_a_series_that_takes_place_once_from_now_on_tells_those_of_its_other_dates(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    answer = await come_to(database, event_id, STARTS + 2 * WEEK)
    first = (await ids(database, event_id))[0]
    await events.update(context(cast.anna), event_id, 1, {"recurrence": None})
    assert await dates(database, event_id) == [
        (STARTS, "SCHEDULED"),
        (STARTS + 2 * WEEK, "CANCELLED"),
    ]
    moved: EventChanges = {"starts_at": STARTS + 5 * WEEK, "ends_at": ENDS + 5 * WEEK}
    await events.update(context(cast.anna), event_id, 2, moved)
    assert await dates(database, event_id) == [
        (STARTS + 2 * WEEK, "CANCELLED"),
        (STARTS + 5 * WEEK, "SCHEDULED"),
    ]
    assert (await ids(database, event_id))[1] == first
    assert (await answered(database, answer))[1] == event_id


@pytest.mark.parametrize("by", [DAY, -DAY, 3 * DAY, 5 * DAY + 2 * HOUR, -2 * DAY - HOUR])
async def test_a_weekly_date_that_moves_to_another_day_stays_the_same_date(
    context: MakeContext, cast: Cast, database: Database, by: timedelta
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    answers = [await come_to(database, event_id, STARTS + number * WEEK) for number in range(4)]
    before = await ids(database, event_id)
    moved: EventChanges = {"starts_at": STARTS + by, "ends_at": ENDS + by}
    await events.update(context(cast.anna), event_id, 1, moved)
    assert await dates(database, event_id) == [
        (STARTS + number * WEEK + by, "SCHEDULED") for number in range(4)
    ]
    assert await ids(database, event_id) == before
    assert [(await answered(database, answer))[0] for answer in answers] == before


async def test_a_series_that_begins_a_week_later_loses_its_first_date_and_moves_none(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    await come_to(database, event_id, STARTS)
    before = await ids(database, event_id)
    later: EventChanges = {"starts_at": STARTS + WEEK, "ends_at": ENDS + WEEK}
    await events.update(context(cast.anna), event_id, 1, later)
    assert await dates(database, event_id) == [
        (STARTS, "CANCELLED"),
        *((STARTS + number * WEEK, "SCHEDULED") for number in range(1, 5)),
    ]
    assert (await ids(database, event_id))[:4] == before


async def test_a_date_with_an_answer_cannot_be_taken_away(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    answer = await come_to(database, event_id, STARTS)
    date_id, _ = await answered(database, answer)
    with pytest.raises(IntegrityError):
        async with database.writing() as db:
            await db.execute(delete(table).where(table.c.id == date_id))
    assert await answered(database, answer) == (date_id, event_id)


async def test_an_answer_is_of_the_event_that_its_date_is_of(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    other_id = await publish(context, cast.anna)
    answer = await come_to(database, event_id, STARTS)
    date_id, _ = await answered(database, answer)
    with pytest.raises(IntegrityError):
        async with database.writing() as db:
            await db.execute(update(rsvps).where(rsvps.c.id == answer).values(event_id=other_id))
    assert await answered(database, answer) == (date_id, event_id)


async def test_whoever_answers_just_as_the_date_falls_out_is_told_or_is_too_late(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    """Ten times both at once: there is never an answer without its date, and never a failure of
    the change."""
    for _ in range(10):
        event_id = await publish(context, cast.anna, **WEEKLY)
        changing = events.update(context(cast.anna), event_id, 1, {"recurrence": TWICE})
        coming = come_to(database, event_id, STARTS + 3 * WEEK)
        changed, came = await asyncio.gather(changing, coming, return_exceptions=True)
        assert changed == event_id
        found = await dates(database, event_id)
        if isinstance(came, str):
            assert found[2:] == [(STARTS + 3 * WEEK, "CANCELLED")]
        else:
            assert len(found) == 2
