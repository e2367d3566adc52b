"""deploy/supergraph/run, where something is missing: it says what, and leaves nothing running."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from tests.supergraph.conftest import DEPLOYED, LONGEST_SECONDS


def started(hub: str, file: Path) -> subprocess.CompletedProcess[str]:
    given = ["--hub", hub, "--port", "0", "--carpools-port", "0", "--file", str(file)]
    return subprocess.run(
        [DEPLOYED / "run", *given],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )


class _Shop(BaseHTTPRequestHandler):
    """Something that listens, and is no hub."""

    def do_POST(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@contextmanager
def shop() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Shop) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_without_a_hub_it_says_so(tmp_path: Path) -> None:
    with shop() as url:
        nobody_s = url
    done = started(nobody_s, tmp_path / "carpools.sqlite3")
    assert done.returncode == 1
    assert f"{nobody_s}/subgraph does not answer" in done.stderr
    assert done.stderr.rstrip().endswith("--hub says which hub it is; it must be running.")
    assert "One graph" not in done.stdout


def test_with_something_else_than_a_hub_it_says_so(tmp_path: Path) -> None:
    with shop() as url:
        done = started(url, tmp_path / "carpools.sqlite3")
    assert done.returncode == 1
    assert f"{url}/subgraph is no subgraph" in done.stderr


def test_it_says_what_may_be_given() -> None:
    done = subprocess.run(
        [DEPLOYED / "run", "--help"], capture_output=True, text=True, check=True, timeout=30
    )
    for option in ("--hub", "--port", "--carpools-port", "--file"):
        assert option in done.stdout
