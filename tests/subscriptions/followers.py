"""Whoever follows something: over a WebSocket, by graphql-transport-ws, or as an event stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError
from websockets.typing import Subprotocol

from auth.clients import Apps, WithSecret
from tests.attacks.target import ISSUER, Wire
from tests.cast import Cast
from web.service import Service

PATIENCE = 10.0
QUIET = 0.4  # some looks of every process: what has not come by then does not come
SCOPES = ("organizations:read", "events:read", "events:write", "alliances:read")
PROTOCOL = Subprotocol("graphql-transport-ws")
OF_EVENT = "subscription ($id: ID!) { eventChanged(id: $id) { id title version } }"


@dataclass(frozen=True)
class Ports:
    """The processes of one hub, by their ports."""

    services: list[Service]
    ports: list[int]

    async def until_nobody_follows(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while any(service.moved.watched for service in self.services):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def socket(
        self,
        at: int = 0,
        protocols: tuple[str, ...] = (PROTOCOL,),
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator["Socket"]:
        async with connect(
            f"ws://127.0.0.1:{self.ports[at]}/graphql",
            subprotocols=[Subprotocol(each) for each in protocols] or None,
            additional_headers=headers,
            compression=None,
        ) as connection:
            yield Socket(connection)

    @asynccontextmanager
    async def following(self, token: str | None = None, at: int = 0) -> AsyncIterator["Socket"]:
        """A WebSocket on which connection_init was good."""
        async with self.socket(at) as socket:
            await socket.begin(token)
            yield socket

    @asynccontextmanager
    async def stream(
        self,
        query: str,
        token: str | None = None,
        at: int = 0,
        accept: str = "text/event-stream",
        **variables: Any,
    ) -> AsyncIterator["Stream"]:
        headers = {"accept": accept}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables}
        async with (
            httpx.AsyncClient(transport=Wire(self.ports[at]), base_url=ISSUER) as http,
            http.stream("POST", "/graphql", json=body, headers=headers, timeout=PATIENCE) as answer,
        ):
            yield Stream(answer)


@dataclass(frozen=True)
class Hubs(Ports):
    """With the cast on it; `token(slug)` is one for that organization's app."""

    cast: Cast
    token: Callable[..., Awaitable[str]]
    http: httpx.AsyncClient
    desk: Apps
    apps: dict[str, WithSecret]


class Socket:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            heard: dict[str, Any] = json.loads(await self.connection.recv())
        return heard

    async def begin(self, token: str | None = None) -> None:
        payload = {} if token is None else {"authorization": f"Bearer {token}"}
        await self.say(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, query: str = OF_EVENT, name: str = "1", **variables: Any) -> None:
        await self.say(id=name, type="subscribe", payload={"query": query, "variables": variables})

    async def told(self, name: str = "1") -> dict[str, Any]:
        """The data of the next answer, which has no errors."""
        heard = await self.hear()
        assert (heard["id"], heard["type"]) == (name, "next"), heard
        assert heard["payload"].keys() == {"data"}, heard
        (field,) = heard["payload"]["data"].values()
        found: dict[str, Any] = field
        return found

    async def refused(self, name: str = "1") -> str:
        """The code of the error with which a subscription ends."""
        heard = await self.hear()
        assert (heard["id"], heard["type"]) == (name, "error"), heard
        code: str = heard["payload"][0]["extensions"]["code"]
        return code

    async def completed(self, name: str = "1") -> None:
        """Nothing more is told, and not why."""
        assert await self.hear() == {"id": name, "type": "complete"}

    async def hears_nothing(self) -> bool:
        try:
            async with asyncio.timeout(QUIET):
                await self.connection.recv()
        except TimeoutError:
            return True
        return False

    async def closed(self) -> tuple[int, str]:
        """With which code and words; what came before is passed over."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionClosedError):  # of which some codes are taken for
                async for _ in self.connection:
                    continue
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


class Stream:
    """Read by the rules of the format (HTML, s9.2.6), lines that end in LF alone."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.comments: list[str] = []
        self._lines = self._read()

    async def _read(self) -> AsyncIterator[str]:
        left = b""
        async for chunk in self.answer.aiter_bytes():
            assert b"\r" not in chunk
            *lines, left = (left + chunk).split(b"\n")
            for line in lines:
                yield line.decode()
        assert not left, "it ends within a line"

    async def event(self) -> tuple[str, Any] | None:
        """Its kind and its data; None where the stream ends."""
        kind, data = "message", ""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if line.startswith(":"):
                    self.comments.append(line[1:].strip())
                elif line:
                    name, _, value = line.partition(":")
                    value = value.removeprefix(" ")
                    kind, data = (value, data) if name == "event" else (kind, data + value)
                elif kind != "message" or data:
                    return kind, json.loads(data) if data else None
        return None

    async def told(self) -> dict[str, Any]:
        event = await self.event()
        assert event is not None
        assert event[0] == "next", event
        assert event[1].keys() == {"data"}, event
        (field,) = event[1]["data"].values()
        found: dict[str, Any] = field
        return found
