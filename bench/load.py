"""The load: a process of its own that asks as fast as it is answered, and says how that went.

`python -m bench.load` reads orders (a JSON object in a line) and answers each with a `Told`. A
connection sends its next request when the answer to the last is there in full; so many
connections, so many requests under way.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import httptools
import uvloop

HEADERS = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    "Accept: application/json\r\nContent-Length: {length}\r\n\r\n"
)
PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Order:
    """`bodies` is a file with a body in each line, which each connection goes through from a
    place of its own, again and again, for so many seconds. Where `requests` are given, so many are
    sent, one line after the other."""

    port: int
    path: str
    bodies: str
    connections: int
    seconds: float
    seed: int = 0
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """`errors`: answers other than 200, or with errors in them, and connections that broke off.
    Times are in microseconds."""

    requests: int
    errors: int
    seconds: float
    bytes: int
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class Asking:
    """What the connections of an order share."""

    def __init__(self, order: Order, requests: list[bytes]) -> None:
        self.order = order
        self.requests = requests
        self.until = perf_counter() + order.seconds
        self.left = order.requests
        self.together = cycle(requests)
        self.took: list[float] = []
        self.errors = 0
        self.bytes = 0

    def in_turn(self, number: int) -> Iterator[bytes]:
        if self.left is not None:
            return self.together
        begin = random.Random(self.order.seed * 1000 + number).randrange(len(self.requests))
        return islice(cycle(self.requests), begin, None)

    def is_over(self) -> bool:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return True
        return perf_counter() >= self.until


class Connection(asyncio.Protocol):
    """One request after another. httptools calls the methods whose names begin with on_."""

    def __init__(self, asking: Asking, number: int, done: "asyncio.Future[None]") -> None:
        self.asking = asking
        self.bodies = asking.in_turn(number)
        self.done = done
        self.parser = httptools.HttpResponseParser(self)
        self.began = 0.0
        self.went_wrong = self.is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self.ask()

    def ask(self) -> None:
        if self.asking.is_over():
            self.is_over = True
            self.transport.close()
            return
        self.went_wrong = False
        request = next(self.bodies)
        self.began = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.asking.bytes += len(data)
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if b'"errors"' in body:
            self.went_wrong = True

    def on_message_complete(self) -> None:
        self.asking.took.append(perf_counter() - self.began)
        if self.went_wrong or self.parser.get_status_code() != 200:
            self.asking.errors += 1
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_over or exc is not None:
            self.asking.errors += 1
        if not self.done.done():
            self.done.set_result(None)


async def asked(order: Order, requests: list[bytes]) -> Told:
    loop = asyncio.get_running_loop()
    asking = Asking(order, requests)
    began = perf_counter()
    every: list[asyncio.Future[None]] = []
    for number in range(order.connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(
            lambda number=number, done=done: Connection(asking, number, done),  # type: ignore[misc]
            "127.0.0.1",
            order.port,
        )
        every.append(done)
    _, waiting = await asyncio.wait(every, timeout=order.seconds + PATIENCE_SECONDS)
    took = sorted(asking.took)
    return Told(
        requests=len(took),
        errors=asking.errors + len(waiting),
        seconds=perf_counter() - began,
        bytes=asking.bytes,
        p50=part_of(took, 0.50) * 1e6,
        p99=part_of(took, 0.99) * 1e6,
    )


def part_of(in_order: list[float], part: float) -> float:
    return in_order[min(len(in_order) - 1, int(len(in_order) * part))] if in_order else 0.0


def requests_of(order: Order) -> list[bytes]:
    bodies = Path(order.bodies).read_bytes().splitlines()
    return [
        HEADERS.format(path=order.path, port=order.port, length=len(body)).encode() + body
        for body in bodies
    ]


def main() -> None:
    """The requests of an order are put together once, before the time runs."""
    kept: dict[Any, list[bytes]] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            order = Order(**json.loads(line))
            key = (order.port, order.path, order.bodies)
            if order.requests is not None:
                kept.clear()  # they are sent once
            if key not in kept:
                kept[key] = requests_of(order)
            told = runner.run(asked(order, kept[key]))
            sys.stdout.write(json.dumps(asdict(told)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
