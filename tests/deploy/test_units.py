"""systemd's units: they can be loaded, run commands that there are, and keep what they run apart."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, LAUNCHER, ROOT, SETTINGS, read, require_command, unit, values
from tests.docs.pages import page

SERVICES = ("convoke.service", "convoke-worker.service", "convoke-backup.service")
TIMER = "convoke-backup.timer"
ALONE = re.compile(r"Protect|Restrict|Private|NoNew|Lock|Capab|Ambient|SystemCall|RemoveIPC|UMask")


ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_systemd_takes_them(tmp_path: Path) -> None:
    assert ANALYZE is not None
    for name in (*SERVICES, TIMER):
        text = read(name).replace("/opt/convoke", str(ROOT))
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        [
            ANALYZE,
            "verify",
            "--man=no",
            *(tmp_path / name for name in (*SERVICES, TIMER)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert str(tmp_path) not in done.stderr, done.stderr  # of other units it may say something
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_a_command_that_there_is(name: str) -> None:
    lines = unit(read(name))
    started = [*values(lines, "ExecStartPre"), *values(lines, "ExecStart")]
    assert started
    for words in (line.split() for line in started):
        if words[0] == LAUNCHER:
            require_command(words[1:])
        else:
            script, directory, days, *command = words
            assert script == "/opt/convoke/deploy/nightly-backup"
            assert (ROOT / "deploy" / "nightly-backup").is_file()
            assert days.isdigit()
            assert command == [LAUNCHER]
            assert directory in values(lines, "ReadWritePaths")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_hub_s_settings_and_data(name: str) -> None:
    lines = unit(read(name))
    given = dict(each.split("=", 1) for each in values(lines, "Environment"))
    assert given.keys() - SETTINGS <= {"TMPDIR"}
    assert given["CONVOKE_DATA"] == "/var/lib/convoke"
    assert values(lines, "StateDirectory") == ["convoke"]
    assert values(lines, "EnvironmentFile") == ["/etc/convoke/environment"]
    assert values(lines, "User") == values(lines, "Group") == ["convoke"]


def test_each_service_is_kept_as_much_apart_as_the_hub() -> None:
    kept = [
        {(line.key, line.value) for line in unit(read(name)) if ALONE.match(line.key)}
        for name in SERVICES
    ]
    assert len(kept[0]) > 20
    assert kept[0] == kept[1] == kept[2]


def test_the_timer_begins_the_backup_every_night() -> None:
    lines = unit(read(TIMER))
    assert (DEPLOY / TIMER).with_suffix(".service").name in SERVICES
    assert values(lines, "OnCalendar") == ["*-*-* 03:30:00"]
    assert values(lines, "Persistent") == ["true"]
    assert values(lines, "WantedBy") == ["timers.target"]
    assert values(unit(read("convoke-backup.service")), "Type") == ["oneshot"]


def test_the_manual_makes_what_the_units_need() -> None:
    text = page("docs/operating.md").text
    assert "useradd --system --home-dir /var/lib/convoke" in text
    assert "-o convoke -g convoke /var/backups/convoke" in text
    for name in (SERVICES[0], SERVICES[2], TIMER):
        assert f"deploy/{name}" in text
