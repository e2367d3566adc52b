"""Listening, answering and leaving in good order: uvicorn, as a hub wants it.

Used by `./convoke serve`, and by whatever else answers requests. The address is taken before
anything else is begun, so that one in use is told at once.
"""

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
from web.protocol import bounded

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
) -> None:
    """Answers until told to stop (SIGTERM, SIGHUP, Ctrl-C), then lets what is running end. `proxies` are
    believed when they say, in X-Forwarded-For, whom they ask for.

    Returns in every case, so that what was opened around it is closed; a second Ctrl-C leaves at
    once.
    """
    server = Announced(configured(app, limits, proxies), started)
    with heard(server):
        await server.serve(sockets=sockets)


def configured(app: ASGIApp, limits: Limits, proxies: Sequence[str] = ()) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=bounded(limits, proxies),
        ws="none",
        lifespan="auto",
        log_config=None,
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


class Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # What is here by now, the schema above all, stays as long as the process: Python would look
        # through it again and again for what nobody refers to, and answer nobody for 0.15 s.
        gc.collect()
        gc.freeze()
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


@contextmanager
def heard(server: uvicorn.Server) -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more when it is done, which would end the
    process before the database is closed: it was heard the first time. It knows nothing of SIGHUP,
    which a terminal sends as it goes; started with nohup, we stay."""

    def hear(_signal: int, _frame: FrameType | None) -> None:
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    hearing = {signal.SIGINT: hear, signal.SIGTERM: hear}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        hearing[signal.SIGHUP] = stop
    before = {number: signal.signal(number, handler) for number, handler in hearing.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
