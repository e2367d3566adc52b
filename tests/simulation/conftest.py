"""The villages that schedules are played in; how many, by profile; and what happened on the way."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

from storage.embedded import EmbeddedPostgres
from tests.simulation.schedule import Villages

# `pytest tests/simulation --hypothesis-profile=nightly`, as for tests/walks.
settings.register_profile("nightly", deadline=None, max_examples=10_000, print_blob=True)

HOW_MANY = {"nightly": 10_000}
OTHERWISE = 300
A_TEST = 30  # seeds
FILES = 2

# What a test notes of its schedules (`record_property`).
HAPPENED, STORIES = "what happened in schedules", "stories that were asked for"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--schedule",
        type=int,
        metavar="SEED",
        help="play that one schedule, and tell it: pytest tests/simulation --schedule=17",
    )


def is_one_asked_for(config: pytest.Config) -> bool:
    return config.getoption("--schedule", default=None) is not None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`REMAINDER` of a module says which seeds are its own."""
    if "seeds" not in metafunc.fixturenames:
        return
    assert metafunc.module is not None
    remainder = metafunc.module.REMAINDER
    one = metafunc.config.getoption("--schedule", default=None)
    if one is not None:
        parts = [range(one, one + 1)] if one % FILES == remainder else []
    else:
        many = HOW_MANY.get(settings.get_current_profile_name(), OTHERWISE)
        step = A_TEST * FILES
        starts = range(remainder, many, step)
        parts = [range(first, min(first + step, many), FILES) for first in starts]
    metafunc.parametrize("seeds", parts, ids=[f"{each[0]}-{each[-1]}" for each in parts])


@pytest.fixture(scope="session")
def built(postgres: EmbeddedPostgres) -> Iterator[Villages]:
    villages = Villages(postgres)
    yield villages
    villages.close()


@pytest.fixture(scope="module")
def villages(built: Villages) -> Iterator[Villages]:
    yield built
    built.servers.close()  # each is a process of PostgreSQL, and there are dozens


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Of all processes that the tests ran in: a report brings what its test has noted."""
    happened: Counter[str] = Counter()
    stories: list[str] = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                noted = dict(report.user_properties)
                happened.update(noted.get(HAPPENED, {}))
                stories += noted.get(STORIES, [])
    if happened:
        terminalreporter.section("what happened in all schedules")
        for what, times in sorted(happened.items()):
            terminalreporter.write_line(f"{what:36}{times:12,}")
    for story in stories:
        terminalreporter.section("the schedule that was asked for")
        terminalreporter.write_line(story)
