"""An event's address with .ics: what calendars open and subscribe to."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.calendars import CalendarItem
from domain.events import AttendanceMode, EventStatus
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from federation.ics import read_calendar
from resolvers import events, merging, publishing
from tests.cast import STARTS, publish
from tests.one_date import change_one
from tests.web.visiting import Visit

WEEKLY = Recurrence("FREQ=WEEKLY;COUNT=5")
WEEK = timedelta(weeks=1)


async def items(visit: Visit, event_id: str) -> list[CalendarItem]:
    """As our own importer reads what the address gives."""
    answer = await visit.get(f"/events/{event_id}.ics")
    assert answer.status_code == 200, answer.text
    calendar = read_calendar(answer.content, "UTC")
    assert not calendar.problems
    return list(calendar.items)


async def change_date(visit: Visit, event_id: str, at: datetime, **changes: object) -> None:
    await change_one(visit.database, visit.context().names, event_id, at, **changes)


def lines(answer_text: str) -> list[str]:
    return answer_text.replace("\r\n ", "").split("\r\n")


async def test_a_calendar_program_reads_the_event(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        description="Bring tins, please;\nno glass.",
        causes=("food",),
    )
    answer = await visit.get(f"/events/{event_id}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    said = lines(answer.text)
    for line in (
        "X-WR-CALNAME:Food drive",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        f"UID:{event_id}",
        "DTSTAMP:20270301T090000Z",
        "LAST-MODIFIED:20270301T090000Z",
        "SEQUENCE:1",
        "STATUS:CONFIRMED",
        "DTSTART;TZID=America/Indiana/Indianapolis:20270306T090000",
        "DTEND;TZID=America/Indiana/Indianapolis:20270306T120000",
        "SUMMARY:Food drive",
        r"DESCRIPTION:Bring tins\, please\;\nno glass.\n\nHosted by River City Pantry.",
        r"LOCATION:Town Hall\, 1 Main Street\, River City\, Indiana\, US",
        "GEO:39.1653;-86.5264",
        f"URL:http://hub.test/events/{event_id}",
        "CATEGORIES:food",
        "TZID:America/Indiana/Indianapolis",
    ):
        assert line in said, line
    assert "ORGANIZER" not in answer.text
    assert "ATTENDEE" not in answer.text


async def test_every_line_is_folded_and_ends_as_rfc_5545_asks(visit: Visit) -> None:
    words = "Wärme, Brot und سلام für alle. " * 40
    event_id = await publish(visit.context, visit.cast.anna, description=words)
    body = (await visit.get(f"/events/{event_id}.ics")).content
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    (item,) = await items(visit, event_id)
    assert item.description == f"{words.strip()}\n\nHosted by River City Pantry."


async def test_a_change_raises_the_sequence_and_keeps_the_name(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    (before,) = await items(visit, event_id)
    visit.clock.forward(hours=1)
    ctx = visit.context(visit.cast.anna)
    await events.update(ctx, event_id, 1, {"title": "Food and blanket drive"})
    (after,) = await items(visit, event_id)
    assert (before.uid, after.uid) == (event_id, event_id)
    assert after.sequence > before.sequence
    assert after.last_modified == visit.clock.now()
    assert after.title == "Food and blanket drive"


@pytest.mark.parametrize(
    ("status", "written", "told"),
    [
        (EventStatus.CANCELLED, "CANCELLED", "Cancelled. It does not take place."),
        (EventStatus.POSTPONED, "TENTATIVE", "Postponed."),
        (EventStatus.TENTATIVE, "TENTATIVE", "Not certain yet."),
        (EventStatus.RESCHEDULED, "CONFIRMED", "Moved to another time."),
        (EventStatus.MOVED_ONLINE, "CONFIRMED", "Moved online."),
    ],
)
async def test_whoever_subscribed_learns_that_it_is_not_as_planned(
    visit: Visit, status: EventStatus, written: str, told: str
) -> None:
    event_id = await publish(visit.context, visit.cast.anna, status=status)
    said = lines((await visit.get(f"/events/{event_id}.ics")).text)
    assert f"STATUS:{written}" in said
    assert any(line.startswith(f"DESCRIPTION:{told}") for line in said)


async def test_a_series_stays_at_its_hour_when_the_clocks_change(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        recurrence=Recurrence("FREQ=WEEKLY;BYDAY=SA;UNTIL=20270501", (), (STARTS + WEEK,)),
    )
    answer = await visit.get(f"/events/{event_id}.ics")
    said = lines(answer.text)
    # A day as UNTIL of a series with times is one that most programs would not understand.
    assert "RRULE:FREQ=WEEKLY;UNTIL=20270502T035959Z;BYDAY=SA" in said
    assert "EXDATE;TZID=America/Indiana/Indianapolis:20270313T090000" in said
    zone = answer.text.partition("BEGIN:VTIMEZONE")[2].partition("END:VTIMEZONE")[0]
    assert re.search(r"BEGIN:DAYLIGHT\r\nDTSTART:\d{8}T030000", zone)
    assert "20270314T030000" in zone


async def test_dates_that_differ_replace_those_of_the_series(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, recurrence=WEEKLY)
    second, third, fourth = (_week(each) for each in (1, 2, 3))
    await change_date(visit, event_id, second, status=EventStatus.CANCELLED)
    moved = third + timedelta(days=1, hours=2)
    await change_date(visit, event_id, third, starts_at=moved, ends_at=moved + timedelta(hours=1))
    elsewhere = Place(name="The Barn", locality="River City")
    await change_date(visit, event_id, fourth, title="Barn drive", place=elsewhere)
    series, *single = await items(visit, event_id)
    assert series.recurrence is not None
    assert series.recurrence.rrule == "FREQ=WEEKLY;COUNT=5"
    assert {item.uid for item in single} == {event_id}
    assert [item.recurrence_id for item in single] == [second, third, fourth]
    assert [item.status for item in single] == [
        EventStatus.CANCELLED,
        EventStatus.SCHEDULED,
        EventStatus.SCHEDULED,
    ]
    assert (single[1].starts_at, single[1].ends_at) == (moved, moved + timedelta(hours=1))
    assert single[2].title == "Barn drive"
    assert single[2].place == Place(name="The Barn, River City")


async def test_a_date_that_differs_is_found_behind_hundreds_of_others(visit: Visit) -> None:
    """More dates than the contract gives at a time."""
    daily = Recurrence("FREQ=DAILY;COUNT=400")
    event_id = await publish(visit.context, visit.cast.anna, recurrence=daily)
    at = datetime(2028, 1, 3, 14, tzinfo=UTC)
    await change_date(visit, event_id, at, title="Stock-taking")
    series, single = await items(visit, event_id)
    assert (single.recurrence_id, single.title) == (at, "Stock-taking")
    assert series.title == "Food drive"


async def test_dates_that_took_place_stay_when_the_rest_is_called_off(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, recurrence=WEEKLY)
    visit.clock.forward(days=7)  # the first date lies behind
    ctx = visit.context(visit.cast.anna)
    await events.update(ctx, event_id, 1, {"status": EventStatus.CANCELLED})
    series, first = await items(visit, event_id)
    assert series.status is EventStatus.CANCELLED
    assert (first.recurrence_id, first.status) == (STARTS, EventStatus.SCHEDULED)


async def test_an_event_of_whole_days_is_written_in_days(visit: Visit) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        starts_at=datetime(2027, 3, 6, 5, tzinfo=UTC),
        ends_at=datetime(2027, 3, 8, 5, tzinfo=UTC),
        all_day=True,
    )
    said = lines((await visit.get(f"/events/{event_id}.ics")).text)
    assert "DTSTART;VALUE=DATE:20270306" in said
    assert "DTEND;VALUE=DATE:20270308" in said


@pytest.mark.parametrize("hour", [5, 6])
async def test_an_hour_that_the_clocks_show_twice_is_the_one_that_was_meant(
    visit: Visit, hour: int
) -> None:
    """In the night to 7 November 2027 it is half past one twice."""
    starts = datetime(2027, 11, 7, hour, 30, tzinfo=UTC)
    event_id = await publish(
        visit.context, visit.cast.anna, starts_at=starts, ends_at=starts + timedelta(minutes=15)
    )
    (item,) = await items(visit, event_id)
    assert (item.starts_at, item.ends_at) == (starts, starts + timedelta(minutes=15))
    assert item.time_zone == "America/Indiana/Indianapolis"


async def test_what_is_online_says_where(visit: Visit) -> None:
    address = "https://meet.example/food,drive;1"
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        place=None,
        attendance_mode=AttendanceMode.ONLINE,
        online_url=address,
    )
    said = lines((await visit.get(f"/events/{event_id}.ics")).text)
    assert f"CONFERENCE;VALUE=URI:{address}" in said
    (item,) = await items(visit, event_id)
    assert (item.place, item.online_url) == (None, address)


async def test_a_place_that_is_only_roughly_public_has_no_position(visit: Visit) -> None:
    rough = Place(
        name="At Anna's",
        street_address="3 Mill Lane",
        locality="River City",
        latitude=39.17,
        longitude=-86.53,
        precision=PlacePrecision.NEAR,
    )
    event_id = await publish(visit.context, visit.cast.anna, place=rough)
    text = (await visit.get(f"/events/{event_id}.ics")).text
    assert "GEO" not in text
    assert "Mill Lane" not in text
    assert r"LOCATION:At Anna's\, River City" in lines(text)


async def test_whoever_has_it_is_not_sent_it_again(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    path = f"/events/{event_id}.ics"
    first = await visit.get(path)
    assert first.headers["cache-control"] == "public, max-age=60"
    visit.clock.forward(minutes=5)
    again = await visit.get(path, if_none_match=f'"other", W/{first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    await events.update(visit.context(visit.cast.anna), event_id, 1, {"title": "Blanket drive"})
    changed = await visit.get(path, if_none_match=first.headers["etag"])
    assert changed.status_code == 200
    assert "Blanket drive" in changed.text


@pytest.mark.parametrize("suffix", [".ics", ".jsonld"])
async def test_what_is_not_public_is_not_there(visit: Visit, suffix: str) -> None:
    """Neither for whoever might see it with a token: feeds are for nobody in particular."""
    hidden = await publish(visit.context, visit.cast.anna, visibility=Visibility.PRIVATE)
    shared = await publish(visit.context, visit.cast.anna, visibility=Visibility.ALLIANCE)
    unknown = hidden[:5] + "0" + hidden[6:]
    paths = [
        f"/events/{each}{suffix}" for each in (hidden, shared, unknown, "soup", "a/b", "%00", "")
    ]
    answers = [await visit.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {
        b"There is no such event, or it is not public.\n"
    }
    heads = [dict(answer.headers) for answer in answers]
    for head in heads:
        del head["x-request-id"]
    assert all(head == heads[0] for head in heads)


async def test_an_unlisted_event_is_there_for_whoever_has_its_address(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, visibility=Visibility.UNLISTED)
    (item,) = await items(visit, event_id)
    assert item.uid == event_id


def _week(number: int) -> datetime:
    """The start of a date of the weekly drive: nine in the morning, also in summer time."""
    at = STARTS + number * WEEK
    return at - timedelta(hours=1) if at >= datetime(2027, 3, 14, 7, tzinfo=UTC) else at


async def test_a_calendar_that_knows_a_duplicate_hears_of_the_event_that_replaced_it(
    visit: Visit,
) -> None:
    """Whoever subscribed to either entry of one event learns that it is called off."""
    stays = await publish(visit.context, visit.cast.anna)
    duplicate = await publish(visit.context, visit.cast.anna, title="Food drive (copy)")
    (before,) = await items(visit, duplicate)
    await merging.merge(visit.context(visit.cast.anna), duplicate, stays)
    (merged,) = await items(visit, duplicate)
    assert (merged.uid, merged.title) == (duplicate, "Food drive")
    await publishing.cancel(visit.context(visit.cast.anna), stays, 1)
    for event_id in (stays, duplicate):
        (item,) = await items(visit, event_id)
        assert (item.uid, item.status) == (event_id, EventStatus.CANCELLED)
    assert before.sequence is not None
    assert item.sequence is not None
    assert item.sequence > before.sequence
    told = item.sequence
    await merging.unmerge(visit.context(visit.cast.anna), duplicate)
    (again,) = await items(visit, duplicate)
    assert (again.title, again.status) == ("Food drive (copy)", EventStatus.SCHEDULED)
    assert again.sequence is not None
    assert again.sequence > told
