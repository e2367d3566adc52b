"""Which events a feed is of, as its address says it: `?causes=food,housing&near=39.17,-86.53`.

The words are those of the contract's `EventFilter`. An address is kept for years by programs that
nobody looks at; so what is not understood is refused, and never passed over.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from domain import geo, texts
from domain.errors import BadInput, Problem
from domain.events import AttendanceMode, EventHostRole, EventStatus
from domain.ids import Kind, kind_of
from domain.words import say

LONGEST_SEARCH = 400  # characters, as the contract has it
MOST_VALUES = 50
LONGEST_CURSOR = 500
_POSITION = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)")
_KILOMETRES = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")

Filter = dict[str, Any]
Read = Callable[[str, str], Any]  # the parameter's name and value


@dataclass(frozen=True, slots=True)
class Wanted:
    """`filter` is the contract's, without what follows from whose feed it is."""

    filter: Filter
    language: str | None = None
    after: str | None = None
    with_mark: bool = False  # a byte order mark, which spreadsheets want


def _search(name: str, value: str) -> str:
    words = value.strip()
    if not words or len(words) > LONGEST_SEARCH:
        raise BadInput(
            say(
                "%(name)s: write 1 to %(most)s characters to look for.",
                name=name,
                most=LONGEST_SEARCH,
            )
        )
    return words


def _values(name: str, value: str) -> list[str]:
    values = [each.strip() for each in value.split(",")]
    if not all(values):
        raise BadInput(
            say(
                "%(name)s: write the values with a comma between them, and none left empty.",
                name=name,
            )
        )
    if len(values) > MOST_VALUES:
        raise BadInput(
            say(
                "%(name)s: at most %(most)s values. Make several feeds of it.",
                name=name,
                most=MOST_VALUES,
            )
        )
    return list(dict.fromkeys(values))


def _ids(kind: Kind) -> Read:
    def read(name: str, value: str) -> list[str]:
        for each in _values(name, value):
            if kind_of(each) is not kind:
                raise BadInput(
                    say(
                        "%(name)s: %(each)s is none. An id begins with %(kind)s_ and ends "
                        "with @ and the name of a hub, like in the address of its page.",
                        name=name,
                        each=_told(each),
                        kind=kind.value,
                    )
                )
        return _values(name, value)

    return read


def _words_of(kinds: type[EventStatus] | type[AttendanceMode] | type[EventHostRole]) -> Read:
    known = [each.value for each in kinds]

    def read(name: str, value: str) -> list[str]:
        values = _values(name, value)
        for each in values:
            if each not in known:
                raise BadInput(
                    say(
                        "%(name)s: %(each)s is none of %(known)s.",
                        name=name,
                        each=_told(each),
                        known=", ".join(known),
                    )
                )
        return values

    return read


def _causes(name: str, value: str) -> list[str]:
    return list(texts.causes(tuple(_values(name, value)), (name,)))


def _languages(name: str, value: str) -> list[str]:
    return list(texts.languages(tuple(_values(name, value)), (name,)))


def _language(name: str, value: str) -> str:
    return texts.language(value, (name,))


def _moment(name: str, value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        # A plus sign in an address is a space (HTML s4.10.22.6).
        raise BadInput(
            say(
                "%(name)s: %(value)s is no moment. Write it in UTC, like 2027-03-01T00:00:00Z.",
                name=name,
                value=_told(value),
            )
        )
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise BadInput(say("%(name)s: the calendar does not reach that far.", name=name)) from None


def _position(name: str, value: str) -> dict[str, float]:
    found = _POSITION.fullmatch(value)
    if found is None:
        raise BadInput(
            say(
                "%(name)s: write degrees north and east with a comma between them, like "
                "39.17,-86.53.",
                name=name,
            )
        )
    north, east = float(found[1]), float(found[2])
    geo.check_position(north, east, (name,))
    return {"latitude": north, "longitude": east}


def _kilometres(name: str, value: str) -> float:
    if not _KILOMETRES.fullmatch(value):
        raise BadInput(
            say("%(name)s: write a number of kilometres, more than 0 and at most 500.", name=name)
        )
    geo.check_radius(float(value), (name,))
    return float(value)


def _yes_or_no(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise BadInput(say("%(name)s: write true or false.", name=name))
    return value == "true"


def _one(name: str, value: str) -> bool:
    if value != "1":
        raise BadInput(say("%(name)s: write 1, or leave it out.", name=name))
    return True


def _cursor(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_=-]+", value) or len(value) > LONGEST_CURSOR:
        raise BadInput(
            say("%(name)s: that is no place in the list. Begin again without it.", name=name)
        )
    return value


FILTERS: Mapping[str, Read] = {
    "search": _search,
    "organizations": _ids(Kind.ORGANIZATION),
    "groups": _ids(Kind.GROUP),
    "alliances": _ids(Kind.ALLIANCE),
    "hubs": _ids(Kind.HUB),
    "causes": _causes,
    "languages": _languages,
    "from": _moment,
    "to": _moment,
    "near": _position,
    "within": _kilometres,
    "statuses": _words_of(EventStatus),
    "attendanceModes": _words_of(AttendanceMode),
    "hostRoles": _words_of(EventHostRole),
    "accessible": _yes_or_no,
    "updatedSince": _moment,
}
OF_EVERY_FEED: Mapping[str, Read] = {"lang": _language, "after": _cursor}
OF_TABLES: Mapping[str, Read] = {"bom": _one}


def wanted(given: QueryParams, *, filtered: bool, is_table: bool) -> Wanted:
    """Raises `BadInput`, naming the parameter and the way out. `filtered` is a feed of events;
    others are of one organization, group or alliance, and are narrowed no further."""
    known = {
        **(FILTERS if filtered else {}),
        **OF_EVERY_FEED,
        **(OF_TABLES if is_table else {}),
    }
    read: dict[str, Any] = {}
    for name, value in given.multi_items():
        if name not in known:
            raise BadInput(
                say(
                    "%(name)s: there is no such parameter here. There are: %(known)s.",
                    name=_told(name),
                    known=", ".join(known),
                )
            )
        if name in read:
            raise BadInput(say("%(name)s: it is there twice. Write it once.", name=name))
        try:
            read[name] = known[name](name, value)
        except Problem as problem:
            told = problem.message
            if not told.startswith(f"{name}:"):
                told = say("%(name)s: %(why)s", name=name, why=told)
            raise BadInput(told) from None
    return Wanted(
        _put_together({name: value for name, value in read.items() if name in FILTERS}),
        read.get("lang"),
        read.get("after"),
        bool(read.get("bom")),
    )


def _put_together(read: Filter) -> Filter:
    within = read.pop("within", None)
    if within is not None:
        if "near" not in read:
            raise BadInput("within: say near what, like near=39.17,-86.53.")
        read["near"]["radiusKm"] = within
    if "from" in read and "to" in read and _later(read["from"], read["to"]):
        raise BadInput("to: a window ends after it begins.")
    return read


def _later(begins: str, ends: str) -> bool:
    return datetime.fromisoformat(begins) >= datetime.fromisoformat(ends)


def _told(words: str) -> str:
    return ascii(words[:40])
