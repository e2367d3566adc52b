"""Anna's kitchen opens every Saturday; then once elsewhere, and from April on in the evening."""

from datetime import timedelta
from typing import Any

import pytest

from domain.recurrence import Recurrence
from storage.engine import Database
from tests.cast import ENDS, STARTS, MakeContext, publish
from tests.conftest import Contents
from tests.journeys.conftest import RiverCity
from tests.somebody_comes import come_to

WEEK = timedelta(weeks=1)
WINDOW = 'from: "2027-03-01T00:00:00Z", to: "2027-06-01T00:00:00Z"'
DATES = f"""query ($event: ID!) {{ event(id: $event) {{
  version title follows {{ id title }} recurrence {{ rrule }}
  occurrences({WINDOW}) {{ nodes {{ id startsAt title description status place {{ name }} }} }}
}} }}"""
ONE_DATE = """mutation ($input: UpdateOccurrenceInput!) { updateOccurrence(input: $input) {
  occurrence { id startsAt endsAt title description status place { name } event { version } }
  userErrors { code field message }
} }"""
FROM_THEN_ON = """mutation ($occurrence: ID!, $input: UpdateEventInput!) {
  updateEventFrom(occurrence: $occurrence, input: $input) {
    event { id version title follows { id } hosts { nodes { organization { name } } } }
    userErrors { code field message }
  }
}"""
WRITING = ("events:read", "events:write", "organizations:read")


@pytest.fixture
async def kitchen(river_city: RiverCity, context: MakeContext) -> str:
    repeats = Recurrence("FREQ=WEEKLY;COUNT=8")
    viewer = river_city.cast.pantry_app
    words = "Soup for everybody."
    return await publish(context, viewer, recurrence=repeats, time_zone="UTC", description=words)


async def dates(river_city: RiverCity, event: str) -> list[dict[str, Any]]:
    found = await river_city.data(DATES, event=event)
    nodes: list[dict[str, Any]] = found["event"]["occurrences"]["nodes"]
    return nodes


async def test_one_date_is_elsewhere_and_everybody_sees_it(
    river_city: RiverCity, kitchen: str
) -> None:
    token = await river_city.token("pantry", *WRITING)
    second = (await dates(river_city, kitchen))[1]["id"]
    done = await river_city.data(
        ONE_DATE,
        token,
        input={
            "id": second,
            "version": 1,
            "title": "Feast",
            "startsAt": "2027-03-13T15:00:00Z",
            "place": {"name": "Library", "country": "US"},
            "status": "RESCHEDULED",
        },
    )
    assert done["updateOccurrence"] == {
        "occurrence": {
            "id": second,
            "startsAt": "2027-03-13T15:00:00+00:00",
            "endsAt": "2027-03-13T18:00:00+00:00",
            "title": "Feast",
            "description": "Soup for everybody.",
            "status": "RESCHEDULED",
            "place": {"name": "Library"},
            "event": {"version": 2},
        },
        "userErrors": [],
    }
    found = await dates(river_city, kitchen)
    assert [date["title"] for date in found[:3]] == ["Food drive", "Feast", "Food drive"]
    back = {"id": second, "version": 2, "title": None, "startsAt": None, "place": None}
    done = await river_city.data(ONE_DATE, token, input={**back, "description": "Bring a spoon."})
    date = done["updateOccurrence"]["occurrence"]
    assert (date["title"], date["startsAt"]) == ("Food drive", "2027-03-13T14:00:00+00:00")
    assert (date["description"], date["status"]) == ("Bring a spoon.", "RESCHEDULED")


async def test_from_april_on_it_is_in_the_evening_and_those_who_come_come_still(
    river_city: RiverCity, kitchen: str, database: Database
) -> None:
    token = await river_city.token("pantry", *WRITING)
    await come_to(database, kitchen, STARTS + 5 * WEEK)
    before = await dates(river_city, kitchen)
    done = await river_city.data(
        FROM_THEN_ON,
        token,
        occurrence=before[4]["id"],
        input={
            "id": kitchen,
            "version": 1,
            "title": "Evening kitchen",
            "startsAt": f"{STARTS + 4 * WEEK + timedelta(hours=4):%Y-%m-%dT%H:%M:%SZ}",
            "endsAt": f"{ENDS + 4 * WEEK + timedelta(hours=4):%Y-%m-%dT%H:%M:%SZ}",
        },
    )
    assert done["updateEventFrom"]["userErrors"] == []
    evening = done["updateEventFrom"]["event"]
    assert (evening["version"], evening["title"]) == (1, "Evening kitchen")
    assert evening["follows"] == {"id": kitchen}
    assert evening["hosts"]["nodes"] == [{"organization": {"name": "River City Pantry"}}]
    ended = await river_city.data(DATES, event=kitchen)
    assert ended["event"]["version"] == 2
    assert ended["event"]["recurrence"] == {"rrule": "FREQ=WEEKLY;COUNT=4"}
    first, second = await dates(river_city, kitchen), await dates(river_city, evening["id"])
    assert [date["id"] for date in (*first, *second)] == [date["id"] for date in before]
    assert {date["startsAt"][11:16] for date in second} == {"18:00"}
    calendar = (await river_city.http.get(f"/events/{evening['id']}.ics")).text
    unfolded = calendar.replace("\r\n ", "")
    assert f"RELATED-TO;RELTYPE=SIBLING:{kitchen}\r\n" in unfolded
    assert f"UID:{evening['id']}\r\n" in unfolded


async def test_a_calendar_does_not_show_a_date_that_the_series_has_no_more(
    river_city: RiverCity, kitchen: str, database: Database
) -> None:
    token = await river_city.token("pantry", *WRITING)
    await come_to(database, kitchen, STARTS + 7 * WEEK)
    shorter = "mutation ($input: UpdateEventInput!) { updateEvent(input: $input) { userErrors { code } } }"
    rule = {"rrule": "FREQ=WEEKLY;COUNT=2"}
    await river_city.data(shorter, token, input={"id": kitchen, "version": 1, "recurrence": rule})
    assert [date["status"] for date in await dates(river_city, kitchen)] == [
        "SCHEDULED",
        "SCHEDULED",
        "CANCELLED",
    ]
    calendar = (await river_city.http.get(f"/events/{kitchen}.ics")).text
    assert "RDATE" not in calendar
    assert "RRULE:FREQ=WEEKLY;COUNT=2\r\n" in calendar


async def test_what_is_refused_is_told_and_changes_nothing(
    river_city: RiverCity, kitchen: str, contents: Contents
) -> None:
    pantry = await river_city.token("pantry", *WRITING)
    shelter = await river_city.token("shelter", *WRITING)
    reading = await river_city.token("pantry", "events:read", "organizations:read")
    second = (await dates(river_city, kitchen))[1]["id"]
    before = await contents()

    async def codes(document: str, token: str, **given: Any) -> list[tuple[str, Any]]:
        answer = await river_city.data(document, token, **given)
        (payload,) = answer.values()
        return [(error["code"], error["field"]) for error in payload["userErrors"]]

    one = {"id": second, "version": 1, "title": "Feast"}
    all_from = {"occurrence": second, "input": {"id": kitchen, "version": 1, "title": "Feast"}}
    assert await codes(ONE_DATE, shelter, input=one) == [("FORBIDDEN", ["id"])]
    assert await codes(FROM_THEN_ON, shelter, **all_from) == [("FORBIDDEN", ["id"])]
    stale = {"id": second, "version": 7, "title": "Feast"}
    assert await codes(ONE_DATE, pantry, input=stale) == [("STALE", ["version"])]
    unknown = {"id": "occ_00000000000000000000000000@hub.test", "version": 1}
    assert await codes(ONE_DATE, pantry, input=unknown) == [("NOT_FOUND", ["id"])]
    answer = await river_city.ask(ONE_DATE, reading, input=one)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INSUFFICIENT_SCOPE"]
    assert await contents() == before
