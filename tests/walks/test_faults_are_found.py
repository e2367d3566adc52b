"""The laws say so when a rule is taken away: each of these mistakes is found, and by its law."""

from collections.abc import Iterator
from random import Random

import pytest

from schema.root import graphql_schema
from schema.run import Operations
from tests.walks import laws
from tests.walks.dice import Dice
from tests.walks.faults import FAULTS, Fault
from tests.walks.walk import GENEROUS, Ground, Walk

WALKS, STEPS = 15, 30


@pytest.fixture
def anew(town: Ground) -> Iterator[Ground]:
    """Without what was planned by other rules, before and afterwards."""
    kept = town.operations
    town.operations = Operations(graphql_schema, GENEROUS)
    yield town
    town.operations = kept


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_by_its_law(
    anew: Ground, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault.tamper(monkeypatch)
    assert first_broken(anew, fault) in fault.laws


def first_broken(town: Ground, fault: Fault) -> str:
    """The law that was broken first."""
    for seed in range(WALKS):
        town.run(town.put_back())
        walk, dice = Walk(town), Dice(Random(seed))  # noqa: S311 - taken again
        for _ in range(STEPS):
            taken = town.run(walk.take(walk.next_move(dice, fault.among)))
            try:
                town.run(laws.kept(walk, taken, every=2))
            except laws.BrokenError as broken:
                return broken.law
    raise AssertionError(f"Nobody noticed in {WALKS} walks that {fault}")
