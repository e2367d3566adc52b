"""A hub whose peers turn against it, as many at a time as there are, each in a way of its own; then
they behave again, and others turn.

`happened()` does all of it, and says what was seen; `python -m tests.processes.evil_run` shows how
long somebody waited who asked the hub something meanwhile, beside who asked it in between.
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage import migrating
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from tests.processes.evil_ways import IN_TIME, WAYS, Told, Way
from tests.processes.hub_process import Hub, Somebody, a_hub, eventually, memory_mb
from web.settings import TREE

PEERS = 16
TOLD_SECONDS = 60.0  # until each reason is there
WELL_SECONDS = 60.0  # until all is here again
CALM_SECONDS = 2.0
LOCAL_AFTER = "2027-01-01T00:00:00Z"

PROPOSE = """mutation($url: String!) {
  proposePeering(url: $url) { hub { id peering { status } } userErrors { message } }
}"""
ACCEPT = "mutation($hub: ID!) { acceptPeering(hub: $hub) { userErrors { message } } }"
RESUME = "mutation($hub: ID!) { resumePeering(hub: $hub) { userErrors { message } } }"
CREATE = """mutation($input: CreateEventInput!) {
  createEvent(input: $input) { event { id } userErrors { message } }
}"""
HUBS = "{ hubs(first: 100) { nodes { id peering { status lastError lagSeconds } } } }"
LOCAL = """query($after: DateTime!) {
  events(filter: {from: $after}, first: 20) { nodes { id title startsAt host { name } } }
}"""
OURS = text(
    "select id, version, name as words from organizations where hub_id = :hub "
    "union all select id, version, title from events where hub_id = :hub order by id"
)
THEIRS = text(
    "select id, version, title as words from events where hub_id <> :hub "
    "union all select id, version, name from organizations where hub_id <> :hub order by id"
)
REFUSED = text("select hub_id, reason from mirror_refusals where last_at > :since")
FEELINGS = text("select hub_id, status, last_error from peerings where last_error_at > :since")
BEHIND = text("select hub_id from mirror_channels where is_reading_anew or failures > 0")
THEIR_TURN = text("update mirror_channels set next_at = null")
ITS_TURN = text("update mirror_channels set next_at = null where hub_id = any(:those)")
NOW = text("select now() as now")


@dataclass
class Seen:
    """What was seen of it, from outside; by the name of the way."""

    errors: dict[str, str] = field(default_factory=dict)  # told with the peer
    refused: dict[str, set[str]] = field(default_factory=dict)
    admin: dict[str, str] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)  # how many times it was gone
    changed: dict[str, Any] = field(
        default_factory=dict
    )  # what there was, and is not, after a round
    not_well: list[str] = field(default_factory=list)  # ways, of a round that was not got over
    calm: list[list[float]] = field(default_factory=list)  # how long somebody waited, by round
    evil: list[list[float]] = field(default_factory=list)
    failed: list[Any] = field(default_factory=list)
    doctor: str = ""
    shown: str = ""
    memory_before: float = 0.0
    memory_at_most: float = 0.0
    log: str = ""


@dataclass
class Others:
    """The process that they are in; their hubs' ids by their ports."""

    process: asyncio.subprocess.Process
    hub_ids: dict[int, str] = field(default_factory=dict)

    async def said(self, what: object) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(what)}\n".encode())
        await self.process.stdin.drain()
        async with asyncio.timeout(60):
            return json.loads(await self.process.stdout.readline())


async def happened(url: str, directory: Path) -> Seen:
    """With a hub of its own, on that migrated database."""
    seen = Seen()
    async with a_hub("victim", url, directory, CONVOKE_OPERATOR="pantry") as hub:
        anna = await hub.organization("pantry", "Anna")
        await hub.serve()
        assert hub.serving is not None
        event = await created(anna, "Food drive")
        victim = {"url": hub.url, "organization": anna.organization, "event": event}
        async with others() as them:
            ports = await them.said({"count": PEERS, "victim": victim})
            await peer_with(anna, them, ports)
            await eventually(lambda: is_well(hub, anna, them, 1), "They were not mirrored.")
            seen.memory_before = memory_mb(hub.serving.pid)
            for number, ways in enumerate(rounds()):
                await one_round(hub, anna, them, ways, number, seen)
            seen.memory_at_most = memory_mb(hub.serving.pid, "VmHWM")
        seen.log = hub.told()
    return seen


def rounds() -> list[Sequence[Way]]:
    """Those that take long are together."""
    ways = sorted(WAYS, key=lambda way: IN_TIME not in way.why)
    return [ways[n : n + PEERS] for n in range(0, len(ways), PEERS)]


@asynccontextmanager
async def others() -> AsyncIterator[Others]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.processes.evil_peer"),
        cwd=TREE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Others(process)
    finally:
        process.kill()
        await process.wait()


async def peer_with(anna: Somebody, them: Others, ports: Sequence[int]) -> None:
    for port in ports:
        said = await anna.ask(PROPOSE, {"url": f"http://localhost:{port}"})
        outcome = said["data"]["proposePeering"]
        assert outcome["userErrors"] == [], outcome
        assert outcome["hub"]["peering"]["status"] == "ACTIVE"
        them.hub_ids[port] = outcome["hub"]["id"]


async def created(anna: Somebody, title: str) -> str:
    given = {
        "organization": anna.organization,
        "title": title,
        "startsAt": "2027-05-01T09:00:00+02:00",
        "endsAt": "2027-05-01T12:00:00+02:00",
        "timeZone": "Europe/Paris",
    }
    said = await anna.ask(CREATE, {"input": given})
    return str(said["data"]["createEvent"]["event"]["id"])


# ── a round ──────────────────────────────────────────────────────────────────────────────────────


async def one_round(
    hub: Hub, anna: Somebody, them: Others, ways: Sequence[Way], number: int, seen: Seen
) -> None:
    who = dict(zip(ways, them.hub_ids, strict=False))
    async with asking(hub, seen.calm, seen.failed):
        await asyncio.sleep(CALM_SECONDS)
    before = await held(hub)
    since = (await hub.rows(NOW))[0]["now"]
    async with asking(hub, seen.evil, seen.failed):
        await them.said({str(port): way.name for way, port in who.items()})
        await hub.do(THEIR_TURN)
        poking = asyncio.create_task(created(anna, f"Poke {number}"))
        await asked_by_an_admin(anna, them, who, seen)
        await within(TOLD_SECONDS, lambda: all_told(hub, them, who, since, seen))
        poke = await poking
    after = [row for row in await held(hub) if row["id"] != poke]
    if after != before:
        seen.changed[", ".join(way.name for way in ways)] = (before, after)
    if number == 1:
        seen.doctor = (await hub.command("doctor"))[1]
    if any(way.told is Told.REFUSED for way in ways):
        liar = next(port for way, port in who.items() if way.told is Told.REFUSED)
        seen.shown = (await hub.command("peer", "show", f"localhost:{liar}"))[1]
    turns = await them.said({})
    seen.turns |= {way.name: turns[str(port)] for way, port in who.items()}
    await got_over(hub, anna, them, ways, number + 2, seen)


async def asked_by_an_admin(anna: Somebody, them: Others, who: dict[Way, int], seen: Seen) -> None:
    for way, port in who.items():
        if way.told is Told.ADMIN:
            said = await anna.ask(ACCEPT, {"hub": them.hub_ids[port]})
            seen.admin[way.name] = json.dumps(said)


async def got_over(
    hub: Hub, anna: Somebody, them: Others, ways: Sequence[Way], things: int, seen: Seen
) -> None:
    for row in await hub.rows(text("select hub_id from peerings where status = 'SUSPENDED'")):
        await anna.ask(RESUME, {"hub": row["hub_id"]})

    async def well() -> bool:
        return await is_well(hub, anna, them, things, len(ways))

    if not await within(WELL_SECONDS, well):
        seen.not_well += [way.name for way in ways]


async def is_well(
    hub: Hub, anna: Somebody, them: Others, things: int, of_those: int = PEERS
) -> bool:
    """All that they published is here, and nothing is wrong with any of them."""
    await hub.do(THEIR_TURN)  # as if the time had passed that each of them is given
    words = {row["words"] for row in await hub.rows(THEIRS.bindparams(hub=hub.id))}
    if not {f"Evil {n}: event {things}" for n in range(of_those)} <= words:
        return False
    if await hub.rows(BEHIND):
        return False
    nodes = (await anna.ask(HUBS))["data"]["hubs"]["nodes"]
    stand = [node["peering"] for node in nodes if node["id"] in them.hub_ids.values()]
    return all((one["status"], one["lastError"]) == ("ACTIVE", None) for one in stand)


async def held(hub: Hub) -> list[dict[str, Any]]:
    return [
        row for wanted in (OURS, THEIRS) for row in await hub.rows(wanted.bindparams(hub=hub.id))
    ]


async def all_told(hub: Hub, them: Others, who: dict[Way, int], since: object, seen: Seen) -> bool:
    ways = {them.hub_ids[port]: way for way, port in who.items()}
    for row in await hub.rows(FEELINGS.bindparams(since=since)):
        if row["last_error"] is not None:
            seen.errors.setdefault(ways[row["hub_id"]].name, row["last_error"])
    for row in await hub.rows(REFUSED.bindparams(since=since)):
        seen.refused.setdefault(ways[row["hub_id"]].name, set()).add(row["reason"])
    told: dict[Told, Any] = {
        Told.PEER: seen.errors,
        Told.REFUSED: seen.refused,
        Told.ADMIN: seen.admin,
    }
    waiting = [
        hub_id
        for hub_id, way in ways.items()
        if way.told is not Told.NOWHERE and way.name not in told[way.told]
    ]
    await hub.do(ITS_TURN, those=waiting)  # where it was at something that was in order yet
    return not waiting


async def within(seconds: float, claim: Callable[[], Awaitable[bool]]) -> bool:
    """Until it is so, or the time is over."""
    with suppress(AssertionError):
        await eventually(claim, "", seconds)
        return True
    return False


@asynccontextmanager
async def asking(hub: Hub, took: list[list[float]], failed: list[Any]) -> AsyncIterator[None]:
    """Somebody who asks for what is on, again and again."""
    times: list[float] = []
    took.append(times)
    over = asyncio.Event()

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        while not over.is_set():
            began = loop.time()
            said = await hub.ask(LOCAL, {"after": LOCAL_AFTER})
            times.append(loop.time() - began)
            if "errors" in said or not said["data"]["events"]["nodes"]:
                failed.append(said)
            await asyncio.sleep(0.02)

    asks = asyncio.create_task(ask())
    try:
        yield
    finally:
        over.set()
        await asks


def p99(times: Sequence[float]) -> float:
    return sorted(times)[max(0, int(len(times) * 0.99) - 1)]


def figures(seen: Seen) -> str:
    """The median of the rounds' p99, calm and evil."""
    calm, evil = (statistics.median(map(p99, each)) for each in (seen.calm, seen.evil))
    worst = max(max(times) for times in seen.evil)
    return (
        f"{len(WAYS)} ways by {PEERS} peers: p99 of a local query {calm * 1000:.0f} ms calm, "
        f"{evil * 1000:.0f} ms meanwhile ({evil / calm:.2f}x), at most {worst * 1000:.0f} ms; "
        f"memory {seen.memory_before:.0f} MB before, at most {seen.memory_at_most:.0f} MB"
    )


async def measured() -> str:
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        with EmbeddedPostgres.start(directory / "database") as server:
            server.create_database()
            database = Database(server.url())
            await migrating.upgrade(database)
            await database.close()
            return figures(await happened(server.url(), directory))


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(measured())}\n")
