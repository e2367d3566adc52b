"""A whole sign-in by oidc-provider, which the OpenID Foundation has certified: nothing of it is ours."""

import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.auth.lying_provider import CLIENT_ID, SECRET
from tests.web.account.browsing import Browser
from tests.web.account.conftest import Counter
from tests.web.account.providers.certified.conftest import HERE, Certified
from tests.web.account.providers.pantry import MINE, whose

PAGE = "/account/team/river-city-pantry/providers"


class _Form(HTMLParser):
    """The first form of a page: where it goes, and what it holds already."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = given["action"]
        if tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")


async def through(there: httpx.AsyncClient, address: str, login: str) -> str:
    """Its pages, as a person goes through them; where it sends them in the end."""
    answer = await there.get(address)
    for _ in range(12):
        if answer.status_code in {302, 303}:
            to = httpx.URL(str(answer.url)).join(answer.headers["location"])
            if to.host == "hub.test":
                return str(to)
            answer = await there.get(to)
            continue
        assert answer.status_code == 200, answer.text
        form = _Form(answer.text)
        assert form.action, answer.text
        fields = {**form.fields, "login": login, "password": "anything"}
        answer = await there.post(httpx.URL(str(answer.url)).join(form.action), data=fields)
    raise AssertionError(answer.text)


async def signs_in(
    browser: Browser, certified: Certified, there: httpx.AsyncClient, page: str
) -> httpx.Response:
    await browser.open(page)
    assert browser.answer is not None
    going = await browser.send(browser.form(_begin(browser)))
    assert going.status_code == 200, going.text
    (address,) = (link for link in browser.links if link.startswith(certified.url))
    back = urlsplit(await through(there, address, "anna"))
    return await browser.open(f"{back.path}?{back.query}")


def _begin(browser: Browser) -> str:
    assert browser.answer is not None
    return "/account/providers/idp_" + browser.answer.text.partition(
        'action="/account/providers/idp_'
    )[2].partition('"')[0].removesuffix("/disconnect")


async def test_anna_connects_it_comes_in_by_it_and_shows_it_once_more(
    counter: Counter, certified: Certified
) -> None:
    anna = counter.anna
    await anna.open(PAGE)
    added = await anna.send(
        anna.form(PAGE),
        name="Pantry login",
        issuer=certified.url,
        clientId=CLIENT_ID,
        clientSecret=SECRET,
    )
    assert added.status_code == 303, added.text
    page = (await anna.open(PAGE)).text
    certified.may_send_to(_callback(page))

    async with httpx.AsyncClient() as there:
        waits = await signs_in(anna, certified, there, MINE)
        assert waits.status_code == 303, waits.text
        shown = await anna.open(waits.headers["location"])
        assert "anna@pantry.example" in shown.text  # which only its userinfo says
        await anna.send(anna.form("/account/providers/waiting"))

    async with httpx.AsyncClient() as there:
        came = await signs_in(counter.browser, certified, there, "/account/sign-in")
        assert (came.status_code, came.headers["location"]) == (303, "/account")
        assert await whose(counter.browser) == "Anna"
        # Its cookie knows Anna: it asks again because it is told to, and says when it did.
        again = f"/account/providers?again=yes&next={PAGE}"
        came = await signs_in(counter.browser, certified, there, again)
        assert (came.status_code, came.headers["location"]) == (303, PAGE)
        await counter.browser.open(PAGE)
        (remove,) = (link for link in counter.browser.links if link.endswith("/remove"))
        assert (await counter.browser.open(remove)).status_code == 200


def _callback(page: str) -> str:
    return "http://hub.test" + page.partition("<code>http://hub.test")[2].partition("<")[0]


def test_the_lock_file_holds_what_is_asked_for_and_names_no_registry() -> None:
    lock = json.loads(Path(HERE / "package-lock.json").read_bytes())
    asked = json.loads(Path(HERE / "package.json").read_bytes())["dependencies"]
    assert lock["packages"][""]["dependencies"] == asked
    for place, package in lock["packages"].items():
        assert "resolved" not in package
        assert place == "" or package["integrity"].startswith("sha512-"), place
