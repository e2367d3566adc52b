"""Asking the contract as somebody who is signed in, and changing things by it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from starlette.requests import Request

from auth.console import Acting
from domain.errors import BadInput, Busy
from domain.rsvps import DeliveryStatus
from resolvers.context import Context
from schema.codes import Code
from schema.documents import Asked
from schema.run import Answer, Operations
from web.account.visits import Visit
from web.feeds.asking import NotUnderstood, as_said, data_of, prepared_of
from web.forms import Form
from web.once import answered_once, digest_of, once_of
from web.request_id import request_id_of
from web.turns import Overloaded, Turns

ONCE = "once"
# What a page says beside what it shows: a role that may not read a part, a thing that is gone, a hub
# that does not answer, or does not tell.
EXPECTED = frozenset(
    {
        Code.FORBIDDEN,
        Code.INSUFFICIENT_SCOPE,
        Code.NOT_FOUND,
        Code.PEER_UNREACHABLE,
        Code.PEER_REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One of the contract's `userErrors`."""

    code: str
    field: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a change answered. `problems` are why nothing was done; without any it was done.

    Where somebody else was first, a payload has the thing as it stands now beside them."""

    payload: Mapping[str, Any]
    problems: tuple[Wrong, ...]

    def is_kept(self, name: str) -> bool:
        """Its owner does not answer, and is told later. Whoever asks selects `delivery` of it."""
        thing = self.payload.get(name)
        return thing is not None and thing["delivery"] == DeliveryStatus.PENDING

    @property
    def is_stale(self) -> bool:
        return any(each.code == Code.STALE for each in self.problems)


class Line:
    """What every conversation with the contract goes through: the same line in which all stand who
    ask this hub (`web/turns.py`), and the same deadline."""

    def __init__(
        self, operations: Operations, turns: Turns, as_nobody: Callable[[Request], Context]
    ) -> None:
        self.operations = operations
        self.turns = turns
        self.as_nobody = as_nobody

    def talk(self, visit: Visit, acting: Acting) -> "Talk":
        return Talk(self, visit, acting)

    @asynccontextmanager
    async def opened(
        self, visit: Visit, acting: Acting, seconds: float | None = None
    ) -> AsyncIterator[Context]:
        request = visit.request
        deadline = asyncio.timeout(seconds or self.operations.limits.run_seconds)
        client = request.client.host if request.client else ""
        try:
            async with self.turns.turn(client), deadline, self._context(visit, acting) as context:
                yield context
        except Overloaded:
            raise Busy("This hub is busy. Try again in a moment.") from None
        except TimeoutError:
            if not deadline.expired():
                raise
            raise Busy("This took too long. Try again in a moment.") from None

    def _context(self, visit: Visit, acting: Acting) -> Context:
        context = self.as_nobody(visit.request)
        context.viewer, context.bearer = acting.presumed, acting.bearer
        return context


@dataclass(frozen=True, slots=True)
class Talk:
    """One visit's conversation, for one organization."""

    line: Line
    visit: Visit
    acting: Acting

    async def ask(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """`data`, in one snapshot; what may not be read or is not there is null or empty in it.
        Raises `Busy`, `TooMuch`, and `BadInput` for what came with the address and is none."""
        prepared = prepared_of(self.line.operations, Asked(document, variables=variables))
        async with self.line.opened(self.visit, self.acting) as context:
            answer = await self.line.operations.run(
                prepared, context, request_id_of(self.visit.request)
            )
        try:
            return data_of(answer, prepared.name, EXPECTED, context.reasons)
        except NotUnderstood as problem:
            raise BadInput(problem.message) from None

    async def change(self, document: str, form: Form, /, **variables: Any) -> Done:
        """The document is one mutation. It is done once, however often the same form is sent: a
        phone on a poor line sends it again, and so does a second tap. The form changed in between
        is another change.

        Raises `Busy`, and the `Problem`s of an Idempotency-Key."""
        asked = Asked(document, variables=variables)
        prepared = prepared_of(self.line.operations, asked)
        digest = digest_of(prepared, asked)
        async with self.line.opened(self.visit, self.acting) as context:

            async def run() -> Answer:
                return await self.line.operations.run(
                    prepared, context, request_id_of(self.visit.request)
                )

            key = _key(form.get(ONCE, ""), digest)
            once = await once_of(context, key, digest, self.line.operations.limits.run_seconds)
            answer = await answered_once(context, once, run)
        return _done(answer, prepared.name, context.reasons)

    @asynccontextmanager
    async def working(self, seconds: float | None = None) -> AsyncIterator[Context]:
        """For a use case that the contract has no word for: as whom this is done, looked up.
        `seconds` is for one that takes longer than what the contract answers."""
        async with self.line.opened(self.visit, self.acting, seconds) as context:
            await context.confirm()
            yield context

    def once(self) -> str:
        """For the hidden field of a form, so that what it sends is done once."""
        return self.visit.desk.secret()


def _key(given: str, digest: bytes) -> str:
    made = sha256(orjson.dumps([given]) + digest).digest()
    return "console-" + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _done(answer: Answer, name: str | None, reasons: Collection[str]) -> Done:
    """What may not be done, what cannot be read, and a hub that does not answer are problems to tell
    as any other, though no field is named."""
    errors = [each for each in orjson.loads(answer.body).get("errors", ()) if _is_told(each)]
    if errors:
        told = (
            Wrong(each["extensions"]["code"], (), as_said(each["message"], reasons))
            for each in errors
        )
        return Done({}, tuple(told))
    (payload,) = data_of(answer, name).values()
    return Done(payload, tuple(_wrong(each, reasons) for each in payload["userErrors"]))


def _is_told(error: Mapping[str, Any]) -> bool:
    return error["extensions"]["code"] in EXPECTED | {Code.BAD_USER_INPUT}


def _wrong(told: Mapping[str, Any], reasons: Collection[str]) -> Wrong:
    return Wrong(told["code"], tuple(told["field"] or ()), as_said(told["message"], reasons))
