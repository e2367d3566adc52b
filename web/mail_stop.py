"""Where the link in a letter ends letters about one organization (RFC 8058), and where it is taken back.

Opening it changes nothing; a button does, or the mail program's own, which posts to the same address
without cookies and wants no page. There is no session, and nothing else to forge.
"""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain import letter_texts
from domain.errors import NotFound, Passing
from resolvers.post import stopping
from resolvers.post.stopping import About
from resolvers.post.writing import STOP
from web.feeds.asking import OpenContext
from web.pages import rendering
from web.pages.rsvps import HEADERS
from web.speaking import refusal
from web.trouble import RETRY_AFTER_SECONDS

_MOST_BYTES = 2_000
_LONGEST = 500


def routes(as_nobody: OpenContext, site: str) -> list[Route]:
    async def page(request: Request) -> Response:
        token = request.query_params.get("link", "")[:_LONGEST]
        try:
            async with as_nobody(request) as ctx:
                if request.method != "POST":
                    about = await stopping.look(ctx, token)
                elif await _wants_them_again(request):
                    about = await stopping.resume(ctx, token)
                else:
                    about = await stopping.stop(ctx, token)
        except NotFound as unknown:
            return _shown(site, 404, said=refusal(unknown.message))
        except Passing as busy:
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return rendering.trouble(site, 503, refusal(busy.message), retry)
        return _shown(site, 200, about, is_done=request.method == "POST")

    return [Route(STOP, page, methods=["GET", "POST"])]


def _shown(
    site: str,
    status: int,
    about: About | None = None,
    *,
    is_done: bool = False,
    said: str | None = None,
) -> Response:
    body = rendering.rendered(
        "mail_stop.html",
        site=site,
        name=letter_texts.line(about.organization) if about else "",
        is_stopped=about is not None and about.is_stopped,
        is_done=is_done,
        said=said,
    )
    headers = {**HEADERS, **rendering.in_language()}
    return Response(body, status, headers, media_type=rendering.HTML)


async def _wants_them_again(request: Request) -> bool:
    """By the button of our page; whatever else is sent means what the address says."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return False
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return fields.get("again") == ["yes"]
