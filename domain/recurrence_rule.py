"""One RRULE (RFC 5545 s3.3.10): its text read, or refused in plain words.

What can be read can be worked out with bounded work: see `domain/recurrence_dates.py`.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache

from domain.errors import Invalid
from domain.words import Count, say

MOST_CHARACTERS = 500
MOST_COUNT = 5_000
MOST_INTERVAL = 1_000
MOST_TIMES_A_DAY = 24

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?", re.ASCII)
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Rule:
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None  # a date, a local time, or a moment in UTC
    week_start: int = 0
    months: frozenset[int] = frozenset()
    week_numbers: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()  # (which one, or 0 for every one; weekday)
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()


@lru_cache(maxsize=1024)
def parsed(text: str) -> Rule:
    """The rule, or `Invalid` saying in plain words what about it cannot be."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(say("A rule has at most %(most)s characters.", most=MOST_CHARACTERS))
    parts = parts_of(text)
    if "FREQ" not in parts:
        raise Invalid("A rule begins with FREQ, like FREQ=WEEKLY;BYDAY=TU.")
    frequency = _frequency(parts.pop("FREQ"))
    rule = Rule(
        frequency=frequency,
        interval=_number(parts, "INTERVAL", 1, MOST_INTERVAL) or 1,
        count=_number(parts, "COUNT", 1, MOST_COUNT),
        until=_until(parts.pop("UNTIL")) if "UNTIL" in parts else None,
        week_start=_week_start(parts),
        months=frozenset(_numbers(parts, "BYMONTH", 1, 12)),
        week_numbers=frozenset(_numbers(parts, "BYWEEKNO", 1, 53, from_the_end=True)),
        year_days=frozenset(_numbers(parts, "BYYEARDAY", 1, 366, from_the_end=True)),
        month_days=frozenset(_numbers(parts, "BYMONTHDAY", 1, 31, from_the_end=True)),
        weekdays=_weekdays(parts.pop("BYDAY")) if "BYDAY" in parts else frozenset(),
        hours=_numbers(parts, "BYHOUR", 0, 23),
        minutes=_numbers(parts, "BYMINUTE", 0, 59),
        seconds=_numbers(parts, "BYSECOND", 0, 59),
        positions=_numbers(parts, "BYSETPOS", 1, 366, from_the_end=True),
    )
    if parts:
        raise Invalid(
            say(
                "%(part)s is no part of a rule that is understood here.",
                part=_quoted(next(iter(parts))),
            )
        )
    _check_together(rule)
    return rule


def written(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def parts_of(text: str) -> dict[str, str]:
    if "DTSTART" in text.upper():
        raise Invalid("Leave DTSTART out of the rule: it begins when the event does.")
    if text.upper().startswith("RRULE:"):
        raise Invalid("Leave 'RRULE:' out: the rule begins with FREQ.")
    parts: dict[str, str] = {}
    for part in text.strip().rstrip(";").upper().split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise Invalid(
                say("%(part)s is no part of a rule: write NAME=VALUE.", part=_quoted(part))
            )
        if name in parts:
            raise Invalid(say("%(name)s stands twice in the rule.", name=_quoted(name)))
        parts[name] = value
    return parts


def _frequency(value: str) -> Frequency:
    if value in _TOO_OFTEN:
        raise Invalid(
            say("FREQ=%(value)s is too often: DAILY, WEEKLY, MONTHLY or YEARLY.", value=value)
        )
    if value not in Frequency.__members__:
        raise Invalid(
            say("FREQ=%(value)s: one of DAILY, WEEKLY, MONTHLY or YEARLY.", value=_quoted(value))
        )
    return Frequency(value)


def _number(parts: dict[str, str], name: str, least: int, most: int) -> int | None:
    if name not in parts:
        return None
    value = parts.pop(name)
    if not re.fullmatch("[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise Invalid(
            say(
                "%(name)s is a number from %(least)s to %(most)s, not %(value)s.",
                name=name,
                least=least,
                most=Count(most),
                value=_quoted(value),
            )
        )
    return int(value)


def _numbers(
    parts: dict[str, str], name: str, least: int, most: int, from_the_end: bool = False
) -> tuple[int, ...]:
    if name not in parts:
        return ()
    numbers: set[int] = set()
    for value in parts.pop(name).split(","):
        signed = re.fullmatch("([+-]?)([0-9]{1,3})", value)
        if (
            signed is None
            or not least <= int(signed[2]) <= most
            or (signed[1] == "-" and not from_the_end)
        ):
            raise Invalid(_out_of_range(name, least, most, _quoted(value), from_the_end))
        numbers.add(int(value))
    return tuple(sorted(numbers))


def _out_of_range(name: str, least: int, most: int, value: str, from_the_end: bool) -> str:
    values = {"name": name, "least": least, "most": most, "value": value}
    if from_the_end:
        return say(
            "%(name)s has numbers from %(least)s to %(most)s, or -%(most)s to -%(least)s from the "
            "end; not %(value)s.",
            **values,
        )
    return say("%(name)s has numbers from %(least)s to %(most)s; not %(value)s.", **values)


def _week_start(parts: dict[str, str]) -> int:
    value = parts.pop("WKST", "MO")
    if value not in _WEEKDAYS:
        raise Invalid(
            say("WKST is a day of the week, like MO or SU, not %(value)s.", value=_quoted(value))
        )
    return _WEEKDAYS.index(value)


def _weekdays(value: str) -> frozenset[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for part in value.split(","):
        weekday = _WEEKDAY.fullmatch(part)
        if weekday is None or abs(int(weekday[1] or 0)) > 53:
            raise Invalid(
                say("BYDAY has days like MO, 2TU or -1FR, not %(part)s.", part=_quoted(part))
            )
        found.add((int(weekday[1] or 0), _WEEKDAYS.index(weekday[2])))
    return frozenset(found)


def _until(value: str) -> date | datetime:
    shape = _UNTIL.fullmatch(value)
    try:
        if shape is None or value < "1900":
            raise ValueError(value)
        if shape[2] is None:
            return datetime.strptime(shape[1], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
        moment = datetime.strptime(shape[1] + shape[2], "%Y%m%d%H%M%S")  # noqa: DTZ007 - see below
        return moment.replace(tzinfo=UTC) if shape[3] else moment
    except ValueError:
        raise Invalid(
            say("UNTIL is like 20271231 or 20271231T235959Z, not %(value)s.", value=_quoted(value))
        ) from None


def _check_together(rule: Rule) -> None:
    """What RFC 5545 s3.3.10 says must not stand together, and what can never happen."""
    if rule.count is not None and rule.until is not None:
        raise Invalid("A rule has COUNT or UNTIL, not both.")
    yearly = rule.frequency is Frequency.YEARLY
    if rule.week_numbers and not yearly:
        raise Invalid("BYWEEKNO goes with FREQ=YEARLY alone.")
    if rule.year_days and not yearly:
        raise Invalid("BYYEARDAY goes with FREQ=YEARLY alone.")
    if rule.month_days and rule.frequency is Frequency.WEEKLY:
        raise Invalid("BYMONTHDAY does not go with FREQ=WEEKLY.")
    may_number = rule.frequency in (Frequency.MONTHLY, Frequency.YEARLY) and not rule.week_numbers
    if not may_number and any(which for which, _ in rule.weekdays):
        raise Invalid("BYDAY with a number, like 2TU, goes with FREQ=MONTHLY or YEARLY.")
    if rule.positions and not _has_by(rule):
        raise Invalid("BYSETPOS chooses among the days of another BY… part: add one.")
    times = max(1, len(rule.hours)) * max(1, len(rule.minutes)) * max(1, len(rule.seconds))
    if times > MOST_TIMES_A_DAY:
        raise Invalid(
            say(
                "At most %(most)s times a day; this rule makes %(times)s.",
                most=MOST_TIMES_A_DAY,
                times=Count(times),
            )
        )
    if rule.months and rule.month_days:
        longest = max(monthrange(2024, month)[1] for month in rule.months)  # 2024 is a leap year
        if min(abs(day) for day in rule.month_days) > longest:
            raise Invalid("This never happens: those months have no such day.")


def _has_by(rule: Rule) -> bool:
    return bool(
        rule.months
        or rule.week_numbers
        or rule.year_days
        or rule.month_days
        or rule.weekdays
        or rule.hours
        or rule.minutes
        or rule.seconds
    )


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
