"""The organization's week: what takes place, from today on, and where to go from here.

It is the first page of the console, and the pattern of the others: one document, what it gives in
the words of the page, one template.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from auth import accounts
from web.account.visits import HOME, Visit
from web.console.rooms import CONSOLE, Console, Room, address_of, there
from web.feeds.events import written
from web.pages.dates import Line, by_day, listed

WEEK = """
query WeekOfStaff($organization: ID!, $from: DateTime!, $to: DateTime!) {
  organization(id: $organization) { url timeZone nextActions }
  occurrences(
    from: $from, to: $to, first: 50
    filter: {organizations: [$organization], includeCancelled: true}
  ) {
    nodes {
      title startsAt endsAt status place { name locality }
      event {
        id url title timeZone allDay status attendanceMode host { name }
        place { name locality } hosts(roles: [CO_HOST], first: 4) { nodes { organization { name } } }
      }
    }
    pageInfo { hasNextPage }
  }
}
"""
_WEEK = timedelta(days=7)


def routes(console: Console) -> list[Route]:
    async def week(room: Room) -> Response:
        now = room.visit.desk.clock.now()
        begins = _begins(room.said.get("from"), now)
        asked = await room.talk.ask(
            WEEK,
            organization=room.organization_id,
            **{"from": written(begins), "to": written(begins + _WEEK)},
        )
        there(asked["organization"])
        dates = asked["occurrences"]
        return console.shown(
            room,
            "console_week.html",
            page="week",
            public=asked["organization"]["url"],
            may_create="createEvent" in asked["organization"]["nextActions"],
            days=by_day(_line(room, one) for one in dates["nodes"]),
            has_more=dates["pageInfo"]["hasNextPage"],
            first=begins.date(),
            last=(begins + _WEEK - timedelta(days=1)).date(),
            before=room.to(**{"from": (begins - _WEEK).date().isoformat()}),
            behind=room.to(**{"from": (begins + _WEEK).date().isoformat()}),
        )

    return [console.account.route(CONSOLE, _entrance(console)), console.route("", week)]


def _entrance(console: Console) -> Callable[[Visit], Awaitable[Response]]:
    """Without an organization in the address: to the only one, or to choose among one's own."""

    async def entrance(visit: Visit) -> Response:
        profile = await accounts.profile_of(visit.desk, visit.require_session())
        if len(profile.teams) == 1:
            return console.sent_on(address_of(profile.teams[0].slug))
        return console.sent_on(HOME)

    return entrance


def _begins(given: str | None, now: datetime) -> datetime:
    """The day asked for, or today."""
    try:
        day = date.fromisoformat(given or "")
    except ValueError:
        day = now.date()
    far = timedelta(days=366 * 5)
    day = min(max(day, (now - far).date()), (now + far).date())
    return datetime.combine(day, time(), now.tzinfo)


def _line(room: Room, one: dict[str, Any]) -> Line:
    return replace(listed(one), url=room.to("events", one["event"]["id"]))
