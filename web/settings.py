"""What can be set, read once from the environment; the only module that looks there.

`DOCUMENTED` is the one table of every setting: its name, meaning, unit and default. It feeds
reading, `./convoke settings` and the docs, so none can be missing from any of them. Layers below
are handed values. A request's limits are in `schema/limits.py`, each set by CONVOKE_LIMIT_<NAME>;
what a value may be is in `setting_kinds.py`.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from domain.errors import Problem
from domain.hubs import authority_of
from schema.limits import Limits, documented
from storage.engine import Pool
from web.setting_kinds import (
    MailServer,
    access_token,
    address,
    base_url,
    database_url,
    directory,
    either,
    mail_address,
    mail_server,
    name,
    number,
    proxies,
    secret_key,
    sites,
    slug_or_nothing,
    whole,
)

TREE = Path(__file__).resolve().parent.parent
LIMIT = "CONVOKE_LIMIT_"


class SettingProblem(Problem):
    """A value that cannot be used; names the variable and says what is allowed."""

    code: ClassVar[str] = "SETTING"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is set. Made by `read_settings`, and by tests as they need it."""

    base_url: str
    host: str
    port: int
    data: Path
    hub_name: str
    database_url: str | None
    secret_key: str | None
    pool: Pool
    limits: Limits
    proxies: tuple[str, ...] = ()
    allow_loopback: bool = False
    trusted_documents_only: bool = False
    cache_seconds: int = 30
    replica_url: str | None = None
    workers: int = 1
    worker_inside: bool = True
    mail_server: MailServer | None = None
    mail_from: str = ""
    accepts_public_peers: bool = False
    operated_by: str | None = None  # the short name of an organization
    log_json: bool = False
    metrics_token: str | None = None
    drain_seconds: float = 0.0
    disk_floor_bytes: int = 512 * 2**20
    embed_sites: tuple[str, ...] = ()
    outbox_page: bool = False  # of the demo, which sends no mail: nobody sets it

    @property
    def authority(self) -> str:
        """Who we are to other hubs, and what follows the @ of our ids: `hub.example:8000`."""
        return authority_of(self.base_url)


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: what it means, in which unit, and what it is where nobody set it."""

    name: str
    says: str
    unit: str
    default: str
    read: Callable[[str], Any]
    secret: bool = False


def current_settings(options: Mapping[str, object | None] | None = None) -> Settings:
    """Those of this process's environment, but for what a command's options say instead."""
    given = {name: str(value) for name, value in (options or {}).items() if value is not None}
    return read_settings({**os.environ, **given})


def environment_with(**given: str) -> Mapping[str, str]:
    """Ours and something more, for a process that we begin."""
    return {**os.environ, **given}


def listed(environment: Mapping[str, str] | None = None) -> list[tuple[Setting, str]]:
    """Each setting with what was given for it, or "" for its default; of a secret, only "set"."""
    given = os.environ if environment is None else environment
    read_settings(given)
    values = [(setting, given.get(setting.name, "").strip()) for setting in DOCUMENTED]
    return [(setting, "set" if setting.secret and value else value) for setting, value in values]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, or SettingProblem about the first value that cannot be used."""
    refuse_unknown(environment)
    value = {setting.name: read(setting, environment) for setting in DOCUMENTED}
    port: int = value["CONVOKE_PORT"]
    if value["DATABASE_REPLICA_URL"] and not value["DATABASE_URL"]:
        raise SettingProblem("DATABASE_REPLICA_URL is a replica of DATABASE_URL: set that too.")
    if value["CONVOKE_SMTP_URL"] and not value["CONVOKE_MAIL_FROM"]:
        raise SettingProblem("CONVOKE_SMTP_URL needs CONVOKE_MAIL_FROM beside it: set that too.")
    return Settings(
        base_url=value["CONVOKE_BASE_URL"] or f"http://localhost:{port}",
        host=value["CONVOKE_HOST"],
        port=port,
        data=value["CONVOKE_DATA"],
        hub_name=value["CONVOKE_HUB_NAME"],
        database_url=value["DATABASE_URL"],
        secret_key=value["CONVOKE_SECRET_KEY"],
        pool=Pool(
            size=value["CONVOKE_POOL_SIZE"],
            overflow=value["CONVOKE_POOL_OVERFLOW"],
            answering=value["CONVOKE_POOL_ANSWERING"],
            wait_seconds=value["CONVOKE_POOL_WAIT_SECONDS"],
            statement_seconds=value["CONVOKE_STATEMENT_SECONDS"],
            lock_seconds=value["CONVOKE_LOCK_SECONDS"],
            idle_in_transaction_seconds=value["CONVOKE_IDLE_IN_TRANSACTION_SECONDS"],
        ),
        proxies=value["CONVOKE_PROXIES"],
        allow_loopback=value["CONVOKE_ALLOW_LOOPBACK"],
        trusted_documents_only=value["CONVOKE_DOCUMENTS"],
        cache_seconds=value["CONVOKE_CACHE_SECONDS"],
        replica_url=value["DATABASE_REPLICA_URL"],
        workers=value["CONVOKE_WORKERS"],
        worker_inside=value["CONVOKE_WORKER"],
        mail_server=value["CONVOKE_SMTP_URL"],
        mail_from=value["CONVOKE_MAIL_FROM"],
        accepts_public_peers=value["CONVOKE_PEERS_ACCEPT"],
        operated_by=value["CONVOKE_OPERATOR"] or None,
        log_json=value["CONVOKE_LOG"],
        metrics_token=value["CONVOKE_METRICS_TOKEN"],
        drain_seconds=value["CONVOKE_DRAIN_SECONDS"],
        disk_floor_bytes=value["CONVOKE_DISK_FLOOR_MB"] * 2**20,
        embed_sites=value["CONVOKE_EMBED_SITES"],
        limits=Limits(**{f.name: value[f"{LIMIT}{f.name.upper()}"] for f in documented()}),
    )


def read(setting: Setting, environment: Mapping[str, str]) -> Any:
    given = environment.get(setting.name, "").strip()
    try:
        return setting.read(given or setting.default)
    except ValueError as error:
        seen = "is not so" if setting.secret else f"is {given!r}"
        raise SettingProblem(f"{setting.name} must be {error}, and {seen}.") from None


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """A misspelt variable would otherwise be a wish that nobody hears."""
    known = {setting.name for setting in DOCUMENTED}
    for given in sorted(environment):
        if given.startswith("CONVOKE_") and given not in known:
            raise SettingProblem(
                f"{given} is not a setting. ./convoke settings lists all that there are."
            )


def _seconds(name: str, default: str, says: str) -> Setting:
    return Setting(name, says, "seconds", default, number(0.05, 3600))


DOCUMENTED: tuple[Setting, ...] = (
    Setting(
        "CONVOKE_BASE_URL",
        "The hub's own address, as others see it. Where it is not set: http://localhost and the "
        "port.",
        "address",
        "",
        base_url,
    ),
    Setting("CONVOKE_HOST", "The address listened on.", "address", "127.0.0.1", address),
    Setting("CONVOKE_PORT", "The port listened on.", "port", "8000", whole(1, 65535)),
    Setting(
        "CONVOKE_WORKERS",
        "Processes that answer, all at the same address. One for each processor is plenty.",
        "processes",
        "1",
        whole(1, 64),
    ),
    Setting(
        "CONVOKE_WORKER",
        "Who does what time brings: inside, one of the processes that answer, or off, ./convoke "
        "worker alone.",
        "inside or off",
        "inside",
        either("inside", "off", true="inside"),
    ),
    Setting(
        "CONVOKE_PROXIES",
        "The reverse proxies in front of the hub: who comes through them is told from the rest by "
        "X-Forwarded-For, which nobody else is believed.",
        "addresses",
        "",
        proxies,
    ),
    Setting(
        "CONVOKE_DATA",
        "Where the hub's data is, with the database that comes with Convoke. Where it is not set: "
        ".convoke/data beside ./convoke.",
        "directory",
        "",
        directory(TREE / ".convoke" / "data"),
    ),
    Setting("CONVOKE_HUB_NAME", "What the hub is called.", "name", "Convoke hub", name),
    Setting(
        "DATABASE_URL",
        "A PostgreSQL server to use in place of the one that comes with Convoke.",
        "address",
        "",
        database_url,
        secret=True,
    ),
    Setting(
        "DATABASE_REPLICA_URL",
        "A read replica of DATABASE_URL, which then answers queries. Where it is down, "
        "DATABASE_URL does.",
        "address",
        "",
        database_url,
        secret=True,
    ),
    Setting(
        "CONVOKE_SECRET_KEY",
        "What the hub's private keys are sealed with. Where it is not set: secret.key in the data "
        "directory, made at the first start. With DATABASE_URL it must be set.",
        "text",
        "",
        secret_key,
        secret=True,
    ),
    Setting(
        "CONVOKE_SMTP_URL",
        "The mail server that takes the hub's letters on: smtp://user:password@host:587, always with "
        "STARTTLS unless it is this machine, or smtps://user:password@host. Where it is not set, "
        "letters wait.",
        "address",
        "",
        mail_server,
        secret=True,
    ),
    Setting(
        "CONVOKE_MAIL_FROM",
        "The address that the hub's letters come from, and that a mail server writes back to.",
        "address",
        "",
        mail_address,
    ),
    Setting(
        "CONVOKE_ALLOW_LOOPBACK",
        "yes lets calendars be fetched from this machine itself, also by http. For development: "
        "whoever may import could then read what only this machine may.",
        "yes or no",
        "no",
        either("yes", "no", true="yes"),
    ),
    Setting(
        "CONVOKE_OPERATOR",
        "The organization that operates the hub, by its short name: its owners and admins manage the "
        "hubs that this one works with, as ./convoke peer does.",
        "short name",
        "",
        slug_or_nothing,
    ),
    Setting(
        "CONVOKE_PEERS_ACCEPT",
        "What becomes of another hub's proposal to work together: it waits for an admin (ask), or is "
        "accepted at once, for what is public (public). What alliances share comes by alliances alone.",
        "ask or public",
        "ask",
        either("ask", "public", true="public"),
    ),
    Setting(
        "CONVOKE_EMBED_SITES",
        "The sites that may show the dates of the whole hub in a frame, such as "
        "https://www.city.example, with commas between them. An organization's own sites are set in "
        "its console.",
        "addresses",
        "",
        sites,
    ),
    Setting(
        "CONVOKE_DOCUMENTS",
        "Which GraphQL documents are run: any, or only those that ./convoke documents has added "
        "(trusted).",
        "any or trusted",
        "any",
        either("any", "trusted", true="trusted"),
    ),
    Setting(
        "CONVOKE_CACHE_SECONDS",
        "How long caches may keep the answer to a query that was asked by GET, by the id of its "
        "document and without a token; and as long again while they ask for a newer one.",
        "seconds",
        "30",
        whole(0, 86_400),
    ),
    Setting(
        "CONVOKE_LOG",
        "How the log is written to standard error: plain, for people, what is wrong alone; or json, "
        "one line for each entry and each request.",
        "plain or json",
        "plain",
        either("json", "plain", true="json"),
    ),
    Setting(
        "CONVOKE_METRICS_TOKEN",
        "Who shows it as a bearer token may read /metrics. Where it is not set, this machine alone "
        "may.",
        "text",
        "",
        access_token,
        secret=True,
    ),
    Setting(
        "CONVOKE_DRAIN_SECONDS",
        "How long a hub that is told to stop (SIGTERM) still takes requests, while /readyz says "
        "that it leaves: longer than a load balancer takes to hear of it.",
        "seconds",
        "0",
        number(0, 600),
    ),
    Setting(
        "CONVOKE_DISK_FLOOR_MB",
        "With less room on the disk of the data directory, /readyz says that the hub is not ready.",
        "megabytes",
        "512",
        whole(0, 10_000_000),
    ),
    Setting(
        "CONVOKE_POOL_SIZE",
        "Database connections kept by each process.",
        "connections",
        "5",
        whole(1, 200),
    ),
    Setting(
        "CONVOKE_POOL_OVERFLOW",
        "Further ones, opened when those are busy.",
        "connections",
        "5",
        whole(0, 200),
    ),
    Setting(
        "CONVOKE_POOL_ANSWERING",
        "And besides, for queries that are one statement.",
        "connections",
        "8",
        whole(1, 200),
    ),
    _seconds("CONVOKE_POOL_WAIT_SECONDS", "2", "How long a request waits for a connection."),
    _seconds("CONVOKE_STATEMENT_SECONDS", "5", "Until a database statement is stopped."),
    _seconds("CONVOKE_LOCK_SECONDS", "2", "How long a statement waits for another's lock."),
    _seconds(
        "CONVOKE_IDLE_IN_TRANSACTION_SECONDS",
        "10",
        "Until a transaction that does nothing is ended.",
    ),
    *(
        Setting(
            f"{LIMIT}{limit.name.upper()}",
            limit.metadata["says"],
            limit.metadata["unit"],
            f"{limit.default:g}" if isinstance(limit.default, float) else str(limit.default),
            number(limit.metadata["least"], 86_400)
            if isinstance(limit.default, float)
            else whole(limit.metadata["least"], 2**40),
        )
        for limit in documented()
    ),
)
