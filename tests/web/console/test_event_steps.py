"""What goes out to others: publishing, cancelling, sharing, and telling how it was. Each says first
what comes of it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.rsvps import RsvpStatus
from resolvers import co_hosting, rsvps
from resolvers.co_hosting import Wish
from resolvers.rsvps import NewRsvp
from tests.cast import STARTS, publish
from tests.conftest import Contents
from tests.web.account.browsing import Browser
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff
from tests.web.console.test_event_writing import kept, made, problems, sent

STANDS = """
query Stands($id: ID!) {
  event(id: $id) {
    version status publicationStatus cancellationReason sharedWith { id }
    report { text attended }
  }
}
"""
STEPS = ("publish", "cancel", "share", "report")


async def stands(staff: Staff, event_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await staff.asked(STANDS, id=event_id))["event"]
    return found


async def coming(staff: Staff, event_id: str) -> None:
    """Lee comes, and Sam may come."""
    for viewer, status in (
        (staff.cast.lee, RsvpStatus.ACCEPTED),
        (staff.cast.sam, RsvpStatus.TENTATIVE),
    ):
        await rsvps.answer(staff.context(viewer), NewRsvp(event_id=event_id, status=status))


async def test_a_draft_is_published_after_it_was_said_who_sees_it(staff: Staff) -> None:
    event_id = await publish(
        staff.context, staff.cast.anna, publish=False, share_with=(staff.cast.city_table,)
    )
    here = f"{PANTRY}/events/{event_id}/publish"
    page = await staff.anna.open(here)
    assert "Everybody; it stands in lists and searches" in page.text
    assert "City Table" in page.text
    assert (await stands(staff, event_id))["publicationStatus"] == "DRAFT"
    form = staff.anna.form(here)
    answer = await staff.anna.send(form)
    assert made(answer, "published") == event_id
    assert (await stands(staff, event_id))["publicationStatus"] == "PUBLISHED"
    page = await staff.anna.open(answer.headers["location"])
    assert "The event is published." in page.text
    assert (await staff.anna.open(here)).status_code == 403  # once is enough


async def test_a_draft_that_was_changed_meanwhile_is_not_published_unseen(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna, publish=False)
    here = f"{PANTRY}/events/{event_id}"
    await staff.anna.open(f"{here}/publish")
    form = staff.anna.form(f"{here}/publish")
    made(await sent(staff.anna, f"{here}/edit", title="Another"), "changed")
    before = await contents()
    answer = await staff.anna.send(form)
    assert answer.status_code == 409
    assert "Another" in answer.text
    assert kept(await contents()) == kept(before)
    made(await staff.anna.send(staff.anna.form(f"{here}/publish")), "published")


async def test_cancelling_says_whom_it_reaches_and_takes_the_message_along(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, share_with=(staff.cast.city_table,))
    wish = Wish(event_id=event_id, organization_id=staff.cast.shelter)
    await co_hosting.ask(staff.context(staff.cast.anna), wish)
    await coming(staff, event_id)
    here = f"{PANTRY}/events/{event_id}/cancel"
    page = await staff.anna.open(here)
    for words in ("1 person who comes", "1 who may come", "Harbor Shelter", "City Table"):
        assert words in page.text
    form = staff.anna.form(here)
    answer = await staff.anna.send(form, reason="The hall has no power.")
    assert made(answer, "cancelled") == event_id
    event = await stands(staff, event_id)
    assert (event["status"], event["cancellationReason"]) == (
        "CANCELLED", "The hall has no power.",
    )  # fmt: skip
    again = await staff.anna.send(form, reason="The hall has no power.")
    assert again.status_code == 403
    assert (await stands(staff, event_id))["version"] == event["version"]


async def test_a_message_that_is_too_long_is_said_and_stays(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    here = f"{PANTRY}/events/{event_id}/cancel"
    await staff.anna.open(here)
    before = await contents()
    answer = await staff.anna.send(staff.anna.form(here), reason="x" * 1_001)
    assert answer.status_code == 422
    assert "at most 1,000 fit" in problems(answer)
    assert staff.anna.form(here).fields["reason"] == "x" * 1_001
    assert kept(await contents()) == kept(before)


async def test_an_event_is_shared_with_an_alliance_and_taken_back(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    here = f"{PANTRY}/events/{event_id}/share"
    page = await staff.anna.open(here)
    assert "Share it with City Table" in page.text
    form = staff.anna.form(here)
    answer = await staff.anna.send(form, do="share")
    assert answer.headers["location"] == f"{here}?done=shared", problems(answer)
    assert (await stands(staff, event_id))["sharedWith"] == [{"id": staff.cast.city_table}]
    page = await staff.anna.open(f"{here}?done=shared")
    assert "Take it back from City Table" in page.text
    answer = await staff.anna.send(staff.anna.form(here), do="unshare")
    assert answer.status_code == 303
    assert (await stands(staff, event_id))["sharedWith"] == []


async def test_it_is_shared_with_no_alliance_of_others(staff: Staff, contents: Contents) -> None:
    event_id = await publish(staff.context, staff.cast.lee)
    here = f"{LIBRARY}/events/{event_id}/share"
    page = await staff.lee.open(here)
    assert "You are in no other alliance." in page.text
    await staff.lee.open(f"{LIBRARY}/events/new")
    form = staff.lee.form(f"{LIBRARY}/events/new")
    form.action = here
    before = await contents()
    answer = await staff.lee.send(form, do="share", alliance=staff.cast.city_table)
    assert answer.status_code == 422
    assert "no active member" in problems(answer)
    assert kept(await contents()) == kept(before)


async def test_how_it_was_is_told_after_it_began(staff: Staff) -> None:
    event_id = await publish(
        staff.context, staff.cast.anna, starts_at=STARTS - timedelta(days=7), ends_at=None
    )
    await staff.anna.open(f"{PANTRY}/events/{event_id}")
    here = f"{PANTRY}/events/{event_id}/report"
    assert here in staff.anna.links
    answer = await sent(staff.anna, here, text="A warm evening.\r\nThanks!", attended="37")
    assert made(answer, "reported") == event_id
    assert (await stands(staff, event_id))["report"] == {
        "text": "A warm evening.\nThanks!",
        "attended": 37,
    }
    await staff.anna.open(here)
    fields = staff.anna.form(here).fields
    assert (fields["text"], fields["attended"]) == ("A warm evening.\nThanks!", "37")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "Write how it was."),
        ({"text": "Good", "attended": "many"}, "Write a number"),
        ({"text": "Good"}, "The event has not started"),
    ],
)
async def test_a_report_that_cannot_be_is_refused(
    staff: Staff, contents: Contents, fields: dict[str, str], said: str
) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    here = f"{PANTRY}/events/{event_id}/report"
    await staff.anna.open(here)
    before = await contents()
    answer = await staff.anna.send(staff.anna.form(here), **fields)
    assert answer.status_code == 422
    assert said in problems(answer)
    assert kept(await contents()) == kept(before)


@pytest.mark.parametrize("step", STEPS)
async def test_only_the_host_s_event_staff_takes_a_step(
    staff: Staff, contents: Contents, step: str
) -> None:
    event_id = await publish(
        staff.context, staff.cast.anna, publish=step != "publish", visibility="PUBLIC"
    )
    wish = Wish(event_id=event_id, organization_id=staff.cast.shelter)
    place = await co_hosting.ask(staff.context(staff.cast.anna), wish)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    vera = await staff.somebody("Vera", staff.cast.pantry, "VIEWER")
    unseen = step == "publish"
    browsers: list[tuple[Browser, str, int]] = [
        (vera, PANTRY, 403),
        (staff.sam, SHELTER, 403),
        (staff.lee, LIBRARY, 404 if unseen else 403),
        (staff.lee, PANTRY, 404),
    ]
    for browser, _, _ in browsers:
        await browser.open("/account")
    for browser, console, status in browsers:
        home = PANTRY if browser is vera else SHELTER if browser is staff.sam else LIBRARY
        await browser.open(home)
        before = await contents()
        here = f"{console}/events/{event_id}/{step}"
        assert (await browser.open(here)).status_code == status
        await browser.open("/account")
        form = browser.form()
        form.action, form.method = here, "post"
        fields = {"version": "1", "text": "x", "do": "share", "alliance": staff.cast.city_table}
        assert (await browser.send(form, **fields)).status_code == status
        assert kept(await contents()) == kept(before)


@pytest.mark.parametrize("step", STEPS)
async def test_a_forged_form_takes_no_step(staff: Staff, contents: Contents, step: str) -> None:
    event_id = await publish(staff.context, staff.cast.anna, publish=step != "publish")
    here = f"{PANTRY}/events/{event_id}/{step}"
    await staff.anna.open(here)
    form = staff.anna.form(here)
    form.fields["form_token"] = "forged"
    before = await contents()
    assert (await staff.anna.send(form, text="x", do="share")).status_code == 403
    assert await contents() == before
