"""One date of a series, changed alone or with all that follow; the others stay."""

from typing import Any

from domain.recurrence import Recurrence
from domain.sharing import HostEditing
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from tests.cast import publish
from tests.conftest import Contents
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff
from tests.web.console.test_event_writing import kept, made, problems, sent, written

DATES = """
query Dates($id: ID!) {
  event(id: $id) {
    version
    occurrences(from: "2027-03-01T00:00:00Z", to: "2027-04-04T00:00:00Z", first: 50) {
      nodes { id startsAt endsAt status title place { name } }
    }
  }
}
"""


async def series(staff: Staff, **given: object) -> tuple[str, list[dict[str, Any]]]:
    """Every Saturday from 6 March on; the event, and its dates in March."""
    event_id = await publish(
        staff.context, staff.cast.anna, recurrence=Recurrence("FREQ=WEEKLY;BYDAY=SA"), **given
    )
    return event_id, await dates(staff, event_id)


async def dates(staff: Staff, event_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await staff.asked(DATES, id=event_id))["event"]["occurrences"][
        "nodes"
    ]
    return found


async def test_one_date_is_changed_alone(staff: Staff) -> None:
    event_id, before = await series(staff)
    here = f"{PANTRY}/events/{event_id}/dates/{before[1]['id']}"
    await staff.anna.open(f"{PANTRY}/events/{event_id}")
    assert here in staff.anna.links
    page = await staff.anna.open(here)
    assert page.status_code == 200, page.text
    assert {f"{here}/edit", f"{here}/onward", f"{here}/off"} <= set(staff.anna.links)
    answer = await sent(
        staff.anna,
        f"{here}/edit",
        **{"title": "With music", "startsAt-time": "10:00", "place-name": "The park"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}?done=changed")
    after = await dates(staff, event_id)
    assert after[1]["title"] == "With music"
    assert after[1]["startsAt"] == "2027-03-13T10:00:00-05:00"
    assert after[1]["place"] == {"name": "The park"}
    assert [after[0], *after[2:]] == [before[0], *before[2:]]
    page = await staff.anna.open(here)
    assert "What is different on this date" in page.text
    answer = await sent(staff.anna, f"{here}/edit")
    assert answer.headers["location"] == f"{here}?done=nothing"


async def test_a_date_is_made_like_the_others_again(staff: Staff) -> None:
    event_id, before = await series(staff)
    here = f"{PANTRY}/events/{event_id}/dates/{before[1]['id']}"
    await sent(staff.anna, f"{here}/edit", title="With music", **{"startsAt-time": "10:00"})
    answer = await sent(staff.anna, f"{here}/edit", do="back")
    assert answer.headers["location"] == f"{here}?done=back", problems(answer)
    assert await dates(staff, event_id) == before


async def test_one_date_and_all_that_follow_become_an_event_of_their_own(staff: Staff) -> None:
    event_id, before = await series(staff, capacity=40)
    here = f"{PANTRY}/events/{event_id}/dates/{before[2]['id']}/onward"
    page = await staff.anna.open(here)
    assert "These dates become an event of their own." in page.text
    assert staff.anna.form(here).fields["startsAt"] == "2027-03-20"
    answer = await staff.anna.send(
        staff.anna.form(here),
        title="From now on in the evening",
        **{"startsAt-time": "18:00", "endsAt-time": "21:00"},
    )
    other = made(answer, "onward")
    assert other != event_id
    assert [each["startsAt"][:16] for each in await dates(staff, event_id)] == [
        "2027-03-06T09:00", "2027-03-13T09:00",
    ]  # fmt: skip
    later = await dates(staff, other)
    assert [each["startsAt"][:16] for each in later] == [
        "2027-03-20T18:00", "2027-03-27T18:00", "2027-04-03T18:00",
    ]  # fmt: skip
    event = await written(staff, other)
    assert (event["title"], event["capacity"]) == ("From now on in the evening", 40)
    assert (await written(staff, event_id))["title"] == "Food drive"


async def test_a_date_is_called_off_and_held_after_all(staff: Staff) -> None:
    event_id, before = await series(staff)
    here = f"{PANTRY}/events/{event_id}/dates/{before[1]['id']}"
    page = await staff.anna.open(f"{here}/off")
    assert "get a letter that says it does not take place" in page.text
    answer = await staff.anna.send(staff.anna.form(f"{here}/off"), do="off")
    assert answer.headers["location"] == f"{here}?done=off"
    assert [each["status"] for each in await dates(staff, event_id)][:3] == [
        "SCHEDULED", "CANCELLED", "SCHEDULED",
    ]  # fmt: skip
    # Its words may still be changed, and it stays called off.
    await sent(staff.anna, f"{here}/edit", title="It would have had music")
    assert (await dates(staff, event_id))[1]["status"] == "CANCELLED"
    answer = await sent(staff.anna, f"{here}/off", do="hold")
    assert answer.headers["location"] == f"{here}?done=held", problems(answer)
    assert (await dates(staff, event_id))[1]["status"] == "SCHEDULED"


async def test_what_cannot_be_is_said_and_the_date_stays(staff: Staff, contents: Contents) -> None:
    event_id, before = await series(staff)
    here = f"{PANTRY}/events/{event_id}/dates/{before[1]['id']}/edit"
    await staff.anna.open(here)
    rows = await contents()
    for fields, said in (
        ({"title": ""}, "Say what it is called."),
        ({"startsAt": "soon"}, "Write the day like this"),
        ({"endsAt": "2027-03-12"}, "An event ends after it starts."),
    ):
        await staff.anna.open(here)
        answer = await staff.anna.send(staff.anna.form(here), **fields)
        assert answer.status_code == 422
        assert said in problems(answer)
        for name, value in fields.items():
            assert staff.anna.form(here).fields[name] == value
    assert kept(await contents()) == kept(rows)


async def test_a_co_host_changes_a_date_as_far_as_it_was_lent(
    staff: Staff, contents: Contents
) -> None:
    event_id, before = await series(staff)
    wish = Wish(event_id=event_id, organization_id=staff.cast.shelter, may_edit=HostEditing.DETAILS)
    place = await co_hosting.ask(staff.context(staff.cast.anna), wish)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    here = f"{SHELTER}/events/{event_id}/dates/{before[1]['id']}"
    await staff.sam.open(f"{here}/edit")
    form = staff.sam.form(f"{here}/edit")
    assert "startsAt" not in form.fields
    assert "place-name" not in form.fields
    rows = await contents()
    for path in ("off", "onward"):
        assert (await staff.sam.open(f"{here}/{path}")).status_code == 403
        form.action = f"{here}/{path}"
        assert (await staff.sam.send(form, do="off", title="Theirs")).status_code == 403
    assert kept(await contents()) == kept(rows)
    form.action = f"{here}/edit"
    answer = await staff.sam.send(form, title="Together", startsAt="2030-01-01")
    assert answer.status_code == 303
    after = await dates(staff, event_id)
    assert (after[1]["title"], after[1]["startsAt"]) == ("Together", before[1]["startsAt"])


async def test_a_stranger_and_a_date_of_another_event_find_nothing(
    staff: Staff, contents: Contents
) -> None:
    event_id, before = await series(staff)
    other, _ = await series(staff)
    vera = await staff.somebody("Vera", staff.cast.pantry, "VIEWER")
    for browser, console in ((vera, PANTRY), (staff.anna, PANTRY), (staff.lee, LIBRARY)):
        await browser.open(console)
    rows = await contents()
    date = before[1]["id"]
    assert (await staff.anna.open(f"{PANTRY}/events/{other}/dates/{date}")).status_code == 404
    assert (await staff.anna.open(f"{PANTRY}/events/{event_id}/dates/x")).status_code == 404
    assert (await staff.anna.open(f"{PANTRY}/events/{event_id}/dates/{other}")).status_code == 404
    for path in ("edit", "off", "onward"):
        assert (
            await vera.open(f"{PANTRY}/events/{event_id}/dates/{date}/{path}")
        ).status_code == 403
        answer = await staff.lee.open(f"{LIBRARY}/events/{event_id}/dates/{date}/{path}")
        assert answer.status_code == 403
    assert await contents() == rows
