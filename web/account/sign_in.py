"""Signing in: by a letter, by a password, and what other modules put beside it (`parts.py`).

`?next=` is where it leads afterwards, an address of this hub. `?again=yes` asks somebody who is
signed in to show once more who they are; their session goes on until they have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from auth import accounts, letters, passwords
from auth.letters import Place, Spent
from auth.passwords import Passwords
from domain.errors import Invalid, Problem, Refused
from web.account import parts as beside
from web.account import problems
from web.account.devices import device_of
from web.account.parts import WITH_SCRIPT, Parts
from web.account.visits import HOME, SIGN_IN, Account, Visit
from web.leading import local_address
from web.speaking import refusal

LETTER, CODE = f"{SIGN_IN}/letter", f"{SIGN_IN}/code"
LINK, PASSWORD = f"{SIGN_IN}/link", f"{SIGN_IN}/password"


def routes(account: Account, hasher: Passwords, parts: Parts) -> list[Route]:
    pages = _Pages(account, hasher, parts)
    return [
        account.route(SIGN_IN, pages.begin),
        account.route(LETTER, pages.letter, "GET", "POST"),
        account.route(CODE, pages.code, "POST"),
        account.route(LINK, pages.link, "GET", "POST"),
        account.route(PASSWORD, pages.password, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every one of these pages passes on to the next."""

    then: str | None
    again: bool  # and there is somebody to show it again

    @classmethod
    def of(cls, visit: Visit, given: Mapping[str, str]) -> "_Asked":
        again = given.get("again") == "yes" and visit.session is not None
        return cls(local_address(given.get("next")), again)

    def at(self, path: str) -> str:
        given = {"next": self.then or "", "again": "yes" if self.again else ""}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account
    hasher: Passwords
    parts: Parts

    async def begin(self, visit: Visit) -> Response:
        asked = _Asked.of(visit, visit.request.query_params)
        if visit.session is not None and not asked.again:
            return self.account.sent_on(asked.then or HOME)
        return await self._begin(visit, asked)

    async def letter(self, visit: Visit) -> Response:
        """It is asked for; then the page to come back to with its code."""
        if visit.request.method != "POST":
            return await self._on_its_way(visit)
        form = await self.account.form(visit)
        asked = _Asked.of(visit, form)
        typed = form.get("address", "")
        place = Place(self.account.site, self.account.base_url + LINK)
        try:
            await letters.send(visit.desk, place, visit.secret, typed, device_of(visit), asked.then)
        except Invalid as problem:
            return await self._begin(visit, asked, typed, problem)
        return self.account.sent_on(LETTER)

    async def code(self, visit: Visit) -> Response:
        form = await self.account.form(visit)
        try:
            signed_in, then = await letters.sign_in_by_code(
                visit.desk, visit.secret, form.get("code", ""), device_of(visit), visit.session
            )
        except Refused as problem:
            return await self._on_its_way(visit, problem)
        return self.account.signed_in(signed_in, then)

    async def link(self, visit: Visit) -> Response:
        """Looking at it uses nothing up; the button on the page does."""
        try:
            if visit.request.method == "POST":
                form = await self.account.form(visit)
                signed_in, then = await letters.sign_in_by_link(
                    visit.desk,
                    form.get("letter", ""),
                    visit.secret,
                    device_of(visit),
                    visit.session,
                )
                return self.account.signed_in(signed_in, then)
            secret = visit.request.query_params.get("letter", "")
            opened = await letters.open_link(visit.desk, secret, visit.secret)
        except Spent as spent:
            return self.account.shown(visit, "sign_in_spent.html", 404, said=refusal(spent.message))
        return self.account.shown(
            visit,
            "sign_in_link.html",
            letter=secret,
            opened=opened,
            is_somebody_else=visit.session is not None
            and visit.session.person_id != opened.person_id,
        )

    async def password(self, visit: Visit) -> Response:
        """Without a password in the form it was only asked for the field to type it in."""
        if visit.request.method != "POST":
            asked = _Asked.of(visit, visit.request.query_params)
            if visit.session is not None and not asked.again:
                return self.account.sent_on(asked.then or HOME)
            return await self._password(visit, asked)
        form = await self.account.form(visit)
        asked, typed = _Asked.of(visit, form), form.get("address", "")
        if "password" not in form:
            return await self._password(visit, asked, typed)
        try:
            signed_in = await passwords.sign_in(
                visit.desk,
                self.hasher,
                typed,
                form["password"],
                device_of(visit),
                visit.session,
            )
        except (Invalid, Refused) as problem:
            return await self._password(visit, asked, typed, problem)
        return self.account.signed_in(signed_in, asked.then)

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    async def _begin(
        self, visit: Visit, asked: _Asked, typed: str = "", problem: Problem | None = None
    ) -> Response:
        return self.account.shown(
            visit,
            "sign_in.html",
            problems.status_of(problem),
            WITH_SCRIPT,
            parts=await beside.said(self.parts, "sign_in", visit, asked.then),
            **await self._fields(visit, asked, typed, problem),
        )

    async def _on_its_way(self, visit: Visit, problem: Problem | None = None) -> Response:
        waiting = await letters.asked_for(visit.desk, visit.secret)
        if waiting is None:
            return self.account.sent_on(SIGN_IN)
        asked = _Asked(letters.then_of(waiting), visit.session is not None)
        given = await self._fields(visit, asked, waiting.address or "", problem)
        return self.account.shown(
            visit,
            "sign_in_letter.html",
            problems.status_of(problem),
            minutes=letters.MINUTES,
            **given,
        )

    async def _password(
        self, visit: Visit, asked: _Asked, typed: str = "", problem: Problem | None = None
    ) -> Response:
        given = await self._fields(visit, asked, typed, problem)
        return self.account.shown(
            visit,
            "sign_in_password.html",
            problems.status_of(problem),
            begin=asked.at(SIGN_IN),
            **given,
        )

    async def _fields(
        self, visit: Visit, asked: _Asked, typed: str, problem: Problem | None
    ) -> dict[str, Any]:
        """`addresses` are their own, where somebody who is signed in shows it again."""
        own: tuple[str, ...] = ()
        if asked.again and visit.session is not None:
            own = (await accounts.ways_of(visit.desk, visit.session)).addresses
        return {
            "then": asked.then or "",
            "again": asked.again,
            "address": typed,
            "addresses": own,
            "problems": problems.by_field(problem),
        }
