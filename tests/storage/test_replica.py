"""A read replica, which is a real one: it lags when it is told to, goes away, and comes back."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from domain.errors import Busy
from storage import replica
from storage.data_directory import DataDirectory
from storage.embedded import ENVIRONMENT, USER, EmbeddedPostgres, program
from storage.engine import Database, Pool

WHERE = "select to_json(pg_is_in_recovery())"
ON_THE_REPLICA, ON_THE_PRIMARY = b"true", b"false"
HOW_MANY = "select to_json(count(*)) from said"


@dataclass(frozen=True)
class Pair:
    primary: EmbeddedPostgres
    standby: Path

    @contextmanager
    def following(self) -> Iterator[EmbeddedPostgres]:
        """The replica, for as long as it runs."""
        with EmbeddedPostgres.start(self.standby, durable=False) as server:
            yield server


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    directory = tmp_path_factory.mktemp("pair")
    with EmbeddedPostgres.start(directory / "primary", durable=False) as primary:
        primary.create_database()
        standby = directory / "standby"
        DataDirectory.take(standby).release()
        command = [program("pg_basebackup"), "-h", str(primary.socket_directory), "-U", USER]
        command += ["-D", str(standby / "postgres"), "--write-recovery-conf", "--checkpoint=fast"]
        subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
        yield Pair(primary, standby)


@pytest.fixture
async def primary(pair: Pair) -> AsyncIterator[Database]:
    """With an empty table; whoever follows has it too."""
    database = Database(pair.primary.url())
    async with database.writing() as db:
        await db.execute(text("drop table if exists said"))
        await db.execute(text("create table said (what text)"))
    yield database
    await database.close()


@pytest.fixture
def following(pair: Pair, primary: Database) -> Iterator[EmbeddedPostgres]:
    with pair.following() as server:
        yield server


@pytest.fixture
async def both(pair: Pair, following: EmbeddedPostgres) -> AsyncIterator[Database]:
    database = Database(pair.primary.url(), replica_url=following.url())
    await until_answered(database, HOW_MANY, b"0")
    yield database
    await database.close()


async def until_answered(database: Database, statement: str, wanted: bytes) -> None:
    async with asyncio.timeout(20):
        while await database.answer(statement, ()) != wanted:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)


async def say(database: Database) -> None:
    async with database.writing() as db:
        await db.execute(text("insert into said values ('this')"))


async def read(database: Database, statement: str, *, fresh: bool = False) -> object:
    async with database.reading(fresh=fresh) as db:
        return await db.scalar(text(statement))


async def replay(following: EmbeddedPostgres, what: str) -> None:
    """`pause` and `resume`: how far behind the replica is."""
    alone = Database(following.url())
    await alone.answer(f"select pg_wal_replay_{what}()::text", ())
    await alone.close()


async def test_queries_are_answered_by_the_replica(both: Database) -> None:
    assert await both.answer(WHERE, ()) == ON_THE_REPLICA
    assert await both.answer(WHERE, (), fresh=True) == ON_THE_PRIMARY
    assert await read(both, "select pg_is_in_recovery()") is True
    assert await read(both, "select pg_is_in_recovery()", fresh=True) is False
    async with both.writing() as db:
        assert await db.scalar(text("select pg_is_in_recovery()")) is False


async def test_what_must_be_fresh_does_not_wait_for_the_replica(
    both: Database, following: EmbeddedPostgres
) -> None:
    await replay(following, "pause")
    await say(both)
    assert await both.answer(HOW_MANY, ()) == b"0"
    assert await read(both, "select count(*) from said") == 0
    assert await both.answer(HOW_MANY, (), fresh=True) == b"1"
    assert await read(both, "select count(*) from said", fresh=True) == 1
    await replay(following, "resume")
    await until_answered(both, HOW_MANY, b"1")


async def test_a_table_that_the_replica_has_not_yet_is_read_on_the_primary(
    both: Database, following: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    await replay(following, "pause")
    async with both.writing() as db:
        await db.execute(text("drop table if exists migrated"))
        await db.execute(text("create table migrated (what text)"))
    assert await both.answer("select to_json(count(*)) from migrated", ()) == b"0"
    assert await both.answer(WHERE, ()) == ON_THE_REPLICA
    assert not caplog.messages
    await replay(following, "resume")


async def test_what_is_in_the_way_of_the_replica_is_asked_of_the_primary(
    both: Database, following: EmbeddedPostgres
) -> None:
    alone = Database(following.url())
    async with alone.engine.connect() as session:
        await session.execution_options(isolation_level="AUTOCOMMIT")
        await session.execute(text("alter system set max_standby_streaming_delay = 0"))
        await session.execute(text("select pg_reload_conf()"))
    await alone.close()
    slow = "select json_build_array(count(*), pg_is_in_recovery()) from said, pg_sleep(1.5)"
    asking = asyncio.create_task(both.answer(slow, ()))
    await asyncio.sleep(0.5)
    async with both.writing() as db:
        await db.execute(text("alter table said add column who text"))
    assert await asking == b"[0, false]"
    assert await both.answer(WHERE, ()) == ON_THE_REPLICA


async def test_where_the_replica_is_down_the_primary_answers(
    pair: Pair,
    primary: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replica, "LEFT_IN_PEACE_SECONDS", 0.3)
    with pair.following() as server:
        url = server.url()
        both = Database(pair.primary.url(), Pool(answering=4), replica_url=url)
        asking = [asyncio.create_task(both.answer(WHERE, ())) for _ in range(8)]
        assert set(await asyncio.gather(*asking)) == {ON_THE_REPLICA}
        assert await read(both, "select pg_is_in_recovery()") is True
    for _ in range(3):
        asking = [asyncio.create_task(both.answer(WHERE, ())) for _ in range(8)]
        assert set(await asyncio.gather(*asking)) == {ON_THE_PRIMARY}
        assert await read(both, "select pg_is_in_recovery()") is False
        await asyncio.sleep(0.2)
    assert caplog.messages == [
        "The read replica does not answer: what it was for asks the primary."
    ]
    with pair.following() as server:
        linked = Path(unquote(url.partition("host=")[2]))  # the address that it had
        os.symlink(server.socket_directory, linked)
        await until_answered(both, WHERE, ON_THE_REPLICA)
        assert await read(both, "select pg_is_in_recovery()") is True
        await both.close()
        os.unlink(linked)
    assert caplog.messages[1:] == ["The read replica answers again."]


async def test_where_both_are_down_it_is_said(tmp_path: Path) -> None:
    nowhere = f"postgresql+asyncpg://anna@/hub?host={tmp_path}"
    both = Database(nowhere, replica_url=nowhere)
    with pytest.raises(Busy, match="does not answer"):
        await both.answer(WHERE, ())
    with pytest.raises(FileNotFoundError):
        await read(both, WHERE)
    await both.close()
