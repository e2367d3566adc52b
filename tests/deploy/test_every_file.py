"""Each file of deploy/ can be read, and names settings and images that there are."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.files import (
    DEPLOY,
    SETTINGS,
    compose,
    documents,
    every_file,
    image,
    image_environment,
    instructions,
    kinds,
    unit,
)
from web.settings import read_settings

NAMED = re.compile(r"\b(?:CONVOKE_[A-Z_]*[A-Z]|DATABASE_[A-Z_]*URL)\b")
READERS: dict[str, Callable[[str], object]] = {
    ".yaml": documents,
    ".yml": documents,
    ".json": json.loads,
    ".service": unit,
    ".timer": unit,
    "Dockerfile": instructions,
}
# Read by their own tests, by a shell that runs them, or by people.
OTHERS = {".md", ".conf", ".dockerignore", ".gitignore", "Caddyfile"}
SCRIPTS = {"with-secrets", "nightly-backup"}


def kind(path: Path) -> str:
    return path.suffix or path.name


@pytest.mark.parametrize("path", every_file(), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_it_can_be_read_and_names_settings_that_there_are(path: Path) -> None:
    text = path.read_text("utf-8")
    if kind(path) in READERS:
        assert READERS[kind(path)](text)
    elif path.name in SCRIPTS:
        assert text.startswith("#!/bin/sh\n")
        assert path.stat().st_mode & stat.S_IXUSR
    else:
        assert kind(path) in OTHERS, f"{path.name}: who reads it?"
    assert set(NAMED.findall(text)) <= SETTINGS


def test_a_setting_that_there_is_not_is_noticed() -> None:
    assert not set(NAMED.findall("Environment=CONVOKE_WROKERS=2")) <= SETTINGS


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (documents, "a: [1\n"),
        (documents, "a: 1\na: 2\n"),
        (unit, "[Service]\nExecStart\n"),
        (unit, "User=convoke\n"),
        (instructions, "FORM python\n"),
        (instructions, "FROM a\nADD . .\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_noticed(reader: Callable[[str], object], text: str) -> None:
    with pytest.raises(Exception, match=r"."):
        reader(text)


def images() -> list[str]:
    found = [rest.split()[0] for name, rest in image() if name == "FROM"]
    found += [service["image"] for service in compose()["services"].values()]
    return found


def test_every_image_has_a_tag_and_no_address() -> None:
    for name in images():
        assert re.fullmatch(r"[a-z]+:[0-9][a-z0-9.-]*", name), name


def test_the_image_has_the_version_of_the_project() -> None:
    (version,) = re.findall(
        r'^version = "(.*)"$', (DEPLOY.parent / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    ours = {name for name in images() if name.startswith("convoke:")}
    assert ours == {f"convoke:{version}"}
    (made,) = (found for _, found in kinds("kustomization.yaml"))
    assert made["images"][0] | {"newName": ""} == {
        "name": "convoke",
        "newName": "",
        "newTag": version,
    }


def test_what_a_process_is_given_are_settings_that_it_takes() -> None:
    """With what an operator fills in: the names of compose.yaml's own, and the secrets."""
    secrets = {
        "DATABASE_URL": "postgresql://convoke:word@database:5432/convoke?sslmode=require",
        "CONVOKE_SECRET_KEY": "0" * 64,
        "CONVOKE_METRICS_TOKEN": "0" * 48,
        "CONVOKE_SMTP_URL": "",
    }
    filled = {"CONVOKE_BASE_URL": "https://hub.example", "CONVOKE_HUB_NAME": "Example hub"}
    for service in compose()["services"].values():
        if service["image"].startswith("convoke:"):
            found = read_settings({**service["environment"], **BLANK, **filled, **secrets})
            assert not found.worker_inside
            assert set(service["secrets"]) == set(secrets)
    ((_, settings),) = kinds("settings.yaml")
    found = read_settings({**settings["data"], **secrets})
    assert (found.worker_inside, found.log_json) == (False, True)
    assert read_settings(CONVOKE_ENVIRONMENT).port == 8000


BLANK = {"CONVOKE_MAIL_FROM": "", "CONVOKE_OPERATOR": ""}
CONVOKE_ENVIRONMENT = {
    name: value for name, value in image_environment().items() if name in SETTINGS
}
