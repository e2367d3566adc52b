"""What a field may come to: one for itself, times its page where it is a list.

A price is a sum in which factors may still be variables. It is worked out once for a document and
put a figure on for each request. Everything a field gives counts one; a connection's `edges` and
`nodes` count once for each item that `first` asks for (a literal, a variable, or the default of
either); a list that takes a list (`nodes(ids:)`) counts by the list's length; any other list
counts `Limits.assumed_list`. To that comes the database's work (`schema/work.py`). A page over `Limits.page_size` is refused, naming the argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_input_object_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from schema.codes import Code, refusal
from schema.limits import Limits

if TYPE_CHECKING:
    from schema.guard import Level

PAGE = "first"
ITEMS = ("edges", "nodes")


@dataclass(frozen=True, slots=True)
class FromVariable:
    """A factor that a variable will give: a page's size, or a list whose length counts."""

    variable: str
    otherwise: int  # where neither the request nor the operation gives the variable
    node: FieldNode
    argument: str
    is_list: bool = False


@dataclass(slots=True)
class Price:
    """`fixed`, and parts that are multiplied by what is known only with the variables."""

    fixed: int = 0
    parts: list[tuple["int | FromVariable", "Price"]] = field(default_factory=list)

    def add(self, other: "Price", times: "int | FromVariable" = 1) -> None:
        if isinstance(times, int) and not other.parts:
            self.fixed += times * other.fixed
        else:
            self.parts.append((times, other))  # also of nothing: its page is still looked at


class Prices:
    """What fields of one schema come to."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, work: Mapping[str, int] | None = None
    ) -> None:
        """`work` is what fields cost more, by coordinates: see `schema/work.py`."""
        self.limits = limits
        self.work = work or {}
        self.introspected = _largest_lists(schema)

    def add_field(
        self,
        level: "Level",
        node: FieldNode,
        defined: GraphQLField | None,
        parent: GraphQLNamedType | None,
        below: "Level",
    ) -> None:
        """Add what this field, with what is selected below it, comes to."""
        worked = self.work.get(f"{parent.name}.{node.name.value}", 0) if parent else 0
        price = Price(1 + worked)
        if defined is None:
            level.price.add(price)  # validation says that there is no such field
            return
        if not is_composite_type(get_named_type(defined.type)):
            if PAGE in defined.args:
                price.add(Price(1), self._page(node, defined, self.limits.page_size))
            level.price.add(price)
            return
        listed = is_list_type(get_nullable_type(defined.type))
        if _is_connection(get_named_type(defined.type)) and not listed:
            price.add(below.price)
            price.add(below.paged, self._page(node, defined, self.limits.page_size))
        elif listed:
            each = Price(1)
            each.add(below.price)
            each.add(below.paged, self.limits.page_size)
            if parent and _is_connection(parent) and node.name.value in ITEMS:
                level.paged.add(each)
                level.price.add(price)
                return
            price.add(each, self._length(node, defined, parent))
        else:
            price.add(below.price)
        level.price.add(price)

    def evaluate(
        self, price: Price, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> int:
        """The price with these variables, or BAD_USER_INPUT where a page is larger than allowed."""
        if not price.parts:
            return price.fixed
        defaults = {
            each.variable.name.value: each.default_value
            for each in operation.variable_definitions or ()
            if each.default_value
        }
        known: dict[int, int] = {}  # a fragment's price is shared by all its spreads

        def worth(of: Price) -> int:
            if id(of) not in known:
                known[id(of)] = of.fixed + sum(
                    (times if isinstance(times, int) else self._given(times, variables, defaults))
                    * worth(part)
                    for times, part in of.parts
                )
            return known[id(of)]

        return worth(price)

    def _page(self, node: FieldNode, defined: GraphQLField, otherwise: int) -> int | FromVariable:
        """How many items `first` asks for."""
        argument = defined.args.get(PAGE)
        if argument is None:
            return otherwise
        default = _default_of(argument)
        usual = default if isinstance(default, int) else otherwise
        value = _value_of(node, PAGE)
        if value is None:
            return usual
        if isinstance(value, VariableNode):
            return FromVariable(value.name.value, usual, node, PAGE)
        return self._checked(_literal_size(value), node, PAGE)

    def _length(
        self, node: FieldNode, defined: GraphQLField, parent: GraphQLNamedType | None
    ) -> int | FromVariable:
        """How many items a list may have that is no page."""
        if PAGE in defined.args:
            return self._page(node, defined, self.limits.page_size)
        if parent and parent.name.startswith("__"):
            return self.introspected.get(node.name.value, self.limits.assumed_list)
        for name, argument in defined.args.items():
            if is_non_null_type(argument.type) and is_list_type(get_nullable_type(argument.type)):
                value = _value_of(node, name)
                if isinstance(value, VariableNode):
                    return FromVariable(value.name.value, 1, node, name, is_list=True)
                if value is not None:
                    return self._checked(_literal_length(value), node, name)
        return self.limits.assumed_list

    def _given(
        self,
        factor: FromVariable,
        variables: Mapping[str, Any],
        defaults: Mapping[str, ValueNode],
    ) -> int:
        if factor.variable in variables:
            value = variables[factor.variable]
            size = _length(value) if factor.is_list else _size(value)
        elif factor.variable in defaults:
            default = defaults[factor.variable]
            size = _literal_length(default) if factor.is_list else _literal_size(default)
        else:
            size = factor.otherwise
        return self._checked(size, factor.node, factor.argument)

    def _checked(self, size: int | None, node: FieldNode, argument: str) -> int:
        """The size, at least one; the largest where it is no number, which validation will say."""
        most = self.limits.page_size
        if size is None:
            return most
        if not 0 <= size <= most:
            raise refusal(
                Code.BAD_USER_INPUT,
                f"{node.name.value}({argument}:) asks for {_told(size)}: ask for 0 to {most} at a "
                "time, and for the rest page by page.",
                node,
                field=[argument],
                limit=most,
            )
        return max(size, 1)


def _is_connection(named: GraphQLNamedType) -> bool:
    """Whether it is a page of items, as Relay's cursor connections have it."""
    if not (is_object_type(named) or is_interface_type(named)):
        return False
    return named.name.endswith("Connection") and any(item in named.fields for item in ITEMS)


def _value_of(node: FieldNode, name: str) -> ValueNode | None:
    return next((each.value for each in node.arguments or () if each.name.value == name), None)


def _default_of(argument: GraphQLArgument) -> Any:
    if argument.default is not None:
        literal = argument.default.literal
        return argument.default.value if literal is None else _literal_size(literal)
    return argument.default_value


def _literal_size(value: ValueNode) -> int | None:
    """The number, or None for what is none."""
    if not isinstance(value, IntValueNode):
        return None
    # Python refuses to read more than 4,300 digits, and Int has ten.
    if len(value.value) > 11:
        return -(2**31) if value.value.startswith("-") else 2**31
    return int(value.value)


def _size(value: Any) -> int | None:
    """A variable's number. GraphQL reads 20.0 as the Int 20 (specification, s3.5.1)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def _literal_length(value: ValueNode) -> int:
    """How many items; one value is a list of one (specification, s3.11)."""
    return len(value.values) if isinstance(value, ListValueNode) else 1


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def _told(size: int) -> str:
    return f"{size:,}" if abs(size) < 10**12 else "far more"


def _largest_lists(schema: GraphQLSchema) -> dict[str, int]:
    """How long the lists of introspection really get here, so that `__type` is neither free nor
    refused. `args` is such that fields times args is never less than a type's arguments."""
    fields = args = inputs = 1
    for named in schema.type_map.values():
        if is_object_type(named) or is_interface_type(named):
            fields = max(fields, len(named.fields))
            args = max(args, sum(len(each.args) for each in named.fields.values()))
        elif is_input_object_type(named):
            inputs = max(inputs, len(named.fields))
    return {"fields": fields, "args": -(-args // fields), "inputFields": inputs}
