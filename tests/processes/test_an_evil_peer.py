"""A hub whose peers turn against it in some sixty ways, many at a time (`evil_run.py`).

Whoever asks the hub something meanwhile is answered. Each way has a reason that an admin can read,
nothing of it is kept, and when they behave again everything is here that they published.
"""

import asyncio
import re
from collections.abc import Iterator

import pytest

from storage.embedded import EmbeddedPostgres
from tests.conftest import TEMPLATE
from tests.processes.evil_run import Seen, happened
from tests.processes.evil_ways import WAYS, Told, Way

NAME = "test_victim"
DEADLINE_SECONDS = 10.0  # of the hub, for each answer of a peer
MOST_MEMORY_MB = 150.0  # more than before, of whatever they send


@pytest.fixture(scope="module")
def seen(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    postgres.create_database(NAME, template=TEMPLATE)
    directory = tmp_path_factory.mktemp("victim")
    yield asyncio.run(happened(postgres.url(NAME), directory))
    postgres.drop_database(NAME)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name.replace(" ", "-"))
def test_each_way_is_refused_with_a_reason_that_names_it(seen: Seen, way: Way) -> None:
    assert seen.turns[way.name] >= 1
    match way.told:
        case Told.PEER:
            assert re.search(way.why, seen.errors[way.name])
        case Told.REFUSED:
            assert any(re.search(way.why, reason) for reason in seen.refused[way.name])
        case Told.ADMIN:
            assert re.search(way.why, seen.admin[way.name])
        case Told.NOWHERE:
            assert way.name not in seen.errors


def test_nothing_of_it_is_kept_and_what_was_is_as_it_was(seen: Seen) -> None:
    assert seen.changed == {}


def test_whoever_asks_the_hub_meanwhile_is_answered(seen: Seen) -> None:
    assert seen.failed == []
    assert all(len(times) > 20 for times in seen.evil)
    assert max(max(times) for times in seen.evil) < DEADLINE_SECONDS


def test_its_memory_has_an_end(seen: Seen) -> None:
    assert seen.memory_at_most - seen.memory_before < MOST_MEMORY_MB


def test_the_operator_sees_which_hubs_and_why(seen: Seen) -> None:
    assert "faults in a row: " in seen.doctor
    assert re.search(r"refused +thing evt_.* why ", seen.shown)


def test_those_who_behave_again_are_peers_like_any(seen: Seen) -> None:
    assert seen.not_well == []
    assert "Traceback" not in seen.log
