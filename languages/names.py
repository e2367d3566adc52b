"""What languages, and the clocks of places, are called."""

from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location

from languages.dates import spoken_locale


@cache
def own_name(tag: str) -> str:
    """As those call it who speak it, because who looks for it reads it; else the tag."""
    locale = _locale(tag)
    return (locale and locale.get_language_name(locale)) or tag


def name(tag: str) -> str:
    """In the language that is spoken now; else the tag."""
    locale = _locale(tag)
    return (locale and locale.get_language_name(spoken_locale())) or tag


def city(zone: str) -> str:
    """The place that a time zone is named after: `New York`."""
    return _city(zone, spoken_locale())


@cache
def _city(zone: str, locale: Locale) -> str:
    return get_timezone_location(ZoneInfo(zone), locale, return_city=True)


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
