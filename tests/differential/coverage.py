"""What of the contract was asked, and what came back: the test of the generator itself.

Each answer is walked beside its document. A field counts as asked where it was selected, and as
answered where it came back with something in it; so do its arguments, the parts of its filters,
the values of enums, and which types an interface or a union turned out to be.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)

from schema.documents import Prepared
from tests.differential.knowledge import type_of

# `Type.field`, `Type.field(argument:)`, `Input.part`, `Enum.VALUE`, `@directive`, `Abstract > Type`
Point = str
MOST_NAMED = 30  # in a line of the table


@dataclass
class Coverage:
    schema: GraphQLSchema
    asked: Counter[Point] = field(default_factory=Counter)
    answered: Counter[Point] = field(default_factory=Counter)
    # What became of the operations, by a few words.
    runs: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    def count(self, prepared: Prepared, answer: Mapping[str, Any]) -> None:
        walk = _Walk(self, prepared.document, prepared.variables)
        root = self.schema.query_type
        assert root is not None
        walk.ask(prepared.operation.selection_set, root)
        data = answer.get("data")
        if data is not None:
            walk.look(prepared.operation.selection_set, root, data)
        for error in answer.get("errors", ()):
            self.codes[error["extensions"]["code"]] += 1

    def readable(self) -> set[Point]:
        """Every field of every type that a query leads to."""
        return {
            f"{kind.name}.{name}"
            for kind in _reached(self.schema)
            if isinstance(kind, GraphQLObjectType)
            for name in kind.fields
        }

    def never_answered(self) -> set[Point]:
        return self.readable() - self.answered.keys()

    def never_asked(self) -> set[Point]:
        """Neither by name, nor through an interface."""
        return self.never_answered() - self.asked.keys()

    def table(self) -> list[str]:
        """A line for each kind of point, and what was missed."""
        lines = []
        for name, points in self._points().items():
            asked, answered = points & self.asked.keys(), points & self.answered.keys()
            lines.append(
                f"{name:<22} {len(points):>5} {len(asked):>6} asked {len(answered):>6} answered"
            )
            missed = sorted(points - answered)
            if missed:
                more = f" and {len(missed) - MOST_NAMED} more" if len(missed) > MOST_NAMED else ""
                lines.append(f"    never answered: {', '.join(missed[:MOST_NAMED])}{more}")
        return lines

    def _points(self) -> dict[str, set[Point]]:
        reached = list(_reached(self.schema))
        fields = [(kind, *each) for kind in reached for each in getattr(kind, "fields", {}).items()]
        output = [
            (kind, name, each) for kind, name, each in fields if isinstance(each, GraphQLField)
        ]
        return {
            "fields": self.readable(),
            "arguments": {
                f"{kind.name}.{name}({argument}:)"
                for kind, name, each in output
                if isinstance(kind, GraphQLObjectType)
                for argument in each.args
            },
            "parts of inputs": {
                f"{kind.name}.{name}"
                for kind, name, _ in fields
                if isinstance(kind, GraphQLInputObjectType)
            },
            "values of enums": {
                f"{kind.name}.{value}"
                for kind in reached
                if isinstance(kind, GraphQLEnumType)
                for value in kind.values
            },
            "interfaces and unions": {
                f"{kind.name} > {one.name}"
                for kind in reached
                if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
                for one in self.schema.get_possible_types(kind)
                if kind.name != "Publication"  # which no field gives as such
            },
            "directives": {"@include", "@skip"},
        }


class _Walk:
    def __init__(
        self, coverage: Coverage, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self.asked, self.answered = coverage.asked, coverage.answered
        self.schema = coverage.schema
        self.variables = variables
        self.fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def ask(self, selected: SelectionSetNode, kind: Any) -> None:
        for node, on in self._fields(selected, kind):
            defined = self._defined(on, node)
            if defined is None:
                continue
            self.asked.update(self._points(on, node, defined))
            if node.selection_set:
                self.ask(node.selection_set, get_named_type(defined.type))

    def look(self, selected: SelectionSetNode, kind: Any, value: Any) -> None:
        """What came back of these fields; `kind` is what the contract says it is."""
        if isinstance(value, list):
            for item in value:
                self.look(selected, kind, item)
            return
        if not isinstance(value, dict):
            return
        actual = self._actual(kind, value)
        if actual is None:
            return
        if actual is not kind:
            self.answered[f"{kind.name} > {actual.name}"] += 1
        for node, on in self._fields(selected, actual):
            key = node.alias.value if node.alias else node.name.value
            found = value.get(key)
            defined = self._defined(actual, node)
            if defined is None or found is None or found == [] or not self._is_a(actual, on):
                continue
            self.answered.update(self._points(actual, node, defined))
            named = get_named_type(defined.type)
            if isinstance(named, GraphQLEnumType):
                values = found if isinstance(found, list) else [found]
                self.answered.update(f"{named.name}.{each}" for each in values)
            elif node.selection_set:
                self.look(node.selection_set, named, found)

    def _fields(self, selected: SelectionSetNode, kind: Any) -> Iterator[tuple[FieldNode, Any]]:
        """The fields, those in fragments too, each with the type it is written on."""
        for node in selected.selections:
            self._directives(node)
            if isinstance(node, FieldNode):
                yield node, kind
                continue
            inner: InlineFragmentNode | FragmentDefinitionNode | None = None
            if isinstance(node, InlineFragmentNode):
                inner = node
            elif isinstance(node, FragmentSpreadNode):
                inner = self.fragments[node.name.value]
            assert inner is not None
            condition = inner.type_condition
            on = self.schema.type_map[condition.name.value] if condition else kind
            yield from self._fields(inner.selection_set, on)

    def _directives(self, node: SelectionNode) -> None:
        for directive in node.directives or ():
            self.asked[f"@{directive.name.value}"] += 1
            self.answered[f"@{directive.name.value}"] += 1

    def _points(self, on: Any, node: FieldNode, defined: GraphQLField) -> Iterator[Point]:
        yield f"{on.name}.{node.name.value}"
        for argument in node.arguments or ():
            name = argument.name.value
            yield f"{on.name}.{node.name.value}({name}:)"
            kind = get_named_type(defined.args[name].type)
            if isinstance(argument.value, VariableNode):
                value = self.variables.get(argument.value.name.value)
            else:
                value = value_from_ast_untyped(argument.value, dict(self.variables))
            yield from _parts(kind, value)

    def _defined(self, on: Any, node: FieldNode) -> GraphQLField | None:
        fields: dict[str, GraphQLField] = getattr(on, "fields", {})
        return fields.get(node.name.value)

    def _actual(self, kind: Any, value: dict[str, Any]) -> Any:
        """What the thing is: by what it says, or by its id; None where it says nothing of it."""
        if isinstance(kind, GraphQLObjectType):
            return kind
        for key in ("__typename", "which"):
            if value.get(key):
                return self.schema.type_map[value[key]]
        name = type_of(value["id"]) if isinstance(value.get("id"), str) else None
        return self.schema.type_map[name] if name else None

    def _is_a(self, actual: Any, on: Any) -> bool:
        if isinstance(on, GraphQLInterfaceType | GraphQLUnionType):
            return self.schema.is_sub_type(on, actual)
        return actual is on


def _parts(kind: Any, value: Any) -> Iterator[Point]:
    """The parts of an input, and the values of enums, that were given."""
    if isinstance(value, list):
        for item in value:
            yield from _parts(kind, item)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, each in value.items():
            yield f"{kind.name}.{name}"
            yield from _parts(get_named_type(kind.fields[name].type), each)
    elif isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        yield f"{kind.name}.{value}"


def _reached(schema: GraphQLSchema) -> Iterator[Any]:
    """Every type that a query leads to, or takes."""
    seen: set[str] = set()
    waiting: list[Any] = [schema.query_type]
    while waiting:
        kind = waiting.pop()
        if kind.name in seen or kind.name.startswith("__"):
            continue
        seen.add(kind.name)
        yield kind
        for each in getattr(kind, "fields", {}).values():
            waiting.append(get_named_type(each.type))
            waiting += [get_named_type(one.type) for one in getattr(each, "args", {}).values()]
        if is_composite_type(kind) and not isinstance(kind, GraphQLObjectType):
            waiting += schema.get_possible_types(kind)
