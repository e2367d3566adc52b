"""What stands at one place of an answer: which fields answer there, and under which names.

GraphQL lets a name be used again where the fields can be merged (specification, s5.3.2). The
generator asks here first, so that what it writes is valid, and repeats names on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    get_named_type,
    is_composite_type,
    is_object_type,
)


@dataclass(frozen=True)
class Standing:
    """A field as it is written: on which type, with which arguments."""

    parent: GraphQLNamedType
    name: str
    arguments: str
    type: Any

    def merges_with(self, other: Standing) -> bool:
        apart = (
            self.parent is not other.parent
            and is_object_type(self.parent)
            and is_object_type(other.parent)
        )
        if not apart and (self.name, self.arguments) != (other.name, other.arguments):
            return False
        return _shape(self.type) == _shape(other.type)


@dataclass
class Spot:
    """One object of an answer. What is written of it in several places is all in here."""

    standing: dict[str, list[Standing]] = field(default_factory=dict)
    under: dict[str, Spot] = field(default_factory=dict)

    def takes(self, key: str, one: Standing) -> bool:
        return all(one.merges_with(other) for other in self.standing.get(key, ()))

    def add(self, key: str, one: Standing) -> Spot:
        """What is selected beneath it, together with what was before."""
        found = self.standing.setdefault(key, [])
        if one not in found:
            found.append(one)
        return self.under.setdefault(key, Spot())

    def takes_all(self, other: Spot) -> bool:
        return all(
            self.takes(key, one) for key, several in other.standing.items() for one in several
        ) and all(
            self.under[key].takes_all(spot)
            for key, spot in other.under.items()
            if key in self.under
        )

    def add_all(self, other: Spot) -> None:
        for key, several in other.standing.items():
            for one in several:
                self.add(key, one).add_all(other.under.get(key, Spot()))


def _shape(kind: Any) -> str:
    """What must be the same of two fields under one name: lists and nulls, and a leaf's type."""
    if isinstance(kind, GraphQLNonNull):
        return _shape(kind.of_type) + "!"
    if isinstance(kind, GraphQLList):
        return f"[{_shape(kind.of_type)}]"
    named = get_named_type(kind)
    return "{}" if is_composite_type(named) else named.name
