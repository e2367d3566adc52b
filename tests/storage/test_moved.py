"""What moves in one process of a hub is heard of in every other, and nothing is missed for good."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.sharing import Visibility
from resolvers import events
from storage.engine import Database
from storage.feeds import PUBLIC
from storage.moved import Channel, Moved, Thing, Watch
from storage.notices import CHANNEL, PAUSE_SECONDS
from tests.cast import Cast, MakeContext, food_drive

PATIENCE = 5.0
LONG = 60.0  # between two looks of its own: in these tests it looks because it is told
RENAME = "update organizations set version = version + 1 where id = :id"
WHOSE = (
    "select pid from pg_stat_activity"
    " where application_name = 'convoke: moved' and datname = current_database()"
)


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The database as another process has it."""
    other = Database(database_url)
    yield other
    await other.close()


@pytest.fixture
async def moved(elsewhere: Database) -> AsyncIterator[Moved]:
    made = Moved(elsewhere, look_seconds=LONG)
    async with made.running():
        yield made


async def rename(database: Database, organization_id: str, then: str = "select 1") -> None:
    async with database.writing() as db:
        await db.execute(text(RENAME), {"id": organization_id})
        await db.execute(text(then))


async def head_of(moved: Moved, channel: str = PUBLIC) -> int:
    assert await moved.wait(channel, 0, PATIENCE)
    return moved.heads[channel]


async def begun(watch: Watch) -> Watch:
    async with asyncio.timeout(PATIENCE):
        await watch.begun()
    return watch


async def hears(watch: Watch, seconds: float = PATIENCE) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await watch.moved()
    except TimeoutError:
        return False
    return True


async def test_who_waits_hears_of_a_change_in_another_process(
    database: Database, moved: Moved, cast: Cast
) -> None:
    head = await head_of(moved)
    waiting = asyncio.create_task(moved.wait(PUBLIC, head, PATIENCE))
    await rename(database, cast.pantry)
    assert await waiting
    assert moved.heads[PUBLIC] == head + 1


async def test_who_waits_beyond_the_head_is_told_that_time_is_over(
    moved: Moved, cast: Cast
) -> None:
    head = await head_of(moved)
    assert not await moved.wait(PUBLIC, head, 0.05)
    assert not await moved.wait("aln_of_nobody", 0, 0.05)


async def test_what_was_undone_moves_nothing(database: Database, moved: Moved, cast: Cast) -> None:
    head = await head_of(moved)
    with pytest.raises(DBAPIError):
        await rename(database, cast.pantry, "select 1 / 0")
    await rename(database, cast.shelter)  # which is looked at, and both would be seen
    assert await moved.wait(PUBLIC, head, PATIENCE)
    assert moved.heads[PUBLIC] == head + 1


async def test_who_listens_takes_all_that_moved_at_once(
    database: Database, moved: Moved, cast: Cast
) -> None:
    async with asyncio.timeout(PATIENCE), moved.listen() as channels:
        head = await head_of(moved)
        told = set(await anext(channels))
        for _ in range(3):
            await rename(database, cast.pantry)
        assert await moved.wait(PUBLIC, head + 2, PATIENCE)
        told = set(await anext(channels))
        assert told == {PUBLIC, cast.city_table}


async def test_a_change_to_what_no_feed_has_is_heard_by_who_watches_it(
    database: Database, context: MakeContext, moved: Moved, cast: Cast
) -> None:
    head = await head_of(moved)
    hidden = food_drive(cast.pantry, visibility=Visibility.ORGANIZATION)
    draft, other = [await events.create(context(cast.anna), hidden) for _ in range(2)]
    with moved.watching(Thing(draft)) as watch, moved.watching(Thing(other)) as not_this:
        await begun(watch)
        await begun(not_this)
        await events.update(context(cast.anna), draft, 1, {"title": "Food drive in spring"})
        assert await hears(watch)
        assert watch.version == 2
        assert not await hears(not_this, 0.2)
    assert moved.heads[PUBLIC] == head


async def test_who_watches_what_nobody_has_hears_nothing(
    database: Database, moved: Moved, cast: Cast
) -> None:
    with moved.watching(Thing("aln_none@hub.test")) as watch:
        await begun(watch)
        assert watch.version is None
        assert not await hears(watch, 0.2)


async def test_what_somebody_else_did_so_that_it_left_their_sight_is_heard_of(
    database: Database, context: MakeContext, moved: Moved, cast: Cast
) -> None:
    with moved.watching(Thing(cast.city_table)) as watch:
        await begun(watch)
        async with database.writing() as db:
            await db.execute(
                text("update alliance_members set status = 'LEFT' where organization_id = :id"),
                {"id": cast.shelter},
            )
        assert await hears(watch)


async def test_a_lost_notification_costs_one_look(
    database_url: str, database: Database, cast: Cast
) -> None:
    moved = Moved(database, look_seconds=0.2)
    async with moved.running():
        head = await head_of(moved)
        stranger = await asyncpg.connect(database_url.replace("+asyncpg", ""))
        await stranger.execute(RENAME.replace(":id", "$1"), cast.pantry)  # and tells nobody
        await stranger.close()
        assert await moved.wait(PUBLIC, head, PATIENCE)


async def test_after_a_lost_connection_everything_counts_as_moved(
    database: Database, moved: Moved, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    await head_of(moved)
    with (
        moved.watching(Thing(cast.city_table)) as watch,
        moved.watching(Channel(cast.city_table)) as feed,
    ):
        await begun(watch)
        await begun(feed)
        async with moved.listen() as channels, database.reading() as db:
            before = await db.scalar(text(WHOSE))
            await db.execute(text("select pg_terminate_backend(:pid)"), {"pid": before})
            async with asyncio.timeout(PATIENCE):
                assert await anext(channels) == {PUBLIC, cast.city_table}
        assert await hears(watch)
        assert await hears(feed)
    async with database.reading() as db:
        assert await db.scalar(text(WHOSE)) not in (None, before)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


async def test_many_commits_are_told_in_few_notifications(
    database_url: str, database: Database, cast: Cast
) -> None:
    heard: list[object] = []
    listener = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await listener.add_listener(CHANNEL, lambda *_: heard.append(None))
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in range(60):
        await rename(database, cast.pantry)
    await database.close()  # tells of the last
    took = loop.time() - began
    await listener.execute("select")
    await listener.close()
    assert 1 <= len(heard) <= took / PAUSE_SECONDS + 2


async def test_a_command_that_ends_after_its_change_has_told_of_it(
    database_url: str, moved: Moved, cast: Cast
) -> None:
    head = await head_of(moved)
    command = Database(database_url)
    await rename(command, cast.pantry)
    await command.close()
    assert await moved.wait(PUBLIC, head, PATIENCE)


async def test_nobody_waits_where_nobody_looks(database: Database) -> None:
    moved = Moved(database)
    with pytest.raises(RuntimeError, match="Nobody looks"):
        await moved.wait(PUBLIC, 0, 1)
    async with moved.running():
        with pytest.raises(RuntimeError, match="runs already"):
            async with moved.running():
                pytest.fail("twice")
