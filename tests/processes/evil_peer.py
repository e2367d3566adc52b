"""Hubs that turn against their peers: each is a server of its own, which speaks what it likes.

A process of its own: `python -m tests.processes.evil_peer`. Its first line of input says how many, and
whom they know; it says at which ports they answer. Each further line gives them their ways, by their
ports: who has none behaves. It says how many times each was evil before. It ends with its input.

Until they are told, they behave: they have documents, keys and tokens as a hub has, and a feed with
what they host. What they do afterwards is in `evil_ways.py`.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import Key

from auth import addresses
from domain.channels import PUBLIC
from domain.hubs import SOFTWARE
from domain.ids import Kind
from tests.auth.signing import made_key, public
from tests.federation.telling import Said, Telling, page, upserted

KEYS = "application/jwk-set+json"
RESYNC = json.dumps({"errors": [{"message": "Anew.", "extensions": {"code": "RESYNC"}}]}).encode()
Answering = Callable[["Evil", "Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """A request: where, and what was sent with it."""

    path: str
    body: bytes

    @property
    def variables(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)["variables"]
        return found

    @property
    def is_for_the_feed(self) -> bool:
        return self.path == addresses.RESOURCE and self.variables["channel"] == PUBLIC


@dataclass
class Evil:
    """One hub. `where` is the address it is evil at, `way` what it does there."""

    name: str
    victim: dict[str, str]  # its url, and the ids of an organization and an event of its own
    where: str = ""
    way: Answering | None = None
    turns: int = 0  # how many times it was evil, this time
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def listen(self) -> int:
        self.server = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=2**20)
        self.port = int(self.server.sockets[0].getsockname()[1])
        self.telling = Telling(f"localhost:{self.port}", self.name)
        self.client_key: Key = made_key(kid="asking")
        self.people_key: Key = made_key(kid="people")
        organization = self.telling.organization(name=f"{self.name}")
        self.organization_id: str = organization["id"]
        self.things: list[Said] = [organization, self.event("event 1")]
        self.lives = 1  # a token is asked for anew each time
        return self.port

    def event(self, title: str) -> Said:
        return self.telling.event(self.organization_id, title=f"{self.name}: {title}")

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def turn(self, where: str = "", way: Answering | None = None) -> int:
        """What is under way ends. Who was evil publishes something."""
        if self.way is not None:
            self.things.append(self.event(f"event {len(self.things)}"))
        turns, self.turns, self.where, self.way = self.turns, 0, where, way
        for writer in list(self.writers):
            writer.transport.abort()
        return turns

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            asked = await _read(reader)
            if self.way is not None and self._is_where(asked):
                self.turns += 1
                await self.way(self, asked, writer)
            else:
                await self.behave(asked, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone: that is what they may do
        finally:
            self.writers.discard(writer)
            writer.close()

    def _is_where(self, asked: Asked) -> bool:
        return asked.is_for_the_feed if self.where == "feed" else asked.path == self.where

    async def behave(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        url, document = self.url, self.documents().get(asked.path)
        if asked.path == addresses.TOKEN:
            said = {"access_token": "good", "token_type": "Bearer", "expires_in": self.lives}
            send(writer, json.dumps(said).encode())
        elif asked.path == addresses.RESOURCE:
            send(writer, self.feed(asked))
        elif asked.path in {addresses.POKE, addresses.PROPOSALS}:
            send(writer, b"{}", status="202 Accepted")
        elif document is not None:
            is_keys = "keys" in document
            send(writer, json.dumps(document).encode(), KEYS if is_keys else "application/json")
        else:
            send(writer, f"{url} has no such page".encode(), "text/plain", "404 Not Found")

    def feed(self, asked: Asked) -> bytes:
        """What it hosts, in order, by a cursor that counts."""
        said = asked.variables
        after = int((said["after"] or "0").partition("~")[0])
        some = self.things[after : after + said["first"]] if said["channel"] == PUBLIC else []
        end = after + len(some)
        more = said["channel"] == PUBLIC and end < len(self.things)
        return page(*map(upserted, some), cursor=str(end), more=more)

    def cursor(self, number: int) -> str:
        """An evil one. When it behaves again, it goes on from there."""
        return f"{len(self.things)}~{number}"

    def documents(self) -> dict[str, dict[str, Any]]:
        url, keys = self.url, public(self.client_key)
        client = url + addresses.CLIENT_METADATA
        server = {
            "issuer": url,
            "token_endpoint": url + addresses.TOKEN,
            "jwks_uri": url + addresses.JWKS,
        }
        client_keys = {"client_jwks_uri": url + addresses.CLIENT_KEYS}
        hub_id = f"{Kind.HUB.value}_01JD8{self.port:021d}@localhost:{self.port}"
        return {
            addresses.HUB: {
                **server,
                **client_keys,
                "hub": hub_id,
                "name": self.name,
                "software": SOFTWARE,
                "url": url,
                "schema_version": "1",
                "graphql_endpoint": url + addresses.RESOURCE,
                "client_metadata_url": client,
                "poke_endpoint": url + addresses.POKE,
                "proposals_endpoint": url + addresses.PROPOSALS,
                "limits": {"page": 1_000, "poll_seconds": 30, "retention_days": 30},
            },
            addresses.SERVER_METADATA: {
                **server,
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            },
            addresses.RESOURCE_METADATA + addresses.RESOURCE: {
                "resource": url + addresses.RESOURCE,
                "authorization_servers": [url],
            },
            addresses.CLIENT_METADATA: {
                "client_id": client,
                "jwks_uri": url + addresses.CLIENT_KEYS,
                "token_endpoint_auth_method": "private_key_jwt",
                "grant_types": ["client_credentials"],
            },
            addresses.JWKS: public(self.people_key),
            addresses.CLIENT_KEYS: keys,
        }


def send(
    writer: asyncio.StreamWriter,
    body: bytes,
    media_type: str = "application/json",
    status: str = "200 OK",
    *headers: str,
) -> None:
    """An answer as it should be, at least in its form."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(head[0].split(" ")[1], body)


async def run() -> None:
    from tests.processes.evil_ways import WAYS

    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    ways = {way.name: way for way in WAYS}
    given = json.loads(await lines.readline())
    those = [Evil(f"Evil {n}", given["victim"]) for n in range(given["count"])]
    by_port = {str(await evil.listen()): evil for evil in those}
    say(list(map(int, by_port)))
    while line := await lines.readline():
        wanted = {port: ways[name] for port, name in json.loads(line).items()}
        turns = {}
        for port, evil in by_port.items():
            way = wanted.get(port)
            turns[port] = evil.turn(way.where, way.answering) if way else evil.turn()
        say(turns)


def say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run())
