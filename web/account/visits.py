"""Who looks at a page of identity: which browser, and whose session; and the check of every form.

Two cookies. The session's says who is signed in. The visit's says only that it is the same browser
as before, so that forms have something to be bound to before anybody is signed in. A form brings a
token made of both, and must come from a page of this hub (OWASP, "Cross-Site Request Forgery").
"""

import base64
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth import sessions
from auth.desk import Desk, digest_of
from auth.sessions import SignedIn
from auth.throttle import TooManyTries
from domain.errors import NotFound, Passing, Problem, Refused
from domain.words import say
from languages import current, offered, speaking
from storage.sessions import Session
from web import forms
from web.feeds import answers
from web.forms import Form as Form  # by this name for the pages
from web.leading import local_address
from web.pages import rendering
from web.speaking import by_address, refusal
from web.trouble import RETRY_AFTER_SECONDS

SIGN_IN = "/account/sign-in"
HOME = "/account"
TOKEN_FIELD = "form_token"  # noqa: S105  # the name of a field
MOST_BYTES = 64_000

HEADERS = {
    **answers.GUARDED,
    "Content-Security-Policy": rendering.POLICY,
    **rendering.NOT_FRAMED,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


class Forged(Refused):
    """The form was not one of ours, or is of another session."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This form was made for another session, or by another site. Go back, "
                "load the page anew, and send it again."
            )
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a page of identity."""

    request: Request
    desk: Desk
    secret: str  # of the visit's cookie
    is_new: bool  # the browser has no such cookie yet
    session_secret: str
    session: Session | None

    @property
    def digest(self) -> bytes:
        """The same browser, for what is begun here and finished here (`storage.account_tables`)."""
        return digest_of(self.secret)

    @property
    def form_token(self) -> str:
        """Another one after signing in or out."""
        made = hmac.digest(self.secret.encode(), self.session_secret.encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    @property
    def here(self) -> str:
        """The address asked for, to come back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def require_session(self) -> Session:
        """Raises `SignInFirst`."""
        if self.session is None:
            raise SignInFirst(self.here)
        return self.session

    def require_fresh(self) -> Session:
        """A session whose person showed who they are a moment ago. Raises `SignInFirst`."""
        session = self.require_session()
        if not sessions.is_fresh(self.desk, session):
            raise SignInFirst(self.here, again=True)
        return session


class SignInFirst(Problem):
    """It takes somebody who is signed in; or, `again`, who shows once more who they are."""

    code = "UNAUTHENTICATED"

    def __init__(self, then: str, *, again: bool = False) -> None:
        super().__init__(say("Sign in first."))
        self.then = then
        self.again = again


Page = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Account:
    """What every page of identity is made with."""

    base_url: str
    site: str
    open_desk: Callable[[Request], Desk]

    def route(self, path: str, page: Page, *methods: str) -> Route:
        async def answered(request: Request) -> Response:
            return await self._answer(request, page)

        return Route(path, answered, methods=list(methods or ("GET",)))

    def shown(
        self,
        visit: Visit,
        template: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Response:
        """The page, with the token for its forms. Every template here extends `account.html`."""
        body = rendering.rendered(
            template, site=self.site, session=visit.session, form_token=visit.form_token, **given
        )
        headers = {**HEADERS, **rendering.in_language(), **(headers or {})}
        response = Response(body, status, headers, media_type=rendering.HTML)
        if visit.is_new:
            self._set(response, self._visit_cookie, visit.secret, seconds=None)
        return response

    def sent_on(self, to: str, headers: Mapping[str, str] | None = None) -> Response:
        """After a form: RFC 9110 s15.4.4, so that loading it again sends nothing twice."""
        return RedirectResponse(to, 303, {**HEADERS, **(headers or {})})

    def signed_in(self, signed_in: SignedIn, then: str | None) -> Response:
        response = self.sent_on(local_address(then) or HOME)
        longest = int(sessions.LONGEST.total_seconds())
        self._set(response, self._session_cookie, signed_in.secret, seconds=longest)
        return response

    def signed_out(self, then: str = SIGN_IN) -> Response:
        response = self.sent_on(then)
        self._set(response, self._session_cookie, "", seconds=0)
        return response

    def prefers(self, response: Response) -> Response:
        """Somebody said which language they prefer: what this browser was asked for before is over."""
        self._set(response, self._language_cookie, "", seconds=0)
        return response

    async def form(self, visit: Visit, most_bytes: int = MOST_BYTES) -> Form:
        """What was sent, or `Forged`. Call it before anything else."""
        if not forms.is_from_here(visit.request, self.base_url):
            raise Forged
        fields = await forms.sent(visit.request, most_bytes)
        given = fields.get(TOKEN_FIELD, "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, visit.form_token.encode()):
            raise Forged
        return fields

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    @property
    def _is_secure(self) -> bool:
        return self.base_url.startswith("https:")

    @property
    def _session_cookie(self) -> str:
        # RFC 6265bis s4.1.3.2: no other host can set it. Plain http (this machine only) has no such.
        return "__Host-convoke" if self._is_secure else "convoke"

    @property
    def _visit_cookie(self) -> str:
        return f"{self._session_cookie}-visit"

    @property
    def _language_cookie(self) -> str:
        return f"{self._session_cookie}-language"

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            name, value, seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    async def _answer(self, request: Request, page: Page) -> Response:
        """In the language that the address asks for, from then on in this browser too; else in the
        one that its person prefers, or the browser."""
        visit = await self._visit(request)
        asked, kept = by_address(), offered(request.cookies.get(self._language_cookie))
        preferred = offered(visit.session.language) if visit.session else None
        with speaking(asked or kept or preferred or current()):
            response = await self._answered(visit, page)
        if asked is not None and asked != kept:
            self._set(response, self._language_cookie, asked, seconds=None)
        return response

    async def _answered(self, visit: Visit, page: Page) -> Response:
        try:
            return await page(visit)
        except SignInFirst as first:
            again = "&again=yes" if first.again else ""
            return self.sent_on(f"{SIGN_IN}?next={quote(first.then, safe='')}{again}")
        except TooManyTries as often:
            return self._told(visit, 429, often, {"Retry-After": str(often.wait_seconds)})
        except Passing as busy:
            return self._told(visit, 503, busy, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        except NotFound as unknown:
            return self._told(visit, 404, unknown)
        except Refused as refused:
            return self._told(visit, 403, refused)
        except Problem as problem:
            return self._told(visit, 400, problem)

    async def _visit(self, request: Request) -> Visit:
        desk = self.open_desk(request)
        known = request.cookies.get(self._visit_cookie, "")
        is_new = not 40 <= len(known) <= 64 or not known.isascii()
        secret = request.cookies.get(self._session_cookie, "")
        session = await sessions.of_cookie(desk, secret)
        return Visit(
            request=request,
            desk=desk,
            secret=desk.secret() if is_new else known,
            is_new=is_new,
            session_secret="" if session is None else secret,
            session=session,
        )

    def _told(
        self, visit: Visit, status: int, problem: Problem, headers: Mapping[str, str] | None = None
    ) -> Response:
        return self.shown(
            visit, "account_problem.html", status, headers, said=refusal(problem.message)
        )
