"""The list of events, and an event's room: what is shown to whom."""

from datetime import UTC, datetime, timedelta

from domain.events import AttendanceMode
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from resolvers import co_hosting, publishing
from resolvers.co_hosting import Wish
from tests.cast import STARTS, publish
from tests.conftest import Contents
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff

WEEKLY = Recurrence("FREQ=WEEKLY;BYDAY=SA")


async def test_the_lists_have_what_comes_what_is_a_draft_and_what_was(staff: Staff) -> None:
    anna, make = staff.cast.anna, staff.context
    long_ago = datetime(2026, 5, 2, 14, tzinfo=UTC)
    coming = await publish(make, anna, title="Soup evening")
    draft = await publish(make, anna, title="A thought", publish=False)
    past = await publish(make, anna, title="Spring fair", starts_at=long_ago, ends_at=None)
    for show, there, elsewhere in (
        ("coming", coming, {draft, past}),
        ("drafts", draft, {coming, past}),
        ("past", past, {coming, draft}),
    ):
        page = await staff.anna.open(f"{PANTRY}/events?show={show}")
        assert page.status_code == 200, page.text
        shown = {each.rpartition("/")[2] for each in staff.anna.links if "/events/evt" in each}
        assert shown == {there}, (show, elsewhere & shown)
    page = await staff.anna.open(f"{PANTRY}/events?show=nonsense")
    assert "Soup evening" in page.text


async def test_a_search_finds_by_words_and_keeps_them(staff: Staff) -> None:
    await publish(staff.context, staff.cast.anna, title="Soup evening")
    await publish(staff.context, staff.cast.anna, title="Bicycle workshop")
    page = await staff.anna.open(f"{PANTRY}/events?search=bicycle")
    assert "Bicycle workshop" in page.text
    assert "Soup evening" not in page.text
    assert 'value="bicycle"' in page.text
    page = await staff.anna.open(f"{PANTRY}/events?search=%3Cscript%3E")
    assert "<script" not in page.text
    assert "No event here has these words" in page.text


async def test_a_long_list_goes_on_page_by_page(staff: Staff) -> None:
    for number in range(27):
        await publish(staff.context, staff.cast.anna, title=f"Evening {number:02}")
    page = await staff.anna.open(f"{PANTRY}/events")
    assert page.text.count("Evening ") == 25
    (further,) = [each for each in staff.anna.links if "after=" in each]
    page = await staff.anna.open(further)
    assert page.text.count("Evening ") == 2


async def test_the_host_sees_all_about_it_and_what_can_be_done(staff: Staff) -> None:
    event_id = await publish(
        staff.context,
        staff.cast.anna,
        title="Soup evening",
        capacity=40,
        attendance_mode=AttendanceMode.HYBRID,
        online_url="https://meet.example/soup",
        share_with=(staff.cast.city_table,),
        recurrence=WEEKLY,
    )
    page = await staff.anna.open(f"{PANTRY}/events/{event_id}")
    assert page.status_code == 200, page.text
    here = f"{PANTRY}/events/{event_id}"
    for part in ("edit", "cancel", "share", "hosts", "attendees", "history", "dates"):
        assert f"{here}/{part}" in staff.anna.links, part
    for words in ("City Table", "There are 40 places", "Repeats every week on Saturday"):
        assert words in page.text
    assert "https://meet.example/soup" in page.text
    assert f"{here}/publish" not in staff.anna.links
    assert f"{here}/report" not in staff.anna.links  # it has not begun


async def test_of_a_draft_it_is_said_first_that_it_is_one(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna, publish=False)
    page = await staff.anna.open(f"{PANTRY}/events/{event_id}")
    assert "Draft: only its hosts see it" in page.text
    assert f"{PANTRY}/events/{event_id}/publish" in staff.anna.links


async def test_a_viewer_of_the_team_looks_and_is_offered_nothing(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna, share_with=(staff.cast.city_table,))
    vera = await staff.somebody("Vera", staff.cast.pantry, "VIEWER")
    await vera.open(PANTRY)
    before = await contents()
    here = f"{PANTRY}/events/{event_id}"
    assert (await vera.open(here)).status_code == 200
    offered = {each for each in vera.links if each.startswith(here)}
    assert not offered & {f"{here}/{part}" for part in ("edit", "cancel", "share", "handover")}
    assert (await vera.open(f"{here}/edit")).status_code == 403
    assert await contents() == before


async def test_a_partner_sees_it_as_another_s_and_changes_what_was_lent(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    wish = Wish(event_id=event_id, organization_id=staff.cast.shelter)
    place = await co_hosting.ask(staff.context(staff.cast.anna), wish)
    here = f"{SHELTER}/events/{event_id}"
    page = await staff.sam.open(here)
    assert "You are asked to host this event together." in page.text
    assert f"{SHELTER}/cohosting/{place}" in staff.sam.links
    assert f"{here}/edit" not in staff.sam.links
    await co_hosting.respond(staff.context(staff.cast.sam), place, True)
    page = await staff.sam.open(here)
    assert f"{here}/edit" in staff.sam.links
    assert f"{here}/cancel" not in staff.sam.links
    assert "You change what it lets you" in page.text


async def test_who_sees_it_not_finds_nothing(staff: Staff, contents: Contents) -> None:
    event_id = await publish(staff.context, staff.cast.anna, visibility=Visibility.ORGANIZATION)
    await staff.lee.open(LIBRARY)
    await staff.anna.open(PANTRY)
    before = await contents()
    for path in ("", "/edit", "/dates", "/history", "/cancel", "/share", "/hosts"):
        answer = await staff.lee.open(f"{LIBRARY}/events/{event_id}{path}")
        assert answer.status_code == 404, path
    for nothing in ("evt_x", "%00", "x" * 300):
        assert (await staff.anna.open(f"{PANTRY}/events/{nothing}")).status_code == 404
    assert await contents() == before


async def test_words_that_somebody_wrote_are_words(staff: Staff) -> None:
    odd = "\u202e<script>alert(1)</script>"
    event_id = await publish(
        staff.context, staff.cast.anna, title=odd, summary=odd, description=f"{odd} javascript:x()"
    )
    for path in (f"events/{event_id}", "events", f"events/{event_id}/edit"):
        page = await staff.anna.open(f"{PANTRY}/{path}")
        assert page.status_code == 200, page.text
        assert "<script" not in page.text
        assert 'href="javascript' not in page.text
    assert 'lang="" dir="auto"' in page.text


async def test_past_dates_of_a_series_are_there_to_look_at(staff: Staff) -> None:
    coming = await publish(staff.context, staff.cast.anna, recurrence=WEEKLY)
    page = await staff.anna.open(f"{PANTRY}/events/{coming}/dates?show=past")
    assert "It has not taken place yet." in page.text
    begun = await publish(
        staff.context,
        staff.cast.anna,
        recurrence=WEEKLY,
        starts_at=STARTS - timedelta(days=14),
        ends_at=None,
    )
    page = await staff.anna.open(f"{PANTRY}/events/{begun}/dates?show=past")
    assert page.text.count("February 2027") == 2
    assert "March" not in page.text


async def test_a_called_off_event_says_so_and_why(staff: Staff) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    await publishing.cancel(staff.context(staff.cast.anna), event_id, 1, "The hall has no power.")
    page = await staff.anna.open(f"{PANTRY}/events/{event_id}")
    assert "It does not take place." in page.text
    assert "The hall has no power." in page.text
    assert f"{PANTRY}/events/{event_id}/cancel" not in staff.anna.links
