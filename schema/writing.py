"""A document for another hub, out of one of ours: some fields of it, as the client wrote them, with the
fragments and variables that they use and no other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

# Around fields of a thing: `nodes` finds many at once.
_THINGS = "query($convokeIds: [ID!]!) { nodes(ids: $convokeIds) { ... on %s { __typename } } }"


def written(
    nodes: Sequence[FieldNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    operation: OperationDefinitionNode,
    sent: Mapping[str, Any],
    *,
    within: str | None = None,
) -> tuple[str, dict[str, Any]]:
    """The text, and the variables as they came; what was left to a default is left to it there too.
    `within` is the type of the things that the fields are of; without it they are a change."""
    fields = tuple(
        FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=(),  # of @skip and @include it is known how they ended
            selection_set=node.selection_set,
        )
        for node in nodes
    )
    used = _used(fields, fragments)
    names = set(_variables([*fields, *used]))
    defined = tuple(
        each for each in operation.variable_definitions or () if each.variable.name.value in names
    )
    around = _change(fields, defined) if within is None else _things(within, fields, defined)
    variables = {name: sent[name] for name in sorted(names) if name in sent}
    return print_ast(DocumentNode(definitions=(around, *used))), variables


def _change(fields: tuple[FieldNode, ...], defined: tuple[Any, ...]) -> OperationDefinitionNode:
    return OperationDefinitionNode(
        operation=OperationType.MUTATION,
        variable_definitions=defined,
        directives=(),
        selection_set=SelectionSetNode(selections=fields),
    )


def _things(
    kind: str, fields: tuple[FieldNode, ...], defined: tuple[Any, ...]
) -> OperationDefinitionNode:
    around: Any = parse(_THINGS % kind).definitions[0]
    nodes = around.selection_set.selections[0]
    of_kind = InlineFragmentNode(
        type_condition=nodes.selection_set.selections[0].type_condition,
        directives=(),
        selection_set=SelectionSetNode(selections=fields),
    )
    found = FieldNode(
        name=nodes.name,
        arguments=nodes.arguments,
        directives=(),
        selection_set=SelectionSetNode(selections=(of_kind,)),
    )
    return OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=(*around.variable_definitions, *defined),
        directives=(),
        selection_set=SelectionSetNode(selections=(found,)),
    )


def _used(
    nodes: Iterable[Node], fragments: Mapping[str, FragmentDefinitionNode]
) -> list[FragmentDefinitionNode]:
    found: dict[str, FragmentDefinitionNode] = {}
    waiting = list(nodes)
    while waiting:
        for name in _names(waiting.pop()).spreads:
            if name not in found and name in fragments:
                found[name] = fragments[name]
                waiting.append(fragments[name])
    return [found[name] for name in sorted(found)]


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.spreads: list[str] = []
        self.variables: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.spreads.append(node.name.value)

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.variables.append(node.name.value)


def _names(node: Node) -> _Names:
    names = _Names()
    visit(node, names)
    return names


def _variables(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        yield from _names(node).variables
