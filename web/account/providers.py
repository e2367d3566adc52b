"""Signing in through an organization's own provider: the choice, the way there and back, connecting.

A form may not lead to another site (`form-action 'self'`, which browsers apply to where an answer
sends them on as well), so it leads to a page of ours that goes on by itself, and has a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import Response
from starlette.routing import Route

from auth import provider_identities as identities
from auth import provider_sign_in, providers
from auth.provider_identities import Browser
from auth.provider_sign_in import CameIn, Purpose
from auth.providers import CALLBACK, Providers
from domain.errors import Problem
from domain.sign_in_providers import SignInProvider
from web.account import problems, words
from web.account.devices import device_of
from web.account.invitation import INVITATION
from web.account.parts import Part
from web.account.visits import SIGN_IN, Account, SignInFirst, Visit
from web.leading import local_address
from web.speaking import refusal

PROVIDERS = "/account/providers"
MINE = f"{PROVIDERS}/mine"
WAITING = f"{PROVIDERS}/waiting"
_MOST_BESIDE = 4  # on the sign-in page; where there are more, a page of their own has them


def routes(account: Account, given: Providers) -> list[Route]:
    pages = _Pages(account, given)
    return [
        account.route(PROVIDERS, pages.choice),
        account.route(MINE, pages.mine),
        account.route(WAITING, pages.waiting, "GET", "POST"),
        account.route(f"{PROVIDERS}/{{id}}", pages.begin, "POST"),
        account.route(CALLBACK, pages.come_back),
        account.route(f"{PROVIDERS}/{{id}}/disconnect", pages.disconnect, "POST"),
    ]


def sign_in_part() -> Part:
    """`sign_in_providers` of `parts.py`: those there are, or a way to them where they are many."""

    async def said(visit: Visit, then: str | None) -> Mapping[str, Any] | None:
        found = await _choice(visit)
        if not found:
            return None
        query = {"next": then or "", "again": "yes" if visit.session else ""}
        return {
            "providers": found if len(found) <= _MOST_BESIDE else [],
            "all": _with(PROVIDERS, query),
            "purpose": _purpose(visit).value,
        }

    return said


def security_part() -> Part:
    """`security_providers` of `parts.py`: those connected with the account, and those to be had."""

    async def said(visit: Visit, _then: str | None) -> Mapping[str, Any] | None:
        connected, offered = await identities.of_person(visit.desk, visit.require_session())
        if not connected and not offered:
            return None
        return {"connected": connected, "waiting": await _waiting(visit), "mine": MINE}

    return said


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account
    given: Providers

    async def choice(self, visit: Visit) -> Response:
        query = visit.request.query_params
        if visit.session is not None and query.get("again") != "yes":
            return self.account.sent_on(MINE)
        return self.account.shown(
            visit,
            "providers.html",
            providers=await _choice(visit),
            purpose=_purpose(visit).value,
            then=local_address(query.get("next")) or "",
        )

    async def begin(self, visit: Visit) -> Response:
        form = await self.account.form(visit)
        try:
            purpose = Purpose(form.get("purpose", Purpose.SIGN_IN))
        except ValueError:
            purpose = Purpose.SIGN_IN
        if purpose is Purpose.CONNECT and visit.session is None:
            raise SignInFirst(MINE)
        then = local_address(form.get("next")) or (MINE if purpose is Purpose.CONNECT else "")
        provider_id = visit.request.path_params["id"]
        try:
            way = await provider_sign_in.begin(
                self.given, visit.desk, _browser(visit), provider_id, purpose, then
            )
        except Problem as problem:
            return self._failed(visit, problem)
        host = urlsplit(way.address).netloc
        return self.account.shown(
            visit, "providers_going.html", address=way.address, host=host, provider=way.provider
        )

    async def come_back(self, visit: Visit) -> Response:
        """RFC 6749 s4.1.2: by the browser, from the provider."""
        fields = parse_qsl(visit.request.url.query[:16_000], keep_blank_values=True)
        provider_id = visit.request.path_params["id"]
        try:
            came = await provider_sign_in.come_back(
                self.given, visit.desk, _browser(visit), provider_id, fields
            )
        except Problem as problem:
            return self._failed(visit, problem)
        if isinstance(came, CameIn):
            return self.account.signed_in(came.signed_in, came.then)
        return self.account.sent_on(_with(WAITING, {"it": came.handle}))

    async def waiting(self, visit: Visit) -> Response:
        """Connected with no account yet: whoever is signed in may connect it, the rest find how."""
        handle = visit.request.query_params.get("it", "")
        if visit.request.method == "POST":
            await self.account.form(visit)
            then = await identities.connect(
                visit.desk, _browser(visit), handle, visit.require_fresh()
            )
            return self.account.sent_on(local_address(then) or MINE)
        found = await identities.waiting(visit.desk, _browser(visit), handle)
        if visit.session is None:
            sign_in = _with(SIGN_IN, {"next": visit.here})
            return self.account.shown(
                visit,
                "providers_stranger.html",
                403,
                waiting=found,
                sign_in=sign_in,
                invitation=found.then if found.then.startswith(f"{INVITATION}?") else "",
            )
        session = visit.require_fresh()
        others = await identities.others_opened(visit.desk, session, found.provider)
        return self.account.shown(
            visit, "providers_waiting.html", waiting=found, others=others, here=visit.here
        )

    async def mine(self, visit: Visit) -> Response:
        connected, offered = await identities.of_person(visit.desk, visit.require_session())
        now, used = visit.desk.clock.now(), {each.provider_id for each in connected}
        shown = [
            {
                "id": each.provider_id,
                "name": each.provider,
                "organization": each.organization,
                "is_alive": each.is_alive,
                "since": words.day(each.created_at),
                "last_used": words.ago(each.last_used_at, now),
            }
            for each in connected
        ]
        return self.account.shown(
            visit,
            "providers_mine.html",
            connected=shown,
            waiting=await _waiting(visit),
            offered=[each for each in offered if each.id not in used],
        )

    async def disconnect(self, visit: Visit) -> Response:
        await self.account.form(visit)
        visit.require_session()
        try:
            session = visit.require_fresh()
        except SignInFirst:  # to a page that can be looked at, not to this form's address
            raise SignInFirst(MINE, again=True) from None
        await identities.disconnect(visit.desk, session, visit.request.path_params["id"])
        return self.account.sent_on(MINE)

    def _failed(self, visit: Visit, problem: Problem) -> Response:
        """What went wrong, and the other ways in. What has a status of its own keeps it."""
        if problem.code == "RATE_LIMITED" or problem.code in {"OVERLOADED", "TIMEOUT"}:
            raise problem
        again = "yes" if visit.session else ""
        return self.account.shown(
            visit,
            "providers_failed.html",
            problems.status_of(problem),
            said=refusal(problem.message),
            sign_in=_with(SIGN_IN, {"again": again}),
        )


def _browser(visit: Visit) -> Browser:
    return Browser(visit.secret, device_of(visit), visit.session)


async def _waiting(visit: Visit) -> list[dict[str, str]]:
    """What waits in this browser for a yes, and where that is given."""
    return [
        {"name": each.provider.name, "at": _with(WAITING, {"it": each.handle})}
        for each in await identities.waiting_here(visit.desk, _browser(visit))
    ]


def _purpose(visit: Visit) -> Purpose:
    return Purpose.SIGN_IN if visit.session is None else Purpose.AGAIN


async def _choice(visit: Visit) -> list[SignInProvider]:
    """All there are; to somebody who is signed in, those by which they can show it once more."""
    if visit.session is None:
        return await providers.offered(visit.desk)
    connected, theirs = await identities.of_person(visit.desk, visit.session)
    used = {each.provider_id for each in connected if each.is_alive}
    return [each for each in theirs if each.id in used]


def _with(path: str, query: Mapping[str, str]) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
