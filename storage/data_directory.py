"""The data directory: whose it is, who has it open, and what is wrong with it in plain words.

    <directory>/convoke.data    says that the directory is ours, and which layout it has
    <directory>/convoke.lock    locked by the one process that runs the database
    <directory>/postgres/       the database itself (storage/embedded.py)
    <directory>/postgres.log    what the database says

A lock of the kernel's (flock) ends with its holder, kill -9 included: nothing is ever left locked.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import ClassVar, Self

from domain.errors import Problem

LAYOUT = 1
OURS = frozenset({"convoke.data", "convoke.lock", "postgres.new", "postgres.log"})
OF_THE_FILE_SYSTEM = frozenset({"lost+found", ".DS_Store"})  # an empty disk's root is empty to us
MARKER = "layout {layout}\nThis directory is the data of a Convoke hub. Do not edit it by hand.\n"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
LOCK_PATIENCE = 50  # looks, LOCK_PAUSE_SECONDS apart: a process that is leaving gets a second
LOCK_PAUSE_SECONDS = 0.02
ROOM_TO_CREATE_BYTES = 96 * 1024 * 1024  # a new database takes some 40 MB, its log 16 MB at a time
ROOM_TO_START_BYTES = 32 * 1024 * 1024


class DataDirectoryProblem(Problem):
    """The data directory cannot be used; the message names it and the way out."""

    code: ClassVar[str] = "DATA_DIRECTORY"


class DataDirectory:
    """A directory that is ours, open and locked until `release`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path) -> Self:
        """Makes it where it is missing; refuses what is not ours, or in use, or made by a newer
        Convoke."""
        with explained(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            check_is_ours(path)
            lock = os.open(path / "convoke.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                wait_for(lock, path)
                marker = path / "convoke.data"
                if not marker.exists():
                    marker.write_text(MARKER.format(layout=LAYOUT))
            except BaseException:
                os.close(lock)
                raise
        return cls(path, lock)

    def release(self) -> None:
        os.close(self._lock)

    def require_room(self, to_create: bool) -> None:
        """Says that the disk is full before PostgreSQL trips over it, and writes to be sure."""
        needed = ROOM_TO_CREATE_BYTES if to_create else ROOM_TO_START_BYTES
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise full(self.path, f"{free // 2**20} MB are free and {needed // 2**20} are needed")
        probe = self.path / "postgres.new.probe"
        with explained(self.path):
            try:
                probe.write_bytes(b"\0" * 65536)
            finally:
                probe.unlink(missing_ok=True)


def check_is_ours(path: Path) -> None:
    marker = path / "convoke.data"
    if not marker.exists():
        strangers = sorted({entry.name for entry in path.iterdir()} - OURS - OF_THE_FILE_SYSTEM)
        if strangers:
            raise DataDirectoryProblem(
                f"{path} is not a Convoke data directory: it holds {', '.join(strangers[:3])}"
                f"{' and more' if len(strangers) > 3 else ''}. Name an empty or a new directory."
            )
        return
    layout = marker.read_text().partition("\n")[0].removeprefix("layout ")
    if not layout.isdecimal():
        raise DataDirectoryProblem(
            f"{marker} is damaged. Restore the data directory {path} from a backup."
        )
    if int(layout) > LAYOUT:
        raise DataDirectoryProblem(
            f"{path} was made by a newer Convoke (layout {layout}, this one knows {LAYOUT}). "
            "Update Convoke, or name another directory."
        )


def wait_for(lock: int, path: Path) -> None:
    for _ in range(LOCK_PATIENCE):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(LOCK_PAUSE_SECONDS)
        else:
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
            return
    holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
    who = "this very process" if holder == str(os.getpid()) else f"process {holder or 'unknown'}"
    raise DataDirectoryProblem(
        f"{path} is in use by another Convoke ({who}). "
        "Stop that one first, or give this one a directory of its own."
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What the file system answers, as something a person can act on."""
    try:
        yield
    except PermissionError as error:
        raise DataDirectoryProblem(
            f"{path} cannot be used: no permission for {error.filename or path}. "
            "Run Convoke as the user who owns it, or name another directory."
        ) from error
    except (NotADirectoryError, FileExistsError) as error:
        raise DataDirectoryProblem(
            f"{path} cannot be used: {error.filename or path} is a file. Name a directory."
        ) from error
    except OSError as error:
        if error.errno in FULL:
            raise full(path, error.strerror or "no space left") from error
        raise DataDirectoryProblem(
            f"{path} cannot be used: {error.strerror} ({error.filename or path}). "
            "Name another directory."
        ) from error


def full(path: Path, detail: str) -> DataDirectoryProblem:
    return DataDirectoryProblem(
        f"The disk that holds {path} is full: {detail}. Make room there, or name another directory."
    )
