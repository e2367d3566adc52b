"""Our folders' names are ours: nothing that is installed answers to them."""

import sys
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.tree.files import PACKAGES, ROOT

OURS = (*PACKAGES, "tests", "deploy", "docs")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_folder_of_ours_is_what_its_name_imports(name: str) -> None:
    module = import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__) == ROOT / name / "__init__.py"


@pytest.mark.parametrize("name", OURS)
def test_no_installed_package_has_a_name_of_ours(name: str) -> None:
    """There are packages called `schema`, `auth` and `federation`; a dependency may bring one."""
    assert name not in packages_distributions()
    assert name not in sys.stdlib_module_names


def test_convoke_itself_is_not_installed() -> None:
    """It is run from its tree: an installed copy would be the one that is imported."""
    assert "[build-system]" not in (ROOT / "pyproject.toml").read_text("utf-8")
    site_packages = [Path(place) for place in sys.path if place.endswith("site-packages")]
    assert site_packages
    for place in site_packages:
        assert not [link for link in place.glob("*.pth") if str(ROOT) in link.read_text("utf-8")]
        assert not list(place.glob("convoke_hub-*"))
