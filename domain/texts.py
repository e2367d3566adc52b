"""Words people write: their length, their language, and what may not stand in them."""

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from domain.errors import Invalid
from domain.words import Count, say

Translations = Mapping[str, Mapping[str, str]]  # language (BCP 47) -> field -> text

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
# BCP 47 (RFC 5646 s2.1), the part people use: language, script, region, variants.
_LOCALE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-[A-Za-z0-9]{5,8})*", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

LINE = 300  # characters, in a name or a title
PARAGRAPH = 1_000  # in a summary
PAGE = 20_000  # in a description


def line(value: str, field: tuple[str, ...], most: int = LINE) -> str:
    """One line that says something, or `Invalid`."""
    text = _CONTROL.sub("", " ".join(value.split()))
    if not text:
        raise Invalid(say("%(field)s: write something here.", field=field[-1]), field)
    return _short_enough(text, field, most)


def optional_line(value: str | None, field: tuple[str, ...], most: int = LINE) -> str | None:
    return line(value, field, most) if value and value.strip() else None


def page(value: str | None, field: tuple[str, ...], most: int = PAGE) -> str | None:
    """Longer text, its lines kept. Blank is nothing."""
    if value is None or not value.strip():
        return None
    return _short_enough(_CONTROL.sub("", value).strip(), field, most) or None


def _short_enough(text: str, field: tuple[str, ...], most: int) -> str:
    if len(text) > most:
        raise Invalid(
            say(
                "%(field)s: %(count)s characters, and at most %(most)s fit. Shorten it.",
                field=field[-1],
                count=Count(len(text)),
                most=Count(most),
            ),
            field,
        )
    return text


def slug(value: str, field: tuple[str, ...] = ("slug",)) -> str:
    if not _SLUG.fullmatch(value):
        raise Invalid(
            "A slug is 1 to 64 small letters, digits and hyphens, like river-city-pantry.", field
        )
    return value


def language(value: str, field: tuple[str, ...] = ("language",)) -> str:
    if not _LOCALE.fullmatch(value):
        raise Invalid(
            say(
                "%(value)s is no language tag (BCP 47), like en, pt-BR or ar.",
                value=f"{value[:40]!r}",
            ),
            field,
        )
    parts = value.split("-")
    shaped = [parts[0].lower()]
    shaped += (
        {2: part.upper(), 4: part.title()}.get(len(part), part.lower()) for part in parts[1:]
    )
    return "-".join(shaped)


def languages(values: tuple[str, ...], field: tuple[str, ...] = ("languages",)) -> tuple[str, ...]:
    return tuple(dict.fromkeys(language(value, field) for value in values))


def causes(values: tuple[str, ...], field: tuple[str, ...] = ("causes",)) -> tuple[str, ...]:
    """Causes are compared as slugs, so that 'Food Justice' and 'food-justice' are one."""
    if len(values) > 20:
        raise Invalid("At most 20 causes.", field)
    shaped = ("-".join(line(value, field, 60).casefold().split()) for value in values)
    return tuple(dict.fromkeys(shaped))


def time_zone(value: str, field: tuple[str, ...] = ("timeZone",)) -> str:
    if value not in available_zones():
        raise Invalid(
            say(
                "%(value)s is no IANA time zone, like Europe/Berlin or America/Chicago.",
                value=f"{value[:60]!r}",
            ),
            field,
        )
    return value


@cache
def available_zones() -> frozenset[str]:
    """Read from disk once: listing them takes tens of milliseconds."""
    return frozenset(available_timezones()) - {"localtime"}  # which is another one everywhere


def web_address(value: str | None, field: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    if not re.fullmatch(r"https?://[^\s<>\"\x00-\x1f\x7f\ud800-\udfff]{1,2000}", value):
        raise Invalid(
            say("%(field)s: a web address begins with https:// or http://.", field=field[-1]),
            field,
        )
    return value


def translations(given: Translations, fields: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """The same fields in other languages, each language once; blank fields are left out."""
    if len(given) > 30:
        raise Invalid("At most 30 translations.", ("translations",))
    kept: dict[str, dict[str, str]] = {}
    for tag, words in given.items():
        shaped = {name: page(words.get(name), ("translations", name)) for name in fields}
        if not shaped[fields[0]]:
            raise Invalid(
                say(
                    "The translation into %(tag)s needs its %(fields)s.", tag=tag, fields=fields[0]
                ),
                ("translations", fields[0]),
            )
        kept[language(tag, ("translations", "language"))] = {
            name: text for name, text in shaped.items() if text
        }
    return kept
