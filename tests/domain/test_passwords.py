"""Which passwords will do."""

import pytest

from domain.errors import Invalid
from domain.passwords import checked

ABOUT = ("Anna Okafor", "anna.okafor@pantry.example", "River City")


@pytest.mark.parametrize(
    "typed",
    [
        "lamp river seven coat",
        "Annapurna mountain tour",
        "пароль из четырёх слов",
        "毎朝六時に起きて川まで歩きます",
        "!!?? -- :: ## ((( %%% +=",
        "48 15 16 23 42 108 2007 1123",
        "x" * 250 + "y" * 250,
    ],
)
def test_a_long_one_that_nobody_would_try_is_taken(typed: str) -> None:
    assert checked(typed, ABOUT) == typed


@pytest.mark.parametrize("typed", ["", "short", "eleven char", "x" * 501])
def test_its_length_is_all_that_is_asked_of_it(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(typed, ABOUT)
    assert refused.value.field == ("password",)
    assert "characters" in refused.value.message


@pytest.mark.parametrize(
    "typed",
    [
        "password1234",
        "Password2026!",
        "P.a.s.s.w.o.r.d.1.2",
        "1999 Summer 2026",
        "qwertyuiopasdf",
        "lkjhgfdsapoiuy",
        "123456789012",
        "01.02.1990 -- ",
        "aaaaaaaaaaaaa",
        "abcabcabcabca",
        "sunshine batman",
        "correct horse battery staple",
    ],
)
def test_one_that_is_tried_first_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="among the first"):
        checked(typed, ABOUT)


@pytest.mark.parametrize(
    "typed",
    ["anna.okafor@pantry.example", "Anna Okafor 12", "okafor-okafor-okafor", "rivercity-anna1"],
)
def test_ones_own_name_is_no_password(typed: str) -> None:
    with pytest.raises(Invalid, match="your name"):
        checked(typed, ABOUT)


def test_two_keyboards_write_the_same_password() -> None:
    """RFC 8265 s4.2.2: one sign or two for an accented letter, and any kind of space."""
    composed, taken_apart = "caf\u00e9 lamp\u00a0river seven", "cafe\u0301 lamp river seven"
    assert checked(composed, ABOUT) == checked(taken_apart, ABOUT)
