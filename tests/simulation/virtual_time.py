"""An event loop whose time passes only when nobody has anything to do; the database is real.

What waits for a timer waits no time at all: the loop's clock jumps to the next one. What waits for
PostgreSQL really waits, and the clock stands still meanwhile. Answers are handed on only when every
question that was asked has its answer, and in the order in which they were asked: so a schedule
goes the same way however quick the server was. Where one question waits for a lock that another
connection holds, the others' answers are handed on after a moment.

One seed decides in which order what is ready is done.
"""

import asyncio
import selectors
from collections.abc import Callable
from contextvars import ContextVar
from enum import Enum
from random import Random
from typing import Any, cast

STALLED_SECONDS = 0.25  # of the real clock: then somebody waits for a lock
STUCK_SECONDS = 20.0
# Whose doing this is: the hub whose task runs. Connections are that hub's for life.
DOER: ContextVar[str | None] = ContextVar("DOER", default=None)


class Fault(Enum):
    """What may happen to a question on its way to PostgreSQL."""

    UNSENT = "the line is cut before it"
    SENT = "the line is cut behind it: it is done, and nobody hears so"


# Asked before each question of a hub.
Watch = Callable[[str], Fault | None]


class SimulationStuckError(RuntimeError):
    """Nobody has anything to do, and nobody ever will."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """`watch` is asked before each question of a hub to its database."""

    def __init__(self, seed: int) -> None:
        self._selecting = _Selector(self)
        self._at = 0.0
        self.random = Random(seed)  # noqa: S311 - taken again
        self.lines: list[Line] = []
        self.watch: Watch | None = None
        self.is_gone: Callable[[str], bool] = lambda _doer: False
        self.threads = 0  # at work for us
        super().__init__(self._selecting)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._at

    def pass_time(self, seconds: float) -> None:
        self._at += seconds

    def shuffle(self) -> None:
        """What several tasks would do at the same time is done in any order. What the loop does by
        itself, it does in its own."""
        ready = cast(Any, self)._ready
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

    async def create_connection(self, *args: Any, **options: Any) -> Any:
        self._refuse_the_dead()
        return await super().create_connection(*args, **options)

    async def create_unix_connection(self, *args: Any, **options: Any) -> Any:
        self._refuse_the_dead()
        return await super().create_unix_connection(*args, **options)

    def _refuse_the_dead(self) -> None:
        """Somebody who was cancelled in the middle of a question would have it stopped."""
        doer = DOER.get()
        if doer is not None and self.is_gone(doer):
            raise ConnectionRefusedError("Its process is gone.")

    def _make_socket_transport(
        self,
        sock: Any,
        protocol: Any,
        waiter: Any = None,
        *,
        extra: Any = None,
        server: Any = None,
    ) -> Any:
        if type(protocol).__module__.startswith("asyncpg"):
            protocol = Line(self, protocol, DOER.get())
        return cast(Any, super())._make_socket_transport(
            sock, protocol, waiter, extra=extra, server=server
        )


class Line(asyncio.Protocol):
    """One connection to PostgreSQL. It counts what was asked and what was answered, by the messages
    of the protocol (postgresql.org/docs/current/protocol-message-formats.html)."""

    def __init__(self, loop: SimulatedLoop, asyncpg: Any, doer: str | None) -> None:
        self.loop = loop
        self.doer = doer
        self.is_cut = False
        self.awaited = 1  # the greeting
        self._has_met = False
        self._is_describing = False
        self._is_told = False
        self._asyncpg = asyncpg
        self._transport: Any = None
        self._kept = bytearray()
        self._unread = bytearray()

    # ── from the server ──────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.loop.lines.append(self)
        self._asyncpg.connection_made(_Outgoing(self, transport))

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self.awaited -= self._ready_for_more()
        if self._has_met and not self.is_cut:
            self._kept += data
        else:
            self._asyncpg.data_received(bytes(data))
            self._has_met = self._has_met or self.awaited == 0

    def hand_on(self) -> None:
        if self._kept and not self.is_cut:
            given, self._kept = bytes(self._kept), bytearray()
            self._asyncpg.data_received(given)

    @property
    def has_something(self) -> bool:
        return bool(self._kept)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_cut:
            return
        self.hand_on()
        self.is_cut = True
        self.loop.lines.remove(self)
        self._asyncpg.connection_lost(exc)

    def eof_received(self) -> Any:
        if self.is_cut:
            return None
        self.hand_on()
        return self._asyncpg.eof_received()

    def pause_writing(self) -> None:
        self._asyncpg.pause_writing()

    def resume_writing(self) -> None:
        self._asyncpg.resume_writing()

    # ── to it ────────────────────────────────────────────────────────────────────────────────────

    def send(self, data: bytes) -> None:
        if self.is_cut:
            return
        names = _names_in(data) if self._has_met else b""
        questions = sum(name in b"SQXH" for name in names)
        fault = None
        if questions and self.loop.watch is not None and self.doer is not None:
            fault = self.loop.watch(self.doer)
        if self.is_cut:  # by whoever was asked: the hub is gone
            return
        if fault is Fault.UNSENT:
            self.cut(is_lost=True)
            return
        self._transport.write(data)
        self._is_describing = self._is_describing or ord("H") in names
        self.awaited += questions
        if fault is Fault.SENT:
            self.cut(is_lost=True)

    def cut(self, *, is_lost: bool = False) -> None:
        """Nothing comes back any more. The server does what it was sent, and then hears that nobody
        is there. `is_lost`: whoever asked lives, and hears so too."""
        self.is_cut = True
        self.awaited = 0
        self._kept.clear()
        if self in self.loop.lines:
            self.loop.lines.remove(self)
        self._transport.close()
        if is_lost:
            self.loop.call_soon(self.tell_that_it_is_cut)

    def tell_that_it_is_cut(self) -> None:
        """Whoever waits at the other end hears so."""
        if not self._is_told:
            self._is_told = True
            self._asyncpg.connection_lost(ConnectionResetError("The line was cut."))

    def _ready_for_more(self) -> int:
        """How often the server said that it has answered: ReadyForQuery, or what ends the description
        of a statement where that alone was asked for (Flush)."""
        found = 0
        while len(self._unread) >= 5:
            length = 1 + int.from_bytes(self._unread[1:5])
            if len(self._unread) < length:
                break
            name = self._unread[0]
            if name in b"TnE" and self._is_describing:
                self._is_describing = False
                found += 1
            found += name == ord("Z")
            del self._unread[:length]
        return found


class _Outgoing:
    """The transport as asyncpg has it."""

    def __init__(self, line: Line, transport: Any) -> None:
        self._line = line
        self._transport = transport

    def write(self, data: Any) -> None:
        self._line.send(bytes(data))

    def writelines(self, parts: Any) -> None:
        self.write(b"".join(bytes(each) for each in parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _is_of_a_task(handle: Any) -> bool:
    """A step of one, or that what it waited for is there (names of CPython's own)."""
    callback = handle._callback
    return type(callback).__name__ == "TaskStepMethWrapper" or isinstance(
        getattr(callback, "__self__", None), asyncio.Task
    )


def _names_in(data: bytes) -> bytes:
    """Of the messages: each is one letter, its length in four bytes, and the rest."""
    found, at = bytearray(), 0
    while at + 5 <= len(data):
        found.append(data[at])
        at += 1 + int.from_bytes(data[at + 1 : at + 5])
    return bytes(found)


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
            return super().select(0)
        if self._is_waited_for():
            events = super().select(STALLED_SECONDS)
            if events:
                self._stuck = 0.0
                return events
            self._stuck += STALLED_SECONDS
            if not self._hand_on() and self._stuck > STUCK_SECONDS:
                raise SimulationStuckError("PostgreSQL does not answer.")
            return []
        self._stuck = 0.0
        if self._hand_on():
            return []
        events = super().select(0)  # what was not asked for: a notification, a closed connection
        if not events:
            if timeout is None:
                raise SimulationStuckError("Nobody has anything to do, and nothing is awaited.")
            loop.pass_time(timeout)
        return events

    def _is_waited_for(self) -> bool:
        """An answer, a connection that is being made, or a thread."""
        if self._loop.threads or any(line.awaited > 0 for line in self._loop.lines):
            return True
        return any(key.events & selectors.EVENT_WRITE for key in super().get_map().values())

    def _hand_on(self) -> bool:
        """Every answer that is here. In any order, as one seed says: two questions were asked at the
        same time."""
        having = [line for line in self._loop.lines if line.has_something]
        self._loop.random.shuffle(having)
        for line in having:
            line.hand_on()
        return bool(having)
