"""When things happen in the demo: mostly now, and some of them weeks ago, as they would have.

A use case is given a clock. One that stands in the past makes what was done then: an invitation of
last week, somebody who came to a supper of last month.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.actors import Viewer
from domain.hubs import LocalHub
from domain.ids import Names
from domain.outside import Chance, Clock
from resolvers.context import Context
from storage.engine import Database
from web.demo import city

FOUNDED = timedelta(weeks=52)  # ago: organizations, their alliances, and most of their groups


class Contexts(Protocol):
    """One operation of the viewer's: now, or at the moment that is given."""

    def __call__(self, viewer: Viewer, at: datetime | None = None) -> Context: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock that shows one moment."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def contexts(
    database: Database, hub: LocalHub, clock: Clock, chance: Chance, request_id: str
) -> Contexts:
    def context(viewer: Viewer, at: datetime | None = None) -> Context:
        then = clock if at is None else Standing(at)
        return Context(
            viewer=viewer,
            database=database,
            hub=hub,
            names=Names(hub.authority, then, chance),
            clock=then,
            request_id=request_id,
        )

    return context


def today(now: datetime) -> date:
    """By the clocks of the city."""
    return now.astimezone(ZoneInfo(city.TIME_ZONE)).date()


def last_month(now: datetime) -> tuple[date, date]:
    """Its first day, and its last."""
    ended = today(now).replace(day=1) - timedelta(days=1)
    return ended.replace(day=1), ended


def nth(first_of_month: date, day: int, which: int) -> date:
    """The second Saturday (day 5) of a month, say. Every month has four of each."""
    ahead = (day - first_of_month.weekday()) % 7
    return first_of_month + timedelta(days=ahead, weeks=which - 1)
