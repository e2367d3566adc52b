"""What another hub answered, as far as it is what the client asked: nothing else is shown.

It is a stranger's: a field that was not selected is left out, a value that its type cannot have is
refused, and so is a null where the contract knows none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues, get_variable_values

from domain.errors import Problem
from domain.words import say

LONGEST_LIST = 1_000
_NONE = VariableValues({}, {})
TYPE_NAME = "__typename"


class Garbled(Problem):
    """It is not what was asked for."""

    code = "PEER_REFUSED"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a client selected of one field, and all that it takes to read it."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDetails]
    variables: VariableValues
    operation: OperationDefinitionNode
    sent: Mapping[str, Any]  # the variables, as they came
    parent: str
    name: str
    kind: GraphQLOutputType
    nodes: tuple[FieldDetails, ...]

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any], sent: Mapping[str, Any]) -> Self:
        """`sent` are the variables as they came: they were found good when the operation began."""
        definitions = info.operation.variable_definitions or ()
        variables = get_variable_values(info.schema, definitions, dict(sent))
        return cls(
            schema=info.schema,
            fragments={name: FragmentDetails(node) for name, node in info.fragments.items()},
            variables=variables if isinstance(variables, VariableValues) else _NONE,
            operation=info.operation,
            sent=sent,
            parent=info.parent_type.name,
            name=info.field_name,
            kind=info.return_type,
            nodes=tuple(FieldDetails(node, None) for node in info.field_nodes),
        )

    @classmethod
    def of_operation(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        root: GraphQLObjectType,
        sent: Mapping[str, Any],
    ) -> Self:
        """All of it, as if it were one field."""
        variables = get_variable_values(schema, operation.variable_definitions or (), dict(sent))
        whole = FieldNode(name=NameNode(value=""), selection_set=operation.selection_set)
        return cls(
            schema=schema,
            fragments={
                each.name.value: FragmentDetails(each)
                for each in document.definitions
                if isinstance(each, FragmentDefinitionNode)
            },
            variables=variables if isinstance(variables, VariableValues) else _NONE,
            operation=operation,
            sent=sent,
            parent="",
            name="",
            kind=root,
            nodes=(FieldDetails(whole, None),),
        )

    def types(self) -> tuple[GraphQLObjectType, ...]:
        """What may be there."""
        named = get_named_type(self.kind)
        if isinstance(named, GraphQLObjectType):
            return (named,)
        return tuple(self.schema.get_possible_types(named)) if is_abstract_type(named) else ()

    def beneath(self, kind: GraphQLObjectType) -> Iterator[tuple[str, "Selection"]]:
        """What is selected of a thing of that type, by the names it stands under."""
        collected = collect_subfields(
            self.schema,
            dict(self.fragments),
            self.variables,
            self.operation,
            kind,
            list(self.nodes),
        )
        for key, nodes in collected.grouped_field_set.items():
            name = nodes[0].node.name.value
            definition = self.schema.get_field(kind, name)
            if definition is not None:
                yield (
                    key,
                    Selection(
                        self.schema,
                        self.fragments,
                        self.variables,
                        self.operation,
                        self.sent,
                        kind.name,
                        name,
                        definition.type,
                        tuple(nodes),
                    ),
                )


def selected(selection: Selection) -> Iterator[tuple[str, str]]:
    """Every field that is asked for, with the type it is of: `("Event", "title")`."""
    yield selection.parent, selection.name
    for kind in selection.types():
        for _, each in selection.beneath(kind):
            yield from selected(each)


def fitted(selection: Selection, value: Any) -> dict[str, Any]:
    """The value, of an object. Raises `Garbled`."""
    found: dict[str, Any] = _fitted(selection, selection.kind, value, (selection.name,))
    return found


def fitted_field(selection: Selection, value: Any) -> Any:
    """The value of any field. Raises `Garbled`."""
    return _fitted(selection, selection.kind, value, (selection.name,))


def refused(selection: Selection, problem: Problem) -> dict[str, Any]:
    """An outcome that says why nothing was done: null but for `userErrors`."""
    said = {"code": str(problem.code), "message": problem.message}
    field = list(problem.field) or None
    return _outcome(selection, {**said, "field": field})


class Unknown(Exception):  # noqa: N818 - the way out is another answer
    """What is selected takes more than is known."""


def known(selection: Selection, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is selected, of what is known by the names of the contract. Raises `Unknown`."""
    found: dict[str, Any] = {}
    for kind in selection.types():
        for key, each in selection.beneath(kind):
            if each.name == TYPE_NAME:
                found[key] = kind.name
                continue
            value = facts.get(each.name)
            if value is None and isinstance(each.kind, GraphQLNonNull):
                raise Unknown(each.name)
            found[key] = known(each, value) if isinstance(value, Mapping) else value
    return found


def _outcome(selection: Selection, error: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in selection.types():
        for key, each in selection.beneath(kind):
            if each.name == TYPE_NAME:
                found[key] = kind.name
            elif each.name == "userErrors":
                found[key] = [_named(each, error)]
            else:
                found[key] = None
    return found


def _named(selection: Selection, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in selection.types():
        for key, each in selection.beneath(kind):
            found[key] = kind.name if each.name == TYPE_NAME else values.get(each.name)
    return found


def _fitted(
    selection: Selection, kind: GraphQLOutputType, value: Any, path: tuple[str, ...]
) -> Any:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            _refuse(path)
        return _fitted(selection, kind.of_type, value, path)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            _refuse(path)
        return [_fitted(selection, kind.of_type, each, path) for each in value]
    if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
        return _leaf(kind, value, path)
    if not isinstance(value, dict):
        _refuse(path)
    return _object(selection, value, path)


def _object(selection: Selection, value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in _kinds(selection, value):
        for key, each in selection.beneath(kind):
            if key not in value:
                if len(selection.types()) > 1:
                    continue  # of another of the types that it may be
                _refuse((*path, key))
            found[key] = _fitted(each, each.kind, value[key], (*path, key))
    return found


def _kinds(selection: Selection, value: dict[str, Any]) -> tuple[GraphQLObjectType, ...]:
    """The type it says it is; where the client did not ask, any that it may be."""
    kinds = selection.types()
    said = value.get(TYPE_NAME)
    return tuple(kind for kind in kinds if kind.name == said) or kinds


def _leaf(kind: GraphQLScalarType | GraphQLEnumType, value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(kind, GraphQLEnumType):
        if not isinstance(value, str) or value not in kind.values:
            _refuse(path)
        return value
    match kind.name:
        case "Boolean":
            good = isinstance(value, bool)
        case "Int":
            good = type(value) is int and -(2**31) <= value < 2**31
        case "Float":
            good = type(value) in (int, float)
        case _:
            good = isinstance(value, str)
    if not good:
        _refuse(path)
    return value


def _refuse(path: tuple[str, ...]) -> Any:
    raise Garbled(
        say(
            "The other hub answered, and with something else than was asked at %(path)s. It "
            "may have been done: look before you send it again.",
            path=".".join(path),
        )
    )
