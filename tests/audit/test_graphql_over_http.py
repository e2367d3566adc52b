"""The audits of GraphQL over HTTP, as the graphql-http package has them, against a running hub.

They are a program of Node.js, which the checks' requirements bring along; the two packages it
needs are put into `.venv`, as `package-lock.json` names them.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.npm import NODE, fetched
from web.settings import TREE

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def installed() -> Path:
    """Where the audits are; fetched where they are not yet, or not those of the lock file."""
    return fetched(HERE, "audits")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a hub that `./convoke serve` runs."""
    data = tmp_path_factory.mktemp("audited") / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    convoke = [sys.executable, str(TREE)]
    subprocess.run([*convoke, "migrate", "--data", str(data)], check=True, capture_output=True)
    with subprocess.Popen(
        [*convoke, "serve", "--data", str(data), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any("Ctrl-C stops it" in line for line in process.stdout)
            yield f"http://127.0.0.1:{port}/graphql"
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def results(installed: Path, address: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [NODE, str(HERE / "audit.js"), str(installed), address],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_no_must_and_no_should_of_the_audits_fails(results: list[dict[str, Any]]) -> None:
    assert len(results) >= 60
    failed = {each["name"]: each["reason"] for each in results if each["status"] != "ok"}
    binding = {name: why for name, why in failed.items() if not name.startswith("MAY ")}
    assert binding == {}


def test_nothing_that_an_audit_would_like_is_missing(results: list[dict[str, Any]]) -> None:
    noticed = {each["name"]: each["reason"] for each in results if each["status"] == "notice"}
    assert noticed == {}


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (HERE / "package-lock.json").read_text("utf-8")
