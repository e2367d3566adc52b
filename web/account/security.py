"""What opens somebody's account: their addresses, a password, and what other modules put beside
(`parts.py`). Every change takes somebody who showed who they are a moment ago."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from auth import accounts, passwords, sessions
from auth import sign_in_addresses as addresses
from auth.letters import MINUTES, Place, Spent
from auth.passwords import Passwords
from domain.errors import Invalid, NotFound, Problem, Refused, Taken
from web.account import parts as beside
from web.account import problems
from web.account.parts import Parts
from web.account.visits import HOME, Account, Visit
from web.speaking import refusal

SECURITY = f"{HOME}/security"
PASSWORD, REMOVE_PASSWORD = f"{SECURITY}/password", f"{SECURITY}/password/remove"
ADDRESSES, REMOVE_ADDRESS = f"{SECURITY}/addresses", f"{SECURITY}/addresses/remove"
CODE, CONFIRM = f"{SECURITY}/addresses/code", f"{SECURITY}/addresses/confirm"


def routes(account: Account, hasher: Passwords, parts: Parts) -> list[Route]:
    pages = _Pages(account, hasher, parts)
    return [
        account.route(SECURITY, pages.ways),
        account.route(PASSWORD, pages.password, "GET", "POST"),
        account.route(REMOVE_PASSWORD, pages.remove_password, "GET", "POST"),
        account.route(ADDRESSES, pages.add_address, "GET", "POST"),
        account.route(CODE, pages.code, "GET", "POST"),
        account.route(CONFIRM, pages.confirm, "GET", "POST"),
        account.route(REMOVE_ADDRESS, pages.remove_address, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    """Each change has a page of its own, to come back to from showing who one is once more."""

    account: Account
    hasher: Passwords
    parts: Parts

    async def ways(self, visit: Visit) -> Response:
        session = visit.require_session()
        return self.account.shown(
            visit,
            "security.html",
            ways=await accounts.ways_of(visit.desk, session),
            is_fresh=sessions.is_fresh(visit.desk, session),
            parts=await beside.said(self.parts, "security", visit),
        )

    async def password(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._password(visit)
        form = await self.account.form(visit)
        session = visit.require_fresh()
        try:
            if form.get("password", "") != form.get("again", ""):
                raise Invalid("These two are not the same. Type it again.", ("again",))
            await passwords.set_one(
                visit.desk, self.hasher, self._place(), session, form.get("password", "")
            )
        except (Invalid, Refused) as problem:
            return await self._password(visit, problem)
        return self.account.sent_on(SECURITY)

    async def remove_password(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            visit.require_fresh()
            return self.account.shown(visit, "security_remove_password.html")
        await self.account.form(visit)
        await passwords.remove(visit.desk, self._place(), visit.require_fresh())
        return self.account.sent_on(SECURITY)

    async def add_address(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return self._adding(visit, "")
        form = await self.account.form(visit)
        session, typed = visit.require_fresh(), form.get("address", "")
        place = Place(self.account.site, self.account.base_url + CONFIRM)
        try:
            await addresses.ask_for(visit.desk, place, session, visit.secret, typed)
        except (Invalid, Refused) as problem:
            return self._adding(visit, typed, problem)
        return self.account.sent_on(CODE)

    async def code(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._waiting(visit)
        form = await self.account.form(visit)
        session = visit.require_session()
        try:
            await addresses.confirm_by_code(
                visit.desk, self._place(), session, visit.secret, form.get("code", "")
            )
        except (Refused, Taken) as problem:
            return await self._waiting(visit, problem)
        return self.account.sent_on(SECURITY)

    async def confirm(self, visit: Visit) -> Response:
        """Looking at the link uses nothing up; the button on the page does."""
        try:
            if visit.request.method == "POST":
                form = await self.account.form(visit)
                session = visit.require_session()
                await addresses.confirm_by_link(
                    visit.desk, self._place(), session, form.get("letter", "")
                )
                return self.account.sent_on(SECURITY)
            session = visit.require_session()
            secret = visit.request.query_params.get("letter", "")
            address = await addresses.open_link(visit.desk, session, secret)
        except Spent as spent:
            return self.account.shown(
                visit, "security_spent.html", 404, said=refusal(spent.message)
            )
        return self.account.shown(visit, "security_confirm.html", letter=secret, address=address)

    async def remove_address(self, visit: Visit) -> Response:
        """The question first, then the answer. No address stands in an address of a page."""
        if visit.request.method != "POST":
            return self.account.sent_on(SECURITY)
        form = await self.account.form(visit)
        session, address = visit.require_fresh(), form.get("address", "")
        if form.get("sure") != "yes":
            return await self._removing(visit, address)
        try:
            await addresses.remove(visit.desk, self._place(), session, address)
        except Refused as problem:
            return await self._removing(visit, address, problem)
        return self.account.sent_on(SECURITY)

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    def _place(self) -> Place:
        return Place(self.account.site, self.account.base_url + SECURITY)

    async def _password(self, visit: Visit, problem: Problem | None = None) -> Response:
        ways = await accounts.ways_of(visit.desk, visit.require_fresh())
        return self.account.shown(
            visit,
            "security_password.html",
            problems.status_of(problem),
            ways=ways,
            problems=problems.by_field(problem),
        )

    def _adding(self, visit: Visit, typed: str, problem: Problem | None = None) -> Response:
        visit.require_fresh()
        return self.account.shown(
            visit,
            "security_address.html",
            problems.status_of(problem),
            address=typed,
            problems=problems.by_field(problem),
        )

    async def _waiting(self, visit: Visit, problem: Problem | None = None) -> Response:
        session = visit.require_session()
        address = await addresses.asked_for(visit.desk, session, visit.secret)
        if address is None:
            return self.account.sent_on(SECURITY)
        return self.account.shown(
            visit,
            "security_code.html",
            problems.status_of(problem),
            address=address,
            minutes=MINUTES,
            problems=problems.by_field(problem),
        )

    async def _removing(
        self, visit: Visit, address: str, problem: Problem | None = None
    ) -> Response:
        ways = await accounts.ways_of(visit.desk, visit.require_fresh())
        if address not in ways.addresses:
            raise NotFound("This address does not open your account.")
        return self.account.shown(
            visit,
            "security_remove_address.html",
            problems.status_of(problem),
            address=address,
            ways=ways,
            problems=problems.by_field(problem),
        )
