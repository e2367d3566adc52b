"""Another site, with a page that embeds: at two addresses, which are two origins to a browser."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.pictures.chromium import HUB

# As strict as a site can be that loads the element: nothing in line, and nothing from elsewhere.
POLICY = f"default-src 'none'; script-src {HUB}; connect-src {HUB}; frame-src {HUB}"
_PAGE = """<!doctype html>
<html{language}><head><meta charset="utf-8"><title>Another site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"></head>
<body><h1>Another site</h1>{within}</body></html>"""


@dataclass
class Elsewhere:
    """`pages` are what stands on each, by its path."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def origins(self) -> tuple[str, str]:
        return f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"

    def has(self, name: str, within: str, language: str = "en") -> None:
        said = f' lang="{language}"' if language else ""
        self.pages[f"/{name}"] = _PAGE.format(within=within, language=said)


@asynccontextmanager
async def site_elsewhere() -> AsyncIterator[Elsewhere]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Elsewhere(listening.getsockname()[1])

        async def page(request: Request) -> Response:
            headers = {"Content-Security-Policy": POLICY}
            found = site.pages.get(request.url.path)
            return HTMLResponse(found or "", 404 if found is None else 200, headers)

        app = Starlette(routes=[Route("/{path:path}", page)])
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listening.dup()]))
        try:
            yield site
        finally:
            server.should_exit = True
            await running
