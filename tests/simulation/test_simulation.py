"""Hubs that crash, lose their lines and their messages, and are restored: in the end all agree.

Each seed is a schedule (`schedule.py`): what people do, and what goes wrong meanwhile. Afterwards
every hub holds what policy shows it, what was answered is there once, and no secret was told
(`truths.py`). A seed goes the same way each time, whatever else the machine does:

    pytest tests/simulation --schedule=17

plays one and tells it. `--hypothesis-profile=nightly` plays 10,000.
"""

from collections import Counter
from collections.abc import Callable
from itertools import islice

import pytest

from tests.simulation.bugs import BUGS, Bug
from tests.simulation.conftest import HAPPENED, STORIES
from tests.simulation.schedule import Plan, Story, Villages, run

FEWEST = 3  # hubs: they are enough, and quick


def test_whatever_goes_wrong_in_the_end_all_agree_and_nothing_is_lost(
    seeds: range,
    villages: Villages,
    record_property: Callable[[str, object], None],
    request: pytest.FixtureRequest,
) -> None:
    happened: Counter[str] = Counter()
    told: list[str] = []
    wrong: list[Story] = []
    for seed in seeds:
        story = run(seed, villages)
        happened.update(story.happened)
        if story.wrong:
            wrong.append(story)
        elif request.config.getoption("--schedule", default=None) is not None:
            told.append(str(story))
    record_property(HAPPENED, dict(happened))
    record_property(STORIES, told)
    assert not wrong, "\n\n".join(str(story) for story in wrong)


@pytest.mark.parametrize("seed", [1, 3])
def test_a_schedule_goes_the_same_way_each_time(seed: int, villages: Villages) -> None:
    first, second = run(seed, villages), run(seed, villages)
    assert str(first) == str(second)
    assert first.questions == second.questions


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_what_would_go_wrong_is_found(bug: Bug, villages: Villages) -> None:
    """The same schedules, perhaps with worse weather, and one thing in the product as it must not
    be."""
    fitting = (seed for seed in range(1_000) if Plan.of(seed).hubs == FEWEST)
    played: list[Story] = []
    for seed in islice(fitting, bug.within):
        with bug.made():
            story = run(seed, villages, bug.harsher(Plan.of(seed)))
        if any(bug.expected.search(each) for each in story.wrong):
            return
        played.append(story)
    raise AssertionError("It was not found:\n\n" + "\n\n".join(str(story) for story in played))
