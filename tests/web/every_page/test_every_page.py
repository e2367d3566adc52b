"""Every page there is, whoever added it: it is found, it runs nothing but its own, and no other site
sends its forms."""

from urllib.parse import urlsplit

import httpx
import pytest
from starlette.routing import Route

from tests.conftest import Contents
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from tests.web.every_page.addresses import LOOKED_AT_ELSEWHERE, Address, address, is_no_page
from tests.web.every_page.furnished import Ids
from tests.web.every_page.plain_html import Plain
from web.account.visits import Forged
from web.app import create_app

FORGED = Forged().message.partition(".")[0]
OWN = {"origin": "http://hub.test", "sec-fetch-site": "same-origin"}
# Of programs, which show a secret or a signature; and what only leads to the same page by GET.
OF_PROGRAMS = (
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/device_authorization",
    "/oauth/register",
    "/oauth/userinfo",
    "/oauth/authorize",
    "/federation/",
)
# Whoever has the link in a letter may press its button, from a mail program too.
BY_LINK = ("/rsvp/confirm", "/rsvp/cancel", "/mail/stop")
ANSWER = "/events/{id:path}/rsvp"  # anybody's, and from no other site
SCHEMES = {"", "http", "https", "mailto", "tel", "geo"}
LOADED = ("/static/", "/embed/")  # an embed is shown to whoever writes its snippet


def routes(counter: Counter) -> tuple[Route, ...]:
    return create_app(counter.service).routes


def pages(counter: Counter, ids: Ids) -> list[Address]:
    patterns = {each.path for each in routes(counter) if "GET" in (each.methods or {"GET"})}
    return [
        address(each, ids)
        for each in sorted(patterns)
        if not is_no_page(each) and each not in LOOKED_AT_ELSEWHERE
    ]


def forms(counter: Counter, ids: Ids) -> list[Address]:
    """Of people, that change something."""
    patterns = {each.path for each in routes(counter) if "POST" in (each.methods or ())}
    return [address(each, ids) for each in sorted(patterns) if not each.startswith(OF_PROGRAMS)]


def browser_of(counter: Counter, where: Address) -> Browser:
    return counter.anna if where.who == "anna" else counter.browser


async def opened(counter: Counter, where: Address) -> httpx.Response:
    answer = await browser_of(counter, where).open(where.path)
    assert answer.status_code == 200, (where, answer.status_code, answer.headers.get("location"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8", where
    return answer


async def test_every_page_opens_runs_its_own_alone_and_is_framed_by_nobody(
    counter: Counter, ids: Ids
) -> None:
    found = pages(counter, ids)
    assert len(found) > 100
    assert len({each.name for each in found}) == len(found)
    for where in found:
        answer = await opened(counter, where)
        page = Plain.of(answer.text)
        assert runs_its_own_alone(answer, page), where
        assert is_framed_by_nobody(where, answer), where
        assert [each for each in page.links if urlsplit(each).scheme not in SCHEMES] == [], where


def test_a_page_that_is_looked_at_elsewhere_is_there(counter: Counter) -> None:
    assert set(LOOKED_AT_ELSEWHERE) <= {each.path for each in routes(counter)}


def runs_its_own_alone(answer: httpx.Response, page: Plain) -> bool:
    policy = policy_of(answer)
    loads = [each for each in page.loaded if not each.startswith(LOADED)]
    return (
        policy["default-src"] == "'none'"
        and policy["base-uri"] == "'none'"
        and policy.get("script-src", "'self'") == "'self'"
        and policy["style-src"] == "'self'"
        and "unsafe" not in str(policy)
        and answer.headers["x-content-type-options"] == "nosniff"
        and answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
        and [*page.scripts_inside, *page.styles_inside, *page.handlers, *loads] == []
    )


def is_framed_by_nobody(where: Address, answer: httpx.Response) -> bool:
    ancestors = policy_of(answer)["frame-ancestors"]
    if where.pattern.startswith("/embed/"):
        return ancestors == "'self'"  # and by the sites that are named, of which there is none
    return ancestors == "'none'" and answer.headers["x-frame-options"] == "DENY"


def policy_of(answer: httpx.Response) -> dict[str, str]:
    """By its directives."""
    parts = (each.strip() for each in answer.headers["content-security-policy"].split(";"))
    return {name: said for name, _, said in (each.partition(" ") for each in parts)}


async def test_no_form_is_taken_without_the_proof_of_its_page(
    counter: Counter, ids: Ids, contents: Contents
) -> None:
    stranger = await counter.new_browser()
    await sign_in(counter.desk, stranger, counter.cast.sam_id, "Sam")
    theirs = await token_of(stranger)
    before = await contents()
    for where in forms(counter, ids):
        if where.pattern in (*BY_LINK, ANSWER):
            continue
        for given in ({}, {"form_token": ""}, {"form_token": theirs}):
            answer = await counter.anna.http.post(bare(where), data=given, headers=OWN)
            assert (answer.status_code, FORGED in answer.text) == (403, True), (where, given)
    assert await contents() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://hub.test", "sec-fetch-site": "cross-site"},
    ],
)
async def test_no_form_is_taken_from_another_site(
    counter: Counter, ids: Ids, contents: Contents, headers: dict[str, str]
) -> None:
    """With the right proof, too."""
    token = await token_of(counter.anna)
    before = await contents()
    for where in forms(counter, ids):
        if where.pattern in BY_LINK:
            continue
        answer = await counter.anna.http.post(
            bare(where), data={"form_token": token}, headers=headers
        )
        assert answer.status_code == (400 if where.pattern == ANSWER else 403), where
    assert await contents() == before


async def test_the_button_behind_a_link_takes_no_other_than_that_of_the_letter(
    counter: Counter, ids: Ids, contents: Contents
) -> None:
    before = await contents()
    for path in BY_LINK:
        for wrong in ("", "x" * 43):
            answer = await counter.browser.http.post(
                f"{path}?link={wrong}", data={"token": wrong}, headers=OWN
            )
            assert answer.status_code == 404, path
    assert await contents() == before


async def test_a_form_is_taken_as_its_page_sends_it(counter: Counter, ids: Ids) -> None:
    """What comes of it is another matter; but else the tests above could not fail."""
    token, taken = await token_of(counter.anna), 0
    for where in forms(counter, ids):
        if not where.pattern.startswith("/console"):
            continue  # signing out ends the token; tests/web/account/test_forms.py has a browser for each
        answer = await counter.anna.http.post(bare(where), data={"form_token": token}, headers=OWN)
        assert FORGED not in answer.text, where
        assert answer.status_code < 500, where
        taken += 1
    assert taken > 30


async def token_of(browser: Browser) -> str:
    await browser.open("/account/sessions")
    return browser.form("/account/sign-out").fields["form_token"]


def bare(where: Address) -> str:
    return where.path.partition("?")[0]
