"""The contract is the policy for scopes: what its directives print is read back and enforced.

`requires("events:read")`, `signed_in` and `public` are put on fields and types; `enforce` reads the
printed SDL into a table and guards the schema with it, so that what a client reads in the SDL and
what the hub does are the same thing. Strawberry alone only prints these directives.

What a field needs: its own directives, and its parent type's, and those of the type it returns
(through lists; a `FooConnection` or `FooEdge` needs what its node needs; a type needs what its
interfaces need). Reached through an interface or a union, as by `node`, `search` or `_entities`,
a thing is refused by its own type. `public` says: also without a token; with one, scopes apply.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    ListValueNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeNode,
    ValueNode,
    default_field_resolver,
    get_named_type,
    located_error,
    parse,
)
from strawberry.federation.schema_directives import Authenticated, RequiresScopes, Tag

from auth import scopes as known_scopes
from domain.actors import Viewer
from schema.withheld import WITHHELD, Withheld

if TYPE_CHECKING:
    from strawberry.federation import Schema

# What Apollo's subgraph protocol adds. `_service` is the SDL, which is public; what `_entities`
# gives is guarded by its type.
PROTOCOL_FIELDS = frozenset({"_service", "_entities"})

# ── what the schema's files say ──────────────────────────────────────────────────────────────────

signed_in = Authenticated()
public = Tag(name="public")


def requires(*scopes: str) -> RequiresScopes:
    """All of these scopes."""
    return RequiresScopes(scopes=[list(scopes)])


def requires_any(*alternatives: Iterable[str]) -> RequiresScopes:
    """All the scopes of one of these."""
    return RequiresScopes(scopes=[list(scopes) for scopes in alternatives])


# ── what it means ────────────────────────────────────────────────────────────────────────────────


class UnsafeContract(Exception):  # noqa: N818 - it is told to whoever writes the schema
    """The contract leaves open who may read something, so the hub does not start."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a token must hold: all of one of `scopes`. `token`: without one, nothing is shown."""

    token: bool = False
    scopes: tuple[frozenset[str], ...] = ()

    def __bool__(self) -> bool:
        return self.token or bool(self.scopes)

    def __and__(self, other: Need) -> Need:
        both = tuple(
            dict.fromkeys(mine | theirs for mine in self.scopes for theirs in other.scopes)
        )
        needed = both or self.scopes or other.scopes
        # One alternative that holds all of another is never the one that decides.
        least = tuple(some for some in needed if not any(less < some for less in needed))
        return Need(self.token or other.token, least)

    def met_by(self, viewer: Viewer) -> bool:
        if viewer.is_nobody:
            return not self.token
        # A plain loop: this is asked for every guarded value, and any(...) takes three times as long.
        for scopes in self.scopes:
            if scopes <= viewer.scopes:
                return True
        return not self.scopes

    def missing_from(self, viewer: Viewer) -> list[str]:
        """The fewest scopes that would do."""
        lacking = [sorted(scopes - viewer.scopes) for scopes in self.scopes]
        return min(lacking, key=len, default=[])


NOTHING = Need()


@dataclass(frozen=True, slots=True)
class Needs:
    """What every type and every field (`Event.title`) of a contract needs, where it needs any."""

    types: Mapping[str, Need]
    fields: Mapping[str, Need]

    def of_type(self, name: str) -> Need:
        return self.types.get(name, NOTHING)

    def of_field(self, type_name: str, field_name: str) -> Need:
        return self.fields.get(f"{type_name}.{field_name}", NOTHING)


class Asked(Protocol):
    """The part of a request's context that is looked at."""

    @property
    def viewer(self) -> Viewer: ...

    @property
    def withheld(self) -> list[Any]:
        """Errors of lists that were refused; the endpoint adds them to the answer's."""
        ...


def refusal(coordinate: str, need: Need, viewer: Viewer) -> GraphQLError:
    """The error for a field or type (`Query.events`, `Event`) that this viewer may not read."""
    extensions: dict[str, object] = {
        "code": "UNAUTHENTICATED",
        "coordinate": coordinate,
        "requiredScopes": [sorted(scopes) for scopes in need.scopes],
    }
    if viewer.is_nobody:
        message = (
            f"{coordinate} needs an access token: send `Authorization: Bearer …`. "
            "/.well-known/oauth-protected-resource/graphql says where to get one."
        )
        return GraphQLError(message, extensions=extensions)
    missing = need.missing_from(viewer)
    extensions |= {"code": "INSUFFICIENT_SCOPE", "missingScopes": missing}
    message = (
        f"{coordinate} needs {_and(missing)}, which this token has not: ask for a token with it."
    )
    return GraphQLError(message, extensions=extensions)


def _and(scopes: list[str]) -> str:
    return ("the scope " if len(scopes) == 1 else "the scopes ") + " and ".join(scopes)


# ── reading it back from the SDL ─────────────────────────────────────────────────────────────────


def needs(schema: Schema) -> Needs:
    """The table, or `UnsafeContract` naming what is undeclared or unknown."""
    definitions = {
        node.name.value: node
        for node in parse(schema.as_str()).definitions
        if isinstance(node, TypeDefinitionNode)
    }
    reader = _Reader(definitions)
    types = {name: reader.of_type(name) for name in definitions}
    fields = {
        f"{name}.{field.name.value}": reader.own(field, f"{name}.{field.name.value}")
        & types[name]
        & types.get(_named(field.type), NOTHING)
        for name, node in definitions.items()
        for field in _fields(node)
    }
    undeclared = sorted(_undeclared(definitions, _root_names(schema._schema)))
    if undeclared:
        raise UnsafeContract(
            f"Say who may read {', '.join(undeclared)}: requires(...), signed_in or public."
        )
    return Needs(
        MappingProxyType({name: need for name, need in types.items() if need}),
        MappingProxyType({name: need for name, need in fields.items() if need}),
    )


class _Reader:
    def __init__(self, definitions: Mapping[str, TypeDefinitionNode]) -> None:
        self._definitions = definitions
        self._types: dict[str, Need] = {}

    def of_type(self, name: str) -> Need:
        """Its own, its interfaces', and for a page or a line of one, what is on it."""
        if name not in self._types:
            node = self._definitions.get(name)
            self._types[name] = NOTHING  # a type that comes back to itself adds nothing more
            if node is not None:
                need = self.own(node, name)
                for other in [*_interfaces(node), *_carried(node)]:
                    need &= self.of_type(other)
                self._types[name] = need
        return self._types[name]

    def own(self, node: TypeDefinitionNode | FieldDefinitionNode, coordinate: str) -> Need:
        need = NOTHING
        for directive in node.directives or ():
            match directive.name.value:
                case "authenticated":
                    need &= Need(token=True)
                case "requiresScopes":
                    need &= Need(token=True, scopes=_scopes(directive, coordinate))
                case "policy":
                    raise UnsafeContract(f"{coordinate}: @policy is not enforced here.")
        return Need(token=False, scopes=need.scopes) if _is_public(node) else need


def _scopes(directive: DirectiveNode, coordinate: str) -> tuple[frozenset[str], ...]:
    value = _argument(directive)
    alternatives = value.values if isinstance(value, ListValueNode) else ()
    scopes = tuple(
        frozenset(name.value for name in names.values if isinstance(name, StringValueNode))
        for names in alternatives
        if isinstance(names, ListValueNode)
    )
    unknown = known_scopes.unknown(name for names in scopes for name in names)
    if unknown or not scopes or not all(scopes):
        raise UnsafeContract(f"{coordinate}: unknown scope {', '.join(unknown) or '(none)'}.")
    return scopes


def _is_public(node: TypeDefinitionNode | FieldDefinitionNode) -> bool:
    return any(
        directive.name.value == "tag"
        and isinstance(value := _argument(directive), StringValueNode)
        and value.value == "public"
        for directive in node.directives or ()
    )


def _argument(directive: DirectiveNode) -> ValueNode | None:
    """The only one: each of these directives has one."""
    return directive.arguments[0].value if directive.arguments else None


def _carried(node: TypeDefinitionNode) -> Iterator[str]:
    if node.name.value.endswith(("Connection", "Edge")):
        for field in _fields(node):
            if field.name.value in {"nodes", "edges", "node"}:
                yield _named(field.type)


def _interfaces(node: TypeDefinitionNode) -> Iterator[str]:
    for interface in getattr(node, "interfaces", None) or ():
        yield interface.name.value


def _fields(node: TypeDefinitionNode) -> Iterator[FieldDefinitionNode]:
    for field in getattr(node, "fields", None) or ():
        if isinstance(field, FieldDefinitionNode):  # and not what goes in
            yield field


def _named(node: TypeNode) -> str:
    while (inner := getattr(node, "type", None)) is not None:
        node = inner
    name: str = node.name.value  # type: ignore[attr-defined]  # only a named type has no inner one
    return name


def _root_names(schema: GraphQLSchema) -> set[str]:
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return {root.name for root in roots if root is not None}


def _undeclared(definitions: Mapping[str, TypeDefinitionNode], roots: set[str]) -> Iterator[str]:
    for root in roots:
        for field in _fields(definitions[root]):
            names = {directive.name.value for directive in field.directives or ()}
            said = names & {"authenticated", "requiresScopes"} or _is_public(field)
            if not said and field.name.value not in PROTOCOL_FIELDS:
                yield f"{root}.{field.name.value}"


# ── enforcing it ─────────────────────────────────────────────────────────────────────────────────

Resolve = Callable[..., Any]


def enforce(schema: Schema) -> Needs:
    """Guard the built schema by what its SDL says, and hand back the table.

    It stands beside the schema: what reads without these resolvers asks the table.

    Whoever holds a thing has passed the guard of its type: at the field that returned it, or where
    an interface or union learned what it is. So a field is guarded only where it needs more than
    its parent's type does, and a plain field costs nothing.
    """
    table = needs(schema)
    guard(schema._schema, table)
    return table


def guard(schema: GraphQLSchema, table: Needs) -> None:
    roots = _root_names(schema)
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = _learned(kind.resolve_type, table)
            continue
        passed = NOTHING if name in roots else table.of_type(name)
        for field_name, field in getattr(kind, "fields", {}).items():
            need = table.of_field(name, field_name)
            if isinstance(field, GraphQLField) and passed & need != passed:
                coordinate = f"{name}.{field_name}"
                resolve = field.resolve or default_field_resolver
                stand_in = WITHHELD if must_be_a_list(field) else None
                field.resolve = _guarded(resolve, need, coordinate, stand_in)
                if field.subscribe is not None:
                    field.subscribe = _guarded(field.subscribe, need, coordinate)
            if isinstance(field, GraphQLField) and name.endswith("Connection"):
                field.resolve = _empty_where_withheld(field, f"{name}.{field_name}")


def _guarded(
    resolve: Resolve, need: Need, coordinate: str, stand_in: Withheld | None = None
) -> Resolve:
    def guarded(source: Any, info: GraphQLResolveInfo[Asked], **arguments: Any) -> Any:
        viewer = info.context.viewer
        if need.met_by(viewer):
            return resolve(source, info, **arguments)
        error = refusal(coordinate, need, viewer)
        if stand_in is None:
            raise error
        info.context.withheld.append(located_error(error, info.field_nodes, info.path.as_list()))
        return stand_in

    return guarded


def must_be_a_list(field: GraphQLField) -> bool:
    """The contract says a list is never null, so a refusal by null would take the rest of the
    answer with it: a refused list is empty instead, and said in `errors` all the same."""
    if not isinstance(field.type, GraphQLNonNull):
        return False
    shown = field.type.of_type
    return isinstance(shown, GraphQLObjectType) and shown.name.endswith("Connection")


def _empty_where_withheld(field: GraphQLField, coordinate: str) -> Resolve:
    """Nothing of a refused list is asked of its resolvers: they need not know of refusals."""
    resolve = field.resolve or default_field_resolver
    kind: Any = field.type
    nothing: Any = None
    if isinstance(kind, GraphQLNonNull):
        if isinstance(kind.of_type, GraphQLList):
            nothing = ()
        elif get_named_type(kind).name == "PageInfo":
            nothing = WITHHELD.page_info
        else:
            raise UnsafeContract(f"{coordinate}: a refused list has nothing to show here.")

    def shown(source: Any, info: GraphQLResolveInfo[Asked], **arguments: Any) -> Any:
        return nothing if source is WITHHELD else resolve(source, info, **arguments)

    return shown


def _learned(resolve_type: Resolve | None, table: Needs) -> Resolve:
    """A thing behind an interface or union is refused as soon as it is known what it is."""
    if resolve_type is None:
        raise UnsafeContract("An interface or union does not say what its things are.")

    def checked(name: str, viewer: Viewer) -> str:
        need = table.of_type(name)
        if not need.met_by(viewer):
            raise refusal(name, need, viewer)
        return name

    async def later(name: Awaitable[str], viewer: Viewer) -> str:
        return checked(await name, viewer)

    def learned(value: Any, info: GraphQLResolveInfo[Asked], kind: Any) -> Any:
        name = resolve_type(value, info, kind)
        viewer = info.context.viewer
        return later(name, viewer) if isawaitable(name) else checked(name, viewer)

    return learned
