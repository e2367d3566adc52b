"""A data directory that cannot be used: the message names it and the way out, nothing is changed."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.data_directory import DataDirectoryProblem
from storage.embedded import EmbeddedPostgres

UNSHARE = shutil.which("unshare") or ""
ROOT = Path(__file__).resolve().parents[2]
TRY = """
import os, sys
from pathlib import Path
from storage.data_directory import DataDirectoryProblem
from storage.embedded import EmbeddedPostgres
try:
    with EmbeddedPostgres.start(Path(sys.argv[1])) as server:
        server.create_database("convoke")
        print("started")
except DataDirectoryProblem as problem:
    print(problem.message)
"""


def refusal(directory: Path) -> str:
    with pytest.raises(DataDirectoryProblem) as problem:
        EmbeddedPostgres.start(directory)
    return problem.value.message


def everything_in(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != "convoke.lock"
    }


def in_a_world(unshare: list[str], script: str, directory: Path) -> str:
    """What a shell script prints in namespaces of its own; `TRY` there starts the database."""
    done = subprocess.run(
        [UNSHARE, *unshare, "sh", "-ec", script, "sh", str(directory)],
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, "TRY": TRY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def worlds() -> None:
    """Skips where this system gives nobody a namespace: a small disk is not to be had then."""
    command = [UNSHARE, "--user", "--map-root-user", "--mount", "true"]
    if not UNSHARE or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system has no user namespaces")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A directory that every account can reach; pytest's own are for its user alone."""
    made = Path(tempfile.mkdtemp(prefix="reachable-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_a_directory_of_somebody_else_s_things_is_left_alone(tmp_path: Path) -> None:
    for name in ("photos", "letters", "taxes", "zebra"):
        (tmp_path / name).write_text("dear")
    before = everything_in(tmp_path)
    assert refusal(tmp_path) == (
        f"{tmp_path} is not a Convoke data directory: it holds letters, photos, taxes and more. "
        "Name an empty or a new directory."
    )
    assert everything_in(tmp_path) == before
    assert not (tmp_path / "convoke.lock").exists()


def test_a_disk_of_its_own_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    with EmbeddedPostgres.start(tmp_path, durable=False):
        assert (tmp_path / "postgres").is_dir()


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("dear")
    expected = f"cannot be used: {tmp_path / 'data'} is a file. Name a directory."
    assert refusal(tmp_path / "data") == f"{tmp_path / 'data'} {expected}"
    assert refusal(tmp_path / "data" / "in").endswith("is a file. Name a directory.")
    assert (tmp_path / "data").read_text() == "dear"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("19", "was made by a newer PostgreSQL (19; this Convoke runs 18). Use the Convoke that"),
        ("17", "was made by another PostgreSQL (17; this Convoke runs 18). Use the Convoke that"),
        ("", "is not a PostgreSQL database. Restore it from a backup"),
    ],
)
def test_another_postgresql_s_database_is_left_alone(
    tmp_path: Path, version: str, said: str
) -> None:
    EmbeddedPostgres.start(tmp_path, durable=False).stop()
    (tmp_path / "postgres" / "PG_VERSION").write_text(f"{version}\n")
    before = everything_in(tmp_path)
    assert f"{tmp_path / 'postgres'} {said}" in refusal(tmp_path)
    assert everything_in(tmp_path) == before


def test_a_newer_convoke_s_directory_is_left_alone(tmp_path: Path) -> None:
    EmbeddedPostgres.start(tmp_path, durable=False).stop()
    (tmp_path / "convoke.data").write_text("layout 2\nA later one.\n")
    before = everything_in(tmp_path)
    assert refusal(tmp_path) == (
        f"{tmp_path} was made by a newer Convoke (layout 2, this one knows 1). "
        "Update Convoke, or name another directory."
    )
    assert everything_in(tmp_path) == before


def test_a_damaged_mark_is_said_to_be_damaged(tmp_path: Path) -> None:
    EmbeddedPostgres.start(tmp_path, durable=False).stop()
    (tmp_path / "convoke.data").write_text("\x00\x00")
    assert f"{tmp_path / 'convoke.data'} is damaged." in refusal(tmp_path)


def test_a_damaged_database_says_where_to_read_more_and_can_be_tried_again(tmp_path: Path) -> None:
    EmbeddedPostgres.start(tmp_path, durable=False).stop()
    control = tmp_path / "postgres" / "global" / "pg_control"
    whole = control.read_bytes()
    control.write_bytes(b"")
    said = refusal(tmp_path)
    assert f"The database in {tmp_path} does not start: " in said
    assert "pg_control" in said
    assert f"(all of it is in {tmp_path / 'postgres.log'}). If it is damaged, restore" in said
    control.write_bytes(whole)
    EmbeddedPostgres.start(tmp_path, durable=False).stop()


@pytest.mark.usefixtures("worlds")
def test_a_directory_that_may_not_be_written_names_the_right_user_to_be(tmp_path: Path) -> None:
    # Known by no number in its namespace, whoever runs this has no more rights than the mode says.
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o500)
    said = in_a_world(["--user"], 'exec "$PYTHON" -B -c "$TRY" "$1"', tmp_path / "data")
    assert said == (
        f"{tmp_path / 'data'} cannot be used: no permission for "
        f"{tmp_path / 'data' / 'convoke.lock'}. "
        "Run Convoke as the user who owns it, or name another directory.\n"
    )
    (tmp_path / "data").chmod(0o000)
    said = in_a_world(["--user"], 'exec "$PYTHON" -B -c "$TRY" "$1"', tmp_path / "data")
    assert "cannot be used: no permission for" in said
    (tmp_path / "data").chmod(0o700)
    assert list((tmp_path / "data").iterdir()) == []


SMALL = ["--user", "--map-root-user", "--mount"]


@pytest.mark.usefixtures("worlds")
def test_a_disk_without_room_for_a_database_is_said_to_be_full(tmp_path: Path) -> None:
    said = in_a_world(
        SMALL,
        'mount -t tmpfs -o size=40m none "$1"; "$PYTHON" -c "$TRY" "$1/data"; ls "$1/data"',
        tmp_path,
    )
    assert said == (
        f"The disk that holds {tmp_path / 'data'} is full: 39 MB are free and 96 are needed. "
        "Make room there, or name another directory.\n"
        "convoke.data\nconvoke.lock\n"
    )


@pytest.mark.usefixtures("worlds")
def test_a_disk_that_fills_while_the_database_is_made_leaves_nothing_half_made(
    tmp_path: Path,
) -> None:
    said = in_a_world(
        SMALL,  # room enough, but for few files
        'mount -t tmpfs -o size=200m,nr_inodes=3000 none "$1"; mkdir "$1/mail"; '
        'seq 2800 | (cd "$1/mail"; xargs touch); "$PYTHON" -c "$TRY" "$1/data"; ls "$1/data"; '
        'rm -r "$1/mail"; "$PYTHON" -c "$TRY" "$1/data"',
        tmp_path,
    )
    assert said == (
        f"The disk that holds {tmp_path / 'data'} is full: no space left for the database. "
        "Make room there, or name another directory.\n"
        "convoke.data\nconvoke.lock\npostgres.log\n"
        "started\n"
    )


@pytest.mark.usefixtures("worlds")
def test_a_full_disk_stops_a_start_and_room_made_lets_it_start_again(tmp_path: Path) -> None:
    said = in_a_world(
        SMALL,
        'mount -t tmpfs -o size=150m none "$1"; "$PYTHON" -c "$TRY" "$1/data"; '
        'head -c 150m /dev/zero >"$1/film" 2>&1 || true; "$PYTHON" -c "$TRY" "$1/data"; '
        'rm "$1/film"; "$PYTHON" -c "$TRY" "$1/data"',
        tmp_path,
    )
    assert said.splitlines()[0] == "started"
    assert f"The disk that holds {tmp_path / 'data'} is full: " in said.splitlines()[-2]
    assert said.splitlines()[-1] == "started"


def without_more_namespaces(script: str, directory: Path) -> str:
    """As in a container that runs as root: all accounts are there, and namespaces are refused."""
    refuse = "echo 0 >/proc/sys/user/max_user_namespaces"
    outer = f"read mapped; exec sh -ec '{refuse}; {script}' sh \"$1\""
    with subprocess.Popen(
        [UNSHARE, "--user", "sh", "-c", outer, "sh", str(directory)],
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, "TRY": TRY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        here, there = Path("/proc/self/ns/user"), Path(f"/proc/{process.pid}/ns/user")
        while there.readlink() == here.readlink():
            assert process.poll() is None
        for which in ("uid_map", "gid_map"):
            Path(f"/proc/{process.pid}/{which}").write_text("0 0 65536")
        said, error = process.communicate("mapped\n")
    assert process.returncode == 0, error
    return said


@pytest.mark.skipif(os.geteuid() != 0, reason="is about being root")
class TestRoot:
    """PostgreSQL refuses to run as root; Convoke finds a way, or says which."""

    def test_root_s_data_stays_root_s_own_even_where_only_root_may_look(
        self, tmp_path: Path
    ) -> None:
        tmp_path.chmod(0o700)
        with EmbeddedPostgres.start(tmp_path / "data", durable=False):
            assert (tmp_path / "data" / "postgres").stat().st_uid == 0

    @pytest.mark.usefixtures("worlds")
    def test_without_namespaces_an_account_that_reaches_the_data_runs_it_ever_after(
        self, reachable: Path
    ) -> None:
        data = reachable / "data"
        said = without_more_namespaces('"$PYTHON" -c "$TRY" "$1"; stat -c %u "$1/postgres"', data)
        if "neither" in said:
            pytest.skip("the accounts postgres and nobody cannot reach this tree")
        assert said.splitlines()[0] == "started"
        owner = int(said.splitlines()[1])
        assert owner != 0
        with EmbeddedPostgres.start(data, durable=False):  # with namespaces again
            assert (data / "postgres").stat().st_uid == owner

    @pytest.mark.usefixtures("worlds")
    def test_where_there_is_no_way_the_message_says_what_to_do(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        data = tmp_path / "data"
        said = without_more_namespaces('"$PYTHON" -c "$TRY" "$1"', data)
        assert said.startswith("PostgreSQL does not run as root, this system has no user namespac")
        assert f"can reach both {data} and " in said
        assert said.endswith("or set DATABASE_URL to a server of your own.\n")
        assert not (data / "postgres").exists()
