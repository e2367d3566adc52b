"""HTML out of a template: escaped by itself, under a policy that lets it run and load nothing but
the one stylesheet and the one script that stand beside it."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import Response

import languages
from languages import dates, names
from languages import gettext as _
from languages.templates import install
from web import speaking
from web.account import words as identity
from web.feeds import answers
from web.feeds import words as spoken
from web.pages import words

HTML = "text/html; charset=utf-8"
STYLESHEET = "/static/pages.css"
SCRIPT = "/static/pages.js"
_HERE = Path(__file__).parent
_STATIC = _HERE.parent / "static"
# The JSON-LD in a page is data: `script-src` is about what runs (HTML s4.12.1.1).
POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
NOT_FRAMED = {"X-Frame-Options": "DENY"}  # for browsers that know no frame-ancestors
HEADERS = {"Content-Security-Policy": f"{POLICY}; script-src 'self'", **NOT_FRAMED}


@dataclass(frozen=True, slots=True)
class _Beside:
    """A file that pages load. Its address has its digest, so that it may be kept for ever."""

    text: bytes
    address: str
    integrity: str


def page(request: Request, template: str, **given: Any) -> Response:
    return answers.sent(request, rendered(template, **given), HTML, _headers())


def _headers() -> dict[str, str]:
    """Those of a page that caches keep. Where its address says the language, no wish changes it."""
    varies = "Accept" if speaking.by_address() else "Accept, Accept-Language"
    return {**HEADERS, **in_language(), "Vary": varies}


def in_language() -> dict[str, str]:
    return {"Content-Language": languages.current()}


def form(
    template: str, status: int = 200, headers: Mapping[str, str] | None = None, **given: Any
) -> Response:
    """A page of somebody's own, which nobody keeps."""
    kept = {**answers.GUARDED, **_headers(), "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    body = rendered(template, **given)
    return Response(body, status, {**kept, **(headers or {})}, media_type=HTML)


def nothing_there(site: str) -> Response:
    return answers.not_there(HTML, rendered("nothing_there.html", site=site), _headers())


def trouble(site: str, status: int, said: str, headers: Mapping[str, str]) -> Response:
    title = _("Not understood") if status == 400 else _("Not now")
    body = rendered("trouble.html", site=site, said=said, title=title)
    headers = {**answers.GUARDED, **_headers(), "Cache-Control": "no-store", **headers}
    return Response(body, status, headers, media_type=HTML)


async def stylesheet(request: Request) -> Response:
    return _sent_for_ever(request, STYLESHEET, "text/css; charset=utf-8")


async def script(request: Request) -> Response:
    return _sent_for_ever(request, SCRIPT, "text/javascript; charset=utf-8")


def _sent_for_ever(request: Request, address: str, media: str) -> Response:
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return answers.sent(request, _beside(address).text, media, kept)


def rendered(template: str, **given: Any) -> bytes:
    given = {"style": _beside(STYLESHEET).address, "script": _beside(SCRIPT), **given}
    return _templates().get_template(template).render(**given).encode()


@cache
def _beside(address: str) -> _Beside:
    text = (_STATIC / address.rpartition("/")[2]).read_bytes()
    integrity = f"sha384-{b64encode(sha384(text).digest()).decode()}"
    return _Beside(text, f"{address}?{sha256(text).hexdigest()[:12]}", integrity)


@pass_context  # or a template would keep what an address was when it was first read
def _kept(_: Context, address: str) -> str:
    return speaking.kept(address)


@cache
def _templates() -> Environment:
    made = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(
            [_HERE.parent / part / "templates" for part in ("pages", "account", "console")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True  # where a text stands in its line is no part of it
    # They look up the language of whoever is answered as they are called.
    made.globals |= {
        "direction": languages.direction,
        "offers": speaking.offers,
        "by_address": speaking.by_address,
    }
    made.globals |= {"spoken": languages.current}
    install(made)
    made.filters |= {
        "bold": words.bold,
        "brief": dates.brief,
        "date": words.date_of,
        "day": words.day,
        "geo": words.geo_of,
        "linked": words.linked,
        "language": words.language,
        "is_other": words.is_other,
        "kept": _kept,
        "lines": spoken.lines_of,
        "listed": words.listed,
        "moment": words.moment,
        "name": names.name,
        "named": words.named,
        "osm": words.map_of,
        "shortened": words.shortened,
        "role": identity.role,
        "way": words.way_to,
    }
    made.globals |= {
        "of_status": spoken.OF_STATUS,
        "of_access": words.OF_ACCESS,
        "of_alliance_status": words.OF_ALLIANCE_STATUS,
        "of_attendees": words.OF_ATTENDEES,
        "of_deciding": words.OF_DECIDING,
        "of_editing": words.OF_EDITING,
        "of_joining": words.OF_JOINING,
        "of_kind": words.OF_KIND,
        "of_role": words.OF_ROLE,
        "of_shared_events": words.OF_SHARED_EVENTS,
    }
    return made
