"""deploy/nightly-backup: old backups go when a new one was tried, and not before."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, require_command

DAY = 86_400
# Stands for ./convoke: notes what it is told, makes the file, and fails at what is asked of it.
CONVOKE = """#!/bin/sh
echo "$@" >> "$0.told"
[ "$2" != "$FAILS" ] || exit 1
[ "$2" != take ] || : > "$3"
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """With backups of one, thirteen and sixteen days ago, and with what is none."""
    place = tmp_path / "backups"
    place.mkdir()
    now = time.time()
    for name, days in (("convoke-1.zip", 1), ("convoke-13.zip", 13), ("convoke-16.zip", 16)):
        (place / name).touch()
        os.utime(place / name, (now, now - days * DAY))
    (place / "letters.zip").touch()
    os.utime(place / "letters.zip", (now, now - 100 * DAY))
    return place


def backed_up(place: Path, fails: str = "", days: str = "14") -> tuple[int, list[str]]:
    convoke = place.parent / "convoke"
    convoke.write_text(CONVOKE, "utf-8")
    convoke.chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "nightly-backup", place, days, convoke],
        env={"PATH": os.defpath, "FAILS": fails},
        capture_output=True,
        text=True,
        check=False,
    )
    told = convoke.with_name("convoke.told")
    return done.returncode, told.read_text("utf-8").splitlines() if told.exists() else []


def test_a_backup_is_taken_and_tried_and_then_the_old_ones_go(kept: Path) -> None:
    code, told = backed_up(kept)
    (new,) = {path.name for path in kept.iterdir()} - {
        *("convoke-1.zip", "convoke-13.zip", "letters.zip")
    }
    assert code == 0
    assert told == [f"backup take {kept / new}", f"backup verify {kept / new}"]
    for words in told:
        require_command(words.split())  # what they do is in tests/web/commands/test_backup.py


@pytest.mark.parametrize("fails", ["take", "verify"])
def test_where_one_fails_nothing_goes(kept: Path, fails: str) -> None:
    before = set(kept.iterdir())
    code, _ = backed_up(kept, fails)
    assert code == 1
    assert before <= set(kept.iterdir())


def test_days_that_are_no_number_are_refused_before_anything_is_done(kept: Path) -> None:
    before = set(kept.iterdir())
    assert backed_up(kept, days="two weeks") == (2, [])
    assert set(kept.iterdir()) == before
