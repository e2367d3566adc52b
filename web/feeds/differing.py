"""Which dates of a series are not as its rule makes them.

Each date tells which one of the series it is (`Occurrence.recurrenceId`). It differs where it starts
at another time, or says anything else than the event does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import recurrence
from domain.recurrence import MOST, Recurrence
from web.feeds.events import Dated, moment
from web.feeds.told import Entry, OneDate


@dataclass(frozen=True, slots=True)
class Differing:
    """`instead` are dates by the moment in the series that each replaces; `beside` take place
    although the series does not have them: what lies behind stays as it was."""

    instead: list[tuple[datetime, OneDate]]
    beside: list[datetime]


def series_of(event: Entry) -> Recurrence | None:
    told = event["recurrence"]
    if told is None:
        return None
    return Recurrence(
        told["rrule"],
        tuple(moment(each) for each in told["dates"]),
        tuple(moment(each) for each in told["exceptions"]),
    )


def differing(shown: Dated) -> Differing:
    event, series = shown.event, series_of(shown.event)
    given = {moment(date["recurrenceId"]): date for date in shown.dates}
    given = {of_series: date for of_series, date in given.items() if of_series >= shown.since}
    if series is None or not given:
        return Differing([], [])
    # Rows reach as far as they were last made; what the rule says further on is still to come.
    end = max(given) + timedelta(microseconds=1)
    starts = moment(event["startsAt"])
    expected = set(
        recurrence.dates_between(series, starts, event["timeZone"], shown.since, end, MOST)
    )
    instead = [
        (of_series, date)
        for of_series, date in sorted(given.items())
        if of_series in expected
        and (moment(date["startsAt"]) != of_series or _differs(date, event))
    ]
    beside = [
        moment(date["startsAt"])
        for at, date in given.items()
        # One that the series has no more is kept for those who meant to come, called off.
        if at not in expected and date["status"] != "CANCELLED"
    ]
    return Differing(instead, sorted(beside))


def _differs(date: OneDate, event: Entry) -> bool:
    starts = moment(event["startsAt"])
    ends = moment(event["endsAt"]) if event["endsAt"] else None
    usual = recurrence.end_of(moment(date["startsAt"]), starts, ends, event["timeZone"])
    return (
        (moment(date["endsAt"]) if date["endsAt"] else None) != usual
        or date["status"] != event["status"]
        or date["title"] != event["title"]
        or date["place"] is not None
    )
