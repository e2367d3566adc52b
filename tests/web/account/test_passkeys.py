"""Passkeys on pages: the forms that a script fills, and what the pages say without one."""

import html
import re
from urllib.parse import urlencode

import httpx
import pytest
from markupsafe import escape

from auth.sessions import FRESH
from tests.auth.authenticator import UP, Authenticator, Manner
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from web.account.passkeys import PASSKEYS, SCRIPT, SHOWN
from web.account.security import SECURITY
from web.account.visits import SIGN_IN

SCRIPTED = "script-src 'self'"


@pytest.fixture
def contents(contents: Contents) -> Contents:
    """But for counts of tries, and questions that a page asks, which are for nobody in particular."""

    async def read() -> dict[str, list[str]]:
        return {**await contents(), "throttles": [], "ceremonies": []}

    return read


def asked(page: httpx.Response) -> str:
    """What the script would ask the browser."""
    (found,) = re.findall(r'data-passkey="([^"]*)"', page.text)
    return html.unescape(found)


@pytest.fixture
async def phone(counter: Counter) -> Authenticator:
    """Anna's, with a passkey."""
    phone, anna = Authenticator(), counter.anna
    answer = phone.create(asked(await anna.open(PASSKEYS)))
    sent = await anna.send(anna.form(PASSKEYS), answer=answer, name="My phone")
    assert (sent.status_code, sent.headers["location"]) == (303, SECURITY), sent.text
    return phone


async def show(
    browser: Browser, phone: Authenticator, query: str = "", manner: Manner | None = None
) -> httpx.Response:
    page = await browser.open(SIGN_IN + query)
    return await browser.send(browser.form(SHOWN), answer=phone.get(asked(page), manner))


async def test_it_signs_in_and_leads_on(counter: Counter, phone: Authenticator) -> None:
    browser = counter.browser
    answer = await show(browser, phone, f"?{urlencode({'next': '/account/connected?page=2'})}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/connected?page=2")
    assert answer.headers["set-cookie"].startswith("convoke=")
    page = await browser.open(SECURITY)
    assert "My phone" in page.text
    assert "last used within the last hour" in page.text


@pytest.mark.parametrize("then", ["//evil.test", "/\\evil.test", "https://evil.test", "/\t/x"])
async def test_it_leads_nowhere_else(counter: Counter, phone: Authenticator, then: str) -> None:
    browser = counter.browser
    page = await browser.open(SIGN_IN)
    answer = await browser.send(browser.form(SHOWN), answer=phone.get(asked(page)), next=then)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


async def test_what_is_refused_says_so_and_leads_back(
    counter: Counter, phone: Authenticator, contents: Contents
) -> None:
    browser, before = counter.browser, await contents()
    answer = await show(browser, phone, "?next=%2Faccount%2Fsessions", Manner(flags=UP))
    assert answer.status_code == 403
    assert "This passkey was not taken." in answer.text
    assert "session" not in answer.headers.get("set-cookie", "")
    assert f"{SIGN_IN}?next=%2Faccount%2Fsessions" in browser.links
    assert await contents() == before
    again = await browser.open(SHOWN)  # the address of that page, looked at once more
    assert (again.status_code, again.headers["location"]) == (303, SIGN_IN)


async def test_an_answer_is_of_the_browser_that_was_asked(
    counter: Counter, phone: Authenticator, contents: Contents
) -> None:
    """A stranger sends on what Anna's phone answered to their question, or the other way round."""
    stranger, victim = counter.browser, await counter.new_browser()
    question = asked(await stranger.open(SIGN_IN))
    await victim.open(SIGN_IN)
    before = await contents()
    answer = await victim.send(victim.form(SHOWN), answer=phone.get(question))
    assert answer.status_code == 403
    assert await contents() == before


async def test_showing_it_again_makes_the_session_fresh(
    counter: Counter, phone: Authenticator, clock: StandingClock
) -> None:
    anna = counter.browser
    await show(anna, phone)
    was = anna.http.cookies["convoke"]
    clock.forward(seconds=FRESH.total_seconds() + 1)
    led = await anna.open(PASSKEYS)
    assert (led.status_code, led.headers["location"]) == (
        303,
        f"{SIGN_IN}?next=%2Faccount%2Fsecurity%2Fpasskeys&again=yes",
    )
    answer = await show(anna, phone, led.headers["location"].removeprefix(SIGN_IN))
    assert (answer.status_code, answer.headers["location"]) == (303, PASSKEYS)
    assert anna.http.cookies["convoke"] != was
    assert (await anna.open(PASSKEYS)).status_code == 200


async def test_whoever_has_none_is_not_offered_to_show_it(counter: Counter) -> None:
    sam = await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    page = await sam.open(f"{SIGN_IN}?again=yes")
    assert page.status_code == 200
    assert "data-passkey" not in page.text
    listed = await sam.open(SECURITY)
    assert "You have none yet." in listed.text
    assert PASSKEYS in sam.links


async def test_whoever_comes_too_often_has_the_other_ways(counter: Counter) -> None:
    browser = counter.browser
    for _ in range(60):
        assert "data-passkey" in (await browser.open(SIGN_IN)).text
    page = await browser.open(SIGN_IN)
    assert page.status_code == 200
    assert "data-passkey" not in page.text
    assert browser.form(f"{SIGN_IN}/letter").method == "post"


async def test_the_script_is_ours_and_runs_only_where_it_is_asked_for(
    counter: Counter, phone: Authenticator
) -> None:
    anna, nobody = counter.anna, counter.browser
    for page in (await nobody.open(SIGN_IN), await anna.open(PASSKEYS)):
        assert SCRIPTED in page.headers["content-security-policy"]
        scripts = re.findall(r"<script\b[^>]*>[^<]*", page.text)
        (address,) = re.findall(rf'<script src="({SCRIPT}\?[0-9a-f]{{12}})" defer>', page.text)
        assert len(scripts) == 1
    for path in ("/account", "/account/sessions", f"{SIGN_IN}/password"):
        page = await anna.open(path)
        assert "script-src" not in page.headers["content-security-policy"]
    script = await nobody.open(address)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "navigator.credentials" in script.text


async def test_what_is_wrong_with_a_new_one_is_said_and_it_can_be_made_once_more(
    counter: Counter, contents: Contents
) -> None:
    anna, phone = counter.anna, Authenticator()
    answer = phone.create(asked(await anna.open(PASSKEYS)))
    before = await contents()
    nameless = await anna.send(anna.form(PASSKEYS), answer=answer, name=" ")
    assert nameless.status_code == 400
    assert "name: write something here." in nameless.text
    wrong = await anna.send(anna.form(PASSKEYS), answer="{}", name="My phone")
    assert wrong.status_code == 403
    assert "This passkey was not taken." in wrong.text
    assert 'value="My phone"' in wrong.text
    assert await contents() == before
    sent = await anna.send(anna.form(PASSKEYS), answer=phone.create(asked(wrong)))
    assert (sent.status_code, sent.headers["location"]) == (303, SECURITY)


async def test_one_is_given_another_name_and_removed(
    counter: Counter, phone: Authenticator, contents: Contents
) -> None:
    anna = counter.anna
    await anna.open(SECURITY)
    (one,) = [each for each in anna.links if each.startswith(f"{PASSKEYS}/")]
    await anna.open(one)
    before = await contents()
    assert (await anna.send(anna.form(one), name="")).status_code == 400
    assert await contents() == before
    name = "<b>Mine</b> & 'yours'"
    assert (await anna.send(anna.form(one), name=name)).headers["location"] == SECURITY
    assert escape(name) in (await anna.open(SECURITY)).text
    await anna.open(f"{one}/remove")
    sent = await anna.send(anna.form(f"{one}/remove"))
    assert (sent.status_code, sent.headers["location"]) == (303, SECURITY)
    assert "You have none yet." in (await anna.open(SECURITY)).text
    assert (await anna.open(one)).status_code == 404
    answer = await show(counter.browser, phone)
    assert answer.status_code == 403


async def test_each_change_takes_a_fresh_session_of_its_owner(
    counter: Counter, phone: Authenticator, clock: StandingClock, contents: Contents
) -> None:
    anna, sam = counter.anna, await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    await anna.open(SECURITY)
    (one,) = [each for each in anna.links if each.startswith(f"{PASSKEYS}/")]
    answer = phone.create(asked(await anna.open(PASSKEYS)))
    new = anna.form(PASSKEYS)
    await anna.open(one)
    named = anna.form(one)
    await anna.open(f"{one}/remove")
    removed = anna.form(f"{one}/remove")
    await sam.open(PASSKEYS)
    token = sam.form(PASSKEYS).fields["form_token"]
    before = await contents()
    for path in (one, f"{one}/remove"):
        assert (await sam.open(path)).status_code == 404
        sent = await sam.http.post(path, data={"form_token": token, "name": "Sam's"})
        assert sent.status_code == 404
    assert await contents() == before
    clock.forward(seconds=FRESH.total_seconds() + 1)
    await anna.open("/account")  # it is noted when she was seen
    before = await contents()
    for form, fields in ((new, {"answer": answer}), (named, {"name": "New"}), (removed, {})):
        sent = await anna.send(form, **fields)
        assert sent.status_code == 303
        assert sent.headers["location"].startswith(f"{SIGN_IN}?next=")
    assert await contents() == before
