"""A browser as far as pages without scripts need one: cookies, links, forms as they are on the page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import httpx

from auth import sessions
from auth.desk import Desk, digest_of
from auth.sessions import Method
from storage import sessions as stored
from storage.account_tables import accounts, sign_in_addresses
from storage.engine import Database
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock


@dataclass
class Form:
    """A form as it stands: its fields may be changed before it is sent."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._choosing: str | None = None  # a select
        self._writing: str | None = None  # a textarea
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if tag == "option":
            self._option(given)
        if not self.forms or not given.get("name"):
            return
        form, name = self.forms[-1], given["name"]
        if tag == "button" or given.get("type") == "submit":
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input":
            if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
                return
            form.fields[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        elif tag == "select":
            self._choosing = name
        elif tag == "textarea":
            form.fields[name] = ""
            self._writing = name

    def _option(self, given: dict[str, str]) -> None:
        """The one that is chosen, or the first (HTML s4.10.7)."""
        if self._choosing is None or not self.forms:
            return
        fields = self.forms[-1].fields
        if "selected" in given or self._choosing not in fields:
            fields[self._choosing] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._writing is not None:
            self.forms[-1].fields[self._writing] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._choosing = None
        if tag == "textarea" and self._writing is not None:
            # The line break behind the tag is no part of it (HTML s13.1.2.5).
            text = self.forms[-1].fields[self._writing]
            self.forms[-1].fields[self._writing] = text.removeprefix("\n")
            self._writing = None

    @classmethod
    def of(cls, answer: httpx.Response) -> Self:
        return cls(answer.text)


@dataclass
class Browser:
    """One browser, perhaps with somebody signed in. It follows no redirect by itself."""

    http: httpx.AsyncClient
    answer: httpx.Response | None = None

    async def open(self, path: str) -> httpx.Response:
        self.answer = await self.http.get(path, headers={"accept": "text/html"})
        return self.answer

    def form(self, action: str | None = None) -> Form:
        """The page's form that goes there; the first one in `main` where none is named."""
        assert self.answer is not None
        for form in _Page.of(self.answer).forms:
            if action is None or form.action.partition("?")[0] == action:
                return form
        raise AssertionError(f"no form goes to {action}: {self.answer.text}")

    async def send(self, form: Form, **fields: str) -> httpx.Response:
        """Sends it as a browser would; `fields` are what is typed, ticked or pressed."""
        assert self.answer is not None
        address = httpx.URL(str(self.answer.url)).join(form.action)
        origin = f"{address.scheme}://{address.netloc.decode()}"
        self.answer = await self.http.request(
            form.method.upper(),
            address,
            data={**form.fields, **fields},
            headers={"origin": origin, "sec-fetch-site": "same-origin"},
        )
        return self.answer

    @property
    def links(self) -> list[str]:
        assert self.answer is not None
        return _Page.of(self.answer).links


async def open_account(
    database: Database,
    cast: Cast,
    clock: StandingClock,
    chance: SeededChance,
    person_id: str,
    address: str,
) -> None:
    """The person may sign in: an account, and an address they have shown to read."""
    async with database.writing() as db:
        await db.execute(
            accounts.insert().values(
                person_id=person_id, handle=chance.token_bytes(64), created_at=clock.now()
            )
        )
        await db.execute(
            sign_in_addresses.insert().values(
                address=address, person_id=person_id, confirmed_at=clock.now()
            )
        )


async def sign_in(desk: Desk, browser: Browser, person_id: str, name: str) -> stored.Session:
    """The browser has a session from now on, as if its person had signed in a moment ago."""
    async with desk.database.writing() as db:
        begun = await sessions.begin(
            desk, db, person_id, name, [Method.PASSKEY], "Firefox on Linux"
        )
    assert await sessions.of_cookie(desk, begun.secret) is not None
    assert digest_of(begun.secret)
    is_secure = browser.http.base_url.scheme == "https"
    browser.http.cookies.set("__Host-convoke" if is_secure else "convoke", begun.secret)
    return begun.session
