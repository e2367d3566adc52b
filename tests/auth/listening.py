"""A server that really listens, on this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from web.serving import Announced


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """Its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
        ready = asyncio.Event()
        server = Announced(config, ready.set)
        running = asyncio.create_task(server.serve(sockets=[taken]))
        try:
            async with asyncio.timeout(10):
                await ready.wait()
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
