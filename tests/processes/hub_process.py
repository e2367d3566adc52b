"""Hubs as they are run: `./convoke serve` and `./convoke worker` in processes of their own.

What the operator does beforehand (the first organization, its people, an app) is done on the hub's
database from here, as commands do it; everything else is asked over HTTP, as apps ask.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy import Select, TextClause
from sqlalchemy.exc import DBAPIError

from auth import scopes
from auth.built_in import COMMAND_LINE
from auth.sealing import HubSecret
from domain.actors import NOBODY, TeamRole, Viewer
from domain.ids import Names
from resolvers import organizations, people
from resolvers.context import Context
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from storage import credentials
from storage.credentials import Grant
from storage.engine import Database
from storage.refusals import is_unreachable
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import TREE, read_settings

PATIENCE_SECONDS = 180.0  # a machine may have much else to do
EVERYTHING = tuple(scopes.FOR_PEOPLE)
SECRET = "a secret of the tests, and of no hub beside"


@dataclass(frozen=True)
class Somebody:
    """A person in the team of an organization, who let the command line do all of it."""

    hub: "Hub"
    id: str
    organization: str
    grant_id: str

    def token(self) -> str:
        return self.hub.service.tokens.mint.token(
            client_id=COMMAND_LINE,
            organization_id=self.organization,
            grant_id=self.grant_id,
            scopes=EVERYTHING,
            person_id=self.id,
        )

    async def ask(
        self, document: str, variables: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> dict[str, Any]:
        return await self.hub.ask(document, variables, token=self.token(), key=key)


@dataclass
class Hub:
    """One hub and its processes. `serving` is what `./convoke serve` is, `working` its worker."""

    name: str
    port: int
    environment: Mapping[str, str]
    service: Service
    http: httpx.AsyncClient
    directory: Path
    serving: subprocess.Popen[bytes] | None = None
    working: subprocess.Popen[bytes] | None = None
    options: Sequence[str] = ()
    logs: list[Path] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def id(self) -> str:
        return self.service.hub.id

    @property
    def database(self) -> Database:
        return self.service.database

    async def serve(self) -> None:
        """Begins, and waits until it answers."""
        self.serving = self._begun("serve", *self.options)
        await eventually(self._answers, f"{self.name} does not answer: {self.told()}")

    async def work(self) -> None:
        """Begins the worker, and waits until it is at work."""
        self.working = self._begun("worker")
        log = self.logs[-1]

        async def is_at_work() -> bool:
            return "At work." in log.read_text()

        await eventually(is_at_work, f"The worker of {self.name} does not begin: {self.told()}")

    def _begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = self.directory / f"{self.name}-{len(self.logs)}.log"
        self.logs.append(log)
        with log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, str(TREE), *arguments],
                env={**os.environ, **self.environment},
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    async def _answers(self) -> bool:
        if self.serving is not None and self.serving.poll() is not None:
            raise AssertionError(f"{self.name} has ended: {self.told()}")
        try:
            answer = await self.http.get("/readyz", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def told(self) -> str:
        """What its processes have said."""
        return "\n".join(log.read_text() for log in self.logs)

    def end(self) -> None:
        for process in (self.serving, self.working):
            if process is not None:
                kill_all(process)

    async def command(self, *arguments: str) -> tuple[int, str]:
        """What a command of the operator's says, and its exit code."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(TREE), *arguments),
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    async def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """What GraphQL answers: `data`, `errors`."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        body = {"query": document, "variables": dict(variables or {})}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        said: dict[str, Any] = json.loads(answer.content)
        return said

    def context(self, viewer: Viewer = NOBODY) -> Context:
        service = self.service
        return Context(
            viewer=viewer,
            database=service.database,
            hub=service.hub,
            names=Names(service.hub.authority, service.clock, service.chance),
            clock=service.clock,
            request_id="req_of_tests",
        )

    async def organization(self, slug: str, person: str) -> Somebody:
        """Founded by the operator, with its owner."""
        new = NewOrganization(
            slug=slug, name=slug.title(), languages=("en",), time_zone="Europe/Paris"
        )
        async with self.context(operator_for()) as ctx:
            organization = await organizations.create(ctx, new)
        async with self.context(operator_for()) as ctx:
            person_id = await people.create(ctx, NewPerson(display_name=person))
        async with self.context(operator_for(organization)) as ctx:
            await organizations.add_team_member(ctx, organization, person_id, TeamRole.OWNER)
        grant_id = f"grant_of_{person_id.partition('@')[0]}"
        await self._let_in(organization, person_id, grant_id)
        return Somebody(self, person_id, organization, grant_id)

    async def _let_in(self, organization: str, person_id: str, grant_id: str) -> None:
        now = self.service.clock.now()
        grant = Grant(
            id=grant_id,
            client_id=COMMAND_LINE,
            organization_id=organization,
            person_id=person_id,
            scopes=EVERYTHING,
            created_at=now,
            authenticated_at=now - timedelta(minutes=1),
            methods=("pop",),
        )
        async with self.database.writing() as db:
            await credentials.add_grant(db, grant)

    async def rows(self, wanted: Select[Any] | TextClause) -> list[dict[str, Any]]:
        """As soon as the database is there."""
        end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                async with self.database.reading(fresh=True) as db:
                    return [dict(row) for row in (await db.execute(wanted)).mappings()]
            except (DBAPIError, OSError, asyncpg.PostgresError) as error:
                if not is_unreachable(error) or asyncio.get_running_loop().time() > end:
                    raise
                await asyncio.sleep(0.2)

    async def do(self, statement: TextClause, **given: Any) -> None:
        async with self.database.writing() as db:
            await db.execute(statement, given)


@asynccontextmanager
async def a_hub(
    name: str, database_url: str, directory: Path, *options: str, **settings: str
) -> AsyncIterator[Hub]:
    """Made, and not yet begun; what was begun is ended with it, whatever happens."""
    port = free_port()
    environment = {
        "DATABASE_URL": database_url,
        "CONVOKE_PORT": str(port),
        "CONVOKE_DATA": str(directory / name),
        "CONVOKE_HUB_NAME": f"Hub {name}",
        "CONVOKE_SECRET_KEY": SECRET,
        "CONVOKE_ALLOW_LOOPBACK": "yes",
        "CONVOKE_DISK_FLOOR_MB": "0",
        **settings,
    }
    known = read_settings(environment)
    database = Database(database_url)
    try:
        secret = HubSecret(SECRET.encode())
        service = await Service.opened(known, database, secret, SystemClock(), SystemChance())
        async with httpx.AsyncClient(base_url=known.base_url, timeout=30) as http:
            hub = Hub(name, port, environment, service, http, directory, options=options)
            try:
                yield hub
            finally:
                hub.end()
    finally:
        await database.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
        return number


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """The process and what it began, stopped ones too."""
    for pid in [process.pid, *children(process.pid)]:
        kill(pid)
    process.wait()


def kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return  # it has gone by itself


def children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in listed.split()]


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Of a process: what it has, or the most that it had (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"The process {pid} has no {what}.")


async def eventually(
    claim: Callable[[], Any], or_else: str | Callable[[], Any], seconds: float = PATIENCE_SECONDS
) -> None:
    """Waits until an awaited claim is true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not await claim():
        if loop.time() > end:
            raise AssertionError(or_else if isinstance(or_else, str) else await or_else())
        await asyncio.sleep(0.2)
