"""Passkeys on pages: signing in by one, and the list of a person's own, to add to and take from.

A passkey is asked for by the browser, which a script has to tell: the only one there is. It puts the
answer into an ordinary form. Where there are no scripts, or no passkeys, the button is not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth import passkeys
from auth.letters import Place
from auth.passkey_answers import RelyingParty
from auth.throttle import TooManyTries
from domain.errors import Invalid, Problem, Refused
from storage.passkeys import Passkey
from web.account import problems, words
from web.account.devices import device_of
from web.account.parts import WITH_SCRIPT, Part
from web.account.security import SECURITY
from web.account.visits import SIGN_IN, Account, Visit
from web.feeds import answers
from web.leading import local_address
from web.speaking import refusal

SCRIPT = "/static/passkeys.js"
SHOWN = f"{SIGN_IN}/passkey"
PASSKEYS = f"{SECURITY}/passkeys"
_SCRIPT = Path(__file__).parent.parent / "static" / "passkeys.js"


def routes(account: Account) -> list[Route]:
    pages = _Pages(account, _party(account))
    return [
        Route(SCRIPT, _script),
        account.route(SHOWN, pages.sign_in, "GET", "POST"),
        account.route(PASSKEYS, pages.add, "GET", "POST"),
        account.route(f"{PASSKEYS}/{{id}}", pages.one, "GET", "POST"),
        account.route(f"{PASSKEYS}/{{id}}/remove", pages.remove, "GET", "POST"),
    ]


def sign_in_part(account: Account) -> Part:
    """`sign_in_passkey` of `parts.py`: nothing where it is asked too often, for the other ways stay."""
    party = _party(account)

    async def said(visit: Visit, _then: str | None) -> Mapping[str, Any] | None:
        try:
            asked = await passkeys.ask(visit.desk, party, visit.secret, visit.session)
        except TooManyTries:
            return None
        return None if asked is None else {"to": SHOWN, "asked": asked, "script": _text()[1]}

    return said


def security_part() -> Part:
    """`security_passkeys` of `parts.py`."""

    async def said(visit: Visit, _then: str | None) -> Mapping[str, Any]:
        own = await passkeys.of_person(visit.desk, visit.require_session())
        return {
            "at": PASSKEYS,
            "passkeys": [
                {
                    "id": each.id,
                    "name": each.name,
                    "is_backed_up": each.is_backed_up,
                    **_times(visit, each),
                }
                for each in own
            ],
        }

    return said


@dataclass(frozen=True, slots=True)
class _Pages:
    """Each change has a page of its own, to come back to from showing who one is once more."""

    account: Account
    party: RelyingParty

    async def sign_in(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return self.account.sent_on(SIGN_IN)
        form = await self.account.form(visit)
        then = local_address(form.get("next"))
        try:
            signed_in = await passkeys.sign_in(
                visit.desk,
                self.party,
                visit.secret,
                form.get("answer", ""),
                device_of(visit),
                visit.session,
            )
        except Refused as problem:
            again = "yes" if form.get("again") == "yes" else ""
            given = {name: each for name, each in (("next", then), ("again", again)) if each}
            return self.account.shown(
                visit,
                "sign_in_passkey_refused.html",
                problems.status_of(problem),
                said=refusal(problem.message),
                sign_in=f"{SIGN_IN}?{urlencode(given)}" if given else SIGN_IN,
            )
        return self.account.signed_in(signed_in, then)

    async def add(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._adding(visit, device_of(visit)[: passkeys.LONGEST_NAME])
        form = await self.account.form(visit)
        session, name = visit.require_fresh(), form.get("name", "")
        try:
            await passkeys.add(
                visit.desk,
                self.party,
                self._place(),
                visit.secret,
                session,
                name,
                form.get("answer", ""),
            )
        except (Invalid, Refused) as problem:
            return await self._adding(visit, name, problem)
        return self.account.sent_on(SECURITY)

    async def one(self, visit: Visit) -> Response:
        """To give it another name."""
        if visit.request.method != "POST":
            return await self._one(visit)
        form = await self.account.form(visit)
        session, name = visit.require_fresh(), form.get("name", "")
        try:
            await passkeys.rename(visit.desk, session, visit.request.path_params["id"], name)
        except Invalid as problem:
            return await self._one(visit, name, problem)
        return self.account.sent_on(SECURITY)

    async def remove(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._removing(visit)
        await self.account.form(visit)
        session, passkey_id = visit.require_fresh(), visit.request.path_params["id"]
        try:
            await passkeys.remove(visit.desk, self._place(), session, passkey_id)
        except Refused as problem:
            return await self._removing(visit, problem)
        return self.account.sent_on(SECURITY)

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    def _place(self) -> Place:
        return Place(self.account.site, self.account.base_url + SECURITY)

    async def _adding(self, visit: Visit, name: str, problem: Problem | None = None) -> Response:
        session = visit.require_fresh()
        asked = await passkeys.ask_to_add(visit.desk, self.party, visit.secret, session)
        return self.account.shown(
            visit,
            "passkey_add.html",
            problems.status_of(problem),
            WITH_SCRIPT,
            at=PASSKEYS,
            back=SECURITY,
            asked=asked,
            script=_text()[1],
            name=name,
            problems=problems.by_field(problem),
        )

    async def _one(
        self, visit: Visit, typed: str | None = None, problem: Problem | None = None
    ) -> Response:
        passkey = await self._asked_for(visit)
        return self.account.shown(
            visit,
            "passkey.html",
            problems.status_of(problem),
            at=f"{PASSKEYS}/{passkey.id}",
            back=SECURITY,
            passkey=passkey,
            times=_times(visit, passkey),
            name=passkey.name if typed is None else typed,
            problems=problems.by_field(problem),
        )

    async def _removing(self, visit: Visit, problem: Problem | None = None) -> Response:
        passkey = await self._asked_for(visit)
        return self.account.shown(
            visit,
            "passkey_remove.html",
            problems.status_of(problem),
            at=f"{PASSKEYS}/{passkey.id}",
            back=SECURITY,
            passkey=passkey,
            problems=problems.by_field(problem),
        )

    async def _asked_for(self, visit: Visit) -> Passkey:
        session = visit.require_fresh()
        return await passkeys.one(visit.desk, session, visit.request.path_params["id"])


def _party(account: Account) -> RelyingParty:
    return RelyingParty.of(account.base_url, account.site)


def _times(visit: Visit, passkey: Passkey) -> dict[str, str]:
    return {
        "since": words.day(passkey.created_at),
        "used": words.used(passkey.last_used_at, visit.desk.clock.now()),
    }


async def _script(request: Request) -> Response:
    """Its address has its digest, so that it may be kept for ever."""
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return answers.sent(request, _text()[0], "text/javascript; charset=utf-8", kept)


@cache
def _text() -> tuple[bytes, str]:
    """The script and its address."""
    text = _SCRIPT.read_bytes()
    return text, f"{SCRIPT}?{sha256(text).hexdigest()[:12]}"
