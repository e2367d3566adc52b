"""The addresses of the pages. Each asks one operation as nobody, and shows what it gives.

What never was, what nobody may see and what is no id at all are asked for alike, and answered with
the same page.
"""

from starlette.routing import Route

from web.feeds import routes as feeds
from web.feeds.asking import PublicReading
from web.pages import documents, rendering
from web.pages.answering import Answering
from web.pages.asked import Page, unbroken
from web.pages.event_page import EventPages
from web.pages.holders import Holder
from web.pages.hub_pages import HubPages


def routes(reading: PublicReading, site: str) -> list[Route]:
    """`site` is the hub's own name."""
    holders = [Holder(reading, site, *each) for each in documents.HOLDERS.items()]
    hub, events = HubPages(reading, site), EventPages(reading, site)
    pages: dict[str, Page] = {
        "/": hub.home,
        "/events": hub.events,
        "/organizations": hub.directory("organizations", documents.ORGANIZATIONS),
        "/alliances": hub.directory("alliances", documents.ALLIANCES),
        "/search": hub.search,
        "/events/{id:path}": events.page,
        **{f"/{each.name}s/{{id:path}}": each.page for each in holders},
    }
    answering = unbroken(Answering(events).page, site)
    return [
        Route(rendering.STYLESHEET, rendering.stylesheet),
        Route(rendering.SCRIPT, rendering.script),
        *feeds.routes(reading, site),
        *(Route(f"/{each.name}s/{{id:path}}.jsonld", each.json_ld) for each in holders),
        Route("/events/{id:path}/rsvp", answering, methods=["GET", "POST"]),
        *(Route(path, unbroken(page, site)) for path, page in pages.items()),
    ]
