"""What every test may ask for: a database of its own, a clock, chance, the hub, a context.

The database is real. One PostgreSQL is started for the run, migrated once, and copied for each
test that asks, which takes some tens of milliseconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Text, func, select

from domain.actors import NOBODY, Viewer
from domain.hubs import LocalHub
from domain.ids import Names
from resolvers import hubs
from resolvers.context import Context
from storage import migrating
from storage.embedded import EmbeddedPostgres
from storage.engine import Database, Pool
from storage.tables import metadata
from tests.cast import Cast, MakeContext, assemble
from tests.outside import SeededChance, StandingClock
from tests.pace import Pace, free_memory

TEMPLATE = "template_of_tests"
WITH_CAST = "template_with_cast"
ADDRESS, HUB_NAME = "http://hub.test", "Hub of tests"
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - a folder of its own is made there
FREE_NEEDED = 10 * 2**30  # so that what tests need themselves is left
Contents = Callable[[], Awaitable[dict[str, list[str]]]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots",
        metavar="DIRECTORY",
        help="keep the pictures that tests/pictures takes of the pages: --screenshots=DIRECTORY",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Pace(terminal), "pace")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The server of this run, with a migrated database to copy. In memory, where there is some: to
    copy a database's thousand files takes a disk a second when it is busy."""
    with ExitStack() as opened:
        directory = tmp_path_factory.mktemp("postgres")
        has_room = MEMORY.is_dir() and disk_usage(MEMORY).free > MEMORY_NEEDED
        if has_room and free_memory() > FREE_NEEDED:
            in_memory = TemporaryDirectory(prefix="convoke-tests-", dir=MEMORY)
            directory = Path(opened.enter_context(in_memory))
        server = opened.enter_context(EmbeddedPostgres.start(directory, durable=False))
        server.create_database(TEMPLATE)
        asyncio.run(migrated(server.url(TEMPLATE)))
        yield server


async def migrated(url: str) -> None:
    database = Database(url)
    await migrating.upgrade(database)
    await database.close()


@pytest.fixture(scope="session")
def assembled(postgres: EmbeddedPostgres) -> Cast:
    """The cast, in a database to copy: making it takes longer than most tests."""
    postgres.create_database(WITH_CAST, template=TEMPLATE)
    return asyncio.run(entered(postgres.url(WITH_CAST)))


async def entered(url: str) -> Cast:
    database = Database(url)
    # Chance of its own, so that no test makes the same ids again.
    clock, chance = StandingClock(), SeededChance("cast")
    hub = await hubs.ensure_local_hub(database, ADDRESS, HUB_NAME, clock, chance)
    async with contexts(database, hub, clock, chance) as make:
        cast = await assemble(make)
    await database.close()
    return cast


@pytest.fixture(scope="session")
def new_name() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"test_{next(numbers)}"


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, new_name: Callable[[], str]
) -> Iterator[str]:
    """A migrated database, dropped after the test: empty, or with the cast where it is asked for."""
    name, template = new_name(), TEMPLATE
    if "cast" in request.fixturenames:
        request.getfixturevalue("assembled")
        template = WITH_CAST
    postgres.create_database(name, template=template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    # As many connections as the greediest test, so that what it meets is PostgreSQL's own locks.
    database = Database(database_url, Pool(size=5, overflow=20))
    yield database
    await database.close()


@pytest.fixture(scope="session")
def resting_url(postgres: EmbeddedPostgres) -> str:
    postgres.create_database("test_resting", template=TEMPLATE)
    return postgres.url("test_resting")


@pytest.fixture
async def resting(resting_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database that tests share, because they only ask it questions."""
    database = Database(resting_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def chance() -> SeededChance:
    return SeededChance()


@pytest.fixture
async def hub(database: Database, clock: StandingClock, chance: SeededChance) -> LocalHub:
    return await hubs.ensure_local_hub(database, ADDRESS, HUB_NAME, clock, chance)


@pytest.fixture
async def context(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> AsyncIterator[MakeContext]:
    """`context(viewer)` is one operation of the viewer's; each is closed after the test."""
    async with contexts(database, hub, clock, chance) as make:
        yield make


@asynccontextmanager
async def contexts(
    database: Database, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> AsyncIterator[MakeContext]:
    names = Names(hub.authority, clock, chance)
    numbers = count(1)
    async with AsyncExitStack() as opened:

        def make(viewer: Viewer = NOBODY) -> Context:
            made = Context(
                viewer=viewer,
                database=database,
                hub=hub,
                names=names,
                clock=clock,
                request_id=f"req_{next(numbers)}",
            )
            opened.push_async_callback(made.close)
            return made

        yield make


@pytest.fixture
def cast(assembled: Cast) -> Cast:
    """Anna, Sam and Lee and what they belong to; see `tests/cast.py`."""
    return assembled


@pytest.fixture
def contents(database: Database) -> Contents:
    """`await contents()` is every row there is: a refusal leaves it the same."""

    async def read() -> dict[str, list[str]]:
        async with database.reading() as db:
            return {
                table.name: sorted(
                    await db.scalars(select(func.to_jsonb(table.table_valued()).cast(Text)))
                )
                for table in metadata.sorted_tables
            }

    return read
