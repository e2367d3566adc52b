"""What happens because a date has come: duties, and series that go on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Text, func, select, text, update

from domain.actors import BY_TIME
from domain.hubs import LocalHub
from domain.recurrence import Recurrence
from resolvers import series
from resolvers.context import Context
from resolvers.post import line
from resolvers.what_time_brings import DUTIES, Duty, Time
from storage import duties as stored
from storage.duties import Kept
from storage.engine import Database
from storage.tables import audit_entries, events
from storage.tables import occurrences as table
from tests.cast import STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import MONDAY, SeededChance, StandingClock

WEEKLY: dict[str, Any] = {"recurrence": Recurrence("FREQ=WEEKLY"), "time_zone": "UTC"}
SeeTo = Callable[..., Time]


@pytest.fixture
def time(database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance) -> SeeTo:
    def made(*duties: Duty) -> Time:
        return Time(database, hub, clock, chance, duties)

    return made


async def kept(database: Database) -> dict[str, Kept]:
    async with database.reading() as db:
        return await stored.kept(db)


async def last_date(database: Database, event_id: str) -> datetime:
    last = select(func.max(table.c.starts_at)).where(table.c.event_id == event_id)
    async with database.reading() as db:
        found: datetime = (await db.execute(last)).scalar_one()
        return found


async def rolls_on_at(database: Database, event_id: str) -> datetime | None:
    found = select(events.c.rolls_on_at).where(events.c.id == event_id)
    async with database.reading() as db:
        at: datetime | None = (await db.execute(found)).scalar_one()
        return at


# ── duties ───────────────────────────────────────────────────────────────────────────────────


class Counted:
    """A duty that says how often it was done; `does` is how many things each time."""

    def __init__(self, *does: int) -> None:
        self.does, self.done, self.fails = list(does), 0, False
        self.by: list[str | None] = []

    async def __call__(self, ctx: Context, now: datetime, limit: int) -> int:
        self.done += 1
        self.by.append(ctx.viewer.client_id)
        if self.fails:
            raise RuntimeError("a duty with a bug")
        return self.does.pop(0) if self.does else 0


async def test_a_duty_is_done_when_it_is_due_and_not_before(
    time: SeeTo, clock: StandingClock
) -> None:
    duty = Counted()
    seeing = time(Duty("count", 60, duty))
    for seconds, done in ((0, 1), (0, 1), (59, 1), (1, 2), (30, 2), (600, 3)):
        clock.forward(seconds=seconds)
        assert await seeing.pass_once() is False
        assert duty.done == done
    assert set(duty.by) == {"time"}


async def test_another_process_knows_when_it_was_done(
    time: SeeTo, clock: StandingClock, database: Database
) -> None:
    duty = Counted(7)
    await time(Duty("count", 60, duty)).pass_once()
    await time(Duty("count", 60, duty)).pass_once()
    assert duty.done == 1
    one = (await kept(database))["count"]
    assert (one.ran_at, one.due_at) == (MONDAY, MONDAY + timedelta(seconds=60))
    assert (one.done, one.failures) == (7, 0)
    assert one.request_id.startswith("time_")


async def test_what_was_not_all_goes_on_at_once(time: SeeTo) -> None:
    duty = Counted(5, 5, 2)
    seeing = time(Duty("count", 60, duty, limit=5))
    assert [await seeing.pass_once() for _ in range(4)] == [True, True, False, False]
    assert duty.done == 3


async def test_one_that_fails_does_not_stop_the_others_and_is_told_once(
    time: SeeTo, clock: StandingClock, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    failing, other = Counted(), Counted()
    failing.fails = True
    seeing = time(Duty("fail", 60, failing), Duty("count", 60, other))
    pauses = []
    for number in range(1, 9):
        await seeing.pass_once()
        assert (failing.done, other.done) == (number, number)
        found = (await kept(database))["fail"]
        pauses.append((found.due_at - clock.now()).total_seconds() / 60)
        clock.at = found.due_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    (told,) = caplog.records
    assert told.levelno == logging.ERROR
    assert told.getMessage().startswith("fail failed (time_")
    assert "a duty with a bug" in caplog.text
    failing.fails = False
    await seeing.pass_once()
    assert (await kept(database))["fail"].failures == 0
    assert caplog.records[-1].getMessage().startswith("fail works again (time_")


async def test_what_a_failing_duty_wrote_is_undone(
    time: SeeTo, contents: Contents, caplog: pytest.LogCaptureFixture
) -> None:
    async def half(ctx: Context, now: datetime, limit: int) -> int:
        async with ctx.writing() as db:
            await db.execute(text("update hubs set name = 'Half'"))
            raise RuntimeError("in the middle")

    before = await contents()
    await time(Duty("half", 60, half)).pass_once()
    after = await contents()
    assert {name: rows for name, rows in after.items() if name != "duties"} == {
        name: rows for name, rows in before.items() if name != "duties"
    }


async def test_between_two_duties_it_stops_when_it_is_told_to(time: SeeTo) -> None:
    first, second = Counted(), Counted()
    await time(Duty("first", 60, first), Duty("second", 60, second)).pass_once(
        lambda: bool(first.done)
    )
    assert (first.done, second.done) == (1, 0)


def test_each_duty_has_a_name_of_its_own_and_an_end() -> None:
    names = [duty.name for duty in DUTIES]
    assert len(set(names)) == len(names)
    assert all(duty.limit <= 1_000 and duty.every >= 60 for duty in DUTIES)


async def test_all_the_duties_find_nothing_to_do_on_a_hub_where_nothing_is_due(
    time: SeeTo, context: MakeContext, cast: Cast, contents: Contents
) -> None:
    await publish(context, cast.anna)
    await line.write(context(BY_TIME), MONDAY, 10)  # what the cast did while it was made
    before = await contents()
    await time(*DUTIES).pass_once()
    after = await contents()
    assert len(after["duties"]) == len(DUTIES)
    assert after | {"duties": []} == before | {"duties": []}


# ── series that go on ────────────────────────────────────────────────────────────────────────


async def test_dates_are_there_eighteen_months_ahead_however_much_time_passes(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock, time: SeeTo
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    seeing = time(Duty("roll_on", 600, series.roll_on))
    for _ in range(14):
        clock.forward(days=31)
        await seeing.pass_once()
        ahead = await last_date(database, event_id) - clock.now()
        assert ahead > timedelta(days=17 * 30 + 20)
    gaps = text(
        "select count(*) from (select starts_at - lag(starts_at) over (order by starts_at) as gap"
        " from occurrences) as gaps where gap <> interval '7 days'"
    )
    async with database.reading() as db:
        assert await db.scalar(gaps) == 0


async def test_nothing_is_made_before_a_month_has_passed_and_nothing_is_noted(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, **WEEKLY)
    last = await last_date(database, event_id)
    noted = select(func.count()).select_from(audit_entries)
    async with database.reading() as db:
        before = await db.scalar(noted)
    assert await series.roll_on(context(), clock.forward(days=29), 10) == 0
    assert await last_date(database, event_id) == last
    assert await series.roll_on(context(), clock.forward(days=1), 10) == 1
    assert await last_date(database, event_id) == last + timedelta(weeks=4)
    assert await series.roll_on(context(), clock.now(), 10) == 0
    async with database.reading() as db:
        assert await db.scalar(noted) == before


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (None, None),
        (Recurrence("FREQ=WEEKLY;COUNT=5"), None),
        (Recurrence("FREQ=WEEKLY;UNTIL=20280101"), None),
        (Recurrence("", (STARTS + timedelta(days=9),)), None),
        (Recurrence("FREQ=WEEKLY;COUNT=500"), 30),
        (Recurrence("FREQ=YEARLY;INTERVAL=5"), 30),
        (Recurrence("FREQ=DAILY"), 30),
        (Recurrence("FREQ=DAILY;BYHOUR=6,7,8,9,10,11,12,13,14,15,16,17"), 23),
    ],
)
async def test_only_series_that_go_on_are_looked_at_again(
    context: MakeContext, cast: Cast, database: Database, rule: Recurrence | None, days: int | None
) -> None:
    event_id = await publish(context, cast.anna, recurrence=rule)
    at = await rolls_on_at(database, event_id)
    assert (None if at is None else (at - MONDAY).days) == days


async def test_a_series_that_ends_is_looked_at_no_more(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna, recurrence=Recurrence("FREQ=WEEKLY;COUNT=90"))
    assert await rolls_on_at(database, event_id) is not None
    await series.roll_on(context(), clock.forward(days=100), 10)
    assert await rolls_on_at(database, event_id) is None
    async with database.reading() as db:
        counted = select(func.count()).select_from(table).where(table.c.event_id == event_id)
        assert await db.scalar(counted) == 90


async def test_a_turn_is_bounded_and_takes_those_that_are_due_first(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    made = [await publish(context, cast.anna, **WEEKLY)]
    for _ in range(3):
        clock.forward(days=1)
        made.append(await publish(context, cast.anna, **WEEKLY))
    clock.forward(days=60)
    before = [await rolls_on_at(database, event_id) for event_id in made]
    assert await series.roll_on(context(), clock.now(), 3) == 3
    after = [await rolls_on_at(database, event_id) for event_id in made]
    assert [one == other for one, other in zip(before, after, strict=True)] == [
        False,
        False,
        False,
        True,
    ]
    assert await series.roll_on(context(), clock.now(), 3) == 1


async def test_two_at_once_do_not_wait_for_each_other_and_leave_none_out(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    made = [await publish(context, cast.anna, **WEEKLY) for _ in range(6)]
    now = clock.forward(days=60)
    rolling: list[Awaitable[int]] = [series.roll_on(context(), now, 10) for _ in range(3)]
    assert sum(await asyncio.gather(*rolling)) >= 6
    for event_id in made:
        assert await rolls_on_at(database, event_id) == now + timedelta(days=30)


async def test_one_that_somebody_is_changing_is_left_for_another_time(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> None:
    held, other = [await publish(context, cast.anna, **WEEKLY) for _ in range(2)]
    now = clock.forward(days=60)
    async with database.writing() as db:
        await db.execute(select(events.c.id).where(events.c.id == held).with_for_update())
        assert await series.roll_on(context(), now, 10) == 1
    assert await rolls_on_at(database, other) == now + timedelta(days=30)
    assert await series.roll_on(context(), now, 10) == 1


async def test_one_that_cannot_be_gone_on_with_does_not_keep_the_others_waiting(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, other = [await publish(context, cast.anna, **WEEKLY) for _ in range(2)]
    async with database.writing() as db:
        bad = update(events).where(events.c.id == broken)
        await db.execute(bad.values(rrule="FREQ=HOURLY", rolls_on_at=MONDAY))
    now = clock.forward(days=60)
    assert await series.roll_on(context(), now, 10) == 2
    assert await rolls_on_at(database, broken) == now + timedelta(days=1)
    assert await rolls_on_at(database, other) == now + timedelta(days=30)
    (told,) = caplog.records
    assert told.getMessage().startswith(f"{broken} has no further dates (req_")


async def test_what_is_due_is_found_along_an_index(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    await publish(context, cast.anna, **WEEKLY)
    many = text(
        "insert into events (id, hub_id, organization_id, visibility, version, created_at,"
        " updated_at, title, starts_at, time_zone, over_at, status, publication_status,"
        " attendance_mode, join_mode, owner_visibility)"
        " select 'evt_' || n, hub_id, organization_id, visibility, version, created_at, updated_at,"
        " title, starts_at, time_zone, over_at, status, publication_status, attendance_mode,"
        " join_mode, owner_visibility from events, generate_series(1, 5000) n"
    )
    due = (
        select(events.c.id)
        .where(events.c.rolls_on_at <= datetime(2030, 1, 1, tzinfo=UTC))
        .order_by(events.c.rolls_on_at, events.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    async with database.writing() as db:
        await db.execute(many)
        await db.execute(text("analyze events"))
        compiled = due.compile(dialect=db.dialect, compile_kwargs={"literal_binds": True})
        plan = await db.scalars(text(f"explain {compiled}").columns(plan=Text))
        assert "events_rolling_on_ix" in "\n".join(plan)
