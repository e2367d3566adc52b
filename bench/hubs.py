"""Hubs: a first mirror, how soon a change is seen elsewhere, and what idle peers cost.

Two services in processes of their own, as `./convoke serve` starts them, each with its database on one
PostgreSQL: the first holds the benchmark's data, the second mirrors it from nothing. Then events are
published at the first, and looked for at the second until they are there. Last a hub with nothing of
its own has so many peers that it reads and that read it (`bench/standins.py`), of which none has news.
"""

import asyncio
import http.client
import json
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import asyncpg

from bench.data import Scale
from bench.hub import Author, BenchHub, free_authority, peer_with
from bench.loading import Say, connected, ensure
from bench.processes import NotStarted, free_port, used
from bench.standins import standing_in
from federation.mirroring.pulling import CHANGES_A_PAGE
from storage import migrating
from storage.embedded import EmbeddedPostgres
from storage.engine import Database

EMPTY, VICTIM = "bench_of_hubs", "bench_of_idle_peers"
MOST_SECONDS = 3_600.0
LOOK_SECONDS = 0.1
BETWEEN_LOOKS_SECONDS = 0.005  # at the second hub, which is to do something else, too
SEEN_WITHIN_SECONDS = 60.0
BETWEEN_CHANGES_SECONDS = 1.5  # a peer is poked once a second at most
_HANGING = ("events", "occurrences", "event_hosts", "event_shares")
_CREATE = """mutation ($input: CreateEventInput!) {
  createEvent(input: $input) { event { id } userErrors { message } } }"""
_SEEN = "query ($id: ID!) { event(id: $id) { id } }"
_FINDABLE = """select count(convoke_found(language, title, summary, description, place_name))
  from kept_events"""
_MIRRORED = """select (select count(*) from mirror_entries) as held,
  (select count(*) from mirror_channels where channel = 'public' and current_at is not null) as done"""


@dataclass(frozen=True, slots=True)
class HubsPlan:
    """How much is measured."""

    events: int = 100_000
    rsvps: int = 100_000
    organizations: int = 200
    groups: int = 5_000
    alliances: int = 300
    changes: int = 60
    peers: int = 40
    settle_seconds: float = 35.0  # each peer has read once, too
    idle_seconds: float = 90.0

    @property
    def scale(self) -> Scale:
        return Scale(self.events, self.rsvps, self.organizations, self.groups, self.alliances)


QUICK_HUBS = HubsPlan(events=10_000, rsvps=10_000, groups=500, changes=15, idle_seconds=60)


@dataclass(frozen=True, slots=True)
class FirstMirror:
    """Changes that were read, in seconds; processor time in seconds of each that took part."""

    changes: int
    seconds: float
    owner: float
    reader: float
    postgres: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Shares of one processor, with nobody to look at and with the peers."""

    service_alone: float
    postgres_alone: float
    service: float
    postgres: float


@dataclass(frozen=True, slots=True)
class Bare:
    """The rows that the mirror came to, written once more by one statement for each table, without
    anybody being asked, anything read, or any trigger: events, and the seconds that it took. Beside
    it the seconds to make their words findable, which are not among those."""

    events: int
    seconds: float
    words_seconds: float


@dataclass(frozen=True, slots=True)
class Together:
    """What came of it. `delays` in milliseconds, from when an event was asked to be created."""

    plan: HubsPlan
    mirror: FirstMirror
    bare: Bare
    idle: Idle
    delays: list[float] = field(default_factory=list)


def work_together(
    plan: HubsPlan, server: EmbeddedPostgres, postgres_pid: int, data: Path, say: Say
) -> Together:
    return asyncio.run(_Bench(plan, server, postgres_pid, data, say).run())


@dataclass(frozen=True, slots=True)
class _Bench:
    plan: HubsPlan
    server: EmbeddedPostgres
    postgres_pid: int
    data: Path
    say: Say

    async def run(self) -> Together:
        authority = await free_authority(self.server, self.plan.scale)
        name = await ensure(self.server, self.data, self.plan.scale, self.say, authority)
        await self._empty(EMPTY)
        try:
            mirror, delays = await self._two_hubs(authority, name)
            bare = await self._bare()
            return Together(self.plan, mirror, bare, await self._idle(), delays)
        finally:
            self.server.drop_database(EMPTY)
            self.server.drop_database(VICTIM)

    async def _two_hubs(self, authority: str, name: str) -> tuple[FirstMirror, list[float]]:
        reader_authority = f"localhost:{free_port()}"
        async with AsyncExitStack() as opened:
            owner = await opened.enter_async_context(
                BenchHub.opened(self.server.url(name), authority)
            )
            await owner.forget_peers()
            reader = await opened.enter_async_context(
                BenchHub.opened(self.server.url(EMPTY), reader_authority)
            )
            with ExitStack() as started:
                pids = [
                    started.enter_context(each.running(self.data / "kept" / f"hub-{word}.log")).pid
                    for word, each in (("owner", owner), ("reader", reader))
                ]
                mirror = await self._first_mirror(owner, reader, pids)
                delays = await self._delays(owner, reader)
            return mirror, delays

    async def _first_mirror(
        self, owner: BenchHub, reader: BenchHub, pids: list[int]
    ) -> FirstMirror:
        before = [used(pid).cpu_seconds for pid in (*pids, self.postgres_pid)]
        began = perf_counter()
        await peer_with(reader, owner)
        async with connected(self.server, EMPTY) as db:
            held = await self._until_mirrored(db)
        seconds = perf_counter() - began
        after = [used(pid).cpu_seconds for pid in (*pids, self.postgres_pid)]
        spent = [end - begin for begin, end in zip(before, after, strict=True)]
        self.say(f"{held:,} things were mirrored in {seconds:.1f} seconds.")
        return FirstMirror(held, seconds, *spent)

    async def _until_mirrored(self, db: "asyncpg.Connection[Any]") -> int:
        end = perf_counter() + MOST_SECONDS
        while perf_counter() < end:
            row = await db.fetchrow(_MIRRORED)
            if row is not None and row["done"]:
                return int(row["held"])
            await asyncio.sleep(LOOK_SECONDS)
        raise NotStarted("The second hub has not mirrored the first one in an hour.")

    async def _delays(self, owner: BenchHub, reader: BenchHub) -> list[float]:
        author = await owner.author()
        found: list[float] = []
        for number in range(self.plan.changes):
            await asyncio.sleep(BETWEEN_CHANGES_SECONDS)
            found.append(await asyncio.to_thread(_delay, owner, reader, author, number))
        self.say(f"A change was seen after {median(found):.0f} ms (the median of {len(found)}).")
        return found

    async def _bare(self) -> Bare:
        """With all indexes, foreign keys and checks, and in transactions of as many as a page has."""
        async with connected(self.server, EMPTY) as db:
            await db.execute(
                "set session_replication_role = 'replica';"
                + "".join(f"create temp table kept_{name} as table {name};" for name in _HANGING)
                + "create index on kept_events (id);"
                + "".join(f"create index on kept_{name} (event_id);" for name in _HANGING[1:])
                + "delete from event_shares; delete from event_hosts; delete from occurrences;"
                + "delete from events; set session_replication_role = 'origin';"
                + "".join(f"alter table {name} disable trigger user;" for name in _HANGING)
            )
            await db.execute("vacuum (analyze)")
            ids = [row[0] for row in await db.fetch("select id from kept_events order by id")]
            began = perf_counter()
            for first in range(0, len(ids), CHANGES_A_PAGE):
                some = ids[first : first + CHANGES_A_PAGE]
                async with db.transaction():
                    for name in _HANGING:
                        of = "id" if name == "events" else "event_id"
                        await db.execute(
                            f"insert into {name} select * from kept_{name} where {of} = any($1)",
                            some,
                        )
            seconds = perf_counter() - began
            began = perf_counter()
            await db.execute(_FINDABLE)
            return Bare(len(ids), seconds, perf_counter() - began)

    async def _idle(self) -> Idle:
        plan = self.plan
        await self._empty(VICTIM)
        victim_authority = f"localhost:{free_port()}"
        async with BenchHub.opened(self.server.url(VICTIM), victim_authority) as victim:
            with victim.running(self.data / "kept" / "hub-idle.log") as process:
                await asyncio.sleep(min(10.0, plan.settle_seconds))
                alone = await self._shares(process.pid)
                with standing_in(plan.peers, victim.url) as urls:
                    for url in urls:
                        await victim.propose(url)
                    await self._until_read(victim)
                    await asyncio.sleep(plan.settle_seconds)
                    busy = await self._shares(process.pid)
        self.say(f"{plan.peers} idle peers: {sum(busy) - sum(alone):.2%} of a processor.")
        return Idle(*alone, *busy)

    async def _until_read(self, victim: BenchHub) -> None:
        end = perf_counter() + SEEN_WITHIN_SECONDS
        while await victim.synced_peers() < self.plan.peers:
            if perf_counter() > end:
                raise NotStarted(
                    "Not every idle peer is read. What the hub said is in hub-idle.log."
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _shares(self, pid: int) -> tuple[float, float]:
        before = [used(each).cpu_seconds for each in (pid, self.postgres_pid)]
        began = perf_counter()
        await asyncio.sleep(self.plan.idle_seconds)
        seconds = perf_counter() - began
        after = [used(each).cpu_seconds for each in (pid, self.postgres_pid)]
        service, postgres = (
            (end - begin) / seconds for begin, end in zip(before, after, strict=True)
        )
        return service, postgres

    async def _empty(self, name: str) -> None:
        self.server.drop_database(name)
        self.server.create_database(name)
        database = Database(self.server.url(name))
        try:
            await migrating.upgrade(database)
        finally:
            await database.close()


def _delay(owner: BenchHub, reader: BenchHub, author: Author, number: int) -> float:
    """Milliseconds until the reader answers with it."""
    with closing(_connection(owner)) as here, closing(_connection(reader)) as there:
        began = perf_counter()
        told = _asked(here, _CREATE, {"input": author.event(number)}, author.token())["createEvent"]
        if not told["event"]:
            raise NotStarted(f"No event was created: {told['userErrors']}")
        while perf_counter() - began < SEEN_WITHIN_SECONDS:
            if _asked(there, _SEEN, {"id": told["event"]["id"]})["event"]:
                return (perf_counter() - began) * 1000
            sleep(BETWEEN_LOOKS_SECONDS)
    raise NotStarted(f"A change was not seen in {SEEN_WITHIN_SECONDS:.0f} seconds.")


def _connection(hub: BenchHub) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", hub.port, timeout=SEEN_WITHIN_SECONDS)


def _asked(
    connection: http.client.HTTPConnection,
    document: str,
    variables: dict[str, Any],
    token: str | None = None,
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps({"query": document, "variables": variables})
    connection.request("POST", "/graphql", body, headers)
    said = json.loads(connection.getresponse().read())
    if "errors" in said:
        raise NotStarted(f"A hub refused: {said['errors']}")
    found: dict[str, Any] = said["data"]
    return found
