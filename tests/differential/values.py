"""Values for arguments: such as find something in the world, and now and then such as do not.

A value is what JSON could say of it. `literal` writes it into a document as its type asks, and a
`Hole` in it is a variable that stands in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
    is_required_input_field,
)

from tests.differential.chance import Chance
from tests.differential.knowledge import Knowledge, forged

KINDS = ("Event", "Organization", "Group", "Alliance")  # what ids are most often of
NO_IDS = ("", "evt", "evt_01JD8@hub.test", "nonsense \x00", "👍", "x" * 300)
TAGS = ("en", "de", "pt", "pt-BR", "pt-PT", "fr", "zh-Hant", "ar", "en-US", "tlh")
WORDS = (
    "soup",
    "food",
    "Brot",
    "soup or food",
    '"food drive"',
    "repair -food",
    "cafe",
    "käse",
    "nothing-like-it",
    "",
    "%",
    "o'brien",
    "soup \x00 \\",
    '"',
    "עברית",
)
CAUSES = ("food-justice", "Food Justice", "housing", "climate", "unheard-of", "")
FEW = (1, 2, 3, 0, 5)
SIZES = (3, 1, 2, 0, 5, 20, 50, 100)
ODD_SIZES = (101, -1, 2_147_483_647)
ODD_CURSORS = (
    "",
    "nonsense",
    "====",
    "W10",
    forged("NAME_ASC"),
    forged("NAME_ASC", "a", "b", "c"),
    forged("NAME_ASC", 1, None),
    forged("STARTS_AT_ASC", 10**18, "x"),
    forged("STARTS_AT_ASC", 1.5, "x"),
    forged("DISTANCE_ASC", 5, "x"),
    forged("RELEVANCE", "high", "x"),
    forged("NAME_ASC", "zero \x00", "x"),
    forged("ELSEWHERE_ASC", "x", "y"),
    forged("CHANGES", "public", "", 0, 0, ""),
    forged("CHANGES", "public", "an epoch", 3, 0, "a seal"),
    forged("CHANGES", "public", "", 2**62, -1, 5),
)
OFFSETS = (None, None, timedelta(hours=5.5), timedelta(hours=-8), timedelta(hours=12.75))


@dataclass(frozen=True, slots=True)
class Hole:
    """A variable in the place of a value."""

    variable: str


class Values:
    def __init__(self, chance: Chance, known: Knowledge) -> None:
        self.chance = chance
        self.known = known

    def of(self, kind: GraphQLInputType, name: str, about: str = "", order: str = "") -> Any:
        """A value for the argument or input field `name` of a field that gives `about`; `order` is
        that of the list it stands in, where there is one."""
        if isinstance(kind, GraphQLNonNull):
            return self._of(kind.of_type, name, about, order)
        if self.chance.happens(6):
            return None
        return self._of(kind, name, about, order)

    def _of(self, kind: Any, name: str, about: str, order: str) -> Any:
        if isinstance(kind, GraphQLList):
            return self._list(kind, name, about)
        if isinstance(kind, GraphQLEnumType):
            return self.chance.one_of(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return self.near() if name == "near" else self._object(kind)
        match name, kind.name:
            case "first", _:
                return self.size()
            case "after", _:
                return self.cursor(order)
            case "channel", _:
                return self.channel()
            case _, "ID":
                return self.identifier(_meant(name, about))
            case "latitude" | "longitude" | "radiusKm", _:
                return self.near().get(name, 100)
            case "slug", _:
                return self._slug(about)
            case "search" | "text", _:
                return self.chance.one_of(WORDS)
            case "causes", _:
                return self.chance.one_of(CAUSES)
            case _, "Locale":
                return self.chance.one_of(TAGS)
            case _, "DateTime":
                return self.moment(name)
            case _, "Date":
                return self.moment(name)[:10]
            case "representations", _:
                return self._representation()
            case _, "Boolean":
                return self.chance.below(2) == 1
        raise AssertionError(f"Nothing to give for {name}: {kind}; say here what it may be.")

    def _list(self, kind: GraphQLList[Any], name: str, about: str) -> Any:
        chance = self.chance
        if name in {"ids", "representations"} and chance.happens(1):
            return [self.of(kind.of_type, name, about)] * 101
        if chance.happens(10):
            return self._of(get_nullable_type(kind.of_type), name, about, "")  # a list of one
        least = 0 if chance.happens(5) else 1
        return [self.of(kind.of_type, name, about) for _ in range(least + chance.below(4))]

    def _object(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        fields = kind.fields
        wanted = [name for name, field in fields.items() if is_required_input_field(field)]
        optional = [name for name in fields if name not in wanted]
        some = self.chance.some_of(optional, 3)
        # In the order of the first of each, so that the same value is written in many ways.
        return {name: self.of(fields[name].type, name, kind.name) for name in [*wanted, *some]}

    def size(self, few: bool = False) -> int:
        if self.chance.happens(2):
            return self.chance.one_of(ODD_SIZES)
        return self.chance.one_of(FEW if few else SIZES)

    def identifier(self, meant: str) -> str:
        """Most often of the type meant; else of another, of nothing there is, or no id at all."""
        chance = self.chance
        if chance.happens(4):
            return chance.one_of(NO_IDS)
        if chance.happens(6):
            meant = chance.one_of(sorted(self.known.ids))
        known = self.known.ids[meant or chance.one_of((*KINDS, *sorted(self.known.ids)))]
        found = chance.one_of(known)
        if chance.happens(4):
            return found[:10] + "0" + found[11:]
        return found

    def channel(self) -> str:
        """Mostly the one that cursors are known of."""
        if self.chance.happens(60):
            return "public"
        return self.identifier(self.chance.one_of(("Alliance", "Alliance", "Hub")))

    def _slug(self, about: str) -> str:
        slugs = self.known.slugs.get(about, ["organization-0"])
        return (
            self.chance.one_of(("no-such-slug", "\x00"))
            if self.chance.happens(8)
            else (self.chance.one_of(slugs))
        )

    def cursor(self, order: str) -> str:
        chance, cursors = self.chance, self.known.cursors
        if chance.happens(8):
            return chance.one_of(ODD_CURSORS)
        if order not in cursors or chance.happens(6):
            order = chance.one_of(sorted(cursors))
        return chance.one_of(cursors[order])

    def moment(self, name: str) -> str:
        """Windows are mostly open: they begin early and end late in the world's time."""
        chance, moments = self.chance, self.known.moments
        half = len(moments) // 2
        among: Sequence[datetime] = moments
        if not chance.happens(8):
            among = moments[half:] if name == "to" else moments[:half]
        at = chance.one_of(among)
        offset = chance.one_of(OFFSETS)
        if chance.happens(3):
            return chance.one_of(
                ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2027-03-01t09:00z")
            )
        if offset is None:
            return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return at.astimezone(timezone(offset)).isoformat()

    def near(self) -> dict[str, Any]:
        chance = self.chance
        if chance.happens(3):
            return {"latitude": 91.5, "longitude": 0, "radiusKm": 5}
        latitude, longitude = chance.one_of(self.known.positions)
        near: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
        if chance.happens(70):
            near["radiusKm"] = chance.one_of((500, 50, 1.5, 12.25, 499.9, 0, -3))
        return near

    def _representation(self) -> dict[str, Any]:
        chance = self.chance
        meant = chance.one_of(KINDS)
        thing: dict[str, Any] = {"__typename": meant, "id": self.identifier(meant)}
        if chance.happens(10):
            thing["name"] = chance.one_of(WORDS)
        if chance.happens(3):
            thing["id"] = chance.one_of((None, 5, ["x"]))
        if chance.happens(3):
            thing["__typename"] = chance.one_of(("Person", "Query", "", "Nothing"))
        return thing


# The type of thing that an argument or a filter's field names; `id` is of what its field gives.
_MEANT = {
    "organizations": "Organization",
    "memberOrganization": "Organization",
    "alliance": "Alliance",
    "alliances": "Alliance",
    "groups": "Group",
    "hub": "Hub",
    "hubs": "Hub",
    "subject": "Event",
    "event": "Event",
}


def _meant(name: str, about: str) -> str:
    return about if name == "id" and about in KINDS else _MEANT.get(name, "")


def literal(value: Any, kind: Any) -> str:
    """The value as a document has it. `kind` is None where the contract takes anything."""
    if isinstance(value, Hole):
        return f"${value.variable}"
    if isinstance(kind, GraphQLNonNull):
        return literal(value, kind.of_type)
    if isinstance(value, list):
        each = kind.of_type if isinstance(kind, GraphQLList) else None
        return "[" + ", ".join(literal(item, each) for item in value) + "]"
    if isinstance(kind, GraphQLList):
        return literal(value, kind.of_type)
    if isinstance(value, dict):
        fields = kind.fields if isinstance(kind, GraphQLInputObjectType) else {}
        parts = (
            f"{name}: {literal(each, fields[name].type if name in fields else None)}"
            for name, each in value.items()
        )
        return "{" + ", ".join(parts) + "}"
    if isinstance(kind, GraphQLEnumType) and value is not None:
        return str(value)
    return "null" if value is None else _escaped(orjson.dumps(value).decode())


def _escaped(text: str) -> str:
    """A string's own control characters are not allowed in a document (GraphQL s2.9.4)."""
    return text.replace("\x7f", "\\u007f")
