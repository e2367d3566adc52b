"""The ground that walks are on; how far they go, by profile; and what was done on the way."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from storage.embedded import EmbeddedPostgres
from tests.conftest import TEMPLATE
from tests.walks.walk import ELSEWHERE, Ground, ground, mutations

# `pytest tests/walks --hypothesis-profile=nightly -o faulthandler_timeout=0`, as for tests/differential.
settings.register_profile("nightly", deadline=None, max_examples=10_000, print_blob=True)

Done = Counter[tuple[str, bool]]  # by what was tried, and whether it was done
WALKED = pytest.StashKey[Done]()


@pytest.fixture(scope="module")
def town(postgres: EmbeddedPostgres, new_name: Callable[[], str]) -> Iterator[Ground]:
    name = new_name()
    postgres.create_database(name, template=TEMPLATE)
    with ground(postgres.url(name)) as held:
        yield held
    postgres.drop_database(name)


@pytest.fixture
def done(request: pytest.FixtureRequest) -> Done:
    """What is counted here is told at the end of the run."""
    return request.config.stash.setdefault(WALKED, Counter())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    counted = config.stash.get(WALKED, Counter())
    if not counted:
        return
    terminalreporter.section("steps of all walks: done, refused")
    for name in (*mutations(), *ELSEWHERE):
        terminalreporter.write_line(f"{name:30}{counted[name, True]:7}{counted[name, False]:7}")
