"""A name for each request, in its answer and in the log, so that a complaint finds its line."""

from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = b"x-request-id"
_BYTES = 8  # of a name
_AT_ONCE = 128  # names: asking the system for chance costs more than all else here


class RequestIds:
    """Names every request that passes, as `request_id_of`, and says it in X-Request-Id.

    A name that the client sends is not used: it could pass for another request in the log.
    """

    def __init__(self, app: ASGIApp, token_bytes: Callable[[int], bytes]) -> None:
        self.app = app
        self.token_bytes = token_bytes
        self._names: list[str] = []

    def _name(self) -> str:
        if not self._names:
            chance = self.token_bytes(_BYTES * _AT_ONCE).hex()
            digits = 2 * _BYTES
            self._names = [chance[at : at + digits] for at in range(0, len(chance), digits)]
        return self._names.pop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        request_id = self._name()
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        header = (_HEADER, request_id.encode())

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self.app(scope, receive, named)


def name_of(scope: Scope) -> str:
    """The name that `RequestIds` gave the request."""
    name: str = scope["state"]["request_id"]
    return name


def request_id_of(connection: HTTPConnection) -> str:
    return name_of(connection.scope)
