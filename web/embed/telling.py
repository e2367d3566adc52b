"""What the element `convoke-events` shows, as JSON: in the words of a language, on the clocks of places.

The element has no rule of its own about dates and no text of its own: it puts these into a page, each as
text.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import orjson
from markupsafe import Markup

from languages import current, dates, direction
from languages import gettext as _
from web.embed.showing import Shown
from web.feeds.words import lines_of
from web.pages.calendars import Calendar
from web.pages.dates import Line
from web.pages.maps import Map
from web.pages.views import View


def told(shown: Shown) -> bytes:
    calendar = shown.calendar
    look = calendar.look
    turns = look.view in (View.WEEK, View.MONTH)
    return orjson.dumps(
        {
            "name": shown.name,
            "url": shown.url,
            "language": current(),
            "direction": direction(),
            "view": look.view.value,
            "title": look.title if turns else None,
            "before": look.before if turns else None,
            "behind": look.behind if turns else None,
            "days": [_day(calendar, *each) for each in calendar.days]
            if look.view is not View.MAP
            else [],
            "places": [
                {
                    "number": number,
                    "name": next(iter(lines_of(place)), ""),
                    "dates": [_date(replace(line, place=None), line.when) for line in lines],
                }
                for number, place, lines in calendar.places
            ],
            "map": _map(calendar.map),
            "words": _words(shown),
        }
    )


def _day(calendar: Calendar, day: date, lines: list[Line]) -> dict[str, Any]:
    look = calendar.look
    return {
        "day": day.isoformat(),
        "said": dates.weekday_and_day(day),
        "brief": dates.brief(day),
        "isToday": day == calendar.today,
        "isOther": look.view is View.MONTH and day.month != look.on.month,
        "dates": [_date(line, line.hours) for line in lines],
    }


def _date(line: Line, when: Markup) -> dict[str, Any]:
    place = lines_of(line.place)[:1] if line.place else []
    return {
        "title": line.title,
        "url": line.url,
        "when": when.striptags(),
        "said": line.said,
        "isOff": line.status == "CANCELLED",
        "where": [*place, dates.listed(line.hosts)],
    }


def _map(drawn: Map | None) -> dict[str, Any] | None:
    if drawn is None:
        return None
    return {
        "width": drawn.width,
        "height": drawn.height,
        "land": drawn.land,
        "borders": drawn.borders,
        "grid": drawn.grid,
        "spots": drawn.spots,
        "scale": {"pixels": drawn.scale_pixels, "words": drawn.scale_words},
    }


def _words(shown: Shown) -> dict[str, str | None]:
    calendar = shown.calendar
    is_week = calendar.look.view is View.WEEK
    return {
        "all": _("All dates of %(name)s", name=shown.name),
        "none": _none(calendar),
        "clocks": _("Times are those of the place."),
        "before": _("Week before") if is_week else _("Month before"),
        "behind": _("Week after") if is_week else _("Month after"),
        "map": _("Map: the places of the list below, by their numbers"),
        "outlines": _("Outlines: Natural Earth.") if calendar.map and calendar.map.land else None,
    }


def _none(calendar: Calendar) -> str | None:
    """Said where there is nothing to show."""
    if any(lines for _day, lines in calendar.days):
        return None
    match calendar.look.view:
        case View.LIST:
            return _("No dates to come, for now.")
        case View.WEEK:
            return _("No dates in this week.")
        case View.MONTH:
            return _("No dates in this month.")
        case View.MAP:
            return _("Nothing in the next sixty days is at a place that can be shown on a map.")
