"""What the form of an event lets one choose among: languages, countries, clocks, alliances, groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale

from languages.dates import spoken_locale, weekday
from languages.names import own_name
from web.console.event_form import MODES, PRECISIONS, STATUSES, VISIBILITIES
from web.console.repeating import WEEKDAYS
from web.pages import zones
from web.pages.languages import named

# Territories of CLDR that are no country of ISO 3166-1: unions, and codes for what is unknown.
_NO_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """For the template: each choice with what it is called."""

    languages: Choices
    ticked: Choices  # languages with a box of their own
    countries: Choices
    zones: Choices
    weekdays: Choices
    alliances: Choices
    groups: Choices
    statuses: tuple[str, ...] = STATUSES
    modes: tuple[str, ...] = MODES
    visibilities: tuple[str, ...] = VISIBILITIES
    precisions: tuple[str, ...] = PRECISIONS


def offered(
    filled: Mapping[str, str], organization: Mapping[str, Any] | None, *, is_off: bool
) -> Offered:
    """`filled` is what the form holds: what is set already is always among the choices."""
    told = organization or {"languages": (), "groups": None, "alliances": None}
    ticked = {name.removeprefix("language-") for name in filled if name.startswith("language-")}
    first = filled.get("language") or ""
    tags = dict.fromkeys((*told["languages"], *sorted(ticked - {"more"})))
    statuses = tuple(each for each in STATUSES if is_off or each != "CANCELLED")
    return Offered(
        languages=_languages((first, *tags)),
        ticked=[(tag, own_name(tag)) for tag in tags if tag and tag != first],
        countries=_countries(spoken_locale()),
        zones=zones.offered(),
        weekdays=[(day, weekday(number)) for number, day in enumerate(WEEKDAYS)],
        alliances=standing_in(told["alliances"]),
        groups=[(one["id"], one["name"]) for one in (told["groups"] or {"nodes": ()})["nodes"]],
        statuses=statuses,
    )


def standing_in(alliances: Mapping[str, Any] | None) -> Choices:
    """The alliances in which the organization is at work."""
    return [
        (one["alliance"]["id"], one["alliance"]["name"])
        for one in (alliances or {"nodes": ()})["nodes"]
        if one["status"] == "ACTIVE" and one["alliance"]["status"] != "DISSOLVED"
    ]


def _languages(known: Iterable[str]) -> Choices:
    found = dict(named()) | {tag: own_name(tag) for tag in known if tag}
    return sorted(found.items(), key=lambda each: each[1].casefold())


@cache
def _countries(locale: Locale) -> Choices:
    named = {
        code: str(name)
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    return sorted(named.items(), key=lambda each: each[1].casefold())
