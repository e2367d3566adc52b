"""./convoke backup and ./convoke restore: what they say, what they leave behind, and what they refuse."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from auth.sealing import FILE as SECRET_FILE
from domain.outside import Chance, Clock
from resolvers import hubs
from storage import migrating
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.web.test_commands import Ended
from web.commands import main

SECRET = b"the secret of Anna's hub, in 32 bytes\n"


class Anna:
    """Who runs a hub in `data`, and has another machine, whose directory is `other`."""

    def __init__(self, place: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.data, self.other, self.backups = place / "data", place / "other", place / "backups"
        self.backups.mkdir()
        self.capture = capture

    def says(self, *arguments: object) -> Ended:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main([str(each) for each in arguments])
        out, err = self.capture.readouterr()
        return Ended(leaving.value.code, out, err)

    @property
    def files(self) -> list[Path]:
        return sorted(self.backups.iterdir())


@pytest.fixture
def anna(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    chance: Chance,
) -> Anna:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    found = Anna(tmp_path, capsys)

    async def founded(url: str) -> None:
        database = Database(url)
        await migrating.upgrade(database)
        await hubs.ensure_local_hub(database, "http://localhost:8000", "Anna's", clock, chance)
        await database.close()

    with EmbeddedPostgres.start(found.data) as server:
        server.create_database()
        asyncio.run(founded(server.url()))
    (found.data / SECRET_FILE).write_bytes(SECRET)
    return found


def names(data: Path) -> list[str]:
    async def read(url: str) -> list[str]:
        database = Database(url)
        async with database.reading() as db:
            found = list(await db.scalars(text("select name from hubs")))
        await database.close()
        return found

    with EmbeddedPostgres.start(data) as server:
        return asyncio.run(read(server.url()))


def test_a_hub_is_backed_up_tried_and_made_again_elsewhere(anna: Anna) -> None:
    taken = anna.says("backup", anna.backups, "--data", anna.data)
    assert (taken.code, taken.err) == (0, "")
    (file,) = anna.files
    assert file.stat().st_mode & 0o777 == 0o600
    assert taken.out.startswith("Backed up Anna's (localhost:8000): ")
    assert "The hub's secret is not in it." in taken.out
    assert SECRET.strip() not in file.read_bytes()

    tried = anna.says("backup", "verify", file, "--json")
    told = json.loads(tried.out)
    assert (tried.code, told["well"], told["hub"]) == (0, True, "Anna's")

    restored = anna.says("restore", "--data", anna.other, file)
    assert (restored.code, restored.err) == (0, "")
    assert restored.out.startswith("Restored Anna's (localhost:8000) as it was at ")
    assert f"The hub's secret is not in the backup: {anna.other / SECRET_FILE}" in restored.out
    assert names(anna.other) == ["Anna's"]

    doctor = json.loads(anna.says("doctor", "--data", anna.data, "--json").out)
    (backup,) = (each for each in doctor["findings"] if each["name"] == "backup")
    assert backup["says"].startswith("0 min ago, ")


def test_the_secret_comes_along_where_that_was_asked_for(anna: Anna) -> None:
    file = anna.backups / "with.zip"
    taken = anna.says("backup", "--data", anna.data, "--with-secret", file)
    assert (taken.code, taken.err) == (0, "")
    assert "The hub's secret is in it: who has this file can sign tokens" in taken.out
    restored = anna.says("restore", "--data", anna.other, file)
    kept = anna.other / SECRET_FILE
    assert f"The hub's secret was in the backup, and is in {kept} now." in restored.out
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (SECRET, 0o600)


def test_a_hub_gives_its_place_only_when_it_is_named_and_another_not_at_all(
    anna: Anna, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = anna.backups / "one.zip"
    assert anna.says("backup", file, "--data", anna.data).code == 0
    refused = anna.says("restore", "--data", anna.data, file)
    assert refused.code == 1
    assert refused.err.startswith("convoke: This is the data of Anna's (localhost:8000). Nothing")
    with EmbeddedPostgres.start(anna.data):
        refused = anna.says("restore", "--data", anna.data, "--replace", "Anna's", file)
    assert (refused.code, "is in use by another Convoke" in refused.err) == (4, True)
    assert anna.says("restore", "--data", anna.data, "--replace", "Anna's", file).code == 0
    monkeypatch.setenv("CONVOKE_BASE_URL", "https://shelter.example")
    refused = anna.says("restore", "--data", anna.other, file)
    assert (refused.code, refused.out) == (1, "")
    assert "a backup of localhost:8000, and CONVOKE_BASE_URL says shelter.example" in refused.err
    assert not anna.other.exists()


def test_what_is_no_backup_is_told_before_anything_is_begun(anna: Anna) -> None:
    broken = anna.backups / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    for words in (("backup", "verify", broken), ("restore", "--data", anna.other, broken)):
        ended = anna.says(*words)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"convoke: {broken} is no whole backup: ")
    missing = anna.says("backup", "verify", anna.backups / "none.zip")
    assert (missing.code, "There is no " in missing.err) == (1, True)
    nowhere = anna.says("backup", "--data", anna.data, anna.backups / "no" / "where.zip")
    assert (nowhere.code, "There is no directory " in nowhere.err) == (1, True)
    assert not anna.other.exists()
    assert anna.files == [broken]
