"""The real hub, as its users start it, with Port Merrow in it; and what can be seen of it outside."""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from web.settings import TREE

# Deadlines are waited for, so they are short here. Every other limit is the usual one.
SECONDS = {
    "CONVOKE_LIMIT_HEADER_SECONDS": "1",
    "CONVOKE_LIMIT_BODY_SECONDS": "1",
    "CONVOKE_LIMIT_STALLED_SECONDS": "1",
    "CONVOKE_LIMIT_KEEP_ALIVE_SECONDS": "2",
}
READY_SECONDS = 300.0
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Hub:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    token: str
    ids: dict[str, str]  # of an organization, a group, an event, an alliance: one that is there

    def resident_kilobytes(self) -> int:
        """What of the process is in memory now."""
        said = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(next(line.split()[1] for line in said.splitlines() if line[:6] == "VmRSS:"))

    def logged(self) -> int:
        return self.log.stat().st_size


@contextmanager
def running_hub(directory: Path) -> Iterator[Hub]:
    """`./convoke demo` makes the city and stops; `./convoke serve` runs what is attacked."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    data, log = directory / "data", directory / "hub.log"
    with started("demo", data, port, directory / "demo.log", b"Ctrl-C stops them"):
        pass
    app = json.loads((data / "demo.json").read_text("utf-8"))["hubs"][0]["organizations"][0]
    with started("serve", data, port, log, b"Ctrl-C stops it") as process:
        token = token_of(port, app["clientId"], app["clientSecret"])
        yield Hub(port, process, log, token, ids_of(port, token))


@contextmanager
def started(
    command: str, data: Path, port: int, log: Path, ready: bytes
) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, str(TREE), command, "--data", str(data), "--port", str(port)],
            env={**os.environ, **SECONDS},
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        ) as process,
    ):
        patience = Timer(READY_SECONDS, process.kill)
        patience.start()
        try:
            assert process.stdout is not None
            said = any(ready in line for line in process.stdout)
            patience.cancel()
            assert said, log.read_text("utf-8")
            yield process
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
            assert process.returncode == 0, log.read_text("utf-8")
        finally:
            patience.cancel()
            process.kill()


def token_of(port: int, client_id: str, secret: str) -> str:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": FORM}
    told = json_of(port, "/oauth/token", "grant_type=client_credentials", headers)
    return str(told["access_token"])


def ids_of(port: int, token: str) -> dict[str, str]:
    query = """{ organizations(first: 1) { nodes { id } } groups(first: 1) { nodes { id } }
      events(first: 1) { nodes { id } pageInfo { endCursor } } alliances(first: 1) { nodes { id } } }"""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = json_of(port, "/graphql", json.dumps({"query": query}), headers)["data"]
    found = {name: page["nodes"][0]["id"] for name, page in data.items()}
    return {**found, "cursor": data["events"]["pageInfo"]["endCursor"]}


def json_of(port: int, path: str, body: str, headers: dict[str, str]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        read = answer.read()
        assert answer.status == 200, read
        return json.loads(read)
    finally:
        connection.close()
