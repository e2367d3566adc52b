"""Every few minutes: how far the tests are and what they leave of the machine, for whoever waits for them,
or finds out later what kept them."""

import os
import time
from pathlib import Path

import pytest

EACH_SECONDS = 300.0
MEMORY = Path("/proc/meminfo")  # of Linux (proc_meminfo(5))


class Pace:
    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal
        self._began = self._told = time.monotonic()
        self._finished = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._finished += report.when == "teardown"
        now = time.monotonic()
        if now - self._told >= EACH_SECONDS:
            self._told = now
            self._terminal.write_line(
                f"\n{(now - self._began) / 60:.0f} minutes: {self._finished:,} tests, the last in"
                f" {report.nodeid.partition('::')[0]}; load {os.getloadavg()[0]:.1f},"
                f" {free_memory() / 2**30:.1f} GiB of memory free"
            )


def free_memory() -> int:
    """In bytes; none where that is not to be known."""
    if not MEMORY.exists():
        return 0
    fields = dict(line.split(":", 1) for line in MEMORY.read_text("ascii").splitlines())
    return int(fields["MemAvailable"].split()[0]) * 2**10
