"""Every field of every type, by every need it has: refused by name without, answered with.

It walks a copy of the schema made from its SDL, whose every resolver has something to give, under
the real guard; and looks that the same guard stands in the schema that is served.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_ast_schema,
    execute,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
    parse,
)
from graphql.pyutils import Path
from strawberry.federation import Schema

from domain.actors import NOBODY, Viewer
from schema import root
from schema.access import NOTHING, Need, Needs, guard, needs
from schema.withheld import WITHHELD
from tests.schema.test_access import TABLE, guarded

SERVED = [
    pytest.param(guarded, TABLE, id="a small one"),
    pytest.param(root.graphql_schema, root.needs, id="the contract"),
]
GIVEN = {"Int": 1, "Float": 1.5, "Boolean": True}


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way down; `becomes` is what its interface or union turns out to be."""

    parent: str
    name: str
    arguments: str
    returns: str
    becomes: str | None = None

    def needs(self, table: Needs) -> Iterator[tuple[str, Need]]:
        yield f"{self.parent}.{self.name}", table.of_field(self.parent, self.name)
        if self.becomes is not None:
            yield self.becomes, table.of_type(self.becomes)


Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    viewer: Viewer
    becomes: Mapping[str, str] = field(default_factory=dict)  # by the field that leads to it
    withheld: list[GraphQLError] = field(default_factory=list)


def steps_of(schema: GraphQLSchema, parent: GraphQLObjectType) -> Iterator[Step]:
    for name, found in parent.fields.items():
        returned = get_named_type(found.type)
        step = Step(parent.name, name, arguments(found), returned.name)
        if isinstance(returned, GraphQLInterfaceType | GraphQLUnionType):
            for possible in schema.get_possible_types(returned):
                yield Step(parent.name, name, step.arguments, returned.name, possible.name)
        else:
            yield step


def ways(schema: GraphQLSchema) -> Iterator[Way]:
    """One to each field, and one more through each interface or union that leads to its type."""
    roots = [root for root in (schema.query_type, schema.mutation_type) if root is not None]
    queue: deque[tuple[GraphQLObjectType, Way]] = deque((root, ()) for root in roots)
    seen: set[tuple[str, bool]] = {(root.name, False) for root in roots}
    while queue:
        parent, way = queue.popleft()
        for step in steps_of(schema, parent):
            yield (*way, step)
            reached = schema.type_map[step.becomes or step.returns]
            mark = (reached.name, step.becomes is not None)
            if isinstance(reached, GraphQLObjectType) and mark not in seen:
                seen.add(mark)
                queue.append((reached, (*way, step)))


def arguments(of: GraphQLField) -> str:
    given = [f"{n}: {literal(a.type)}" for n, a in of.args.items() if is_required_argument(a)]
    return f"({', '.join(given)})" if given else ""


def literal(kind: Any) -> str:
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        required = [(n, f) for n, f in kind.fields.items() if is_required_input_field(f)]
        return "{" + ", ".join(f"{n}: {literal(f.type)}" for n, f in required) + "}"
    return {"Int": "1", "Float": "1.5", "Boolean": "true"}.get(kind.name, '"x"')


def document(schema: GraphQLSchema, way: Way) -> str:
    inside = "{ __typename }" if is_composite_type(schema.type_map[way[-1].returns]) else ""
    for step in reversed(way):
        here = f"{{ {step.name}{step.arguments} {inside} }}"
        inside = here if step is way[0] else f"{{ ... on {step.parent} {here} }}"
    kind = "mutation" if way[0].parent == getattr(schema.mutation_type, "name", "") else "query"
    return f"{kind} {inside}"


def generous(sdl: str) -> GraphQLSchema:
    """The same schema, in which every field has something to give."""
    schema = build_ast_schema(parse(sdl), assume_valid_sdl=True)
    for kind in schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = becomes
        elif isinstance(kind, GraphQLObjectType):
            for found in kind.fields.values():
                found.resolve = gives(found.type)
    return schema


def becomes(_value: object, info: Any, _kind: GraphQLAbstractType) -> str:
    asking: Asking = info.context
    return asking.becomes[f"{info.parent_type.name}.{info.field_name}"]


def gives(kind: Any) -> Any:
    def given(of: Any) -> Any:
        if isinstance(of, GraphQLNonNull):
            return given(of.of_type)
        if isinstance(of, GraphQLList):
            return [given(of.of_type)]
        if isinstance(of, GraphQLEnumType):
            return next(iter(of.values))
        return {} if is_composite_type(of) else GIVEN.get(of.name, "x")

    value = given(kind)
    return lambda _source, _info, **_arguments: value


def asked(schema: GraphQLSchema, way: Way, viewer: Viewer) -> list[GraphQLError]:
    """The errors, those of lists that were refused first."""
    turned = {
        f"{step.parent}.{step.name}": step.becomes for step in way if step.becomes is not None
    }
    asking = Asking(viewer, turned)
    result = execute(schema, parse(document(schema, way)), context_value=asking)
    assert isinstance(result, ExecutionResult)
    return [*asking.withheld, *(result.errors or [])]


def refused_at(way: Way, table: Needs, viewer: Viewer) -> str | None:
    for step in way:
        for coordinate, need in step.needs(table):
            if not need.met_by(viewer):
                return coordinate
    return None


def app(scopes: frozenset[str]) -> Viewer:
    return Viewer(organization_id="org", client_id="app", scopes=scopes)


@pytest.mark.parametrize(("served", "table"), SERVED)
def test_every_field_is_refused_without_a_scope_it_needs_and_answered_with(
    served: Schema, table: Needs
) -> None:
    schema = generous(served.as_str())
    guard(schema, needs(served))
    tried = 0
    for way in ways(schema):
        along = NOTHING
        for step in way:
            for _, need in step.needs(table):
                along &= need
        enough = along.scopes[0] if along.scopes else frozenset[str]()
        whole = asked(schema, way, app(enough))
        assert whole == [], document(schema, way)
        for viewer in [NOBODY, *(app(enough - {scope}) for scope in enough)]:
            coordinate = refused_at(way, table, viewer)
            found = [error.extensions or {} for error in asked(schema, way, viewer)]
            assert [refusal["coordinate"] for refusal in found] == (
                [coordinate] if coordinate else []
            ), (document(schema, way), viewer.scopes)
            tried += len(found)
    assert tried > len(table.fields) / 2, "it must have met refusals to mean anything"


@pytest.mark.parametrize(("served", "table"), SERVED)
def test_the_schema_that_is_served_stands_under_the_guard(served: Schema, table: Needs) -> None:
    roots = {"Query", "Mutation", "Subscription"}
    inner = served._schema
    for coordinate, need in table.fields.items():
        name, _, field_name = coordinate.partition(".")
        kind = inner.type_map[name]
        passed = NOTHING if name in roots else table.of_type(name)
        if not isinstance(kind, GraphQLObjectType) or passed & need == passed:
            continue
        viewer = app(frozenset()) if need.scopes else NOBODY
        resolve = kind.fields[field_name].resolve
        assert resolve is not None
        asking = Asking(viewer)
        info = SimpleNamespace(context=asking, field_nodes=[], path=Path(None, field_name, name))
        try:
            assert resolve(None, info) is WITHHELD
            (error,) = asking.withheld
        except GraphQLError as raised:
            error = raised
        assert (error.extensions or {})["coordinate"] == coordinate
    for name, kind in inner.type_map.items():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            assert "_learned" in getattr(kind.resolve_type, "__qualname__", ""), name


def test_a_hole_in_the_guard_is_found() -> None:
    """The walk itself is tried: with one field left open, it says which."""
    schema = generous(guarded.as_str())
    guard(schema, TABLE)
    event = schema.type_map["Event"]
    assert isinstance(event, GraphQLObjectType)
    notes = event.fields["notes"]
    notes.resolve = gives(notes.type)
    way = next(way for way in ways(schema) if way[-1].name == "notes")
    viewer = app(frozenset({"events:read"}))
    assert refused_at(way, TABLE, viewer) == "Event.notes"
    assert asked(schema, way, viewer) == []


def fields_of(kind: GraphQLObjectType) -> str:
    """All that can be asked of a list and of its lines, two levels deep."""
    parts = []
    for name, found in kind.fields.items():
        inner = get_named_type(found.type)
        plain = isinstance(inner, GraphQLObjectType) and inner.name == "PageInfo"
        inside = " ".join(inner.fields) if plain else "__typename"
        parts.append(f"{name} {{ {inside} }}" if is_composite_type(inner) else name)
    return " ".join(parts)


def test_of_a_list_that_was_refused_nothing_is_shown_whatever_is_asked_of_it() -> None:
    """By the contract's own resolvers: none of them is reached."""
    inner = root.graphql_schema._schema
    lists = [
        kind
        for name, kind in inner.type_map.items()
        if name.endswith("Connection") and isinstance(kind, GraphQLObjectType)
    ]
    assert len(lists) > 5
    for kind in lists:
        refused = GraphQLField(GraphQLNonNull(kind), resolve=lambda *_: WITHHELD)
        alone = GraphQLSchema(GraphQLObjectType("Query", {"refused": refused}))
        query = parse(f"{{ refused {{ {fields_of(kind)} }} }}")
        result = execute(alone, query, context_value=Asking(NOBODY))
        assert isinstance(result, ExecutionResult)
        assert result.errors is None, (kind.name, result.errors)
        assert result.data is not None
        shown = result.data["refused"]
        assert shown.pop("pageInfo") == {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        }
        assert all(value in ([], None) for value in shown.values()), (kind.name, shown)
