"""What an embed shows, and who may show it: asked for once, whatever is made of it.

An address is kept for years in pages that nobody looks at. So a word in it that is not understood is
refused, as with feeds: it must not quietly become everything there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.requests import Request

from domain.errors import BadInput
from resolvers import embedding
from web.feeds import filters
from web.feeds.asking import PublicReading, id_in
from web.pages import documents
from web.pages.asked import language_of_page
from web.pages.calendars import Calendar, calendar_of
from web.pages.views import View, looking

OF_THINGS = ("causes", "near", "within", "languages", "attendanceModes", "accessible", "search")
OF_THE_HUB = (*OF_THINGS, "organizations", "groups", "alliances", "hubs")
_LOOKING = ("view", "on", "after", "lang")
# Whose the thing is: who says which sites may show it.
_OWNER = {"organization": None, "group": "organization", "alliance": "convener"}


@dataclass(frozen=True, slots=True)
class Shown:
    """`url` is the page on the hub, `feed` the address of its feeds without their ending; `sites` are
    those that may show it in a frame."""

    name: str
    url: str
    feed: str
    calendar: Calendar
    sites: Sequence[str]


@dataclass(frozen=True, slots=True)
class OfThings:
    """Embeds of organizations, of groups, or of alliances: `kind` is which."""

    reading: PublicReading
    kind: str

    async def shown(self, request: Request) -> Shown | None:
        wanted = narrowed(request, OF_THINGS)
        look = looking(request, self.reading.clock.now(), request.url.path, OF_THINGS)
        async with self.reading.opened_beside(request) as (ask, context):
            found = await ask(
                documents.EMBEDS[self.kind][look.view],
                id=id_in(request),
                language=language_of_page(request),
                filter={**wanted, f"{self.kind}s": [id_in(request)]},
                **look.window,
            )
            thing = found[self.kind]
            if thing is None:
                return None
            owner = _OWNER[self.kind]
            sites = await embedding.sites_of(context, (thing[owner] if owner else thing)["id"])
        calendar = await calendar_of(look, found["occurrences"])
        feed = f"/{self.kind}s/{quote(thing['id'], safe='@:')}"
        return Shown(thing["name"], thing["url"], feed, replace(calendar, tabs=[]), sites)


@dataclass(frozen=True, slots=True)
class OfTheHub:
    """The embed of the whole hub. The sites are those that its operator set."""

    reading: PublicReading
    site: str
    sites: tuple[str, ...]

    async def shown(self, request: Request) -> Shown | None:
        wanted = narrowed(request, OF_THE_HUB)
        look = looking(request, self.reading.clock.now(), request.url.path, OF_THE_HUB)
        async with self.reading.opened(request) as ask:
            found = await ask(
                documents.EMBEDDED_EVENTS[look.view],
                language=language_of_page(request),
                filter=wanted,
                **look.window,
            )
        calendar = await calendar_of(look, found["occurrences"])
        url = f"{await self.reading.address(request)}/events"
        return Shown(self.site, url, "/events", replace(calendar, tabs=[]), self.sites)


def narrowed(request: Request, names: Sequence[str]) -> dict[str, Any]:
    """The filter of the contract. Raises `BadInput`."""
    given = request.query_params.multi_items()
    known = (*_LOOKING, *names)
    for name, value in given:
        if name not in known:
            raise BadInput(
                f"{name[:40]!a}: an embed knows no such word. There are: {', '.join(known)}."
            )
        if name == "view" and value not in list(View):
            raise BadInput(f"view: {value[:40]!a} is none of {', '.join(View)}.")
    words = QueryParams([(name, value) for name, value in given if name in names])
    read = filters.wanted(words, filtered=True, is_table=False).filter
    return {**read, "includeCancelled": True}
