"""Answers for pages of other sites, which a browser otherwise keeps from them (Fetch s3.2, CORS).

Who asks is told by a bearer token, which a page must hold to send, and never by a cookie: so any
site may ask, and none gains anything by its visitors' being here. The hub's own pages are not
shared.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from web.media import wants_page

_KEPT_SECONDS = 7_200  # as long as Chromium keeps a preflight at most


class SharedWithOtherSites:
    """An ASGI application, whose answers at `paths` other sites' pages may read."""

    def __init__(self, app: ASGIApp, paths: Collection[str]) -> None:
        self.app = app
        self.paths = frozenset(paths)
        self.shared = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-Id", "Retry-After"],
            max_age=_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.shared if self._is_shared(scope) else self.app
        await app(scope, receive, send)

    def _is_shared(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["path"] not in self.paths:
            return False
        page = scope["method"] in ("GET", "HEAD") and wants_page(Headers(scope=scope).get("accept"))
        return not page
