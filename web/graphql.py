"""The GraphQL endpoint: a request in, one operation run within its limits, an answer out.

The way through: the body (`web/body.py`), a turn (`web/turns.py`), the document
(`schema/documents.py`), a context made for this request, the run (`schema/run.py`). What is told
and with which status is GraphQL over HTTP; `docs/decisions/` says where its draft and its audits
part, and which is followed.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from graphql import GraphQLSchema
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from domain.errors import Problem
from schema.codes import Code, refusal
from schema.documents import Asked, Prepared, Refused
from schema.limits import Limits
from schema.run import Answer, Operations, timed_out
from schema.telling import log_bug
from web.addresses import counted_as
from web.body import read_asked
from web.explorer import explorer_page
from web.media import JSON, answer_type, wants_page
from web.request_id import request_id_of
from web.turns import Overloaded, Turns

MakeContext = Callable[[Request], AbstractAsyncContextManager[object]]

_RETRY_AFTER_SECONDS = 2
# What is refused after the request was well-formed: clients that take application/json expect 200
# for it (graphql-over-http, "application/json"); the others get the code's own status.
_HTTP_REFUSALS = {
    Code.BAD_REQUEST,
    Code.METHOD_NOT_ALLOWED,
    Code.NOT_ACCEPTABLE,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.TOO_LARGE,
    Code.UNAUTHENTICATED,
    Code.INSUFFICIENT_SCOPE,
    Code.FORBIDDEN,
}


class GraphQLEndpoint:
    """An ASGI application. It stands behind `web.request_id.RequestIds`."""

    def __init__(
        self,
        schema: Schema | GraphQLSchema,
        limits: Limits,
        make_context: MakeContext,
        resource_metadata: str,
        processors: int | None = None,
    ) -> None:
        """`make_context(request)` is entered for each operation that runs, and left when it is
        over; a `Problem` it raises is told (Unauthenticated as 401). `resource_metadata` is the
        address that says where tokens are had (RFC 9728)."""
        self.resource_metadata = resource_metadata
        self.limits = limits
        self.operations = Operations(schema, limits)
        self.make_context = make_context
        cores = processors or len(os.sched_getaffinity(0))
        self.turns = Turns(
            cores * limits.running_per_processor,
            limits.running_per_address,
            cores * limits.waiting_per_processor,
            limits.waiting_seconds,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self.respond(request)
        except ClientDisconnect:
            return  # nobody is left to answer
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        if request.method in ("GET", "HEAD") and wants_page(accept):
            return explorer_page()
        media = answer_type(accept)
        try:
            if request.method != "POST":
                raise Refused(
                    refusal(
                        Code.METHOD_NOT_ALLOWED,
                        "Send the query by POST, as JSON. A browser finds the explorer here.",
                    )
                )
            if media is None:
                raise Refused(
                    refusal(
                        Code.NOT_ACCEPTABLE,
                        "Accept application/graphql-response+json or application/json.",
                    )
                )
            answer = await self._answer(request)
        except Refused as refused:
            answer = self.operations.refused(refused, request_id_of(request))
        return _response(answer, media or JSON, self.resource_metadata)

    async def _answer(self, request: Request) -> Answer:
        """The answer, or `Refused`; a bug is logged once and told as INTERNAL."""
        request_id = request_id_of(request)
        try:
            asked = await read_asked(request, self.limits)
            return await while_connected(request, self._in_turn(asked, request, request_id))
        except Overloaded:
            raise Refused(
                refusal(Code.OVERLOADED, "This hub is busy. Try again in a moment.")
            ) from None
        except (Refused, ClientDisconnect):
            raise
        except Exception as bug:
            log_bug(bug, request_id)
            raise Refused(
                refusal(Code.INTERNAL, "A fault of this hub, now in its log.", requestId=request_id)
            ) from None

    async def _in_turn(self, asked: Asked, request: Request, request_id: str) -> Answer:
        client = counted_as(request.client.host) if request.client else ""
        async with self.turns.turn(client):
            wanted = self.operations.prepare(asked)
            if isinstance(wanted, Prepared):
                return await self._run(wanted, request, request_id)
            return await self.operations.introspect(wanted)

    async def _run(self, prepared: Prepared, request: Request, request_id: str) -> Answer:
        """Context and run under one deadline: also a connection must come in time."""
        deadline = asyncio.timeout(self.limits.run_seconds)
        try:
            async with deadline, self.make_context(request) as context:
                return await self.operations.run(prepared, context, request_id)
        except TimeoutError:
            if not deadline.expired():
                raise  # somebody else's deadline: a bug, or a dependency that is down
            raise timed_out(prepared, self.limits) from None
        except Problem as problem:
            code = Code[problem.code] if problem.code in Code.__members__ else Code.BAD_REQUEST
            raise Refused(refusal(code, problem.message)) from None


async def while_connected(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer; or, where the client goes away first, ClientDisconnect when all that worked for
    it has ended. The request's body has been read: the next that is received is its end."""
    working = asyncio.create_task(work)
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.wait([working, leaving])
        if not working.cancelled():
            working.exception()  # of no interest any more to anybody who is there


def _response(answer: Answer, media: str, resource_metadata: str) -> Response:
    code = answer.code
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    match code:
        case Code.METHOD_NOT_ALLOWED:
            headers["Allow"] = "POST"
        case Code.UNAUTHENTICATED:
            # RFC 6750 s3: what was sent was a bearer token, and it is no good. RFC 9728 s5.1.
            challenge = f'Bearer error="invalid_token", resource_metadata="{resource_metadata}"'
            headers["WWW-Authenticate"] = challenge
        case Code.INSUFFICIENT_SCOPE:
            headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
        case Code.OVERLOADED:
            headers["Retry-After"] = str(_RETRY_AFTER_SECONDS)
        case Code.TOO_LARGE:
            headers["Connection"] = "close"  # the rest of the body is not read
        case _:
            pass
    return Response(
        answer.body,
        _status(code, media),
        headers,
        media_type=f"{media}; charset=utf-8",
    )


def _status(code: Code | None, media: str) -> int:
    if code is None:
        return 200
    if media == JSON and code.status < 500 and code not in _HTTP_REFUSALS:
        return 200
    return code.status
