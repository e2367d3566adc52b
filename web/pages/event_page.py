"""The page of an event: what it is, when, where, with whom, and the form to say that one comes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from domain.attendee_sharing import wording
from domain.rsvps import MOST_GUESTS
from web.feeds import answers
from web.feeds import routes as feeds
from web.feeds.asking import PublicReading, id_in
from web.feeds.events import Shown, local, moment, to_come
from web.feeds.linked_data import MEDIA, linked_data_of
from web.feeds.told import OneDate
from web.feeds.words import hosts, meets_in_place, supporters
from web.pages import rendering, zones
from web.pages.asked import in_page, language_in, language_of_page, translation_of
from web.pages.dates import line_of
from web.pages.maps import map_around
from web.pages.words import clocks, repeats, when
from web.speaking import refusal

IN_PAGE = 10  # dates told as data in the page itself; its `.jsonld` has the others
_OFFERED = 12  # dates to choose from in the form
_CALLED_OFF = ("CANCELLED", "POSTPONED")
_EMPTY: Mapping[str, str] = dict.fromkeys(("name", "email", "guests", "date", "status"), "")
# Partners who learn of nobody by name ask for nobody's consent.
_LEARN_NAMES = ("ALL_WITH_CONSENT", "REFERRED_ONLY")


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was sent, and what is wrong with it, by field; `""` is for the whole."""

    values: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    agreed: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


class EventPages:
    def __init__(self, reading: PublicReading, site: str) -> None:
        self.reading = reading
        self.site = site

    async def page(self, request: Request) -> Response:
        shown = await self.read(request)
        if shown is None:
            return rendering.nothing_there(self.site)
        if answers.wants_linked_data(request.headers.get("accept")):
            return answers.sent(request, linked_data_of(shown), MEDIA, {"Vary": "Accept"})
        return rendering.page(request, "event.html", **await self.told(request, shown))

    async def read(self, request: Request) -> Shown | None:
        wants_data = answers.wants_linked_data(request.headers.get("accept"))
        language = language_in(request) if wants_data else language_of_page(request)
        async with self.reading.opened(request) as ask:
            return await to_come(
                ask, id_in(request), self.reading.clock.now(), feeds.DATES, language
            )

    async def told(self, request: Request, shown: Shown) -> dict[str, Any]:
        """What the page says."""
        now = self.reading.clock.now()
        event = shown.event
        translation = translation_of(language_of_page(request), event["translations"])
        first_written_in = next(iter(event["languages"]), None)
        coming = shown.dates[0] if shown.dates else None
        # Of a series the next date is what one wants to know; its first one may lie years back.
        date = coming if coming is not None and event["recurrence"] else event
        starts = local(date["startsAt"], event["timeZone"])
        ends = local(date["endsAt"], event["timeZone"]) if date["endsAt"] else None
        place = (coming["place"] if coming and event["recurrence"] else None) or event["place"]
        place = place if meets_in_place(event, date["status"]) else None
        is_over = coming is None and starts < now
        zone = zones.known(request.query_params.get("zone"))
        return {
            "site": self.site,
            "here": "/events",
            "event": event,
            "title": event["title"],
            "language": translation,
            "first_written_in": first_written_in,
            "written_in": translation or first_written_in,
            "when": when(starts, ends, all_day=event["allDay"]),
            "clocks": clocks(starts),
            "starts": starts,
            "ends": ends,
            "offset": int((starts.utcoffset() or timedelta()).total_seconds()) // 60,
            "zone": zone,
            "there": zones.there(starts, ends, zone) if zone else None,
            "zones": zones.offered(),
            "repeats": repeats(event["recurrence"]["rrule"]) if event["recurrence"] else None,
            "dates": [line_of(each, event) for each in shown.dates] if event["recurrence"] else [],
            "more_dates": shown.more,
            "place": place,
            # The first map of a place takes a while, in which others are answered.
            "map": await asyncio.to_thread(map_around, place) if place else None,
            "is_over": is_over,
            "hosts": hosts(event),
            "supporters": supporters(event),
            "linked_data": in_page(linked_data_of(replace(shown, dates=shown.dates[:IN_PAGE]))),
            "changed": moment(event["updatedAt"]),
            "form": self.form(shown),
            "signs_up_elsewhere": not event["origin"]["isLocal"] and _takes_answers(shown),
            "filled": Filled(),
        }

    def form(self, shown: Shown) -> dict[str, Any] | None:
        """What the form to answer offers; None where nobody signs up here, or not any more."""
        event = shown.event
        if not event["origin"]["isLocal"] or not _takes_answers(shown):
            return None
        host = event["host"]["name"]
        partners = [
            each["organization"]
            for each in event["hosts"]
            if each["role"] != "HOST" and each.get("attendeeSharing") in _LEARN_NAMES
        ]
        dates = _open(shown)[:_OFFERED] if event["recurrence"] else []
        return {
            "address": f"/events/{event['id']}/rsvp",
            "host": host,
            "dates": [(each["id"], line_of(each, event)) for each in dates],
            "most_guests": MOST_GUESTS,
            "by_approval": event["joinMode"] == "APPROVAL",
            # Word by word as it is kept, and so in the language that it is kept in.
            "partners": [
                (each.get("id"), refusal(wording(each["name"], host, event["title"])))
                for each in partners
            ],
        }


def _open(shown: Shown) -> list[OneDate]:
    return [each for each in shown.dates if each["status"] not in _CALLED_OFF]


def _takes_answers(shown: Shown) -> bool:
    """Its hub decides in the end; this is whether there is something to ask it."""
    event = shown.event
    is_on = event["status"] not in _CALLED_OFF and bool(_open(shown))
    return is_on and event["joinMode"] in ("OPEN", "APPROVAL")
