"""Dates as a page lists them: when on the clocks of the place, what, where, and what to know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from languages import gettext as _
from web.feeds.events import local
from web.feeds.told import Event, OneDate, Place
from web.feeds.words import OF_STATUS, meets_in_place
from web.pages.words import clocks, hours, when


@dataclass(frozen=True, slots=True)
class Line:
    """One date. `title` is its own where it has one, `place` where it is elsewhere."""

    day: date
    hours: Markup
    when: Markup
    clocks: Markup
    title: str
    status: str
    said: str | None
    place: Place | None
    url: str | None = None
    hosts: tuple[str, ...] = ()


def line_of(one: OneDate, event: Event) -> Line:
    """A date in its own event's page."""
    return Line(
        *_times(one, event["timeZone"], event["allDay"]),
        one["title"] if one["title"] != event["title"] else "",
        one["status"],
        _said(one["status"]) if one["status"] != event["status"] else None,
        one["place"] if meets_in_place(event, one["status"]) else None,
    )


def listed(one: dict[str, Any]) -> Line:
    """A date among those of several events."""
    event = one["event"]
    others = [each["organization"]["name"] for each in event.get("hosts", {}).get("nodes", ())]
    host = event["host"]["name"]
    return Line(
        *_times(one, event["timeZone"], event["allDay"]),
        one["title"],
        one["status"],
        _said(one["status"]),
        (one.get("place") or event.get("place")) if meets_in_place(event, one["status"]) else None,
        event["url"],
        (host, *(each for each in others if each != host)),
    )


def by_day(lines: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    """In the order of the clocks of their places."""
    return [(day, list(each)) for day, each in groupby(lines, lambda line: line.day)]


def today_of(now: datetime, dates: Sequence[dict[str, Any]]) -> date:
    """On the clocks of the place of the first of them; who reads is mostly there too."""
    return now.astimezone(ZoneInfo(dates[0]["event"]["timeZone"])).date() if dates else now.date()


def _times(one: Any, time_zone: str, all_day: bool) -> tuple[date, Markup, Markup, Markup]:
    starts = local(one["startsAt"], time_zone)
    ends = local(one["endsAt"], time_zone) if one["endsAt"] else None
    return (
        starts.date(),
        hours(starts, ends, all_day=all_day),
        when(starts, ends, all_day=all_day),
        clocks(starts),
    )


def _said(status: str) -> str | None:
    return _(OF_STATUS[status][0]) if status in OF_STATUS else None
