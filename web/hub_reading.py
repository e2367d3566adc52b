"""How peer hubs ask at the endpoint: within limits of their own, and with time to wait.

A hub that cannot be reached from outside is told of changes by waiting for them: `Prefer: wait=25`
(RFC 7240 s4.3) on a request for `changes` that finds none. It waits without a connection to the
database and without keeping anybody from their turn.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode, OperationType, VariableNode
from starlette.requests import Request

from domain.errors import BadInput
from resolvers.following import Moved
from resolvers.reading.changes import place_in
from schema.documents import Asked, Prepared
from schema.run import Answer, Operations
from web.body import Headers

MOST_SECONDS = 25.0  # less than what proxies between hubs wait, as a rule
_EMPTY_BYTES = 4_096  # an answer without a change is shorter
_WAIT = re.compile(rb"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,5})\"?(?=$|[,;\s])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HubReading:
    """`is_hub` says of a request that its token is a peer hub's own; `leaving` is set when this
    process stops."""

    operations: Operations
    is_hub: Callable[[Request], Awaitable[bool]]
    moved: Moved
    leaving: asyncio.Event

    async def asks(self, request: Request, asked: Asked, headers: Headers) -> bool:
        """Others than hubs do not ask for changes, and their tokens are looked at once."""
        may_be = b"authorization" in headers and ("changes" in asked.source or not asked.source)
        return may_be and await self.is_hub(request)

    async def wait(self, wish: "Wish") -> bool:
        """Whether there is something new; not where the time was over, or the process stops."""
        waiting = asyncio.ensure_future(self.moved.wait(wish.channel, wish.seq, wish.seconds))
        leaving = asyncio.ensure_future(self.leaving.wait())
        try:
            await asyncio.wait([waiting, leaving], return_when=asyncio.FIRST_COMPLETED)
            return waiting.done() and waiting.result()
        finally:
            waiting.cancel()
            leaving.cancel()
            await asyncio.wait([waiting, leaving])


@dataclass(frozen=True, slots=True)
class Wish:
    """To be told what comes behind that number, within so many seconds."""

    channel: str
    seq: int
    seconds: float


def wish_of(headers: Headers, prepared: Prepared, answer: Answer) -> Wish | None:
    """None where there is something to tell already, or nobody wishes to wait."""
    preferred = _WAIT.search(headers.get(b"prefer", b""))
    if preferred is None or len(answer.body) > _EMPTY_BYTES or answer.code is not None:
        return None
    field = _changes_of(prepared)
    if field is None:
        return None
    told: Any = orjson.loads(answer.body)
    shown = (told.get("data") or {}).get((field.alias or field.name).value)
    if "errors" in told or not shown or shown.get("edges") != []:
        return None
    channel, cursor = _channel(field, prepared), (shown.get("pageInfo") or {}).get("endCursor")
    seconds = min(float(preferred[1]), MOST_SECONDS)
    try:
        return Wish(channel, place_in(cursor, channel), seconds) if cursor else None
    except BadInput:
        return None  # under that name stands something else


def _changes_of(prepared: Prepared) -> FieldNode | None:
    """Where the operation asks for changes, and for nothing else."""
    operation = prepared.operation
    selected = operation.selection_set.selections
    if operation.operation is not OperationType.QUERY or len(selected) != 1:
        return None
    (only,) = selected
    return only if isinstance(only, FieldNode) and only.name.value == "changes" else None


def _channel(field: FieldNode, prepared: Prepared) -> str:
    value = next(
        (each.value for each in field.arguments or () if each.name.value == "channel"), None
    )
    if isinstance(value, VariableNode):
        return prepared.variables.get(value.name.value) or "public"
    written: str | None = getattr(value, "value", None)
    return written or "public"
