"""Which dates of a series are not as its rule makes them.

The contract tells dates, and not which date of the rule each one is. A date that starts when the
rule says is that one. One that starts at another time stands for a date of the rule that is
missing: the one of the same day, or else the first in order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import occurrences, recurrence
from domain.recurrence import MOST, Recurrence
from web.feeds.events import Shown, moment
from web.feeds.told import Event, OneDate


@dataclass(frozen=True, slots=True)
class Differing:
    """`instead` are dates by the moment in the series that each replaces; `beside` take place
    although the series does not have them: what lies behind stays as it was."""

    instead: list[tuple[datetime, OneDate]]
    beside: list[datetime]


def series_of(event: Event) -> Recurrence | None:
    told = event["recurrence"]
    if told is None:
        return None
    return Recurrence(
        told["rrule"],
        tuple(moment(each) for each in told["dates"]),
        tuple(moment(each) for each in told["exceptions"]),
    )


def differing(shown: Shown) -> Differing:
    event, series = shown.event, series_of(shown.event)
    given = {moment(date["startsAt"]): date for date in shown.dates}
    given = {at: date for at, date in given.items() if at >= shown.since}
    if series is None or not given:
        return Differing([], [])
    # Rows reach as far as they were last made; what the rule says further on is still to come.
    end = max(given) + timedelta(microseconds=1)
    expected = recurrence.dates_between(
        series, moment(event["startsAt"]), event["timeZone"], shown.since, end, MOST
    )
    missing = [at for at in expected if at not in given]
    others = [at for at in given if at not in set(expected)]
    stands_for = {new: old for old, new in _paired(missing, others, event["timeZone"]).items()}
    instead = [
        (stands_for.get(at, at), date)
        for at, date in given.items()
        if at in stands_for or (at not in others and _differs(date, event))
    ]
    return Differing(sorted(instead, key=lambda each: each[0]), sorted(set(others) - {*stands_for}))


def _paired(
    missing: list[datetime], others: list[datetime], time_zone: str
) -> dict[datetime, datetime]:
    pairs = occurrences.moved(missing, others, time_zone)
    left = [at for at in missing if at not in pairs]
    free = sorted(set(others) - set(pairs.values()))
    return pairs | dict(zip(left, free, strict=False))


def _differs(date: OneDate, event: Event) -> bool:
    starts = moment(event["startsAt"])
    ends = moment(event["endsAt"]) if event["endsAt"] else None
    usual = recurrence.end_of(moment(date["startsAt"]), starts, ends, event["timeZone"])
    return (
        (moment(date["endsAt"]) if date["endsAt"] else None) != usual
        or date["status"] != event["status"]
        or date["title"] != event["title"]
        or date["place"] is not None
    )
