"""Who takes part: this service, the limit, and the peers as far as this machine can run them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from bench.data import AUTHORITY
from bench.loading import Say
from bench.peers import PEERS, CannotRun
from bench.peers import server as peer
from bench.processes import ROOT, Server
from storage.embedded import USER, EmbeddedPostgres

OURS, LIMIT = "convoke", "limit"
POOL = 10
SECRET = "the benchmark's hub keeps no secret from anybody"  # noqa: S105 - and no tokens either
EVERY = (OURS, LIMIT, *PEERS)


@dataclass(frozen=True, slots=True)
class Left:
    """A peer that does not take part, and why."""

    name: str
    why: str


def ours(url: str) -> Server:
    """As an operator would start it, with as many connections as the others have; and one address,
    from which all of the load comes, is not held to three requests at a time."""
    return Server(
        name=OURS,
        command=[sys.executable, str(ROOT), "serve", "--workers", "1", "--port", "{port}"],
        environment={
            "DATABASE_URL": url,
            "CONVOKE_BASE_URL": f"https://{AUTHORITY}",
            "CONVOKE_SECRET_KEY": SECRET,
            "CONVOKE_POOL_ANSWERING": str(POOL),
            "CONVOKE_LIMIT_RUNNING_PER_ADDRESS": "64",
        },
        versions={name: version(name) for name in ("graphql-core", "asyncpg", "uvicorn")},
    )


def limit(url: str) -> Server:
    uvicorn = [sys.executable, "-m", "uvicorn", "--factory", "bench.servers.limit.app:app"]
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level"]
    return Server(
        name=LIMIT,
        command=[*uvicorn, *options, "warning", "--port", "{port}"],
        environment={"DATABASE_URL": url},
        versions={name: version(name) for name in ("asyncpg", "uvicorn")},
    )


def contestants(
    server: EmbeddedPostgres, database: str, directory: Path, wanted: Sequence[str], say: Say
) -> tuple[list[Server], list[Left]]:
    """Those that are wanted (all where none is named), ours first."""
    url = address(server, database)
    taking_part, left = [ours(url)], []
    for name in EVERY[1:]:
        if wanted and name not in wanted:
            left.append(Left(name, "It was not asked for."))
        elif name == LIMIT:
            taking_part.append(limit(url))
        else:
            try:
                taking_part.append(peer(name, url, directory))
            except CannotRun as problem:
                say(f"Without {name}: {problem.message}")
                left.append(Left(name, problem.message))
    return taking_part, left


def address(server: EmbeddedPostgres, database: str) -> str:
    """As libpq, node-postgres, asyncpg and our own settings read it."""
    return f"postgresql://{USER}@/{database}?host={quote(str(server.socket_directory), safe='')}"
