"""Asking our own contract as nobody: where public pages and feeds get what they show.

They know no table and no rule. What they may show is what anybody may read without a token, and
they stand in the same line as everybody who asks (`web/turns.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
from starlette.requests import Request

from domain.errors import Busy
from domain.ids import kind_of
from domain.outside import Clock
from resolvers.context import Context
from schema.codes import Code
from schema.documents import Asked, Prepared
from schema.run import Answer, Operations
from web.request_id import request_id_of
from web.turns import Overloaded, Turns

Ask = Callable[..., Awaitable[dict[str, Any]]]
OpenContext = Callable[[Request], AbstractAsyncContextManager[Context]]


def id_in(request: Request) -> str:
    """The id in the address. What is none is asked for all the same, as one that nothing has: it
    takes the same way as an id that nobody may see."""
    given: str = request.path_params["id"]
    return given if kind_of(given) else "none"


class Unanswered(Exception):  # noqa: N818 - the log already says what went wrong
    """A document of ours came back with errors that no visitor can do anything about."""


class NotUnderstood(Unanswered):
    """Something that came with the request is not what it should be; the words are for whoever
    sent it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooMuch(Unanswered):
    """The answer would be larger than one may be: ask for fewer at a time."""


class PublicReading:
    """`as_nobody(request)` makes the context of somebody who shows no token."""

    def __init__(
        self, operations: Operations, turns: Turns, as_nobody: OpenContext, clock: Clock
    ) -> None:
        self.operations = operations
        self.turns = turns
        self.as_nobody = as_nobody
        self.clock = clock

    async def address(self, request: Request) -> str:
        """The hub's own; never what the request says that it is."""
        async with self.as_nobody(request) as context:
            return context.hub.url

    @asynccontextmanager
    async def opened(self, request: Request) -> AsyncIterator[Ask]:
        """`ask(document, **variables)` gives `data`; what one document asks sees one snapshot.
        `Busy` where there is no turn, or no answer in time."""
        async with self.opened_beside(request) as (ask, _):
            yield ask

    @asynccontextmanager
    async def opened_beside(self, request: Request) -> AsyncIterator[tuple[Ask, Context]]:
        """The same, and the context for a use case that the contract has no word for."""
        client = request.client.host if request.client else ""
        deadline = asyncio.timeout(self.operations.limits.run_seconds)
        try:
            async with self.turns.turn(client), deadline, self.as_nobody(request) as context:

                async def ask(document: str, /, **variables: Any) -> dict[str, Any]:
                    return await self._data(context, document, variables, request_id_of(request))

                yield ask, context
        except Overloaded:
            raise Busy("This hub is busy. Try again in a moment.") from None
        except TimeoutError:
            if not deadline.expired():
                raise
            raise Busy("This took too long. Try again in a moment.") from None

    async def _data(
        self, context: Context, document: str, variables: dict[str, Any], request_id: str
    ) -> dict[str, Any]:
        prepared = prepared_of(self.operations, Asked(document, variables=variables))
        answer = await self.operations.run(prepared, context, request_id)
        return data_of(answer, prepared.name, reasons=context.reasons)


def prepared_of(operations: Operations, asked: Asked) -> Prepared:
    prepared = operations.prepare(asked)
    if not isinstance(prepared, Prepared):
        raise TypeError("A page asks for data, not for the schema.")
    return prepared


def data_of(
    answer: Answer,
    name: str | None,
    expected: Collection[Code] = frozenset(),
    reasons: Iterable[str] = (),
) -> dict[str, Any]:
    """What the document gave; with errors of a code that is `expected`, what it gave beside them.
    `reasons` are the context's."""
    told = orjson.loads(answer.body)
    codes = [each["extensions"]["code"] for each in told.get("errors", ())]
    if any(code in (Code.OVERLOADED, Code.TIMEOUT) for code in codes):
        raise Busy("This hub is busy. Try again in a moment.")
    if Code.TOO_LARGE in codes:
        raise TooMuch(name)
    if Code.BAD_USER_INPUT in codes:
        message = told["errors"][codes.index(Code.BAD_USER_INPUT)]["message"]
        raise NotUnderstood(as_said(message, reasons))
    if not set(codes) <= set(expected) or told.get("data") is None:
        raise Unanswered(f"{name}: {', '.join(codes)}")
    data: dict[str, Any] = told["data"]
    return data


def as_said(message: str, reasons: Iterable[str]) -> str:
    """A message of an answer as it was said, with its pattern and its values, so that `refusal` of
    `web/speaking.py` can say it in another language. Of another hub it is the message alone."""
    return next((each for each in reasons if each == message), message)
