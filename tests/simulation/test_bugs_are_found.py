"""Schedules find what the product must not do (`bugs.py`), and each goes the same way each time."""

from itertools import islice

import pytest

from tests.simulation.bugs import BUGS, Bug
from tests.simulation.plan import Plan
from tests.simulation.schedule import Story, Villages, run

FEWEST = 3  # hubs: they are enough, and quick


@pytest.mark.parametrize("seed", [1, 3])
def test_a_schedule_goes_the_same_way_each_time(seed: int, villages: Villages) -> None:
    first, second = run(seed, villages), run(seed, villages)
    assert str(first) == str(second)
    assert first.questions == second.questions


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_what_would_go_wrong_is_found(bug: Bug, villages: Villages) -> None:
    """The same schedules, perhaps with worse weather, and one thing in the product as it must not
    be; as it is, all goes well in them."""
    fitting = (seed for seed in range(1_000) if Plan.of(seed).hubs == FEWEST)
    played: list[Story] = []
    for seed in islice(fitting, bug.within):
        with bug.made():
            story = run(seed, villages, bug.harsher(Plan.of(seed)))
        if any(bug.expected.search(each) for each in story.wrong):
            without = run(seed, villages, bug.harsher(Plan.of(seed)))
            assert not without.wrong, str(without)
            return
        played.append(story)
    raise AssertionError("It was not found:\n\n" + "\n\n".join(str(story) for story in played))
