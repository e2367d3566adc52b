"""A hub that is told to stop lets what is running end, and tells whoever sends requests here first."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from web.settings import TREE

BODY = json.dumps({"query": "{ __typename }"}).encode()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("migrated") / "data"
    command = [sys.executable, str(TREE), "migrate", "--data", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.fixture
def data(tmp_path: Path, migrated: Path) -> Path:
    shutil.copytree(migrated, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
    return number


@contextmanager
def serving(
    data: Path, port: int, *options: str, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(TREE), "serve", "--data", str(data), "--port", str(port)]
    with subprocess.Popen(
        [*command, *options],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            stream = process.stderr if settings.get("CONVOKE_LOG") == "json" else process.stdout
            assert stream is not None
            for line in stream:
                if "Ctrl-C stops it." in line:
                    break
            yield process
        finally:
            process.kill()


def got(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def begun(port: int) -> socket.socket:
    """A request whose body is still to come, and which is being worked on."""
    slow = socket.create_connection(("127.0.0.1", port), timeout=10)
    slow.sendall(
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    )
    assert slow.recv(1024).startswith(b"HTTP/1.1 100 ")
    return slow


def until_refused(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
    raise AssertionError("It still takes connections.")


def test_who_sends_requests_here_hears_first_and_what_is_running_ends(
    data: Path, port: int
) -> None:
    with serving(data, port, CONVOKE_DRAIN_SECONDS="2") as hub, begun(port) as slow:
        assert got(port, "/readyz")[0] == 200
        hub.terminate()
        while (answer := got(port, "/readyz"))[0] == 200:
            continue
        assert answer[0] == 503
        assert b'"leaving"' in answer[1]
        assert got(port, "/healthz")[0] == 200  # requests that still come are answered
        until_refused(port)
        slow.sendall(BODY)
        received = b"".join(iter(lambda: slow.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 200 ")
        out, err = hub.communicate(timeout=30)
    assert (hub.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")


def test_ctrl_c_waits_for_nobody_to_hear(data: Path, port: int) -> None:
    with serving(data, port, CONVOKE_DRAIN_SECONDS="600") as hub:
        hub.send_signal(signal.SIGINT)
        out, err = hub.communicate(timeout=30)
    assert (hub.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")


def test_told_twice_a_hub_leaves_at_once(data: Path, port: int) -> None:
    with serving(data, port, CONVOKE_DRAIN_SECONDS="600") as hub, begun(port) as slow:
        hub.terminate()
        while got(port, "/readyz")[0] == 200:
            continue
        hub.terminate()
        hub.communicate(timeout=8)  # and the slow one has ten seconds otherwise
        assert not slow.recv(1024).startswith(b"HTTP/1.1 200 ")
    assert hub.returncode == 0


def test_several_processes_tell_one_sum_and_drain_together(data: Path, port: int) -> None:
    with serving(data, port, "--workers", "2", CONVOKE_DRAIN_SECONDS="1") as hub:
        for _ in range(40):
            got(port, "/healthz")
        counted = 'convoke_http_request_seconds_count{method="GET",route="/healthz",status="200"} '
        deadline = time.monotonic() + 20  # each process hands over what it counted once a second
        while f"{counted}40.0\n" not in (told := got(port, "/metrics")[1].decode()):
            assert time.monotonic() < deadline, told
        assert "\nconvoke_processes 2.0\n" in told
        hub.terminate()
        out, err = hub.communicate(timeout=40)
    assert (hub.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")


def test_in_json_everything_is(data: Path, port: int) -> None:
    with serving(data, port, CONVOKE_LOG="json") as hub:
        assert got(port, "/healthz")[0] == 200
        hub.terminate()
        out, err = hub.communicate(timeout=30)
    assert (hub.returncode, out) == (0, "")
    entries = [json.loads(line) for line in err.splitlines()]
    assert entries[-1]["message"] == "Stopped."
    assert [each["route"] for each in entries if "route" in each] == ["/healthz"]
