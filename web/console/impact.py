"""What came of it: people who were there, by month and by alliance; with charts and the tables of them.

Each figure is the contract's (`Organization.impact`, `Alliance.impact`; docs/impact.md).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from starlette.responses import Response
from starlette.routing import Route

from languages.dates import month, spoken_locale
from web.console.charts import bars
from web.console.rooms import Console, Room, there

MONTHS = 12
_FIGURES: Final = """
fragment figures on Impact {
  eventsHeld coHostedEvents peopleConnected newConnections crossOrganizationConnections
  firstTimers returnRate turnout groupsFounded coverage
}
"""
YEAR: Final = (
    """
query ImpactOfYear($id: ID!, $from: Date!, $to: Date!) {
  organization(id: $id) {
    impact(from: $from, to: $to) { ...figures }
    alliances(first: 20) { nodes { status alliance { id name } } }
  }
}
"""
    + _FIGURES
)
ALLIANCE: Final = (
    """
query ImpactOfAlliance($id: ID!, $from: Date!, $to: Date!) {
  alliance(id: $id) { name impact(from: $from, to: $to) { ...figures } }
}
"""
    + _FIGURES
)
MONTH: Final = (
    """
query ImpactOfMonth($id: ID!, $from: Date!, $to: Date!) {
  organization(id: $id) { impact(from: $from, to: $to) { ...figures } }
}
"""
    + _FIGURES
)
ZONE: Final = "query ZoneOfImpact($id: ID!) { organization(id: $id) { timeZone } }"


def routes(console: Console) -> list[Route]:
    async def impact(room: Room) -> Response:
        own = {"id": room.organization_id}
        zone = ZoneInfo(there((await room.talk.ask(ZONE, **own))["organization"])["timeZone"])
        months = _months(_last(room, room.visit.desk.clock.now().astimezone(zone).date()))
        spans = [{"from": first.isoformat(), "to": last.isoformat()} for first, last in months]
        whole = {"from": spans[0]["from"], "to": spans[-1]["to"]}
        year = there((await room.talk.ask(YEAR, **own, **whole))["organization"])
        if year["impact"] is None:
            return console.shown(room, "console_impact_none.html", 403, page="more")
        lines = []
        for (first, _end), span in zip(months, spans, strict=True):
            told = there((await room.talk.ask(MONTH, **own, **span))["organization"])["impact"]
            lines.append((first, told))
        return console.shown(
            room,
            "console_impact.html",
            page="more",
            year=year["impact"],
            months=[(month(first), told) for first, told in lines],
            people=bars([(_brief(first), told["peopleConnected"]) for first, told in lines]),
            held=bars([(_brief(first), told["eventsHeld"]) for first, told in lines]),
            partners=await _partners(room, year["alliances"]["nodes"], whole),
            first=months[0][0],
            last=months[-1][1],
            before=room.to("impact", to=(months[0][0] - timedelta(days=1)).isoformat()[:7]),
        )

    return [console.route("/impact", impact)]


def _brief(day: date) -> str:
    """`Mar`"""
    return format_skeleton("MMM", day, locale=spoken_locale())


async def _partners(
    room: Room, places: Sequence[Mapping[str, Any]], whole: Mapping[str, str]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Of each alliance in which the organization is at work, as far as it is told."""
    found = []
    for place in places:
        if place["status"] == "ACTIVE":
            asked = await room.talk.ask(ALLIANCE, id=place["alliance"]["id"], **whole)
            if asked["alliance"] is not None:
                found.append((asked["alliance"]["name"], asked["alliance"]["impact"]))
    return found


def _last(room: Room, today: date) -> date:
    """The first day of the last month that is looked at."""
    try:
        asked = date.fromisoformat(f"{room.said.get('to', '')}-01")
    except ValueError:
        return today.replace(day=1)
    return min(asked, today.replace(day=1)) if asked.year > 1970 else today.replace(day=1)


def _months(last: date) -> list[tuple[date, date]]:
    """First and last day of each, the earliest first."""
    found = []
    first = last
    for _ in range(MONTHS):
        end = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        found.append((first, end))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]
