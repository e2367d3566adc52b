"""Listening, answering and leaving in good order: uvicorn, as a hub wants it.

Used by `./convoke serve`, and by whatever else answers requests. The address is taken before
anything else is begun, so that one in use is told at once.
"""

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import ClassVar

import uvicorn
from starlette.types import ASGIApp

from domain.errors import Problem
from schema.limits import Limits
from web.operating.leaving import Leaving
from web.protocol import bounded
from web.subscriptions.places import STOP
from web.subscriptions.socket_protocol import bounded_socket

DRAIN_SECONDS = 10  # what is running may end; a statement is stopped after half of that


class AddressTaken(Problem):
    """Nobody can listen there: somebody else does, or it is not this machine's."""

    code: ClassVar[str] = "ADDRESS"


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets for an address; `localhost` may be two, of IPv4 and IPv6."""
    with ExitStack() as opened:
        found: list[socket.socket] = []
        for family, kind, _, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            made = opened.enter_context(socket.socket(family, kind))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                made.bind(address)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL and host == "localhost":
                    continue  # a machine without IPv6 knows localhost by both all the same
                raise AddressTaken(explained(error, host, port)) from error
            found.append(made)
        yield found


def explained(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use. Choose another with --port, or stop what listens there."
        case errno.EACCES:
            return f"Port {port} is for root alone. Choose one from 1024 up with --port."
        case _:
            return f"Nobody can listen on {host}, port {port}: {error.strerror}. See --host."


async def serve(
    app: ASGIApp,
    sockets: list[socket.socket],
    limits: Limits,
    started: Callable[[], None],
    proxies: Sequence[str] = (),
    *,
    leaving: Leaving | None = None,
    drain_seconds: float = 0.0,
) -> None:
    """Answers until told to stop (SIGTERM, SIGHUP, Ctrl-C), then lets what is running end. `proxies` are
    believed when they say, in X-Forwarded-For, whom they ask for.

    From then on it is `leaving`. With SIGTERM and SIGHUP it takes requests for `drain_seconds` more,
    so that whoever sends them here hears of it first. Returns in every case, so that what was
    opened around it is closed; whoever says it a second time wants it at once.
    """
    server = Announced(configured(app, limits, proxies), started, leaving, drain_seconds)
    with heard(server):
        await server.serve(sockets=sockets)


def configured(app: ASGIApp, limits: Limits, proxies: Sequence[str] = ()) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=bounded(limits, proxies),
        ws=bounded_socket(limits),
        ws_max_size=limits.socket_message_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=limits.stream_ping_seconds,
        ws_ping_timeout=limits.stream_ping_seconds,
        lifespan="auto",
        log_config=None,
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


class Announced(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        started: Callable[[], None],
        leaving: Leaving | None = None,
        drain_seconds: float = 0.0,
    ) -> None:
        super().__init__(config)
        self._announce = started
        self._leaving = leaving or Leaving()
        self._drain_seconds = drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal, as uvicorn hears it: between two steps of whatever is running."""
        if self._leaving.is_leaving:
            self.should_exit = self.force_exit = True
            return
        self._leaving.begin()
        if self._drain_seconds and self._loop is not None and sig != signal.SIGINT:
            self._loop.call_soon_threadsafe(self._loop.call_later, self._drain_seconds, self._leave)
        else:
            self.should_exit = True

    def _leave(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # What is here by now, the schema above all, stays as long as the process: Python would look
        # through it again and again for what nobody refers to, and answer nobody for 0.15 s.
        self._loop = asyncio.get_running_loop()
        gc.collect()
        gc.freeze()
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stop: Callable[[], None] | None = self.lifespan.state.get(STOP)
        if stop is not None:
            stop()
        await super().shutdown(sockets=sockets)


@contextmanager
def heard(server: uvicorn.Server) -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more when it is done, which would end the
    process before the database is closed: it was heard the first time. It knows nothing of SIGHUP,
    which a terminal sends as it goes; started with nohup, we stay."""

    def hear(number: int, frame: FrameType | None) -> None:
        return

    def stop(number: int, frame: FrameType | None) -> None:
        server.handle_exit(number, frame)

    hearing = {signal.SIGINT: hear, signal.SIGTERM: hear}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        hearing[signal.SIGHUP] = stop
    before = {number: signal.signal(number, handler) for number, handler in hearing.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
