"""A hub in a process of its own: what ./convoke serve is, begun, looked after and stopped by the demo.

Like the workers of `web/workers.py`, it inherits its socket, says on its standard output when it
answers, and stops where its standard input ends: so none is left behind, however the demo ends.
"""

import asyncio
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from domain.errors import Problem
from web.serving import DRAIN_SECONDS, listening
from web.settings import TREE
from web.workers import READY

READY_SECONDS = 120.0
STOP_SECONDS = DRAIN_SECONDS + 5.0
LOG = "serve.log"


class NotStarted(Problem):
    """It ended before it answered, or it takes too long."""

    code: ClassVar[str] = "DEMO"


@dataclass(slots=True)
class Process:
    """`died` is told when it ends and nobody had stopped it."""

    name: str
    port: int
    data: Path
    environment: Mapping[str, str]
    died: Callable[[str], None]
    _process: asyncio.subprocess.Process | None = None
    _watching: asyncio.Task[None] | None = None
    _answers: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False

    async def begin(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """On those sockets, which are its own from now on; or on new ones of its port."""
        if sockets is None:
            with listening("localhost", self.port) as taken:
                await self.begin(taken)
            return
        descriptors = [each.fileno() for each in sockets]
        command = [sys.executable, str(TREE), "serve", "--host", "localhost"]
        command += ["--port", str(self.port), "--data", str(self.data)]
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._answers.clear()
        self._is_stopping = False
        with (self.data / LOG).open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                "--sockets",
                ",".join(map(str, descriptors)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                pass_fds=descriptors,
                env=self.environment,
                start_new_session=True,  # Ctrl-C is for the demo, which stops it
            )
        for each in sockets:
            each.close()  # or whoever connects while it is stopped would wait for an answer
        self._watching = asyncio.create_task(self._watch(self._process))

    async def answering(self) -> None:
        """When it does. Raises `NotStarted`."""
        if self._watching is None:
            raise RuntimeError(f"{self.name} was not begun.")
        answers = asyncio.ensure_future(self._answers.wait())
        try:
            await asyncio.wait(
                [answers, self._watching],
                timeout=READY_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            answers.cancel()
        if not self._answers.is_set():
            raise NotStarted(
                f"{self.name} does not answer at port {self.port}. Why is in {self.data / LOG}"
            )

    async def stop(self) -> None:
        """In good order where it answers, and at once where it does not yet, or does not hear. Does
        nothing where it has ended."""
        process, watching = self._process, self._watching
        if process is None or watching is None:
            return
        self._is_stopping = True
        with suppress(ProcessLookupError):  # it has ended
            process.terminate()
        await asyncio.wait([watching], timeout=STOP_SECONDS)
        with suppress(ProcessLookupError):  # as it should have
            process.kill()
        await watching
        self._process = self._watching = None

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise RuntimeError("A hub is begun with a pipe for its output.")
        async for line in process.stdout:
            if line.decode().strip() == READY:
                self._answers.set()
        code = await process.wait()
        if not self._is_stopping and self._answers.is_set():
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            self.died(
                f"{self.name}, at port {self.port}, {how}; why may be in {self.data / LOG}. The "
                "others go on, with what they know of it. Start the demo again to have it back."
            )
