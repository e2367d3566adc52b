"""Hubs that crash, lose their lines and their messages, and are restored: in the end all agree.

The odd half of `test_even_schedules.py`, which says more.
"""

from collections.abc import Callable

import pytest

from tests.simulation.playing import all_agree_in
from tests.simulation.schedule import Villages

REMAINDER = 1  # by two


def test_whatever_goes_wrong_in_the_end_all_agree_and_nothing_is_lost(
    seeds: range,
    villages: Villages,
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
) -> None:
    all_agree_in(seeds, villages, record_property, pytestconfig)
