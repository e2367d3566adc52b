"""The page of attacks names tests that exist, each of this folder, and all that is written to attack hubs."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "attacks.md"
AMONG_HUBS = TESTS / "attacks" / "test_among_hubs.py"
_TEST = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
_ONCE_MORE = re.compile(r"^    (test_\w+) as \1,$", re.MULTILINE)
# Where it is good that it works, and no attack.
HONEST = {
    "test_what_a_peer_signs_as_it_should_is_believed",
    "test_a_hub_is_believed_of_its_own_people_and_for_its_own_organizations",
    "test_it_is_noted_with_both_names_and_the_hub_that_vouched",
    "test_editing_is_for_organizations_that_work_with_one_here",
    "test_a_place_on_an_event_is_working_together_too",
}


def defined_in(*folders: Path) -> set[str]:
    return {
        name
        for folder in folders
        for path in (folder.rglob("test_*.py") if folder.is_dir() else [folder])
        for name in _TEST.findall(path.read_text("utf-8"))
    }


def named() -> set[str]:
    return set(re.findall(r"`(test_\w+)`", PAGE.read_text("utf-8")))


def test_the_page_of_attacks_names_every_test_and_none_that_is_not_there() -> None:
    assert named() - defined_in(TESTS) == set(), "no such tests"
    own = {name for name in defined_in(TESTS / "attacks") if "page_of_attacks" not in name}
    assert own - named() == set(), "in no row of the page"
    assert len(own) > 40


def test_the_page_of_attacks_names_what_is_tried_among_hubs_where_they_listen() -> None:
    listening = set(_ONCE_MORE.findall(AMONG_HUBS.read_text("utf-8")))
    assert len(listening) > 10
    assert listening - defined_in(TESTS / "federation") == set(), "no such tests"
    assert listening - named() == set(), "in no row of the page"


def test_the_page_of_attacks_names_every_attempt_to_be_believed_as_a_hub() -> None:
    files = ("test_attacks_of_machines.py", "test_vouching.py")
    attempts = defined_in(*(TESTS / "federation" / each for each in files)) - HONEST
    assert len(attempts) > 25
    assert attempts - named() == set(), "in no row of the page"
