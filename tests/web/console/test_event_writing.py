"""Writing events: a new one, one like another, changing one, and what is not accepted."""

import html
import re
from typing import Any

import httpx
import pytest

from domain.recurrence import Recurrence
from domain.sharing import HostEditing
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from tests.cast import publish
from tests.conftest import Contents
from tests.web.account.browsing import Browser
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff

NEW = f"{PANTRY}/events/new"
WRITTEN = """
query Written($id: ID!) {
  event(id: $id) {
    title summary description startsAt endsAt timeZone allDay status publicationStatus version
    recurrence { rrule dates exceptions } attendanceMode onlineUrl isFree capacity joinMode
    registrationUrl visibility causes languages
    place { name streetAddress locality country latitude longitude precision }
    accessibility { status notes features } contact { name email telephone url }
    sharedWith { id } translations { language title summary } group { id }
    occurrences(from: "2027-01-01T00:00:00Z", to: "2028-01-01T00:00:00Z", first: 100) {
      nodes { startsAt }
    }
  }
}
"""
FILLED = {
    "title": "Soup evening",
    "startsAt": "2027-03-13",
    "startsAt-time": "18:00",
    "endsAt-time": "21:00",
}


async def written(staff: Staff, event_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await staff.asked(WRITTEN, id=event_id))["event"]
    return found


def made(answer: httpx.Response, done: str = "made", console: str = PANTRY) -> str:
    """The id of the event that the answer leads to."""
    assert answer.status_code == 303, problems(answer)
    found = re.fullmatch(rf"{console}/events/([^?]+)\?done={done}", answer.headers["location"])
    assert found, answer.headers["location"]
    return found[1]


def problems(answer: httpx.Response) -> str:
    found = re.search(r'<div class="problems".*?</div>', answer.text, re.DOTALL)
    return html.unescape(found[0]) if found else answer.text


async def sent(browser: Browser, path: str, **fields: str) -> httpx.Response:
    page = await browser.open(path)
    assert page.status_code == 200, page.text
    return await browser.send(browser.form(path.partition("?")[0]), **fields)


def kept(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: each for name, each in rows.items() if name != "idempotency_keys"}


# ── new ones ─────────────────────────────────────────────────────────────────────────────────


async def test_a_new_event_is_a_draft_with_all_that_was_filled_in(staff: Staff) -> None:
    answer = await sent(
        staff.anna,
        NEW,
        **FILLED,
        **{
            "summary": "Soup for all.",
            "description": "First line.\r\nSecond line.",
            "attendanceMode": "HYBRID",
            "place-name": "Town Hall",
            "place-streetAddress": "1 Main Street",
            "place-country": "US",
            "place-latitude": "39,1653",
            "place-longitude": "-86.5264",
            "onlineUrl": "https://meet.example/soup",
            "accessibility-status": "PARTLY",
            "accessibility-notes": "A step at the door.",
            "accessibility-features": "wheelchairAccessible\r\nsignLanguage",
            "causes": "Food Justice, housing",
            "language": "en",
            "language-more": "es",
            "isFree": "yes",
            "capacity": "40",
            "joinMode": "APPROVAL",
            "contact-name": "Anna",
            "contact-email": "anna@pantry.example",
            "visibility": "ALLIANCE",
            "shareWith": staff.cast.city_table,
            "translations-0-language": "es",
            "translations-0-title": "Noche de sopa",
        },
    )
    event = await written(staff, made(answer))
    assert event["publicationStatus"] == "DRAFT"
    assert event["startsAt"] == "2027-03-13T18:00:00-05:00"
    assert event["endsAt"] == "2027-03-13T21:00:00-05:00"
    assert event["description"] == "First line.\nSecond line."
    assert event["place"] == {
        "name": "Town Hall",
        "streetAddress": "1 Main Street",
        "locality": "River City",
        "country": "US",
        "latitude": 39.1653,
        "longitude": -86.5264,
        "precision": "PRECISE",
    }
    assert event["accessibility"]["features"] == ["wheelchairAccessible", "signLanguage"]
    assert (event["causes"], event["languages"]) == (["food-justice", "housing"], ["en", "es"])
    assert (event["isFree"], event["capacity"], event["joinMode"]) == (True, 40, "APPROVAL")
    assert event["contact"]["email"] == "anna@pantry.example"
    assert event["visibility"] == "ALLIANCE"
    assert event["sharedWith"] == [{"id": staff.cast.city_table}]
    assert event["translations"] == [{"language": "es", "title": "Noche de sopa", "summary": None}]


@pytest.mark.parametrize(
    ("choice", "rrule", "third"),
    [
        ({"repeats": "weekly"}, "FREQ=WEEKLY;BYDAY=SA", "2027-03-27T18:00:00-04:00"),
        (
            {"repeats": "weekly", "every": "2", "weekday-SA": "on", "weekday-SU": "on"},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU",
            "2027-03-27T18:00:00-04:00",
        ),
        ({"repeats": "weekday"}, "FREQ=MONTHLY;BYDAY=2SA", "2027-05-08T18:00:00-04:00"),
        ({"repeats": "day"}, "FREQ=MONTHLY;BYMONTHDAY=13", "2027-05-13T18:00:00-04:00"),
        (
            {"repeats": "daily", "ends": "after", "times": "3"},
            "FREQ=DAILY;COUNT=3",
            "2027-03-15T18:00:00-04:00",
        ),
        (
            {"repeats": "weekly", "ends": "on", "until": "2027-03-27"},
            "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270328T035959Z",
            "2027-03-27T18:00:00-04:00",
        ),
    ],
)
async def test_it_repeats_as_was_chosen(
    staff: Staff, choice: dict[str, str], rrule: str, third: str
) -> None:
    event = await written(staff, made(await sent(staff.anna, NEW, **FILLED, **choice)))
    assert event["recurrence"]["rrule"] == rrule
    assert event["occurrences"]["nodes"][2]["startsAt"] == third
    if "ends" in choice:
        assert len(event["occurrences"]["nodes"]) == 3


async def test_an_evening_that_ends_after_midnight_ends_on_the_next_day(staff: Staff) -> None:
    answer = await sent(staff.anna, NEW, **{**FILLED, "endsAt-time": "01:30"})
    event = await written(staff, made(answer))
    assert event["endsAt"] == "2027-03-14T01:30:00-05:00"


async def test_whole_days_go_from_midnight_to_midnight(staff: Staff) -> None:
    answer = await sent(staff.anna, NEW, **FILLED, allDay="on", endsAt="2027-03-14")
    event_id = made(answer)
    event = await written(staff, event_id)
    assert event["allDay"] is True
    assert event["startsAt"] == "2027-03-13T00:00:00-05:00"
    assert event["endsAt"] == "2027-03-15T00:00:00-04:00"
    answer = await sent(staff.anna, f"{PANTRY}/events/{event_id}/edit")
    assert made(answer, "nothing") == event_id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "  "}, "Say what it is called."),
        ({"startsAt": ""}, "Say on which day it starts."),
        ({"startsAt": "2027-02-30"}, "Write the day like this"),
        ({"startsAt-time": "25:00"}, "Write the time like this"),
        ({"endsAt": "2027-03-12", "endsAt-time": "20:00"}, "An event ends after it starts."),
        ({"endsAt": "2027-03-14", "endsAt-time": ""}, "Say when it ends on that day."),
        ({"timeZone": "Nowhere/Else"}, "Choose the time zone of the place"),
        ({"onlineUrl": "javascript:alert(1)"}, "A web address begins with https://"),
        ({"contact-email": "anna"}, "An e-mail address looks like"),
        ({"capacity": "many"}, "Write a number"),
        ({"capacity": "0"}, "Capacity is 1 to 1,000,000 people"),
        ({"joinMode": "EXTERNAL"}, "Say where people sign up."),
        ({"place-latitude": "north"}, "Write degrees as a number"),
        ({"place-latitude": "39.1"}, "both"),
        ({"visibility": "GROUP"}, "Only an event of a group"),
        ({"repeats": "weekly", "ends": "on"}, "Say until which day it goes on."),
        ({"repeats": "daily", "ends": "after", "times": "0"}, "Say how many times"),
        ({"repeats": "weekly", "every": "0"}, "Write a number from 1 on"),
        ({"translations-0-title": "Sopa"}, "Say in which language this is."),
        ({"description": "x" * 20_001}, "letters fit here"),
        ({"language": "no language"}, "Choose a language from the list."),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_typed_stays(
    staff: Staff, contents: Contents, fields: dict[str, str], said: str
) -> None:
    await staff.anna.open(NEW)
    before = await contents()
    filled = {**FILLED, "summary": "Typed by hand", **fields}
    answer = await staff.anna.send(staff.anna.form(NEW), **filled)
    assert answer.status_code == 422
    assert said in problems(answer)
    shown = staff.anna.form(NEW).fields
    for name in ("title", "summary", *fields):
        if not name.startswith(("place-country", "timeZone")):
            assert shown[name].strip() == filled[name].strip(), name
    assert kept(await contents()) == kept(before)


async def test_whoever_may_not_publish_for_it_makes_nothing(
    staff: Staff, contents: Contents
) -> None:
    vera = await staff.somebody("Vera", staff.cast.pantry, "VIEWER")
    page = await vera.open(f"{PANTRY}/events")
    assert NEW not in vera.links
    assert "New event" not in page.text
    before = await contents()
    assert (await vera.open(NEW)).status_code == 403
    await vera.open("/account")
    form = vera.form()
    form.action, form.method = NEW, "post"
    assert (await vera.send(form, **FILLED)).status_code == 403
    assert kept(await contents()) == kept(before)


async def test_the_same_form_sent_twice_makes_one_event(staff: Staff, contents: Contents) -> None:
    await staff.anna.open(NEW)
    form = staff.anna.form(NEW)
    first = made(await staff.anna.send(form, **FILLED))
    assert made(await staff.anna.send(form, **FILLED)) == first
    assert len((await contents())["events"]) == 1


async def test_a_form_of_another_session_makes_nothing(staff: Staff, contents: Contents) -> None:
    await staff.anna.open(NEW)
    form = staff.anna.form(NEW)
    form.fields["form_token"] = "forged"
    before = await contents()
    assert (await staff.anna.send(form, **FILLED)).status_code == 403
    assert await contents() == before


async def test_one_like_another_has_its_words_and_no_day(staff: Staff) -> None:
    event_id = await publish(
        staff.context,
        staff.cast.anna,
        title="Soup evening",
        description="Bring a spoon.",
        capacity=40,
        recurrence=Recurrence("FREQ=WEEKLY;BYDAY=SA"),
    )
    await staff.anna.open(f"{NEW}?like={event_id}")
    form = staff.anna.form(NEW)
    assert (form.fields["title"], form.fields["description"]) == ("Soup evening", "Bring a spoon.")
    assert (form.fields["startsAt"], form.fields["startsAt-time"]) == ("", "09:00")
    other = made(await staff.anna.send(form, startsAt="2027-06-05"))
    event = await written(staff, other)
    assert other != event_id
    assert event["startsAt"] == "2027-06-05T09:00:00-04:00"
    assert (event["capacity"], event["recurrence"]) == (40, None)
    assert event["place"]["name"] == "Town Hall"


# ── changing ─────────────────────────────────────────────────────────────────────────────────


async def test_a_change_changes_what_was_changed_and_nothing_else(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, capacity=40, causes=("food",))
    before = await written(staff, event_id)
    answer = await sent(
        staff.anna,
        f"{PANTRY}/events/{event_id}/edit",
        **{"title": "Food drive in May", "place-name": "Old Hall", "capacity": ""},
    )
    assert made(answer, "changed") == event_id
    after = await written(staff, event_id)
    assert after == {
        **before,
        "title": "Food drive in May",
        "capacity": None,
        "place": {**before["place"], "name": "Old Hall"},
        "version": before["version"] + 1,
    }
    page = await staff.anna.open(answer.headers["location"])
    assert "Your changes are saved." in page.text


async def test_a_form_sent_as_it_is_changes_nothing(staff: Staff) -> None:
    rules = ("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20270601T000000Z",
             "FREQ=MONTHLY;BYDAY=1SA", "FREQ=YEARLY;BYMONTH=3;BYDAY=1SA", "FREQ=DAILY;COUNT=9")  # fmt: skip
    for rule in rules:
        event_id = await publish(
            staff.context,
            staff.cast.anna,
            recurrence=Recurrence(rule),
            translations={"de": {"title": "Sammlung"}, "es": {"title": "Colecta"}},
            languages=("en", "es", "de"),
        )
        answer = await sent(staff.anna, f"{PANTRY}/events/{event_id}/edit")
        assert made(answer, "nothing") == event_id
        assert (await written(staff, event_id))["version"] == 1


async def test_a_rule_that_is_more_than_the_choices_stays_until_another_is_chosen(
    staff: Staff,
) -> None:
    rule = "FREQ=YEARLY;BYMONTH=3;BYDAY=1SA"
    event_id = await publish(staff.context, staff.cast.anna, recurrence=Recurrence(rule))
    edit = f"{PANTRY}/events/{event_id}/edit"
    page = await staff.anna.open(edit)
    assert rule in page.text
    assert staff.anna.form(edit).fields["repeats"] == "kept"
    made(await staff.anna.send(staff.anna.form(edit), title="Spring day"), "changed")
    assert (await written(staff, event_id))["recurrence"]["rrule"] == rule
    made(await sent(staff.anna, edit, repeats="once"), "changed")
    assert (await written(staff, event_id))["recurrence"] is None


async def test_a_date_left_out_stays_left_out_at_another_hour(staff: Staff) -> None:
    left_out = "2027-03-20T09:00:00-04:00"
    event_id = made(await sent(staff.anna, NEW, **FILLED, repeats="weekly"))
    await staff.asked(
        """mutation ($input: UpdateEventInput!) {
          updateEvent(input: $input) { userErrors { message } }
        }""",
        input={
            "id": event_id,
            "version": 1,
            "recurrence": {
                "rrule": "FREQ=WEEKLY;BYDAY=SA",
                "exceptions": [left_out.replace("T09", "T18")],
            },
        },
    )
    edit = f"{PANTRY}/events/{event_id}/edit"
    made(await sent(staff.anna, edit, **{"startsAt-time": "19:00"}), "changed")
    event = await written(staff, event_id)
    days = [each["startsAt"][:10] for each in event["occurrences"]["nodes"][:3]]
    assert days == ["2027-03-13", "2027-03-27", "2027-04-03"]
    assert event["recurrence"]["exceptions"] == ["2027-03-20T23:00:00+00:00"]


async def test_a_co_host_changes_the_words_it_was_lent_and_not_the_time(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    wish = Wish(
        event_id=event_id,
        organization_id=staff.cast.shelter,
        may_edit=HostEditing.DETAILS,
    )
    place = await co_hosting.ask(staff.context(staff.cast.anna), wish)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    edit = f"{SHELTER}/events/{event_id}/edit"
    page = await staff.sam.open(edit)
    fields = staff.sam.form(edit).fields
    assert "title" in fields
    assert not {"startsAt", "capacity", "visibility", "place-name"} & fields.keys()
    assert "You change what" in page.text
    # A form that was made up is no way round.
    answer = await staff.sam.send(
        staff.sam.form(edit), title="Together", startsAt="2030-01-01", visibility="PRIVATE"
    )
    made(answer, "changed", SHELTER)
    event = await written(staff, event_id)
    assert event["title"] == "Together"
    assert event["startsAt"].startswith("2027-03-06")
    assert event["visibility"] == "PUBLIC"
    assert await contents()


async def test_a_stranger_finds_no_form_and_changes_nothing(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    lees = f"{LIBRARY}/events/{event_id}/edit"
    await staff.lee.open(f"{LIBRARY}/events/new")
    form = staff.lee.form(f"{LIBRARY}/events/new")
    before = await contents()
    form.action = lees
    assert (await staff.lee.send(form, title="Mine now")).status_code == 403
    form.action = f"{PANTRY}/events/{event_id}/edit"
    assert (await staff.lee.send(form, title="Mine now")).status_code == 404
    assert await contents() == before


async def test_a_translation_that_is_emptied_goes(staff: Staff) -> None:
    event_id = await publish(
        staff.context,
        staff.cast.anna,
        translations={"de": {"title": "Sammlung"}, "es": {"title": "Colecta"}},
    )
    edit = f"{PANTRY}/events/{event_id}/edit"
    made(await sent(staff.anna, edit, **{"translations-0-title": ""}), "changed")
    told = (await written(staff, event_id))["translations"]
    assert [each["language"] for each in told] == ["es"]
