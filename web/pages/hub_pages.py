"""The pages of the hub as a whole: its first one, its events, who is on it, and the search."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from domain.recurrence import horizon
from web.feeds import filters
from web.feeds.asking import PublicReading
from web.feeds.events import written
from web.pages import documents, rendering
from web.pages.asked import Page, language_of_page
from web.pages.calendars import calendar_of
from web.pages.dates import by_day, listed, today_of
from web.pages.views import looking

_WEEK = timedelta(days=7)
_THIS_WEEK = 12  # dates on the first page
_LISTED = 50  # organizations or alliances on a page
_FOUND = 20
_NARROWING = ("near", "within", "causes")
KILOMETRES = ("5", "10", "25", "50", "100")


class HubPages:
    """`site` is the hub's own name."""

    def __init__(self, reading: PublicReading, site: str) -> None:
        self.reading = reading
        self.site = site

    async def home(self, request: Request) -> Response:
        now = self.reading.clock.now()
        async with self.reading.opened(request) as ask:
            found = await ask(
                documents.HOME,
                to=written(now + _WEEK),
                first=_THIS_WEEK,
                after=None,
                language=language_of_page(request),
                **{"from": written(now)},
            )
        dates = found["occurrences"]
        lines = [listed(each) for each in dates["nodes"]]
        return rendering.page(
            request,
            "home.html",
            site=self.site,
            today=today_of(now, dates["nodes"]),
            days=by_day(sorted(lines, key=lambda line: line.day)),
            more=dates["pageInfo"]["hasNextPage"],
            address=await self.reading.address(request),
            **{name: found[name] for name in ("organizations", "alliances")},
        )

    async def events(self, request: Request) -> Response:
        """What is narrowed by the address is what the feeds of it are narrowed by."""
        given = [
            (name, value)
            for name, value in request.query_params.multi_items()
            if name in _NARROWING and value
        ]
        wanted = filters.wanted(QueryParams(given), filtered=True, is_table=False)
        look = looking(request, self.reading.clock.now(), "/events", _NARROWING)
        async with self.reading.opened(request) as ask:
            found = await ask(
                documents.EVENTS[look.view],
                language=language_of_page(request),
                near=wanted.filter.get("near"),
                causes=wanted.filter.get("causes"),
                **look.window,
            )
        narrowed = dict(given)
        return rendering.page(
            request,
            "events.html",
            site=self.site,
            here="/events",
            calendar=await calendar_of(look, found["occurrences"]),
            near=narrowed.get("near", ""),
            within=narrowed.get("within", "25"),
            causes=narrowed.get("causes", ""),
            kilometres=KILOMETRES,
            feed="/events",
            query=f"?{urlencode(given, safe=',')}" if given else "",
        )

    def directory(self, name: str, document: str) -> Page:
        """Of organizations, or of alliances, by name."""

        async def page(request: Request) -> Response:
            after = request.query_params.get("after", "")[:500] or None
            async with self.reading.opened(request) as ask:
                found = (
                    await ask(
                        document, first=_LISTED, after=after, language=language_of_page(request)
                    )
                )[name]
            end = found["pageInfo"]
            return rendering.page(
                request,
                f"{name}.html",
                site=self.site,
                here=f"/{name}",
                things=found["nodes"],
                total=found["totalCount"],
                is_first=after is None,
                further=f"?after={quote(end['endCursor'])}" if end["hasNextPage"] else None,
            )

        return page

    async def search(self, request: Request) -> Response:
        text = " ".join(request.query_params.get("q", "").split())[: filters.LONGEST_SEARCH]
        after = request.query_params.get("after", "")[:500] or None
        found: dict[str, Any] = {"nodes": [], "pageInfo": {"hasNextPage": False}}
        if text:
            now = self.reading.clock.now()
            async with self.reading.opened(request) as ask:
                asked = await ask(
                    documents.SEARCH,
                    text=text,
                    to=written(horizon(now)),
                    first=_FOUND,
                    after=after,
                    language=language_of_page(request),
                    **{"from": written(now)},
                )
            found = asked["search"]
        end = found["pageInfo"]
        further = {"q": text, "after": end["endCursor"]} if end["hasNextPage"] else None
        return rendering.page(
            request,
            "search.html",
            site=self.site,
            here="/search",
            text=text,
            found=[_found(each) for each in found["nodes"]],
            is_first=after is None,
            further=f"?{urlencode(further)}" if further else None,
            feed=f"?{urlencode({'search': text})}" if text else None,
        )


def _found(node: dict[str, Any]) -> dict[str, Any]:
    """An event with its next date, or the one it had."""
    if node["__typename"] != "Event":
        return {"kind": node["__typename"], "thing": node, "line": None}
    date = next(iter(node["coming"]["nodes"]), {**node, "place": None})
    return {"kind": "Event", "thing": node, "line": listed({**date, "event": node})}
