"""Many at once, or for long: what one request alone does not show.

Each returns the worst time in which the hub answered where an answer was due. They end by
themselves, and come from an address other than the innocent client's.
"""

import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from schema.limits import Limits
from tests.hostile.asking import MACHINE, bearer, form
from tests.hostile.hub import Hub
from tests.hostile.sending import (
    PATIENCE_SECONDS,
    asked,
    exchanged,
    read_answers,
    with_token,
)
from tests.hostile.transport import POST, QUERY

ADDRESSES = [f"127.0.1.{n}" for n in range(1, 7)]
ASKED = POST + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
LARGE = "{ events(first: 100) { nodes { id title description translations { language description } } } }"
DEADLINE_SECONDS = 1.0  # of headers, bodies and stalled answers, as `hub.SECONDS` sets them


@dataclass(frozen=True)
class Storm:
    row: str
    name: str
    requests: int
    run: Callable[[Hub], float]


def opened(
    hub: Hub, held: ExitStack, count: int, said: bytes, addresses: Sequence[str] = ADDRESSES
) -> list[socket.socket]:
    """Connections, each of which said so much; from several addresses, as botnets are."""
    clients: list[socket.socket] = []
    for n in range(count):
        source = (addresses[n % len(addresses)], 0)
        client = held.enter_context(
            socket.create_connection(("127.0.0.1", hub.port), PATIENCE_SECONDS, source)
        )
        client.sendall(said)
        clients.append(client)
    return clients


def dripping(said: bytes) -> Callable[[Hub], float]:
    """All of them are held for their deadline, and no longer; meanwhile others are answered."""

    def run(hub: Hub) -> float:
        with ExitStack() as held:
            clients = opened(hub, held, 500, said)
            begun = time.monotonic()
            for client in clients[::5]:  # some of them go on, a byte at a time
                with suppress(OSError):  # refused already
                    client.sendall(b"x")
            # The first is answered when all that came before it has been accepted: how long others
            # wait meanwhile, the innocent client tells.
            exchanged(hub.port, asked("{ __typename }"))
            answered = exchanged(hub.port, asked("{ __typename }")).seconds
            for client in clients:
                wait_for_the_end(client)
            assert time.monotonic() - begun < 2 * DEADLINE_SECONDS
            return answered

    return run


def wait_for_the_end(client: socket.socket) -> None:
    with suppress(ConnectionResetError):  # as good as closed
        while client.recv(65_536):
            continue


def slow_readers(hub: Hub) -> float:
    """Forty connections of one machine that asks for much and reads nothing of it."""
    request = with_token(LARGE)(hub).replace(b"Connection: close\r\n", b"")
    with ExitStack() as held:
        for _ in range(40):
            client = held.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.bind((ADDRESSES[0], 0))
            client.connect(("127.0.0.1", hub.port))
            client.sendall(request)
        return exchanged(hub.port, asked("{ __typename }")).seconds


def half_open(hub: Hub) -> float:
    """A hundred that close one half at once, in the middle of a request."""
    with ExitStack() as held:
        for client in opened(hub, held, 100, ASKED[:-5]):
            client.shutdown(socket.SHUT_WR)
        return exchanged(hub.port, asked("{ __typename }")).seconds


def gone_before_the_answer(hub: Hub) -> float:
    """Sixty of one machine that asks for much and leaves without waiting."""
    request = with_token(LARGE)(hub)
    with ExitStack() as held:
        opened(hub, held, 60, request, ADDRESSES[:1])
    return exchanged(hub.port, asked("{ __typename }")).seconds


def pipelined(hub: Hub) -> float:
    begun = time.monotonic()
    heard = exchanged(hub.port, ASKED * 1_000)
    assert set(heard.statuses) <= {200, 429}, heard
    return time.monotonic() - begun


def never_ending_body(hub: Hub) -> float:
    """Twenty that announce a gigabyte, are refused, and send it all the same."""
    worst = 0.0
    with ExitStack() as held:
        for client in opened(hub, held, 20, POST + b"Content-Length: 1000000000\r\n\r\n"):
            begun = time.monotonic()
            readable, _, _ = select.select([client], [], [], PATIENCE_SECONDS)
            assert readable
            assert read_answers(client.recv(65_536))[0] == (413,)
            worst = max(worst, time.monotonic() - begun)
            client.setblocking(False)
            try:
                client.send(b"x" * 1_000_000)
            except OSError:
                continue  # closed, or full
    return worst


def chunked_without_end(hub: Hub) -> float:
    """Ten bodies of chunks of one byte, up to the limit of a body and over it."""
    body = b"1\r\n{\r\n" * 140_000
    heard = [
        exchanged(hub.port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + body) for _ in range(2)
    ]
    assert all(each.statuses in ((413,), ()) for each in heard), heard
    return max(each.seconds for each in heard)


def other_documents(hub: Hub) -> float:
    """Three hundred different ones, each near the longest, so that the cache of them turns over."""
    worst = 0.0
    for n in range(300):
        fields = " ".join(f"f{n}_{k}: __typename" for k in range(20))
        heard = exchanged(hub.port, asked("{ " + fields + " }" + f" #{'x' * 9_000}{n}"))
        assert heard.statuses == (200,), heard
        worst = max(worst, heard.seconds)
    return worst


def garbage_tokens(hub: Hub) -> float:
    """Three hundred different tokens that are none."""
    worst = 0.0
    for n in range(300):
        signature = hub.token.rpartition(".")[0] + f".{n:086d}"
        heard = exchanged(hub.port, bearer(signature))
        assert heard.statuses == (401,), heard
        worst = max(worst, heard.seconds)
    return worst


def bad_secrets(hub: Hub) -> float:
    worst = 0.0
    refused: list[int] = []
    for n in range(200):
        heard = exchanged(hub.port, form(MACHINE + b"&a=%d" % n, b"Authorization: Basic YXBwOmI="))
        refused += heard.statuses
        worst = max(worst, heard.seconds)
    # Whoever guesses on is told to wait.
    assert refused[:10] == [401] * 10
    assert set(refused[10:]) <= {401, 429}
    assert refused.count(429) > 100
    return worst


def too_many_connections(hub: Hub) -> float:
    """Three hundred from one address: so many are kept as one address may have, and no more."""
    most = Limits().connections_per_address
    with ExitStack() as held:
        clients = opened(hub, held, 300, b"", ["127.0.1.99"])
        answered = exchanged(hub.port, asked("{ __typename }")).seconds
        until = time.monotonic() + DEADLINE_SECONDS / 2
        closed: list[socket.socket] = []
        while len(closed) < 300 - most and time.monotonic() < until:
            closed, _, _ = select.select(clients, [], [], 0.05)
        assert len(closed) == 300 - most
    return answered


STORMS = [
    Storm("connection", "500 connections that say nothing", 500, dripping(b"")),
    Storm("connection", "500 that drip headers", 500, dripping(b"POST /graphql HTTP/1.1\r\nHos")),
    Storm("connection", "500 that drip a body", 500, dripping(ASKED[:-10])),
    Storm("connection", "300 connections of one address", 300, too_many_connections),
    Storm("connection", "100 that close one half", 100, half_open),
    Storm("connection", "1,000 requests sent ahead", 1_000, pipelined),
    Storm("body", "20 gigabytes all the same", 20, never_ending_body),
    Storm("body", "140,000 chunks of one byte", 2, chunked_without_end),
    Storm("run", "40 that do not read", 40, slow_readers),
    Storm("run", "60 that do not wait", 60, gone_before_the_answer),
    Storm("parse", "300 other documents", 300, other_documents),
    Storm("tokens", "300 tokens that are none", 300, garbage_tokens),
    Storm("tokens", "200 wrong secrets", 200, bad_secrets),
]
