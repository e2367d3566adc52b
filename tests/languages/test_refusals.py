"""What a rule says why not can be said in every language: it is written out where it is raised, and its
values stay apart from it."""

import pytest

from domain.words import Count, Quoted, say
from languages import speaking
from tests.languages.refusals import Raised, raised, sources, unsayable
from tests.languages.texts import ROOT, keywords
from web.speaking import refusal

SOURCES = sources()


def test_no_refusal_has_its_values_in_its_words() -> None:
    found = {str(path.relative_to(ROOT)): unsayable(path.read_text("utf-8")) for path in SOURCES}
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ('raise Invalid(f"At most {MOST} sites.", ("sites",))', ["Invalid"]),
        ('raise Refused("At most " + str(most))', ["Refused"]),
        ('raise NotFound("No %s." % name)', ["NotFound"]),
        ('raise Taken("No {}.".format(name), field)', ["Taken"]),
        ('raise FetchProblem(Reason.TIMEOUT, f"{host} is slow.")', ["FetchProblem"]),
        ('say(f"At most {MOST} sites.")', ["say"]),
        ("say(pattern, most=3)", ["say"]),
        ('raise Invalid("At most ten sites.", ("sites",))', []),
        ('raise Invalid(say("At most %(most)s sites.", most=MOST), ("sites",))', []),
        ("raise Invalid(problem.message)", []),
    ],
)
def test_a_refusal_that_nobody_could_translate_is_found(planted: str, found: list[str]) -> None:
    source = f"from domain.words import say\n{planted}"
    assert [each.name for each in unsayable(source)] == found


def test_each_kind_of_problem_that_people_read_is_looked_through_for_texts() -> None:
    """`languages/keywords` has whatever is raised here with its words written out."""
    names = {each.name for path in SOURCES for each in raised(path) if each.is_written_out}
    assert names - set(keywords()) == set(), "Name it in languages/keywords"
    assert set(keywords()) - names - {"say"} == set(), "raised no more"


def test_a_kind_of_problem_is_seen_through_what_it_is_made_from() -> None:
    assert Raised("ProviderProblem", 1, True) in [
        Raised(each.name, 1, each.is_written_out)
        for each in raised(ROOT / "auth/provider_sign_in.py")
    ]


def test_a_sentence_is_its_english_until_it_is_said_in_another_language() -> None:
    sentence = say("%(field)s: at most %(most)s characters.", field="title", most=Count(1_000))
    assert sentence == "title: at most 1,000 characters."
    assert refusal(sentence) == sentence
    with speaking("es"):
        assert refusal(sentence) == "<bdi>title</bdi>: como máximo 1.000 caracteres."
    with speaking("de"):
        assert refusal(sentence) == "<bdi>title</bdi>: höchstens 1.000 Zeichen."


def test_a_part_of_a_sentence_is_said_in_the_same_language() -> None:
    sentence = say("Only the event staff of the host may %(what)s.", what=say("cancel it"))
    with speaking("de"):
        assert refusal(sentence) == (
            "Nur das Veranstaltungsteam der veranstaltenden Organisation darf sie absagen."
        )


def test_the_words_of_another_hub_stay_as_they_are_and_are_marked() -> None:
    sentence = say(
        "%(peer)s did not do it: %(why)s", peer="Mosque", why=Quoted("Not <b>today</b>.")
    )
    with speaking("es"):
        assert refusal(sentence) == (
            '<bdi>Mosque</bdi> no lo hizo: <span lang="en" dir="ltr">'
            "Not &lt;b&gt;today&lt;/b&gt;.</span>"
        )
        assert refusal("Nobody has <i>this</i>.") == (
            '<span lang="en" dir="ltr">Nobody has &lt;i&gt;this&lt;/i&gt;.</span>'
        )
        assert refusal("") == ""


def test_a_value_is_never_taken_for_a_piece_of_the_page() -> None:
    with speaking("es"):
        said = refusal(say("%(field)s: write something here.", field="<script>"))
    assert said == "<bdi>&lt;script&gt;</bdi>: escriba algo aquí."
