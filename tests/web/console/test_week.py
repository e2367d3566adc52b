"""The first page of the console: who may come in, and what takes place this week."""

from datetime import UTC, datetime

from tests.cast import publish
from tests.conftest import Contents
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff

STARTS = datetime(2027, 3, 3, 22, tzinfo=UTC)


async def test_the_week_shows_what_takes_place_and_where_to_look_closer(staff: Staff) -> None:
    event_id = await publish(
        staff.context, staff.cast.anna, title="Soup <b>evening</b>", starts_at=STARTS, ends_at=None
    )
    page = await staff.anna.open(f"{PANTRY}?from=2027-03-01")
    assert page.status_code == 200, page.text
    assert "Soup &lt;b&gt;evening&lt;/b&gt;" in page.text
    assert "Town Hall" in page.text
    assert f"{PANTRY}/events/{event_id}" in staff.anna.links
    assert f"{PANTRY}/events/new" in staff.anna.links
    page = await staff.anna.open(f"{PANTRY}?from=2027-03-08")
    assert "Nothing takes place in this week." in page.text


async def test_a_day_that_is_none_shows_this_week(staff: Staff) -> None:
    for day in ("2027-02-30", "9999-12-31", "0001-01-01", "x"):
        assert (await staff.anna.open(f"{PANTRY}?from={day}")).status_code == 200


async def test_nobody_of_another_team_finds_a_console_there(
    staff: Staff, contents: Contents
) -> None:
    before = await contents()
    for browser, address in ((staff.lee, PANTRY), (staff.anna, LIBRARY), (staff.sam, PANTRY)):
        answer = await browser.open(address)
        assert answer.status_code == 404
        assert (await browser.open("/console/no-such")).status_code == 404
    nobody = await staff.new_browser()
    answer = await nobody.open(PANTRY)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/account/sign-in?next=")
    assert await contents() == before


async def test_whoever_is_in_one_team_comes_there_at_once(staff: Staff) -> None:
    answer = await staff.sam.open("/console")
    assert (answer.status_code, answer.headers["location"]) == (303, SHELTER)


async def test_whoever_is_in_two_teams_chooses_and_each_console_is_its_own(staff: Staff) -> None:
    mine = await publish(staff.context, staff.cast.anna, starts_at=STARTS, ends_at=None)
    theirs = await publish(staff.context, staff.cast.lee, starts_at=STARTS, ends_at=None)
    both = await staff.somebody("Bo", staff.cast.pantry, "EDITOR")
    await staff.joins("Bo", staff.cast.library, "VIEWER")
    answer = await both.open("/console")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    await both.open("/account")
    assert {PANTRY, LIBRARY} <= set(both.links)
    for console, shown, other in ((PANTRY, mine, theirs), (LIBRARY, theirs, mine)):
        await both.open(f"{console}?from=2027-03-01")
        assert f"{console}/events/{shown}" in both.links
        assert not [each for each in both.links if other in each]


async def test_whoever_leaves_the_team_is_shut_out_at_once(staff: Staff) -> None:
    bo = await staff.somebody("Bo", staff.cast.pantry, "EDITOR")
    assert (await bo.open(PANTRY)).status_code == 200
    await staff.leaves("Bo", staff.cast.pantry)
    assert (await bo.open(PANTRY)).status_code == 404
