"""The GraphQL endpoint: a request in, one operation run within its limits, an answer out.

The way through: what is asked (`web/body.py`), a turn (`web/turns.py`), the document by its text
or by its name (`schema/documents.py`, `web/trusted.py`), a context made for this request, the run
(`schema/run.py`), the answer as HTTP (`web/replies.py`). What is told and with which status is
GraphQL over HTTP; `docs/decisions/` says where its draft and its audits part, and which is
followed.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from copy import copy
from dataclasses import replace

from graphql import GraphQLSchema, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from domain.errors import Problem
from domain.outside import Clock
from resolvers.context import Context
from resolvers.following import Moved
from schema.codes import Code, refusal
from schema.documents import Asked, Prepared, Refused
from schema.limits import Limits, for_hubs
from schema.run import Answer, Operations, timed_out
from schema.telling import log_bug
from web.body import Headers, read_gotten, read_posted
from web.explorer import explorer_page
from web.hub_reading import HubReading, Wish, wish_of
from web.leaving import WhileConnected
from web.media import JSON, answer_type, takes_events, wants_page
from web.once import answered_once, digest_of, key_of, once_of
from web.operating.observed import DIGITS, DOCUMENT, OTHER, REFUSAL
from web.replies import Replies, Reply, is_whole
from web.request_id import name_of
from web.subscriptions import event_stream
from web.subscriptions.event_stream import EventStreams
from web.subscriptions.following import AT_ONCE, Following, Who, address_of
from web.subscriptions.places import Places
from web.trusted import TrustedDocuments
from web.turns import Overloaded, Turns

MakeContext = Callable[[Request], AbstractAsyncContextManager[object]]
MakeOperations = Callable[[Schema | GraphQLSchema, Limits], Operations]

CACHE_SECONDS = 30


class GraphQLEndpoint:
    """An ASGI application. It stands behind `web.request_id.RequestIds`."""

    def __init__(
        self,
        schema: Schema | GraphQLSchema,
        limits: Limits,
        make_context: MakeContext,
        resource_metadata: str,
        processors: int | None = None,
        trusted: TrustedDocuments | None = None,
        cache_seconds: int = CACHE_SECONDS,
        operations: MakeOperations = Operations,
    ) -> None:
        """`make_context(request)` is entered for each operation that runs, and left when it is
        over; a `Problem` it raises is told (Unauthenticated as 401). `resource_metadata` is the
        address that says where tokens are had (RFC 9728). `operations` may give several hubs in one
        process the same."""
        self.limits = limits
        self._make_operations = operations
        self.operations = operations(schema, limits)
        self.make_context = make_context
        self.trusted = trusted or TrustedDocuments()
        self.replies = Replies(resource_metadata, cache_seconds)
        cores = processors or len(os.sched_getaffinity(0))
        self.turns = Turns(
            cores * limits.running_per_processor,
            limits.running_per_address,
            cores * limits.waiting_per_processor,
            limits.waiting_seconds,
        )
        self.streams: EventStreams | None = None
        self.hubs: HubReading | None = None

    def read_by_hubs(
        self,
        schema: Schema,
        is_hub: Callable[[Request], Awaitable[bool]],
        moved: Moved,
        leaving: asyncio.Event,
    ) -> None:
        """Lets peer hubs ask for more at a time than others, and wait for what is not there yet."""
        operations = self._make_operations(schema, for_hubs(self.limits))
        self.hubs = HubReading(operations, is_hub, moved, leaving)

    def beside(self, schema: Schema) -> "GraphQLEndpoint":
        """The same for another schema: these limits, turns and trusted documents."""
        other = copy(self)
        other.operations = self._make_operations(schema, self.limits)
        other.hubs = None
        if self.streams is not None:
            following = replace(self.streams.following, operations=other.operations)
            other.streams = EventStreams(following, self.streams.places)
        return other

    def followed(self, moved: Moved, clock: Clock, places: Places) -> Following:
        """Lets subscriptions be asked for, here as event streams, and with what is returned by other
        ways too."""
        following = Following(
            self.operations,
            self.trusted,
            self.make_context,
            self.turns,
            self.limits,
            moved,
            clock,
            asyncio.Semaphore(AT_ONCE),
        )
        self.streams = EventStreams(following, places)
        return following

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = combined(scope)
        given = headers.get(b"accept")
        accept = None if given is None else given.decode("latin-1")
        if scope["method"] in ("GET", "HEAD") and wants_page(accept):
            await explorer_page()(scope, receive, send)
            return
        asking = _Asking(self, scope, receive, headers, answer_type(accept))
        asking.streams = (
            self.streams is not None and scope["method"] == "POST" and takes_events(accept)
        )
        try:
            reply = await self._reply(asking)
            told = (
                await self._streamed(reply, asking, send) if isinstance(reply, Prepared) else reply
            )
        except ClientDisconnect:
            return  # nobody is left to answer
        if told is not None:
            await told.send(send, scope["method"])

    async def _reply(self, asking: "_Asking") -> Reply | Prepared:
        """The answer; of a subscription, what is to be followed."""
        media, headers, method = asking.media, asking.headers, asking.scope["method"]
        try:
            if method not in ("GET", "HEAD", "POST"):
                raise Refused(
                    refusal(
                        Code.METHOD_NOT_ALLOWED,
                        "Send the query by POST, as JSON, or by GET. A browser finds the explorer "
                        "here.",
                    )
                )
            if media is None and not asking.streams:
                raise _not_acceptable()
            answer = await asking.answer()
        except _ChangeByGet as change:
            refused = self.operations.refused(change, asking.request_id)
            asking.note(refused)
            return self.replies.change_by_get(refused, media or JSON)
        except Refused as refused:
            return self._refusal(refused, asking)
        if isinstance(answer, Prepared):
            return answer
        if asking.is_public and is_whole(answer):
            return self.replies.public(answer, media or JSON, headers.get(b"if-none-match"))
        return self._plain(answer, asking)

    def _plain(self, answer: Answer, asking: "_Asking") -> Reply:
        asking.note(answer)
        private = asking.scope["method"] != "POST" and b"authorization" in asking.headers
        return self.replies.plain(answer, asking.media or JSON, private=private)

    def _refusal(self, refused: Refused, asking: "_Asking") -> Reply:
        """What was asked wrongly is an event to those who take nothing else, as graphql-sse has it;
        what the request itself lacks is a status."""
        answer = self.operations.refused(refused, asking.request_id)
        reply = self._plain(answer, asking)
        if asking.streams and asking.media is None and reply.status == 200:
            return event_stream.whole(answer.body)
        return reply

    async def _streamed(self, wish: Prepared, asking: "_Asking", send: Send) -> Reply | None:
        """None where the answers were told, one after another."""
        if self.streams is None:
            raise RuntimeError("Nothing is followed here.")
        who = Who(Request(asking.scope, asking.receive), address_of(asking.scope))
        try:
            await self.streams.answer(wish, who, asking.receive, send)
        except Exception as trouble:  # nothing was told yet
            return self._refusal(asking.refused_for(trouble), asking)
        return None


def _not_acceptable() -> Refused:
    return Refused(
        refusal(
            Code.NOT_ACCEPTABLE,
            "Accept application/graphql-response+json or application/json; of a subscription, "
            "text/event-stream.",
        )
    )


class _ChangeByGet(Refused):
    """A mutation in an address, which a cache, a crawler or a click could send (RFC 9110 s9.2.1)."""


class _Asking:
    """One request on its way through the endpoint."""

    __slots__ = (
        "endpoint",
        "headers",
        "is_public",
        "media",
        "operations",
        "receive",
        "request_id",
        "scope",
        "streams",
        "wish",
    )

    def __init__(
        self,
        endpoint: GraphQLEndpoint,
        scope: Scope,
        receive: Receive,
        headers: Headers,
        media: str | None,
    ) -> None:
        self.endpoint = endpoint
        self.scope = scope
        self.receive = receive
        self.headers = headers
        self.request_id = name_of(scope)
        self.media = media  # of JSON, where it is accepted
        self.streams = False  # whether a subscription may be answered
        self.operations = endpoint.operations
        self.wish: Wish | None = None  # of a hub that was told of no change, and would wait for one
        self.is_public = False  # whether its answer is for anybody, and its address short

    async def answer(self) -> Answer | Prepared:
        """The answer, or `Refused`; of a subscription, what is to be followed."""
        try:
            asked = await self._asked()
            asked.streams = self.streams
            async with WhileConnected(self.receive) as connected:
                hubs = self.endpoint.hubs
                if hubs is not None and await hubs.asks(self._request, asked, self.headers):
                    self.operations = hubs.operations
                answer = await self._in_turn(asked, connected)
                if hubs is not None and self.wish is not None and await hubs.wait(self.wish):
                    answer = await self._in_turn(asked, connected)
                return answer
        except (Refused, ClientDisconnect):
            raise
        except Exception as trouble:
            raise self.refused_for(trouble) from None

    @property
    def _request(self) -> Request:
        return Request(self.scope, self.receive)

    def note(self, answer: Answer) -> None:
        if answer.code is not None:
            self.scope["state"][REFUSAL] = answer.code.value

    def refused_for(self, trouble: Exception) -> Refused:
        """What of it is told; a bug is logged once and told as INTERNAL."""
        if isinstance(trouble, Overloaded):
            return Refused(refusal(Code.OVERLOADED, "This hub is busy. Try again in a moment."))
        if isinstance(trouble, Problem):
            code = Code[trouble.code] if trouble.code in Code.__members__ else Code.BAD_REQUEST
            return Refused(refusal(code, trouble.message))
        log_bug(trouble, self.request_id)
        told = "A fault of this hub, now in its log."
        return Refused(refusal(Code.INTERNAL, told, requestId=self.request_id))

    async def _asked(self) -> Asked:
        limits = self.endpoint.limits
        if self.scope["method"] == "POST":
            return await read_posted(self.headers, self.receive, limits)
        query_string: bytes = self.scope.get("query_string", b"")
        asked = await read_gotten(self.headers, self.receive, query_string, limits)
        self.is_public = asked.digest is not None and b"authorization" not in self.headers
        return asked

    async def _in_turn(self, asked: Asked, connected: WhileConnected) -> Answer | Prepared:
        endpoint, operations = self.endpoint, self.operations
        async with endpoint.turns.turn(address_of(self.scope)):
            named = await endpoint.trusted.named(asked, operations.documents)
            known = named.digest if named.trusted else None
            self.scope["state"][DOCUMENT] = known[:DIGITS] if known else OTHER
            wanted = operations.prepare(named)
            if (
                isinstance(wanted, Prepared)
                and wanted.operation.operation is OperationType.SUBSCRIPTION
            ):
                return wanted
            if self.media is None:
                raise _not_acceptable()
            if not isinstance(wanted, Prepared):
                return await operations.introspect(wanted)
            if (
                wanted.operation.operation is not OperationType.QUERY
                and self.scope["method"] != "POST"
            ):
                raise _ChangeByGet(
                    refusal(Code.METHOD_NOT_ALLOWED, "Changes are sent by POST, and by it alone.")
                )
            key = key_of(self.headers, wanted)
            if key is None:
                answer = await self._run(wanted)
                if endpoint.hubs is not None and operations is endpoint.hubs.operations:
                    self.wish = wish_of(self.headers, wanted, answer)
                return answer
            connected.watch_no_more()  # who comes back with the key is to hear how it ended
            return await self._run(wanted, key, digest_of(wanted, named))

    async def _run(self, prepared: Prepared, key: str | None = None, digest: bytes = b"") -> Answer:
        """Context and run under one deadline: also a connection must come in time."""
        endpoint = self.endpoint
        deadline = asyncio.timeout(endpoint.limits.run_seconds)
        try:
            async with deadline, endpoint.make_context(self._request) as context:

                async def run() -> Answer:
                    return await self.operations.run(prepared, context, self.request_id)

                if key is None or not isinstance(context, Context):
                    return await run()
                once = await once_of(context, key, digest, endpoint.limits.run_seconds)
                return await answered_once(context, once, run)
        except TimeoutError:
            if not deadline.expired():
                raise  # somebody else's deadline: a bug, or a dependency that is down
            raise timed_out(prepared, endpoint.limits) from None


def combined(scope: Scope) -> Headers:
    """The headers in one look; of one sent twice, both values as a list (RFC 9110 s5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found[name] = found[name] + b", " + value if name in found else value
    return found
