"""An innocent client beside the hostile ones: what it asks, all the time, and how long it waits.

Run as a program of its own, so that it never waits for the tests: it writes a line for each
answer, when it asked and how long it waited, both in seconds of the machine's monotonic clock. It
comes from an address of its own, as another person's machine does.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ADDRESS = "127.0.0.77"
PAUSE_SECONDS = 0.001
QUERY = (
    "query Innocent { events(first: 10) { nodes { id title startsAt host { name } "
    "place { name } } pageInfo { endCursor } } }"
)


@dataclass(frozen=True)
class Innocent:
    """What the client has written so far."""

    answers: Path

    def waits(self, since: float, until: float) -> list[float]:
        """Of the requests under way in that time. The last is waited for."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            lines = self.answers.read_text("ascii").split("\n")[:-1]
            asked = [(float(line.split()[0]), float(line.split()[1])) for line in lines[-4_000:]]
            if asked and asked[-1][0] > until:
                return [wait for at, wait in asked if at + wait > since and at < until]
            time.sleep(0.005)
        raise AssertionError("The innocent client has had no answer for ten seconds.")


@contextmanager
def innocent(port: int, token: str, answers: Path) -> Iterator[Innocent]:
    with (
        answers.open("wb") as out,
        subprocess.Popen(
            [sys.executable, __file__, str(port), token], stdout=out, start_new_session=True
        ) as process,
    ):
        try:
            yield Innocent(answers)
            assert process.poll() is None, "The innocent client was refused."
        finally:
            process.kill()


def ask_for_ever(port: int, token: str) -> None:
    body = json.dumps({"query": QUERY}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client = socket.create_connection(("127.0.0.1", port), 10, (ADDRESS, 0))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        at = time.monotonic()
        client.sendall(head.encode("ascii") + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += received(client)
        told, _, rest = answer.partition(b"\r\n\r\n")
        length = int(told.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest += received(client)
        if b" 200 " not in told[:20] or b'"errors"' in rest:
            raise SystemExit(f"refused: {told!r} {rest!r}")
        sys.stdout.write(f"{at} {time.monotonic() - at}\n")
        sys.stdout.flush()
        time.sleep(PAUSE_SECONDS)


def received(client: socket.socket) -> bytes:
    more = client.recv(65_536)
    if not more:
        raise SystemExit("closed")
    return more


if __name__ == "__main__":
    ask_for_ever(int(sys.argv[1]), sys.argv[2])
