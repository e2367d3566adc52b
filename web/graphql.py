"""The GraphQL endpoint: a request in, one operation run within its limits, an answer out.

The way through: what is asked (`web/body.py`), a turn (`web/turns.py`), the document by its text
or by its name (`schema/documents.py`, `web/trusted.py`), a context made for this request, the run
(`schema/run.py`), the answer as HTTP (`web/replies.py`). What is told and with which status is
GraphQL over HTTP; `docs/decisions/` says where its draft and its audits part, and which is
followed.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import lru_cache

from graphql import GraphQLSchema, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from domain.errors import Problem
from resolvers.context import Context
from schema.codes import Code, refusal
from schema.documents import Asked, Prepared, Refused
from schema.limits import Limits
from schema.run import Answer, Operations, timed_out
from schema.telling import log_bug
from web.addresses import counted_as
from web.body import Headers, read_gotten, read_posted
from web.explorer import explorer_page
from web.leaving import WhileConnected
from web.media import JSON, answer_type, wants_page
from web.once import answered_once, digest_of, key_of, once_of
from web.replies import Replies, Reply, is_whole
from web.request_id import name_of
from web.trusted import TrustedDocuments
from web.turns import Overloaded, Turns

MakeContext = Callable[[Request], AbstractAsyncContextManager[object]]

CACHE_SECONDS = 30
_counted_as = lru_cache(maxsize=4_096)(counted_as)


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
    ) -> None:
        """`make_context(request)` is entered for each operation that runs, and left when it is
        over; a `Problem` it raises is told (Unauthenticated as 401). `resource_metadata` is the
        address that says where tokens are had (RFC 9728)."""
        self.limits = limits
        self.operations = Operations(schema, limits)
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = combined(scope)
        given = headers.get(b"accept")
        accept = None if given is None else given.decode("latin-1")
        if scope["method"] in ("GET", "HEAD") and wants_page(accept):
            await explorer_page()(scope, receive, send)
            return
        try:
            reply = await self._reply(scope, receive, headers, answer_type(accept))
        except ClientDisconnect:
            return  # nobody is left to answer
        await reply.send(send, scope["method"])

    async def _reply(
        self, scope: Scope, receive: Receive, headers: Headers, media: str | None
    ) -> Reply:
        asking = _Asking(self, scope, receive, headers)
        try:
            if scope["method"] not in ("GET", "HEAD", "POST"):
                raise Refused(
                    refusal(
                        Code.METHOD_NOT_ALLOWED,
                        "Send the query by POST, as JSON, or by GET. A browser finds the explorer "
                        "here.",
                    )
                )
            if media is None:
                raise Refused(
                    refusal(
                        Code.NOT_ACCEPTABLE,
                        "Accept application/graphql-response+json or application/json.",
                    )
                )
            answer = await asking.answer()
        except _ChangeByGet as change:
            refused = self.operations.refused(change, asking.request_id)
            return self.replies.change_by_get(refused, media or JSON)
        except Refused as refused:
            answer = self.operations.refused(refused, asking.request_id)
        if asking.is_public and is_whole(answer):
            return self.replies.public(answer, media or JSON, headers.get(b"if-none-match"))
        private = scope["method"] != "POST" and b"authorization" in headers
        return self.replies.plain(answer, media or JSON, private=private)


class _ChangeByGet(Refused):
    """A mutation in an address, which a cache, a crawler or a click could send (RFC 9110 s9.2.1)."""


class _Asking:
    """One request on its way through the endpoint."""

    __slots__ = ("endpoint", "headers", "is_public", "receive", "request_id", "scope")

    def __init__(
        self, endpoint: GraphQLEndpoint, scope: Scope, receive: Receive, headers: Headers
    ) -> None:
        self.endpoint = endpoint
        self.scope = scope
        self.receive = receive
        self.headers = headers
        self.request_id = name_of(scope)
        self.is_public = False  # whether its answer is for anybody, and its address short

    async def answer(self) -> Answer:
        """The answer, or `Refused`; a bug is logged once and told as INTERNAL."""
        try:
            asked = await self._asked()
            async with WhileConnected(self.receive) as connected:
                return await self._in_turn(asked, connected)
        except Overloaded:
            raise Refused(
                refusal(Code.OVERLOADED, "This hub is busy. Try again in a moment.")
            ) from None
        except Problem as problem:
            code = Code[problem.code] if problem.code in Code.__members__ else Code.BAD_REQUEST
            raise Refused(refusal(code, problem.message)) from None
        except (Refused, ClientDisconnect):
            raise
        except Exception as bug:
            log_bug(bug, self.request_id)
            told = "A fault of this hub, now in its log."
            raise Refused(refusal(Code.INTERNAL, told, requestId=self.request_id)) from None

    async def _asked(self) -> Asked:
        limits = self.endpoint.limits
        if self.scope["method"] == "POST":
            return await read_posted(self.headers, self.receive, limits)
        query_string: bytes = self.scope.get("query_string", b"")
        asked = await read_gotten(self.headers, self.receive, query_string, limits)
        self.is_public = asked.digest is not None and b"authorization" not in self.headers
        return asked

    async def _in_turn(self, asked: Asked, connected: WhileConnected) -> Answer:
        endpoint, client = self.endpoint, self.scope.get("client")
        operations = endpoint.operations
        async with endpoint.turns.turn(_counted_as(client[0]) if client else ""):
            named = await endpoint.trusted.named(asked, operations.documents)
            wanted = operations.prepare(named)
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
                return await self._run(wanted)
            connected.watch_no_more()  # who comes back with the key is to hear how it ended
            return await self._run(wanted, key, digest_of(wanted, named))

    async def _run(self, prepared: Prepared, key: str | None = None, digest: bytes = b"") -> Answer:
        """Context and run under one deadline: also a connection must come in time."""
        endpoint = self.endpoint
        deadline = asyncio.timeout(endpoint.limits.run_seconds)
        request = Request(self.scope, self.receive)
        try:
            async with deadline, endpoint.make_context(request) as context:

                async def run() -> Answer:
                    return await endpoint.operations.run(prepared, context, self.request_id)

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
