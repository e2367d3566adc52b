"""Attacks by patience: passwords and codes guessed, letters used up, and names tried for who is here."""

import httpx

from auth.passwords import Passwords
from storage import accounts as stored
from storage.account_tables import sessions
from tests.attacks.target import Target, error_of
from tests.auth.people import basic_of
from tests.auth.signing_in import code_in, link_in, mailbox, wrong
from tests.web.account.browsing import Browser, sign_in
from web.account.visits import SIGN_IN

ANNAS, NOBODYS = "anna@pantry.example", "nobody@pantry.example"
GOOD = "lamp river seven coat"


async def give_anna_a_password(target: Target) -> None:
    hashed = await Passwords(target.counter.desk.chance).hashed(GOOD)
    desk = target.counter.desk
    async with desk.database.writing() as db:
        await stored.keep_password(db, target.cast.anna_id, hashed, desk.clock.now())


async def tries(
    browser: Browser, password: str, address: str = ANNAS, **headers: str
) -> httpx.Response:
    await browser.open(f"{SIGN_IN}/password")
    form = browser.form(f"{SIGN_IN}/password")
    fields = {**form.fields, "address": address, "password": password}
    return await browser.http.post(form.action, data=fields, headers=headers)


async def test_whoever_guesses_passwords_waits_and_anna_does_not(target: Target) -> None:
    """The right one does not help them either; from Anna's own place it does."""
    await give_anna_a_password(target)
    guesser, anna = await target.browser(), await target.browser("127.0.0.2")
    before = await target.contents()
    answers = [await tries(guesser, f"guess number {number}") for number in range(7)]
    assert [each.status_code for each in answers] == [403] * 5 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 15
    for lie in ({}, {"x-forwarded-for": "127.0.0.9"}, {"forwarded": "for=127.0.0.9"}):
        assert (await tries(guesser, GOOD, **lie)).status_code == 429
    assert await target.contents() == before
    assert (await tries(anna, GOOD)).status_code == 303
    target.office.desk.clock.forward(seconds=15)  # type: ignore[attr-defined]
    assert (await tries(guesser, GOOD)).status_code == 303, "Retry-After was meant"


async def test_a_password_tells_nobody_who_has_an_account(target: Target) -> None:
    await give_anna_a_password(target)
    told = []
    for address in (ANNAS, NOBODYS):
        browser = await target.browser()
        answer = await tries(browser, "no such lamp at all", address)
        token = browser.form(f"{SIGN_IN}/password").fields["form_token"]
        told.append((answer.status_code, answer.text.replace(address, "").replace(token, "")))
    assert told[0] == told[1]
    assert told[0][0] == 403


async def test_asking_for_a_letter_tells_nobody_who_has_an_account(target: Target) -> None:
    told = []
    for address in (ANNAS, NOBODYS):
        browser = await target.browser()
        await browser.open(SIGN_IN)
        sent = await browser.send(browser.form(f"{SIGN_IN}/letter"), address=address)
        page = await browser.open(sent.headers["location"])
        token = browser.form(f"{SIGN_IN}/code").fields["form_token"]
        tried = await browser.send(browser.form(f"{SIGN_IN}/code"), code="0000 0000")
        told.append(
            [sent.status_code, sent.headers["location"], page.status_code, tried.status_code]
            + [each.text.replace(address, "").replace(token, "") for each in (page, tried)]
        )
    assert told[0] == told[1]
    assert len(await mailbox(target.counter.desk.database, ANNAS)) == 1
    assert await mailbox(target.counter.desk.database, NOBODYS) == []


async def test_a_wrong_secret_tells_nobody_which_apps_there_are(target: Target) -> None:
    known = target.office.app.client.id
    before = await target.contents()
    answers = [
        await target.office.ask(basic=basic_of(name, "cvk_secret_guessed"))
        for name in (known, "app_unknown")
    ]
    assert {error_of(each) for each in answers} == {(401, "invalid_client")}
    assert answers[0].text == answers[1].text
    assert await target.contents() == before
    assert (await target.office.ask()).status_code == 200


async def test_whoever_guesses_secrets_waits_and_the_app_does_not(target: Target) -> None:
    known = target.office.app.client.id
    before = await target.contents()
    answers = [
        await target.office.ask(basic=basic_of(known, f"cvk_secret_{number}"))
        for number in range(12)
    ]
    assert [each.status_code for each in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0
    assert await target.contents() == before
    assert (await target.office.ask()).status_code == 200


async def test_a_scanner_of_links_uses_no_letter_up(target: Target) -> None:
    """Nor is it signed in, whatever it asks for."""
    browser = await target.browser()
    await browser.open(SIGN_IN)
    await browser.send(browser.form(f"{SIGN_IN}/letter"), address=ANNAS)
    link = link_in((await mailbox(target.counter.desk.database, ANNAS))[-1])
    scanner = await target.browser("127.0.0.2")
    before = await target.contents()
    for method in ("GET", "HEAD", "OPTIONS", "POST", "GET"):
        answer = await scanner.http.request(method, link)
        cookies = answer.headers.get_list("set-cookie")
        assert not any(each.startswith("convoke=") for each in cookies), method
    assert await target.contents() == before
    await browser.open(link)
    answer = await browser.send(browser.form(f"{SIGN_IN}/link"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert len((await target.contents())[sessions.name]) == len(before[sessions.name]) + 1


async def test_whoever_guesses_codes_of_devices_waits(target: Target) -> None:
    """RFC 8628 s5.1: a code is short, because people type it."""
    app = await target.app()
    asked = {"client_id": app.id, "scope": "events:read"}
    begun = (await target.posted(asked, "/oauth/device_authorization")).json()
    letters = "BCDFGHJKLMNPQRSTVWXZ"
    assert len(begun["user_code"].replace("-", "")) == 8
    before = await target.contents()
    statuses = []
    for number in range(23):
        guess = letters[number % 20] * 4 + letters[number // 20] * 4
        await target.anna.open("/device")
        answer = await target.anna.send(target.anna.form("/device"), user_code=guess)
        statuses.append(answer.status_code)
    assert statuses == [400] * 20 + [429] * 3
    await target.anna.open("/device")
    form = target.anna.form("/device")
    answer = await target.anna.send(form, user_code=begun["user_code"])
    assert answer.status_code == 429, "the right one does not help them either"
    assert int(answer.headers["retry-after"]) > 0
    assert await target.contents() == before
    sam = await target.browser("127.0.0.2")
    await sign_in(target.counter.desk, sam, target.cast.sam_id, "Sam")
    await sam.open("/device")
    await sam.send(sam.form("/device"), user_code=begun["user_code"])
    assert sam.form("/device/answer").fields["user_code"] == begun["user_code"]


async def test_a_letters_code_is_not_found_by_trying(target: Target) -> None:
    """Five wrong ones end it, and the link goes on."""
    browser = await target.browser()
    await browser.open(SIGN_IN)
    await browser.send(browser.form(f"{SIGN_IN}/letter"), address=ANNAS)
    text = (await mailbox(target.counter.desk.database, ANNAS))[-1]
    before = (await target.contents())[sessions.name]
    for code in [wrong(code_in(text))] * 5 + [code_in(text)]:
        await browser.open(f"{SIGN_IN}/letter")
        answer = await browser.send(browser.form(f"{SIGN_IN}/code"), code=code)
        assert answer.status_code == 403
    assert (await target.contents())[sessions.name] == before
    await browser.open(link_in(text))
    assert (await browser.send(browser.form(f"{SIGN_IN}/link"))).status_code == 303
