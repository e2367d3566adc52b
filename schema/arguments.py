"""A field's arguments as its function takes them, for every request that runs a plan.

graphql-core coerces them, as in its own executing. Strawberry's `convert_arguments`, which then
makes the classes of inputs, looks every name up again for every value: here that is settled once a
field, and tests/differential, where Strawberry does it on the other side, holds the two equal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_argument_values,
    get_variable_values,
)
from graphql.pyutils import Undefined
from graphql.utilities import coerce_input_value
from strawberry import Schema
from strawberry.types.base import (
    StrawberryList,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

Arguments = dict[str, Any]
Convert = Callable[[Any], Any]


class Variables:
    """The variables that an operation declares, looked up once."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self.schema = schema
        self.defined = operation.variable_definitions or ()
        signatures = [get_variable_signature(schema, each) for each in self.defined]
        self.signatures = [
            each for each in signatures if isinstance(each, GraphQLVariableSignature)
        ]
        self.are_plain = len(self.signatures) == len(signatures) and not any(
            each.default for each in self.signatures
        )

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """None where they do not fit, which graphql-core tells."""
        if not self.are_plain:  # one has a default
            found = get_variable_values(self.schema, self.defined, dict(given), max_errors=0)
            return found if isinstance(found, VariableValues) else None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature in self.signatures:
            name = signature.name
            if name not in given:
                if is_non_null_type(signature.type):
                    return None
                sources[name] = VariableValueSource(signature)
                continue
            value = coerce_input_value(given[name], signature.type)
            if value is Undefined:
                return None
            sources[name] = VariableValueSource(signature, given[name])
            coerced[name] = value
        return VariableValues(sources, coerced)


@dataclass(frozen=True, slots=True)
class FieldArguments:
    """The arguments of one field of a document, by the names that its function has for them.
    `are_fixed`: they stand in the document itself, and are the same in every request."""

    field: GraphQLField
    node: FieldNode
    converts: "Sequence[tuple[str, str, Convert]] | None"
    are_fixed: bool

    def read(self, variables: VariableValues) -> Arguments:
        given = get_argument_values(self.field, self.node, variables, hide_suggestions=True)
        if self.converts is None:
            return given
        return {
            name: convert(given[told]) for told, name, convert in self.converts if told in given
        }


def arguments_of(schema: Schema, field: GraphQLField, node: FieldNode) -> FieldArguments:
    definition = field.extensions.get("strawberry-definition")
    converts = _converts(schema, definition) if isinstance(definition, StrawberryField) else None
    are_fixed = not any(_has_variable(argument.value) for argument in node.arguments or ())
    return FieldArguments(field, node, converts, are_fixed)


def _has_variable(value: ValueNode) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(_has_variable(each) for each in value.values)
        case ObjectValueNode():
            return any(_has_variable(each.value) for each in value.fields)
    return False


@cache
def _converts(schema: Schema, definition: StrawberryField) -> Sequence[tuple[str, str, Convert]]:
    name_of = schema.config.name_converter.from_argument
    return tuple(
        (name_of(each), each.python_name, _convert(schema, each.type))
        for each in definition.arguments
    )


@cache
def _convert(schema: Schema, kind: Any) -> Convert:
    if isinstance(kind, StrawberryOptional):
        return _convert(schema, kind.of_type)
    if isinstance(kind, LazyType):
        return _convert(schema, kind.resolve_type())  # type: ignore[arg-type]  # a class can be hashed
    if isinstance(kind, StrawberryList):
        each = _convert(schema, kind.of_type)
        return lambda value: None if value is None else [each(item) for item in value]
    if has_object_definition(kind):
        return _convert_input(schema, kind)
    return _as_it_is  # a scalar or an enum, of which graphql-core made what it is in Python


def _convert_input(schema: Schema, kind: Any) -> Convert:
    definition = kind.__strawberry_definition__
    name_of = schema.config.name_converter.from_field
    parts = tuple(
        (
            name_of(field),
            field.python_name,
            _convert(schema, field.resolve_type(type_definition=definition)),
        )
        for field in definition.fields
    )

    def convert(value: Any) -> Any:
        if value is None:
            return None
        return kind(**{name: each(value[told]) for told, name, each in parts if told in value})

    return convert


def _as_it_is(value: Any) -> Any:
    return value
