"""What is committed says nothing of the machine it was written on, and of no secret."""

import re
from hashlib import sha256

import pytest

from tests.tree.files import MADE, ROOT, kept_files

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = re.compile("|".join((r"pypi\." + "org", "python" + "hosted", r"registry\.npm" + "js")))
MACHINE = re.compile("|".join((r"(?<![\w.])/wo" + "rk/", r"(?<![\w.])/ro" + "ot/", "/Us" + "ers/")))
HOME = re.compile(r"(?<![\w.])/ho" + r"me/(?!anna\b)")  # Anna of the tests may have one
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
# The standard text, as the Apache Software Foundation's site and thousands of packages have it.
APACHE_2 = "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"


def test_no_file_names_a_registry_a_machine_or_a_key() -> None:
    for path in kept_files():
        text = (ROOT / path).read_text("utf-8", "replace")
        for pattern in (REGISTRIES, MACHINE, HOME, PRIVATE_KEY):
            assert pattern.findall(text) == [], path


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRIES, "--index-url https://py" + "pi.org/simple"),
        (MACHINE, "see /wo" + "rk/main/domain"),
        (HOME, "open('/ho" + "me/sam/hub')"),
        (PRIVATE_KEY, "-----BEGIN PRIVATE" + " KEY-----"),
    ],
)
def test_what_may_not_be_named_is_noticed(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_what_is_made_while_running_is_not_committed() -> None:
    assert not [path for path in kept_files() if MADE & set(path.parts)]
    assert not [path for path in kept_files() if path.name in {"secret.key", ".env"}]


def test_the_licence_is_the_standard_text() -> None:
    assert sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_what_the_editor_and_ruff_believe_of_a_line_is_the_same() -> None:
    assert "max_line_length = 100" in (ROOT / ".editorconfig").read_text("utf-8")
    assert "line-length = 100" in (ROOT / "pyproject.toml").read_text("utf-8")
