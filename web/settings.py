"""What can be set, read once from the environment; the only module that looks there.

`DOCUMENTED` is the one table of every setting: its name, meaning, unit and default. It feeds
reading, `./convoke settings` and the docs, so none can be missing from any of them. Layers below
are handed values. A request's limits are in `schema/limits.py`, each set by CONVOKE_LIMIT_<NAME>.
"""

import ipaddress
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from auth.sealing import LEAST_LENGTH
from domain.errors import Problem
from domain.hubs import authority_of
from schema.limits import Limits, documented
from storage.engine import Pool
from web.addresses import networks

TREE = Path(__file__).resolve().parent.parent
LIMIT = "CONVOKE_LIMIT_"
DRIVER = "postgresql+asyncpg"


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
    for name in sorted(environment):
        if name.startswith("CONVOKE_") and name not in known:
            raise SettingProblem(
                f"{name} is not a setting. ./convoke settings lists all that there are."
            )


def whole(least: int, most: int) -> Callable[[str], int]:
    def read_whole(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read_whole


def number(least: float, most: float) -> Callable[[str], float]:
    def read_number(text: str) -> float:
        allowed = f"a number from {least:g} to {most:g}"
        try:
            given = float(text)
        except ValueError:
            raise ValueError(allowed) from None
        if not math.isfinite(given) or not least <= given <= most:
            raise ValueError(allowed)
        return given

    return read_number


def address(text: str) -> str:
    """One to listen on; a name other than localhost may come to be another machine's."""
    if text != "localhost":
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError("an IP address, such as 127.0.0.1, or localhost") from None
    return text


def base_url(text: str) -> str:
    """Scheme and authority alone: ids, links and tokens are made from it."""
    if not text:
        return ""
    allowed = "the hub's own address, such as https://hub.example, without a path"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(allowed) from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise ValueError(allowed)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(allowed)
    if parts.scheme == "http" and not is_this_machine(host):
        raise ValueError("https, except on this machine (http://localhost:8000)")
    shown = f"[{host}]" if ":" in host else host
    known = {"http": 80, "https": 443}[parts.scheme]  # one hub, one spelling
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != known else "")


def is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 s6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def directory(text: str) -> Path:
    if not text:
        return TREE / ".convoke" / "data"
    return Path(text).expanduser().absolute()


def name(text: str) -> str:
    if len(text) > 100 or not text.isprintable():
        raise ValueError("a name of at most 100 characters, in one line")
    return text


def database_url(text: str) -> str | None:
    """As hosts hand it out (postgres://), made to name our driver."""
    if not text:
        return None
    scheme, separator, rest = text.partition("://")
    if scheme not in {"postgres", "postgresql", DRIVER} or not separator or not rest:
        raise ValueError("a PostgreSQL address, such as postgresql://user:password@host/database")
    place, _, query = rest.partition("?")
    # libpq's name for it, which hosts hand out, and our driver's.
    options = [("ssl" if k == "sslmode" else k, v) for k, v in parse_qsl(query)]
    return f"{DRIVER}://{place}" + (f"?{urlencode(options)}" if options else "")


def proxies(text: str) -> tuple[str, ...]:
    given = tuple(each.strip() for each in text.split(",") if each.strip())
    try:
        networks(given)
    except ValueError:
        allowed = "addresses and networks, such as 10.0.0.7, 10.1.0.0/16, with commas between them"
        raise ValueError(allowed) from None
    return given


def either(this: str, that: str, *, true: str) -> Callable[[str], bool]:
    def read_word(text: str) -> bool:
        if text not in {this, that}:
            raise ValueError(f"{this} or {that}")
        return text == true

    return read_word


def secret_key(text: str) -> str | None:
    if text and len(text) < LEAST_LENGTH:
        raise ValueError(
            f"at least {LEAST_LENGTH} characters that nobody can guess, such as the output of: "
            "openssl rand -hex 32"
        )
    return text or None


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
        directory,
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
        "CONVOKE_ALLOW_LOOPBACK",
        "yes lets calendars be fetched from this machine itself, also by http. For development: "
        "whoever may import could then read what only this machine may.",
        "yes or no",
        "no",
        either("yes", "no", true="yes"),
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
