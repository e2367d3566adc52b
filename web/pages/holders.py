"""The pages of organizations, groups and alliances: what they are, and the dates of what they do.

Each is a page and linked data, of one operation.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from domain.recurrence import horizon
from web.feeds import answers, list_routes
from web.feeds.asking import PublicReading, id_in
from web.feeds.events import written
from web.feeds.holders import linked_data_of_holder
from web.feeds.linked_data import MEDIA
from web.pages import rendering
from web.pages.asked import in_page, language_in, language_of_page
from web.pages.calendars import calendar_of
from web.pages.views import LISTED, View, looking

Found = dict[str, Any]
IN_PAGE = 10  # dates told as data in the page itself


class Holder:
    def __init__(
        self, reading: PublicReading, site: str, name: str, documents: Mapping[View, str]
    ) -> None:
        self.reading = reading
        self.site = site
        self.name = name
        self.documents = documents

    async def page(self, request: Request) -> Response:
        wants_data = answers.wants_linked_data(request.headers.get("accept"))
        look = looking(request, self.reading.clock.now(), request.url.path)
        found = await (
            self._found(request, language_in(request))
            if wants_data
            else self._found(request, language_of_page(request), look.view, look.window)
        )
        if found is None:
            return rendering.nothing_there(self.site)
        thing, dates = found[self.name], found["occurrences"]
        if wants_data:
            linked_data = linked_data_of_holder(self.name, thing, dates["nodes"])
            return answers.sent(request, linked_data, MEDIA, {"Vary": "Accept"})
        is_first = look.view is View.LIST and look.after is None
        # It is of the page that is the thing's own, and not of each week of it; and its next dates
        # are enough for those who look for them there. The others have `.jsonld`.
        next_ones = dates["nodes"][:IN_PAGE] if is_first else []
        return rendering.page(
            request,
            f"{self.name}.html",
            site=self.site,
            here=f"/{self.name}s",
            title=thing["name"],
            thing=thing,
            calendar=await calendar_of(look, dates),
            linked_data=in_page(linked_data_of_holder(self.name, thing, next_ones))
            if is_first
            else None,
            # Of what is mirrored too: this hub's own, beside the page that it stands in.
            feed=f"/{self.name}s/{quote(thing['id'], safe='@:')}",
        )

    async def json_ld(self, request: Request) -> Response:
        found = await self._found(request, language_in(request))
        if found is None:
            nothing = f"There is no such {self.name}, or it is not public.\n".encode()
            return answers.not_there("text/plain; charset=utf-8", nothing, list_routes.OPEN)
        thing = found[self.name]
        body = linked_data_of_holder(self.name, thing, found["occurrences"]["nodes"])
        headers = {**list_routes.OPEN, "Link": f'<{thing["url"]}>; rel="canonical"'}
        if thing["visibility"] != "PUBLIC":
            headers["X-Robots-Tag"] = "noindex"
        return answers.sent(request, body, MEDIA, headers)

    async def _found(
        self,
        request: Request,
        language: str | None,
        view: View = View.LIST,
        window: Mapping[str, Any] | None = None,
    ) -> Found | None:
        now = self.reading.clock.now()
        coming = {"from": written(now), "to": written(horizon(now)), "first": LISTED}
        async with self.reading.opened(request) as ask:
            found = await ask(
                self.documents[view],
                id=id_in(request),
                language=language,
                **{"after": None, **coming, **(window or {})},
            )
        return found if found[self.name] is not None else None
