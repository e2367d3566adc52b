"""A name for each request, in its answer and in the log, so that a complaint finds its line."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"


class RequestIds:
    """Names every request that passes, as `request_id_of`, and says it in X-Request-Id.

    A name that the client sends is not used: it could pass for another request in the log.
    """

    def __init__(self, app: ASGIApp, token_bytes: Callable[[int], bytes]) -> None:
        self.app = app
        self.token_bytes = token_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self.token_bytes(8).hex()
        scope.setdefault("state", {})["request_id"] = request_id

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self.app(scope, receive, named)


def request_id_of(connection: HTTPConnection) -> str:
    """The name that `RequestIds` gave it."""
    name: str = connection.state.request_id
    return name
