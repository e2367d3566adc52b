"""./convoke serve: it starts only on what it can work with, and leaves in good order."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.embedded import EmbeddedPostgres, is_running
from web.settings import TREE

BODY = json.dumps({"query": "{ __typename }"}).encode()
ANSWER = {"data": {"__typename": "Query"}}


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
    return number


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("migrated") / "data"
    subprocess.run(command("migrate", made), check=True, capture_output=True)
    return made


@pytest.fixture
def data(tmp_path: Path, migrated: Path) -> Path:
    """A data directory whose tables are those of this Convoke."""
    shutil.copytree(migrated, tmp_path / "data")
    return tmp_path / "data"


def command(name: str, data: Path, *options: str) -> list[str]:
    return [sys.executable, str(TREE), name, "--data", str(data), *options]


@contextmanager
def serving(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command("serve", data, "--port", str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line == f"Convoke hub answers at http://localhost:{port}/graphql\n":
                    break
            yield process
        finally:
            process.kill()


def refused(data: Path, port: int, **surroundings: str) -> tuple[int, str, str]:
    done = subprocess.run(
        command("serve", data, "--port", str(port)),
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def asked(port: int) -> object:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/graphql", BODY, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_hub_answers_until_it_is_told_to_stop_and_ends_what_it_began(
    data: Path, port: int, number: signal.Signals
) -> None:
    with serving(data, port) as hub:
        assert asked(port) == ANSWER
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(
                b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nExpect: 100-continue\r\n"
                b"Content-Length: %d\r\n\r\n" % len(BODY)
            )
            assert slow.recv(1024).startswith(b"HTTP/1.1 100 ")  # it is being worked on
            os.killpg(hub.pid, number)
            slow.sendall(BODY)
            received = b"".join(iter(lambda: slow.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 200 ")
        assert json.loads(received.partition(b"\r\n\r\n")[2]) == ANSWER
        out, err = hub.communicate(timeout=30)
    assert (hub.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")
    assert not is_running(data)


def test_a_killed_hub_starts_again_with_its_data_and_its_secret(data: Path, port: int) -> None:
    with serving(data, port) as hub:
        secret = (data / "secret.key").read_bytes()
        hub.kill()
    with serving(data, port):
        assert asked(port) == ANSWER
        assert (data / "secret.key").read_bytes() == secret


def test_a_hub_does_not_start_on_tables_that_are_not_its_own(tmp_path: Path, port: int) -> None:
    code, out, err = refused(tmp_path / "data", port)
    assert (code, out) == (3, "")
    assert err.startswith("convoke: The database has no tables yet; this Convoke works with 0")
    assert err.endswith(". Run: ./convoke migrate\n")


def test_a_port_in_use_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = refused(tmp_path / "data", port)
    assert (code, out) == (1, "")
    assert err == (
        f"convoke: Port {port} is in use. Choose another with --port, or stop what listens there.\n"
    )
    assert not (tmp_path / "data").exists()


def test_one_data_directory_has_one_hub(data: Path, port: int) -> None:
    with serving(data, port) as hub, socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
        other.close()
        code, _, err = refused(data, free)
        assert code == 4
        assert f"{data} is in use by another Convoke (process {hub.pid})." in err
        assert asked(port) == ANSWER


def test_a_hub_on_a_server_of_its_owner_s_wants_a_secret_to_go_with_it(
    data: Path, port: int
) -> None:
    with EmbeddedPostgres.start(data, durable=False) as server:
        code, out, err = refused(data, port, DATABASE_URL=server.url())
        assert (code, out) == (1, "")
        assert err.startswith("convoke: With DATABASE_URL, set CONVOKE_SECRET_KEY too, to the same")
    assert not (data / "secret.key").exists()
