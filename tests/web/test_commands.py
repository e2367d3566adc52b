"""The command line: what it lists, what it says, and what its exit codes mean."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from graphql import build_schema
from sqlalchemy import text

from domain.outside import Chance, Clock
from resolvers import hubs
from storage import migrating
from storage.embedded import EmbeddedPostgres, is_running
from storage.engine import Database
from tests.web.smtp import MailServer
from web.commands import GROUPS, MEANINGS, commands, main
from web.settings import DOCUMENTED, TREE

ALL = [command.name for command in commands()]
MODULES = [name for name in ALL if name != "test"]
NOT_HERE = "postgresql://anna:secret@127.0.0.1:1/hub"


class Ended:
    """How a command ended: its exit code, and what it printed where."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


class Terminal:
    """Somebody at a terminal, whose data directory is a new one."""

    def __init__(self, data: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.data, self.capture = data, capture

    def run(self, *arguments: str) -> Ended:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        out, err = self.capture.readouterr()
        return Ended(leaving.value.code, out, err)


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.setenv("CONVOKE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal(tmp_path / "data", capsys)


def changed(terminal: Terminal, statement: str) -> None:
    """The hub's database, changed behind its back."""

    async def change(url: str) -> None:
        database = Database(url)
        async with database.writing() as db:
            await db.execute(text(statement))
        await database.close()

    with EmbeddedPostgres.start(terminal.data) as server:
        asyncio.run(change(server.url()))


def findings(terminal: Terminal) -> tuple[object, dict[str, tuple[bool, str]]]:
    ended = terminal.run("doctor", "--json")
    found = json.loads(ended.out)
    assert found["well"] is all(finding["well"] for finding in found["findings"])
    return ended.code, {f["name"]: (f["well"], f["says"]) for f in found["findings"]}


# ── the frame ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_without_a_command_all_are_listed_with_what_exit_codes_mean(
    terminal: Terminal, arguments: tuple[str, ...]
) -> None:
    ended = terminal.run(*arguments)
    assert (ended.code, ended.err) == (0, "")
    for command in commands():
        assert re.search(rf"^  {command.name} +{re.escape(command.line)}$", ended.out, re.MULTILINE)
    for code, meaning in MEANINGS.items():
        assert re.search(rf"^  {code:d} +{re.escape(meaning)}$", ended.out, re.MULTILINE)


def test_listing_the_commands_imports_none_of_them() -> None:
    look = (
        "import sys; from web.commands import explain; explain([]); "
        "print(sorted({'typer', 'sqlalchemy', 'strawberry', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=TREE, capture_output=True, check=True)
    assert done.stdout.decode().splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", MODULES)
def test_every_command_explains_itself_with_an_example(terminal: Terminal, name: str) -> None:
    ended = terminal.run(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"Usage: ./convoke {name} " in ended.out
    assert "Example: " in ended.out
    assert f"./convoke {name}" in ended.out.partition("Example: ")[2] or name == "settings"
    assert terminal.run("help", name).out == ended.out


def test_every_command_stands_in_a_group() -> None:
    assert {command.group for command in commands()} <= set(GROUPS)


def test_a_misspelt_command_is_told_the_nearest(terminal: Terminal) -> None:
    ended = terminal.run("migrat")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "convoke: there is no command migrat. Did you mean migrate?\n"
    assert terminal.run("xyzzy").err == (
        "convoke: there is no command xyzzy. ./convoke lists all that there are.\n"
    )


def test_wrong_usage_is_told_with_where_to_look(terminal: Terminal) -> None:
    ended = terminal.run("migrate", "--bogus")
    assert (ended.code, ended.out) == (2, "")
    assert "No such option: --bogus" in ended.err
    assert not terminal.data.exists()


def test_a_setting_that_cannot_be_used_is_one_line(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVOKE_PORT", "http")
    ended = terminal.run("migrate")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "convoke: CONVOKE_PORT must be a whole number from 1 to 65535, and is 'http'.\n"
    )
    assert not terminal.data.exists()


def test_a_reader_that_has_seen_enough_is_no_bug() -> None:
    """As `./convoke sdl | head -1` is."""
    with subprocess.Popen(
        [sys.executable, TREE, "sdl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# ── migrate ──────────────────────────────────────────────────────────────────────────────────────


def test_migrate_brings_a_new_database_to_this_convoke_once(terminal: Terminal) -> None:
    ended = terminal.run("migrate", "--check")
    assert ended.code == 3
    assert ended.out.startswith("The database has no tables yet. ./convoke migrate brings it to 0")

    ended = terminal.run("migrate")
    assert ended.code == 0
    revision = ended.out.removeprefix("Migrated from an empty database to ").rstrip(".\n")
    assert revision.isalnum()

    ended = terminal.run("migrate", "--check")
    assert (ended.code, ended.out) == (0, f"The database is at {revision}: nothing to do.\n")
    assert json.loads(terminal.run("migrate", "--json").out) == {
        "state": "current",
        "was": revision,
        "revision": revision,
    }
    assert not is_running(terminal.data)


def test_migrate_joins_the_server_of_a_hub_that_runs(terminal: Terminal) -> None:
    with EmbeddedPostgres.start(terminal.data) as server:
        server.create_database()
        assert terminal.run("migrate").code == 0
        assert is_running(terminal.data)


def test_a_newer_convoke_s_tables_are_left_alone(terminal: Terminal) -> None:
    terminal.run("migrate")
    changed(terminal, "update alembic_version set version_num = '9999'")
    ended = terminal.run("migrate")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("convoke: The database was made by a newer Convoke (its tables are")
    assert "Update Convoke, or restore a backup into a new database." in ended.err
    code, found = findings(terminal)
    assert code == 1
    assert found["tables"] == (False, "at 9999, of a newer Convoke: update this one")


def test_a_database_that_is_not_there_is_told_without_its_password(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOT_HERE)
    ended = terminal.run("migrate")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("convoke: The database cannot be reached: ")
    assert ended.err.endswith("Check DATABASE_URL, and that the server runs.\n")
    assert "secret" not in ended.err
    assert "Traceback" not in ended.err


def test_somebody_else_s_directory_is_told(terminal: Terminal) -> None:
    terminal.data.mkdir()
    (terminal.data / "letters").write_text("dear")
    ended = terminal.run("migrate")
    assert ended.code == 4
    assert ended.err.startswith(f"convoke: {terminal.data} is not a Convoke data directory")


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────


def test_the_doctor_finds_a_new_hub_well_and_makes_nothing(terminal: Terminal) -> None:
    ended = terminal.run("doctor")
    assert ended.code == 0
    assert ended.out.endswith("\n\nAll is well.\n")
    assert f"none in {terminal.data} yet; ./convoke migrate makes one" in ended.out
    assert not terminal.data.exists()


def test_the_doctor_finds_a_running_hub_well(
    terminal: Terminal, clock: Clock, chance: Chance
) -> None:
    async def founded(url: str) -> None:
        database = Database(url)
        await migrating.upgrade(database)
        await hubs.ensure_local_hub(database, "http://localhost:8000", "Anna's", clock, chance)
        await database.close()

    with EmbeddedPostgres.start(terminal.data) as server:
        server.create_database()
        asyncio.run(founded(server.url()))
        code, found = findings(terminal)
    assert code == 0
    of_itself = ["python", "packages", "disk", "database", "tables", "identity", "clock"]
    names = [*of_itself, "secret", "worker", "duties", "mail", "letters", "backup"]
    assert list(found) == names
    nobody = "no mail server is named, so that letters wait: set CONVOKE_SMTP_URL"
    assert found["mail"] == (True, nobody)
    assert found["duties"] == (True, "none yet; ./convoke serve does them, or ./convoke worker")
    assert re.fullmatch(r"PostgreSQL 18\.\d+ in .*, \d+ [kM]B, in use", found["database"][1])
    assert found["identity"] == (True, "Anna's, localhost:8000")


def test_the_doctor_tells_when_duties_were_done_and_which_fail(
    terminal: Terminal, clock: Clock, chance: Chance
) -> None:
    def duty(name: str, failures: int, ago: str) -> str:
        return (
            "insert into duties (name, due_at, ran_at, done, failures, request_id) values"  # noqa: S608
            f" ('{name}', now() + interval '1 hour', now() - interval '{ago}', 0, {failures}, 'time_1')"
        )

    async def at_work(url: str, *statements: str) -> None:
        database = Database(url)
        await migrating.upgrade(database)
        await hubs.ensure_local_hub(database, "http://localhost:8000", "Anna's", clock, chance)
        async with database.writing() as db:
            for statement in statements:
                await db.execute(text(statement))
        await database.close()

    with EmbeddedPostgres.start(terminal.data) as server:
        server.create_database()
        well = duty("expire", 0, "3 minutes"), duty("roll_on", 0, "5 hours")
        asyncio.run(at_work(server.url(), *well))
        code, found = findings(terminal)
        assert (code, found["duties"]) == (0, (True, "expire 3 min ago, roll_on 5 h ago"))
        asyncio.run(at_work(server.url(), duty("close", 4, "1 minute")))
        code, found = findings(terminal)
    assert code == 1
    failed = "close failed 4 times, the last time as time_1: the log tells why"
    assert found["duties"] == (False, failed)


@contextmanager
def answering_beside(mail_server: MailServer) -> Iterator[int]:
    """In a thread, because a command has a loop of its own. Its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> asyncio.Server:
        return await asyncio.start_server(mail_server.answer, "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_the_doctor_tells_of_letters_that_nobody_sends(
    terminal: Terminal, clock: Clock, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def letter(number: int, ago: str, became: str = "null, null, null") -> str:
        return (
            'insert into outgoing_mail (id, "to", subject, text, created_at, due_at, sent_at,'  # noqa: S608
            f" failed_at, problem) values ('mai_{number}', 'lee@library.example', 'Hi', '',"
            f" now() - interval '{ago}', now(), {became})"
        )

    async def done(url: str, *statements: str) -> None:
        database = Database(url)
        await migrating.upgrade(database)
        await hubs.ensure_local_hub(database, "http://localhost:8000", "Anna's", clock, chance)
        async with database.writing() as db:
            for statement in statements:
                await db.execute(text(statement))
        await database.close()

    mail_server = MailServer(extensions=("8BITMIME", "AUTH PLAIN"))
    with EmbeddedPostgres.start(terminal.data) as server, answering_beside(mail_server) as port:
        server.create_database()
        url = server.url()
        asyncio.run(done(url, letter(1, "1 minute")))
        nobody = "no mail server is named, so that letters wait: set CONVOKE_SMTP_URL"
        code, found = findings(terminal)
        assert (code, found["mail"]) == (1, (False, f"1 letter waits, and {nobody}"))
        monkeypatch.setenv("CONVOKE_SMTP_URL", f"smtp://hub:r%2Fght%20pass@127.0.0.1:{port}")
        monkeypatch.setenv("CONVOKE_MAIL_FROM", "hub@pantry.example")
        code, found = findings(terminal)
        assert (code, found["mail"]) == (0, (True, "by 127.0.0.1, 1 letter waits"))
        assert found["mail server"] == (True, f"127.0.0.1:{port} lets us in")
        mail_server.answers["AUTH"] = "535 Who are you?"
        says = f"127.0.0.1:{port} does not: 535 Who are you?. See CONVOKE_SMTP_URL"
        code, found = findings(terminal)
        assert (code, found["mail server"]) == (1, (False, says))
        del mail_server.answers["AUTH"]
        refused = letter(2, "1 hour", "null, null, '535 Who are you?'")
        given_up = letter(3, "2 hours", "null, now() - interval '1 hour', '550 Nobody'")
        asyncio.run(done(url, refused, given_up))
        says = "by 127.0.0.1, 2 letters wait, 1 could not be delivered in the last 7 days"
        code, found = findings(terminal)
        assert (code, found["mail"]) == (
            1,
            (False, f"{says}, and none is sent: 535 Who are you?"),
        )
        asyncio.run(done(url, letter(4, "3 hours", "now(), null, null")))
        code, found = findings(terminal)
        assert (code, found["mail"]) == (0, (True, says))


def test_the_doctor_names_each_problem_and_its_way_out(
    terminal: Terminal, clock: Clock, chance: Chance, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def founded(url: str) -> None:
        database = Database(url)
        await migrating.upgrade(database)
        await hubs.ensure_local_hub(database, "https://pantry.example", "Anna's", clock, chance)
        await database.close()

    with EmbeddedPostgres.start(terminal.data) as server:
        server.create_database()
        asyncio.run(founded(server.url()))
    code, found = findings(terminal)
    assert code == 1
    assert found["identity"] == (
        False,
        "this hub's data says pantry.example, and CONVOKE_BASE_URL says localhost:8000: "
        "set CONVOKE_BASE_URL to the first, or name the data of the second",
    )

    changed(terminal, "delete from alembic_version")
    code, found = findings(terminal)
    assert (code, found["tables"]) == (1, (False, "none yet: run ./convoke migrate"))

    monkeypatch.setenv("DATABASE_URL", NOT_HERE)
    ended = terminal.run("doctor")
    assert ended.code == 1
    assert "problem  database  The database cannot be reached: " in ended.out
    assert ended.out.endswith("\n\n1 of 4 need attention.\n")


# ── settings, sdl ────────────────────────────────────────────────────────────────────────────────


def test_every_setting_is_listed_with_its_present_value(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOT_HERE)
    monkeypatch.setenv("CONVOKE_PORT", "8100")
    ended = terminal.run("settings")
    assert ended.code == 0
    for setting in DOCUMENTED:
        assert f"{setting.name}={setting.default} ({setting.unit})" in ended.out
    assert "CONVOKE_PORT=8000 (port)   now 8100\n" in ended.out
    assert "anna" not in ended.out
    listed = {s["name"]: s for s in json.loads(terminal.run("settings", "--json").out)}
    assert list(listed) == [setting.name for setting in DOCUMENTED]
    assert listed["CONVOKE_PORT"] == {
        "name": "CONVOKE_PORT",
        "says": "The port listened on.",
        "unit": "port",
        "default": "8000",
        "value": "8100",
    }


def test_the_contract_is_printed_without_a_database(terminal: Terminal) -> None:
    ended = terminal.run("sdl")
    assert ended.code == 0
    assert build_schema(ended.out, assume_valid_sdl=True).query_type
    assert not terminal.data.exists()
