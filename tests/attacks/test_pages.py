"""Attacks on people by pages of others: framed, forged forms, planted cookies, links that lead away."""

import re
from urllib.parse import urlencode

import httpx

from tests.attacks.target import ISSUER, Target
from tests.auth.signing_in import code_in, link_in, mailbox
from tests.web.account.apps_of_people import asking
from tests.web.account.browsing import Browser, sign_in
from web.account.routes import routes
from web.account.visits import HOME, SIGN_IN, Forged

ANNAS, SAMS = "anna@pantry.example", "sam@shelter.example"
FORGED = Forged().message.partition(".")[0]
AN_APPS = "/oauth/authorize"  # which an app's page may send: it only leads to the same by GET
OWN = {"origin": ISSUER, "sec-fetch-site": "same-origin"}
FOREIGN = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "https://hub.test"},
    {"origin": "http://hub.test.evil.example"},
    {"origin": "http://hub.test:8080"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {**OWN, "sec-fetch-site": "cross-site"},
]


def addresses(target: Target, method: str) -> list[str]:
    """Of the pages that are asked for so, with something in their gaps."""
    return [
        re.sub(
            r"\{(\w+)(?::\w+)?\}",
            lambda gap: "river-city-pantry" if gap[1] == "slug" else "some",
            route.path,
        )
        for route in routes(target.counter.service)
        if method in (route.methods or ())
    ]


async def token_of(browser: Browser) -> str:
    """What a page of this browser's would put into its forms now."""
    await browser.open("/account/sessions")
    return browser.form("/account/sign-out").fields["form_token"]


async def letter(target: Target, address: str = ANNAS) -> str:
    return (await mailbox(target.counter.desk.database, address))[-1]


async def whose(browser: Browser) -> str | None:
    """Who is signed in there."""
    answer = await browser.open(HOME)
    return answer.text.partition('Signed in as <b dir="auto">')[2].partition("<")[0] or None


async def sign_in_by_letter(target: Target, browser: Browser, then: str = "") -> httpx.Response:
    target.office.desk.clock.forward(seconds=1)  # type: ignore[attr-defined]  # the newest letter
    await browser.open(f"{SIGN_IN}?{urlencode({'next': then})}")
    await browser.send(browser.form(f"{SIGN_IN}/letter"), address=ANNAS)
    await browser.open(f"{SIGN_IN}/letter")
    code = code_in(await letter(target))
    return await browser.send(browser.form(f"{SIGN_IN}/code"), code=code)


async def test_no_page_of_identity_is_shown_in_a_frame(target: Target) -> None:
    """Consent framing: a button of ours under a picture of theirs."""
    pages = addresses(target, "GET")
    assert {"/device", "/account/apps", AN_APPS} <= set(pages)
    asked = [*pages, asking(await target.app()), "/account/team/river-city-pantry"]
    nobody = await target.browser()
    for browser in (target.anna, nobody):
        for path in asked:
            answer = await browser.open(path)
            if answer.headers.get("content-type", "").startswith("text/html"):
                policy = answer.headers["content-security-policy"]
                assert "frame-ancestors 'none'" in policy, path
                assert "unsafe" not in policy, path
    consent = await target.anna.open(asked[-2])
    assert consent.status_code == 200, "it was a page that was looked at"
    assert target.anna.form("/oauth/consent").method == "post"


async def test_no_form_is_taken_without_its_token(target: Target) -> None:
    """CSRF, on each form there is; also with a token of the attacker's own."""
    paths = [path for path in addresses(target, "POST") if path != AN_APPS]
    for begins in (SIGN_IN, "/oauth/consent", "/device", "/account/apps", "/account/team"):
        assert any(path.startswith(begins) for path in paths), begins
    stranger = await target.browser()
    await stranger.open(SIGN_IN)
    await target.anna.open(HOME)
    theirs = stranger.form(f"{SIGN_IN}/letter").fields["form_token"]
    before = await target.contents()
    for path in paths:
        for token in (None, "", theirs):
            fields = {} if token is None else {"form_token": token}
            answer = await target.anna.http.post(path, data=fields, headers=OWN)
            assert (answer.status_code, FORGED in answer.text) == (403, True), path
            assert "set-cookie" not in answer.headers
    assert await target.contents() == before
    for number, path in enumerate(paths):  # what comes of it is another matter; but it is taken
        browser = await target.browser(f"127.0.1.{number + 1}")
        await sign_in(target.counter.desk, browser, target.cast.anna_id, "Anna")
        fields = {"form_token": await token_of(browser)}
        answer = await browser.http.post(path, data=fields, headers=OWN)
        assert FORGED not in answer.text, path
        assert answer.status_code < 500, path


async def test_no_form_is_taken_from_another_site(target: Target) -> None:
    """With the right token, too."""
    paths = [path for path in addresses(target, "POST") if path != AN_APPS]
    token = await token_of(target.anna)
    before = await target.contents()
    for path in paths:
        for headers in FOREIGN:
            answer = await target.anna.http.post(path, data={"form_token": token}, headers=headers)
            assert (answer.status_code, FORGED in answer.text) == (403, True), (path, headers)
    assert await target.contents() == before
    answer = await target.anna.http.post(
        "/account/sign-out", data={"form_token": token}, headers=OWN
    )
    assert answer.status_code == 303
    assert await whose(target.anna) is None


async def test_consent_is_not_given_by_a_page_of_the_app(target: Target) -> None:
    """The app sends the browser to where the form goes, or sends the form itself."""
    app = await target.app()
    query = asking(app).partition("?")[2]
    before = await target.contents()
    for headers in (*FOREIGN, OWN, {}):
        answer = await target.anna.http.post(
            f"/oauth/consent?{query}", data={"answer": "allow"}, headers=headers
        )
        assert answer.status_code == 403
        assert "location" not in answer.headers
    assert (await target.anna.open(f"/oauth/consent?{query}")).status_code in {404, 405}
    await target.anna.http.post(asking(app), data={"answer": "allow"}, headers=FOREIGN[0])
    assert await target.contents() == before
    assert await target.code(app)


async def test_a_cookie_that_was_planted_is_not_the_one_after_signing_in(target: Target) -> None:
    """Session fixation."""
    planted, browser = "s" * 43, await target.browser()
    browser.http.cookies.set("convoke", planted)
    answer = await sign_in_by_letter(target, browser)
    (cookie,) = (
        each for each in answer.headers.get_list("set-cookie") if each.startswith("convoke=")
    )
    secret = cookie.partition("=")[2].partition(";")[0]
    assert len(secret) == 43
    assert secret != planted
    assert {"httponly", "samesite=lax"} <= {each.strip().lower() for each in cookie.split(";")}
    for known, who in ((planted, None), (secret, "Anna")):
        other = await target.browser()
        other.http.cookies.set("convoke", known)
        assert await whose(other) == who


async def test_a_cookie_is_dead_once_its_browser_signed_out_or_in_again(target: Target) -> None:
    browser = await target.browser()
    await sign_in_by_letter(target, browser)
    first = browser.http.cookies["convoke"]
    await browser.open(HOME)
    await browser.send(browser.form("/account/sign-out"))
    await sign_in_by_letter(target, browser)
    second = browser.http.cookies["convoke"]
    target.office.desk.clock.forward(seconds=1)  # type: ignore[attr-defined]
    await browser.open(f"{SIGN_IN}?again=yes")
    await browser.send(browser.form(f"{SIGN_IN}/letter"), address=ANNAS)
    await browser.open(f"{SIGN_IN}/letter")
    code = code_in(await letter(target))
    await browser.send(browser.form(f"{SIGN_IN}/code"), code=code)
    third = browser.http.cookies["convoke"]
    assert len({first, second, third}) == 3
    for known, who in ((first, None), (second, None), (third, "Anna")):
        thief = await target.browser()
        thief.http.cookies.set("convoke", known)
        assert await whose(thief) == who


async def test_nobody_is_signed_in_to_a_strangers_account(target: Target) -> None:
    """Login CSRF: the stranger's letter, link and code, sent by a page of theirs in Anna's browser."""
    stranger, victim = await target.browser(), await target.browser()
    await stranger.open(SIGN_IN)
    await stranger.send(stranger.form(f"{SIGN_IN}/letter"), address=SAMS)
    await stranger.open(f"{SIGN_IN}/letter")
    token = stranger.form(f"{SIGN_IN}/code").fields["form_token"]
    text = await letter(target, SAMS)
    link, code = link_in(text), code_in(text)
    await victim.open(SIGN_IN)
    own = victim.form(f"{SIGN_IN}/letter").fields["form_token"]
    before = await target.contents()
    secret = link.partition("letter=")[2]
    for headers in (OWN, *FOREIGN):
        for path, fields in (
            (f"{SIGN_IN}/link", {"letter": secret}),
            (f"{SIGN_IN}/code", {"code": code}),
        ):
            data = {**fields, "form_token": token}
            answer = await victim.http.post(path, data=data, headers=headers)
            assert (answer.status_code, FORGED in answer.text) == (403, True), path
    assert await target.contents() == before
    # The code is good in the stranger's browser alone, even where Anna types it herself.
    answer = await victim.http.post(
        f"{SIGN_IN}/code", data={"code": code, "form_token": own}, headers=OWN
    )
    assert (answer.status_code, answer.headers["location"]) == (303, SIGN_IN)
    assert "set-cookie" not in answer.headers
    assert await whose(victim) is None
    await stranger.send(stranger.form(f"{SIGN_IN}/code"), code=code)
    assert await whose(stranger) == "Sam"


async def test_signing_in_leads_nowhere_but_here(target: Target) -> None:
    """Open redirect by ?next=."""
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "@evil.example",
        ".evil.example",
        "account",
    ):
        query = urlencode({"next": elsewhere})
        answer = await target.anna.open(f"{SIGN_IN}?{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, HOME), elsewhere
        page = await target.counter.browser.open(f"{SIGN_IN}?{query}")
        assert "evil.example" not in page.text
        assert target.counter.browser.form(f"{SIGN_IN}/letter").fields["next"] == ""
    browser = await target.browser()
    answer = await sign_in_by_letter(target, browser, "//evil.example/")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    honest = await target.browser()
    answer = await sign_in_by_letter(target, honest, "/account/sessions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sessions")
