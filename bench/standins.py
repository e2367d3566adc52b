"""Peers that have no news: many hubs in one process, each with an address and keys of its own.

`python -m bench.standins` with how many and whom they know; it says their addresses, and ends with its
input. Each serves the documents of a hub, gives a token to whoever asks, and answers that nothing has
changed; and each asks the hub it knows for changes, as often and under such a token as a hub does.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey

from auth import addresses, client_assertions
from auth.keys import ALGORITHM
from bench.processes import ROOT, NotStarted
from domain.hubs import SOFTWARE
from domain.ids import Kind
from domain.peering import MOST_A_PAGE, POLL_SECONDS, SCHEMA_VERSION
from federation.addresses import FetchProblem
from federation.client import OutgoingClient, OutgoingSettings
from federation.mirroring import glancing
from federation.mirroring.asking import SCOPES
from federation.mirroring.document import CHANGES

_END = {"pageInfo": {"hasNextPage": False, "endCursor": "here"}}
_NOTHING_NEW = {
    "data": {"changes": {"edges": [], **_END}}
    | {f"of{index}": _END for index in range(glancing.AT_ONCE)}
}
_TOKEN = {"access_token": "good-for-nothing", "token_type": "Bearer", "expires_in": 3600}


@dataclass
class StandIn:
    knows: str  # the address of the hub
    port: int = 0
    key: ECKey = field(default_factory=lambda: _made_key())
    people_key: ECKey = field(default_factory=lambda: _made_key())
    cursors: dict[str, str | None] = field(default_factory=dict)
    _token: str = ""

    async def listen(self) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def hub_id(self) -> str:
        return f"{Kind.HUB.value}_01JD8{self.port:021d}@localhost:{self.port}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """On one connection, as long as the other side keeps it."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                lines = (line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                await reader.readexactly(int(dict(lines).get("content-length", "0")))
                status, media_type, said = self._said(head[0].split(" ")[1])
                body = json.dumps(said).encode()
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()  # the other side is through

    def _said(self, path: str) -> tuple[str, str, Any]:
        document = self.documents().get(path)
        if path == addresses.TOKEN:
            return "200 OK", "application/json", _TOKEN
        if path == addresses.RESOURCE:
            return "200 OK", "application/json", _NOTHING_NEW
        if path in {addresses.POKE, addresses.PROPOSALS}:
            return "202 Accepted", "application/json", {}
        if document is None:
            return "404 Not Found", "application/json", {}
        media_type = "application/jwk-set+json" if "keys" in document else "application/json"
        return "200 OK", media_type, document

    def documents(self) -> dict[str, dict[str, Any]]:
        url = self.url
        client = url + addresses.CLIENT_METADATA
        server = {
            "issuer": url,
            "token_endpoint": url + addresses.TOKEN,
            "jwks_uri": url + addresses.JWKS,
        }
        return {
            addresses.HUB: {
                **server,
                "client_jwks_uri": url + addresses.CLIENT_KEYS,
                "hub": self.hub_id,
                "name": f"Hub at {self.port}",
                "software": SOFTWARE,
                "url": url,
                "schema_version": SCHEMA_VERSION,
                "graphql_endpoint": url + addresses.RESOURCE,
                "client_metadata_url": client,
                "poke_endpoint": url + addresses.POKE,
                "proposals_endpoint": url + addresses.PROPOSALS,
                "limits": {"page": MOST_A_PAGE, "poll_seconds": POLL_SECONDS, "retention_days": 30},
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
            addresses.JWKS: {"keys": [self.people_key.as_dict(private=False)]},
            addresses.CLIENT_KEYS: {"keys": [self.key.as_dict(private=False)]},
        }

    async def read_on(self, client: OutgoingClient, wait_seconds: float) -> None:
        """Its two channels of the hub it knows, as often and in the way that a hub looks."""
        await asyncio.sleep(wait_seconds)
        while True:
            try:
                await self._look(client)
            except (FetchProblem, KeyError, TypeError):
                self._token = ""  # not agreed yet: it is asked again
            await asyncio.sleep(POLL_SECONDS)

    async def _look(self, client: OutgoingClient) -> None:
        channels = ("public", self.hub_id)
        if all(channel in self.cursors for channel in channels):
            variables: dict[str, Any] = {}
            for index, channel in enumerate(channels):
                variables[f"channel{index}"] = channel
                variables[f"after{index}"] = self.cursors[channel]
            told = await self._asked(client, glancing.document(len(channels)), variables)
            if not any(each["pageInfo"]["hasNextPage"] for each in told.values()):
                return
        for channel in channels:
            after = self.cursors.get(channel)
            variables = {"channel": channel, "after": after, "first": MOST_A_PAGE}
            told = await self._asked(client, CHANGES, variables)
            self.cursors[channel] = told["changes"]["pageInfo"]["endCursor"]

    async def _asked(
        self, client: OutgoingClient, document: str, variables: dict[str, Any]
    ) -> dict[str, Any]:
        if not self._token:
            self._token = await self._asked_for_token(client)
        answer = await client.post(
            self.knows + addresses.RESOURCE,
            body=json.dumps({"query": document, "variables": variables}).encode(),
            content_type="application/json",
            accept="application/json",
            max_bytes=1_000_000,
            headers={"authorization": f"Bearer {self._token}"},
        )
        told: dict[str, Any] = json.loads(answer.body)["data"]
        return told

    async def _asked_for_token(self, client: OutgoingClient) -> str:
        """RFC 7523 s2.2."""
        own, now = self.url + addresses.CLIENT_METADATA, int(time())
        claims = {
            "iss": own,
            "sub": own,
            "aud": self.knows,
            "iat": now,
            "exp": now + 60,
            "jti": uuid4().hex,
        }
        header = {"alg": ALGORITHM, "typ": "client-authentication+jwt", "kid": self.key.kid}
        signed = jws.serialize_compact(header, json.dumps(claims), self.key, algorithms=[ALGORITHM])
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(sorted(SCOPES)),
            "resource": self.knows + addresses.RESOURCE,
            "client_assertion_type": client_assertions.TYPE,
            "client_assertion": signed,
        }
        answer = await client.post(
            self.knows + addresses.TOKEN,
            body=urlencode(form).encode(),
            content_type="application/x-www-form-urlencoded",
            accept="application/json",
            max_bytes=16_384,
        )
        return str(json.loads(answer.body)["access_token"])


def _made_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": uuid4().hex, "alg": ALGORITHM})


@contextmanager
def standing_in(count: int, knows: str) -> Iterator[list[str]]:
    """The addresses of so many."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.standins", str(count), knows],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise NotStarted("The idle peers did not start; what they said stands above.")
            urls: list[str] = json.loads(line)
            yield urls
        finally:
            process.terminate()


async def run(count: int, knows: str) -> None:
    those = [StandIn(knows) for _ in range(count)]
    for each in those:
        await each.listen()
    print(json.dumps([each.url for each in those]), flush=True)
    async with (
        OutgoingClient(OutgoingSettings(allow_loopback=True)) as client,
        asyncio.TaskGroup() as together,
    ):
        for number, each in enumerate(those):
            together.create_task(each.read_on(client, 1 + number * POLL_SECONDS / count))


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), sys.argv[2]))
