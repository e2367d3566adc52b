"""One subscription: its answers, one after another, for as long as its client may be told.

It is answered at once, and again when what it follows has moved. Whoever takes the answers slowly
is told of the last state alone: between two of them, nothing is kept but that something moved.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from domain.errors import Problem, Unauthenticated
from domain.outside import Clock
from resolvers.context import Context
from resolvers.following import Moved, Thing, Topic, Watch
from schema.codes import Code, refusal
from schema.documents import Asked, Prepared, Refused
from schema.introspection import Wanted
from schema.limits import Limits
from schema.run import Operations, timed_out
from schema.subscribing import Errors, NotNow, Over, Told, meaning_of, topic_of
from schema.telling import log_bug, told
from web.addresses import counted_as
from web.request_id import name_of
from web.trusted import TrustedDocuments
from web.turns import Overloaded, Turns

MakeContext = Callable[[Request], AbstractAsyncContextManager[object]]

_counted_as = lru_cache(maxsize=4_096)(counted_as)

AT_ONCE = 4  # answers made at a time because something moved, however many follow it
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 15.0  # while the database is in trouble


class Ended(Exception):  # noqa: N818 - told to the client, no error of ours
    """Nothing more is told, because of these errors."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


@dataclass(slots=True)
class Who:
    """Whoever asks, by what one request of theirs says; `address` is the one they count as."""

    request: Request
    address: str
    expires_at: int | None = None  # of their token, once it was looked at
    belongs: tuple[Topic, ...] = ()  # whose standing decides what they see

    @classmethod
    def of(cls, scope: Scope, address: str, headers: Mapping[bytes, bytes]) -> "Who":
        """As if they asked by a request with these headers: a token is believed by one door."""
        asked = {**scope, "type": "http", "method": "POST", "headers": list(headers.items())}
        return cls(Request(asked), address)

    @property
    def request_id(self) -> str:
        return name_of(self.request.scope)


@dataclass(slots=True)
class Following:
    """What the subscriptions of one process, of one schema, are answered with."""

    operations: Operations
    trusted: TrustedDocuments
    make_context: MakeContext
    turns: Turns
    limits: Limits
    moved: Moved
    clock: Clock
    at_once: asyncio.Semaphore

    async def confirmed(self, who: Who) -> None:
        """Raises Unauthenticated where their token is no good, and other problems."""
        async with (
            asyncio.timeout(self.limits.run_seconds),
            self.turns.turn(who.address),
            self.make_context(who.request) as context,
        ):
            _note(who, context)
            if isinstance(context, Context):
                await context.confirm()

    def has_expired(self, who: Who) -> bool:
        return who.expires_at is not None and who.expires_at <= self.clock.now().timestamp()

    async def prepared(self, asked: Asked, who: Who) -> Prepared | Wanted:
        """The operation, or `Refused`; `Overloaded` where too many ask at a time."""
        async with self.turns.turn(who.address):
            asked.streams = True
            named = await self.trusted.named(asked, self.operations.documents)
            return self.operations.prepare(named)

    async def told(self, prepared: Prepared, who: Who) -> AsyncGenerator[bytes, None]:
        """Every answer. It ends where the client may see it no longer; raises `Ended` with errors,
        and Unauthenticated where the token counts no longer."""
        topic = topic_of(self.operations.schema, prepared)
        if topic is None:
            async with self.turns.turn(who.address):
                meaning = await self._answered(prepared, who)
            if isinstance(meaning, Told):
                yield meaning.body
                return
            raise Ended(meaning.errors)
        async with self.make_context(who.request) as context:
            _note(who, context)  # nothing is read for that
        with self.moved.watching(topic, *who.belongs) as watch:
            await self._begun(watch, who)
            async with aclosing(self._while_watching(prepared, who, watch)) as bodies:
                async for body in bodies:
                    yield body

    async def _while_watching(
        self, prepared: Prepared, who: Who, watch: Watch
    ) -> AsyncGenerator[bytes, None]:
        last: tuple[bytes, int | None] | None = None
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            version = watch.version
            if last is None:
                async with self.turns.turn(who.address):
                    meaning = await self._answered(prepared, who)
            else:
                async with self.at_once:
                    meaning = await self._answered(prepared, who)
            match meaning:
                case Told(body):
                    # A thing's version is seen by whoever sees it; of what else moved, they hear
                    # only where it changes what they asked for.
                    if last != (body, version):
                        last = (body, version)
                        yield body
                case Over(_, is_unseen=True) if last is not None:
                    return
                case NotNow() if last is not None:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                    continue
                case Over(errors) | NotNow(errors):
                    raise Ended(errors)
            pause = SHORTEST_PAUSE_SECONDS
            await watch.moved()

    async def _begun(self, watch: Watch, who: Who) -> None:
        """What changes from here on is heard of."""
        deadline = asyncio.timeout(self.limits.run_seconds)
        try:
            async with deadline:
                await watch.begun()
        except TimeoutError:
            if not deadline.expired():
                raise
            raise Ended(self.errors_of(Overloaded(), who)) from None

    async def _answered(self, prepared: Prepared, who: Who) -> Told | Over | NotNow:
        """As things stand, for the client as they stand."""
        deadline = asyncio.timeout(self.limits.run_seconds)
        try:
            async with deadline, self.make_context(who.request) as context:
                if isinstance(context, Context):
                    context.read_of_this_moment()
                answer = await self.operations.run(prepared, context, who.request_id)
        except TimeoutError:
            if not deadline.expired():
                raise
            return NotNow(self.errors_of(timed_out(prepared, self.limits), who))
        except Unauthenticated:
            raise
        except Problem as problem:
            return NotNow(self.errors_of(problem, who))
        if len(answer.body) > self.limits.told_bytes:
            most = self.limits.told_bytes
            too_large = refusal(
                Code.TOO_LARGE,
                f"The answer is larger than {most:,} bytes. Follow fewer fields.",
                limit=most,
            )
            return Over(self.errors_of(Refused(too_large), who), is_unseen=False)
        return meaning_of(answer)

    def errors_of(self, trouble: BaseException, who: Who) -> Errors:
        """What of it the client is told; of a bug no more than where to ask."""
        match trouble:
            case Ended():
                return trouble.errors
            case Refused():
                return told(trouble.errors, self.limits, who.request_id)
            case Overloaded():
                busy = refusal(Code.OVERLOADED, "This hub is busy. Try again in a moment.")
                return told([busy], self.limits, who.request_id)
            case Problem():
                known = trouble.code in Code.__members__
                code = Code[trouble.code] if known else Code.BAD_REQUEST
                return told([refusal(code, trouble.message)], self.limits, who.request_id)
            case _:
                log_bug(trouble, who.request_id)
                words = "A fault of this hub, now in its log."
                bug: Any = refusal(Code.INTERNAL, words, requestId=who.request_id)
                return told([bug], self.limits, who.request_id)


def address_of(scope: Scope) -> str:
    """The address that whoever asks counts as."""
    client = scope.get("client")
    return _counted_as(client[0]) if client else ""


def _note(who: Who, context: object) -> None:
    if isinstance(context, Context):
        viewer = context.viewer
        named = (viewer.organization_id, viewer.person_id)
        who.belongs = tuple(Thing(each) for each in named if each is not None)
        who.expires_at = context.bearer.expires_at if context.bearer else None
