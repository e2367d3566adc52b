"""The addresses of embeds: a page for a frame, data for the element, and the script of the element."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha384
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import BadInput
from languages import current
from web import speaking
from web.embed.showing import OfTheHub, OfThings
from web.embed.telling import told
from web.feeds import answers, list_routes
from web.feeds.asking import NotUnderstood, PublicReading
from web.pages import rendering
from web.pages.asked import Page, unbroken

EMBED = "/embed"
SCRIPT = "/static/convoke-events.js"
KINDS = list_routes.KINDS
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
_FILE = Path(__file__).parent.parent / "static" / "convoke-events.js"
_PLAIN = "text/plain; charset=utf-8"
_NOTHING = b"There is no such thing to show, or it is not public.\n"
_OF_DATA = {**list_routes.OPEN, "X-Robots-Tag": "noindex"}


def routes(reading: PublicReading, site: str, sites: tuple[str, ...]) -> list[Route]:
    """`site` is the hub's own name; `sites` those that may show all of it in a frame."""
    whole = OfTheHub(reading, site, sites)
    paths = {f"{EMBED}/{kind}s/{{id:path}}": OfThings(reading, kind) for kind in KINDS}
    embeds: dict[str, OfThings | OfTheHub] = {f"{EMBED}/events": whole, **paths}
    return [
        Route(SCRIPT, _script),
        *(Route(f"{path}.json", _data(embed)) for path, embed in embeds.items()),
        *(Route(path, unbroken(_frame(embed, site), site)) for path, embed in embeds.items()),
    ]


def _frame(embed: OfThings | OfTheHub, site: str) -> Page:
    async def page(request: Request) -> Response:
        shown = await embed.shown(request)
        if shown is None:
            return rendering.nothing_there(site)
        # Its own pages too: whoever writes a snippet looks at it here.
        policy = " ".join([f"{_POLICY}; frame-ancestors 'self'", *shown.sites])
        body = rendering.rendered("embed.html", site=site, shown=shown, calendar=shown.calendar)
        headers = {
            "Content-Security-Policy": policy,
            "Content-Language": current(),
            "X-Robots-Tag": "noindex",
        }
        if not speaking.by_address():
            headers["Vary"] = "Accept-Language"
        return answers.sent(request, body, rendering.HTML, headers)

    return page


def _data(embed: OfThings | OfTheHub) -> Callable[[Request], Awaitable[Response]]:
    async def data(request: Request) -> Response:
        try:
            shown = await embed.shown(request)
        except (BadInput, NotUnderstood) as problem:
            headers = {**answers.GUARDED, **_OF_DATA, "Cache-Control": "no-store"}
            return Response(f"{problem.message}\n", 400, headers, media_type=_PLAIN)
        if shown is None:
            return answers.not_there(_PLAIN, _NOTHING, _OF_DATA)
        headers = {**_OF_DATA, "Content-Language": current()}
        return answers.sent(request, told(shown), "application/json", headers)

    return data


async def _script(request: Request) -> Response:
    """Pages of any site load it, and those that stand apart from all others too (HTML, COEP)."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        # Its address never changes, and what is mended in it is to reach everybody.
        "Cache-Control": "public, max-age=3600",
    }
    return answers.sent(request, _file(), "text/javascript; charset=utf-8", headers)


@cache
def _file() -> bytes:
    return _FILE.read_bytes()


def integrity() -> str:
    """Of the script, for sites that pin what they run."""
    return f"sha384-{b64encode(sha384(_file()).digest()).decode()}"
