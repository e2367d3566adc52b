"""The database that comes with Convoke: started, joined, stopped, and killed."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from storage.data_directory import DataDirectoryProblem
from storage.embedded import EmbeddedPostgres, is_running
from storage.embedded_process import postmaster

ROOT = Path(__file__).resolve().parents[2]
START = """
import asyncio, sys, time
from pathlib import Path
import asyncpg
from storage.embedded import EmbeddedPostgres

async def ask(server, statement):
    connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()

server = EmbeddedPostgres.start(Path(sys.argv[1]))
"""
KEEP = "asyncio.run(ask(server, 'create table kept as select 42 as n'))\n"
WAIT = "print('ready', flush=True)\ntime.sleep(60)\n"


def ask(server: EmbeddedPostgres, statement: str) -> object:
    return asyncio.run(answer(server, statement))


async def answer(server: EmbeddedPostgres, statement: str) -> object:
    connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@contextmanager
def another_convoke(directory: Path, script: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process, in a session of its own, that runs the script until it says ready."""
    with subprocess.Popen(
        [sys.executable, "-c", START + script, str(directory)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


def keeper_of(process: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    (keeper,) = (int(c) for c in children if b"keeper.py" in command_line(int(c)))
    return keeper


def command_line(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def test_a_first_start_makes_the_database_and_later_ones_keep_what_is_in_it(
    tmp_path: Path,
) -> None:
    with EmbeddedPostgres.start(tmp_path / "new" / "data") as server:
        server.create_database("convoke")
        server.create_database("convoke")
        ask(server, "create table kept as select 42 as n")
    with EmbeddedPostgres.start(tmp_path / "new" / "data") as server:
        assert ask(server, "select n from kept") == 42
        assert ask(server, "select count(*) from pg_database where datname = 'convoke'") == 1


def test_it_sorts_and_folds_alike_on_every_machine(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        assert ask(server, "select lower('ÄÉ') || ('a' < 'B')::text") == "äéfalse"
        assert ask(server, "show server_encoding") == "UTF8"
        assert ask(server, "show timezone") == "UTC"


def test_a_database_is_made_from_a_template_and_dropped_while_in_use(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        server.create_database('of "hers"')
        server.create_database("its o'clock", template='of "hers"')
        asyncio.run(dropped_while_in_use(server, "its o'clock"))
        server.drop_database("its o'clock")
        names = "select string_agg(datname, ',' order by datname) from pg_database"
        assert ask(server, names) == 'of "hers",postgres,template0,template1'


async def dropped_while_in_use(server: EmbeddedPostgres, name: str) -> None:
    connection = await asyncpg.connect(server.url(name).replace("+asyncpg", ""))
    server.drop_database(name)
    with pytest.raises(asyncpg.PostgresConnectionError):
        await connection.fetchval("select 1")
    await connection.close()


def test_nobody_but_its_owner_can_reach_it_and_nobody_over_the_network(
    tmp_path: Path,
) -> None:
    with EmbeddedPostgres.start(tmp_path / "data", durable=False) as server:
        sockets = server.socket_directory
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        assert ask(server, "show listen_addresses") == ""
        assert len(str(sockets / ".s.PGSQL.5432")) < 107
    assert not sockets.exists()


def test_it_is_durable_unless_a_test_says_otherwise(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path) as server:
        assert ask(server, "show fsync") == "on"
        assert ask(server, "show synchronous_commit") == "on"
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        assert ask(server, "show fsync") == "off"


def test_its_log_tells_nothing_of_people(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        ask(server, "create table people (name text primary key)")
        ask(server, "insert into people values ('Anna Secret')")
        with pytest.raises(asyncpg.UniqueViolationError):
            ask(server, "insert into people values ('Anna Secret')")
    told = (tmp_path / "postgres.log").read_text()
    assert "ready to accept connections" in told
    assert "Anna" not in told


def test_another_command_joins_the_server_that_runs_and_leaves_it_running(
    tmp_path: Path,
) -> None:
    assert not is_running(tmp_path)
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        assert is_running(tmp_path)
        (tmp_path.parent / "link").symlink_to(tmp_path)
        with EmbeddedPostgres.attach(tmp_path.parent / "link") as joined:
            assert joined.url() == server.url()
        assert ask(server, "select 1") == 1
    assert not is_running(tmp_path)


def test_nothing_can_be_joined_where_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryProblem) as problem:
        EmbeddedPostgres.attach(tmp_path / "data")
    assert f"No Convoke runs on {tmp_path / 'data'}." in problem.value.message
    assert not (tmp_path / "data").exists()


def test_two_may_not_run_on_one_directory(tmp_path: Path) -> None:
    with another_convoke(tmp_path, KEEP + WAIT) as other:
        with pytest.raises(DataDirectoryProblem) as problem:
            EmbeddedPostgres.start(tmp_path)
        assert problem.value.message == (
            f"{tmp_path} is in use by another Convoke (process {other.pid}). "
            "Stop that one first, or give this one a directory of its own."
        )
        joined = EmbeddedPostgres.attach(tmp_path)
        assert ask(joined, "select n from kept") == 42


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_the_server_goes_with_its_convoke_and_nothing_committed_is_lost(
    tmp_path: Path, number: signal.Signals
) -> None:
    with another_convoke(tmp_path, KEEP + WAIT) as other:
        running = postmaster(tmp_path / "postgres")
        assert running is not None
        sockets = Path(running.socket_directory)
        os.kill(other.pid, number)
        other.wait()
    with EmbeddedPostgres.start(tmp_path) as server:
        assert ask(server, "select n from kept") == 42
        assert not Path(f"/proc/{running.pid}").exists()
        assert not sockets.exists()


def test_a_server_whose_keeper_was_killed_too_is_taken_over(tmp_path: Path) -> None:
    with another_convoke(tmp_path, KEEP + WAIT) as other:
        left = postmaster(tmp_path / "postgres")
        assert left is not None
        os.kill(keeper_of(other.pid), signal.SIGKILL)
        other.kill()
        other.wait()
        assert is_running(tmp_path)
    with EmbeddedPostgres.start(tmp_path) as server:
        assert ask(server, "select n from kept") == 42
        now = postmaster(tmp_path / "postgres")
        assert now is not None
        assert now.pid != left.pid
        assert not Path(left.socket_directory).exists()


def test_everything_killed_at_once_loses_nothing_committed(tmp_path: Path) -> None:
    with another_convoke(tmp_path, KEEP + WAIT) as other:
        left = postmaster(tmp_path / "postgres")
        assert left is not None
        for process in (other.pid, keeper_of(other.pid), left.pid):
            os.kill(process, signal.SIGKILL)
        other.wait()
    with EmbeddedPostgres.start(tmp_path) as server:
        assert ask(server, "select n from kept") == 42
        assert not Path(left.socket_directory).exists()


def test_ctrl_c_leaves_the_server_standing_until_convoke_has_done_its_last(
    tmp_path: Path,
) -> None:
    last = (
        "try:\n    print('ready', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(0.3)\n"
        "    print(asyncio.run(ask(server, 'select 7')), flush=True)\n    server.stop()\n"
    )
    with another_convoke(tmp_path, last) as other:
        os.killpg(other.pid, signal.SIGINT)  # as a terminal does: to all in the foreground
        assert other.stdout is not None
        assert other.stdout.read() == b"7\n"
        assert other.wait() == 0
    assert not is_running(tmp_path)


def test_a_number_that_is_another_process_s_by_now_stops_no_start(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        ask(server, "create table kept as select 42 as n")
        left = (tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()
    left[0] = str(os.getpid())  # a container's numbers are few, and used again
    (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(left) + "\n")
    assert not is_running(tmp_path)
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        assert ask(server, "select n from kept") == 42


def test_a_database_that_was_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        assert ask(server, "select 1") == 1
    assert not (tmp_path / "postgres.new").exists()


def test_settings_of_the_surroundings_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGOPTIONS": "-c nonsense=1",
        "PGDATA": "/nowhere",
        "PGPORT": "1",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Asia/Tokyo",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        server.create_database("convoke")
    assert "listening on Unix socket" in (tmp_path / "postgres.log").read_text()
