"""Dates of several events: as a list, a week, a month and on a map."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.events import AttendanceMode, EventStatus
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from tests.cast import STARTS, publish
from tests.web.pages.reading import Read, read
from tests.web.visiting import Visit

WEEK = "view=week&on=2027-03-04"


async def shown(visit: Visit, path: str) -> Read:
    return read(await visit.page(path))


async def test_an_alliance_shows_its_week_and_leads_to_the_next(visit: Visit) -> None:
    table = visit.cast.city_table
    await publish(visit.context, visit.cast.sam, title="Supper", share_with=(table,))
    await publish(visit.context, visit.cast.sam, title="Of our own")
    path = f"/alliances/{table}"
    week = await shown(visit, f"{path}?{WEEK}")
    assert "1 to 7 March 2027" in week.words
    assert "Saturday, 6 March 2027Sat 6 09:00 to 12:00 Supper" in week.words
    assert "Of our own" not in week.words
    assert f"{path}?view=week&on=2027-03-08#dates" in week.links
    assert f"{path}?view=week&on=2027-02-28#dates" in week.links
    after = await shown(visit, f"{path}?view=week&on=2027-03-08")
    assert "8 to 14 March 2027" in after.words
    assert "No dates in this week." in after.words


async def test_a_month_has_whole_weeks(visit: Visit) -> None:
    await publish(
        visit.context, visit.cast.anna, title="Tins", recurrence=Recurrence("FREQ=WEEKLY")
    )
    month = await shown(visit, "/events?view=month&on=2027-04-15")
    assert "April 2027" in month.words
    assert "Monday, 29 March 2027Mon 29" in month.words
    assert "Sunday, 2 May 2027Sun 2" in month.words
    assert month.words.count("Tins") == 5  # from 3 April to 1 May
    assert "/events?view=month&on=2027-03-31#dates" in month.links
    assert "/events?view=month&on=2027-05-01#dates" in month.links


async def test_a_day_is_that_of_the_clocks_of_the_place(visit: Visit) -> None:
    """Late on Sunday in Indiana it is Monday already in UTC; early on Monday in Auckland it is
    Sunday still."""
    for title, zone, starts in (
        ("Late", "America/Indiana/Indianapolis", datetime(2027, 3, 15, 3, tzinfo=UTC)),
        ("Early", "Pacific/Auckland", datetime(2027, 3, 14, 19, tzinfo=UTC)),
    ):
        await publish(
            visit.context,
            visit.cast.anna,
            title=title,
            time_zone=zone,
            starts_at=starts,
            ends_at=None,
        )
    before = await shown(visit, "/events?view=week&on=2027-03-14")
    after = await shown(visit, "/events?view=week&on=2027-03-15")
    assert "Sunday, 14 March 2027Sun 14 23:00 Late" in before.words
    assert "Early" not in before.words
    assert "Monday, 15 March 2027Mon 15 08:00 Early" in after.words
    assert "Late" not in after.words


async def test_today_is_that_of_the_place(visit: Visit) -> None:
    """At one in the night in UTC it is still the evening before in Indiana."""
    late = datetime(2027, 3, 7, 2, tzinfo=UTC)
    await publish(visit.context, visit.cast.anna, title="Late", starts_at=late, ends_at=None)
    visit.clock.at = datetime(2027, 3, 7, 1, tzinfo=UTC)
    for path in ("/", "/events"):
        page = await shown(visit, path)
        assert "Today, Saturday, 6 March 2027 21:00 Late" in page.words, path


async def test_a_month_with_more_dates_than_fit_leads_to_its_weeks(visit: Visit) -> None:
    for number in range(4):
        await publish(
            visit.context,
            visit.cast.anna,
            title=f"Kitchen {number}",
            recurrence=Recurrence("FREQ=DAILY"),
        )
    page = await shown(visit, "/events?view=month&on=2027-04-15")
    assert "There are more dates than fit here. Look at them by week." in page.words
    assert "/events?view=week&on=2027-04-15#dates" in page.links


async def test_a_list_goes_on_where_it_ended(visit: Visit) -> None:
    series = Recurrence("FREQ=DAILY;COUNT=40")
    await publish(visit.context, visit.cast.anna, title="Daily bread", recurrence=series)
    path = f"/organizations/{visit.cast.pantry}"
    first = await shown(visit, path)
    assert first.words.count("Daily bread") == 30
    (later,) = [link for link in first.links if "after=" in link]
    rest = await shown(visit, later.partition("#")[0])
    assert rest.words.count("Daily bread") == 10
    assert "From today on" in rest.words
    assert not [link for link in rest.links if "after=" in link]


async def test_a_map_shows_the_places_by_number_and_says_what_it_cannot_show(visit: Visit) -> None:
    anna = visit.cast.anna
    barn = Place(name="The Barn", locality="River City", latitude=39.2, longitude=-86.4)
    rough = Place("Anna's", locality="River City", precision=PlacePrecision.NEAR)
    await publish(visit.context, anna, title="Food drive")
    await publish(visit.context, anna, title="Barn dance", place=barn)
    await publish(visit.context, anna, title="At home", place=rough)
    await publish(
        visit.context, anna, title="Call", attendance_mode=AttendanceMode.ONLINE, place=None
    )
    page = await shown(visit, "/events?view=map")
    assert "1. Town Hall Food drive" in page.words
    assert "2. The Barn Barn dance" in page.words
    assert "2 dates are online, or at a place that is not public." in page.words
    assert "At home" not in page.words
    circles = [each for each in page.attributes if each[0] == "circle" and each[1] == "cx"]
    assert len(circles) == 3  # two places, and where in the region they are
    assert "/events?near=39.20,-86.40&within=10" in page.links


async def test_a_map_with_nothing_on_it_says_so(visit: Visit) -> None:
    page = await shown(visit, f"/alliances/{visit.cast.city_table}?view=map")
    assert "Nothing in the next sixty days is at a place that can be shown on a map." in page.words


async def test_what_was_called_off_is_struck_out_and_said(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna, title="Off", status=EventStatus.CANCELLED)
    for view in ("list", "week&on=2027-03-06", "map"):
        page = await shown(visit, f"/events?view={view}")
        assert "Cancelled." in page.words, view
        assert ("li", "class", "off") in page.attributes, view


@pytest.mark.parametrize(
    "query",
    [
        "view=nonsense",
        "view=week&on=yesterday",
        "view=month&on=9999-12-31",
        "view=week&on=0001-01-01",
        "view=week&after=x",
        "lang=%00&view=month",
    ],
)
async def test_an_address_that_is_not_understood_shows_the_usual(visit: Visit, query: str) -> None:
    await publish(visit.context, visit.cast.anna)
    assert "Events" in (await shown(visit, f"/events?{query}")).words


async def test_a_place_in_the_list_that_is_none_is_told_as_that(visit: Visit) -> None:
    answer = await visit.get("/events?after=nonsense")
    assert answer.status_code == 400
    assert "Not understood" in read(answer.text).words


async def test_the_translation_asked_for_goes_along(visit: Visit) -> None:
    soon = STARTS + timedelta(days=1)
    await publish(
        visit.context,
        visit.cast.anna,
        starts_at=soon,
        ends_at=None,
        translations={"es": {"title": "Colecta"}},
    )
    page = await shown(visit, "/events?lang=es")
    assert "Colecta" in page.words
    assert "/events?lang=es&view=week#dates" in page.links
