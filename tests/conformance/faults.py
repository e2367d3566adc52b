"""Standing before our hub and answering otherwise: how a fault of another hub is made."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def asked(self) -> Any:
        """What is asked of the endpoint, or of another that takes JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def document(self) -> str:
        return str(self.asked.get("query")) if isinstance(self.asked, dict) else ""

    @property
    def variables(self) -> dict[str, Any]:
        return (self.asked.get("variables") or {}) if isinstance(self.asked, dict) else {}

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def assertion(self) -> str:
        shown = self.headers.get("authorization", "").removeprefix("Bearer ")
        return shown if self.path.endswith("/poke") else self.form.get("client_assertion", "")

    @property
    def claims(self) -> dict[str, Any]:
        return part_of(self.assertion, 1)

    @property
    def header(self) -> dict[str, Any]:
        return part_of(self.assertion, 0)

    def asking(self, said: Any) -> "Request":
        return replace(self, body=json.dumps(said).encode())

    def with_variables(self, **given: Any) -> "Request":
        return self.asking({**self.asked, "variables": {**self.variables, **given}})

    def without(self, name: str) -> "Request":
        kept = {each: value for each, value in self.headers.items() if each != name}
        return replace(self, headers=kept)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    def saying(self, said: Any, status: int | None = None) -> "Answer":
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return replace(self, body=body, status=status or self.status)


def saying(said: Any, status: int = 200) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(said).encode())


Ask = Callable[[Request], Awaitable[Answer]]  # the hub that has not this fault
Fault = Callable[[Request, Ask], Awaitable[Answer]]


def part_of(token: str, number: int) -> dict[str, Any]:
    """Of a JWT; nothing where it is none."""
    try:
        part = token.split(".")[number]
        read = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError):
        return {}
    return read if isinstance(read, dict) else {}


@dataclass(frozen=True)
class Erring:
    """The application with that fault."""

    app: ASGIApp
    fault: Fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}

        async def ask(asked: Request) -> Answer:
            return await _answered(self.app, scope, asked)

        answer = await self.fault(Request(scope["path"], headers, bytes(body)), ask)
        sent = {**answer.headers, "content-length": str(len(answer.body))}
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})


async def _answered(app: ASGIApp, scope: Scope, request: Request) -> Answer:
    told: list[Message] = []
    waiting = [{"type": "http.request", "body": request.body, "more_body": False}]
    headers = {**request.headers, "content-length": str(len(request.body))}

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        return await asyncio.Future[Message]()  # the client stays

    async def send(message: Message) -> None:
        told.append(message)

    asked: MutableMapping[str, Any] = {
        **scope,
        "path": request.path,
        "raw_path": request.path.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": dict(scope.get("state", {})),
    }
    await app(asked, receive, send)
    start = next(each for each in told if each["type"] == "http.response.start")
    found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    body = b"".join(each.get("body", b"") for each in told if each["type"] == "http.response.body")
    return Answer(start["status"], found, body)
