"""Following by a subscription: what an operation follows, and what each answer to it means.

An answer is made as a query's is (`schema.run`), each time from the beginning and for whoever may
see it by then. Here it is told apart: something to tell, the end, or a moment of trouble.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLSchema
from graphql.execution.collect_fields import FragmentDetails, collect_fields
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import FragmentDefinitionNode

from domain.errors import BadInput
from resolvers.following import Topic
from schema.arguments import Variables
from schema.codes import Code
from schema.documents import Prepared
from schema.readings import definition_of
from schema.replying import Answer
from schema.run import PASSING
from schema.subscriptions import FOLLOWED

Errors = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it stands, perhaps with errors of some fields."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more is told. `is_unseen`: there is no such thing, or none for this viewer."""

    errors: Errors
    is_unseen: bool


@dataclass(frozen=True, slots=True)
class NotNow:
    """What may go better in a moment: the database is busy, or away."""

    errors: Errors


def topic_of(schema: GraphQLSchema, prepared: Prepared) -> Topic | None:
    """What the operation follows; None where it asks for nothing that can be followed, or its
    variables do not fit: its one answer says so."""
    variables = Variables(schema, prepared.operation).coerced(prepared.variables)
    root = None if variables is None else _root_of(schema, prepared, variables)
    if variables is None or root is None:
        return None
    field, node = root
    definition = definition_of(field)
    if definition is None or FOLLOWED not in definition.metadata:
        return None
    follows: Callable[..., Topic] = definition.metadata[FOLLOWED]
    try:
        return follows(get_argument_values(field, node, variables, hide_suggestions=True))
    except (GraphQLError, BadInput):
        return None


def meaning_of(answer: Answer) -> Told | Over | NotNow:
    if answer.body.startswith(b'{"data":'):
        return Told(answer.body)
    loaded = orjson.loads(answer.body)
    errors: Errors = loaded["errors"]
    if any(value is not None for value in (loaded.get("data") or {}).values()):
        return Told(answer.body)
    codes = [each["extensions"]["code"] for each in errors]
    if all(code in PASSING for code in codes):
        return NotNow(errors)
    is_unseen = any(
        code == Code.NOT_FOUND and len(each.get("path", ())) == 1
        for code, each in zip(codes, errors, strict=True)
    )
    return Over(errors, is_unseen)


def _root_of(
    schema: GraphQLSchema, prepared: Prepared, variables: VariableValues
) -> tuple[GraphQLField, FieldNode] | None:
    """The one field at the top, which may stand in a fragment (GraphQL specification, s5.2.4.1)."""
    kind = schema.subscription_type
    if kind is None:
        return None
    fragments = {
        each.name.value: FragmentDetails(each)
        for each in prepared.document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    found = collect_fields(schema, fragments, variables, kind, prepared.operation)
    for details in found.grouped_field_set.values():
        node = details[0].node
        field = kind.fields.get(node.name.value)
        return None if field is None else (field, node)
    return None
