"""The worker: one of a hub's processes at a time, whatever becomes of the others."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.hubs import LocalHub
from domain.recurrence import Recurrence
from resolvers.context import Context
from resolvers.what_time_brings import DUTIES, Duty
from storage.embedded import EmbeddedPostgres
from storage.engine import Database, Pool
from tests.cast import Cast, MakeContext, publish
from tests.outside import SeededChance, StandingClock
from web.commands._hub import short_of_connections
from web.settings import TREE, read_settings
from web.worker import Worker, at_work, worker_of

PATIENCE_SECONDS = 60.0
HOLDER = text(  # of this database: the locks of all that a server holds are told
    "select l.pid from pg_locks l join pg_database d on d.oid = l.database"
    " where d.datname = current_database() and l.locktype = 'advisory' and l.granted"
)
STANDING_BY = text(
    "select count(*) from pg_stat_activity"
    " where application_name = 'convoke: what time brings' and datname = current_database()"
)


@dataclass
class Bell:
    """A duty that tells who did it; it rings until it is told to stop."""

    of: str
    rung: list[str]
    held: asyncio.Event = field(default_factory=asyncio.Event)
    ended: list[str] = field(default_factory=list)

    async def ring(self, ctx: Context, now: datetime, limit: int) -> int:
        self.rung.append(self.of)
        return 0

    async def hold(self, ctx: Context, now: datetime, limit: int) -> int:
        """It has written something, and goes on for ever."""
        async with ctx.writing() as db:
            await db.execute(text("update hubs set name = 'Half'"))
            self.rung.append(self.of)
            try:
                await self.held.wait()
            finally:
                self.ended.append(self.of)
        return 0


@dataclass(frozen=True)
class Processes:
    """Several on one hub, as far as one process can be several; `rung` tells who worked."""

    database: Database
    hub: LocalHub
    clock: StandingClock
    opened: AsyncExitStack
    rung: list[str] = field(default_factory=list)

    async def begin(self, name: str, *, holds: bool = False) -> tuple[Bell, AsyncExitStack]:
        bell, stack = Bell(name, self.rung), AsyncExitStack()
        duty = Duty("ring", 60, bell.hold if holds else bell.ring)
        chance = SeededChance(name)
        making = worker_of(self.database.url, self.hub, self.clock, chance, (duty,))
        worker: Worker = await stack.enter_async_context(making)
        worker.look_seconds = 0.05
        await stack.enter_async_context(at_work(worker))
        self.opened.push_async_exit(stack)
        return bell, stack

    async def until_rung(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.rung) < count:  # noqa: ASYNC110 - they are told by the database
                await asyncio.sleep(0.01)

    async def until_standing_by(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await asked(self.database, STANDING_BY) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def ring_again(self) -> None:
        """Until somebody has, a minute later."""
        self.clock.forward(seconds=60)
        await self.until_rung(len(self.rung) + 1)


async def asked(database: Database, statement: object) -> object:
    async with database.reading() as db:
        return await db.scalar(statement)  # type: ignore[call-overload]


@pytest.fixture
async def processes(
    database: Database, hub: LocalHub, clock: StandingClock
) -> AsyncIterator[Processes]:
    async with AsyncExitStack() as opened:
        yield Processes(database, hub, clock, opened)


async def test_of_several_one_works(processes: Processes) -> None:
    await processes.begin("first")
    await processes.until_rung(1)
    await processes.begin("second")
    await processes.begin("third")
    await processes.until_standing_by(3)
    for _ in range(5):
        await processes.ring_again()
    assert processes.rung == ["first"] * 6


async def test_when_it_stops_another_goes_on(processes: Processes) -> None:
    _, first = await processes.begin("first")
    await processes.until_rung(1)
    await processes.begin("second")
    await processes.until_standing_by(2)
    await first.aclose()
    await processes.ring_again()
    assert processes.rung == ["first", "second"]


async def test_whoever_loses_the_lease_stops_what_it_does(
    processes: Processes, database: Database
) -> None:
    bell, _ = await processes.begin("first", holds=True)
    await processes.until_rung(1)
    await processes.begin("second")
    await processes.until_standing_by(2)
    await end_holder(database)
    await processes.until_rung(2)
    assert processes.rung[:2] == ["first", "second"]
    assert bell.ended == ["first"]
    name = await asked(database, text("select name from hubs where is_local"))
    assert name == processes.hub.name  # what was half done is undone


async def end_holder(database: Database) -> None:
    connection: AsyncConnection
    async with database.engine.connect() as connection:
        (holder,) = (await connection.scalars(HOLDER)).all()
        await connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": holder})


async def test_what_does_not_end_is_undone_when_the_hub_stops(
    processes: Processes, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.worker.STOP_SECONDS", 0.2)
    bell, first = await processes.begin("first", holds=True)
    await processes.until_rung(1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await first.aclose()
    assert bell.ended == ["first"]
    assert await asked(database, text("select name from hubs where is_local")) == (
        processes.hub.name
    )
    assert await asked(database, STANDING_BY) == 0


async def test_where_the_database_is_away_it_says_so_once_and_waits(
    hub: LocalHub, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = "postgresql+asyncpg://anna@/hub?host=/nowhere"
    async with worker_of(nowhere, hub, clock, SeededChance(), ()) as worker:
        worker.look_seconds = 0.01
        told_to_stop = asyncio.Event()
        running = asyncio.create_task(worker.run(told_to_stop))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not caplog.records:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # some more tries
        assert not running.done()
        told_to_stop.set()
        await running
    (told,) = caplog.records
    assert told.getMessage() == "What time brings is not seen to; this is tried again."


# ── processes in earnest ─────────────────────────────────────────────────────────────────────


@contextmanager
def working(url: str, data: Path) -> Iterator[subprocess.Popen[str]]:
    plain = url.replace("postgresql+asyncpg", "postgresql")
    with subprocess.Popen(
        [sys.executable, str(TREE), "worker"],
        env={
            **os.environ,
            "DATABASE_URL": plain,
            "CONVOKE_DATA": str(data),
            "CONVOKE_SECRET_KEY": "a secret of the tests, in 32 letters and more",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "At work. Ctrl-C stops it.\n"
            yield process
        finally:
            process.kill()


async def until(claim: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await claim():  # type: ignore[misc]  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.05)


async def test_when_the_one_at_work_is_killed_another_goes_on_within_seconds(
    database: Database, context: MakeContext, cast: Cast, tmp_path: Path
) -> None:
    series_id = await publish(context, cast.anna, recurrence=Recurrence("FREQ=WEEKLY"))

    async def has_worked() -> object:
        return await asked(database, text("select count(*) from duties"))

    async def begin_anew() -> None:
        async with database.writing() as db:
            await db.execute(text("delete from duties"))

    async def several() -> bool:
        return await asked(database, STANDING_BY) == 2

    with working(database.url, tmp_path) as first:
        await until(has_worked)
        with working(database.url, tmp_path) as second:
            await until(several)
            first.kill()
            first.wait()
            await begin_anew()
            loop = asyncio.get_running_loop()
            killed_at = loop.time()
            await until(has_worked)
            assert loop.time() - killed_at < 10
            rolled = text("select rolls_on_at > now() from events where id = :id")
            assert await asked(database, rolled.bindparams(id=series_id))
            second.send_signal(signal.SIGTERM)
            out, err = second.communicate(timeout=PATIENCE_SECONDS)
            assert (second.returncode, out, err) == (0, "Stopped.\n", "")
    assert await asked(database, STANDING_BY) == 0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    command = [sys.executable, str(TREE), "migrate", "--data", str(tmp_path / "data")]
    subprocess.run(command, check=True, capture_output=True)
    return tmp_path / "data"


@contextmanager
def serving(data: Path) -> Iterator[subprocess.Popen[str]]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    command = [sys.executable, str(TREE), "serve", "--workers", "2", "--port", port]
    with subprocess.Popen(
        [*command, "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Convoke hub answers at "):
                    break
            yield process
        finally:
            process.kill()


async def test_a_hub_that_answers_does_all_that_time_brings(data: Path) -> None:
    """By one of its two processes, and both leave in good order."""
    well = text("select array_agg(name) from duties where failures = 0")
    with serving(data) as hub:
        database = Database(EmbeddedPostgres.attach(data).url())

        async def all_done() -> bool:
            names = await asked(database, well)
            return isinstance(names, list) and set(names) == {
                *(duty.name for duty in DUTIES),
                *("ask_whether_peers_agreed", "look_at_peers_again"),
                *("deliver", "forget_deliveries"),
                *("ask_of_answers", "forget_answers_elsewhere"),
            }

        async def both_stand_by() -> bool:
            return bool(await asked(database, STANDING_BY) == 2)

        await until(all_done)
        await until(both_stand_by)
        await database.close()
        hub.terminate()
        out, err = hub.communicate(timeout=PATIENCE_SECONDS)
    assert (hub.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")


async def test_the_connections_of_the_worker_are_counted(database: Database) -> None:
    inside = replace(read_settings({}), workers=50, pool=Pool(1, 0, 1))
    told = await short_of_connections(inside, database)
    assert told is not None
    assert "50 times 8 connections" in told
    assert await short_of_connections(replace(inside, worker_inside=False), database) is None


def test_a_hub_may_leave_the_work_to_a_process_of_its_own() -> None:
    assert read_settings({}).worker_inside
    assert not read_settings({"CONVOKE_WORKER": "off"}).worker_inside
