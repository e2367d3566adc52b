"""What is never mirrored, because it is of people: asked of its owner, for the person who asks here.

A query that selects such a field (`LIVE`) is answered from what is here, with the id of each thing that
it selects them of. Of things of other hubs the fields are then asked of the hubs that own them: of all
at once, of each in as few requests as there are places in the document, and for no longer than
`SECONDS`. Where a hub does not answer, or does not say, that one field is null, and `errors` says why: an
empty list of ours never stands for what its owner knows.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from domain.errors import Problem
from domain.ids import Kind, kind_of
from resolvers.context import Context
from resolvers.elsewhere import PeerUnreachable, Question
from schema.access import Needs
from schema.codes import Code
from schema.documents import Kept, Prepared
from schema.fitting import Garbled, Selection, fitted_field, selected
from schema.replying import Answer
from schema.writing import written

LIVE: Mapping[str, frozenset[str]] = {
    "Organization": frozenset({"contact"}),
    "Event": frozenset({"contact", "rsvps"}),
}
SECONDS = 2.0
MOST_THINGS = 100  # of one place in the document: as many as `nodes` takes
OWNED = "convokeOwnedId"  # the name under which an id is added to what was selected
_TOO_MANY = "Another hub is asked about a hundred of its things at once: ask for fewer."
_KINDS = {Kind.ORGANIZATION: "Organization", Kind.EVENT: "Event"}
_MARK = "\n# with the ids of what is owned elsewhere"

Run = Callable[[Prepared, Context, str], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class _Place:
    """A thing in the answer, and a live field that is selected of it."""

    thing: dict[str, Any]
    id: str
    key: str
    selection: Selection
    path: tuple[str | int, ...]


@dataclass(slots=True)
class Live:
    """Of one schema."""

    schema: GraphQLSchema
    needs: Needs

    def of(self, prepared: Prepared, context: Context) -> Prepared | None:
        """The same with ids; None where nothing live is asked for, or by nobody."""
        if context.elsewhere is None or context.viewer.is_nobody:
            return None
        if prepared.operation.operation is not OperationType.QUERY or prepared.kept is None:
            return None
        plans = prepared.kept.plans
        if _MARK not in plans:
            plans[_MARK] = self._with_ids(prepared.kept)
        kept: Kept | None = plans[_MARK]
        if kept is None:
            return None
        index = _index_of(prepared)
        return replace(
            prepared, document=kept.document, operation=_operations(kept.document)[index], kept=kept
        )

    async def answered(self, live: Prepared, context: Context, request_id: str, run: Run) -> Answer:
        answer = await run(live, context, request_id)
        if answer.code is not None or OWNED.encode() not in answer.body:
            return answer
        body = orjson.loads(answer.body)
        data = body.get("data")
        places = list(self._places(live, context, data)) if isinstance(data, dict) else []
        errors: list[dict[str, Any]] = []
        if places:
            await context.close()  # nothing of the database is held while others are waited for
            errors = await self._asked(context, places)
        _without_ids(data)
        if errors:
            body["errors"] = [*body.get("errors", ()), *errors]
        return replace(answer, body=orjson.dumps(body))

    # ── the document ─────────────────────────────────────────────────────────────────────────────

    def _with_ids(self, kept: Kept) -> Kept | None:
        types = TypeInfo(self.schema)
        adding = _Adding(types)
        document: DocumentNode = visit(kept.document, TypeInfoVisitor(types, adding))
        if not adding.has_added:
            return None
        return Kept(kept.source + _MARK, document, kept.worth)

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def _places(self, live: Prepared, context: Context, data: dict[str, Any]) -> Iterator[_Place]:
        root = self.schema.query_type
        if root is None:
            return
        selection = Selection.of_operation(
            self.schema, live.document, live.operation, root, live.variables
        )
        yield from self._within(selection, data, (), context)

    def _within(
        self, selection: Selection, value: Any, path: tuple[str | int, ...], context: Context
    ) -> Iterator[_Place]:
        if isinstance(value, list):
            for number, each in enumerate(value):
                yield from self._within(selection, each, (*path, number), context)
            return
        if not isinstance(value, dict):
            return
        seen: set[str] = set()
        for kind in self._kinds(selection, value):
            for key, each in selection.beneath(kind):
                if key in seen or key not in value:
                    continue
                seen.add(key)
                if self._is_owned_elsewhere(kind, each, value, context):
                    yield _Place(value, value[OWNED], key, each, (*path, key))
                else:
                    yield from self._within(each, value[key], (*path, key), context)

    def _kinds(self, selection: Selection, value: dict[str, Any]) -> tuple[GraphQLObjectType, ...]:
        """The type that its id says; where it has none, any that it may be."""
        kinds = selection.types()
        said = _type_of(value.get(OWNED))
        return tuple(kind for kind in kinds if kind.name == said) or kinds

    def _is_owned_elsewhere(
        self,
        kind: GraphQLObjectType,
        selection: Selection,
        value: dict[str, Any],
        context: Context,
    ) -> bool:
        owned = value.get(OWNED)
        return (
            isinstance(owned, str)
            and selection.name in LIVE.get(kind.name, ())
            and owned.partition("@")[2] != context.hub.authority
            and self.needs.of_field(kind.name, selection.name).met_by(context.viewer)
        )

    # ── the owners ───────────────────────────────────────────────────────────────────────────────

    async def _asked(self, context: Context, places: list[_Place]) -> list[dict[str, Any]]:
        """What was found is put in its place; what is wrong is returned."""
        groups: defaultdict[tuple[str, tuple[int, ...]], list[_Place]] = defaultdict(list)
        for place in places:
            nodes = tuple(id(each.node) for each in place.selection.nodes)
            groups[place.id.partition("@")[2], nodes].append(place)
        found = await asyncio.gather(
            *(
                self._of_one(context, authority, those[:MOST_THINGS])
                for (authority, _), those in groups.items()
            )
        )
        beyond = [each for those in groups.values() for each in those[MOST_THINGS:]]
        for each in beyond:
            _emptied(each)
        errors = [error for errors in found for error in errors]
        return errors + [_error(each, PeerUnreachable(_TOO_MANY)) for each in beyond]

    async def _of_one(
        self, context: Context, authority: str, places: list[_Place]
    ) -> list[dict[str, Any]]:
        selection = places[0].selection
        try:
            nodes = await self._nodes(context, authority, selection, [each.id for each in places])
        except Problem as problem:
            lost = [each for each in places if _emptied(each) is not None or _is_ours(context)]
            return [_error(each, problem) for each in lost]
        errors: list[dict[str, Any]] = []
        for place, node in zip(places, nodes, strict=True):
            _emptied(place)
            if isinstance(node, dict):
                try:
                    place.thing[place.key] = fitted_field(selection, node.get(place.key))
                except Garbled as garbled:
                    errors.append(_error(place, garbled))
        return errors

    async def _nodes(
        self, context: Context, authority: str, selection: Selection, ids: list[str]
    ) -> list[Any]:
        elsewhere = context.elsewhere
        if elsewhere is None:
            return [None for _ in ids]
        document, variables = written(
            [each.node for each in selection.nodes],
            {name: each.definition for name, each in selection.fragments.items()},
            selection.operation,
            selection.sent,
            within=selection.parent,
        )
        scopes: set[str] = set()
        for type_name, field_name in selected(selection):
            met = [
                each
                for each in (
                    *self.needs.of_field(type_name, field_name).scopes,
                    *self.needs.of_type(type_name).scopes,
                )
                if each <= context.viewer.scopes
            ]
            if met and not any(each <= scopes for each in met):
                scopes |= min(met, key=len)
        question = Question(document, {**variables, "convokeIds": ids}, frozenset(scopes), SECONDS)
        said = await elsewhere.look(context, authority, question)
        if said is None:
            return [None for _ in ids]
        if not isinstance(said, list) or len(said) != len(ids):
            raise PeerUnreachable("The owner answered, and not what was asked.")
        return said


class _Adding(Visitor):
    """The id of each thing of which a live field is selected."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.has_added = False

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Node | None:
        kind = get_named_type(self.types.get_parent_type())
        names = LIVE.get(kind.name, frozenset()) if kind is not None else frozenset()
        is_live = any(
            isinstance(each, FieldNode) and each.name.value in names for each in node.selections
        )
        if not is_live:
            return None
        self.has_added = True
        owned = FieldNode(
            alias=NameNode(value=OWNED), name=NameNode(value="id"), arguments=(), directives=()
        )
        return SelectionSetNode(selections=(*node.selections, owned))


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def _index_of(prepared: Prepared) -> int:
    return next(
        number
        for number, each in enumerate(_operations(prepared.document))
        if each is prepared.operation
    )


def _type_of(identifier: Any) -> str | None:
    kind = kind_of(identifier) if isinstance(identifier, str) else None
    return _KINDS.get(kind) if kind is not None else None


def _without_ids(value: Any) -> None:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            each.pop(OWNED, None)
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _is_ours(context: Context) -> bool:
    """A person of this hub, for whom others are asked. To an app, or somebody of another hub, what is
    null anyway needs no reason."""
    return context.viewer.person_id is not None and context.viewer.hub_id is None


def _emptied(place: _Place) -> Any:
    """What stood there, which is what this hub has of it: nothing, or a list without anybody."""
    was = place.thing[place.key]
    place.thing[place.key] = None
    return was


def _error(place: _Place, problem: Problem) -> dict[str, Any]:
    code = problem.code if problem.code in Code.__members__ else Code.PEER_UNREACHABLE.value
    return {
        "message": problem.message,
        "path": list(place.path),
        "extensions": {"code": str(code)},
    }
