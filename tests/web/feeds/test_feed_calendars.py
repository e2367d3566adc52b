"""The calendar of an organization, a group, an alliance, and of a whole hub."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from domain.calendars import CalendarItem
from domain.events import EventStatus
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from federation.ics import read_calendar
from resolvers import events, publishing
from tests.cast import STARTS, publish, start_group
from tests.one_date import change_one
from tests.web.visiting import Visit
from web.feeds import lists

WEEKLY = Recurrence("FREQ=WEEKLY;COUNT=5")


async def items(visit: Visit, path: str) -> dict[str, CalendarItem]:
    """By their titles, as our own importer reads what the address gives."""
    answer = await visit.get(path)
    assert answer.status_code == 200, answer.text
    calendar = read_calendar(answer.content, "UTC")
    assert not calendar.problems
    return {item.title: item for item in calendar.items}


async def test_each_calendar_has_the_events_of_its_own(visit: Visit) -> None:
    anna, sam = visit.cast.anna, visit.cast.sam
    drivers = await start_group(visit.context, anna, "drivers")
    await publish(visit.context, anna, title="Van wash", group_id=drivers)
    await publish(visit.context, anna, title="Food drive")
    await publish(visit.context, sam, title="Supper", share_with=(visit.cast.city_table,))
    for path, titles in (
        (f"/organizations/{visit.cast.pantry}.ics", {"Van wash", "Food drive"}),
        (f"/organizations/{visit.cast.shelter}.ics", {"Supper"}),
        (f"/organizations/{visit.cast.library}.ics", set()),
        (f"/groups/{drivers}.ics", {"Van wash"}),
        (f"/alliances/{visit.cast.city_table}.ics", {"Supper"}),
        ("/events.ics", {"Van wash", "Food drive", "Supper"}),
    ):
        assert set(await items(visit, path)) == titles, path


async def test_a_calendar_says_what_it_is_and_how_often_to_ask(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    answer = await visit.get(f"/organizations/{visit.cast.pantry}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["last-modified"] == "Mon, 01 Mar 2027 09:00:00 GMT"
    said = answer.text.replace("\r\n ", "").split("\r\n")
    for line in (
        "NAME:River City Pantry",
        "X-WR-CALNAME:River City Pantry",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        f"URL:http://hub.test/organizations/{visit.cast.pantry}",
        f"SOURCE;VALUE=URI:http://hub.test/organizations/{visit.cast.pantry}.ics",
        "LAST-MODIFIED:20270301T090000Z",
        f"UID:{event_id}",
    ):
        assert line in said, line
    assert said.count("BEGIN:VCALENDAR") == said.count("BEGIN:VTIMEZONE") == 1
    assert "DESCRIPTION:The first" not in answer.text
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75


async def test_an_event_is_the_same_in_every_calendar(visit: Visit) -> None:
    """A person who subscribes to two of them has it once."""
    event_id = await publish(visit.context, visit.cast.anna, recurrence=WEEKLY, causes=("food",))
    moved = STARTS + timedelta(days=8)
    await change_one(
        visit.database,
        visit.context().names,
        event_id,
        STARTS + timedelta(days=7),
        starts_at=moved,
        ends_at=moved + timedelta(hours=1),
    )
    alone, listed = [
        sorted(each.to_ical() for each in icalendar.Calendar.from_ical(answer.content).events)
        for answer in (await visit.get(f"/events/{event_id}.ics"), await visit.get("/events.ics"))
    ]
    assert alone == listed
    assert len(alone) == 2


async def test_every_zone_is_told_once(visit: Visit) -> None:
    anna = visit.cast.anna
    for zone in ("Europe/Berlin", "Europe/Berlin", "America/Indiana/Indianapolis"):
        await publish(visit.context, anna, time_zone=zone, recurrence=WEEKLY)
    text = (await visit.get("/events.ics")).text
    assert text.count("BEGIN:VTIMEZONE") == 2
    assert text.index("TZID:America") < text.index("TZID:Europe")  # the same bytes everywhere


async def test_a_change_and_a_cancellation_reach_who_subscribed(visit: Visit) -> None:
    path = f"/organizations/{visit.cast.pantry}.ics"
    event_id = await publish(visit.context, visit.cast.anna)
    first = await visit.get(path)
    again = await visit.get(path, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    visit.clock.forward(hours=1)
    ctx = visit.context(visit.cast.anna)
    await events.update(ctx, event_id, 1, {"title": "Blanket drive"})
    changed = await visit.get(path, if_none_match=first.headers["etag"])
    assert (changed.status_code, "SEQUENCE:2" in changed.text) == (200, True)
    await publishing.cancel(ctx, event_id, 2, "Flood.")
    off = await visit.get(path, if_none_match=changed.headers["etag"])
    assert off.status_code == 200
    (item,) = read_calendar(off.content, "UTC").items
    assert (item.uid, item.sequence, item.status) == (event_id, 3, EventStatus.CANCELLED)


async def test_what_leaves_a_calendar_changes_its_name(visit: Visit) -> None:
    """The newest of what stays is as new as before; whoever asked by its time would not learn."""
    await publish(visit.context, visit.cast.anna)
    other = await publish(visit.context, visit.cast.anna, title="Supper")
    first = await visit.get("/events.ics")
    await publishing.cancel(visit.context(visit.cast.anna), other, 1)
    visit.clock.forward(days=91)
    left = await visit.get(
        "/events.ics",
        if_none_match=first.headers["etag"],
        if_modified_since=first.headers["last-modified"],
    )
    assert left.status_code == 200
    assert "Supper" not in left.text


async def test_what_was_cancelled_stays_for_ninety_days(visit: Visit) -> None:
    far = STARTS + timedelta(days=200)
    event_id = await publish(
        visit.context, visit.cast.anna, starts_at=far, ends_at=far + timedelta(hours=2)
    )
    await publishing.cancel(visit.context(visit.cast.anna), event_id, 1)
    for days, titles in ((0, {"Food drive"}), (89, {"Food drive"}), (2, set())):
        visit.clock.forward(days=days)
        for path in ("/events.ics", f"/organizations/{visit.cast.pantry}.ics"):
            assert set(await items(visit, path)) == titles, days


async def test_what_was_stays_for_ninety_days(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna)
    visit.clock.at = STARTS + timedelta(days=89)
    assert set(await items(visit, "/events.ics")) == {"Food drive"}
    visit.clock.forward(days=2)
    assert set(await items(visit, "/events.ics")) == set()


async def test_a_calendar_without_events_is_one(visit: Visit) -> None:
    """RFC 5545 s3.6: with one component at the least."""
    answer = await visit.get(f"/organizations/{visit.cast.library}.ics")
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert calendar.events == []
    assert [zone.tz_name for zone in calendar.timezones] == ["Etc/UTC"]
    assert calendar.calendar_name == "Northside Library"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed of five holds what it does of a thousand, and takes less long to fill."""
    monkeypatch.setattr(lists, "MOST", 5)
    monkeypatch.setattr(lists, "_PAGE", 2)


@pytest.mark.usefixtures("few")
async def test_what_does_not_fit_follows_under_another_address(visit: Visit) -> None:
    for number in range(12):
        starts = STARTS + timedelta(days=number)
        await publish(
            visit.context,
            visit.cast.anna,
            title=f"Day {number}",
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
        )
    seen: list[list[str]] = []
    address = f"http://hub.test/organizations/{visit.cast.pantry}.ics?lang=en"
    while address:
        assert address.startswith("http://hub.test/organizations/")
        answer = await visit.get(address)
        seen.append(
            [str(each["SUMMARY"]) for each in icalendar.Calendar.from_ical(answer.content).events]
        )
        assert (f"The first {len(seen[-1])} events" in answer.text) == ("next" in answer.links)
        address = answer.links.get("next", {}).get("url", "")
    assert [len(each) for each in seen] == [5, 5, 2]
    assert [title for titles in seen for title in titles] == [
        f"Day {number}" for number in range(12)
    ]


@pytest.mark.usefixtures("few")
async def test_what_is_to_come_stands_before_what_was(visit: Visit) -> None:
    for number in range(8):
        starts = STARTS + timedelta(days=number)
        ends = starts + timedelta(hours=1)
        title = f"Day {number}"
        await publish(visit.context, visit.cast.anna, title=title, starts_at=starts, ends_at=ends)
    visit.clock.at = STARTS + timedelta(days=5, hours=-2)
    # Three to come, and of what was the last two.
    assert set(await items(visit, "/events.ics")) == {f"Day {number}" for number in (3, 4, 5, 6, 7)}


async def test_a_feed_of_long_words_is_cut_before_it_is_too_long(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_BYTES", 50_000)
    monkeypatch.setattr(lists, "_PAGE", 2)
    for number in range(6):
        await publish(
            visit.context, visit.cast.anna, title=f"Day {number}", description="é" * 15_000
        )
    answer = await visit.get("/events.ics")
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "next" in answer.links


async def test_words_that_are_too_long_for_one_answer_are_asked_for_one_by_one(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen events of twenty thousand letters, of four bytes each, are more than one may be."""
    for number in range(16):
        await publish(visit.context, visit.cast.anna, title=str(number), description="🎈" * 19_900)
    monkeypatch.setattr(lists, "MOST_BYTES", 10_000_000)
    assert len(await items(visit, "/events.ics")) == 16


async def test_a_place_that_is_only_roughly_public_is_only_roughly_told(visit: Visit) -> None:
    rough = Place(
        name="At Anna's",
        street_address="3 Mill Lane",
        locality="River City",
        latitude=39.1712345,
        longitude=-86.5312345,
        precision=PlacePrecision.NEAR,
    )
    await publish(visit.context, visit.cast.anna, place=rough)
    for ending in ("ics", "atom", "csv", "jsonld"):
        text = (await visit.get(f"/organizations/{visit.cast.pantry}.{ending}")).text
        assert "River City" in text, ending
        for hidden in ("Mill Lane", "39.17", "86.53"):
            assert hidden not in text, ending


async def test_a_series_that_goes_on_is_in_the_calendar_whenever_it_began(visit: Visit) -> None:
    forever = Recurrence("FREQ=WEEKLY")
    await publish(visit.context, visit.cast.anna, recurrence=forever)
    visit.clock.at = datetime(2028, 3, 1, tzinfo=UTC)
    item = (await items(visit, "/events.ics"))["Food drive"]
    assert item.starts_at == STARTS
    assert item.recurrence is not None
