"""The addresses of the pages. Each asks one operation as nobody, and shows what it gives.

What never was, what nobody may see and what is no id at all are asked for alike, and answered with
the same page.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain import texts
from domain.errors import Busy, Invalid
from domain.recurrence import horizon
from web.feeds import answers, list_routes
from web.feeds import routes as feeds
from web.feeds.asking import PublicReading, Unanswered, id_in
from web.feeds.events import Shown, local, moment, to_come, written
from web.feeds.holders import linked_data_of_holder
from web.feeds.linked_data import MEDIA, linked_data_of
from web.feeds.told import Event
from web.feeds.words import hosts, meets_in_place, supporters
from web.pages import documents, rendering
from web.pages.dates import line_of, listed
from web.pages.words import clocks, repeats, when
from web.trouble import RETRY_AFTER_SECONDS

Page = Callable[[Request], Awaitable[Response]]
DATES = 30  # to come, in the page of whoever holds them


def routes(reading: PublicReading, site: str) -> list[Route]:
    """`site` is the hub's own name."""
    holders = [_Holder(reading, site, name, document) for name, document in documents.HOLDERS]
    pages: dict[str, Page] = {
        "/events/{id:path}": _event_page(reading, site),
        **{f"/{each.name}s/{{id:path}}": each.page for each in holders},
    }
    return [
        Route(rendering.STYLESHEET, rendering.stylesheet),
        *feeds.routes(reading, site),
        *(Route(f"/{each.name}s/{{id:path}}.jsonld", each.json_ld) for each in holders),
        *(Route(path, _unbroken(page, site)) for path, page in pages.items()),
    ]


def _event_page(reading: PublicReading, site: str) -> Page:
    async def event_page(request: Request) -> Response:
        now = reading.clock.now()
        language = _language(request)
        async with reading.opened(request) as ask:
            shown = await to_come(ask, id_in(request), now, feeds.DATES, language)
        if shown is None:
            return rendering.nothing_there(site)
        if answers.wants_linked_data(request.headers.get("accept")):
            return answers.sent(request, linked_data_of(shown), MEDIA, {"Vary": "Accept"})
        return rendering.page(request, "event.html", site=site, **_of_event(shown, now, language))

    return event_page


def _of_event(shown: Shown, now: datetime, language: str | None) -> dict[str, Any]:
    event = shown.event
    coming = shown.dates[0] if shown.dates else None
    # Of a series the next date is what one wants to know; its first one may lie years back.
    date = coming if coming is not None and event["recurrence"] else event
    starts = local(date["startsAt"], event["timeZone"])
    ends = local(date["endsAt"], event["timeZone"]) if date["endsAt"] else None
    place = (coming["place"] if coming and event["recurrence"] else None) or event["place"]
    return {
        "event": event,
        "title": event["title"],
        "language": _shown_in(language, event),
        "when": when(starts, ends, all_day=event["allDay"]),
        "clocks": clocks(starts),
        "repeats": repeats(event["recurrence"]["rrule"]) if event["recurrence"] else None,
        "dates": [line_of(each, event) for each in shown.dates] if event["recurrence"] else [],
        "more_dates": shown.more,
        "place": place if meets_in_place(event, date["status"]) else None,
        "is_over": coming is None and starts < now,
        "hosts": hosts(event),
        "supporters": supporters(event),
        "linked_data": _in_page(linked_data_of(shown)),
        "changed": moment(event["updatedAt"]),
    }


class _Holder:
    """Whoever holds events, with its dates to come: as a page, and as linked data."""

    def __init__(self, reading: PublicReading, site: str, name: str, document: str) -> None:
        self.reading = reading
        self.site = site
        self.name = name
        self.document = document

    async def page(self, request: Request) -> Response:
        found = await self._found(request)
        if found is None:
            return rendering.nothing_there(self.site)
        thing, dates = found[self.name], found["occurrences"]
        linked_data = linked_data_of_holder(self.name, thing, dates["nodes"])
        if answers.wants_linked_data(request.headers.get("accept")):
            return answers.sent(request, linked_data, MEDIA, {"Vary": "Accept"})
        return rendering.page(
            request,
            f"{self.name}.html",
            site=self.site,
            title=thing["name"],
            thing=thing,
            dates=[listed(each) for each in dates["nodes"]],
            more_dates=dates["pageInfo"]["hasNextPage"],
            linked_data=_in_page(linked_data),
            # Of what is mirrored too: this hub's own, beside the page that it stands in.
            feed=f"/{self.name}s/{quote(thing['id'], safe='@:')}",
        )

    async def json_ld(self, request: Request) -> Response:
        found = await self._found(request)
        if found is None:
            nothing = f"There is no such {self.name}, or it is not public.\n".encode()
            return answers.not_there("text/plain; charset=utf-8", nothing, list_routes.OPEN)
        thing = found[self.name]
        body = linked_data_of_holder(self.name, thing, found["occurrences"]["nodes"])
        headers = {**list_routes.OPEN, "Link": f'<{thing["url"]}>; rel="canonical"'}
        if thing["visibility"] != "PUBLIC":
            headers["X-Robots-Tag"] = "noindex"
        return answers.sent(request, body, MEDIA, headers)

    async def _found(self, request: Request) -> dict[str, Any] | None:
        now = self.reading.clock.now()
        async with self.reading.opened(request) as ask:
            found = await ask(
                self.document,
                id=id_in(request),
                to=written(horizon(now)),
                first=DATES,
                language=_language(request),
                **{"from": written(now)},
            )
        return found if found[self.name] is not None else None


def _language(request: Request) -> str | None:
    """The translation asked for by `?lang=`; an address with another word in it is still good."""
    try:
        return texts.language(request.query_params.get("lang", ""))
    except Invalid:
        return None


def _shown_in(language: str | None, event: Event) -> str | None:
    """The translation that the contract chooses for the language asked for, if there is one."""
    tags = {each["language"] for each in event["translations"]}
    wished = (language, language.split("-")[0]) if language else ()
    return next((tag for tag in wished if tag in tags), None)


def _unbroken(page: Page, site: str) -> Page:
    """Whoever reads pages is told what is wrong on a page, and never the details."""

    async def told(request: Request) -> Response:
        try:
            return await page(request)
        except Busy as busy:
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return rendering.trouble(site, 503, busy.message, retry)
        except Unanswered:
            said = "A fault of this hub, now in its log. Try again later."
            return rendering.trouble(site, 500, said, {})

    return told


def _in_page(linked_data: bytes) -> Markup:
    """JSON that cannot end the element it stands in (HTML s4.12.1.3)."""
    compact = json.dumps(json.loads(linked_data), ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        compact = compact.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(compact)  # noqa: S704 - nothing is left in it that HTML could read
