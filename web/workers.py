"""Several processes that answer at one address: begun, looked after, and stopped together.

The parent holds the sockets and the database that comes with Convoke, and answers nobody. Each
worker is a program of its own (nothing is forked: an event loop, its connections and its threads
cannot be) that inherits the sockets, so that whoever connects finds one that is alive. A worker
knows of its parent by its standard input: where that ends, however the parent ended, it stops in
good order. On its standard output it says when it answers.
"""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from schema.limits import Limits
from web.serving import DRAIN_SECONDS

READY = "ready"
LIVED_SECONDS = 10.0  # whoever ends sooner may do so again: the next one is begun later
LONGEST_PAUSE_SECONDS = 30.0
STOP_SECONDS = DRAIN_SECONDS + 10.0

log = logging.getLogger("convoke.workers")


def share_of(limits: Limits, workers: int) -> Limits:
    """What one of so many may run at a time, so that all together run what one alone would."""
    return replace(
        limits,
        running_per_processor=-(-limits.running_per_processor // workers),
        waiting_per_processor=-(-limits.waiting_per_processor // workers),
    )


def inherited(numbers: str) -> list[socket.socket]:
    """The sockets that `Workers` gave this process."""
    return [socket.socket(fileno=int(number)) for number in numbers.split(",")]


def say_ready() -> None:
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()


@contextmanager
def stopping_with_parent() -> Iterator[None]:
    """The end of standard input is told as SIGTERM is."""
    loop, end = asyncio.get_running_loop(), sys.stdin.fileno()

    def ended() -> None:
        loop.remove_reader(end)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(end, ended)
    try:
        yield
    finally:
        loop.remove_reader(end)


@dataclass
class Workers:
    """`run()` returns when all have stopped: because that was asked for, with 0, or because the
    first of them could not begin, with its exit code."""

    command: Sequence[str]  # to which the sockets are added
    sockets: Sequence[socket.socket]
    count: int
    started: Callable[[], None]
    ended: Callable[[int], None] = lambda _: None  # with the number of a process that has
    environment: Mapping[str, str] | None = None
    stop_seconds: float = STOP_SECONDS
    _running: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    _told_to_stop: asyncio.Event = field(default_factory=asyncio.Event)
    _ready: set[int] = field(default_factory=set)
    _answered_once: asyncio.Event = field(default_factory=asyncio.Event)
    _announced: bool = False
    _code: int = 0

    async def run(self) -> int:
        with self._hearing():
            # What is made at a hub's first start, its keys and its secret, is made by the first.
            first = asyncio.create_task(self._keep(1))
            answered = asyncio.create_task(self._answered_once.wait())
            await asyncio.wait([first, answered], return_when=asyncio.FIRST_COMPLETED)
            answered.cancel()
            others = () if first.done() else range(2, self.count + 1)
            await asyncio.gather(first, *map(self._keep, others))
        return self._code

    async def _keep(self, number: int) -> None:
        """One place among the workers, filled again when its process ends."""
        pause = 0.0
        while not self._told_to_stop.is_set():
            process = await self._begin(number)
            answered_at = await self._listen(number, process)
            code = await process.wait()
            del self._running[number]
            self.ended(process.pid)
            self._ready.discard(number)
            if self._told_to_stop.is_set():
                return
            if not self._answered_once.is_set():
                self._code = code if code > 0 else 1  # it has said why
                return
            if answered_at is not None and self._now() - answered_at >= LIVED_SECONDS:
                pause = 0.0
            else:
                pause = min(max(1.0, 2 * pause), LONGEST_PAUSE_SECONDS)
            log.error(
                "Worker %d (process %d) %s. Another takes its place%s.",
                number,
                process.pid,
                f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}",
                f" in {pause:g} seconds" if pause else "",
            )
            await self._pause(pause)

    async def _begin(self, number: int) -> asyncio.subprocess.Process:
        descriptors = [each.fileno() for each in self.sockets]
        process = await asyncio.create_subprocess_exec(
            *self.command,
            "--sockets",
            ",".join(map(str, descriptors)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=descriptors,
            env=self.environment,
            start_new_session=True,  # Ctrl-C is for the parent, which tells them
        )
        self._running[number] = process
        if self._told_to_stop.is_set():  # meanwhile
            process.terminate()
        return process

    async def _listen(self, number: int, process: asyncio.subprocess.Process) -> float | None:
        """Until its standard output ends, as it does with the process. Since when it answered."""
        answered_at = None
        if process.stdout is None:
            raise RuntimeError("A worker is begun with a pipe for its output.")
        async for line in process.stdout:
            if line.decode().rstrip("\n") != READY:
                sys.stdout.write(line.decode())
                sys.stdout.flush()
                continue
            answered_at = self._now()
            self._ready.add(number)
            self._answered_once.set()
            if len(self._ready) == self.count and not self._announced:
                self._announced = True
                self.started()
        return answered_at

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._told_to_stop.wait()
        except TimeoutError:
            return

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is with nohup: we stay
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        """The first time all may end what is running; the second time they leave at once."""
        again = self._told_to_stop.is_set()
        self._told_to_stop.set()
        for process in self._running.values():
            with suppress(ProcessLookupError):  # gone a moment ago
                process.send_signal(signal.SIGINT if again else signal.SIGTERM)
        if not again:
            asyncio.get_running_loop().call_later(self.stop_seconds, self._end)

    def _end(self) -> None:
        for number, process in self._running.items():
            log.error("Worker %d (process %d) does not stop: ended.", number, process.pid)
            with suppress(ProcessLookupError):
                process.kill()
