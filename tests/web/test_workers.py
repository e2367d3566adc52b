"""./convoke serve --workers: one address, several processes, and nothing left behind by any of them."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from domain.hubs import LocalHub
from resolvers.hubs import ensure_local_hub
from schema.limits import Limits
from storage.embedded import EmbeddedPostgres, is_running
from storage.engine import Database, Pool
from tests.conftest import TEMPLATE
from tests.outside import SeededChance, StandingClock
from web.commands._hub import require_replica, short_of_connections
from web.settings import TREE, SettingProblem, Settings, read_settings
from web.workers import share_of

BODY = json.dumps({"query": "{ hub { name } }"}).encode()
ANSWER = {"data": {"hub": {"name": "Convoke hub"}}}
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Hub:
    process: subprocess.Popen[str]
    data: Path
    port: int

    def workers(self) -> list[int]:
        """The processes that answer, as the system knows them."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [pid for pid in map(int, listed.split()) if "--sockets" in arguments(pid)]


def arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def eventually(claim: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def replaced(hub: Hub, before: list[int]) -> int:
    """The process that took the place of one of them."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = [pid for pid in hub.workers() if pid not in before]
        return bool(found)

    assert eventually(is_there)
    return found[0]


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("migrated") / "data"
    command = [sys.executable, str(TREE), "migrate", "--data", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.fixture
def data(tmp_path: Path, migrated: Path) -> Path:
    shutil.copytree(migrated, tmp_path / "data")
    return tmp_path / "data"


@contextmanager
def serving(data: Path, port: int) -> Iterator[Hub]:
    command = [sys.executable, str(TREE), "serve", "--workers", "2"]
    with subprocess.Popen(
        [*command, "--data", str(data), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        hub = Hub(process, data, port)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Convoke hub answers at http://localhost:"):
                    break
            yield hub
        finally:
            process.kill()


@pytest.fixture
def hub(data: Path, port: int) -> Iterator[Hub]:
    with serving(data, port) as running:
        yield running


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Hub]:
    """One that tests share, because it is as it was when they are done."""
    data = tmp_path_factory.mktemp("lasting") / "data"
    shutil.copytree(migrated, data)
    with serving(data, free_port()) as running:
        yield running


def asked(hub: Hub) -> object:
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=PATIENCE_SECONDS)
    connection.request("POST", "/graphql", BODY, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_each_of_the_workers_answers(lasting: Hub) -> None:
    first, second = lasting.workers()
    for resting in (first, second):
        os.kill(resting, signal.SIGSTOP)
        assert asked(lasting) == ANSWER  # so it was the other
        os.kill(resting, signal.SIGCONT)


def test_a_worker_that_dies_is_replaced_and_the_hub_goes_on_answering(
    lasting: Hub,
) -> None:
    dying, staying = lasting.workers()
    os.kill(dying, signal.SIGKILL)
    for _ in range(20):
        assert asked(lasting) == ANSWER
    replaced(lasting, [dying, staying])
    os.kill(staying, signal.SIGSTOP)
    assert asked(lasting) == ANSWER  # by the new one, as soon as it does
    os.kill(staying, signal.SIGCONT)


def test_a_worker_that_dies_at_once_is_given_time(hub: Hub) -> None:
    dying, staying = hub.workers()
    os.kill(dying, signal.SIGKILL)
    new = replaced(hub, [dying, staying])
    os.kill(new, signal.SIGKILL)  # before it answers
    assert eventually(lambda: new not in hub.workers())
    assert asked(hub) == ANSWER
    hub.process.terminate()
    _, err = hub.process.communicate(timeout=PATIENCE_SECONDS)
    assert hub.process.returncode == 0
    first, second = err.splitlines()
    assert re.fullmatch(
        rf"Worker [12] \(process {dying}\) was ended by signal 9\. Another takes its place.*", first
    )
    assert re.fullmatch(
        rf"Worker [12] \(process {new}\) was ended by signal 9\. "
        r"Another takes its place in [12] seconds\.",
        second,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_all_of_them_end_what_is_running_and_leave(hub: Hub, number: signal.Signals) -> None:
    workers = hub.workers()
    with socket.create_connection(("127.0.0.1", hub.port), timeout=PATIENCE_SECONDS) as slow:
        slow.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % len(BODY)
        )
        assert slow.recv(1024).startswith(b"HTTP/1.1 100 ")  # it is being worked on
        os.killpg(hub.process.pid, number)  # as a terminal does
        slow.sendall(BODY)
        received = b"".join(iter(lambda: slow.recv(65536), b""))
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == ANSWER
    out, err = hub.process.communicate(timeout=PATIENCE_SECONDS)
    assert (hub.process.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")
    assert not [pid for pid in workers if arguments(pid)]
    assert not is_running(hub.data)


def test_workers_do_not_outlive_a_parent_that_is_killed(hub: Hub) -> None:
    workers = hub.workers()
    hub.process.kill()
    assert eventually(lambda: not any(map(arguments, workers)))
    assert eventually(lambda: not is_running(hub.data))
    with serving(hub.data, hub.port) as again:
        assert asked(again) == ANSWER


def test_a_hub_that_cannot_begin_says_so_once(data: Path, port: int) -> None:
    (data / "secret.key").write_text("short", "utf-8")
    with serving(data, port) as hub:
        out, err = hub.process.communicate(timeout=PATIENCE_SECONDS)
    assert (hub.process.returncode, out) == (1, "")
    assert err.startswith(f"convoke: {data / 'secret.key'} is damaged. Put it back from a backup;")
    assert err.count("\n") == 1
    assert not is_running(data)


def test_the_workers_together_run_what_one_would() -> None:
    limits = share_of(Limits(running_per_processor=8, waiting_per_processor=64), 3)
    assert (limits.running_per_processor, limits.waiting_per_processor) == (3, 22)
    assert share_of(Limits(), 1) == Limits()
    assert share_of(Limits(waiting_per_processor=0), 64).running_per_processor == 1


async def test_an_operator_is_told_where_there_are_more_pools_than_connections(
    database: Database,
) -> None:
    def with_pools(workers: int, size: int) -> Settings:
        pool = Pool(size, 0, 1)
        return replace(read_settings({}), workers=workers, pool=pool, worker_inside=False)

    assert await short_of_connections(with_pools(82, 0), database) is None
    told = await short_of_connections(with_pools(17, 13), database)
    assert told is not None
    assert told.startswith(
        "The pools of 17 processes may open 17 times 16 connections, and the database lets 247 in."
    )


@pytest.fixture
async def elsewhere(postgres: EmbeddedPostgres, new_name: Callable[[], str]) -> AsyncIterator[str]:
    """The database of another hub."""
    name = new_name()
    postgres.create_database(name, template=TEMPLATE)
    other = Database(postgres.url(name))
    clock, chance = StandingClock(), SeededChance("elsewhere")
    await ensure_local_hub(other, "https://shelter.example", "Shelter", clock, chance)
    await other.close()
    yield postgres.url(name)
    postgres.drop_database(name)


async def test_a_replica_is_one_of_this_hub(
    database: Database, hub_row: LocalHub, elsewhere: str, resting_url: str
) -> None:
    def beside(url: str | None) -> Settings:
        return replace(read_settings({}), database_url=database.url, replica_url=url)

    with pytest.raises(SettingProblem, match=r"the database of another hub, shelter\.example"):
        await require_replica(beside(elsewhere), database)
    await require_replica(beside(None), database)
    await require_replica(beside(database.url), database)
    await require_replica(beside(resting_url), database)  # it has nothing yet
    await require_replica(beside("postgresql+asyncpg://anna@/hub?host=/nowhere"), database)


@pytest.fixture
async def hub_row(database: Database) -> LocalHub:
    clock, chance = StandingClock(), SeededChance("here")
    return await ensure_local_hub(database, "https://pantry.example", "Pantry", clock, chance)


def test_a_replica_is_a_replica_of_something() -> None:
    with pytest.raises(SettingProblem, match="set that too"):
        read_settings({"DATABASE_REPLICA_URL": "postgresql://replica/hub"})
    given = read_settings(
        {"DATABASE_REPLICA_URL": "postgres://replica/hub", "DATABASE_URL": "postgres://db/hub"}
    )
    assert given.replica_url == "postgresql+asyncpg://replica/hub"
