"""Makes `.venv` hold what a requirements file pins; run by ./convoke, before anything is installed.

`python3.11 -I web/install.py ROOT requirements.txt`: the standard library only, and nothing of
ours. An interrupted run leaves `.venv/unfinished`, and the next one starts over. Two at once take
turns (flock, which ends with its holder). `.venv/installed-*` are copies of what was installed:
./convoke compares them at each start, so that a second start costs nothing.
"""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PINNED = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
QUIET = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
WAYS_OUT = {
    "No space left on device": "The disk is full: make room, then run the same command again.",
    "No matching distribution": "Convoke's parts come ready-made for Linux (glibc) and macOS, on "
    "x86-64 and ARM; the part above has none for this system, or the package index lacks it.",
    "DO NOT MATCH THE HASHES": "The package index answered with something other than what is "
    "pinned. Nothing was installed. Check which index pip uses (pip config list).",
}
CHECK_NETWORK = (
    "Check the network and pip's own settings (pip config list), then run the same again."
)


class InstallError(Exception):
    """What pip or venv said, and what to do about it."""


def main(root: Path, requirements: str) -> int:
    say = Progress(sys.stderr.isatty())
    try:
        with one_at_a_time(root, say):
            if not is_installed(root, requirements):
                install(root, requirements, say)
    except InstallError as failure:
        say.end(f"convoke: {failure}")
        return 1
    except OSError as error:
        say.end(f"convoke: cannot prepare {root / '.venv'}: {error}")
        return 1
    except KeyboardInterrupt:
        say.end("convoke: interrupted. The next run starts over.")
        return 130
    return 0


class Progress:
    """On a terminal one line that changes; elsewhere a line for each step."""

    def __init__(self, on_a_terminal: bool) -> None:
        self._on_a_terminal = on_a_terminal
        self._width = max(20, shutil.get_terminal_size().columns - 1)

    def step(self, text: str) -> None:
        if self._on_a_terminal:
            self._write(f"\r\033[K{text[: self._width]}")
        else:
            self._write(f"{text}\n")

    def detail(self, text: str) -> None:
        if self._on_a_terminal:
            self.step(text)

    def end(self, text: str) -> None:
        self._write(f"\r\033[K{text}\n" if self._on_a_terminal else f"{text}\n")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def one_at_a_time(root: Path, say: Progress) -> Iterator[None]:
    (root / ".convoke").mkdir(exist_ok=True)
    with (root / ".convoke" / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say.step("Another ./convoke is preparing .venv: waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_installed(root: Path, requirements: str) -> bool:
    venv = root / ".venv"
    copy = venv / f"installed-{requirements}"
    return (
        (venv / "bin" / "python").exists()
        and not (venv / "unfinished").exists()
        and copy.exists()
        and copy.read_bytes() == (root / requirements).read_bytes()
    )


def install(root: Path, requirements: str, say: Progress) -> None:
    venv = root / ".venv"
    wanted = (root / requirements).read_bytes()
    count = wanted.count(b"==")
    first = not is_sound(venv)
    say.step(
        f"Preparing Convoke{' for the first time' if first else ''}: "
        f"{count} pinned packages into .venv ..."
    )
    if first:
        if venv.exists():
            shutil.rmtree(venv)
        venv.mkdir()
    (venv / "unfinished").touch()
    if first:
        say.detail("Preparing Convoke: a virtual environment ...")
        run([sys.executable, "-I", "-m", "venv", str(venv)])
    pip = [str(venv / "bin" / "python"), "-I", "-m", "pip", "install", *PINNED, *QUIET]
    collected = 0
    for line in lines_of([*pip, "-r", str(root / requirements)]):
        if line.startswith("Collecting "):
            collected += 1
            name = line.removeprefix("Collecting ").split("==")[0]
            say.detail(f"Preparing Convoke: {collected} of {count}, {name} ...")
        elif line.startswith("Installing collected packages"):
            say.step("Preparing Convoke: unpacking ...")
    (venv / f"installed-{requirements}").write_bytes(wanted)
    if requirements == "requirements-dev.txt":  # it holds what is run on as well
        plain = (root / "requirements.txt").read_bytes()
        (venv / "installed-requirements.txt").write_bytes(plain)
    (venv / "unfinished").unlink()
    say.end("Convoke is ready.")


def is_sound(venv: Path) -> bool:
    """Whether it can be built upon: whole, and made by a Python that is there and will do."""
    python = venv / "bin" / "python"
    if (venv / "unfinished").exists() or not python.exists():
        return False
    look = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))"
    done = subprocess.run([python, "-I", "-c", look], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def run(command: list[str]) -> None:
    for _line in lines_of(command):
        continue


def lines_of(command: list[str]) -> Iterator[str]:
    """What it says, line by line; InstallError with the end of it when it fails."""
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 - venv or pip
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            text = line.rstrip()
            if text and not text.startswith("WARNING:"):
                said.append(text)
            yield text
    if process.returncode != 0:
        whole = "\n".join(said)
        way_out = next((w for sign, w in WAYS_OUT.items() if sign in whole), CHECK_NETWORK)
        end = "\n".join(f"  {text}" for text in said[-12:])
        raise InstallError(f"could not prepare .venv. The last it said:\n{end}\n{way_out}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
