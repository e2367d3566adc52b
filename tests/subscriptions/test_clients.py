"""The clients that most browsers follow with, graphql-ws and graphql-sse, as they come."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.sharing import Visibility
from resolvers import events
from storage.engine import Database
from tests.cast import Cast, MakeContext, publish
from tests.clients.conftest import HERE
from tests.clients.conftest import installed as installed
from tests.npm import NODE
from tests.outside import StandingClock
from tests.subscriptions.followers import OF_EVENT, PATIENCE, Hubs

PANTRY, SHELTER = "river-city-pantry", "harbor-shelter"
KINDS = {"graphql-ws": "ws", "graphql-sse": "http"}


class Program:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def tells(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(2 * PATIENCE):
            line = await self.process.stdout.readline()
        assert line, "it ended without a word"
        told: dict[str, Any] = json.loads(line)
        return told

    async def gets(self, token: str) -> None:
        """It asks for one first."""
        assert await self.tells() == {"ask": "token"}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"token": token}).encode() + b"\n")

    async def event(self) -> dict[str, Any]:
        told = await self.tells()
        assert told.keys() == {"next"}, told
        found: dict[str, Any] = told["next"]["data"]["eventChanged"]
        return found


@asynccontextmanager
async def program(hubs: Hubs, installed: Path, kind: str, event: str) -> AsyncIterator[Program]:
    url = f"{KINDS[kind]}://127.0.0.1:{hubs.ports[1]}/graphql"
    given = {"kind": kind, "url": url, "query": OF_EVENT, "id": event}
    process = await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / "following.mjs"),
        str(installed),
        json.dumps(given),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_follows_comes_again_with_a_new_token_and_hears_of_the_end(
    hubs: Hubs,
    database: Database,
    context: MakeContext,
    cast: Cast,
    clock: StandingClock,
    installed: Path,
    kind: str,
) -> None:
    event = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    async with program(hubs, installed, kind, event) as client:
        await client.gets(await hubs.token(SHELTER))
        assert await client.event() == {"id": event, "title": "Food drive", "version": 1}
        await events.update(context(cast.anna), event, 1, {"title": "Soup"})
        assert (await client.event())["title"] == "Soup"
        clock.forward(seconds=301)
        await client.gets(await hubs.token(SHELTER))
        assert await client.event() == {"id": event, "title": "Soup", "version": 2}
        async with database.writing() as db:
            await db.execute(text("delete from event_shares"))
        assert await client.tells() == {"complete": True}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_whose_token_is_no_good_is_told_so(
    hubs: Hubs, context: MakeContext, cast: Cast, installed: Path, kind: str
) -> None:
    event = await publish(context, cast.anna)
    async with program(hubs, installed, kind, event) as client:
        if kind == "graphql-ws":
            await client.gets("nonsense")
            assert (await client.tells())["error"]["code"] == 4401  # and it does not come again
        else:
            for _ in range(6):  # it tries every refusal again, five times
                await client.gets("nonsense")
            assert (await client.tells())["error"]["status"] == 401


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_hears_why_there_is_nothing_to_follow(
    hubs: Hubs, context: MakeContext, cast: Cast, installed: Path, kind: str
) -> None:
    hidden = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    async with program(hubs, installed, kind, hidden) as client:
        await client.gets(await hubs.token(SHELTER))
        told = await client.tells()
        errors = told["error"]["errors"] if kind == "graphql-ws" else told["next"]["errors"]
        assert errors[0]["extensions"] == {"code": "NOT_FOUND"}
