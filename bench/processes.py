"""The processes of a run: started, waited for, looked at in /proc, and ended.

A server gets one processor where there are two or more; the load and PostgreSQL run where they
like. What a process and all that it started have used is read from /proc/PID/stat (proc(5)).
"""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import ClassVar

from bench.load import Order, Told
from domain.errors import Problem

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 15
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Runs a command on one processor: it must be so before the first thread is started.
PINNED = "import os,sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execvp(sys.argv[2], sys.argv[2:])"


class NotStarted(Problem):
    """A server of the benchmark does not answer; says where its words are."""

    code: ClassVar[str] = "BENCH"


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured: `command` and `environment` hold {port} where it listens. `documents`
    where its schema has names of its own making; `versions` of what it is made of."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    path: str = "/graphql"
    documents: Mapping[str, str] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    server: Server
    port: int
    pid: int


@contextmanager
def running(
    server: Server, first: bytes, log: Path, port: int | None = None, *, alone: bool = True
) -> Iterator[Running]:
    """It answers the first body before this begins, and is gone when it ends. `alone`: it has one
    processor; where several are measured together, they share what there is."""
    port = port or free_port()
    command = [word.replace("{port}", str(port)) for word in server.command]
    processors = sorted(os.sched_getaffinity(0))
    if alone and len(processors) > 1:
        command = [sys.executable, "-c", PINNED, str(processors[0]), *command]
    surroundings = {key: each for key, each in os.environ.items() if not ours(key)}
    given = {key: each.replace("{port}", str(port)) for key, each in server.environment.items()}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=server.directory,
            env={**surroundings, **given},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(process, server, port, first, log)
            yield Running(server, port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def ours(name: str) -> bool:
    """What somebody set for a real hub is not for this one."""
    return name.startswith("CONVOKE_") or name == "DATABASE_URL"


def wait_for(
    process: "subprocess.Popen[bytes]", server: Server, port: int, first: bytes, log: Path
) -> None:
    deadline = monotonic() + START_SECONDS
    said = "nothing"
    while monotonic() < deadline and process.poll() is None:
        try:
            status, body = post(port, server.path, first)
        except OSError as error:
            said = str(error)
        else:
            if status == 200:
                return
            said = f"{status} {body[:200]!r}"
        sleep(0.1)
    raise NotStarted(f"{server.name} does not answer ({said}). What it said is in {log}.")


def post(port: int, path: str, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Load:
    """The process that asks."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, order: Order) -> Told:
        given, answers = self._process.stdin, self._process.stdout
        if given is None or answers is None:
            raise RuntimeError("The load was started without its pipes.")
        given.write(json.dumps(asdict(order)) + "\n")
        given.flush()
        line = answers.readline()
        if not line:
            raise NotStarted("The load ended early; what it said stands above.")
        told = Told(**json.loads(line))
        if not told.requests:
            raise NotStarted(f"Nobody answers any more on port {order.port}.")
        return told


@contextmanager
def loading() -> Iterator[Load]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Load(process)
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Used:
    """Of a process and all that it started: processor time, and memory of its own."""

    cpu_seconds: float
    memory_bytes: int


def used(root: int) -> Used:
    seen = snapshot()
    below: dict[int, list[int]] = {}
    for pid, (parent, _) in seen.items():
        below.setdefault(parent, []).append(pid)
    ticks, memory, left = 0, 0, [root]
    while left:
        pid = left.pop()
        if pid in seen:
            ticks += seen[pid][1]
            memory += own_memory(pid)
            left += below.get(pid, [])
    return Used(ticks / TICKS, memory)


def snapshot() -> dict[int, tuple[int, int]]:
    """Every process: its parent, and its ticks with those of its children that have ended."""
    found: dict[int, tuple[int, int]] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdecimal():
            continue
        try:
            text = Path(f"/proc/{entry}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since
        words = text[text.rindex(")") + 2 :].split()  # its name may hold anything
        found[int(entry)] = (int(words[1]), sum(map(int, words[11:15])))
    return found


def own_memory(pid: int) -> int:
    """Resident and not shared: PostgreSQL's processes all show the same shared buffers."""
    try:
        _, resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text().split()[:3])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (resident - shared) * PAGE_BYTES
