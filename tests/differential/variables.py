"""The variables of a document: whole arguments, parts of them, and conditions.

Each is declared as GraphQL lets it be (specification, s5.8.5): as its place says, or never null,
or with a default; and it is given, or left out, or null.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
)

from tests.differential.chance import Chance
from tests.differential.values import Hole, Values, literal

NOT_GIVEN = object()


@dataclass(frozen=True, slots=True)
class Variable:
    type: str
    default: str
    value: Any  # or NOT_GIVEN
    again: Callable[[], Any] = field(compare=False)  # another value that would do


class Variables:
    def __init__(self, chance: Chance, values: Values) -> None:
        self.chance = chance
        self.values = values
        self._of: dict[str, Variable] = {}

    def declared(self) -> str:
        if not self._of:
            return ""
        parts = (
            f"${name}: {one.type}" + (f" = {one.default}" if one.default else "")
            for name, one in self._of.items()
        )
        return f"({', '.join(parts)})"

    def given(self) -> dict[str, Any]:
        return {name: one.value for name, one in self._of.items() if one.value is not NOT_GIVEN}

    def given_otherwise(self) -> dict[str, Any]:
        """Other values for some of them: the document is kept, and asked again."""
        given = self.given()
        for name, one in self._of.items():
            if not self.chance.happens(50):
                continue
            nullable = not one.type.endswith("!")
            if (nullable or one.default) and self.chance.happens(25):
                given.pop(name, None)
            elif nullable and self.chance.happens(20):
                given[name] = None
            else:
                value = one.again()
                if value is not None or nullable:
                    given[name] = value
        return given

    def condition(self, value: bool) -> str:
        """What stands after `if:`."""
        chance = self.chance
        if not chance.happens(50):
            return orjson.dumps(value).decode()

        def again() -> bool:
            return chance.below(2) == 1

        if chance.happens(25):
            default = orjson.dumps(value).decode()
            return f"${self._add(Variable('Boolean', default, NOT_GIVEN, again))}"
        return f"${self._add(Variable('Boolean!', '', value, again))}"

    def around(
        self, kind: GraphQLInputType, default: Any, value: Any, again: Callable[[], Any]
    ) -> Any:
        """The value, or the variable that stands for it, or the value with variables in it."""
        if self.chance.happens(35):
            return self._whole(kind, default is not Undefined, value, again)
        return self._with_holes(kind, value)

    def _whole(
        self, kind: GraphQLInputType, has_default: bool, value: Any, again: Callable[[], Any]
    ) -> Any:
        chance = self.chance
        declared = str(kind)
        required = isinstance(kind, GraphQLNonNull)
        text = "" if value is None and required else literal(value, kind)
        how = chance.below(10)
        if how < 5 or (required and how == 5):
            variable = Variable(declared, "", value, again)
        elif how < 7 and not required:  # left out: the argument is as if it were not there
            variable = Variable(declared, "", NOT_GIVEN, again)
        elif how < 8 and not required and value is not None:
            variable = Variable(f"{declared}!", "", value, again)
        else:
            # With a default it may be null-able in a place that is not, and be null there, too.
            nullable = declared.removesuffix("!") if chance.happens(50) else declared
            given = chance.below(10)
            value = NOT_GIVEN if given < 5 else value if given < 9 or nullable[-1] == "!" else None
            variable = Variable(nullable, text, value, again)
        if value is None and has_default and not required and chance.happens(50):
            variable = Variable(declared, "", NOT_GIVEN, again)
        return Hole(self._add(variable))

    def _with_holes(self, kind: Any, value: Any) -> Any:
        """Each part of an input object, and each item of a list, may be a variable."""
        if isinstance(kind, GraphQLNonNull):
            return self._with_holes(kind.of_type, value)
        if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
            return {name: self._part(kind, name, each) for name, each in value.items()}
        if isinstance(kind, GraphQLList) and isinstance(value, list) and "_Any" not in str(kind):
            return [
                Hole(self._add(Variable(str(kind.of_type), "", item, lambda: value[0])))
                if self.chance.happens(15)
                else item
                for item in value
            ]
        return value

    def _part(self, kind: GraphQLInputObjectType, name: str, value: Any) -> Any:
        part = kind.fields[name]
        if not self.chance.happens(20):
            return self._with_holes(part.type, value)
        return self._whole(
            part.type,
            part.default_value is not Undefined,
            value,
            lambda: self.values.of(part.type, name, kind.name),
        )

    def _add(self, variable: Variable) -> str:
        """One that was declared before stands for the same, now and then."""
        for name, other in self._of.items():
            if other == variable and self.chance.happens(50):
                return name
        name = f"v{len(self._of) + 1}"
        self._of[name] = variable
        return name
