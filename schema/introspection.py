"""The usual introspection query, answered from what is worked out once.

Answering `__schema` costs more than any other query, and anybody may send it. What tools send
(`get_introspection_query` of graphql-js and graphql-core with any options, and so GraphiQL, code
generators and clients) never looks below a reference to a type for more than its name, kind and
`ofType`. Such a query, with any selection of those fields, is cut out of one full answer; any
other is refused by the guard, with a pointer to the SDL.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    get_introspection_query,
    parse,
)

LEAF = ""
# What may be asked of each kind of thing, and the kind of thing that stands there. A reference is
# a `__Type` of which only the name is known.
_GRAMMAR: Mapping[str, Mapping[str, str]] = {
    "__Schema": {
        "description": LEAF,
        "types": "__Type",
        "queryType": "reference",
        "mutationType": "reference",
        "subscriptionType": "reference",
        "directives": "__Directive",
    },
    "__Type": {
        "kind": LEAF,
        "name": LEAF,
        "description": LEAF,
        "specifiedByURL": LEAF,
        "isOneOf": LEAF,
        "fields": "__Field",
        "inputFields": "__InputValue",
        "interfaces": "reference",
        "enumValues": "__EnumValue",
        "possibleTypes": "reference",
        "ofType": "reference",
    },
    "reference": {"kind": LEAF, "name": LEAF, "ofType": "reference"},
    "__Field": {
        "name": LEAF,
        "description": LEAF,
        "args": "__InputValue",
        "type": "reference",
        "isDeprecated": LEAF,
        "deprecationReason": LEAF,
    },
    "__InputValue": {
        "name": LEAF,
        "description": LEAF,
        "type": "reference",
        "defaultValue": LEAF,
        "isDeprecated": LEAF,
        "deprecationReason": LEAF,
    },
    "__EnumValue": {
        "name": LEAF,
        "description": LEAF,
        "isDeprecated": LEAF,
        "deprecationReason": LEAF,
    },
    "__Directive": {
        "name": LEAF,
        "description": LEAF,
        "isRepeatable": LEAF,
        "isDeprecated": LEAF,
        "deprecationReason": LEAF,
        "locations": LEAF,
        "args": "__InputValue",
    },
}
_WITH_DEPRECATED = {
    ("__Schema", "directives"),
    ("__Type", "fields"),
    ("__Type", "inputFields"),
    ("__Type", "enumValues"),
    ("__Field", "args"),
    ("__Directive", "args"),
}
_MOST_SELECTIONS = 2_000
_MOST_LEVELS = 40
_TYPE_DEPTH = 20
_VARIANTS_KEPT = 16


class _NotStandardError(Exception):
    """The document asks something else."""


@dataclass(slots=True)
class Wanted:
    """The fields wanted of a thing, in the order asked, fragments resolved."""

    kind: str
    deprecated: bool = False
    fields: dict[str, "Wanted"] = field(default_factory=dict)

    def key(self) -> Any:
        return (self.deprecated, *((name, each.key()) for name, each in self.fields.items()))


def standard(document: DocumentNode) -> Wanted | None:
    """What the document wants of `__schema`, or None where it is not the usual introspection."""
    operations = [
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    ]
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    if len(operations) != 1 or len(fragments) + 1 != len(document.definitions):
        return None
    operation = operations[0]
    if (
        operation.operation is not OperationType.QUERY
        or operation.variable_definitions
        or operation.directives
    ):
        return None
    root = Wanted("Query")
    try:
        _Reading(fragments).read(operation.selection_set, {"__schema": "__Schema"}, root, 0)
    except _NotStandardError:
        return None
    return root if "__schema" in root.fields else None


class _Reading:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.seen = 0

    def read(
        self, selected: SelectionSetNode, grammar: Mapping[str, str], into: Wanted, level: int
    ) -> None:
        if level > _MOST_LEVELS:
            raise _NotStandardError
        for node in selected.selections:
            self.seen += 1
            if self.seen > _MOST_SELECTIONS or node.directives:
                raise _NotStandardError
            if isinstance(node, FieldNode):
                self._field(node, grammar, into, level)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments.get(node.name.value)
                if fragment is None or fragment.directives:
                    raise _NotStandardError
                self._narrowed(fragment.type_condition.name.value, into)
                self.read(fragment.selection_set, grammar, into, level + 1)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition:
                    self._narrowed(node.type_condition.name.value, into)
                self.read(node.selection_set, grammar, into, level + 1)

    def _narrowed(self, condition: str, into: Wanted) -> None:
        if condition != _typename(into.kind):
            raise _NotStandardError

    def _field(self, node: FieldNode, grammar: Mapping[str, str], into: Wanted, level: int) -> None:
        name = node.name.value
        kind = LEAF if name == "__typename" else grammar.get(name)
        if kind is None or node.alias or bool(kind) != bool(node.selection_set):
            raise _NotStandardError
        deprecated = self._deprecated(node, into.kind)
        known = into.fields.get(name)
        if known is None:
            known = into.fields[name] = Wanted(kind, deprecated)
        elif known.deprecated != deprecated:
            raise _NotStandardError
        if node.selection_set:
            self.read(node.selection_set, _GRAMMAR[kind], known, level + 1)

    def _deprecated(self, node: FieldNode, kind: str) -> bool:
        """Whether deprecated things are wanted, too: `includeDeprecated` is false by default."""
        if not node.arguments:
            return False
        argument = node.arguments[0]
        if (
            len(node.arguments) > 1
            or argument.name.value != "includeDeprecated"
            or not isinstance(argument.value, BooleanValueNode)
            or (kind, node.name.value) not in _WITH_DEPRECATED
        ):
            raise _NotStandardError
        return argument.value.value


class Introspection:
    """One schema's answers. Work is done off the event loop, and one piece at a time."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._full: dict[str, Any] | None = None
        self._answers: OrderedDict[Any, bytes] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def answer(self, wanted: Wanted) -> bytes:
        """The whole response, as JSON."""
        key = wanted.key()
        kept = self._answers.get(key)
        if kept is None:
            async with self._one_at_a_time:
                kept = self._answers.get(key)
                if kept is None:
                    kept = await _off_the_loop(lambda: self._work_out(wanted))
                    self._answers[key] = kept
                    if len(self._answers) > _VARIANTS_KEPT:
                        self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return kept

    def _work_out(self, wanted: Wanted) -> bytes:
        if self._full is None:
            self._full = _everything(self.schema)
        return orjson.dumps({"data": _cut(wanted, self._full, self._root_name())})

    def _root_name(self) -> str:
        return self.schema.query_type.name if self.schema.query_type else "Query"


async def _off_the_loop(work: Callable[[], bytes]) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(None, work)


def _everything(schema: GraphQLSchema) -> dict[str, Any]:
    source = get_introspection_query(
        schema_description=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        input_value_deprecation=True,
        experimental_directive_deprecation=True,
        one_of=True,
        type_depth=_TYPE_DEPTH,
    )
    result = execute_sync(schema, parse(source))
    if result.errors or result.data is None:
        raise RuntimeError(f"The schema cannot be introspected: {result.errors}")
    return result.data


def _cut(wanted: Wanted, thing: dict[str, Any], root_name: str = "") -> dict[str, Any]:
    """Of the full answer, what is wanted, in the order wanted."""
    found: dict[str, Any] = {}
    for name, each in wanted.fields.items():
        if name == "__typename":
            found[name] = root_name or _typename(wanted.kind)
            continue
        value = thing.get(name)
        if each.kind == LEAF or value is None:
            found[name] = value
        elif isinstance(value, list):
            found[name] = [
                _cut(each, item)
                for item in value
                if each.deprecated or not item.get("isDeprecated")
            ]
        else:
            found[name] = _cut(each, value)
    return found


def _typename(kind: str) -> str:
    return "__Type" if kind == "reference" else kind
