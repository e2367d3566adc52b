"""What a process says of itself from time to time: how late its loop comes round, what it uses."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from storage.engine import Database
from web.operating.metrics import Metrics
from web.turns import Turns

EVERY_SECONDS = 1.0
_STATM = Path("/proc/self/statm")  # proc(5)


class Sampling:
    """One for each process."""

    def __init__(self, metrics: Metrics, database: Database, turns: Turns) -> None:
        self._metrics = metrics
        self._database = database
        self._turns = turns
        self._cpu = 0.0
        self._others: list[Callable[[], None]] = []
        metrics.sampled_by(self.sample)

    def also(self, sample: Callable[[], None]) -> None:
        """What else is looked at then."""
        self._others.append(sample)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._metrics.processes.set(1)
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            self.sample()  # the last moment counts too

    async def _run(self) -> None:
        while True:
            due = time.monotonic() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self._metrics.lag.observe(max(0.0, time.monotonic() - due))
            self.sample()

    def sample(self) -> None:
        metrics = self._metrics
        for other in self._others:
            other()
        for pool in self._database.load():
            for state, count in (
                ("busy", pool.busy),
                ("idle", pool.idle),
                ("waiting", pool.waiting),
            ):
                metrics.connections.labels(pool.name, state).set(count)
        metrics.turns.set(self._turns.waiting)
        metrics.memory.set(resident_bytes())
        used = time.process_time()
        metrics.cpu.inc(used - self._cpu)
        self._cpu = used


def resident_bytes() -> int:
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS, in bytes: the most it was
