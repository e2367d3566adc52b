"""One value of an answer at a time, read strictly: of the right type, in bounds, or `Unbelievable`.

Unknown fields are never looked at. What is read here is shown to people later: text holds no
control characters, addresses lead to the web, and numbers are in range.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from domain import texts
from domain.errors import Invalid
from domain.geo import check_position
from domain.ids import Kind, kind_of
from domain.places import Place, PlacePrecision
from domain.texts import LINE, PAGE

MOST_VERSION = 2**40
MOST_NUMBER = 2**31
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2300, 1, 1, tzinfo=UTC)
# A cause or language list is short; a list of links or features is somebody's page, not a book.
MOST_WORDS = 100
_URL = 2_048

# Line breaks and tabs are text; what steers a terminal or hides within a line is not.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_CROCKFORD = {sign: value for value, sign in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}

Object = Mapping[str, Any]


class Unbelievable(Exception):  # noqa: N818 - what a peer told, not a fault of ours
    """The record is refused, for this reason; the peer's other records are read on."""


def an_object(value: Any, name: str) -> Object:
    if not isinstance(value, dict):
        raise Unbelievable(f"{name}: no object")
    return value


def maybe_object(of: Object, name: str) -> Object | None:
    value = of.get(name)
    return None if value is None else an_object(value, name)


def several(of: Object, name: str, most: int) -> Sequence[Any]:
    value = of.get(name)
    if not isinstance(value, list):
        raise Unbelievable(f"{name}: no list")
    if len(value) > most:
        raise Unbelievable(f"{name}: {len(value):,} entries, and at most {most:,} are read")
    return value


def nodes(of: Object, name: str, most: int) -> Sequence[Any]:
    """Of a connection: all that there are, or none are believed."""
    connection = an_object(of.get(name), name)
    page = an_object(connection.get("pageInfo"), f"{name}.pageInfo")
    if page.get("hasNextPage") is not False:
        raise Unbelievable(f"{name}: more than {most:,}")
    return several(connection, "nodes", most)


def text(of: Object, name: str, most: int = LINE) -> str:
    value = of.get(name)
    if not isinstance(value, str):
        raise Unbelievable(f"{name}: no text")
    if len(value) > most:
        raise Unbelievable(f"{name}: {len(value):,} characters, and at most {most:,} are read")
    if _CONTROL.search(value):
        raise Unbelievable(f"{name}: holds control characters")
    return value


def maybe_text(of: Object, name: str, most: int = LINE) -> str | None:
    return None if of.get(name) is None else text(of, name, most)


def slug(of: Object) -> str:
    value = text(of, "slug", 64)
    if not _SLUG.fullmatch(value):
        raise Unbelievable("slug: no slug")
    return value


def words(of: Object, name: str, most: int = MOST_WORDS, longest: int = LINE) -> tuple[str, ...]:
    value = several(of, name, most)
    return tuple(text({name: each}, name, longest) for each in value)


def languages(of: Object, name: str = "languages") -> tuple[str, ...]:
    found = words(of, name, MOST_WORDS, 40)
    for each in found:
        _is_language(each)
    return found


@lru_cache(maxsize=1_024)
def _known_language(tag: str) -> bool:
    try:
        return texts.language(tag) == tag
    except Invalid:
        return False


def _is_language(tag: str) -> str:
    if len(tag) > 40 or not _known_language(tag):
        raise Unbelievable(f"{tag[:40]!r} is no language tag")
    return tag


def language(of: Object, name: str) -> str:
    return _is_language(text(of, name, 40))


def time_zone(of: Object) -> str:
    value = text(of, "timeZone", 60)
    if value not in texts.available_zones():
        raise Unbelievable("timeZone: no time zone that is known here")
    return value


def truth(of: Object, name: str) -> bool:
    value = of.get(name)
    if not isinstance(value, bool):
        raise Unbelievable(f"{name}: neither true nor false")
    return value


def maybe_truth(of: Object, name: str) -> bool | None:
    return None if of.get(name) is None else truth(of, name)


def whole(of: Object, name: str, least: int = 0, most: int = MOST_NUMBER) -> int:
    value = of.get(name)
    if type(value) is not int:  # True is an int too
        raise Unbelievable(f"{name}: no whole number")
    if not least <= value < most:
        raise Unbelievable(f"{name}: not from {least:,} to {most:,}")
    return value


def maybe_whole(of: Object, name: str) -> int | None:
    return None if of.get(name) is None else whole(of, name)


def moment(of: Object, name: str) -> datetime:
    """In UTC, and in the centuries that calendars are about."""
    value = of.get(name)
    if not isinstance(value, str) or len(value) > 40 or not _MOMENT.fullmatch(value):
        raise Unbelievable(f"{name}: no moment")
    try:
        at = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unbelievable(f"{name}: no moment that exists") from None
    if EARLIEST <= at <= LATEST:
        return at
    return EARLIEST if at < EARLIEST else LATEST


def maybe_moment(of: Object, name: str) -> datetime | None:
    return None if of.get(name) is None else moment(of, name)


def moments(of: Object, name: str, most: int) -> tuple[datetime, ...]:
    return tuple(moment({name: each}, name) for each in several(of, name, most))


def maybe_day(of: Object, name: str) -> date | None:
    value = of.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != 10:
        raise Unbelievable(f"{name}: no day")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Unbelievable(f"{name}: no day that exists") from None
    return min(max(found, EARLIEST.date()), LATEST.date())


def word(of: Object, name: str, known: type[StrEnum]) -> str:
    """One of the words of the contract."""
    value = of.get(name)
    if not isinstance(value, str) or value not in _members(known):
        raise Unbelievable(f"{name}: a word that is not known here")
    return value


@cache
def _members(known: type[StrEnum]) -> frozenset[str]:
    return frozenset(known.__members__)


def web_address(of: Object, name: str) -> str:
    """http or https alone: a page of ours makes a link of it."""
    value = text(of, name, _URL)
    try:
        texts.web_address(value, (name,))
    except Invalid:
        raise Unbelievable(f"{name}: no address that begins with https:// or http://") from None
    return value


def maybe_web_address(of: Object, name: str) -> str | None:
    return None if of.get(name) is None else web_address(of, name)


def place(of: Object) -> Place | None:
    """As coarse as it was told: nothing here could make it more precise."""
    told = maybe_object(of, "place")
    if told is None:
        return None
    latitude, longitude = _degrees(told, "latitude"), _degrees(told, "longitude")
    if (latitude is None) != (longitude is None):
        raise Unbelievable("place: half a position")
    if latitude is not None and longitude is not None:
        try:
            check_position(latitude, longitude)
        except Invalid:
            raise Unbelievable("place: no position on the globe") from None
    country = maybe_text(told, "country", 2)
    return Place(
        name=maybe_text(told, "name"),
        street_address=maybe_text(told, "streetAddress"),
        locality=maybe_text(told, "locality"),
        region=maybe_text(told, "region"),
        postal_code=maybe_text(told, "postalCode"),
        country=country,
        latitude=latitude,
        longitude=longitude,
        precision=PlacePrecision(word(told, "precision", PlacePrecision)),
    )


def _degrees(of: Object, name: str) -> float | None:
    value = of.get(name)
    if value is None:
        return None
    if type(value) not in (int, float):
        raise Unbelievable(f"place.{name}: no number")
    return float(value)


def picture(of: Object, name: str) -> tuple[str | None, str | None]:
    told = maybe_object(of, name)
    if told is None:
        return None, None
    return web_address(told, "url"), text(told, "alternativeText", PAGE)


def own(of: Object, name: str, kind: Kind, authority: str) -> str:
    """An id that the peer gave itself."""
    value = reference(of, name, kind)
    if value.partition("@")[2] != authority:
        raise Unbelievable(f"{name}: speaks for another hub's id")
    return value


def reference(of: Object, name: str, kind: Kind) -> str:
    """The id of something, perhaps another hub's."""
    value = of.get(name)
    if not isinstance(value, str) or len(value) > 300 or _kind_of(value) is not kind:
        raise Unbelievable(f"{name}: no id of this kind ({kind.value}_…@…)")
    return value


# Of one thing much is said: whose it is and who is on it, on every page again.
_kind_of = lru_cache(maxsize=4_096)(kind_of)


def made_at(identifier: str) -> datetime:
    """When the thing was made, by its id (`domain.ids`)."""
    milliseconds = 0
    for sign in identifier.partition("_")[2][:10]:
        milliseconds = milliseconds << 5 | _CROCKFORD[sign]
    seconds = milliseconds / 1000
    return datetime.fromtimestamp(min(seconds, LATEST.timestamp()), UTC)
