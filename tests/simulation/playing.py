"""One test's schedules, one after the other: the stories of those that went wrong are told."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.conftest import HAPPENED, STORIES, is_one_asked_for
from tests.simulation.schedule import Story, Villages, run


def all_agree_in(
    seeds: range,
    villages: Villages,
    record_property: Callable[[str, object], None],
    config: pytest.Config,
) -> None:
    happened: Counter[str] = Counter()
    told: list[str] = []
    wrong: list[Story] = []
    for seed in seeds:
        story = run(seed, villages)
        happened.update(story.happened)
        if story.wrong:
            wrong.append(story)
        elif is_one_asked_for(config):
            told.append(str(story))
    record_property(HAPPENED, dict(happened))
    record_property(STORIES, told)
    assert not wrong, "\n\n".join(str(story) for story in wrong)
