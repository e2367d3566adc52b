"""Hosting together: the inbox of both sides, answering, ending, inviting, handing over, the history."""

from typing import Any

from domain.sharing import Visibility
from resolvers import co_hosting
from resolvers.co_hosting import Wish
from tests.cast import publish
from tests.conftest import Contents
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff
from tests.web.console.test_event_writing import kept, made, problems, sent

HOSTS = """
query Hosts($id: ID!) {
  event(id: $id) {
    host { id }
    hosts(first: 50) { nodes { id role status mayEdit message endReason organization { id } } }
  }
}
"""


async def places(staff: Staff, event_id: str) -> dict[str, dict[str, Any]]:
    """Of others than the host, by their organization."""
    found = (await staff.asked(HOSTS, id=event_id))["event"]["hosts"]["nodes"]
    return {each["organization"]["id"]: each for each in found if each["role"] != "HOST"}


async def invited(staff: Staff, event_id: str, **given: Any) -> str:
    wish = Wish(event_id=event_id, organization_id=staff.cast.shelter, **given)
    return await co_hosting.ask(staff.context(staff.cast.anna), wish)


async def test_an_organization_is_found_by_its_name_and_invited(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    here = f"{PANTRY}/events/{event_id}/hosts"
    await staff.anna.open(here)
    assert f"{here}/invite" in staff.anna.links
    page = await staff.anna.open(f"{here}/invite?search=shelter")
    assert "Harbor Shelter" in page.text
    (link,) = [each for each in staff.anna.links if "invite?organization=" in each]
    page = await staff.anna.open(link)
    assert "It is named only when it accepts." in page.text
    form = staff.anna.form(f"{here}/invite")
    answer = await staff.anna.send(form, mayEdit="ALL", message="Shall we?")
    assert answer.headers["location"] == f"{here}?done=hosts", problems(answer)
    place = (await places(staff, event_id))[staff.cast.shelter]
    assert (place["status"], place["role"], place["mayEdit"], place["message"]) == (
        "INVITED", "CO_HOST", "ALL", "Shall we?",
    )  # fmt: skip
    assert (await staff.anna.send(form, mayEdit="ALL", message="Shall we?")).status_code == 303
    assert len(await places(staff, event_id)) == 1
    page = await staff.anna.open(f"{here}/invite?search=shelter")
    assert "It stands on the event, or is asked." in page.text
    page = await staff.anna.open(f"{here}/invite?search=%3Cscript%3E")
    assert "No organization of that name" in page.text


async def test_an_invitation_waits_in_both_inboxes_and_is_accepted(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, title="Soup evening")
    place = await invited(staff, event_id, message="Shall <b>we</b>?")
    page = await staff.anna.open(f"{PANTRY}/cohosting")
    waits, _, rest = page.text.partition("You asked, and wait")
    assert "Nothing waits for you." in waits
    assert "Soup evening" in rest
    page = await staff.sam.open(f"{SHELTER}/cohosting")
    assert "Soup evening" in page.text.partition("You host together")[0]
    assert "Shall &lt;b&gt;we&lt;/b&gt;?" in page.text
    here = f"{SHELTER}/cohosting/{place}"
    assert here in staff.sam.links
    page = await staff.sam.open(here)
    assert "River City Pantry</bdi> asks you to host together" in page.text
    assert "May change its words, picture" in page.text
    answer = await staff.sam.send(staff.sam.form(here), do="accept")
    assert answer.headers["location"] == f"{SHELTER}/cohosting?done=accepted", problems(answer)
    assert (await places(staff, event_id))[staff.cast.shelter]["status"] == "ACCEPTED"
    for browser, console in ((staff.sam, SHELTER), (staff.anna, PANTRY)):
        page = await browser.open(f"{console}/cohosting")
        assert "Soup evening" in page.text.partition("You host together")[2]


async def test_an_invitation_is_declined_or_taken_back(staff: Staff) -> None:
    for browser, console, do, status in (
        (staff.sam, SHELTER, "decline", "DECLINED"),
        (staff.anna, PANTRY, "end", "CANCELED"),
    ):
        event_id = await publish(staff.context, staff.cast.anna)
        place = await invited(staff, event_id)
        answer = await sent(browser, f"{console}/cohosting/{place}", do=do)
        assert answer.status_code == 303, problems(answer)
        assert (await places(staff, event_id))[staff.cast.shelter]["status"] == status


async def test_either_side_ends_it_and_the_host_says_why(staff: Staff, contents: Contents) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    place = await invited(staff, event_id)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    here = f"{PANTRY}/cohosting/{place}"
    page = await staff.anna.open(here)
    assert "Remove it from the event" in page.text
    before = await contents()
    answer = await staff.anna.send(staff.anna.form(here), do="end")
    assert answer.status_code == 422
    assert "reason" in problems(answer)
    assert kept(await contents()) == kept(before)
    answer = await staff.anna.send(staff.anna.form(here), do="end", reason="It was agreed.")
    assert answer.headers["location"] == f"{PANTRY}/cohosting?done=ended", problems(answer)
    ended = (await places(staff, event_id))[staff.cast.shelter]
    assert (ended["status"], ended["endReason"]) == ("REMOVED", "It was agreed.")
    page = await staff.sam.open(f"{SHELTER}/cohosting")
    assert "Was removed by the host" in page.text


async def test_a_co_host_withdraws_also_from_what_it_then_sees_no_more(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, visibility=Visibility.PRIVATE)
    place = await invited(staff, event_id)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    here = f"{SHELTER}/cohosting/{place}"
    answer = await sent(staff.sam, here, do="end", reason="We have no hands.")
    assert answer.headers["location"] == f"{SHELTER}/cohosting?done=ended", problems(answer)
    assert (await staff.sam.open(here)).status_code == 404
    assert (await places(staff, event_id))[staff.cast.shelter]["status"] == "WITHDRAWN"


async def test_another_organization_asks_for_a_place_and_is_given_it(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    here = f"{LIBRARY}/events/{event_id}"
    await staff.lee.open(here)
    assert f"{here}/ask" in staff.lee.links
    answer = await sent(staff.lee, f"{here}/ask", role="SPONSOR", message="We bring books.")
    assert answer.headers["location"] == f"{here}/hosts?done=asked", problems(answer)
    place = (await places(staff, event_id))[staff.cast.library]
    assert (place["status"], place["role"]) == ("REQUESTED", "SPONSOR")
    page = await staff.lee.open(f"{LIBRARY}/cohosting")
    assert "You asked, and wait" in page.text
    here = f"{PANTRY}/cohosting/{place['id']}"
    page = await staff.anna.open(here)
    assert "We bring books." in page.text
    answer = await staff.anna.send(staff.anna.form(here), do="accept")
    assert answer.headers["location"] == f"{PANTRY}/cohosting?done=accepted"
    assert (await places(staff, event_id))[staff.cast.library]["status"] == "ACCEPTED"


async def test_to_pass_on_what_is_public_takes_no_answer(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    here = f"{LIBRARY}/events/{event_id}"
    answer = await sent(staff.lee, f"{here}/ask", role="PROMOTER")
    assert answer.headers["location"] == f"{here}/hosts?done=hosts"
    assert (await places(staff, event_id))[staff.cast.library]["status"] == "ACCEPTED"


async def test_who_may_what_stands_in_words_on_the_event(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, share_with=(staff.cast.city_table,))
    place = await invited(staff, event_id)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    page = await staff.sam.open(f"{SHELTER}/events/{event_id}/hosts")
    for words in (
        "Answers for it, and changes everything of it.",
        "May change its words, picture",
        "Withdraw from the event",
    ):
        assert words in page.text
    assert "Learns" in page.text
    assert f"{SHELTER}/events/{event_id}/hosts/invite" not in staff.sam.links


async def test_the_lead_is_offered_and_taken(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    place = await invited(staff, event_id)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    here = f"{PANTRY}/events/{event_id}/handover"
    page = await staff.anna.open(here)
    assert "You stay as co-host." in page.text
    answer = await staff.anna.send(staff.anna.form(here))
    assert answer.status_code == 422
    assert "Choose who takes it over." in problems(answer)
    answer = await staff.anna.send(
        staff.anna.form(here), to=staff.cast.shelter, message="It is yours."
    )
    assert answer.headers["location"] == f"{PANTRY}/cohosting?done=offered", problems(answer)
    page = await staff.sam.open(f"{SHELTER}/cohosting")
    assert "offers you the lead of it" in page.text
    (offer,) = [each for each in staff.sam.links if "/cohosting/offers/" in each]
    page = await staff.sam.open(offer)
    assert "It is yours." in page.text
    answer = await staff.sam.send(staff.sam.form(offer), do="take")
    assert answer.headers["location"] == f"{SHELTER}/cohosting?done=taken", problems(answer)
    told = (await staff.asked(HOSTS, id=event_id))["event"]
    assert told["host"]["id"] == staff.cast.shelter
    assert (await places(staff, event_id))[staff.cast.pantry]["status"] == "ACCEPTED"


async def test_an_offer_is_declined_or_taken_back(staff: Staff) -> None:
    for browser, console, do, said in (
        (staff.sam, SHELTER, "decline", "left"),
        (staff.anna, PANTRY, "back", "back"),
    ):
        event_id = await publish(staff.context, staff.cast.anna)
        place = await invited(staff, event_id)
        await co_hosting.respond(staff.context(staff.cast.sam), place, True)
        await sent(staff.anna, f"{PANTRY}/events/{event_id}/handover", to=staff.cast.shelter)
        await browser.open(f"{console}/cohosting")
        (offer,) = [each for each in browser.links if "/cohosting/offers/" in each]
        answer = await sent(browser, offer, do=do)
        assert answer.headers["location"] == f"{console}/cohosting?done={said}"
        told = (await staff.asked(HOSTS, id=event_id))["event"]
        assert told["host"]["id"] == staff.cast.pantry


async def test_the_history_names_each_organization(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    place = await invited(staff, event_id)
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    edit = f"{SHELTER}/events/{event_id}/edit"
    made(await sent(staff.sam, edit, title="Together"), "changed", SHELTER)
    for browser, console in ((staff.anna, PANTRY), (staff.sam, SHELTER)):
        page = await browser.open(f"{console}/events/{event_id}/history")
        for words in ("Harbor Shelter", "changed it", "Title", "made it", "invited a co-host"):
            assert words in page.text, words
    page = await staff.lee.open(f"{LIBRARY}/events/{event_id}/history")
    assert "Its history is for those who host it." in page.text


async def test_who_is_on_neither_side_finds_nothing_and_who_may_not_does_nothing(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    place = await invited(staff, event_id)
    vera = await staff.somebody("Vera", staff.cast.shelter, "VIEWER")
    await vera.open(f"{SHELTER}/cohosting")
    await staff.lee.open(LIBRARY)
    before = await contents()
    assert (await staff.lee.open(f"{LIBRARY}/cohosting/{place}")).status_code == 404
    assert (await staff.lee.open(f"{LIBRARY}/cohosting/{event_id}")).status_code == 404
    page = await vera.open(f"{SHELTER}/cohosting/{place}")
    assert "Accept the invitation" not in page.text
    await vera.open("/account")
    form = vera.form()
    form.action, form.method = f"{SHELTER}/cohosting/{place}", "post"
    for do in ("accept", "decline", "end"):
        assert (await vera.send(form, do=do)).status_code == 422
    form.fields["form_token"] = "forged"
    assert (await vera.send(form, do="accept")).status_code == 403
    await staff.lee.open("/account")
    made_up = staff.lee.form()
    for path, status in (("hosts/invite", 403), ("handover", 403)):
        made_up.action, made_up.method = f"{LIBRARY}/events/{event_id}/{path}", "post"
        answer = await staff.lee.send(made_up, organization=staff.cast.library, to="x")
        assert answer.status_code == status
    assert kept(await contents()) == kept(before)
