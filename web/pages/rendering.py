"""HTML out of a template: escaped by itself, under a policy that lets it run and load nothing else."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from web.account import words as identity
from web.feeds import answers
from web.feeds import words as spoken
from web.pages import words

HTML = "text/html; charset=utf-8"
STYLESHEET = "/static/pages.css"
_HERE = Path(__file__).parent
_STYLE = _HERE.parent / "static" / "pages.css"
# The JSON-LD in a page is data: `script-src` is about what runs (HTML s4.12.1.1).
POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Vary": "Accept"}


def page(request: Request, template: str, **given: Any) -> Response:
    return answers.sent(request, rendered(template, **given), HTML, HEADERS)


def nothing_there(site: str) -> Response:
    return answers.not_there(HTML, rendered("nothing_there.html", site=site), HEADERS)


def trouble(site: str, status: int, said: str, headers: dict[str, str]) -> Response:
    body = rendered("trouble.html", site=site, said=said)
    headers = {**answers.GUARDED, **HEADERS, "Cache-Control": "no-store", **headers}
    return Response(body, status, headers, media_type=HTML)


async def stylesheet(request: Request) -> Response:
    """Its address has its digest, so that it may be kept for ever."""
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return answers.sent(request, _style()[0], "text/css; charset=utf-8", kept)


def rendered(template: str, **given: Any) -> bytes:
    return _templates().get_template(template).render(style=_style()[1], **given).encode()


@cache
def _style() -> tuple[bytes, str]:
    """The stylesheet and its address."""
    text = _STYLE.read_bytes()
    return text, f"{STYLESHEET}?{sha256(text).hexdigest()[:12]}"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader([_HERE / "templates", _HERE.parent / "account" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "linked": words.linked,
        "language": words.language,
        "lines": spoken.lines_of,
        "map": words.map_of,
        "shortened": words.shortened,
        "role": identity.role,
    }
    made.globals |= {
        "of_status": spoken.OF_STATUS,
        "of_access": words.OF_ACCESS,
        "of_joining": words.OF_JOINING,
        "of_kind": words.OF_KIND,
        "of_role": words.OF_ROLE,
    }
    return made
