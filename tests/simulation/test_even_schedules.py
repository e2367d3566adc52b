"""Hubs that crash, lose their lines and their messages, and are restored: in the end all agree.

Each seed is a schedule (`schedule.py`): what people do, and what goes wrong meanwhile. Afterwards
every hub holds what policy shows it, what was answered is there once, and no secret was told
(`truths.py`). A seed goes the same way each time, whatever else the machine does:

    pytest tests/simulation -k whatever_goes_wrong --schedule=17

plays one and tells it. `--hypothesis-profile=nightly` plays 10,000. Here are the even seeds, in
`test_odd_schedules.py` the odd ones: a file is played by one process.
"""

from collections.abc import Callable

import pytest

from tests.simulation.playing import all_agree_in
from tests.simulation.schedule import Villages

REMAINDER = 0  # by two


def test_whatever_goes_wrong_in_the_end_all_agree_and_nothing_is_lost(
    seeds: range,
    villages: Villages,
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
) -> None:
    all_agree_in(seeds, villages, record_property, pytestconfig)
