"""The machine and the programs that figures were taken on: without them a figure says nothing."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import ROOT


@dataclass(frozen=True, slots=True)
class Machine:
    """In the words of a table."""

    processor: str
    processors: int
    memory: str
    system: str
    python: str
    postgres: str
    day: str
    commit: str


def this_machine(postgres: str) -> Machine:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        processor=processor(),
        processors=len(os.sched_getaffinity(0)),
        memory=f"{memory / 2**30:.0f} GiB",
        system=f"{distribution()}, {platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=postgres,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        commit=commit(),
    )


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "a Linux without a name"


def commit() -> str:
    """With a + where the tree holds what is not committed."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return "not known"

    def said(*words: str) -> str:
        done = subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = said("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return said("rev-parse", "--short", "HEAD") + ("+" if changed else "")
