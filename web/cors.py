"""Answers for pages of other sites, which a browser otherwise keeps from them (Fetch s3.2, CORS).

Who asks is told by a bearer token, which a page must hold to send, and never by a cookie: so any
site may ask, and none gains anything by its visitors' being here. The hub's own pages are not
shared.

Every answer says so, also to those who sent no `Origin`: a cache may have to give the one it kept
to a page of another site (Fetch, "CORS protocol and HTTP caches").
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.media import wants_page

_KEPT_SECONDS = 7_200  # as long as Chromium keeps a preflight at most
_EXPOSED = ("X-Request-Id", "Retry-After", "ETag")
_SHARED = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", ", ".join(_EXPOSED).encode()),
)


class SharedWithOtherSites:
    """An ASGI application, whose answers at `paths` other sites' pages may read."""

    def __init__(self, app: ASGIApp, paths: Collection[str]) -> None:
        self.app = app
        self.paths = frozenset(paths)
        self.preflight = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"],
            max_age=_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self.paths or _is_for_a_page(scope):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            if "origin" in headers and "access-control-request-method" in headers:
                await self.preflight.preflight_response(headers)(scope, receive, send)
                return

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_SHARED]
            await send(message)

        await self.app(scope, receive, shared)


def _is_for_a_page(scope: Scope) -> bool:
    """Whether a browser asks for the page itself: the explorer is not shared."""
    if scope["method"] not in ("GET", "HEAD"):
        return False
    return wants_page(Headers(scope=scope).get("accept"))
