"""The addresses of feeds: of the whole hub, and of each organization, group and alliance."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import BadInput
from web.feeds import answers, calendar, filters, news, table
from web.feeds.asking import NotUnderstood, PublicReading
from web.feeds.events import moment
from web.feeds.filters import Wanted
from web.feeds.lists import Feed, Lists

# Any page and any program may read what anybody may read.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Request-Id",
}
_PLAIN = "text/plain; charset=utf-8"
KINDS = ("organization", "group", "alliance")


@dataclass(frozen=True, slots=True)
class Format:
    """`ending` is that of its addresses, `read` and `written` how it is made."""

    ending: str
    media: str
    disposition: str
    read: Callable[[Lists, Request, Wanted], Awaitable[Feed | None]]
    written: Callable[[Feed, Wanted], bytes]


FORMATS = (
    Format(
        "ics",
        calendar.MEDIA,
        "inline",
        Lists.calendar,
        lambda feed, _: calendar.calendar_of_feed(feed),
    ),
    Format("atom", news.MEDIA, "inline", Lists.news, lambda feed, _: news.news_of(feed)),
    Format(
        "csv",
        table.MEDIA,
        "attachment",
        Lists.table,
        lambda feed, wanted: table.table_of(feed, with_mark=wanted.with_mark),
    ),
)


def routes(reading: PublicReading, site: str) -> list[Route]:
    """`site` is the hub's own name."""
    made = [
        Route(f"/{kind}s/{{id:path}}.{form.ending}", _feed(Lists(reading, site, kind), form))
        for kind in KINDS
        for form in FORMATS
    ]
    return [
        *made,
        *(
            Route(f"/events.{form.ending}", _feed(Lists(reading, site, None), form))
            for form in FORMATS
        ),
    ]


def _feed(lists: Lists, form: Format) -> Callable[[Request], Awaitable[Response]]:
    async def feed(request: Request) -> Response:
        try:
            wanted = filters.wanted(
                request.query_params, filtered=lists.kind is None, is_table=form.ending == "csv"
            )
            found = await form.read(lists, request, wanted)
        except (BadInput, NotUnderstood) as problem:
            return _refused(problem.message)
        if found is None:
            nothing = f"There is no such {lists.kind}, or it is not public.\n".encode()
            return answers.not_there(_PLAIN, nothing, OPEN)
        # Of a thousand events it takes a third of a second, in which others are answered.
        body = await asyncio.to_thread(form.written, found, wanted)
        return answers.sent(request, body, form.media, _headers(found, form))

    return feed


def _headers(feed: Feed, form: Format) -> dict[str, str]:
    links = [f'<{feed.holder.url}>; rel="alternate"; type="text/html"']
    if feed.further is not None:
        links.append(f'<{feed.further}>; rel="next"')
    headers = {
        **OPEN,
        "Content-Disposition": f'{form.disposition}; filename="events.{form.ending}"',
        "Link": ", ".join(links),
    }
    if feed.changed is not None:
        changed = moment(feed.changed).replace(microsecond=0)
        headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    if feed.holder.visibility != "PUBLIC":
        headers["X-Robots-Tag"] = "noindex"
    return headers


def _refused(said: str) -> Response:
    headers = {**answers.GUARDED, **OPEN, "Cache-Control": "no-store"}
    return Response(f"{said}\n", 400, headers, media_type=_PLAIN)
