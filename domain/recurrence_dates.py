"""The local dates that one rule makes (RFC 5545 s3.3.10): wall clock time, without a zone.

The work is bounded whatever a stranger's rule says, because what is counted is the days looked at,
not the dates found. (dateutil's own expansion looks for a date until the year 9999, and takes
BYDAY=MO,2TU to mean both at once; the tests hold the two equal on everything else.)
"""

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from domain.recurrence_rule import Frequency, Rule

# Three centuries of days: more than any rule needs from its first date to the last one asked for.
MOST_DAYS = 120_000
LAST_YEAR = 2400


def local_dates(
    rule: Rule, start: datetime, since: datetime, last: datetime | None
) -> Iterator[datetime]:
    """The rule's dates from `since` to `last`, in order. `start` is always the first of them and
    counts as one of COUNT, also where the rule would not make it: calendars show it so."""
    left = rule.count
    if left is None and since > start:
        skipped = _periods_before(rule, start, since)
    else:
        skipped = 0  # COUNT is counted from the beginning
        left = None if left is None else left - 1
        if start >= since:
            yield start
    rule = _completed(rule, start)
    times = _times(rule, start)
    for period in _periods(rule, start, skipped):
        for found in _of_period(rule, period, times):
            if found <= start:
                continue
            if left == 0 or (last is not None and found > last):
                return
            left = None if left is None else left - 1
            if found >= since:
                yield found
        if last is not None and period.first > last.date():
            return


@dataclass(frozen=True, slots=True)
class _Period:
    first: date
    days: list[date]


def _of_period(rule: Rule, period: _Period, times: list[time]) -> list[datetime]:
    found = [datetime.combine(day, at) for day in period.days if _is_one(rule, day) for at in times]
    if not rule.positions:
        return found
    there = range(-len(found), len(found))
    chosen = {
        found[at - 1 if at > 0 else at]
        for at in rule.positions
        if (at - 1 if at > 0 else at) in there
    }
    return sorted(chosen)


def _periods(rule: Rule, start: datetime, skipped: int) -> Iterator[_Period]:
    """Years, months, weeks or days, `interval` apart, each with the days that may be in it."""
    looked_at, number = 0, skipped * rule.interval
    while looked_at < MOST_DAYS:
        period = _period(rule, start.date(), number)
        if period is None:
            return
        looked_at += max(1, len(period.days))
        yield period
        number += rule.interval


def _period(rule: Rule, start: date, number: int) -> _Period | None:
    if rule.frequency is Frequency.YEARLY:
        year = start.year + number
        if year > LAST_YEAR:
            return None
        months = sorted(rule.months) or range(1, 13)
        return _Period(date(year, 1, 1), [day for m in months for day in _month(year, m)])
    if rule.frequency is Frequency.MONTHLY:
        years, month = divmod(start.month - 1 + number, 12)
        year = start.year + years
        if year > LAST_YEAR:
            return None
        wanted = not rule.months or month + 1 in rule.months
        return _Period(date(year, month + 1, 1), _month(year, month + 1) if wanted else [])
    if (LAST_YEAR - start.year) * 366 < number * (7 if rule.frequency is Frequency.WEEKLY else 1):
        return None
    if rule.frequency is Frequency.WEEKLY:
        first = _week_of(start, rule.week_start) + timedelta(weeks=number)
        return _Period(first, [first + timedelta(days=n) for n in range(7)])
    day = start + timedelta(days=number)
    return _Period(day, [day])


def _periods_before(rule: Rule, start: datetime, since: datetime) -> int:
    """How many periods surely end before that time."""
    if rule.frequency is Frequency.YEARLY:
        passed = since.year - start.year
    elif rule.frequency is Frequency.MONTHLY:
        passed = (since.year - start.year) * 12 + since.month - start.month
    else:
        passed = (since - start).days // (7 if rule.frequency is Frequency.WEEKLY else 1)
    return max(0, passed // rule.interval - 1)


def _completed(rule: Rule, start: datetime) -> Rule:
    """What the rule leaves out is taken from its start (RFC 5545 s3.3.10)."""
    if rule.year_days or rule.month_days or rule.weekdays:
        return rule
    by_weekday = frozenset({(0, start.weekday())})
    if rule.week_numbers or rule.frequency is Frequency.WEEKLY:
        return replace(rule, weekdays=by_weekday)
    if rule.frequency is Frequency.MONTHLY:
        return replace(rule, month_days=frozenset({start.day}))
    if rule.frequency is Frequency.YEARLY:
        months = rule.months or frozenset({start.month})
        return replace(rule, months=months, month_days=frozenset({start.day}))
    return rule


def _times(rule: Rule, start: datetime) -> list[time]:
    return [
        time(hour, minute, second)
        for hour in rule.hours or (start.hour,)
        for minute in rule.minutes or (start.minute,)
        for second in rule.seconds or (start.second,)
    ]


def _is_one(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        length = monthrange(day.year, day.month)[1]
        if not rule.month_days & {day.day, day.day - length - 1}:
            return False
    if rule.year_days:
        at, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
        if not rule.year_days & {at, at - length - 1}:
            return False
    if rule.week_numbers and not rule.week_numbers & _week_numbers(day, rule.week_start):
        return False
    return not rule.weekdays or _is_weekday(rule, day)


def _is_weekday(rule: Rule, day: date) -> bool:
    """MO is every Monday; 2MO the second, -1MO the last, of the month, or of the year where the
    rule is yearly and names no month."""
    weekday = day.weekday()
    if (0, weekday) in rule.weekdays:
        return True
    if rule.frequency is Frequency.YEARLY and not rule.months:
        at, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    else:
        at, length = day.day, monthrange(day.year, day.month)[1]
    nth, nth_from_end = (at - 1) // 7 + 1, -((length - at) // 7 + 1)
    return (nth, weekday) in rule.weekdays or (nth_from_end, weekday) in rule.weekdays


def _week_numbers(day: date, week_start: int) -> set[int]:
    """The week's number from the year's beginning and from its end (ISO 8601, any first day)."""
    year = day.year
    if day < _first_week(year, week_start):
        year -= 1
    elif day >= _first_week(year + 1, week_start):
        year += 1
    first, after = _first_week(year, week_start), _first_week(year + 1, week_start)
    number, weeks = (day - first).days // 7 + 1, (after - first).days // 7
    return {number, number - weeks - 1}


def _first_week(year: int, week_start: int) -> date:
    return _week_of(date(year, 1, 4), week_start)


def _week_of(day: date, week_start: int) -> date:
    return day - timedelta(days=(day.weekday() - week_start) % 7)


def _month(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
