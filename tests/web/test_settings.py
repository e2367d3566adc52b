"""What can be set: read once, and refused by name where it cannot be used."""

from dataclasses import fields
from pathlib import Path

import pytest

from schema.limits import Limits, documented
from storage.engine import Pool
from web.setting_kinds import MailServer
from web.settings import DOCUMENTED, TREE, SettingProblem, current_settings, listed, read_settings


def test_with_nothing_set_the_hub_is_this_machine_s_own() -> None:
    settings = read_settings({"HOME": "/home/anna"})
    assert settings.base_url == "http://localhost:8000"
    assert settings.authority == "localhost:8000"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.data == TREE / ".convoke" / "data"
    assert settings.database_url is None
    assert settings.pool == Pool()
    assert settings.limits == Limits()


def test_a_hub_that_listens_elsewhere_is_known_by_that_port() -> None:
    assert read_settings({"CONVOKE_PORT": "8100"}).base_url == "http://localhost:8100"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Pantry.Example/", "https://pantry.example"),
        ("https://pantry.example:443", "https://pantry.example"),
        ("https://pantry.example:8443", "https://pantry.example:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://hub-a.localhost:8000", "http://hub-a.localhost:8000"),
    ],
)
def test_an_address_has_one_spelling(given: str, kept: str) -> None:
    assert read_settings({"CONVOKE_BASE_URL": given}).base_url == kept


@pytest.mark.parametrize(
    ("given", "driver_s"),
    [
        ("postgres://anna:p%40ss@db/hub", "postgresql+asyncpg://anna:p%40ss@db/hub"),
        ("postgresql://db/hub?sslmode=require", "postgresql+asyncpg://db/hub?ssl=require"),
        ("postgresql+asyncpg://db/hub", "postgresql+asyncpg://db/hub"),
    ],
)
def test_a_database_may_be_named_as_hosts_name_it(given: str, driver_s: str) -> None:
    assert read_settings({"DATABASE_URL": given}).database_url == driver_s


def test_every_pool_setting_and_limit_reaches_what_it_sets() -> None:
    names = {setting.name for setting in DOCUMENTED}
    for limit in documented():
        name, other = f"CONVOKE_LIMIT_{limit.name.upper()}", getattr(Limits(), limit.name) + 1
        assert name in names
        changed = read_settings({name: str(other)}).limits
        assert getattr(changed, limit.name) == other
        assert sum(getattr(changed, f.name) != f.default for f in documented()) == 1
    pool = read_settings(
        {
            "CONVOKE_POOL_SIZE": "6",
            "CONVOKE_POOL_OVERFLOW": "7",
            "CONVOKE_POOL_ANSWERING": "10",
            "CONVOKE_POOL_WAIT_SECONDS": "8.5",
            "CONVOKE_STATEMENT_SECONDS": "9",
            "CONVOKE_LOCK_SECONDS": "11",
            "CONVOKE_IDLE_IN_TRANSACTION_SECONDS": "12",
        }
    ).pool
    assert [getattr(pool, field.name) for field in fields(Pool)] == [6, 7, 10, 8.5, 9.0, 11.0, 12.0]


def test_the_proxies_are_addresses_and_networks() -> None:
    given = read_settings({"CONVOKE_PROXIES": "10.0.0.7, 10.1.0.0/16,::1,"}).proxies
    assert given == ("10.0.0.7", "10.1.0.0/16", "::1")
    assert read_settings({}).proxies == ()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        (
            "CONVOKE_PROXIES",
            "10.0.0.0/8, proxy",
            "addresses and networks, such as 10.0.0.7, 10.1.0.0/16, with commas between them, and "
            "is '10.0.0.0/8, proxy'",
        ),
        ("CONVOKE_PORT", "0", "a whole number from 1 to 65535, and is '0'"),
        ("CONVOKE_PORT", "80\uff10", "a whole number from 1 to 65535, and is '80\uff10'"),
        ("CONVOKE_POOL_SIZE", "5.5", "a whole number from 1 to 200, and is '5.5'"),
        ("CONVOKE_LOCK_SECONDS", "nan", "a number from 0.05 to 3600, and is 'nan'"),
        ("CONVOKE_LIMIT_DEPTH", "2", "a whole number from 3 to 1099511627776, and is '2'"),
        ("CONVOKE_HOST", "hub", "an IP address, such as 127.0.0.1, or localhost, and is 'hub'"),
        (
            "CONVOKE_BASE_URL",
            "http://pantry.example",
            "https, except on this machine (http://localhost:8000), and is 'http://pantry.example'",
        ),
        (
            "CONVOKE_BASE_URL",
            "https://pantry.example/hub",
            "the hub's own address, such as https://hub.example, without a path, "
            "and is 'https://pantry.example/hub'",
        ),
        (
            "CONVOKE_BASE_URL",
            "https://pantry.example:99999",
            "the hub's own address, such as https://hub.example, without a path, "
            "and is 'https://pantry.example:99999'",
        ),
        (
            "CONVOKE_MAIL_FROM",
            "hub@pantry.example\nBcc: eve@evil.example",
            "an address to write from, such as hub@pantry.example, and is "
            "'hub@pantry.example\\nBcc: eve@evil.example'",
        ),
        (
            "CONVOKE_HUB_NAME",
            "Our\nhub",
            "a name of at most 100 characters, in one line, and is 'Our\\nhub'",
        ),
    ],
)
def test_a_bad_value_is_refused_by_its_name_with_what_is_allowed(
    name: str, value: str, allowed: str
) -> None:
    with pytest.raises(SettingProblem) as problem:
        read_settings({name: value})
    assert problem.value.message == f"{name} must be {allowed}."


def test_a_password_in_a_bad_address_is_told_to_nobody() -> None:
    with pytest.raises(SettingProblem) as problem:
        read_settings({"DATABASE_URL": "mysql://anna:secret@db/hub"})
    assert problem.value.message == (
        "DATABASE_URL must be a PostgreSQL address, such as "
        "postgresql://user:password@host/database, and is not so."
    )
    given = {"DATABASE_URL": "postgresql://anna:secret@db/hub"}
    assert "secret" not in str([value for _, value in listed(given)])


def test_a_guessable_secret_is_refused_and_not_repeated() -> None:
    assert read_settings({}).secret_key is None
    assert read_settings({"CONVOKE_SECRET_KEY": "s" * 32}).secret_key == "s" * 32
    with pytest.raises(SettingProblem) as problem:
        read_settings({"CONVOKE_SECRET_KEY": "hunter2"})
    assert problem.value.message == (
        "CONVOKE_SECRET_KEY must be at least 32 characters that nobody can guess, such as the "
        "output of: openssl rand -hex 32, and is not so."
    )


def test_what_an_option_says_counts_more_than_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONVOKE_PORT", "8100")
    assert current_settings().port == 8100
    changed = current_settings({"CONVOKE_PORT": 8200, "CONVOKE_DATA": None})
    assert (changed.port, changed.base_url) == (8200, "http://localhost:8200")
    assert changed.data == TREE / ".convoke" / "data"


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(SettingProblem, match="CONVOKE_PROT is not a setting"):
        read_settings({"CONVOKE_PROT": "8100"})


def test_empty_counts_as_not_set() -> None:
    assert read_settings({"CONVOKE_PORT": "", "DATABASE_URL": " "}) == read_settings({})


def test_no_other_module_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(TREE))
        for folder in (
            "web",
            "federation",
            "schema",
            "resolvers",
            "auth",
            "languages",
            "storage",
            "domain",
        )
        for path in sorted(Path(TREE / folder).rglob("*.py"))
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]
    assert readers == ["web/settings.py"]


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, False)),
        ("smtps://mail.example", MailServer("mail.example", 465, True)),
        ("smtp://localhost:25/", MailServer("localhost", 25, False)),
        (
            "smtp://anna%40pantry.example:p%3A%2F%20ss@mail.example:2525",
            MailServer("mail.example", 2525, False, "anna@pantry.example", "p:/ ss"),
        ),
        ("smtps://[2001:db8::1]", MailServer("2001:db8::1", 465, True)),
    ],
)
def test_a_mail_server_is_named_by_an_address(given: str, server: MailServer) -> None:
    settings = read_settings({"CONVOKE_SMTP_URL": given, "CONVOKE_MAIL_FROM": "hub@b.example"})
    assert (settings.mail_server, settings.mail_from) == (server, "hub@b.example")
    assert "ss" not in repr(server).replace("password", "")


@pytest.mark.parametrize(
    "given",
    ["mail.example", "https://mail.example", "smtp://", "smtp://anna@mail.example",
     "smtp://mail.example/inbox", "smtp://mail.example?tls=no", "smtp://mail.example:99999",
     "smtp://mail.example:0", "smtp://anna:hunter2/@mail.example"],
)  # fmt: skip
def test_what_is_no_mail_server_is_not_repeated(given: str) -> None:
    with pytest.raises(SettingProblem) as problem:
        read_settings({"CONVOKE_SMTP_URL": given, "CONVOKE_MAIL_FROM": "hub@b.example"})
    assert problem.value.message.startswith("CONVOKE_SMTP_URL must be a mail server, such as smtp:")
    assert problem.value.message.endswith("written like %40, and is not so.")


def test_letters_come_from_somebody() -> None:
    with pytest.raises(SettingProblem, match="CONVOKE_SMTP_URL needs CONVOKE_MAIL_FROM"):
        read_settings({"CONVOKE_SMTP_URL": "smtp://mail.example"})
    assert read_settings({}).mail_server is None
    assert not read_settings({}).outbox_page
