"""The plans that are kept: of each operation, for each kind of viewer, a tree of questions whose
leaves are statements (`schema.questions`).

A plan is found by the document's text, the operation, what the viewer may read, and the variables
of `@include` and `@skip`. So many characters of statements and documents are kept, and the longest
unused go: all plans of an operation at once.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from domain.actors import Viewer
from resolvers.context import Eyes
from resolvers.reading.answers import Part, constant
from resolvers.reading.changes import if_nothing_changed
from resolvers.reading.given import Shape, Values
from resolvers.reading.statements import Statement, of_answer
from schema.documents import Prepared
from schema.holes import Hole, NotPlanned, Written
from schema.planning import Contract, Planner
from schema.questions import Question, Questions

MOST_CHARACTERS = (
    4_000_000  # of statements and documents: some 500 plans of usual operations, 20 MB
)


@dataclass(frozen=True, slots=True)
class Plan:
    """`in_short` answers as long as nothing has changed, and says `NEWS` where something has."""

    statement: Statement
    in_short: Statement | None
    holes: tuple[Hole, ...]
    has_holes: bool  # that must be filled: numbers alone are left as they stand
    known: bytes | None  # the answer, where the database need not be asked

    @property
    def characters(self) -> int:
        return len(self.statement.text) + (len(self.in_short.text) if self.in_short else 0)


class Unknown:
    """Where no request has gone before."""


@dataclass(slots=True)
class Branch:
    """What to ask next, and where its answer leads."""

    question: Question
    ways: dict[Shape, "Branch | Plan | None"] = field(default_factory=dict)  # None: not planned


@dataclass(slots=True)
class Kept:
    """All plans of one operation for one kind of viewer."""

    first: Branch | Plan | Unknown | None = field(default_factory=Unknown)
    characters: int = 0


@dataclass(slots=True)
class Found:
    plan: Plan
    values: Values


Thing = tuple[GraphQLObjectType, FieldDetailsList, tuple[str | int, ...]]  # and where it stands


class Plans:
    def __init__(self, contract: Contract, most_characters: int = MOST_CHARACTERS) -> None:
        self.contract = contract
        self.most_characters = most_characters
        self.characters = 0
        self._kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()

    def of_query(
        self, prepared: Prepared, variables: VariableValues, viewer: Viewer, presumed: bool
    ) -> Found | None:
        """The plan and its values; None where graphql-core is asked. Raises BadInput. `presumed`:
        the statement looks itself whether the viewer's token still counts."""
        walk = Walk(prepared, variables, viewer, presumed)
        return self._find(walk, (), lambda planner: planner.query())

    def of_thing(
        self,
        prepared: Prepared,
        variables: VariableValues,
        viewer: Viewer,
        thing: Thing,
    ) -> Found | None:
        """The same of one thing that a mutation hands out."""
        walk = Walk(prepared, variables, viewer, presumed=False)
        kind, details, path = thing
        return self._find(walk, path, lambda planner: planner.thing(kind, details))

    def _find(
        self, walk: "Walk", path: tuple[Any, ...], begin: Callable[[Planner], Part]
    ) -> Found | None:
        key = (*walk.key(), *path)
        kept = self._kept.get(key)
        if kept is None:
            self._forget()  # also where nothing is ever planned: what is asked is asked wrongly
            kept = self._kept[key] = Kept(characters=len(key[0]))
            self.characters += kept.characters
        else:
            self._kept.move_to_end(key)
        values: Values = {}
        at: Branch | Plan | Unknown | None = kept.first
        while isinstance(at, Branch):
            shape = at.question.answered(walk.variables, walk.viewer, values)
            at = at.ways.get(shape, _UNKNOWN)
        if isinstance(at, Unknown):
            at, values = self._planned(kept, walk, begin)
            self._forget()
        return None if at is None else Found(at, values)

    def _planned(
        self, kept: Kept, walk: "Walk", begin: Callable[[Planner], Part]
    ) -> tuple[Plan | None, Values]:
        questions = Questions()
        prepared = walk.prepared
        planner = Planner(
            self.contract,
            prepared.document,
            prepared.operation,
            walk.variables,
            walk.viewer,
            questions,
        )
        plan: Plan | None = None
        try:
            part = begin(planner)
            statement = of_answer(part, presumed=walk.presumed)
            holes = tuple(planner.holes)
            must_fill = any(not isinstance(hole, Written) for hole in holes)
            known = None if walk.presumed else constant(part)
            short = if_nothing_changed(part)
            in_short = of_answer(short, presumed=walk.presumed) if short is not None else None
            plan = Plan(statement, in_short, holes, must_fill, known.encode() if known else None)
        except NotPlanned:
            pass  # as far as it was asked, it will be the same the next time
        _grow(kept, questions.asked, plan)
        cost = 500 + (plan.characters if plan else 0)
        kept.characters += cost
        self.characters += cost
        return plan, questions.values

    def _forget(self) -> None:
        while self.characters > self.most_characters and self._kept:
            _, dropped = self._kept.popitem(last=False)
            self.characters -= dropped.characters


@dataclass(slots=True)
class Walk:
    """One way of going through an operation."""

    prepared: Prepared
    variables: VariableValues
    viewer: Viewer
    presumed: bool

    def key(self) -> tuple[Any, ...]:
        viewer = self.viewer
        truths = tuple(self.variables.coerced.get(each) for each in _conditions_of(self.prepared))
        who = None if viewer.is_nobody else (viewer.scopes, Eyes.of(viewer), self.presumed)
        return _source_of(self.prepared), self.prepared.name, who, truths


_UNKNOWN = Unknown()


def _grow(kept: Kept, asked: list[tuple[Question, Shape]], plan: Plan | None) -> None:
    """Add the plan at the end of the way that its questions were answered."""
    if not asked:
        kept.first = plan
        return
    if not isinstance(kept.first, Branch):
        kept.first = Branch(asked[0][0])
    at = kept.first
    for place, (_, shape) in enumerate(asked):
        if place == len(asked) - 1:
            at.ways[shape] = plan
            return
        following = at.ways.get(shape)
        if not isinstance(following, Branch):
            following = at.ways[shape] = Branch(asked[place + 1][0])
        at = following


def _source_of(prepared: Prepared) -> str:
    if prepared.kept is not None:
        return prepared.kept.source  # which knows its own hash
    return "" if prepared.document.loc is None else prepared.document.loc.source.body


def _conditions_of(prepared: Prepared) -> tuple[str, ...]:
    if prepared.kept is None:
        return conditions_of(prepared.document)
    found: tuple[str, ...] | None = prepared.kept.plans.get("conditions")
    if found is None:
        found = prepared.kept.plans["conditions"] = conditions_of(prepared.document)
    return found


def conditions_of(document: DocumentNode) -> tuple[str, ...]:
    """The variables that @include and @skip go by, anywhere in the document."""
    names: set[str] = set()
    for definition in document.definitions:
        selected = getattr(definition, "selection_set", None)
        if selected is not None:
            names.update(_conditions(selected))
    return tuple(sorted(names))


def _conditions(selected: SelectionSetNode) -> Iterator[str]:
    waiting = [selected]
    while waiting:
        for node in waiting.pop().selections:
            for directive in node.directives or ():
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        yield argument.value.name.value
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                waiting.append(node.selection_set)
            elif not isinstance(node, FragmentSpreadNode | FieldNode):
                raise TypeError(f"An unknown selection: {node!r}")
