"""How much a document asks, settled before it is validated: what is too deep or too dear stops here.

One pass, linear in the text: each fragment is walked once, however often it is spread. What does
not depend on variables is settled by `examine` and can be kept with the parsed document; `cost`
then puts a request's variables into the `schema/price.py` that the pass left behind.

Strawberry's own QueryDepthLimiter and MaxAliasesLimiter walk fragments without memory, so that a
922-byte document hangs them: they are not used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_composite_type,
)

from schema.codes import Code, refusal
from schema.limits import Limits
from schema.price import Price, Prices


@dataclass(slots=True)
class Level:
    """What a selection set comes to: its price, its height, and the keys at its top."""

    price: Price = field(default_factory=Price)
    paged: Price = field(default_factory=Price)  # what stands once for each item of a page
    height: int = 0  # of fields
    nesting: int = 0  # of fields and fragments
    keys: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Examined:
    """What `examine` found: the operations, each with its price."""

    operations: tuple[OperationDefinitionNode, ...]
    prices: Mapping[int, Price]  # by the operation's place in `operations`


class Guard:
    """Measures documents against the limits and one schema."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, work: Mapping[str, int] | None = None
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.prices = Prices(schema, limits, work)

    def examine(self, document: DocumentNode) -> Examined:
        """What the document comes to, or a GraphQLError with the code of the limit it breaks."""
        return _Walk(self, document).examined()

    def cost(self, examined: Examined, index: int, variables: Mapping[str, Any]) -> int:
        """The nodes that operation may come to with these variables, or COST_LIMIT."""
        operation = examined.operations[index]
        cost = self.prices.evaluate(examined.prices[index], operation, variables)
        limit = self.limits.cost
        if cost > limit:
            # A cost is a product of pages: told exactly while a person can read it.
            told = f"{cost:,}" if cost < 10**9 else "more than 1,000,000,000"
            raise refusal(
                Code.COST_LIMIT,
                f"This operation may come to {told} values; this hub gives up to {limit:,} at a "
                "time. Ask for fewer with `first`, or for fewer fields.",
                cost=min(cost, 10**9),
                limit=limit,
            )
        return cost


class _Walk:
    """One pass over one document."""

    def __init__(self, guard: Guard, document: DocumentNode) -> None:
        self.guard = guard
        self.schema = guard.schema
        self.limits = guard.limits
        self.document = document
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self.operations: list[OperationDefinitionNode] = []
        self.walked: dict[str, Level] = {}
        self.walking: set[str] = set()
        self.selections = self.aliases = self.directives = 0

    def examined(self) -> Examined:
        for definition in self.document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.operations.append(definition)
            elif isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition
            else:
                raise refusal(
                    Code.GRAPHQL_VALIDATION_FAILED,
                    "A request holds operations and fragments, and no type definitions.",
                    definition,
                )
        definitions = len(self.document.definitions)
        self._count(
            Code.OPERATION_LIMIT, len(self.operations), self.limits.operations, "operations"
        )
        self._count(
            Code.FRAGMENT_LIMIT,
            definitions - len(self.operations),
            self.limits.fragments,
            "fragments",
        )
        prices = {index: self._operation(each) for index, each in enumerate(self.operations)}
        for name in self.fragments:  # validation visits those that nobody spreads, too
            self._fragment(name, 0, 0)
        return Examined(tuple(self.operations), prices)

    def _operation(self, operation: OperationDefinitionNode) -> Price:
        self._name(operation.name)
        defined = operation.variable_definitions or ()
        self._count(
            Code.VARIABLE_LIMIT, len(defined), self.limits.variable_definitions, "variables"
        )
        for variable in defined:
            self._name(variable.variable.name)
            self._directives(variable.directives)
            if variable.default_value:
                self._value(variable.default_value)
        self._directives(operation.directives)
        root = self.schema.get_root_type(operation.operation)
        level = self._selection_set(operation.selection_set, root, 0, 0)
        self._count(Code.ROOT_FIELD_LIMIT, len(level.keys), self.limits.root_fields, "root fields")
        return level.price

    def _selection_set(
        self, selected: SelectionSetNode, parent: GraphQLNamedType | None, depth: int, nesting: int
    ) -> Level:
        """What stands in these braces, `depth` fields and `nesting` fields and fragments down."""
        level = Level()
        again: dict[str, int] = {}
        for selection in selected.selections:
            self.selections += 1
            self._count(Code.SELECTION_LIMIT, self.selections, self.limits.selections, "selections")
            self._directives(selection.directives)
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                again[key] = again.get(key, 0) + 1
                if again[key] > self.limits.same_key:
                    raise refusal(
                        Code.REPEATED_FIELD_LIMIT,
                        f"Written too often at one place: at most {self.limits.same_key} times.",
                        selection,
                    )
                self._field(selection, parent, level, depth + 1, nesting + 1)
                level.keys.add(key)
            elif isinstance(selection, InlineFragmentNode | FragmentSpreadNode):
                self._absorb(level, self._spread(selection, parent, depth, nesting + 1))
        return level

    def _field(
        self,
        node: FieldNode,
        parent: GraphQLNamedType | None,
        level: Level,
        depth: int,
        nesting: int,
    ) -> None:
        self._within(depth, nesting, node)
        self._name(node.name)
        if node.alias:
            self._name(node.alias)
            self.aliases += 1
            self._count(Code.ALIAS_LIMIT, self.aliases, self.limits.aliases, "aliases")
        self._arguments(node.arguments)
        if node.name.value == "__schema":
            raise refusal(
                Code.INTROSPECTION_LIMIT,
                "The whole schema is at /schema.graphql. Here only the usual introspection query "
                "is answered, and `__type(name:)` for one type.",
                node,
            )
        defined = _field_of(self.schema, parent, node.name.value)
        below = Level()
        if node.selection_set:
            result = get_named_type(defined.type) if defined else None
            below = self._selection_set(node.selection_set, result, depth, nesting)
        self.guard.prices.add_field(level, node, defined, parent, below)
        level.height = max(level.height, 1 + below.height)
        level.nesting = max(level.nesting, 1 + below.nesting)

    def _spread(
        self,
        node: InlineFragmentNode | FragmentSpreadNode,
        parent: GraphQLNamedType | None,
        depth: int,
        nesting: int,
    ) -> Level:
        self._within(depth, nesting, node)
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition
            narrowed = self.schema.type_map.get(on.name.value) if on else parent
            return self._selection_set(node.selection_set, narrowed, depth, nesting)
        self._arguments(node.arguments)
        level = self._fragment(node.name.value, depth, nesting)
        self._within(depth + level.height, nesting + level.nesting, node)
        return level

    def _fragment(self, name: str, depth: int, nesting: int) -> Level:
        """The fragment's level, walked at its first spread only. One that is not there is empty."""
        if name in self.walked:
            return self.walked[name]
        fragment = self.fragments.get(name)
        if fragment is None:
            return Level()  # validation says so
        if name in self.walking:
            raise refusal(
                Code.GRAPHQL_VALIDATION_FAILED, "A fragment must not spread itself.", fragment
            )
        self.walking.add(name)
        self._name(fragment.name)
        self._directives(fragment.directives)
        on = self.schema.type_map.get(fragment.type_condition.name.value)
        level = self._selection_set(fragment.selection_set, on, depth, nesting)
        self.walking.discard(name)
        self.walked[name] = level
        return level

    def _absorb(self, level: Level, spread: Level) -> None:
        level.price.add(spread.price)
        level.paged.add(spread.paged)
        level.height = max(level.height, spread.height)
        level.nesting = max(level.nesting, 1 + spread.nesting)
        level.keys |= spread.keys

    def _within(self, depth: int, nesting: int, node: Node) -> None:
        most = self.limits.depth
        if depth > most or nesting > 2 * most:
            raise refusal(
                Code.DEPTH_LIMIT,
                f"Nested too deeply: at most {most} fields within one another.",
                node,
                limit=most,
            )

    def _directives(self, directives: Iterable[DirectiveNode] | None) -> None:
        for directive in directives or ():
            self.directives += 1
            self._count(Code.DIRECTIVE_LIMIT, self.directives, self.limits.directives, "directives")
            self._name(directive.name)
            self._arguments(directive.arguments)

    def _arguments(self, arguments: Iterable[Any] | None) -> None:
        given: list[ArgumentNode] = list(arguments or ())
        self._count(Code.ARGUMENT_LIMIT, len(given), self.limits.arguments, "arguments")
        for argument in given:
            self._name(argument.name)
            self._value(argument.value)

    def _value(self, value: ValueNode) -> None:
        """A literal is held to what a variable is: validation descends into it."""
        waiting: list[tuple[ValueNode, int]] = [(value, 1)]
        while waiting:
            node, depth = waiting.pop()
            if depth > self.limits.variables_depth:
                raise refusal(
                    Code.BAD_USER_INPUT,
                    f"A value is nested more than {self.limits.variables_depth} levels deep.",
                    value,
                )
            if isinstance(node, ListValueNode):
                waiting.extend((each, depth + 1) for each in node.values)
            elif isinstance(node, ObjectValueNode):
                waiting.extend((each.value, depth + 1) for each in node.fields)

    def _name(self, name: NameNode | None) -> None:
        if name and len(name.value) > self.limits.name_characters:
            raise refusal(
                Code.NAME_LIMIT,
                f"A name is longer than {self.limits.name_characters} characters.",
                name,
            )

    def _count(self, code: Code, count: int, limit: int, of: str) -> None:
        if count > limit:
            raise refusal(code, f"Too many {of}: at most {limit} in a request.", limit=limit)


def _field_of(schema: GraphQLSchema, parent: GraphQLNamedType | None, name: str) -> Any:
    """The field's definition, or None where validation will say that there is none."""
    if parent is None or not is_composite_type(parent):
        return None
    composite: GraphQLCompositeType = parent
    return schema.get_field(composite, name)
