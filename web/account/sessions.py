"""Where somebody is signed in: each browser with its session, to be ended from any of them."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response
from starlette.routing import Route

from auth import sessions
from auth.sessions import Method
from domain.errors import NotFound
from languages import N_, dates
from languages import gettext as _
from storage.sessions import Session
from web.account import words
from web.account.visits import Account, Visit

SESSIONS = "/account/sessions"
_MEANS = {
    Method.PASSKEY: N_("by passkey"),
    Method.PASSWORD: N_("by password"),
    Method.LETTER: N_("by letter"),
    Method.PROVIDER: N_("through your organization"),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A session in words."""

    id: str
    device: str
    means: str
    since: str
    since_exactly: str
    seen: str
    seen_exactly: str

    @classmethod
    def of(cls, session: Session, now: datetime) -> "_Line":
        return cls(
            id=session.id,
            device=session.device,
            means=dates.listed([_(_MEANS[Method(each)]) for each in session.methods]),
            since=words.day(session.created_at),
            since_exactly=session.created_at.isoformat(),
            seen=words.ago(session.last_seen_at, now),
            seen_exactly=session.last_seen_at.isoformat(),
        )


def routes(account: Account) -> list[Route]:
    async def listed(visit: Visit) -> Response:
        here = visit.require_session()
        now = visit.desk.clock.now()
        others = [each for each in await sessions.of_person(visit.desk, here) if each.id != here.id]
        return account.shown(
            visit,
            "sessions.html",
            here=_Line.of(here, now),
            others=[_Line.of(each, now) for each in others],
        )

    async def end(visit: Visit) -> Response:
        """Whatever is ended already is as it was wished to be."""
        form = await account.form(visit)
        here = visit.require_session()
        named = form.get("session", "")
        try:
            await sessions.end(visit.desk, here, named)
        except NotFound:
            return account.sent_on(SESSIONS)
        return account.signed_out() if named == here.id else account.sent_on(SESSIONS)

    async def end_others(visit: Visit) -> Response:
        await account.form(visit)
        await sessions.end_others(visit.desk, visit.require_session())
        return account.sent_on(SESSIONS)

    return [
        account.route(SESSIONS, listed),
        account.route(f"{SESSIONS}/end", end, "POST"),
        account.route(f"{SESSIONS}/end-others", end_others, "POST"),
    ]
