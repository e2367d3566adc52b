"""The limit: as little as a server in Python can do for the same answers.

uvicorn with uvloop and httptools, asyncpg, one statement written by hand for each question, its
text sent as it is: no GraphQL, no framework, no limits, no tokens. What a query costs here,
nobody's server in this language gets below; it says how much of ours is left to gain.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from bench.servers.limit import statements
from domain.geo import cells_near

POOL = 10
# Whoever wrote the statements knows which index has the order; the planner guesses.
SETTINGS = {
    "timezone": "UTC",
    "jit": "off",
    "enable_sort": "off",
    "enable_hashjoin": "off",
    "enable_bitmapscan": "off",
}
Values = Callable[[dict[str, Any]], Sequence[object]]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _of_place(given: dict[str, Any]) -> Sequence[object]:
    latitude, longitude, km = given["lat"], given["lon"], given["km"]
    cells = cells_near(latitude, longitude, km)
    return latitude, longitude, km, cells, _moment(given["from"]), _moment(given["to"])


# By the operation's name: the statement, and its values from the variables.
KNOWN: dict[str, tuple[str, Values]] = {
    "EventById": (statements.EVENT, lambda given: (given["id"],)),
    "AllianceEvents": (
        statements.ALLIANCE,
        lambda given: (given["id"], _moment(given["from"])),
    ),
    "Near": (statements.NEAR, _of_place),
}


class Limit:
    """The application; each of its connections has every statement prepared."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.free: asyncio.LifoQueue[dict[str, Any]] = asyncio.LifoQueue()
        self.opened: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        asked = orjson.loads(body)
        name = asked["operationName"]
        values = KNOWN[name][1](asked["variables"])
        prepared = await self.free.get()
        try:
            answer = (await prepared[name].fetchval(*values)).encode()
        finally:
            self.free.put_nowait(prepared)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for _ in range(POOL):
            connection = await asyncpg.connect(self.url, server_settings=SETTINGS)
            self.opened.append(connection)
            self.free.put_nowait(
                {name: await connection.prepare(text) for name, (text, _) in KNOWN.items()}
            )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for connection in self.opened:
            await connection.close()
        await send({"type": "lifespan.shutdown.complete"})


def app() -> Limit:
    """For `uvicorn --factory`."""
    return Limit(os.environ["DATABASE_URL"])
