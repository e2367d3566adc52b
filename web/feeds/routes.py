"""The addresses of events and lists of them for programs. They stand before those of their pages."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.feeds import answers, calendar, linked_data, list_routes
from web.feeds.asking import PublicReading, id_in
from web.feeds.events import to_come, with_every_date

DATES = 25  # of a series, told in JSON-LD and on the page
_NOTHING = b"There is no such event, or it is not public.\n"
# Any page and any program may read what anybody may read.
_OPEN = {"Access-Control-Allow-Origin": "*"}


def routes(reading: PublicReading, site: str) -> list[Route]:
    async def ics(request: Request) -> Response:
        now = reading.clock.now()
        async with reading.opened(request) as ask:
            shown = await with_every_date(ask, id_in(request), now)
        if shown is None:
            return answers.not_there("text/plain; charset=utf-8", _NOTHING, _OPEN)
        body = calendar.calendar_of(shown)
        saved_as = {"Content-Disposition": 'inline; filename="event.ics"'}
        return answers.sent(request, body, calendar.MEDIA, {**_OPEN, **saved_as})

    async def json_ld(request: Request) -> Response:
        async with reading.opened(request) as ask:
            shown = await to_come(ask, id_in(request), reading.clock.now(), DATES)
        if shown is None:
            return answers.not_there("text/plain; charset=utf-8", _NOTHING, _OPEN)
        body = linked_data.linked_data_of(shown)
        headers = {**_OPEN, "Link": f'<{shown.event["url"]}>; rel="canonical"'}
        return answers.sent(request, body, linked_data.MEDIA, headers)

    return [
        Route("/events/{id:path}.ics", ics),
        Route("/events/{id:path}.jsonld", json_ld),
        *list_routes.routes(reading, site),
    ]
