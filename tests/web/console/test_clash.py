"""Somebody else changed it first: what is shown, and each way to settle it."""

import re
from typing import Any

import httpx

from domain.recurrence import Recurrence
from domain.sharing import HostEditing
from resolvers import co_hosting, events, series
from resolvers.co_hosting import Wish
from tests.cast import publish
from tests.conftest import Contents
from tests.web.console.conftest import PANTRY, SHELTER, Staff
from tests.web.console.test_event_writing import kept, made, written


async def together(staff: Staff) -> str:
    """An event of the Pantry's that the Shelter may change too."""
    event_id = await publish(staff.context, staff.cast.anna, title="Soup evening", capacity=40)
    wish = Wish(event_id=event_id, organization_id=staff.cast.shelter, may_edit=HostEditing.ALL)
    place = await co_hosting.ask(staff.context(staff.cast.anna), wish)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    return event_id


async def version(staff: Staff, event_id: str) -> int:
    found: int = (await written(staff, event_id))["version"]
    return found


async def met(staff: Staff, event_id: str) -> httpx.Response:
    """Anna has the form open; Sam changes the title and the capacity; Anna sends hers."""
    edit = f"{PANTRY}/events/{event_id}/edit"
    await staff.anna.open(edit)
    form = staff.anna.form(edit)
    staff.clock.forward(minutes=5)
    changes: Any = {"title": "Soup and bread", "capacity": 60}
    await events.update(
        staff.context(staff.cast.sam), event_id, await version(staff, event_id), changes
    )
    staff.clock.forward(minutes=5)
    return await staff.anna.send(form, title="Soup for all", summary="Come hungry.")


async def test_both_versions_stand_side_by_side_and_nothing_is_saved(
    staff: Staff, contents: Contents
) -> None:
    event_id = await together(staff)
    await staff.anna.open(f"{PANTRY}/events/{event_id}/edit")
    answer = await met(staff, event_id)
    assert answer.status_code == 409
    for words in ("Soup for all", "Soup and bread", "Come hungry.", "40", "60"):
        assert words in answer.text
    assert "Harbor Shelter" in answer.text
    rows = re.findall(r"<legend><h2>([^<]*)", answer.text)
    assert rows == ["Title", "In short", "How many fit"]
    assert answer.text.count("You both changed this.") == 1
    assert answer.text.count("they changed this") == 2
    taken = re.findall(r'name="take-(\w+)" value="(\w+)" checked', answer.text)
    assert taken == [("title", "mine"), ("summary", "mine"), ("capacity", "theirs")]
    event = await written(staff, event_id)
    assert (event["title"], event["summary"], event["capacity"]) == ("Soup and bread", None, 60)


async def test_what_is_chosen_field_by_field_is_saved(staff: Staff) -> None:
    event_id = await together(staff)
    await met(staff, event_id)
    answer = await staff.anna.send(staff.anna.form(), do="both")
    assert made(answer, "changed") == event_id
    event = await written(staff, event_id)
    assert (event["title"], event["summary"], event["capacity"]) == (
        "Soup for all", "Come hungry.", 60,
    )  # fmt: skip


async def test_theirs_can_be_taken_where_both_changed(staff: Staff) -> None:
    event_id = await together(staff)
    await met(staff, event_id)
    made(await staff.anna.send(staff.anna.form(), do="both", **{"take-title": "theirs"}), "changed")
    event = await written(staff, event_id)
    assert (event["title"], event["summary"]) == ("Soup and bread", "Come hungry.")


async def test_one_s_own_can_be_kept_in_everything(staff: Staff) -> None:
    event_id = await together(staff)
    await met(staff, event_id)
    made(await staff.anna.send(staff.anna.form(), do="mine"), "changed")
    event = await written(staff, event_id)
    assert (event["title"], event["summary"], event["capacity"]) == (
        "Soup for all", "Come hungry.", 40,
    )  # fmt: skip


async def test_theirs_is_taken_by_going_away(staff: Staff, contents: Contents) -> None:
    event_id = await together(staff)
    await met(staff, event_id)
    before = await contents()
    assert f"{PANTRY}/events/{event_id}" in staff.anna.links
    page = await staff.anna.open(f"{PANTRY}/events/{event_id}")
    assert "Soup and bread" in page.text
    assert kept(await contents()) == kept(before)


async def test_one_goes_on_writing_with_what_was_chosen(staff: Staff, contents: Contents) -> None:
    event_id = await together(staff)
    await met(staff, event_id)
    before = await contents()
    page = await staff.anna.send(staff.anna.form(), do="edit")
    assert page.status_code == 200
    assert kept(await contents()) == kept(before)
    form = staff.anna.form(f"{PANTRY}/events/{event_id}/edit")
    assert (form.fields["title"], form.fields["capacity"]) == ("Soup for all", "60")
    made(await staff.anna.send(form, description="And bread."), "changed")
    event = await written(staff, event_id)
    assert (event["title"], event["summary"], event["description"], event["capacity"]) == (
        "Soup for all", "Come hungry.", "And bread.", 60,
    )  # fmt: skip


async def test_a_third_change_meanwhile_is_shown_as_well(staff: Staff) -> None:
    event_id = await together(staff)
    await met(staff, event_id)
    form = staff.anna.form()
    changes: Any = {"title": "Soup, bread and tea"}
    at = await version(staff, event_id)
    await events.update(staff.context(staff.cast.sam), event_id, at, changes)
    answer = await staff.anna.send(form, do="both")
    assert answer.status_code == 409
    assert "Soup, bread and tea" in answer.text
    # What was changed since the beginning is still known.
    assert answer.text.count("You both changed this.") == 1
    made(await staff.anna.send(staff.anna.form(), do="mine"), "changed")
    assert (await written(staff, event_id))["title"] == "Soup for all"


async def test_a_co_host_who_comes_second_is_shown_its_own_fields(staff: Staff) -> None:
    event_id = await together(staff)
    edit = f"{SHELTER}/events/{event_id}/edit"
    await staff.sam.open(edit)
    form = staff.sam.form(edit)
    at = await version(staff, event_id)
    changes: Any = {"title": "Soup and bread", "visibility": "UNLISTED"}
    await events.update(staff.context(staff.cast.anna), event_id, at, changes)
    answer = await staff.sam.send(form, title="Soup with us")
    assert answer.status_code == 409
    assert re.findall(r"<legend><h2>([^<]*)", answer.text) == ["Title"]
    made(await staff.sam.send(staff.sam.form(), do="both"), "changed", SHELTER)
    assert (await written(staff, event_id))["title"] == "Soup with us"


async def test_two_change_one_date_of_a_series(staff: Staff) -> None:
    event_id = await publish(
        staff.context, staff.cast.anna, recurrence=Recurrence("FREQ=WEEKLY;BYDAY=SA")
    )
    found = await staff.asked(
        """query ($id: ID!) { event(id: $id) {
          occurrences(from: "2027-03-01T00:00:00Z", to: "2027-04-01T00:00:00Z") { nodes { id } }
        } }""",
        id=event_id,
    )
    date = found["event"]["occurrences"]["nodes"][1]["id"]
    here = f"{PANTRY}/events/{event_id}/dates/{date}"
    await staff.anna.open(f"{here}/edit")
    form = staff.anna.form(f"{here}/edit")
    await series.update_date(staff.context(staff.cast.anna), date, 1, {"title": "With music"})
    answer = await staff.anna.send(form, description="Bring a chair.")
    assert answer.status_code == 409
    assert re.findall(r"<legend><h2>([^<]*)", answer.text) == ["Title", "At length"]
    answer = await staff.anna.send(staff.anna.form(), do="both")
    assert answer.headers["location"] == f"{here}?done=changed"
    told = await staff.asked(
        "query ($id: ID!) { node(id: $id) { ... on Occurrence { title description } } }", id=date
    )
    assert told["node"] == {"title": "With music", "description": "Bring a chair."}
