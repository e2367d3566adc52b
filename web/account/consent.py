"""The page on which a person lets an app act for them, or does not. RFC 6749 s4.1.1.

What is asked comes in the query, and stays there until it is answered: each time it is read anew,
so nothing in the page needs to be believed.
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from auth import authorizing, redirects, sessions
from auth.authorizing import AUTHORIZE, AuthorizationRefused, AuthorizationRequest, NeedsFresh
from auth.service import TokenService
from domain.errors import Invalid, Refused
from domain.words import say
from languages import gettext as _
from storage.sessions import Session
from web.account import problems
from web.account.letting_in import ALLOW, SOMEBODY_ELSE, Answer, View
from web.account.visits import HEADERS, SIGN_IN, Account, SignInFirst, Visit

CONSENT = "/oauth/consent"
Parameters = Sequence[tuple[str, str]]

_QUERY = re.compile(rb"[!\"$-~]*")  # as it may stand in an address: no '#', nothing unseen
MOST_BYTES = 16_000
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)


def routes(account: Account, tokens: TokenService) -> list[Route]:
    async def authorize(visit: Visit) -> Response:
        given = _parameters(visit)
        try:
            asked = await authorizing.read(tokens, visit.desk, given)
        except AuthorizationRefused as refused:
            return _refused(account, visit, refused)
        if "none" in asked.prompt:
            return _sent_on(account, visit, await _silently(tokens, visit, asked))
        session = _signed_in(visit, asked, given)
        known = await authorizing.remembered(visit.desk, asked, session)
        if known is not None:
            to = await authorizing.allow(tokens, visit.desk, asked, session, known, asked.scopes)
            return _sent_on(account, visit, to)
        return await _page(account, visit, asked, session)

    async def by_form(visit: Visit) -> Response:
        """OpenID Connect Core s3.1.2.1: an app may have its request sent as a form. Nothing is
        done on it but asking in the other way, in which the page can be loaded again."""
        return account.sent_on(f"{AUTHORIZE}?{await _as_query(visit.request)}")

    async def answered(visit: Visit) -> Response:
        form = await account.form(visit)
        given = _parameters(visit)
        try:
            asked = await authorizing.read(tokens, visit.desk, given)
        except AuthorizationRefused as refused:
            return _refused(account, visit, refused)
        here = f"{AUTHORIZE}?{urlencode(given)}"
        if visit.session is None:
            raise SignInFirst(here)
        answer = Answer.of(form)
        if answer.pressed == SOMEBODY_ELSE:
            await sessions.end(visit.desk, visit.session, visit.session.id)
            return account.signed_out(f"{SIGN_IN}?next={quote(here, safe='')}")
        if answer.pressed != ALLOW:
            return account.sent_on(authorizing.deny(tokens, asked))
        places = await authorizing.places_of(visit.desk, visit.session.person_id)
        try:
            answer.require_whole(asked.scopes, places)
            to = await authorizing.allow(
                tokens,
                visit.desk,
                asked,
                visit.session,
                answer.organization_id,
                answer.ticked,
            )
        except NeedsFresh:
            raise SignInFirst(here, again=True) from None
        except Invalid as lacking:
            return await _page(account, visit, asked, visit.session, answer, lacking)
        return account.sent_on(to)

    return [
        account.route(AUTHORIZE, authorize),
        account.route(AUTHORIZE, by_form, "POST"),
        account.route(CONSENT, answered, "POST"),
    ]


def _parameters(visit: Visit) -> Parameters:
    try:
        return parse_qsl(visit.request.url.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise Invalid("The app that sent you here asks in a way nobody can read.") from None


async def _as_query(request: Request) -> str:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise Refused(
                    say("What an app asks for has at most %(most)s bytes.", most=MOST_BYTES)
                )
    except ClientDisconnect:
        raise Refused("The form did not arrive whole.") from None
    if not _QUERY.fullmatch(body):
        raise Refused("This is no form that an app sends.")
    return body.decode("ascii")


def _signed_in(visit: Visit, asked: AuthorizationRequest, given: Parameters) -> Session:
    """Whoever is signed in, and as lately as the app wants. Raises `SignInFirst`.

    What the app wanted of the sign-in is done when they come back, so it is no longer asked then:
    else `max_age=0` would never be content. This opens nothing: whoever could leave the two words
    out of the address later could have done so at first, and the app learns `auth_time`.
    """
    back = f"{AUTHORIZE}?{urlencode(_without_sign_in(given))}"
    if visit.session is None:
        raise SignInFirst(back)
    if "login" in asked.prompt or authorizing.is_due_again(visit.desk, asked, visit.session):
        raise SignInFirst(back, again=True)
    return visit.session


def _without_sign_in(given: Parameters) -> list[tuple[str, str]]:
    kept = []
    for name, value in given:
        if name == "prompt":
            left = [word for word in value.split() if word != "login"]
            kept += [(name, " ".join(left))] if left else []
        elif name != "max_age":
            kept.append((name, value))
    return kept


async def _silently(tokens: TokenService, visit: Visit, asked: AuthorizationRequest) -> str:
    """Where the app does not want anybody to be asked: OpenID Connect Core s3.1.2.6."""
    session = visit.session
    if session is None or authorizing.is_due_again(visit.desk, asked, session):
        return authorizing.refuse_silently(tokens, asked, "login_required")
    known = await authorizing.remembered(visit.desk, asked, session)
    if known is None:
        return authorizing.refuse_silently(tokens, asked, "consent_required")
    return await authorizing.allow(tokens, visit.desk, asked, session, known, asked.scopes)


async def _page(
    account: Account,
    visit: Visit,
    asked: AuthorizationRequest,
    session: Session,
    answer: Answer | None = None,
    lacking: Invalid | None = None,
) -> Response:
    places = await authorizing.places_of(visit.desk, session.person_id)
    query = visit.request.url.query
    return account.shown(
        visit,
        "consent.html",
        problems.status_of(lacking),
        {"Content-Security-Policy": _policy(asked.redirect_uri)},
        view=View.of(asked.client, asked.scopes, places, answer),
        problems=problems.by_field(lacking),
        goes_to=_goes_to(asked),
        action=f"{CONSENT}?{query}",
    )


def _refused(account: Account, visit: Visit, refused: AuthorizationRefused) -> Response:
    if refused.redirect_to is None:
        raise refused
    return _sent_on(account, visit, refused.redirect_to)


def _sent_on(account: Account, visit: Visit, to: str) -> Response:
    """To the app. Whoever comes from a form of ours (that of signing in) gets a page that goes
    there: Chromium holds all that follows on a form to the policy of the form's page."""
    headers = visit.request.headers
    if headers.get("sec-fetch-site") == "same-origin" or headers.get("referer", "").startswith(
        f"{account.base_url}/"
    ):
        return account.shown(visit, "consent_done.html", to=to)
    return account.sent_on(to)


def _goes_to(asked: AuthorizationRequest) -> str:
    if redirects.is_of_this_device(asked.redirect_uri):
        program = asked.redirect_host.rstrip(":")
        return _("a program on this device (%(program)s)", program=program)
    return asked.redirect_host


def _policy(redirect_uri: str) -> str:
    """With the app's address among those that the form may lead to, because Chromium looks at where
    the answer to a form sends the browser, too (CSP 3 s6.4.1). And with every https address: the
    app may send them on from there, to a host of its own, which would be refused as well."""
    parts = urlsplit(redirect_uri)
    allowed = "https:"
    if parts.scheme == "http":
        own = f"http://{parts.netloc}" if _HOST.fullmatch(parts.netloc) else "http:"
        allowed = f"{own} https:"
    elif parts.scheme != "https" and _SCHEME.fullmatch(parts.scheme):
        allowed = f"{parts.scheme}:"
    return HEADERS["Content-Security-Policy"].replace(
        "form-action 'self'", f"form-action 'self' {allowed}"
    )
