"""A plan and graphql-core answer every operation alike: the same bytes, for the same viewer.

The reading side has one definition of each field and two ways to run it: compiled into a statement
that gives the response as JSON text, and resolved value by value over loaders. That they are the
same is not argued but tried here, with documents, variables and viewers that nobody would think of.

For a newcomer, in the order of a run:

- `rows`, `world`, `world_of_events`: one database with something of everything in every state.
- `trying`: an operation run both ways on one event loop, and the two bodies.
- `knowledge`: what a client of that world could know: ids, cursors of real answers, who may ask.
- `documents`: draws an operation from the contract as it is built (a new field is asked for by
  itself); `places` keeps it valid where names meet, `values` and `variables` fill the arguments.
  A new *kind* of argument is refused by `values` until it is said there what it may be.
- `tour`: every field of every thing by name, so that none is left to chance.
- `coverage`: which fields, arguments and values were asked, and which came back.

When it fails, Hypothesis shows the smallest document it found, who asked, and the two bodies.
Add that document to `test_found_once.py`, and it is asked for ever.
"""

from dataclasses import replace

import pytest
from graphql import get_named_type
from hypothesis import HealthCheck, Phase, find, given, settings

from schema.codes import Code
from schema.documents import Prepared
from schema.run import Answer, Operations
from tests.differential.chance import EVEN
from tests.differential.coverage import Coverage
from tests.differential.documents import LOOKED_AT, askings
from tests.differential.knowledge import Knowledge
from tests.differential.tour import tour
from tests.differential.trying import CONTRACT, BothWays, Operation, Tried

# Where two fields fail in one turn of the loop, graphql-core forgets what stands beside the second:
# it makes the coroutine of a resolver, or one of its own about it, and never awaits it.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:coroutine '(GraphQLCoreConverter\.from_resolver|Executor\.):RuntimeWarning"
)
# How many operations, by Hypothesis profile: the ordinary run is part of every change.
HOW_MANY = {"nightly": 20_400}
OTHERWISE = 900
# Of the operations without errors, so many are to be plans: what is handed over is slow.
LEAST_PLANNED = 0.85
# Of the readable fields, so many may be left out by chance in an ordinary run.
MOST_NEVER_ASKED, MOST_NEVER_ANSWERED = 0.08, 0.4
# Fields that nothing in the world fills; and why.
NEVER_ANSWERED = {
    "Source.asOf": "This hub alone speaks for its lists, and says null of itself.",
    "Removed.id": "Who begins is told of nothing that left: tests/plans/test_feed.py goes on.",
    "Removed.reason": "As its id.",
    # There is no peer in it: tests/federation/test_peering_in_the_graph.py asks for one.
    "Hub.peering": "Null for this hub itself, and there is no other.",
    **{
        f"Peering.{name}": "As the whole of it."
        for name in (
            *("status", "since", "lastSyncedAt", "lagSeconds", "lastError"),
            "pendingDeliveries",
        )
    },
}


def told_to_few() -> set[str]:
    """What is worked out over many rows, for few: asked here, and answered both ways by
    tests/resolvers/test_impact.py and test_possible_duplicates.py."""
    return {
        f"{kind.name}.{name}"
        for kind in CONTRACT.type_map.values()
        for name, field in getattr(kind, "fields", {}).items()
        if kind.name in LOOKED_AT or get_named_type(field.type).name in LOOKED_AT
    }


def how_many() -> int:
    return HOW_MANY.get(settings.get_current_profile_name(), OTHERWISE)


def shown(operation: Operation, tried: Tried) -> str:
    return (
        f"\n{operation}\n\nby plan:        {tried.by_plan.decode()}"
        f"\nby graphql-core: {tried.by_core.decode()}"
        f"\nrefused as: {tried.codes}; bugs of the plan: {tried.bugs}\n"
    )


def agree(ways: BothWays, operation: Operation, coverage: Coverage) -> None:
    prepared = ways.prepared(operation)
    if prepared is None:
        coverage.runs["refused before it ran"] += 1
        return
    tried = ways.tried(prepared, operation.viewer)
    assert tried.agrees, shown(operation, tried)
    answer = tried.answer
    errors = answer.get("errors", ())
    codes = {error["extensions"]["code"] for error in errors}
    assert Code.INTERNAL not in codes, shown(operation, tried)
    coverage.count(prepared, answer)
    coverage.runs["with errors" if codes else "without errors"] += 1
    coverage.runs["with something in it"] += any((answer.get("data") or {}).values())
    coverage.runs["planned without errors"] += tried.planned and not codes


def test_a_plan_answers_as_graphql_core_does(
    ways: BothWays, known: Knowledge, coverage: Coverage
) -> None:
    @given(askings(known))
    @settings(
        max_examples=how_many() // 2,  # each is asked twice on average
        deadline=None,
        backend=EVEN,
        phases=[Phase.reuse, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def agrees(asked: list[Operation]) -> None:
        for operation in asked:
            coverage.runs["asked"] += 1
            agree(ways, operation, coverage)

    agrees()
    judge(coverage)


def test_every_field_is_answered_as_graphql_core_does(
    ways: BothWays, known: Knowledge, coverage: Coverage
) -> None:
    for operation in tour(known):
        agree(ways, operation, coverage)
    assert coverage.never_answered() - told_to_few() == NEVER_ANSWERED.keys()


def judge(coverage: Coverage) -> None:
    """That the operations were worth asking."""
    runs = coverage.runs
    asked = runs["without errors"] + runs["with errors"]
    assert asked > 0.8 * runs["asked"]
    assert runs["with something in it"] > 0.6 * asked
    assert runs["planned without errors"] >= LEAST_PLANNED * runs["without errors"]
    never_asked = coverage.never_asked() - told_to_few()
    assert len(never_asked) <= MOST_NEVER_ASKED * len(coverage.readable())
    assert len(coverage.never_answered()) <= MOST_NEVER_ANSWERED * len(coverage.readable())


class Tampered:
    """A way that says one word wrong."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def run(self, prepared: Prepared, context: object, request_id: str) -> Answer:
        answer = await self._operations.run(prepared, context, request_id)
        return replace(answer, body=answer.body.replace(b"false", b"true"))


def test_a_way_that_says_one_word_wrong_is_found_out_in_a_few_lines(
    ways: BothWays, known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both by plan, which takes half the time.
    monkeypatch.setattr(ways, "core", ways.plan)
    monkeypatch.setattr(ways, "plan", Tampered(ways.plan))

    def differs(asked: list[Operation]) -> bool:
        tried = ways.asked(asked[0])
        return tried is not None and not tried.agrees

    found, *_ = find(
        askings(known, most_fields=8),
        differs,
        settings=settings(
            max_examples=1_000, database=None, derandomize=True, deadline=None, backend=EVEN
        ),
    )
    assert len(found.document.splitlines()) < 12, found
