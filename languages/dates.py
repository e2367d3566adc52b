"""Days, times and numbers as the language that is spoken now writes them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_day_names, get_month_names
from babel.lists import format_list
from babel.numbers import format_decimal

from languages.speaking import current

# English as it is spoken where most of our texts come from: the day before the month.
_LOCALES = {"en": "en_GB"}


def spoken_locale() -> Locale:
    return _locale(current())


@cache
def _locale(tag: str) -> Locale:
    return Locale.parse(_LOCALES.get(tag, tag))


def weekday_and_day(at: date) -> str:
    """`Saturday, 6 March 2027`"""
    return format_date(at, "full", spoken_locale())


def day(at: date) -> str:
    """`6 March 2027`"""
    return format_date(at, "long", spoken_locale())


def day_and_month(at: date) -> str:
    """`6 March`"""
    return format_skeleton("MMMMd", at, locale=spoken_locale())


def month(at: date) -> str:
    """`March 2027`"""
    return format_skeleton("yMMMM", at, locale=spoken_locale())


def brief(at: date) -> str:
    """`Sat 6`"""
    return f"{get_day_names('abbreviated', locale=spoken_locale())[at.weekday()]} {at.day}"


def clock(at: datetime | time) -> str:
    """`18:05`, in one piece also where it has words."""
    said = format_time(at.replace(tzinfo=None), "short", locale=spoken_locale())
    return said.replace(" ", "\u00a0")


def weekday(number: int) -> str:
    """From Monday, 0, on."""
    return str(get_day_names("wide", locale=spoken_locale())[number])


def month_name(number: int) -> str:
    return str(get_month_names("wide", locale=spoken_locale())[number])


def listed(words: Sequence[str]) -> str:
    """`a, b and c`"""
    return format_list(words, locale=spoken_locale())


def number(value: float) -> str:
    return format_decimal(value, locale=spoken_locale())
