"""What an address other than the endpoint answers when something fails: short, and never the details.

Starlette would send "Internal Server Error" and let uvicorn write the whole traceback, with what
was asked in it, into the log. The endpoint has its own way (`web/graphql.py`).
"""

import orjson
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import Busy, Problem
from schema.telling import log_bug
from storage.refusals import explained
from web.request_id import request_id_of

RETRY_AFTER_SECONDS = 2


class Unbroken:
    """An ASGI application in front of one that may fail. It stands behind `RequestIds`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            with explained():
                await self.app(scope, receive, sending)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as trouble:
            request_id = request_id_of(HTTPConnection(scope))
            if not isinstance(trouble, Busy):
                log_bug(trouble, request_id)
            if begun:
                return  # uvicorn closes a connection whose answer was not ended
            await told(trouble, request_id)(scope, receive, send)


def told(trouble: Exception, request_id: str) -> Response:
    """In the words of OAuth (RFC 6749 s4.1.2.1), whose addresses are the others that ask the
    database."""
    busy = isinstance(trouble, Busy)
    body = {
        "error": "temporarily_unavailable" if busy else "server_error",
        "error_description": trouble.message
        if isinstance(trouble, Problem) and busy
        else f"A fault of this hub, now in its log by the name {request_id}.",
    }
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if busy:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(
        orjson.dumps(body), 503 if busy else 500, headers, media_type="application/json"
    )
