"""Series in an imported calendar: they stay series, and single dates of them differ."""

from datetime import UTC, datetime

from sqlalchemy import select

from domain.events import EventStatus
from domain.importing import Outcome
from domain.recurrence import Recurrence
from resolvers import events
from storage.tables import events as rows
from tests.outside import MONDAY, StandingClock
from tests.resolvers.importing import PANTRY, Desk, told, without

KITCHEN = "kitchen@pantry.example"
# 18:00 there, which is 23:00 in UTC until the clocks change on the 14th.
FIRST = datetime(2027, 3, 2, 23, tzinfo=UTC)
SOUP = datetime(2027, 3, 16, 22, tzinfo=UTC)
CALLED_OFF = datetime(2027, 3, 23, 22, tzinfo=UTC)
LAST = datetime(2027, 4, 6, 22, tzinfo=UTC)


async def test_a_series_stays_a_series_with_its_own_dates(desk: Desk) -> None:
    await desk.take_in()
    kitchen = await desk.event_of(KITCHEN, "")
    assert kitchen.recurrence == Recurrence(
        "FREQ=WEEKLY;COUNT=6",
        (datetime(2027, 3, 4, 23, tzinfo=UTC),),
        (datetime(2027, 3, 9, 23, tzinfo=UTC),),
    )
    assert [date.recurrence_id for date in await desk.dates_of(kitchen.id)] == [
        FIRST,
        datetime(2027, 3, 4, 23, tzinfo=UTC),
        SOUP,
        CALLED_OFF,
        datetime(2027, 3, 30, 22, tzinfo=UTC),
        LAST,
    ]


async def test_a_date_that_differs_is_a_date_of_the_series(desk: Desk) -> None:
    await desk.take_in()
    kitchen = await desk.event_of(KITCHEN, "")
    dates = {date.recurrence_id: date for date in await desk.dates_of(kitchen.id)}
    soup, off, first = dates[SOUP], dates[CALLED_OFF], dates[FIRST]
    assert soup.overrides == ["ends_at", "place", "starts_at", "title"]
    assert (soup.title, soup.place_name) == ("Open kitchen: soup night", "Library")
    assert (soup.starts_at.hour, soup.ends_at.hour) == (23, 1)
    assert (off.overrides, off.status, off.title) == (["status"], "CANCELLED", None)
    assert (first.overrides, first.status, first.place_name) == ([], "SCHEDULED", None)
    assert (await desk.event_of(KITCHEN, "20270316T220000Z")).id == kitchen.id


async def test_what_differs_stays_when_the_series_changes(desk: Desk) -> None:
    await desk.take_in()
    longer = PANTRY.replace("COUNT=6", "COUNT=7")
    assert told(await desk.take_in(longer), "Open kitchen: soup night").changed == ()
    kitchen = await desk.event_of(KITCHEN, "")
    dates = {date.recurrence_id: date for date in await desk.dates_of(kitchen.id)}
    assert len(dates) == 7
    assert dates[SOUP].title == "Open kitchen: soup night"
    assert dates[CALLED_OFF].status == "CANCELLED"


async def test_a_date_follows_its_source_as_an_event_does(desk: Desk, clock: StandingClock) -> None:
    await desk.take_in()
    before = await desk.event_of(KITCHEN, "")
    clock.forward(hours=1)
    changed = PANTRY.replace(": soup night", ": stew night").replace("STATUS:CANCELLED\n", "")
    report = await desk.take_in(changed)
    assert told(report, "Open kitchen: stew night").outcome is Outcome.UPDATE
    after = await desk.event_of(KITCHEN, "")
    dates = {date.recurrence_id: date for date in await desk.dates_of(after.id)}
    assert dates[SOUP].title == "Open kitchen: stew night"
    assert (dates[CALLED_OFF].status, dates[CALLED_OFF].overrides) == ("SCHEDULED", [])
    # Who keeps up with the event by its version learns of it.
    assert (after.version, after.updated_at) == (before.version + 1, clock.now())
    assert await desk.audited(after.id) == [
        ("event.created", None),
        ("event.updated", "occurrences"),
    ]


async def test_a_date_that_is_moved_past_the_end_makes_the_series_last_as_long(desk: Desk) -> None:
    late = PANTRY.replace("20270316T190000", "20270516T190000").replace(
        "20270316T210000", "20270516T210000"
    )
    await desk.take_in(late)
    kitchen = await desk.event_of(KITCHEN, "")
    over = select(rows.c.over_at).where(rows.c.id == kitchen.id)
    async with desk.database.reading() as db:
        assert await db.scalar(over) == datetime(2027, 5, 17, 1, tzinfo=UTC)


async def test_a_date_of_no_series_is_an_event_of_its_own(desk: Desk) -> None:
    report = await desk.take_in()
    swap = await desk.event_of("orphan@pantry.example", "20270312T170000Z")
    assert (swap.title, swap.recurrence) == ("Seed swap", None)
    assert swap.starts_at == datetime(2027, 3, 12, 18, tzinfo=UTC)
    assert told(report, "Seed swap").outcome is Outcome.CREATE


async def test_a_date_that_its_series_does_not_have_is_an_event_of_its_own(desk: Desk) -> None:
    stray = PANTRY.replace(
        "RECURRENCE-ID;TZID=America/Indiana/Indianapolis:20270316",
        "RECURRENCE-ID;TZID=America/Indiana/Indianapolis:20270317",
    )
    await desk.take_in(stray)
    kitchen = await desk.event_of(KITCHEN, "")
    soup = await desk.event_of(KITCHEN, "20270317T220000Z")
    assert soup.id != kitchen.id
    assert soup.title == "Open kitchen: soup night"
    assert len(await desk.dates_of(soup.id)) == 1


async def test_a_date_stays_one_of_its_series_when_the_series_leaves_the_file(desk: Desk) -> None:
    await desk.take_in()
    kitchen = await desk.event_of(KITCHEN, "")
    series_end = PANTRY.index("UID:kitchen@pantry.example")
    alone = (
        PANTRY[: PANTRY.rindex("BEGIN:VEVENT", 0, series_end)]
        + PANTRY[PANTRY.index("BEGIN:VEVENT", series_end) :]
    )
    renamed = alone.replace(": soup night", ": stew night")
    report = await desk.take_in(renamed)
    assert told(report, "Open kitchen: stew night").event_id == kitchen.id
    assert [one.uid for one in report.entries if one.outcome is Outcome.VANISHED] == [KITCHEN]
    assert (await desk.event_of(KITCHEN, "")).recurrence is not None


async def test_a_date_that_left_the_file_stays_as_it_was_and_is_told(desk: Desk) -> None:
    await desk.take_in()
    report = await desk.take_in(without(PANTRY, "Open kitchen: soup night"))
    (gone,) = [one for one in report.entries if one.outcome is Outcome.VANISHED]
    assert gone.recurrence_id == "20270316T220000Z"
    kitchen = await desk.event_of(KITCHEN, "")
    dates = {date.recurrence_id: date for date in await desk.dates_of(kitchen.id)}
    assert dates[SOUP].title == "Open kitchen: soup night"


async def test_dates_that_took_place_long_ago_are_kept_where_they_differ(
    desk: Desk, clock: StandingClock
) -> None:
    clock.at = datetime(2027, 12, 1, tzinfo=UTC)
    endless = PANTRY.replace("FREQ=WEEKLY;COUNT=6", "FREQ=WEEKLY")
    await desk.take_in(endless)
    kitchen = await desk.event_of(KITCHEN, "")
    differing = [date.recurrence_id for date in await desk.dates_of(kitchen.id) if date.overrides]
    assert differing == [SOUP, CALLED_OFF]
    await desk.take_in(endless.replace("SUMMARY:Open kitchen\n", "SUMMARY:Kitchen\n"))
    differing = [date.recurrence_id for date in await desk.dates_of(kitchen.id) if date.overrides]
    assert differing == [SOUP, CALLED_OFF]


async def test_a_date_too_far_ahead_comes_in_when_its_time_comes(
    desk: Desk, clock: StandingClock
) -> None:
    endless = PANTRY.replace("FREQ=WEEKLY;COUNT=6", "FREQ=WEEKLY")
    far = endless.replace("20270316T", "20290313T")
    report = await desk.take_in(far)
    soup = told(report, "Open kitchen: soup night")
    assert "further ahead than dates are kept" in (soup.message or "")
    kitchen = await desk.event_of(KITCHEN, "")
    clock.at = MONDAY.replace(year=2028)
    soup = told(await desk.take_in(far), "Open kitchen: soup night")
    assert soup.outcome is Outcome.UPDATE
    (date,) = [d for d in await desk.dates_of(kitchen.id) if d.title]
    assert date.recurrence_id == datetime(2029, 3, 13, 22, tzinfo=UTC)
    assert (await desk.event_of(KITCHEN, "")).status is EventStatus.SCHEDULED


async def test_a_date_that_its_series_has_no_longer_comes_to_be_an_event_of_its_own(
    desk: Desk,
) -> None:
    await desk.take_in()
    kitchen = await desk.event_of(KITCHEN, "")
    excluded = PANTRY.replace("20270309T180000\nRDATE", "20270309T180000,20270316T180000\nRDATE")
    await desk.take_in(excluded.replace(": soup night", ": stew night"))
    stew = await desk.event_of(KITCHEN, "20270316T220000Z")
    assert (stew.id != kitchen.id, stew.title) == (True, "Open kitchen: stew night")
    assert SOUP not in {date.recurrence_id for date in await desk.dates_of(kitchen.id)}
    assert (await desk.event_of(KITCHEN, "")).title == "Open kitchen"


async def test_a_date_that_anna_took_out_of_the_series_stays_out(desk: Desk) -> None:
    await desk.take_in()
    kitchen = await desk.event_of(KITCHEN, "")
    fewer = Recurrence("FREQ=WEEKLY;COUNT=2")
    await events.update(desk.context(desk.cast.anna), kitchen.id, 1, {"recurrence": fewer})
    report = await desk.take_in(PANTRY.replace(": soup night", ": stew night"))
    stew = told(report, "Open kitchen: stew night")
    assert (stew.outcome, stew.kept) == (Outcome.KEEP, ("recurrence",))
    assert len(await desk.dates_of(kitchen.id)) == 2
