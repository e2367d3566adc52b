"""The world that both ways are asked about, filled once; and how much is asked, by profile."""

import logging
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from storage.embedded import EmbeddedPostgres
from storage.refusals import log
from tests.conftest import TEMPLATE
from tests.differential.coverage import Coverage
from tests.differential.knowledge import Knowledge, learned
from tests.differential.trying import CONTRACT, BothWays, both_ways
from tests.differential.world_of_events import make_world

# `pytest tests/differential --hypothesis-profile=nightly -o faulthandler_timeout=0` asks as long as a night
# is worth.
settings.register_profile("nightly", deadline=None, max_examples=10_000, print_blob=True)

SEEN = pytest.StashKey[dict[str, Coverage]]()  # by test


@pytest.fixture(scope="module")
def ways(postgres: EmbeddedPostgres, new_name: Callable[[], str]) -> Iterator[BothWays]:
    name = new_name()
    postgres.create_database(name, template=TEMPLATE)
    log.setLevel(logging.INFO)  # says why the database did not answer, should it come to that
    with both_ways(postgres.url(name), make_world()) as held:
        yield held
    log.setLevel(logging.NOTSET)
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def known(ways: BothWays) -> Knowledge:
    return learned(ways)


@pytest.fixture
def coverage(request: pytest.FixtureRequest) -> Coverage:
    """What is counted here is told at the end of the run."""
    counted = Coverage(CONTRACT)
    request.config.stash.setdefault(SEEN, {})[request.node.name] = counted
    return counted


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for name, counted in config.stash.get(SEEN, {}).items():
        terminalreporter.section(name)
        runs, codes = counted.runs.most_common(), counted.codes.most_common()
        terminalreporter.write_line(", ".join(f"{count} {what}" for what, count in runs))
        terminalreporter.write_line("errors: " + ", ".join(f"{n} {code}" for code, n in codes))
        for line in counted.table():
            terminalreporter.write_line(line)
