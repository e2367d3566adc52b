"""A hub whose Pantry has a sign-in of its own, at a provider on this machine; and people who use it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select

from auth import providers
from auth.providers import NewProvider
from domain.sign_in_providers import SignInProvider
from storage import sign_in_providers as stored
from storage.account_tables import external_identities
from storage.engine import Database
from storage.tables import team_members
from tests.auth.lying_provider import ANNA_THERE, CLIENT_ID, SECRET, Provider
from tests.conftest import Contents
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter

SIGN_IN, MINE = "/account/sign-in", "/account/providers/mine"


@dataclass
class Pantry:
    """`there` is its provider, `provider` what the hub knows of it; Anna has connected it."""

    counter: Counter
    there: Provider
    provider: SignInProvider

    @property
    def callback(self) -> str:
        return f"/account/providers/{self.provider.id}/callback"

    async def connect(self, person_id: str, subject: str = ANNA_THERE) -> None:
        """As if the person had said yes some time ago."""
        async with self.counter.desk.database.writing() as db:
            assert await stored.connect(
                db,
                self.there.url,
                subject,
                person_id,
                self.provider.id,
                self.counter.desk.clock.now(),
            )

    async def go(self, browser: Browser, page: str = SIGN_IN, **fields: str) -> httpx.Response:
        """From a page of the hub to the provider's door, as the browser is led there."""
        assert (await browser.open(page)).status_code == 200, browser.answer
        form = browser.form(f"/account/providers/{self.provider.id}")
        return await browser.send(form, **fields)

    async def sign_in(self, browser: Browser, page: str = SIGN_IN, **fields: str) -> httpx.Response:
        """There, and back: what the hub answers to who comes back."""
        going = await self.go(browser, page, **fields)
        assert going.status_code == 200, going.text
        return await self.come_back(browser, await self.let_in(browser))

    async def let_in(self, browser: Browser) -> str:
        """At the provider, which knows the person by its own cookie: where it sends them."""
        (there,) = (link for link in browser.links if link.startswith(self.there.url))
        async with httpx.AsyncClient() as http:
            sent = await http.get(there)
        assert sent.status_code == 302, sent.text
        return sent.headers["location"]

    async def come_back(self, browser: Browser, address: str) -> httpx.Response:
        parts = urlsplit(address)
        return await browser.open(f"{parts.path}?{parts.query}")


async def set_up(counter: Counter, there: Provider, **given: Any) -> Pantry:
    new = NewProvider(
        **{
            "name": "Pantry login",
            "issuer": there.url,
            "client_id": CLIENT_ID,
            "secret": SECRET,
            **given,
        }
    )
    added = await providers.add_as_operator(
        counter.service.providers, counter.desk, "river-city-pantry", new
    )
    return Pantry(counter, there, added)


def is_signed_in(browser: Browser) -> bool:
    return bool(browser.http.cookies.get("convoke"))


async def whose(browser: Browser) -> str | None:
    """Who is signed in there, by the page that says so."""
    answer = await browser.open("/account")
    return answer.text.partition("Signed in as <b")[2].partition(">")[2].partition("<")[0] or None


async def signed_in(counter: Counter, person_id: str, name: str) -> Browser:
    browser = await counter.new_browser()
    await sign_in(counter.desk, browser, person_id, name)
    return browser


def session_of(browser: Browser) -> str:
    """What its cookie holds; the hub's own where there is another beside it."""
    cookies = browser.http.cookies
    return cookies.get("convoke", domain="hub.test") or cookies.get("convoke") or ""


async def identities(database: Database) -> set[tuple[str, str]]:
    """Each subject, and whose it is."""
    async with database.reading(fresh=True) as db:
        found = await db.execute(
            select(external_identities.c.subject, external_identities.c.person_id)
        )
        return {(row[0], row[1]) for row in found.all()}


async def changed(contents: Contents, before: dict[str, list[str]]) -> set[str]:
    after = await contents()
    return {table for table in after if after[table] != before[table]}


async def leave(database: Database, person_id: str) -> None:
    async with database.writing() as db:
        await db.execute(team_members.delete().where(team_members.c.person_id == person_id))


async def connect(pantry: Pantry, browser: Browser) -> None:
    """As whoever is signed in there does it."""
    answer = await pantry.sign_in(browser, MINE)
    waits = answer.headers["location"]
    answer = await browser.open(waits)
    assert answer.status_code == 200, answer.text
    answer = await browser.send(browser.form("/account/providers/waiting"))
    assert (answer.status_code, answer.headers["location"]) == (303, MINE)
