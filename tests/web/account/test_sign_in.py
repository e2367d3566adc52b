"""Signing in as people meet it: pages, cookies, where it leads, and what it refuses."""

import asyncio
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest

from auth.passwords import Passwords
from auth.sessions import FRESH
from storage import accounts as stored
from tests.auth.signing_in import code_in, link_in, mailbox, wrong
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import Browser
from tests.web.account.conftest import Counter
from web.account.visits import HOME, SIGN_IN
from web.app import create_app

ANNAS = "anna@pantry.example"
GOOD = "lamp river seven coat"


async def ask_for_letter(
    counter: Counter, browser: Browser, address: str = ANNAS, then: str = ""
) -> httpx.Response:
    await browser.open(SIGN_IN + (f"?{urlencode({'next': then})}" if then else ""))
    answer = await browser.send(browser.form(f"{SIGN_IN}/letter"), address=address)
    assert answer.status_code == 303, answer.text
    return await browser.open(answer.headers["location"])


async def letter_to(counter: Counter, address: str = ANNAS) -> str:
    return (await mailbox(counter.service.database, address))[-1]


async def is_signed_in_as(browser: Browser) -> str | None:
    answer = await browser.open(HOME)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith(SIGN_IN)
        return None
    return answer.text.partition('Signed in as <b dir="auto">')[2].partition("<")[0]


async def give_anna_a_password(counter: Counter) -> None:
    hashed = await Passwords(counter.desk.chance).hashed(GOOD)
    async with counter.desk.database.writing() as db:
        await stored.keep_password(db, counter.cast.anna_id, hashed, counter.desk.clock.now())


async def test_the_letters_link_signs_in_and_leads_on(counter: Counter) -> None:
    browser = counter.browser
    page = await ask_for_letter(counter, browser, then="/account/connected?page=2")
    assert "a letter is on its way" in page.text
    opened = await browser.open(link_in(await letter_to(counter)))
    assert opened.status_code == 200
    assert "another browser" not in opened.text
    answer = await browser.send(browser.form(f"{SIGN_IN}/link"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/connected?page=2")
    assert await is_signed_in_as(browser) == "Anna"


async def test_the_letters_code_signs_in_where_it_was_asked_for(counter: Counter) -> None:
    browser = counter.browser
    await ask_for_letter(counter, browser, then="/account/sessions")
    code = code_in(await letter_to(counter))
    refused = await browser.send(browser.form(f"{SIGN_IN}/code"), code=wrong(code))
    assert refused.status_code == 403
    assert "This is not the code" in refused.text
    answer = await browser.send(browser.form(f"{SIGN_IN}/code"), code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sessions")
    assert await is_signed_in_as(browser) == "Anna"


async def test_a_stranger_sees_the_same_pages(counter: Counter) -> None:
    pages = []
    for address in (ANNAS, "nobody@pantry.example"):
        browser = await counter.new_browser()
        page = await ask_for_letter(counter, browser, address)
        token = browser.form(f"{SIGN_IN}/code").fields["form_token"]
        refused = await browser.send(browser.form(f"{SIGN_IN}/code"), code="0000 0000")
        pages += [
            (each.status_code, each.text.replace(address, "…").replace(token, "…"))
            for each in (page, refused)
        ]
    assert pages[:2] == pages[2:]
    assert await mailbox(counter.service.database, "nobody@pantry.example") == []


async def test_programs_that_look_at_the_link_use_nothing_up(
    counter: Counter, contents: Contents
) -> None:
    await ask_for_letter(counter, counter.browser)
    link = link_in(await letter_to(counter))
    scanner = await counter.new_browser()
    before = await contents()
    for _ in range(5):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await scanner.http.request(method, link)
            assert not any("convoke=" in each for each in answer.headers.get_list("set-cookie"))
    # They press buttons as well, but know no token of the form.
    answer = await scanner.http.post(link, data={"letter": link.partition("=")[2]})
    assert answer.status_code == 403
    assert await contents() == before
    await counter.browser.open(link)
    await counter.browser.send(counter.browser.form(f"{SIGN_IN}/link"))
    assert await is_signed_in_as(counter.browser) == "Anna"


async def test_a_link_opened_elsewhere_asks_plainly_and_signs_in_only_there(
    counter: Counter,
) -> None:
    """Anna is sent a letter that a stranger asked for, and presses its button."""
    await ask_for_letter(counter, counter.browser, then="/account/connected")
    phone = await counter.new_browser()
    opened = await phone.open(link_in(await letter_to(counter)))
    assert "This letter was asked for in another browser." in opened.text
    assert "Sign in here as <bdi>Anna</bdi>" in opened.text
    answer = await phone.send(phone.form(f"{SIGN_IN}/link"))
    assert answer.headers["location"] == HOME
    assert await is_signed_in_as(phone) == "Anna"
    assert await is_signed_in_as(counter.browser) is None


async def test_who_is_signed_in_is_told_whose_letter_it_is(counter: Counter) -> None:
    """A stranger's letter to themselves, sent on to Anna, does not pass for hers."""
    await ask_for_letter(counter, counter.browser, "sam@shelter.example")
    opened = await counter.anna.open(link_in(await letter_to(counter, "sam@shelter.example")))
    assert "Sign in as <bdi>Sam</bdi>?" in opened.text
    assert 'You are signed in as <b dir="auto">Anna</b>' in opened.text
    assert await is_signed_in_as(counter.anna) == "Anna"


async def test_a_used_letter_leads_to_a_new_one(counter: Counter) -> None:
    browser = counter.browser
    await ask_for_letter(counter, browser)
    link = link_in(await letter_to(counter))
    await browser.open(link)
    form = browser.form(f"{SIGN_IN}/link")
    await browser.send(form)
    answer = await browser.open(link)
    assert answer.status_code == 404
    assert "used already, or is older than 15 minutes" in answer.text


async def test_of_twenty_presses_at_once_one_signs_in(counter: Counter) -> None:
    browser = counter.browser
    await ask_for_letter(counter, browser)
    await browser.open(link_in(await letter_to(counter)))
    form = browser.form(f"{SIGN_IN}/link")

    async def press() -> int:
        answer = await browser.http.post(form.action, data=form.fields)
        return answer.status_code

    statuses = await asyncio.gather(*(press() for _ in range(20)))
    assert sorted(statuses) == [303] + [404] * 19


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test/",
        "\\\\evil.test",
        "/\t/evil.test/",
        "/\n/evil.test",
        "\t//evil.test",
        " //evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "account",
        "http:evil.test",
        "/\u2028/evil.test",
        "/" + "x" * 5_000,
    ],
)
async def test_signing_in_leads_nowhere_else(counter: Counter, then: str) -> None:
    browser = counter.browser
    await browser.open(f"{SIGN_IN}?{urlencode({'next': then})}")
    form = browser.form(f"{SIGN_IN}/letter")
    assert form.fields["next"] == ""
    form.fields["next"] = then  # whoever changes the form is sent nowhere else either
    await browser.send(form, address=ANNAS)
    await browser.open(f"{SIGN_IN}/letter")
    answer = await browser.send(
        browser.form(f"{SIGN_IN}/code"), code=code_in(await letter_to(counter))
    )
    assert answer.headers["location"] == HOME
    # And who is signed in already is sent on as carefully.
    answer = await browser.open(f"{SIGN_IN}?{urlencode({'next': then})}")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)


async def test_a_password_signs_in(counter: Counter) -> None:
    await give_anna_a_password(counter)
    browser = counter.browser
    await browser.open(f"{SIGN_IN}?next=/account/sessions")
    form = browser.form(f"{SIGN_IN}/letter")
    form.action = f"{SIGN_IN}/password"  # the other button
    page = await browser.send(form, address=ANNAS)
    assert page.status_code == 200
    form = browser.form(f"{SIGN_IN}/password")
    assert form.fields["address"] == ANNAS
    refused = await browser.send(form, password="no such lamp")
    assert refused.status_code == 403
    assert "do not go together" in refused.text
    assert "no such lamp" not in refused.text
    answer = await browser.send(browser.form(f"{SIGN_IN}/password"), password=GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sessions")
    assert await is_signed_in_as(browser) == "Anna"


async def test_wrong_passwords_are_answered_429_in_the_end(counter: Counter) -> None:
    browser = counter.browser
    await browser.open(f"{SIGN_IN}/password")
    form = browser.form(f"{SIGN_IN}/password")
    answers = [await browser.send(form, address=ANNAS, password="no such lamp") for _ in range(6)]
    assert [each.status_code for each in answers] == [403] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 15


async def test_the_cookie_is_new_at_every_sign_in(counter: Counter) -> None:
    """Session fixation: what a stranger put into the browser before is worth nothing."""
    browser = counter.browser
    browser.http.cookies.set("convoke", "s" * 43)
    await ask_for_letter(counter, browser)
    answer = await browser.send(
        browser.form(f"{SIGN_IN}/code"), code=code_in(await letter_to(counter))
    )
    (cookie,) = answer.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    secret, *flags = [each.strip() for each in rest.split(";")]
    assert name == "convoke"
    assert len(secret) == 43
    assert secret != "s" * 43
    assert {each.lower() for each in flags} == {
        "httponly", "samesite=lax", "path=/", "max-age=604800"
    }  # fmt: skip
    planted = await counter.new_browser()
    planted.http.cookies.set("convoke", "s" * 43)
    assert await is_signed_in_as(planted) is None


async def test_over_https_no_other_host_sets_the_cookies(counter: Counter) -> None:
    settings = replace(counter.service.settings, base_url="https://hub.test")
    app = create_app(replace(counter.service, settings=settings))
    transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as http:
        browser = Browser(http)
        page = await browser.open(SIGN_IN)
        await browser.send(browser.form(f"{SIGN_IN}/letter"), address=ANNAS)
        letter = await letter_to(counter)
        assert "https://hub.test/account/sign-in/link?letter=" in letter
        await browser.open(f"{SIGN_IN}/letter")
        answer = await browser.send(browser.form(f"{SIGN_IN}/code"), code=code_in(letter))
    for name, each in (("__Host-convoke-visit", page), ("__Host-convoke", answer)):
        (cookie,) = each.headers.get_list("set-cookie")
        assert cookie.startswith(f"{name}=")
        flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)


async def test_pages_are_kept_by_nobody_and_framed_by_nobody(counter: Counter) -> None:
    for path in (SIGN_IN, f"{SIGN_IN}/password", f"{SIGN_IN}/link?letter=x"):
        answer = await counter.browser.open(path)
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_a_step_up_asks_again_and_makes_a_new_session(
    counter: Counter, clock: StandingClock
) -> None:
    browser = counter.anna
    before = browser.http.cookies["convoke"]
    clock.forward(minutes=FRESH.total_seconds() / 60 + 1)
    sent = await browser.open("/account/security/password")
    where = sent.headers["location"]
    assert where == f"{SIGN_IN}?next=%2Faccount%2Fsecurity%2Fpassword&again=yes"
    page = await browser.open(where)
    assert "Show once more that it is you" in page.text
    assert await is_signed_in_as(browser) == "Anna"  # meanwhile
    await browser.open(where)
    form = browser.form(f"{SIGN_IN}/letter")
    assert form.fields["address"] == ANNAS  # nothing to type
    await browser.send(form)
    await browser.open(f"{SIGN_IN}/letter")
    answer = await browser.send(
        browser.form(f"{SIGN_IN}/code"), code=code_in(await letter_to(counter))
    )
    assert answer.headers["location"] == "/account/security/password"
    browser.http.cookies.jar.clear("", "/", "convoke")  # as the tests had set it; a browser has one
    assert browser.http.cookies["convoke"] != before
    assert (await browser.open("/account/security/password")).status_code == 200
    stolen = await counter.new_browser()
    stolen.http.cookies.set("convoke", before)
    assert await is_signed_in_as(stolen) is None


async def test_again_is_nothing_for_who_is_not_signed_in(counter: Counter) -> None:
    page = await counter.browser.open(f"{SIGN_IN}?again=yes")
    assert "Show once more" not in page.text
    assert counter.browser.form(f"{SIGN_IN}/letter").fields["address"] == ""


async def test_what_is_typed_is_shown_as_text(counter: Counter) -> None:
    browser = counter.browser
    await browser.open(SIGN_IN)
    answer = await browser.send(
        browser.form(f"{SIGN_IN}/letter"), address='"><script>alert(1)</script>'
    )
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert "An email address looks like" in answer.text
