"""Documents over the contract as it is built: every field, argument and type that can be read.

A document is drawn from the root down. What it may come to is kept in bounds as it grows (depth,
fields, rows), and what it answers under each name by `places`, so that nearly all of them are
valid; the values of arguments are in `values`, those of variables in `variables`.
"""

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_required_argument,
)
from hypothesis.strategies import DrawFn, composite

from auth.scopes import SCOPES
from domain.actors import Viewer
from tests.differential.chance import Chance
from tests.differential.knowledge import READING, Knowledge
from tests.differential.places import Spot, Standing
from tests.differential.trying import CONTRACT, Operation
from tests.differential.values import Values, literal
from tests.differential.variables import Variables

NAME = GraphQLNonNull(GraphQLString)
MOST_FIELDS, MOST_DEPTH, MOST_ROWS = 50, 8, 300
ORDERS = {  # the order of the list that a field gives, where it has but one
    "GroupMembershipConnection": "JOINED_AT",
    "TeamMemberConnection": "SINCE",
    "AgreementAcceptanceConnection": "ACCEPTED_AT",
    "AllianceMembershipConnection": "CREATED_AT",
    "ProposalConnection": "OPENS_AT_DESC",
    "BallotConnection": "CAST_AT",
    "EventHostConnection": "CREATED_AT",
    "HandoverConnection": "CREATED_AT_DESC",
    "AuditEntryConnection": "AUDIT_DESC",
    "OccurrenceConnection": "STARTS_AT_ASC",
    "SearchConnection": "RELEVANCE",
    "EventConnection": "STARTS_AT_ASC",
    "ChangeConnection": "CHANGES",
}
# Worked out over so many rows that one thing alone may be asked for it.
LOOKED_AT = frozenset({"Impact", "DuplicateCandidate"})
# Fields of the root that lead to the most; `_service` gives the same to everybody.
SELDOM = frozenset({"_service", "hub", "viewer"})
# How often an argument that may be left out is given, in percent.
GIVEN = {"language": 30, "first": 50, "after": 15, "filter": 45, "orderBy": 35}


@dataclass(frozen=True, slots=True)
class Fragment:
    """A named fragment, and what it says."""

    name: str
    on: GraphQLNamedType
    text: str
    spot: Spot
    rows: int


@composite
def askings(draw: DrawFn, known: Knowledge, most_fields: int = MOST_FIELDS) -> list[Operation]:
    """Any operation; asked up to three times, by one viewer or several, with other variables: a
    plan is kept, and must be no other's when it is found again."""
    chance = Chance(draw)
    viewer = viewer_of(chance, known)
    first, variables = _Writing(chance, known, most_fields).operation(viewer)
    asked = [first]
    for _ in range(chance.below(3)):
        if chance.happens(50):
            viewer = viewer_of(chance, known)
        asked.append(replace(first, variables=variables.given_otherwise(), viewer=viewer))
    return asked


def viewer_of(chance: Chance, known: Knowledge) -> Viewer:
    viewer = chance.one_of(known.viewers[:1] + known.viewers[1:] * (1 + chance.below(2)))
    if viewer.is_nobody:
        return viewer
    every = list(SCOPES)
    how = chance.below(10)
    if how < 6:
        scopes = every
    elif how == 6:
        scopes = [scope for scope in every if scope != chance.one_of(READING)]
    elif how == 7:
        scopes = chance.some_of(READING, 4)
    else:
        scopes = list(READING[: 2 + chance.below(4)]) if how == 8 else chance.some_of(every, 6)
    return replace(viewer, scopes=frozenset(scopes))


class _Writing:
    """One document as it grows."""

    def __init__(self, chance: Chance, known: Knowledge, most_fields: int) -> None:
        self.chance = chance
        self.values = Values(chance, known)
        self.variables = Variables(chance, self.values)
        self.fragments: list[Fragment] = []
        self.fields_left = 5 + chance.below(most_fields - 4)
        self.names = 0

    def operation(self, viewer: Viewer) -> tuple[Operation, Variables]:
        root = CONTRACT.query_type
        assert root is not None
        body = self.selection(root, Spot(), 0, 1)
        name = self.chance.one_of(("", "Asked"))
        declared = self.variables.declared()
        parts = [f"query {name}{declared} {body}" if name or declared else body]
        parts += [f"fragment {one.name} on {one.on.name} {one.text}" for one in self.fragments]
        chosen = None
        if name and self.chance.happens(5):
            parts.append("query Another { hub { name } }")
            chosen = name
        document = "\n".join(parts)
        return Operation(document, self.variables.given(), viewer, chosen), self.variables

    def selection(self, kind: GraphQLNamedType, spot: Spot, depth: int, rows: int) -> str:
        """`{ … }` of an object of that kind. `rows` is how many of it there may be."""
        lines = []
        # About a third of what there is to read, and little of what has little.
        most = min(9, 2 + len(getattr(kind, "fields", ())) // 2) if depth else 3
        for _ in range(1 + self.chance.below(most)):
            line = self._line(kind, spot, depth, rows)
            if line:
                lines.append(line)
            if self.fields_left <= 0:
                break
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType) and self.chance.happens(85):
            lines.insert(0, self._typename(spot, kind))
        if not lines:
            lines = [self._typename(spot, kind)]
        return "{\n" + _indented("\n".join(lines)) + "\n}"

    def _line(self, kind: GraphQLNamedType, spot: Spot, depth: int, rows: int) -> str:
        how = self.chance.below(100)
        abstract = isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
        if how >= (35 if abstract else 82) and depth < MOST_DEPTH:
            if how >= (80 if abstract else 92):
                return self._spread(kind, spot, depth, rows)
            return self._inline(kind, spot, depth, rows)
        if how >= (33 if abstract else 78):
            return self._typename(spot, kind)
        return self._field(kind, spot, depth, rows)

    def _typename(self, spot: Spot, kind: GraphQLNamedType) -> str:
        alias = "which" if self.chance.happens(10) else "__typename"
        spot.add(alias, Standing(kind, "__typename", "", NAME))
        return "which: __typename" if alias == "which" else alias

    # ── fields ───────────────────────────────────────────────────────────────────────────────

    def _field(self, kind: GraphQLNamedType, spot: Spot, depth: int, rows: int) -> str:
        names = _readable(kind, leaves_only=depth >= MOST_DEPTH or self.fields_left <= 3)
        if not names:
            return ""
        again = [
            (key, one)
            for key, several in spot.standing.items()
            for one in several
            if one.parent is kind and one.name in names
        ]
        if again and self.chance.happens(12):
            key, one = self.chance.one_of(again)
            return self._written(key, one, spot, depth, rows)
        name = self.chance.one_of(names)
        deeper = _leading_on(kind)
        if deeper and len(names) > len(deeper) and self.chance.happens(35):
            name = self.chance.one_of(deeper)  # which are few among the many plain ones
        if name in SELDOM and depth == 0 and not self.chance.happens(25):
            name = self.chance.one_of(names)
        field = kind.fields[name]  # type: ignore[attr-defined]  # it has fields: names are of them
        if get_named_type(field.type).name in LOOKED_AT and not self.chance.happens(8):
            return ""  # it costs a third of what an operation may, and is never planned
        below = _how_many(field)
        if below > 1 and rows * below > MOST_ROWS and "first" not in field.args:
            return ""
        arguments = self._arguments(kind, name, field, rows * below > MOST_ROWS)
        standing = Standing(kind, name, arguments, field.type)
        key = name
        if self.chance.happens(12) or not spot.takes(key, standing):
            self.names += 1
            key = f"{self.chance.one_of(('a', '_b', 'C'))}{self.names}"
        return self._written(key, standing, spot, depth, rows)

    def _written(self, key: str, one: Standing, spot: Spot, depth: int, rows: int) -> str:
        """The field as it stands, which may stand there already."""
        self.fields_left -= 1
        under = spot.add(key, one)
        head = one.name if key == one.name else f"{key}: {one.name}"
        named = get_named_type(one.type)
        line = f"{head}{one.arguments}{self._directive()}"
        if not is_composite_type(named):
            return line
        more = _how_many(one.parent.fields[one.name])  # type: ignore[attr-defined]
        return f"{line} {self.selection(named, under, depth + 1, min(rows * more, MOST_ROWS + 1))}"

    def _arguments(self, kind: GraphQLNamedType, name: str, field: GraphQLField, many: bool) -> str:
        about = get_named_type(field.type).name
        order = _order_of(about)
        said: list[str] = []
        # By one of them, as the contract asks; now and then by both, or by none.
        by = self.chance.one_of(("id", "slug"))
        for argument_name, argument in field.args.items():
            by_it = argument_name == by or self.chance.happens(5)
            if not (
                by_it
                if argument_name in {"id", "slug"} and "slug" in field.args
                else self._is_given(argument_name, argument, many)
            ):
                continue
            again = partial(self._value, argument_name, argument, about, order, many)
            value = again()
            if argument_name == "orderBy" and isinstance(value, str):
                order = value
            hole = self.variables.around(argument.type, argument.default_value, value, again)
            said.append(f"{argument_name}: {literal(hole, argument.type)}")
        return f"({', '.join(said)})" if said else ""

    def _is_given(self, name: str, argument: GraphQLArgument, many: bool) -> bool:
        if is_required_argument(argument) or (many and name == "first"):
            return True
        return self.chance.happens(GIVEN.get(name, 35))

    def _value(
        self, name: str, argument: GraphQLArgument, about: str, order: str, many: bool
    ) -> Any:
        if name == "first" and many:
            return self.values.size(few=True)
        return self.values.of(argument.type, name, about, order)

    # ── fragments and directives ─────────────────────────────────────────────────────────────

    def _inline(self, kind: GraphQLNamedType, spot: Spot, depth: int, rows: int) -> str:
        on: GraphQLNamedType = kind
        condition = ""
        if not self.chance.happens(20):
            on = self.chance.one_of(_overlapping(kind))
            condition = f" on {on.name}"
        # Its fields stand at the same place as those around it.
        self.fields_left -= 1
        return f"...{condition}{self._directive()} {self.selection(on, spot, depth + 1, rows)}"

    def _spread(self, kind: GraphQLNamedType, spot: Spot, depth: int, rows: int) -> str:
        fitting = [one for one in self.fragments if one.on in _overlapping(kind)]
        if fitting and self.chance.happens(60):
            fragment = self.chance.one_of(fitting)
            if fragment.rows < rows:  # it was written for fewer: too many here
                return ""
        else:
            on = self.chance.one_of(_overlapping(kind))
            own = Spot()
            text = self.selection(on, own, depth + 1, rows)
            name = f"F{len(self.fragments) + 1}"
            fragment = Fragment(name, on, text, own, rows)
            if spot.takes_all(own):
                self.fragments.append(fragment)
        if not spot.takes_all(fragment.spot):
            return ""
        spot.add_all(fragment.spot)
        return f"...{fragment.name}{self._directive()}"

    def _directive(self) -> str:
        if not self.chance.happens(7):
            return ""
        name, wanted = self.chance.one_of((("include", True), ("skip", False)))
        value = wanted if self.chance.happens(75) else not wanted
        condition = self.variables.condition(value)
        return f" @{name}(if: {condition})"


# ── what the contract offers ─────────────────────────────────────────────────────────────────


@cache
def _readable(kind: GraphQLNamedType, leaves_only: bool) -> tuple[str, ...]:
    if isinstance(kind, GraphQLUnionType):
        return ()
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return tuple(
        name
        for name, field in kind.fields.items()
        if not (leaves_only and is_composite_type(get_named_type(field.type)))
    )


@cache
def _leading_on(kind: GraphQLNamedType) -> tuple[str, ...]:
    """The fields that lead to other things."""
    plain = _readable(kind, leaves_only=True)
    return tuple(name for name in _readable(kind, leaves_only=False) if name not in plain)


@cache
def _overlapping(kind: GraphQLNamedType) -> tuple[GraphQLNamedType, ...]:
    """Types that a thing of this kind may be, itself first."""
    mine = _possible(CONTRACT, kind)
    return (
        kind,
        *(
            other
            for other in CONTRACT.type_map.values()
            if other is not kind and is_composite_type(other) and mine & _possible(CONTRACT, other)
        ),
    )


def _possible(schema: GraphQLSchema, kind: GraphQLNamedType) -> set[str]:
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return {one.name for one in schema.get_possible_types(kind)}
    return {kind.name}


def _how_many(field: GraphQLField) -> int:
    """How many things a field may give for each it hangs from."""
    if get_named_type(field.type).name.endswith("Connection"):
        return 8
    is_list = is_list_type(get_nullable_type(field.type))
    return 4 if is_list and field.args else 1  # a page's rows are counted at the page


def _order_of(about: str) -> str:
    if about in ORDERS:
        return ORDERS[about]
    return "NAME_ASC" if about.endswith("Connection") else ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
