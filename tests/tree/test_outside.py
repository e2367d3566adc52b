"""Time, chance, the network and the environment come in by one door each.

Ruff's banned-api (pyproject.toml) refuses the usual ways past the doors, and is seen to. What it
has no rule for is looked for here, in every module.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree.files import PACKAGES, ROOT, Module, copied, modules, modules_under

SYSTEM = Path("web/outside.py")  # the real clock and the real chance
SETTINGS = Path("web/settings.py")
TIME_AND_CHANCE = {
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.urandom",
    "os.getrandom",
}
CHANCE_MODULES = {"random", "secrets", "uuid"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}
NETWORK = {
    "urllib.request",
    "http.client",
    "ftplib",
    "smtplib",
    "asyncio.open_connection",
    "socket.create_connection",
}
WRONG = (
    "import time\n\ntime.time()\n",
    "from time import time as now\n\nnow()\n",
    "import datetime\n\ndatetime.datetime.now(datetime.UTC)\n",
    "from datetime import UTC, datetime\n\ndatetime.now(UTC)\n",
    "from datetime import date\n\ndate.today()\n",
    "import uuid\n\nuuid.uuid4()\n",
    "import random\n\nrandom.random()\n",
    "from random import choice\n\nchoice([1])\n",
    "import secrets\n\nsecrets.token_bytes(16)\n",
    "import os\n\nos.urandom(16)\n",
    "from urllib import request\n\nrequest.urlopen\n",
    "from http.client import HTTPSConnection\n\nHTTPSConnection\n",
    "import requests\n\nrequests.get\n",
)


def refused(tree: Path) -> str:
    """What ruff says of the tree under TID251, the project's configuration in force."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
    done = subprocess.run(
        [*command, "--select=TID251", "."], cwd=tree, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def test_a_layer_that_helps_itself_to_time_chance_or_the_network_is_caught(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    assert "TID251" not in refused(tree)
    wrong = [(package, number) for package in PACKAGES for number in range(len(WRONG))]
    for package, number in wrong:
        (tree / package / f"wrong_{number}.py").write_text(WRONG[number], "utf-8")
    said = refused(tree)
    for package, number in wrong:
        place = rf"^{package}/wrong_{number}\.py:[0-9:]+ TID251 "
        assert re.search(place, said, re.MULTILINE), f"{package}: {WRONG[number]}"


def used(module: Module, names: set[str]) -> set[str]:
    return {name for name in module.read_names() | module.imported() if name in names}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import os\nos.getrandom(8)", TIME_AND_CHANCE),
        ("from time import time_ns\ntime_ns()", TIME_AND_CHANCE),
        ("import datetime as d\nd.datetime.now()", TIME_AND_CHANCE),
        ("from secrets import choice", CHANCE_MODULES),
        ("def f():\n    import random", CHANCE_MODULES),
        ("from os import environ", ENVIRONMENT),
        ("import os\nprint(os.environ['HOME'])", ENVIRONMENT),
        ("import asyncio\nasyncio.open_connection('a', 1)", NETWORK),
    ],
)
def test_the_search_below_finds_what_it_looks_for(
    tmp_path: Path, text: str, names: set[str]
) -> None:
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "wrong.py").write_text(text, "utf-8")
    (module,) = modules_under(tmp_path, "domain")
    assert used(module, names)


def test_nobody_else_asks_the_machine_for_the_time_or_for_chance() -> None:
    for module in modules():
        if module.path != SYSTEM:
            assert not used(module, TIME_AND_CHANCE | CHANCE_MODULES), module.path


def test_nobody_silences_the_rule() -> None:
    for module in modules():
        silenced = [line for line in module.text.splitlines() if "noqa" in line and "TID2" in line]
        assert not silenced, module.path


def test_only_the_settings_read_the_environment() -> None:
    for module in modules():
        if module.path != SETTINGS:
            assert not used(module, ENVIRONMENT), f"{module.path}: take it from Settings."


def test_nobody_opens_a_connection_past_the_door() -> None:
    for module in modules():
        if module.path != Path("federation/client.py"):
            assert not used(module, NETWORK), f"{module.path}: ask federation/client.py."


def test_importing_the_service_starts_nothing() -> None:
    """No thread, no child, no connection, no file of data: importing reads code."""
    look = (
        "import threading, socket, subprocess, sys\n"
        "def never(*_, **__): raise SystemExit('a connection or a child at import')\n"
        "socket.socket.connect = never\n"
        "subprocess.Popen.__init__ = never\n"
        "import web.app, web.commands, web.serving\n"
        "sys.exit(f'{threading.active_count()} threads' if threading.active_count() > 1 else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
