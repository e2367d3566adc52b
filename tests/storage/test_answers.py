"""Compiled statements: answered as PostgreSQL's own bytes, and their connections outlive trouble."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import orjson
import pytest
from sqlalchemy import text

from domain.errors import BadInput, Busy, Problem, TooSlow
from storage.answering import KEPT_BYTES, KEPT_STATEMENTS
from storage.embedded import EmbeddedPostgres
from storage.engine import Database, Pool

WAIT = "select to_json(pg_sleep($1)::text)"
WHO = "select to_json(pg_backend_pid())"


@pytest.fixture
async def narrow(database_url: str) -> AsyncIterator[Database]:
    """Two connections for compiled statements."""
    database = Database(database_url, Pool(answering=2, wait_seconds=10, statement_seconds=30))
    yield database
    await database.close()


async def at_work(database: Database) -> int:
    """How many backends run a compiled statement just now, as PostgreSQL counts them."""
    counted = text(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and state = 'active' and pid <> pg_backend_pid() and query like 'select to_json(pg_sleep%'"
    )
    async with database.reading() as db:
        return int(await db.scalar(counted) or 0)


async def until(database: Database, wanted: int) -> None:
    async with asyncio.timeout(5):
        while await at_work(database) != wanted:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


async def both(database: Database) -> set[bytes]:
    """The backends of the two lines: asked at once, so that neither answers for the other."""
    slow = "select to_json(pg_backend_pid()) from pg_sleep(0.05)"
    return set(await asyncio.gather(*(database.answer(slow, ()) for _ in range(2))))


async def test_an_answer_is_the_bytes_that_postgresql_sent(resting: Database) -> None:
    made = await resting.answer(
        "select json_build_object('name', $1::text, 'of', $2::text[])", ("Käthe ☕", ["a", "b"])
    )
    assert made.decode() == '{"name" : "Käthe ☕", "of" : ["a","b"]}'
    assert await resting.answer("select $1::text", ("é",)) == "é".encode()


async def test_an_answer_sees_what_was_written_a_moment_ago(database: Database) -> None:
    async with database.writing() as db:
        await db.execute(text("create table said (what text)"))
    for number in range(3):
        async with database.writing() as db:
            await db.execute(text("insert into said values ('more')"))
        counted = await database.answer("select to_json(count(*)) from said", ())
        assert counted == str(number + 1).encode()


async def test_a_compiled_statement_cannot_write(narrow: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await narrow.answer(
            "with made as (insert into hubs default values returning *)"
            " select to_json(count(*)) from made",
            (),
        )
    assert await narrow.answer("select to_json(count(*)) from hubs", ()) == b"0"


@pytest.mark.parametrize("statement", ["select 1", "select null::text", "select '' where false"])
async def test_a_statement_that_gives_no_text_is_a_bug(resting: Database, statement: str) -> None:
    with pytest.raises(TypeError, match="one row"):
        await resting.answer(statement, ())


async def test_each_statement_is_parsed_once_on_a_connection(database_url: str) -> None:
    database = Database(database_url, Pool(answering=1))
    kept = "select to_json(count(*)) from pg_prepared_statements where statement like 'select $1%'"
    for number in range(3):
        assert await database.answer("select $1::int::text", (number,)) == str(number).encode()
    assert await database.answer(kept, ()) == b"1"
    await database.close()


async def test_what_is_kept_parsed_is_bounded_in_number_and_in_bytes(database_url: str) -> None:
    database = Database(database_url, Pool(answering=1))
    kept = (
        "select json_build_array(count(*), sum(length(statement)))"
        " from pg_prepared_statements where statement like 'select%of many'"
    )
    for number in range(KEPT_STATEMENTS + 20):
        await database.answer(f"select '{number}'::text -- of many", ())
    count, _ = orjson.loads(await database.answer(kept, ()))
    assert KEPT_STATEMENTS - 20 < count <= KEPT_STATEMENTS + 1
    for number in range(12):
        await database.answer(f"select '{number}{' ' * (KEPT_BYTES // 8)}' -- of many", ())
    count, size = orjson.loads(await database.answer(kept, ()))
    assert 6 <= count <= 8
    assert size <= KEPT_BYTES * 9 / 8
    await database.close()


async def test_who_waits_too_long_for_a_connection_is_told(database_url: str) -> None:
    database = Database(database_url, Pool(answering=1, wait_seconds=1))
    before = await database.answer(WHO, ())
    busy = asyncio.create_task(database.answer(WAIT, (2,)))
    await asyncio.sleep(0)  # it has the connection
    with pytest.raises(Busy, match="Every connection"):
        await database.answer(WHO, ())
    assert await busy == b'""'
    assert await database.answer(WHO, ()) == before
    await database.close()


async def test_those_who_wait_are_answered_in_their_turn(database_url: str) -> None:
    database = Database(database_url, Pool(answering=1, wait_seconds=10))
    order: list[int] = []

    async def ask(number: int) -> None:
        await database.answer(WAIT, (0.01,))
        order.append(number)

    async with asyncio.TaskGroup() as all_of_them:
        for number in range(20):
            all_of_them.create_task(ask(number))
    assert order == list(range(20))
    await database.close()


async def test_whoever_goes_away_stops_the_statement_and_leaves_the_connection_usable(
    narrow: Database,
) -> None:
    before = await both(narrow)
    for _ in range(5):
        asking = [asyncio.create_task(narrow.answer(WAIT, (30,))) for _ in range(2)]
        await until(narrow, 2)
        for one in asking:
            one.cancel()
        assert {type(it) for it in await asyncio.gather(*asking, return_exceptions=True)} == {
            asyncio.CancelledError
        }
        assert await both(narrow) == before  # the same two, at once, and no third
    await until(narrow, 0)


async def test_whoever_goes_away_while_waiting_takes_no_place_with_them(narrow: Database) -> None:
    before = await both(narrow)
    busy = [asyncio.create_task(narrow.answer(WAIT, (0.2,))) for _ in range(2)]
    await until(narrow, 2)
    waiting = [asyncio.create_task(narrow.answer(WHO, ())) for _ in range(6)]
    await asyncio.sleep(0)
    for one in waiting[::2]:
        one.cancel()
    await asyncio.gather(*busy)
    answered = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(it) for it in answered] == [asyncio.CancelledError, bytes] * 3
    assert await both(narrow) == before


async def test_whoever_goes_away_as_their_turn_comes_hands_it_on(database_url: str) -> None:
    database = Database(database_url, Pool(answering=1, wait_seconds=2))
    before = await database.answer(WHO, ())

    async def first() -> None:
        await database.answer(WAIT, (0.1,))
        leaving.cancel()  # who has just been given the connection, and does not know it yet

    asking = asyncio.create_task(first())
    await asyncio.sleep(0)
    leaving = asyncio.create_task(database.answer(WHO, ()))
    await asyncio.gather(asking, leaving, return_exceptions=True)
    assert leaving.cancelled()
    assert await database.answer(WHO, ()) == before
    await database.close()


async def test_going_away_at_any_moment_loses_no_connection(narrow: Database) -> None:
    """Cancelled after 0, 1, 2 ... turns of the loop: opening, preparing, asking, answered."""
    for turns in range(60):
        new = WHO.ljust(100 + turns)  # so that it is prepared first
        asking = [asyncio.create_task(narrow.answer(new, ())) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    assert len(await both(narrow)) == 2


async def test_a_statement_that_takes_too_long_is_stopped(database_url: str) -> None:
    database = Database(database_url, Pool(answering=1, statement_seconds=0.5))
    before = await database.answer(WHO, ())
    with pytest.raises(TooSlow):
        await database.answer(WAIT, (30,))
    assert await database.answer(WHO, ()) == before
    await database.close()


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("select to_json($1::int)", 2**40),
        ("select to_json($1::text)", "a\0b"),
        ("select to_json(1::int2 * $1::int2)", 20_000 * 2),
        ("select to_json((2147483647 + $1::int))", 1),
    ],
)
async def test_what_cannot_be_kept_is_told_and_harms_nobody(
    narrow: Database, statement: str, value: object
) -> None:
    before = await both(narrow)
    with pytest.raises(BadInput):
        await narrow.answer(statement, (value,))
    assert await both(narrow) == before


async def test_tables_that_change_are_read_as_they_are_now(database: Database) -> None:
    star = "select to_json(it) from (select * from changing) it"
    bare = "select what from changing"
    async with database.writing() as db:
        await db.execute(text("create table changing (what text)"))
        await db.execute(text("insert into changing values ('7')"))
    assert await database.answer(star, ()) == b'{"what":"7"}'
    assert await database.answer(bare, ()) == b"7"
    async with database.writing() as db:
        await db.execute(text("alter table changing alter what type json using what::json"))
    assert await database.answer(bare, ()) == b"7"
    assert await database.answer(star, ()) == b'{"what":7}'


async def test_a_connection_that_was_cut_off_is_replaced(narrow: Database) -> None:
    before = await both(narrow)
    cut = text("select pg_terminate_backend(pid) from unnest(cast(:pids as int[])) pid")
    async with narrow.reading() as db:
        await db.execute(cut, {"pids": [int(pid) for pid in before]})
    after = await recovered(lambda: both(narrow))
    assert len(after) == 2
    assert not after & before


async def recovered(ask: Callable[[], Awaitable[set[bytes]]]) -> set[bytes]:
    """What is answered after at most one failure for each connection."""
    for _ in range(3):
        try:
            return await ask()
        except Busy:
            continue
    raise AssertionError("it goes on failing")


async def test_a_server_that_starts_again_is_noticed(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        server.create_database()
        url = server.url()
        database = Database(url, Pool(answering=2, wait_seconds=5))
        assert len(await both(database)) == 2
        asking = asyncio.create_task(database.answer(WAIT, (30,)))
        await until(database, 1)
        await asyncio.to_thread(server.stop)
        with pytest.raises(Busy):
            await asking
        with pytest.raises(Busy):
            await database.answer(WHO, ())
    with EmbeddedPostgres.start(tmp_path, durable=False) as server:
        linked = Path(unquote(url.partition("host=")[2]))  # the address that the first one had
        os.symlink(server.socket_directory, linked)
        assert len(await both(database)) == 2
        await database.close()
        os.unlink(linked)


async def test_many_at_once_over_few_connections_are_all_answered(narrow: Database) -> None:
    async def ask(number: int) -> bytes | Problem:
        try:
            return await narrow.answer("select to_json($1::int)", (number,))
        except Problem as problem:
            return problem

    answers = await asyncio.gather(*(ask(number) for number in range(500)))
    assert answers == [str(number).encode() for number in range(500)]
    assert len(await both(narrow)) == 2
