"""People who connect a sign-in at a provider with their account, and end that."""

import asyncio

from auth import team_invitations
from auth.letters import Place
from domain.actors import TeamRole
from storage import teams
from storage.account_tables import (
    passkeys,
    sign_in_addresses,
)
from storage.engine import Database
from storage.teams import Organization
from tests.auth.lying_provider import ANNA_THERE, Provider
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import sign_in
from tests.web.account.conftest import Counter
from tests.web.account.providers.pantry import (
    MINE,
    SIGN_IN,
    Pantry,
    changed,
    connect,
    identities,
    is_signed_in,
    set_up,
    signed_in,
    whose,
)


async def test_who_is_signed_in_connects_it_and_comes_in_by_it_next_time(
    counter: Counter, there: Provider, database: Database
) -> None:
    pantry = await set_up(counter, there)
    await connect(pantry, counter.anna)
    assert await identities(database) == {(ANNA_THERE, counter.cast.anna_id)}
    page = await counter.anna.open(MINE)
    assert "Disconnect" in page.text
    assert f'action="/account/providers/{pantry.provider.id}"' not in page.text
    await pantry.sign_in(counter.browser)
    assert await whose(counter.browser) == "Anna"


async def test_a_stranger_who_signs_in_otherwise_may_connect_it(
    counter: Counter, there: Provider
) -> None:
    pantry = await set_up(counter, there)
    waits = (await pantry.sign_in(counter.browser)).headers["location"]
    await counter.browser.open(waits)
    assert any(link.startswith("/account/sign-in?next=") for link in counter.browser.links)
    await sign_in(counter.desk, counter.browser, counter.cast.anna_id, "Anna")
    page = await counter.browser.open(waits)
    assert "anna@pantry.example" in page.text
    answers = [await counter.browser.send(counter.browser.form("/account/providers/waiting"))]
    answers.append(await counter.browser.open(waits))
    assert [answer.status_code for answer in answers] == [303, 404]


async def test_who_was_invited_comes_in_by_it_with_the_account_they_made(
    counter: Counter, there: Provider
) -> None:
    pantry, mia = await set_up(counter, there), counter.browser
    there.subject = "mia"
    _, link = await team_invitations.invite_as_operator(
        counter.desk,
        Place("River City", "http://hub.test/account/invitation"),
        Organization(counter.cast.pantry, "river-city-pantry", "River City Pantry"),
        "mia@pantry.example",
        TeamRole.EDITOR,
    )
    await mia.open(link)
    sign_in_there = next(link for link in mia.links if link.startswith(SIGN_IN))
    waits = (await pantry.sign_in(mia, sign_in_there)).headers["location"]
    await mia.open(waits)
    back = next(link for link in mia.links if link.startswith("/account/invitation?"))
    await mia.open(back)
    made = await mia.send(mia.form("/account/invitation"), do="new", displayName="Mia")
    assert made.status_code == 303, made.text
    page = await mia.open("/account/security")
    assert "You have just signed in at" in page.text
    await mia.open(next(link for link in mia.links if link.startswith("/account/providers/wait")))
    await mia.send(mia.form("/account/providers/waiting"))
    browser = await counter.new_browser()
    await pantry.sign_in(browser)
    assert await whose(browser) == "Mia"


async def test_a_sign_in_that_waits_is_connected_once(
    counter: Counter, there: Provider, database: Database
) -> None:
    pantry = await set_up(counter, there)
    waits = (await pantry.sign_in(counter.anna, MINE)).headers["location"]
    await counter.anna.open(waits)
    form = counter.anna.form("/account/providers/waiting")
    answers = await asyncio.gather(*(counter.anna.send(form) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [303] + [404] * 19
    assert await identities(database) == {(ANNA_THERE, counter.cast.anna_id)}


async def test_it_waits_in_its_own_browser_and_not_for_ever(
    counter: Counter, there: Provider, clock: StandingClock, database: Database
) -> None:
    """Or somebody could have Sam connect their sign-in with his account."""
    pantry = await set_up(counter, there)
    waits = (await pantry.sign_in(counter.browser)).headers["location"]
    assert (await counter.anna.open(waits)).status_code == 404
    await counter.anna.open(MINE)
    form = counter.anna.form("/account/sign-out")
    form.action = waits
    assert (await counter.anna.send(form)).status_code == 404
    clock.forward(minutes=31)
    assert (await counter.browser.open(waits)).status_code == 404
    assert await identities(database) == set()


async def test_only_the_team_connects_it(
    counter: Counter, there: Provider, contents: Contents
) -> None:
    """Sam is of the Shelter: the Pantry may not say who he is."""
    pantry = await set_up(counter, there)
    sam = await signed_in(counter, counter.cast.sam_id, "Sam")
    assert pantry.provider.id not in (await sam.open(MINE)).text
    waits = (await pantry.sign_in(counter.browser)).headers["location"]
    await sign_in(counter.desk, counter.browser, counter.cast.sam_id, "Sam")
    await counter.browser.open(waits)
    form = counter.browser.form("/account/providers/waiting")
    before = await contents()
    assert (await counter.browser.send(form)).status_code == 403
    assert await changed(contents, before) == set()


async def test_what_is_somebodys_stays_theirs(
    pantry: Pantry, database: Database, clock: StandingClock
) -> None:
    counter = pantry.counter
    async with database.writing() as db:
        await teams.give_role(
            db, "tmb_of_sam", counter.cast.pantry, counter.cast.sam_id, TeamRole.EDITOR, clock.now()
        )
    sam = await signed_in(counter, counter.cast.sam_id, "Sam")
    answer = await pantry.sign_in(sam, MINE)
    assert answer.status_code == 400
    assert "connected with another account" in answer.text
    assert await whose(sam) == "Sam"
    assert await identities(database) == {(ANNA_THERE, counter.cast.anna_id)}


async def test_who_acts_for_others_too_is_told_what_it_opens(
    counter: Counter, there: Provider, database: Database, clock: StandingClock
) -> None:
    async with database.writing() as db:
        await teams.give_role(
            db, "tmb_2", counter.cast.library, counter.cast.anna_id, TeamRole.VIEWER, clock.now()
        )
    pantry = await set_up(counter, there)
    waits = (await pantry.sign_in(counter.anna, MINE)).headers["location"]
    assert "Northside Library" in (await counter.anna.open(waits)).text


async def test_connecting_takes_a_fresh_session(
    counter: Counter, there: Provider, clock: StandingClock, database: Database
) -> None:
    pantry = await set_up(counter, there)
    clock.forward(minutes=11)
    waits = (await pantry.sign_in(counter.anna, MINE)).headers["location"]
    answer = await counter.anna.open(waits)
    assert answer.headers["location"].startswith("/account/sign-in?next=")
    assert answer.headers["location"].endswith("again=yes")
    assert await identities(database) == set()


async def test_anna_disconnects_it(pantry: Pantry, database: Database) -> None:
    action = f"/account/providers/{pantry.provider.id}/disconnect"
    await pantry.counter.anna.open(MINE)
    answer = await pantry.counter.anna.send(pantry.counter.anna.form(action))
    assert (answer.status_code, answer.headers["location"]) == (303, MINE)
    assert await identities(database) == set()
    await pantry.sign_in(pantry.counter.browser)
    assert not is_signed_in(pantry.counter.browser)


async def test_the_only_way_in_stays(
    pantry: Pantry, database: Database, contents: Contents
) -> None:
    async with database.writing() as db:
        await db.execute(sign_in_addresses.delete())
        await db.execute(passkeys.delete())
    await pantry.counter.anna.open(MINE)
    form = pantry.counter.anna.form(f"/account/providers/{pantry.provider.id}/disconnect")
    before = await contents()
    answer = await pantry.counter.anna.send(form)
    assert answer.status_code == 400
    assert "only way in" in answer.text
    assert await changed(contents, before) == set()
