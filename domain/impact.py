"""What came of events in some time, in people and not in clicks: docs/impact.md defines each figure.

Only what was recorded counts: who was there, not who was expected.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations

from domain.attendee_sharing import lowered
from domain.errors import BadInput

LONGEST_DAYS = 366
# At a large gathering not everybody meets everybody: such dates make no connections at all.
MOST_WHO_MEET = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A date that took place in the time asked about."""

    id: str
    event_id: str
    co_hosted: bool
    recorded: bool  # of somebody it was said whether they were there


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody's answer to a date in that time; or that they were at an earlier one."""

    date_id: str
    starts_at: datetime
    in_time: bool
    who: str  # the same for the same person
    through: str  # the organization that brought them there: who referred them, or the host
    accepted: bool
    attended: bool
    crowd: int  # how many were recorded as there that day


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    events_held: int
    co_hosted_events: int
    people_connected: int
    new_connections: int
    cross_organization_connections: int
    first_timers: int
    returning: int
    came: int  # of those who accepted
    accepted: int  # where attendance was recorded
    groups_founded: int
    dates_held: int
    dates_recorded: int

    @property
    def return_rate(self) -> float | None:
        return _share(self.returning, self.people_connected)

    @property
    def turnout(self) -> float | None:
        return _share(self.came, self.accepted)

    @property
    def coverage(self) -> float | None:
        return _share(self.dates_recorded, self.dates_held)


def check_time(from_: date, to: date) -> None:
    if to < from_:
        raise BadInput("to: the last day is not before the first.", ("to",))
    if (to - from_).days >= LONGEST_DAYS:
        raise BadInput("to: ask for a year at most at a time.", ("to",))


def impact_of(held: Iterable[Held], answers: Iterable[Answer], groups_founded: int = 0) -> Impact:
    """`answers` are those to the dates held, and where the people who were there had been before."""
    dates = list(held)
    known = list(answers)
    recorded = {one.id for one in dates if one.recorded}
    were_there = sorted(
        (one for one in known if one.attended), key=lambda one: (one.starts_at, one.date_id)
    )
    first: dict[str, Answer] = {}
    days: dict[str, set[str]] = {}
    for one in were_there:
        first.setdefault(one.who, one)
        if one.in_time:
            days.setdefault(one.who, set()).add(one.date_id)
    met, across = _connections(were_there, first)
    expected = [one for one in known if one.in_time and one.accepted and one.date_id in recorded]
    return Impact(
        events_held=len({one.event_id for one in dates}),
        co_hosted_events=len({one.event_id for one in dates if one.co_hosted}),
        people_connected=len(days),
        new_connections=met,
        cross_organization_connections=across,
        first_timers=sum(first[who].in_time for who in days),
        returning=sum(len(of) > 1 for of in days.values()),
        came=sum(one.attended for one in expected),
        accepted=len(expected),
        groups_founded=groups_founded,
        dates_held=len(dates),
        dates_recorded=len(recorded),
    )


def _connections(were_there: list[Answer], first: dict[str, Answer]) -> tuple[int, int]:
    """Pairs who met for the first time in that time; and those of them that two organizations
    brought together. In order, so that a pair counts where it met first."""
    at_date: dict[str, list[Answer]] = {}
    for one in were_there:
        if one.crowd <= MOST_WHO_MEET:
            at_date.setdefault(one.date_id, []).append(one)
    known: set[tuple[str, str]] = set()
    met = across = 0
    for people in at_date.values():
        for pair in combinations(sorted({one.who for one in people}), 2):
            if pair in known:
                continue
            known.add(pair)
            if people[0].in_time:
                met += 1
                across += first[pair[0]].through != first[pair[1]].through
    return met, across


def for_partners(impact: Impact) -> Impact:
    """What is counted of people, in steps of five: a few of them are never counted out. What is
    counted of events and groups, everybody sees anyway."""
    few = lowered(impact.people_connected) == 0
    return replace(
        impact,
        people_connected=lowered(impact.people_connected),
        new_connections=0 if few else lowered(impact.new_connections),
        cross_organization_connections=(
            0 if few else lowered(impact.cross_organization_connections)
        ),
        first_timers=lowered(impact.first_timers),
        returning=lowered(impact.returning),
        came=lowered(impact.came),
        accepted=lowered(impact.accepted),
    )


def _share(of: int, all_: int) -> float | None:
    return round(of / all_, 4) if all_ else None
