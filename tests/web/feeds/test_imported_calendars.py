"""What was taken in from a city's calendars is the same in ours, for the calendar programs of others;
and whoever subscribes hears of a change.

`bloomington.ics` is of judell/community-calendar (Apache-2.0): a few events of six organizations. They
are read back by `icalendar`, and by `ical.js`, which Thunderbird reads calendars with.
"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import icalendar

from federation.ics import read_calendar
from resolvers import events, imports, publishing
from resolvers.imports import File, Wanted
from resolvers.operating import operator_for
from tests.web.feeds.test_others_read_feeds import found_by_ical_js, told
from tests.web.visiting import Visit

CALENDAR = (Path(__file__).parents[2] / "data" / "bloomington.ics").read_bytes()
SUMMER = datetime(2026, 8, 1, tzinfo=UTC)
ZONE = "America/Indiana/Indianapolis"


async def take_in(visit: Visit, calendar: bytes = CALENDAR) -> int:
    """By the Pantry; how many events were in it."""
    visit.clock.at = SUMMER
    wanted = Wanted(visit.cast.pantry, "city.ics", ZONE)
    file = File(sha256(calendar).hexdigest(), None, None)
    ctx = visit.context(operator_for(visit.cast.pantry))
    read = read_calendar(calendar, ZONE)
    await imports.run(ctx, wanted, read, file)
    return read.event_count


def sequence_of(entry: icalendar.Event) -> int:
    return int(str(entry["SEQUENCE"]))


async def test_two_programs_read_the_dates_that_were_taken_in(visit: Visit) -> None:
    count = await take_in(visit)
    assert count > 50
    answer = await visit.get(f"/organizations/{visit.cast.pantry}.ics")
    expected = await told(visit)
    assert len(expected) == count
    assert sorted(found_by_ical_js(answer.content)) == expected
    ours = icalendar.Calendar.from_ical(answer.content)
    assert [error for each in ours.walk() for error in each.errors] == []
    theirs = icalendar.Calendar.from_ical(CALENDAR)
    assert sorted((str(each["SUMMARY"]), each.start, each.end) for each in ours.events) == sorted(
        (" ".join(str(each["SUMMARY"]).split()), each.start, each.end) for each in theirs.events
    )


async def test_an_edit_and_a_cancellation_reach_whoever_subscribes_by_a_higher_sequence(
    visit: Visit,
) -> None:
    await take_in(visit)
    address = f"/organizations/{visit.cast.pantry}.ics"
    first = await visit.get(address)
    begun = {str(each["UID"]): each for each in icalendar.Calendar.from_ical(first.content).events}
    edited, cancelled, *others = sorted(begun)
    anna = visit.cast.anna

    async def again(etag: str) -> dict[str, icalendar.Event]:
        answer = await visit.get(address, if_none_match=etag)
        assert answer.status_code == 200
        entries = icalendar.Calendar.from_ical(answer.content).events
        return {str(each["UID"]): each for each in entries}

    unchanged = await visit.get(address, if_none_match=first.headers["etag"])
    assert unchanged.status_code == 304
    visit.clock.forward(minutes=1)
    versions = {each: sequence_of(begun[each]) for each in begun}
    await events.update(visit.context(anna), edited, versions[edited], {"title": "Renamed"})
    after = await again(first.headers["etag"])
    assert after[edited]["SUMMARY"] == "Renamed"
    assert after[edited]["SEQUENCE"] == versions[edited] + 1
    await publishing.cancel(
        visit.context(anna), cancelled, versions[cancelled], "The hall is shut."
    )
    after = await again(first.headers["etag"])
    assert after[cancelled]["STATUS"] == "CANCELLED"
    assert after[cancelled]["SEQUENCE"] == versions[cancelled] + 1
    assert {each: sequence_of(after[each]) for each in others} == {
        each: versions[each] for each in others
    }
