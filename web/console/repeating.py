"""How an event repeats, as plain choices: every week on Tuesday, the second Saturday of each month.

A rule that is more than these choices stays as it is, and is shown as one choice of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.recurrence_rule import MOST_COUNT, MOST_INTERVAL, Frequency, Rule, parsed
from languages import gettext as _
from web.console.typed import Typed

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST = 5  # a fifth Saturday is not in every month, so it is the last that is meant
_MOST_DAYS = 28  # the days that every month has


class Repeats(StrEnum):
    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    ON_WEEKDAY = "weekday"  # the second Saturday of the month
    ON_DAY = "day"  # the 14th of the month
    KEPT = "kept"  # as the rule says that is there


class Ends(StrEnum):
    NEVER = "never"
    ON = "on"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is ticked and typed. `rrule` is the rule that is there already, if any."""

    repeats: Repeats = Repeats.ONCE
    every: int = 1
    weekdays: frozenset[int] = frozenset()
    ends: Ends = Ends.NEVER
    until: date | None = None
    times: int | None = None
    rrule: str = ""

    def fields(self) -> dict[str, str]:
        """For the form."""
        return {
            "repeats": self.repeats,
            "every": str(self.every),
            "ends": self.ends,
            "until": self.until.isoformat() if self.until else "",
            "times": str(self.times) if self.times else "",
            **{f"weekday-{WEEKDAYS[day]}": "on" for day in sorted(self.weekdays)},
        }


def choice_of(recurrence: Mapping[str, Any] | None, starts: datetime) -> Choice:
    """`starts` on the clocks of the place."""
    if recurrence is None:
        return Choice()
    rrule = str(recurrence["rrule"])
    try:
        found = _plain(parsed(rrule), starts) if rrule else None
    except Invalid:
        found = None
    return found if found is not None else Choice(Repeats.KEPT, rrule=rrule)


def _plain(rule: Rule, starts: datetime) -> Choice | None:
    """None where the rule says more than the choices can."""
    more = (
        rule.months or rule.week_numbers or rule.year_days or rule.hours or rule.minutes
        or rule.seconds or rule.positions
    )  # fmt: skip
    how = None if more else _how(rule, starts)
    if how is None:
        return None
    repeats, weekdays = how
    ends = Ends.AFTER if rule.count else Ends.ON if rule.until else Ends.NEVER
    until = rule.until
    if isinstance(until, datetime):
        # The last date is what is meant: its day, on the clocks of the place.
        until = (until.astimezone(starts.tzinfo) if until.tzinfo else until).date()
    return Choice(repeats, rule.interval, weekdays, ends, until, rule.count)


def _how(rule: Rule, starts: datetime) -> tuple[Repeats, frozenset[int]] | None:
    match rule.frequency:
        case Frequency.DAILY if not rule.weekdays and not rule.month_days:
            return Repeats.DAILY, frozenset()
        case Frequency.WEEKLY if rule.week_start == 0 or rule.interval == 1:
            # None ticked is the weekday on which it starts, and goes with it.
            days = frozenset(day for _, day in rule.weekdays)
            return Repeats.WEEKLY, frozenset() if days == {starts.weekday()} else days
        case Frequency.MONTHLY if not rule.weekdays and _is_day(rule, starts):
            return Repeats.ON_DAY, frozenset()
        case Frequency.MONTHLY if not rule.month_days and rule.weekdays == {_which(starts)}:
            return Repeats.ON_WEEKDAY, frozenset()
        case _:
            return None


def _is_day(rule: Rule, starts: datetime) -> bool:
    return starts.day <= _MOST_DAYS and rule.month_days in (frozenset(), {starts.day})


def _which(starts: date) -> tuple[int, int]:
    """Which one of its weekday the day is in its month; the fifth is the last."""
    which = (starts.day - 1) // 7 + 1
    return (-1 if which == LAST else which, starts.weekday())


def typed_choice(typed: Typed) -> Choice:
    """What was ticked; what cannot be read is said of its field."""
    repeats = Repeats(typed.chosen("repeats", tuple(Repeats), Repeats.ONCE))
    ends = Ends(typed.chosen("ends", tuple(Ends), Ends.NEVER))
    days = frozenset(
        number for number, day in enumerate(WEEKDAYS) if typed.is_ticked(f"weekday-{day}")
    )
    choice = Choice(repeats, 1, days, ends)
    if repeats in (Repeats.ONCE, Repeats.KEPT):
        return choice
    every = typed.number("every")
    if every is not None and not 1 <= every <= MOST_INTERVAL:
        typed.wrong("every", _("Write a number from 1 on: 1 is each time, 2 every other time."))
    until = typed.day("until") if ends is Ends.ON else None
    times = typed.number("times") if ends is Ends.AFTER else None
    if ends is Ends.ON and until is None:
        typed.wrong("until", _("Say until which day it goes on."))
    if ends is Ends.AFTER and (times is None or not 1 <= times <= MOST_COUNT):
        typed.wrong("times", _("Say how many times it takes place."))
    return Choice(repeats, every or 1, days, ends, until, times)


def rule_of(choice: Choice, starts: datetime) -> str:
    """The rule of RFC 5545. `starts` is the first date, on the clocks of the place."""
    parts = [f"FREQ={_FREQUENCIES[choice.repeats]}"]
    if choice.every > 1:
        parts.append(f"INTERVAL={choice.every}")
    if choice.repeats is Repeats.WEEKLY:
        days = sorted(choice.weekdays or {starts.weekday()})
        parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in days))
    if choice.repeats is Repeats.ON_WEEKDAY:
        which, day = _which(starts)
        parts.append(f"BYDAY={which}{WEEKDAYS[day]}")
    if choice.repeats is Repeats.ON_DAY:
        parts.append(f"BYMONTHDAY={starts.day}")
    if choice.ends is Ends.AFTER and choice.times:
        parts.append(f"COUNT={choice.times}")
    if choice.ends is Ends.ON and choice.until:
        parts.append(f"UNTIL={_end_of(choice.until, starts)}")
    return ";".join(parts)


def _end_of(day: date, starts: datetime) -> str:
    """The last moment of that day there, in UTC, as a start with a time zone needs it (s3.3.10)."""
    last = datetime.combine(day, datetime.max.time().replace(microsecond=0), starts.tzinfo)
    return f"{last.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"


_FREQUENCIES = {
    Repeats.DAILY: Frequency.DAILY,
    Repeats.WEEKLY: Frequency.WEEKLY,
    Repeats.ON_WEEKDAY: Frequency.MONTHLY,
    Repeats.ON_DAY: Frequency.MONTHLY,
}
