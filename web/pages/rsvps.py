"""Where a guest without an account follows the link in a mail: to confirm an answer, or take it back.

Opening the page changes nothing, because mail programs open links to look what is there; its button
does. Whoever has the link may press it: there is no session, and nothing else to forge.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import NotFound, Passing, Problem
from languages import gettext as _
from resolvers import guests
from resolvers.context import Context
from resolvers.guests import Followed, Purpose
from resolvers.post import guest_words
from resolvers.rsvp_links import CANCEL, CONFIRM
from web.feeds import answers
from web.pages import rendering
from web.speaking import refusal
from web.trouble import RETRY_AFTER_SECONDS

OpenContext = Callable[[Request], AbstractAsyncContextManager[Context]]
Follow = Callable[[Context, str], Awaitable[Followed]]

MOST_BYTES = 2_000  # of a form with one token in it
LONGEST = 100
# The token stands in the address: it is told to no other site, and kept by no cache.
HEADERS = {
    **answers.GUARDED,
    **rendering.HEADERS,
    "Content-Security-Policy": rendering.POLICY,  # there is nothing for a script to do
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def routes(as_nobody: OpenContext, site: str) -> list[Route]:
    confirm = _page(as_nobody, site, Purpose.CONFIRM, guests.confirm)
    cancel = _page(as_nobody, site, Purpose.CANCEL, guests.cancel)
    return [
        Route(CONFIRM, confirm, methods=["GET", "POST"]),
        Route(CANCEL, cancel, methods=["GET", "POST"]),
    ]


def _page(
    as_nobody: OpenContext, site: str, purpose: Purpose, follow: Follow
) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        is_done = request.method == "POST"
        secret = await _posted(request) if is_done else request.query_params.get("token", "")
        try:
            async with as_nobody(request) as ctx:
                if is_done:
                    followed = await follow(ctx, secret[:LONGEST])
                else:
                    followed = await guests.look(ctx, secret[:LONGEST], purpose)
        except Passing as busy:
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return rendering.trouble(site, 503, refusal(busy.message), retry)
        except Problem as problem:
            status = 404 if isinstance(problem, NotFound) else 409
            return _shown(site, status, _("This did not work"), refusal(problem.message))
        title, said = _done(followed) if is_done else _asked(followed)
        token = None if is_done else secret[:LONGEST]
        return _shown(site, 200, title, said, token, followed.agreed_with)

    return page


def _asked(followed: Followed) -> tuple[str, str]:
    if followed.wish is None:
        about = guest_words.title_and_date(followed.date)
        return _("Cancel?"), _("You would not be expected any more: %(date)s.", date=about)
    return _("Confirm?"), guest_words.wished(followed.wish, followed.date)


def _done(followed: Followed) -> tuple[str, str]:
    return _("Thank you"), guest_words.stands(followed.status, followed.date)


def _shown(
    site: str,
    status: int,
    title: str,
    said: str,
    token: str | None = None,
    agreed_with: tuple[str, ...] = (),
) -> Response:
    body = rendering.rendered(
        "rsvp.html", site=site, title=title, said=said, token=token, agreed_with=agreed_with
    )
    headers = {**HEADERS, **rendering.in_language()}
    return Response(body, status, headers, media_type=rendering.HTML)


async def _posted(request: Request) -> str:
    """The token in the form; of what is too long or no form at all, none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return ""
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return fields.get("token", [""])[0]
