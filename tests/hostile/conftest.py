"""One hub for all hostile requests, an innocent client beside it, and a table at the end."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.hostile.hub import Hub, running_hub
from tests.hostile.innocent import Innocent, innocent


@dataclass
class Row:
    requests: int = 0
    answer: float = 0.0
    wait: float = 0.0
    logged: int = 0


@dataclass
class Record:
    """What was measured, by the rows of the table of safety."""

    rows: defaultdict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    kilobytes: tuple[int, int] = (0, 0)

    def note(self, row: str, requests: int, answer: float, wait: float, logged: int) -> None:
        noted = self.rows[row]
        noted.requests += requests
        noted.answer = max(noted.answer, answer)
        noted.wait = max(noted.wait, wait)
        noted.logged += logged


RECORD = pytest.StashKey[Record]()


@pytest.fixture(scope="session")
def record(pytestconfig: pytest.Config) -> Record:
    return pytestconfig.stash.setdefault(RECORD, Record())


# Of one module: its token lives five minutes, and nobody else is to run beside this hub.
@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hostile")) as running:
        yield running


@pytest.fixture(scope="module")
def beside(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Innocent]:
    answers = tmp_path_factory.mktemp("innocent") / "answers"
    with innocent(hub.port, hub.token, answers) as running:
        yield running


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    record = config.stash.get(RECORD, None)
    if record is None or not record.rows:
        return
    terminalreporter.section("hostile requests")
    terminalreporter.write_line(
        f"{'row':<12}{'requests':>9}{'worst answer':>14}{'innocent waits':>16}{'bytes logged':>14}"
    )
    for name, row in sorted(record.rows.items()):
        terminalreporter.write_line(
            f"{name:<12}{row.requests:>9}{row.answer * 1000:>11.0f} ms{row.wait * 1000:>13.0f} ms"
            f"{row.logged:>14}"
        )
    before, after = record.kilobytes
    total = sum(row.requests for row in record.rows.values())
    terminalreporter.write_line(
        f"{total} requests; memory {before / 1024:.0f} MB before, {after / 1024:.0f} MB after"
    )
