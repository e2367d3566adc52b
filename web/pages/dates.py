"""Dates as a page lists them: when on the clocks of the place, what, where, and what to know."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from web.feeds.events import local
from web.feeds.told import Event, OneDate, Place
from web.feeds.words import OF_STATUS, meets_in_place
from web.pages.words import clocks, when


@dataclass(frozen=True, slots=True)
class Line:
    """One date. `title` is its own where it has one, `place` where it is elsewhere."""

    when: Markup
    clocks: str
    title: str
    status: str
    said: str | None
    place: Place | None
    url: str | None = None
    host: str | None = None


def line_of(date: OneDate, event: Event) -> Line:
    """A date in its own event's page."""
    return Line(
        *_times(date, event["timeZone"], event["allDay"]),
        date["title"] if date["title"] != event["title"] else "",
        date["status"],
        _said(date["status"]) if date["status"] != event["status"] else None,
        date["place"] if meets_in_place(event, date["status"]) else None,
    )


def listed(date: dict[str, Any]) -> Line:
    """A date among those of several events."""
    event = date["event"]
    return Line(
        *_times(date, event["timeZone"], event["allDay"]),
        date["title"],
        date["status"],
        _said(date["status"]),
        (date["place"] or event["place"]) if meets_in_place(event, date["status"]) else None,
        event["url"],
        event["host"]["name"],
    )


def _times(date: Any, time_zone: str, all_day: bool) -> tuple[Markup, str]:
    starts = local(date["startsAt"], time_zone)
    ends = local(date["endsAt"], time_zone) if date["endsAt"] else None
    return when(starts, ends, all_day=all_day), clocks(starts)


def _said(status: str) -> str | None:
    return OF_STATUS[status][0] if status in OF_STATUS else None
