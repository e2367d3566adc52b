"""The page of attacks names tests that exist, and each of this folder."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "attacks.md"
_TEST = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)


def defined_in(folder: Path) -> set[str]:
    return {
        name
        for path in folder.rglob("test_*.py")
        for name in _TEST.findall(path.read_text("utf-8"))
    }


def test_the_page_of_attacks_names_every_test_and_none_that_is_not_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text("utf-8")))
    assert named - defined_in(TESTS) == set(), "no such tests"
    own = {name for name in defined_in(TESTS / "attacks") if "page_of_attacks" not in name}
    assert own - named == set(), "in no row of the page"
    assert len(own) > 40
