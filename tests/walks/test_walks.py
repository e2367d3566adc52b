"""Whatever is done, by whoever, in whatever order: what docs/domain.md promises holds.

A walk begins in a small town (`town`) and takes forty steps: any mutation of the contract, by
anybody, mostly as it should be and sometimes not (`moves`, `steps_of_*`), and the passing of time
with all that it brings. After each step the whole database is looked at as it was and as it is
(`picture`), and each law is held against the two (`laws`).

When one is broken, Hypothesis shows the shortest walk it found that breaks it, step by step, with
what each changed. Write that walk down as a test of its own, where such tests are.
"""

from random import Random

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.differential.chance import EVEN
from tests.walks import laws
from tests.walks.conftest import Done
from tests.walks.dice import Dice
from tests.walks.steps import MAKERS
from tests.walks.walk import ELSEWHERE, Ground, Walk, everything, mutations

# How many walks, by Hypothesis profile, and how long each is.
HOW_MANY = {"nightly": 2_000}
OTHERWISE = 200
STEPS = 40


def how_many() -> int:
    return HOW_MANY.get(settings.get_current_profile_name(), OTHERWISE)


def machine(town: Ground, done: Done) -> type[RuleBasedStateMachine]:
    class InTown(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            town.run(town.put_back())
            self.walk = Walk(town)

        @rule(random=st.randoms(use_true_random=False))
        def somebody_does_something(self, random: Random) -> None:
            move = self.walk.next_move(Dice(random), everything())
            note(str(move))
            taken = town.run(self.walk.take(move))
            note(taken.result)
            done[move.mutation, taken.outcome.done] += 1
            town.run(laws.kept(self.walk, taken))

    return InTown


def test_whatever_is_done_the_laws_hold(town: Ground, done: Done) -> None:
    run_state_machine_as_test(
        machine(town, done),
        settings=settings(
            max_examples=how_many(),
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            # A change is tried by the same walks as the one before; other ones are for the nights.
            derandomize=how_many() == OTHERWISE,
            backend=EVEN,
            phases=[Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    never = [name for name in (*mutations(), *ELSEWHERE) if not done[name, True]]
    assert never == [], "These were never done: the walks do not lead there."
    refused = sum(count for (_, was_done), count in done.items() if not was_done)
    assert 0.15 < refused / done.total() < 0.6


def test_there_is_a_step_for_every_mutation_of_the_contract() -> None:
    assert set(MAKERS) == set(mutations())


def test_what_is_put_back_is_what_it_was(town: Ground) -> None:
    dice = Dice(Random(1))  # noqa: S311 - a walk that can be taken again
    walk = Walk(town)
    town.run(town.put_back())
    for _ in range(10):
        town.run(walk.take(walk.next_move(dice, everything())))
    assert walk.picture != town.begun
    town.run(town.put_back())
    assert Walk(town).picture == town.begun == town.run(town.look())
