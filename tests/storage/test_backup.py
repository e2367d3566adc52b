"""A backup is the hub as of one moment, and a restored hub is that one in every byte."""

import asyncio
import json
import resource
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Text, func, select, text
from sqlalchemy.exc import IntegrityError

from domain.hubs import LocalHub
from storage import migrating
from storage.all_tables import metadata
from storage.backup import LETS_SOMEBODY_IN, back_up
from storage.backup_file import MANIFEST, BackupProblem, Manifest, opened, written
from storage.backup_restoring import compare, load, restore
from storage.credential_tables import denied_tokens, used_assertions
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.migrating import MigrationProblem, State
from tests.cast import Cast
from tests.conftest import Contents

AT = datetime(2026, 7, 18, 4, 0, tzinfo=UTC)
NewDatabase = Callable[[], Database]


@pytest.fixture
async def new_database(
    postgres: EmbeddedPostgres, new_name: Callable[[], str]
) -> AsyncIterator[NewDatabase]:
    """`new_database()` is an empty one."""
    made: list[tuple[str, Database]] = []

    def make() -> Database:
        name = new_name()
        postgres.create_database(name)
        made.append((name, Database(postgres.url(name))))
        return made[-1][1]

    yield make
    for name, database in made:
        await database.close()
        postgres.drop_database(name)


@asynccontextmanager
async def at(url: str) -> AsyncIterator[Database]:
    """Somebody else's connections, which end with what they did."""
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


@pytest.fixture
async def backup(database: Database, hub: LocalHub, cast: Cast, file: Path) -> Manifest:
    """Of the cast's hub, in `file`."""
    return await back_up(database, file, AT)


async def rows(database: Database) -> dict[str, list[str]]:
    """All of a hub, but for the epochs."""
    async with database.reading() as db:
        return {
            table.name: sorted(
                await db.scalars(select((func.to_jsonb(table.table_valued()) - "epoch").cast(Text)))
            )
            for table in metadata.sorted_tables
        }


async def definitions(database: Database) -> list[str]:
    """Of everything that a table has beside its rows."""
    async with database.reading() as db:
        found = await db.scalars(
            text(
                "select conrelid::regclass::text || pg_get_constraintdef(oid) || conname"
                " from pg_constraint where connamespace = 'public'::regnamespace"
                " union all select pg_get_triggerdef(oid) || tgenabled::text from pg_trigger"
                " where not tgisinternal union all select indexdef from pg_indexes"
                " where schemaname = 'public'"
            )
        )
        return sorted(found)


async def has_nothing(database: Database) -> bool:
    asked = text("select count(*) from pg_class where relnamespace = 'public'::regnamespace")
    async with database.reading() as db:
        return bool(await db.scalar(asked) == 0)


async def test_a_restored_hub_is_the_one_that_was_backed_up(
    database: Database, backup: Manifest, file: Path, new_database: NewDatabase
) -> None:
    other = new_database()
    with opened(file) as found:
        assert found.manifest == backup
        await load(other, found, is_for_good=False)
        await compare(other, found)
    assert await rows(other) == await rows(database)
    assert await definitions(other) == await definitions(database)
    assert (await migrating.revision_state(other)).state is State.CURRENT


async def test_whoever_follows_a_restored_hub_begins_again(
    database: Database, backup: Manifest, file: Path, new_database: NewDatabase
) -> None:
    other = new_database()
    with opened(file) as found:
        await restore(other, found)
    assert await rows(other) == await rows(database)  # all but the epochs
    epochs = text("select channel, epoch from feeds order by channel")
    async with database.reading() as before, other.reading() as after:
        were, are = (await before.execute(epochs)).all(), (await after.execute(epochs)).all()
    assert were
    assert [channel for channel, _ in were] == [channel for channel, _ in are]
    assert not {epoch for _, epoch in were} & {epoch for _, epoch in are}


async def test_what_is_done_in_a_restored_hub_is_seen_to_as_ever(
    backup: Manifest, file: Path, cast: Cast, new_database: NewDatabase
) -> None:
    other = new_database()
    with opened(file) as found:
        await restore(other, found)
    entries = text("select max(seq) from feed_entries where channel = 'public'")
    async with other.reading() as db:
        before = await db.scalar(entries)
    async with other.writing() as db:
        await db.execute(text("update organizations set version = version + 1"))
    async with other.reading() as db:
        assert await db.scalar(entries) == before + 3
    with pytest.raises(IntegrityError):
        await make_orphans(other)


async def make_orphans(database: Database) -> None:
    async with database.writing() as db:
        await db.execute(text("update hubs set id = 'hub_nobody'"))


async def test_a_backup_holds_every_table_but_what_lets_somebody_in(backup: Manifest) -> None:
    kept = {table.name for table in backup.tables}
    assert set(backup.left_out) == LETS_SOMEBODY_IN | {"throttles"}
    assert kept | set(backup.left_out) == set(metadata.tables)
    assert not kept & set(backup.left_out)


async def test_a_backup_is_of_one_moment_while_others_write(
    database: Database, hub: LocalHub, file: Path, new_database: NewDatabase
) -> None:
    """Each transaction writes a pair, into two tables that are copied one after the other."""
    told_to_stop, are_many, written_so_far = asyncio.Event(), asyncio.Event(), 0

    async def write(writer: int) -> None:
        nonlocal written_so_far
        number = 0
        while not told_to_stop.is_set():
            number += 1
            name = f"{writer}-{number}"
            async with database.writing() as db:
                await db.execute(used_assertions.insert().values(
                    issuer="x" * 2000, jti=name, expires_at=AT))  # fmt: skip
                await db.execute(denied_tokens.insert().values(jti=name, expires_at=AT))
            written_so_far += 1
            if written_so_far > 200:
                are_many.set()

    writers = [asyncio.create_task(write(each)) for each in range(4)]
    await are_many.wait()
    begun_at = written_so_far
    await back_up(database, file, AT)
    assert written_so_far > begun_at  # nobody waited for it
    told_to_stop.set()
    await asyncio.gather(*writers)
    other = new_database()
    with opened(file) as found:
        await load(other, found, is_for_good=False)
    async with other.reading() as db:
        denied = set(await db.scalars(select(denied_tokens.c.jti)))
        used = set(await db.scalars(select(used_assertions.c.jti)))
    assert denied == used
    assert begun_at <= len(denied) <= written_so_far


async def test_a_backup_of_the_past_becomes_a_hub_of_today(
    new_database: NewDatabase, file: Path
) -> None:
    past, other = new_database(), new_database()
    await migrating.upgrade(past, "0012")
    async with past.writing() as db:
        await db.execute(
            text(
                "insert into hubs (id, authority, url, name, software, is_local, created_at) values"
                " ('hub_1@then.test', 'then.test', 'https://then.test', 'Then', '0', true, :at)"
            ),
            {"at": AT},
        )
        await db.execute(
            text(
                "insert into organizations (id, hub_id, slug, name, time_zone, visibility, version,"
                " created_at, updated_at, synced_at) values ('org_1@then.test', 'hub_1@then.test',"
                " 'pantry', 'Pantry', 'UTC', 'PUBLIC', 1, :at, :at, :at)"
            ),
            {"at": AT},
        )
    assert (await back_up(past, file, AT)).revision == "0012"
    with opened(file) as found:
        await restore(other, found)
    assert (await migrating.revision_state(other)).state is State.CURRENT
    async with other.reading() as db:
        assert list(await db.scalars(text("select name from organizations"))) == ["Pantry"]
        # It is published, so whoever follows the hub is told.
        assert list(await db.scalars(text("select thing_id from feed_entries"))) == [
            "org_1@then.test"
        ]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2000])


def spoil(file: Path) -> None:
    """In the middle of a table, where the ZIP's own sums see it."""
    with zipfile.ZipFile(file) as archive:
        at = archive.getinfo("tables/organizations").header_offset + 80
    content = bytearray(file.read_bytes())
    content[at] ^= 0x20
    file.write_bytes(bytes(content))


def rewrite(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """As somebody would who knows what a ZIP is."""
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            changed = change(name, data)
            if changed is not None:
                archive.writestr(name, changed)


def change_a_row(file: Path) -> None:
    rewrite(file, lambda n, d: d.replace(b"Pantry", b"Pontry") if "organizations" in n else d)


def lose_a_row(file: Path) -> None:
    rewrite(file, lambda n, d: d[: d.rindex(b"\n", 0, -1) + 1] if "alliance_m" in n else d)


def lose_a_table(file: Path) -> None:
    rewrite(file, lambda name, data: None if name == "tables/events" else data)


def lose_the_manifest(file: Path) -> None:
    rewrite(file, lambda name, data: None if name == MANIFEST else data)


def forget_a_table(file: Path) -> None:
    def forgotten(name: str, data: bytes) -> bytes:
        if name != MANIFEST:
            return data
        told = json.loads(data)
        told["tables"] = [each for each in told["tables"] if each["name"] != "events"]
        return json.dumps(told).encode()

    rewrite(file, forgotten)


@pytest.mark.parametrize(
    "harm",
    [cut, spoil, change_a_row, lose_a_row, lose_a_table, lose_the_manifest, forget_a_table],
    ids=lambda harm: harm.__name__,
)
async def test_a_backup_that_was_torn_or_altered_is_refused_and_nothing_changed(
    harm: Callable[[Path], None], backup: Manifest, cast: Cast, file: Path, new_database: NewDatabase,
) -> None:  # fmt: skip
    other = new_database()
    harm(file)
    with pytest.raises(BackupProblem, match="Nothing was changed"), opened(file) as found:
        await restore(other, found)
    assert await has_nothing(other)


async def test_a_backup_of_tomorrow_is_refused(
    backup: Manifest, file: Path, new_database: NewDatabase
) -> None:
    def of_tomorrow(name: str, data: bytes) -> bytes:
        # With its quotes: a digest may have the same digits in it.
        told = f'"{backup.revision}"'.encode()
        return data.replace(told, b'"9999"') if name == MANIFEST else data

    other = new_database()
    rewrite(file, of_tomorrow)
    with pytest.raises(MigrationProblem, match="Update Convoke"), opened(file) as found:
        await restore(other, found)
    assert await has_nothing(other)


async def test_what_is_in_the_way_stays_unless_it_is_named(
    backup: Manifest, file: Path, database: Database, hub: LocalHub, contents: Contents
) -> None:
    before = await contents()
    with opened(file) as found:
        with pytest.raises(BackupProblem, match=f"--replace '{hub.name}'"):
            await restore(database, found)
        with pytest.raises(BackupProblem, match="and not Another"):
            await restore(database, found, replace="Another")
    assert await contents() == before


async def test_a_hub_that_is_named_is_replaced(
    backup: Manifest, file: Path, database: Database, hub: LocalHub, contents: Contents
) -> None:
    before = await contents()
    async with at(database.url) as since, since.writing() as db:
        await db.execute(denied_tokens.insert().values(jti="since", expires_at=AT))
    with opened(file) as found:
        await restore(database, found, replace=hub.name)
    after = await contents()
    assert {name: after[name] for name in after if name != "feeds"} == {
        name: before[name] for name in before if name != "feeds"
    }


async def test_a_hub_keeps_its_data_where_what_should_replace_them_fails_on_the_way(
    backup: Manifest, file: Path, database: Database, hub: LocalHub, contents: Contents
) -> None:
    """The sums are right, and what they are of breaks a rule of the tables."""

    def without_hubs(name: str, data: bytes) -> bytes:
        if name == "tables/hubs":
            return b""
        if name == MANIFEST:
            told = json.loads(data)
            for each in told["tables"]:
                if each["name"] == "hubs":
                    each |= {"rows": 0, "bytes": 0, "sha256": EMPTY}
            return json.dumps(told).encode()
        return data

    before = await contents()
    rewrite(file, without_hubs)
    with opened(file) as found, pytest.raises(BackupProblem, match="Nothing was changed"):
        await restore(database, found, replace=hub.name)
    assert await contents() == before


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


async def test_nothing_is_restored_under_a_hub_that_works(
    backup: Manifest, file: Path, database: Database, hub: LocalHub, contents: Contents
) -> None:
    before = await contents()
    hubs_own = Database(database.url)
    async with hubs_own.reading() as db:
        await db.scalar(text("select 1"))
        with opened(file) as found, pytest.raises(BackupProblem, match="Stop it"):
            await restore(database, found, replace=hub.name)
    await hubs_own.close()
    assert await contents() == before


async def test_somebody_elses_tables_are_left_alone(
    backup: Manifest, file: Path, new_database: NewDatabase
) -> None:
    other = new_database()
    async with other.writing() as db:
        await db.execute(text("create table recipes (name text)"))
    with opened(file) as found, pytest.raises(BackupProblem, match="not of this Convoke: recipes"):
        await restore(other, found)
    async with other.reading() as db:
        assert list(await db.scalars(text("select tablename from pg_tables where schemaname = 'public'"))) == ["recipes"]  # fmt: skip


async def test_whoever_owns_a_database_may_restore_into_it(
    backup: Manifest, file: Path, new_database: NewDatabase
) -> None:
    """No superuser, as at a host that gives databases away."""
    other = new_database()
    owner = f"owner_of_{other.engine.url.database}"
    async with at(other.url) as now, now.writing() as db:
        await db.execute(text(f"create role {owner} login"))
        await db.execute(text(f"alter database {other.engine.url.database} owner to {owner}"))
    as_owner = Database(other.url.replace("//convoke@", f"//{owner}@"))
    try:
        with opened(file) as found:
            await restore(as_owner, found)
            await restore(as_owner, found, replace=backup.hub_name)
        async with as_owner.reading() as db:
            assert await db.scalar(text("select current_user")) == owner
            assert await db.scalar(text("select count(*) from organizations")) == 3
    finally:
        await as_owner.close()
        async with other.writing() as db:
            await db.execute(text(f"reassign owned by {owner} to convoke"))
            await db.execute(text(f"drop owned by {owner}"))
            await db.execute(text(f"drop role {owner}"))


async def test_a_sequence_goes_on_where_it_was(
    database: Database, hub: LocalHub, file: Path, new_database: NewDatabase
) -> None:
    next_one = text("select nextval('deliveries_position_seq')")
    async with database.writing() as db:
        for _ in range(5):
            await db.scalar(next_one)
    await back_up(database, file, AT)
    other = new_database()
    with opened(file) as found:
        await restore(other, found)
    async with other.writing() as db:
        assert await db.scalar(next_one) == 6


def beside(file: Path) -> list[Path]:
    return list(file.parent.iterdir())


def mode_of(file: Path) -> int:
    return file.stat().st_mode & 0o777


def content_of(file: Path) -> bytes:
    return file.read_bytes()


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """As on a disk that is full from there on (setrlimit(2): EFBIG, where Python ignores SIGXFSZ)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_leaves_no_half_backup(
    database: Database, hub: LocalHub, cast: Cast, file: Path
) -> None:
    with files_up_to(8_192), pytest.raises(BackupProblem, match="Make room there"):
        await back_up(database, file, AT)
    assert beside(file) == []
    await back_up(database, file, AT)
    assert beside(file) == [file]


async def test_a_backup_is_for_its_owner_alone_and_takes_nobodys_place(
    database: Database, backup: Manifest, file: Path
) -> None:
    assert mode_of(file) == 0o600
    content = content_of(file)
    with pytest.raises(BackupProblem, match="is there already"):
        await back_up(database, file, AT)
    assert content_of(file) == content


def test_a_file_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    with written(file) as out, out.table("hubs"):
        assert not file.exists()
        with pytest.raises(RuntimeError, match="one"), written(tmp_path / "another.zip"):
            raise RuntimeError("one")
    assert file.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["backup.zip"]


async def test_the_secret_is_in_it_where_that_was_asked_for(
    database: Database, hub: LocalHub, file: Path, tmp_path: Path
) -> None:
    without = await back_up(database, file, AT)
    with opened(file) as found:
        assert (without.has_secret, found.secret()) == (False, None)
    await back_up(database, tmp_path / "with.zip", AT, secret=b"what nobody knows")
    with opened(tmp_path / "with.zip") as found:
        assert found.secret() == b"what nobody knows"
        assert found.manifest.has_secret


async def test_a_hub_that_was_never_started_has_nothing_to_back_up(
    new_database: NewDatabase, file: Path
) -> None:
    other = new_database()
    with pytest.raises(BackupProblem, match="no tables yet"):
        await back_up(other, file, AT)
    await migrating.upgrade(other)
    with pytest.raises(BackupProblem, match="not been started yet"):
        await back_up(other, file, AT)
    assert beside(file) == []


@asynccontextmanager
async def migrating_now(database: Database) -> AsyncIterator[None]:
    async with database.engine.connect() as connection, migrating.one_at_a_time(connection):
        yield


async def test_a_backup_waits_for_a_migration_to_end(
    database: Database, hub: LocalHub, file: Path
) -> None:
    async with migrating_now(database):
        waiting = asyncio.create_task(back_up(database, file, AT))
        done, _ = await asyncio.wait([waiting], timeout=1)
        assert not done
    await waiting
    assert beside(file) == [file]
