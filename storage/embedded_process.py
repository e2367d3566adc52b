"""The server's process: which one it is, whether it still is, and ending what a killed one left.

`postmaster.pid` outlives its server when that is killed, and process numbers are used again, in
containers soon: what it says is believed only of a process that runs on this very directory.
"""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from storage.data_directory import DataDirectoryProblem

PAUSE_SECONDS = 0.01
PATIENCE = 6_000  # looks, PAUSE_SECONDS apart: a minute, for writing or replaying a long log
QUIT_PATIENCE = 500


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says: line 1 the process, 5 the socket's directory, 8 how it is."""

    pid: int
    socket_directory: str
    ready: bool


def postmaster(cluster: Path) -> Postmaster | None:
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdecimal():
        return None
    lines += [""] * 8
    return Postmaster(int(lines[0]), lines[4], lines[7].strip() == "ready")


def running(cluster: Path) -> Postmaster | None:
    found = postmaster(cluster)
    return found if found is not None and is_our_server(found.pid, cluster) else None


def is_our_server(pid: int, cluster: Path) -> bool:
    """Process numbers are used again; the command line says whether it is still the one."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/cmdline").exists():
            return False
        ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]  # where there is no /proc: macOS
        listed = subprocess.run(ps, capture_output=True, check=False)  # noqa: S603
        return f"postgres -D {cluster} ".encode() in listed.stdout
    return len(arguments) > 2 and arguments[1:3] == [b"-D", os.fsencode(cluster)]


def take_over(cluster: Path) -> None:
    """Stops what a killed Convoke left running: we hold the lock, so nobody has use for it."""
    left = postmaster(cluster)
    if left is None:
        return
    if is_our_server(left.pid, cluster):
        for number, look in ((signal.SIGINT, PATIENCE), (signal.SIGQUIT, QUIT_PATIENCE)):
            stop_process(left.pid, number)
            if any(gone(left.pid, cluster) for _ in range(look)):
                break
        else:
            raise DataDirectoryProblem(
                f"A PostgreSQL that a killed Convoke left on {cluster} does not stop. "
                f"End process {left.pid}, then start again."
            )
    else:
        # The number may be some other program's by now, which PostgreSQL takes for a living server.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
    forget_sockets(Path(left.socket_directory))


def gone(pid: int, cluster: Path) -> bool:
    if not is_our_server(pid, cluster):
        return True
    sleep(PAUSE_SECONDS)
    return False


def stop_process(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # its keeper was quicker


def forget_sockets(directory: Path) -> None:
    """What a killed server left; only a directory that `socket_directory` made is touched."""
    if directory.name.startswith("convoke-") and directory.is_dir():
        for entry in directory.iterdir():
            if entry.name.startswith(".s.PGSQL."):
                entry.unlink(missing_ok=True)
        directory.rmdir()
