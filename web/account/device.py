"""The page on which a person answers for a device that shows a code. RFC 8628 s3.3.

They type the code even where the device's link brought it: who is lured here sees then what for.
"""

from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from auth import authorizing, device, scopes, sessions
from auth.authorizing import NeedsFresh
from auth.device import Waiting
from domain.errors import Invalid, NotFound
from storage.sessions import Session
from web.account import problems
from web.account.letting_in import ALLOW, Answer, View
from web.account.visits import Account, SignInFirst, Visit
from web.speaking import refusal

DEVICE = "/device"
_LONGEST = 40


def routes(account: Account) -> list[Route]:
    async def entered(visit: Visit) -> Response:
        visit.require_session()
        return _asked_for_code(account, visit, visit.request.query_params.get("user_code", ""))

    async def found(visit: Visit) -> Response:
        form = await account.form(visit)
        typed = form.get("user_code", "")[:_LONGEST]
        session = _signed_in(visit, typed)
        try:
            waiting = await device.waiting(visit.desk, typed, session)
        except NotFound as unknown:
            return _asked_for_code(account, visit, typed, refusal(unknown.message))
        if scopes.need_fresh(waiting.scopes) and not sessions.is_fresh(visit.desk, session):
            raise _once_more(typed)
        return await _page(account, visit, session, waiting)

    async def answered(visit: Visit) -> Response:
        form = await account.form(visit)
        typed = form.get("user_code", "")[:_LONGEST]
        session, answer = _signed_in(visit, typed), Answer.of(form)
        try:
            if answer.pressed != ALLOW:
                await device.deny(visit.desk, session, typed)
                return account.sent_on(f"{DEVICE}/denied")
            return await _allowed(account, visit, session, typed, answer)
        except NotFound as unknown:
            return _asked_for_code(account, visit, typed, refusal(unknown.message))

    async def done(visit: Visit) -> Response:
        return account.shown(visit, "device_done.html", allowed=True)

    async def denied(visit: Visit) -> Response:
        return account.shown(visit, "device_done.html", allowed=False)

    return [
        account.route(DEVICE, entered),
        account.route(DEVICE, found, "POST"),
        account.route(f"{DEVICE}/answer", answered, "POST"),
        account.route(f"{DEVICE}/done", done),
        account.route(f"{DEVICE}/denied", denied),
    ]


def _signed_in(visit: Visit, typed: str) -> Session:
    """Raises `SignInFirst`, which comes back with what was typed."""
    if visit.session is None:
        raise SignInFirst(_with_code(typed))
    return visit.session


def _once_more(typed: str) -> SignInFirst:
    return SignInFirst(_with_code(typed), again=True)


def _with_code(typed: str) -> str:
    return f"{DEVICE}?user_code={quote(typed, safe='')}"


def _asked_for_code(account: Account, visit: Visit, typed: str, said: str = "") -> Response:
    return account.shown(
        visit,
        "device.html",
        400 if said else 200,
        typed=typed[:_LONGEST],
        problems={"user_code": said} if said else {},
    )


async def _allowed(
    account: Account, visit: Visit, session: Session, typed: str, answer: Answer
) -> Response:
    places = await authorizing.places_of(visit.desk, session.person_id)
    waiting = await device.waiting(visit.desk, typed, session)
    try:
        answer.require_whole(waiting.scopes, places)
        await device.allow(visit.desk, session, typed, answer.organization_id, answer.ticked)
    except NeedsFresh:
        raise _once_more(typed) from None
    except Invalid as lacking:
        return await _page(account, visit, session, waiting, answer, lacking)
    return account.sent_on(f"{DEVICE}/done")


async def _page(
    account: Account,
    visit: Visit,
    session: Session,
    waiting: Waiting,
    answer: Answer | None = None,
    lacking: Invalid | None = None,
) -> Response:
    places = await authorizing.places_of(visit.desk, session.person_id)
    return account.shown(
        visit,
        "device_answer.html",
        problems.status_of(lacking),
        view=View.of(waiting.client, waiting.scopes, places, answer),
        user_code=waiting.user_code,
        problems=problems.by_field(lacking),
    )
