"""Hostile requests: how they are written, sent over a socket, and how an answer is read."""

import json
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.hostile.hub import Hub

NEWER = "application/graphql-response+json"
PATIENCE_SECONDS = 10.0
HOST = b"Host: localhost\r\n"


@dataclass(frozen=True)
class Heard:
    """What came back until the hub closed: the status and the body of each answer."""

    statuses: tuple[int, ...]
    body: bytes  # of the last
    seconds: float

    @property
    def codes(self) -> list[str]:
        try:
            return [each["extensions"]["code"] for each in json.loads(self.body)["errors"]]
        except (ValueError, KeyError, TypeError):
            return []


@dataclass(frozen=True)
class Case:
    """One hostile request. `status` and `code` are what it must be answered with; without a
    status, the hub may also close without a word. `row` is that of the table of safety."""

    row: str
    name: str
    send: bytes | Callable[[Hub], bytes]
    status: Sequence[int] = ()
    code: str | None = None

    def bytes_for(self, hub: Hub) -> bytes:
        return self.send if isinstance(self.send, bytes) else self.send(hub)


def exchanged(port: int, data: bytes) -> Heard:
    """Sends it all, whether or not the hub still listens, and reads until it closes."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # it has closed, and what it said before is read below
            client.sendall(data)
        answer = b""
        with suppress(ConnectionResetError):  # as good as closed
            while more := client.recv(262_144):
                answer += more
    return Heard(*read_answers(answer), time.monotonic() - begun)


def read_answers(answer: bytes) -> tuple[tuple[int, ...], bytes]:
    statuses: list[int] = []
    body = b""
    while answer.startswith(b"HTTP/1."):
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ")[1])
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        statuses.append(status)
        body, answer = rest[:length], rest[length:]
    return tuple(statuses), body


def request(
    method: str = "POST",
    path: str = "/graphql",
    body: bytes = b"",
    *headers: bytes,
    length: int | None = None,
) -> bytes:
    """One HTTP/1.1 request, after which the hub closes."""
    lines = b"".join(header + b"\r\n" for header in headers)
    counted = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    start = f"{method} {path} HTTP/1.1\r\n".encode()
    return start + HOST + b"Connection: close\r\n" + lines + counted + b"\r\n" + body


def posted(
    body: bytes, *headers: bytes, length: int | None = None, path: str = "/graphql"
) -> bytes:
    given = (b"Content-Type: application/json", f"Accept: {NEWER}".encode(), *headers)
    return request("POST", path, body, *given, length=length)


def asked(query: Any, variables: Any = None, **members: Any) -> bytes:
    return posted(json.dumps({"query": query, "variables": variables, **members}).encode())


def with_token(query: str, variables: Any = None) -> Callable[[Hub], bytes]:
    """Asked by somebody with every scope to read, and what gateways ask, where gateways ask it.
    `%(events)s` stands for an id that is there."""
    path = "/subgraph" if "_entities" in query or "_service" in query else "/graphql"

    def send(hub: Hub) -> bytes:
        body = json.dumps({"query": query, "variables": variables})
        for name, value in hub.ids.items():
            body = body.replace(f"%({name})s", value)
        return posted(body.encode(), f"Authorization: Bearer {hub.token}".encode(), path=path)

    return send
