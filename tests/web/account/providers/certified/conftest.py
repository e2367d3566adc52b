"""The provider as a process of Node.js, and a hub whose clock is the one on the wall."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.auth.lying_provider import CLIENT_ID, SECRET
from tests.npm import NODE, fetched
from web.outside import SystemClock

HERE = Path(__file__).parent


@pytest.fixture
def clock() -> SystemClock:
    """The provider has no other."""
    return SystemClock()


@pytest.fixture(scope="session")
def installed() -> Path:
    """Where its packages are; fetched where they are not yet, or not those of the lock file."""
    return fetched(HERE, "certified-provider")


@dataclass
class Certified:
    """The provider, answering at `url`."""

    url: str
    told: IO[str]
    said: IO[str]

    def may_send_to(self, address: str) -> None:
        self.told.write(f"{address}\n")
        self.told.flush()
        assert self.said.readline() == f"may send people to {address}\n"


@pytest.fixture
def certified(installed: Path) -> Iterator[Certified]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    program = [NODE, str(HERE / "provider.js"), str(installed), str(port)]
    with subprocess.Popen(
        [*program, CLIENT_ID, SECRET],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            url = f"http://localhost:{port}"
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == f"answers at {url}\n":
                    break
            assert lines[-1:] == [f"answers at {url}\n"], "".join(lines)
            yield Certified(url, process.stdin, process.stdout)
        finally:
            process.terminate()
            process.wait(30)
