"""Dates of several events as a page shows them: by day, with the ways to look at them otherwise."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from languages import N_
from languages import gettext as _
from web.feeds.told import Place
from web.feeds.words import is_exact
from web.pages.dates import Line, listed, today_of
from web.pages.maps import Map, Spot, map_of_spots, overview_of
from web.pages.views import Looking, View

_NAMES = {
    View.LIST: N_("List"),
    View.WEEK: N_("Week"),
    View.MONTH: N_("Month"),
    View.MAP: N_("Map"),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the template `calendar.html` shows."""

    look: Looking
    today: date
    tabs: list[tuple[str, str, bool]]  # address, words, whether it is this one
    days: list[tuple[date, list[Line]]]
    further: str | None
    is_cut: bool  # there are more than are shown
    places: list[tuple[int, Place, list[Line]]]
    elsewhere: list[Line]  # what has no place on the map
    map: Map | None
    overview: Map | None


async def calendar_of(look: Looking, dates: dict[str, Any]) -> Calendar:
    lines = [listed(each) for each in dates["nodes"]]
    places, elsewhere = _on_map(lines) if look.view is View.MAP else ([], [])
    spots = [_spot(number, place) for number, place, _ in places]
    return Calendar(
        look,
        today_of(look.now, dates["nodes"]),
        [(look.of(view), _(words), view is look.view) for view, words in _NAMES.items()],
        look.by_day(lines),
        look.further(dates["pageInfo"]) if look.view is View.LIST else None,
        dates["pageInfo"]["hasNextPage"],
        places,
        elsewhere,
        # The first map takes a while, in which others are answered.
        await asyncio.to_thread(map_of_spots, spots),
        await asyncio.to_thread(overview_of, spots),
    )


def _on_map(lines: Sequence[Line]) -> tuple[list[tuple[int, Place, list[Line]]], list[Line]]:
    """By place, numbered in the order of their first dates."""
    found: dict[tuple[float | None, float | None], tuple[int, Place, list[Line]]] = {}
    elsewhere: list[Line] = []
    for line in lines:
        place = line.place
        if place is None or not is_exact(place):
            elsewhere.append(line)
            continue
        at = (place["latitude"], place["longitude"])
        found.setdefault(at, (len(found) + 1, place, []))[2].append(line)
    return list(found.values()), elsewhere


def _spot(number: int, place: Place) -> Spot:
    return Spot(place["latitude"] or 0.0, place["longitude"] or 0.0, str(number))
