"""An event loop whose time passes only when nobody has anything to do; the database is real.

What waits for a timer waits no time at all: the loop's clock jumps to the next one. What waits for
PostgreSQL really waits, and the clock stands still meanwhile. Answers are handed on only when every
question that was asked has its answer, in an order that the seed says: so a schedule goes the same
way however quick the server was. Where all that is still asked waits for locks, as PostgreSQL itself
says, those who hold them are handed theirs.

One seed decides in which order what is ready is done.
"""

import asyncio
import selectors
from collections.abc import Callable
from contextvars import ContextVar
from enum import Enum
from itertools import count
from random import Random
from typing import Any, cast

from tests.simulation.lines import Line, Servers, Sweeping, Unheard

LOOK_SECONDS = 0.02  # of the real clock: then perhaps somebody waits for a lock
STUCK_SECONDS = 30.0
# Whose doing this is: the hub whose task runs. Connections are that hub's for life.
DOER: ContextVar[str | None] = ContextVar("DOER", default=None)


class Fault(Enum):
    """What may happen to a question on its way to PostgreSQL."""

    UNSENT = "the line is cut before it"
    SENT = "the line is cut behind it: it is done, and nobody hears so"

    @property
    def is_before(self) -> bool:
        return self is Fault.UNSENT


# Asked before each question of a hub.
Watch = Callable[[str, bool], Fault | None]


class SimulationStuckError(RuntimeError):
    """Nobody has anything to do, and nobody ever will."""


class SimulatedTask(asyncio.Task[Any]):
    """Told from others by its number: whoever goes through a set of tasks meets them in the same
    order each time."""

    _numbers = count()

    def __init__(self, coroutine: Any, **options: Any) -> None:
        self._number = next(self._numbers)
        super().__init__(coroutine, **options)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other

    @classmethod
    def count_from_none(cls) -> None:
        cls._numbers = count()


class SimulatedLoop(asyncio.SelectorEventLoop):
    """`watch` is asked before each question of a hub to its database, and told whether it is a commit;
    `questions` are those so far."""

    def __init__(self, seed: int, servers: Servers) -> None:
        self._selecting = _Selector(self)
        self._at = 0.0
        self.random = Random(seed)  # noqa: S311 - taken again
        self.servers = servers
        self.lines: list[Line] = []
        self.sweeping: list[Sweeping] = []
        self.watch: Watch | None = None
        self.is_gone: Callable[[str], bool] = lambda _doer: False
        self.questions: list[str] = []
        self.threads = 0  # at work for us
        super().__init__(self._selecting)
        self._clock_resolution = 1e-9
        SimulatedTask.count_from_none()

    def time(self) -> float:
        return self._at

    def pass_time(self, seconds: float) -> None:
        self._at += seconds

    def note_question(self, question: str) -> None:
        self.questions.append(f"{self._at:.3f} {question}")

    def shuffle(self) -> None:
        """What several tasks would do at the same time is done in any order. What the loop does by
        itself, it does in its own."""
        ready = cast(Any, self)._ready
        if len(ready) < 2:
            return
        where = [place for place, handle in enumerate(ready) if _is_of_a_task(handle)]
        if len(where) > 1:
            steps = [ready[place] for place in where]
            self.random.shuffle(steps)
            for place, step in zip(where, steps, strict=True):
                ready[place] = step

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        self.threads += 1
        working = super().run_in_executor(executor, func, *args)
        working.add_done_callback(self._thread_ended)
        return working

    def _thread_ended(self, _: object) -> None:
        self.threads -= 1

    async def create_unix_connection(
        self, protocol_factory: Callable[[], Any], path: Any = None, **_: Any
    ) -> Any:
        """All that asyncpg asks of a loop; hubs meet one another elsewhere."""
        doer = DOER.get()
        if doer is not None and self.is_gone(doer):
            # Somebody who was cancelled in the middle of a question would have it stopped.
            raise ConnectionRefusedError("Its process is gone.")
        protocol = protocol_factory()
        if type(protocol).__name__ == "CancelProto":
            return Unheard(self, protocol), protocol
        line = Line(self, protocol, str(path), doer)
        protocol.connection_made(line.outgoing)
        return line.outgoing, protocol

    def sweep(self) -> None:
        """What was asked on lines that are cut is done, and nobody holds a lock there."""
        for each in list(self.sweeping):
            each.end_now()

    def close(self) -> None:
        """Whoever holds a lock lets go of it first."""
        for line in list(self.lines):
            line.cut()
        self.sweep()
        super().close()


def _is_of_a_task(handle: Any) -> bool:
    """A step of one, or that what it waited for is there (names of CPython's own)."""
    callback = handle._callback
    return type(callback).__name__ == "TaskStepMethWrapper" or isinstance(
        getattr(callback, "__self__", None), asyncio.Task
    )


class _Selector(selectors.DefaultSelector):
    """Waits for PostgreSQL where it was asked something, and lets time pass where nobody is."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop
        self._stuck = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        loop = self._loop
        if timeout is not None and timeout <= 0:
            loop.shuffle()
            return super().select(0) if loop.threads else []
        if self._is_waited_for():
            events = super().select(LOOK_SECONDS)
            if events:
                self._stuck = 0.0
                return events
            self._look_at_locks()
            return []
        self._stuck = 0.0
        if self._hand_on():
            return []
        if timeout is None:
            raise SimulationStuckError("Nobody has anything to do, and nothing is awaited.")
        loop.pass_time(timeout)
        return []

    def _is_waited_for(self) -> bool:
        """An answer, or a thread."""
        loop = self._loop
        if loop.threads or loop.sweeping:
            return True
        return any(line.awaited > 0 for line in loop.lines)

    def _look_at_locks(self) -> None:
        self._stuck += LOOK_SECONDS
        loop = self._loop
        asked = [line.server for line in loop.lines if line.awaited > 0]
        asked += [each.server for each in loop.sweeping]
        waiting = loop.servers.waiting_for_locks()
        all_wait = all(server is not None and server.pid in waiting for server in asked)
        if not loop.threads and all_wait and self._hand_on():
            self._stuck = 0.0
        if self._stuck > STUCK_SECONDS:
            raise SimulationStuckError("PostgreSQL does not answer.")

    def _hand_on(self) -> bool:
        """Every answer that is here. In any order, as one seed says: two questions were asked at the
        same time."""
        having = [line for line in self._loop.lines if line.kept]
        if len(having) > 1:
            self._loop.random.shuffle(having)
        for line in having:
            line.hand_on()
        return bool(having)
