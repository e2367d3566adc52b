"""Where somebody is signed in, and ending it."""

import pytest

from storage.sessions import Session
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter

SESSIONS = "/account/sessions"


async def another_of_anna(counter: Counter) -> tuple[Browser, Session]:
    browser = await counter.new_browser()
    return browser, await sign_in(counter.desk, browser, counter.cast.anna_id, "Anna")


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.open(SESSIONS)).status_code == 200


async def test_each_is_listed_in_words(counter: Counter, clock: StandingClock) -> None:
    await another_of_anna(counter)
    clock.forward(hours=3)
    page = await counter.anna.open(SESSIONS)
    assert page.text.count("Firefox on Linux</b>") == 2
    assert page.text.count(", this browser") == 1
    assert "Signed in by passkey on" in page.text
    assert "3 hours ago" in page.text


async def test_nobody_sees_them_who_is_not_signed_in(counter: Counter) -> None:
    answer = await counter.browser.open(SESSIONS)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/account/sign-in?next=%2Faccount%2Fsessions"


async def test_one_is_ended_from_another(counter: Counter) -> None:
    phone, session = await another_of_anna(counter)
    await counter.anna.open(SESSIONS)
    form = counter.anna.form(f"{SESSIONS}/end")
    answer = await counter.anna.send(form, session=session.id)
    assert answer.headers["location"] == SESSIONS
    assert not await is_signed_in(phone)
    assert await is_signed_in(counter.anna)


async def test_all_others_are_ended_at_once(counter: Counter) -> None:
    phone, _ = await another_of_anna(counter)
    tablet, _ = await another_of_anna(counter)
    await counter.anna.open(SESSIONS)
    await counter.anna.send(counter.anna.form(f"{SESSIONS}/end-others"))
    assert not await is_signed_in(phone)
    assert not await is_signed_in(tablet)
    assert await is_signed_in(counter.anna)


async def test_ending_this_one_is_signing_out(counter: Counter) -> None:
    await counter.anna.open(SESSIONS)
    answer = await counter.anna.send(counter.anna.form(f"{SESSIONS}/end"))
    assert answer.headers["location"] == "/account/sign-in"
    assert 'convoke=""' in answer.headers["set-cookie"]
    assert not await is_signed_in(counter.anna)


async def test_nobody_ends_somebody_elses(counter: Counter, contents: Contents) -> None:
    sam = await counter.new_browser()
    session = await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    await counter.anna.open(SESSIONS)
    form = counter.anna.form(f"{SESSIONS}/end")
    before = await contents()
    for named in (session.id, "", "ses_unknown", "x" * 5_000):
        answer = await counter.anna.send(form, session=named)
        assert answer.headers["location"] == SESSIONS
        await counter.anna.open(SESSIONS)
    assert await contents() == before
    assert await is_signed_in(sam)


@pytest.mark.parametrize(("hours", "lasts"), [(7.9, True), (8.1, False)])
async def test_a_session_that_nobody_uses_ends(
    counter: Counter, clock: StandingClock, hours: float, lasts: bool
) -> None:
    clock.forward(hours=hours)
    assert await is_signed_in(counter.anna) is lasts


async def test_a_session_that_is_used_ends_after_a_week(
    counter: Counter, clock: StandingClock
) -> None:
    for _ in range(27):
        clock.forward(hours=6)
        assert await is_signed_in(counter.anna)
    clock.forward(hours=7)
    assert not await is_signed_in(counter.anna)
