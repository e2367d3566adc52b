"""./convoke itself: from nothing but Python to a running command, and in no time ever after."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from web.settings import TREE

OVERVIEW = "Usage: ./convoke COMMAND [OPTIONS]"
READY = "Convoke is ready.\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny package to pin: neither an index nor a network is needed."""
    path = tmp_path_factory.mktemp("wheels") / "friendly-1.0-py3-none-any.whl"
    info = "friendly-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("friendly.py", "word = 'hello'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: friendly\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def clone(tmp_path: Path, wheel: Path) -> Path:
    """A copy of what the launcher runs, in a place with spaces, with one package pinned."""
    clone = tmp_path / "a clone of ours"
    for folder in ("web", "domain"):
        shutil.copytree(TREE / folder, clone / folder)
    for file in ("convoke", "__main__.py"):
        shutil.copy(TREE / file, clone / file)
    (clone / "requirements.txt").write_text(pinned(hashlib.sha256(wheel.read_bytes()).hexdigest()))
    return clone


def pinned(digest: str) -> str:
    return f"friendly==1.0 \\\n    --hash=sha256:{digest}\n"


def surroundings(wheel: Path, **more: str) -> dict[str, str]:
    """Those of a user whose pip looks in one folder alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    pip = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(wheel.parent)}
    return {**kept, **pip, **more}


def begun(clone: Path, wheel: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [clone / "convoke", *arguments],
        cwd="/",
        env=surroundings(wheel, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(clone: Path, wheel: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    """Exit code, output and complaints of ./convoke, started from anywhere."""
    with begun(clone, wheel, *arguments, **more) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_first_start_prepares_everything_and_later_ones_only_what_changed(
    clone: Path, wheel: Path
) -> None:
    code, out, err = run(clone, wheel)
    assert (code, OVERVIEW in out) == (0, True)
    assert err.startswith("Preparing Convoke for the first time: 1 pinned packages into .venv")
    assert err.endswith(READY)
    assert list((clone / ".venv" / "lib").glob("python3.*/site-packages/friendly.py"))

    assert run(clone, wheel, "--help") == (0, out, "")

    requirements = clone / "requirements.txt"
    requirements.write_text(requirements.read_text() + "# looked at once more\n")
    code, again, err = run(clone, wheel)
    assert (code, again) == (0, out)
    assert err.startswith("Preparing Convoke: 1 pinned packages")
    assert run(clone, wheel) == (0, out, "")


def test_a_second_start_takes_well_under_a_second_through_a_link_too(
    clone: Path, wheel: Path, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "convoke").symlink_to("../a clone of ours/convoke")
    code, out, _ = run(tmp_path / "bin", wheel)
    assert (code, OVERVIEW in out) == (0, True)
    assert not (tmp_path / "bin" / ".venv").exists()
    took = []
    for _ in range(5):
        before = time.monotonic()
        run(clone, wheel, "--help")
        took.append(time.monotonic() - before)
    assert min(took) < 0.7


def test_an_interrupted_start_is_begun_anew_by_the_next(clone: Path, wheel: Path) -> None:
    with begun(clone, wheel) as process:
        while not (clone / ".venv" / "unfinished").exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode in {130, -signal.SIGINT}  # as the system's sh takes it
    assert err.endswith("convoke: interrupted. The next run starts over.\n")
    (clone / ".venv" / "left-behind").touch()

    code, out, err = run(clone, wheel)
    assert (code, OVERVIEW in out) == (0, True)
    assert err.startswith("Preparing Convoke for the first time")
    assert not (clone / ".venv" / "left-behind").exists()


def test_a_start_killed_half_way_is_begun_anew_by_the_next(clone: Path, wheel: Path) -> None:
    with begun(clone, wheel) as process:
        while not (clone / ".venv" / "bin" / "python").exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
    code, out, _ = run(clone, wheel)
    assert (code, OVERVIEW in out) == (0, True)


def test_two_first_starts_at_once_take_turns(clone: Path, wheel: Path) -> None:
    with begun(clone, wheel) as first, begun(clone, wheel) as second:
        ends = [process.communicate(timeout=60) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert all(OVERVIEW in out for out, _ in ends)
    complaints = sorted(err for _, err in ends)
    assert complaints[0] == "Another ./convoke is preparing .venv: waiting for it ...\n"
    assert complaints[1].endswith(READY)


def test_a_package_that_is_not_what_was_pinned_is_not_installed(clone: Path, wheel: Path) -> None:
    (clone / "requirements.txt").write_text(pinned("0" * 64))
    code, out, err = run(clone, wheel)
    assert (code, out) == (1, "")
    assert "convoke: could not prepare .venv. The last it said:" in err
    assert err.endswith(
        "The package index answered with something other than what is pinned. Nothing was "
        "installed. Check which index pip uses (pip config list).\n"
    )
    assert not list((clone / ".venv" / "lib").glob("python3.*/site-packages/friendly*"))
    assert not (clone / ".venv" / "installed-requirements.txt").exists()


def test_without_a_python_that_will_do_the_message_says_which_will(
    clone: Path, wheel: Path, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "cmp"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    code, out, err = run(clone, wheel, PATH=str(tmp_path / "bin"))
    assert (code, out) == (1, "")
    assert err == (
        "convoke: Python 3.11, 3.12 or 3.13 is needed, and none is on your PATH\n"
        "(python3 is missing). See python.org/downloads\n"
    )
    assert not (clone / ".venv").exists()


def test_how_to_run_the_checks_is_told_without_preparing_them(clone: Path, wheel: Path) -> None:
    code, out, err = run(clone, wheel, "test", "--help")
    assert (code, err) == (0, "")
    assert out.startswith("Usage: ./convoke test [ARGUMENTS FOR PYTEST]")
    assert not (clone / ".venv").exists()
