"""Keeps a child no longer than the process that asked for it; a program of its own.

Run by `storage/embedded.py` as `python -I -S keeper.py WHO SOCKETS COMMAND...` with one end of a
pipe as standard input. When that pipe ends, because Convoke closed it or died in whatever way
(kill -9 too), the child is told to stop, so no PostgreSQL is ever left behind holding the data.
It lives in a session of its own: Ctrl-C in the terminal reaches Convoke, which stops the database
last. Nothing here imports more than it must: this process stays for as long as the database does.
"""

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

CLONE_NEWUSER = 0x10000000  # linux/sched.h
PATIENCE_SECONDS = 60.0


def main() -> int:
    who, sockets, *command = sys.argv[1:]
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        run(who, command)
    ended = threading.Event()

    def told_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop(child)

    def watch() -> None:
        while os.read(0, 4096):
            continue
        stop(child)
        if not ended.wait(PATIENCE_SECONDS):
            # An immediate shutdown loses nothing committed: the next start replays the log.
            os.kill(child, signal.SIGQUIT)

    signal.signal(signal.SIGTERM, told_to_stop)
    threading.Thread(target=watch, daemon=True).start()
    _, status = os.waitpid(child, 0)
    ended.set()
    if sockets:
        remove(Path(sockets))
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def stop(child: int) -> None:
    """SIGINT is PostgreSQL's fast shutdown: end the sessions, write a checkpoint, leave."""
    try:
        os.kill(child, signal.SIGINT)
    except ProcessLookupError:
        return  # it was already gone, which is what was wanted


def run(who: str, command: list[str]) -> NoReturn:
    """Becomes the command, as the given user, with nothing of ours held."""
    try:
        for inherited in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(inherited, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.umask(0o077)
        become(who)
        os.execv(command[0], command)  # noqa: S606  # no shell is what is wanted
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]}: {error}\n")
        sys.stderr.flush()
        os._exit(127)


def become(who: str) -> None:
    """`same`; `map:UID:GID`, another number in a user namespace; `be:UID:GID`, another account.

    PostgreSQL refuses to run as root. In a user namespace where root is known by another number it
    is content, and the files stay root's own: nothing is chowned, and a home that only root may
    enter (0700) is still entered. user_namespaces(7).
    """
    if who == "same":
        return
    how, uid, gid = who.split(":")
    if how == "be":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
        return
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"user namespace refused: {os.strerror(number)}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def remove(directory: Path) -> None:
    if directory.is_dir():
        for entry in directory.iterdir():
            entry.unlink()
        directory.rmdir()


if __name__ == "__main__":
    sys.exit(main())
