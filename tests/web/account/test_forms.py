"""Every form of every page of identity: it comes from this hub, and from this browser's session."""

import re

import httpx
import pytest

from tests.conftest import Contents
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from web.account.routes import routes
from web.account.visits import Forged

FORGED = Forged().message.partition(".")[0]
OWN = {"origin": "http://hub.test", "sec-fetch-site": "same-origin"}
# An app's page may send this one (OpenID Connect Core s3.1.2.1): it only leads to the same by GET.
AN_APPS = "/oauth/authorize"
FILLED = {"slug": "river-city-pantry"}


def posts(counter: Counter) -> list[str]:
    """The address of every form, with something in its gaps."""
    return [
        re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap: FILLED.get(gap[1], "some"), route.path)
        for route in routes(counter.service)
        if "POST" in (route.methods or ()) and route.path != AN_APPS
    ]


async def token_of(browser: Browser) -> str:
    """What a page of this browser's would put into its forms now."""
    await browser.open("/account/sessions")
    return browser.form("/account/sign-out").fields["form_token"]


async def post(
    browser: Browser, path: str, token: str | None, headers: dict[str, str]
) -> httpx.Response:
    fields = {} if token is None else {"form_token": token}
    return await browser.http.post(path, data={"anything": "else", **fields}, headers=headers)


@pytest.fixture
async def signed_in(counter: Counter) -> tuple[Browser, str]:
    """Anna's browser, and the token of its forms."""
    return counter.anna, await token_of(counter.anna)


async def test_there_are_forms_to_look_at(counter: Counter) -> None:
    paths = posts(counter)
    assert len(paths) == len(set(paths))
    assert {"/account/sign-in/letter", "/account/sign-in/link", "/account/sign-out"} <= set(paths)
    assert len(paths) > 15


async def test_none_is_taken_without_its_token(
    counter: Counter, signed_in: tuple[Browser, str], contents: Contents
) -> None:
    browser, token = signed_in
    sam = await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    await sam.open("/account/sessions")
    tokens = {"none": None, "empty": "", "cut": token[:-1], "Sam's": await token_of(sam)}
    before = await contents()
    for path in posts(counter):
        for whose, given in tokens.items():
            answer = await post(browser, path, given, OWN)
            assert (answer.status_code, FORGED in answer.text) == (403, True), (path, whose)
            assert "set-cookie" not in answer.headers, (path, whose)
    assert await contents() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.test"},
        {"origin": "https://hub.test"},
        {"origin": "http://hub.test.evil.test"},
        {"origin": "http://hub.test:8000"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://hub.test", "sec-fetch-site": "cross-site"},
    ],
)
async def test_none_is_taken_from_another_site(
    counter: Counter,
    signed_in: tuple[Browser, str],
    contents: Contents,
    headers: dict[str, str],
) -> None:
    """With the right token, too."""
    browser, token = signed_in
    before = await contents()
    for path in posts(counter):
        answer = await post(browser, path, token, headers)
        assert (answer.status_code, FORGED in answer.text) == (403, True), path
    assert await contents() == before


async def test_what_an_app_sends_does_nothing_by_itself(
    counter: Counter, contents: Contents
) -> None:
    before = await contents()
    answer = await post(counter.anna, AN_APPS, None, {"origin": "http://evil.test"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{AN_APPS}?")
    assert "set-cookie" not in answer.headers
    assert await contents() == before


async def test_each_is_taken_as_its_page_sends_it(counter: Counter) -> None:
    """What comes of it is another matter; but else the tests above could not fail."""
    for path in posts(counter):
        browser = await counter.new_browser()
        await sign_in(counter.desk, browser, counter.cast.anna_id, "Anna")
        answer = await post(browser, path, await token_of(browser), OWN)
        assert FORGED not in answer.text, path
        assert answer.status_code < 500, path


async def test_a_token_ends_with_the_session_it_was_made_for(
    counter: Counter, signed_in: tuple[Browser, str], contents: Contents
) -> None:
    """Signing in as somebody else, in the same browser."""
    browser, token = signed_in
    await sign_in(counter.desk, browser, counter.cast.sam_id, "Sam")
    before = await contents()
    answer = await post(browser, "/account/profile", token, OWN)
    assert (answer.status_code, FORGED in answer.text) == (403, True)
    assert await contents() == before


async def test_nobody_is_signed_in_by_another_site(counter: Counter, contents: Contents) -> None:
    """Login CSRF: a stranger's letter, pressed by a page of theirs in Sam's browser."""
    stranger, sam = counter.browser, await counter.new_browser()
    await stranger.open("/account/sign-in")
    token = stranger.form("/account/sign-in/letter").fields["form_token"]
    await sam.open("/account/sign-in")  # it has its own visit by now
    before = await contents()
    for path in ("/account/sign-in/link", "/account/sign-in/code", "/account/sign-in/password"):
        answer = await post(sam, path, token, OWN)
        assert (answer.status_code, FORGED in answer.text) == (403, True), path
    assert await contents() == before


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"&" * 300, b"x" * 65_000])
async def test_what_is_no_form_is_told_so(
    counter: Counter, contents: Contents, body: bytes
) -> None:
    before = await contents()
    answer = await counter.anna.http.post("/account/profile", content=body, headers=OWN)
    assert answer.status_code == 403
    assert await contents() == before
