"""What somebody is written who is invited into a team, and what the roles are called."""

from datetime import UTC, datetime

import pytest

from auth import team_words
from domain.actors import TeamRole


def test_each_role_has_a_name_and_is_explained() -> None:
    assert set(team_words.MEANINGS) == set(team_words.NAMES) == set(TeamRole)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("River City Pantry", "River City Pantry"),
        ("Win at https://evil.example/now", "Win at …"),
        ("Call www.evil.example, now", "Call … now"),
        ("write eve@evil.example", "write …"),
        ("two\r\nlines\u202e", "two lines"),
        ("x" * 200, "x" * 79 + "…"),
        ("https://evil.example", "…"),
    ],
)
def test_a_name_in_a_letter_to_a_stranger_is_a_name(given: str, said: str) -> None:
    assert team_words.named(given) == said
    assert team_words.subject(given) == f"Invitation to the team of {said}"


def test_a_letter_says_who_invites_to_what_and_until_when() -> None:
    until = datetime(2027, 3, 15, 9, tzinfo=UTC)
    said = team_words.invitation(
        "Our hub", "Pantry", "Anna", TeamRole.EDITOR, "https://hub.test/x", until
    )
    assert said.startswith("Anna invites you into the team of “Pantry” on Our hub, as an editor:\n")
    assert "\nhttps://hub.test/x\n" in said
    assert "until 15 March 2027" in said
    operators = team_words.invitation("Our hub", "Pantry", None, TeamRole.OWNER, "https://x", until)
    assert operators.startswith("You are invited into the team of “Pantry”")
