"""Asking an ASGI application without a socket."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message


@dataclass
class Told:
    """What a client got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        return [each["extensions"]["code"] for each in self.json["errors"]]


async def call(
    app: ASGIApp,
    chunks: Sequence[bytes] = (b"",),
    headers: Sequence[tuple[str, str]] = (("content-type", "application/json"),),
    method: str = "POST",
    path: str = "/graphql",
    client: str = "192.0.2.1",
    query_string: bytes = b"",
) -> Told:
    """One request. `chunks` are the body as it arrives; reading beyond them is a failure, but for
    waiting whether the client goes away, which it does not."""
    waiting = list(chunks)
    whole = False
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal whole
        if whole:
            await asyncio.Event().wait()
        assert waiting, "the application waits for more of a body than it was sent"
        whole = len(waiting) == 1
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "client": (client, 1),
        "query_string": query_string,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    await app(scope, receive, send)
    return Told(
        sent[0]["status"],
        {name.decode(): value.decode() for name, value in sent[0]["headers"]},
        b"".join(each.get("body", b"") for each in sent[1:]),
    )


def asking(query: Any, accept: str | None = None, **members: Any) -> dict[str, Any]:
    """A well-formed request, as arguments for `call`."""
    headers = [("content-type", "application/json")]
    if accept:
        headers.append(("accept", accept))
    if token := members.pop("token", None):
        headers.append(("authorization", f"Bearer {token}"))
    return {"chunks": [json.dumps({"query": query, **members}).encode()], "headers": headers}


def getting(
    accept: str | None = None, token: str | None = None, known: str | None = None, **members: Any
) -> dict[str, Any]:
    """A query in an address, as arguments for `call`; what is no text is given as JSON."""
    named = {"accept": accept, "if-none-match": known}
    headers = [(name, value) for name, value in named.items() if value is not None]
    if token:
        headers.append(("authorization", f"Bearer {token}"))
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in members.items()
    }
    query_string = urlencode(texts).encode()
    return {"chunks": [b""], "headers": headers, "method": "GET", "query_string": query_string}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(text: str) -> dict[str, Any]:
    """`extensions`, as Apollo's clients send them for this text."""
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}
