"""What people type finds what they mean, in many languages, and nothing they type breaks it."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Text, func, literal, null, select, text

from domain.geo import distance_km
from storage.engine import Database
from storage.searching import MOST_CHARACTERS, document, language_of, without_tags

any_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
on_one_database = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def finds(resting: Database, language: str | None, title: str, query: str) -> bool:
    return await scalar(
        resting,
        select(
            func.convoke_document(literal(language, Text), title, null(), null(), null()).op("@@")(
                func.convoke_query(literal(query, Text))
            )
        ),
    )


async def scalar(resting: Database, statement: object) -> bool:
    async with resting.reading() as db:
        found: bool = await db.scalar(statement)  # type: ignore[call-overload]
        return found


@pytest.mark.parametrize(
    ("language", "title", "query"),
    [
        ("en", "Organizers' meeting", "organizing"),
        ("en-GB", "Volunteering at the pantries", "volunteer pantry"),
        ("es", "Reunión de vecinos", "reunion"),
        ("es", "Las reuniones del barrio", "reunión"),
        ("es", "Reunión de vecinos", "reuniones"),
        ("pt-BR", "Doações nas cidades", "doacoes cidade"),
        ("de", "Straßenfest in der Goethestraße", "goethestrasse"),
        ("de", "Strassenfest", "STRASSENFEST"),
        ("fr", "L\u2019école des mères", "ecole mere"),
        ("nb", "Møte om økonomi", "mote okonomi"),
        ("pl", "Łódź dla uchodźców", "lodz"),
        ("tr", "İftar yemeği", "iftar"),
        ("el", "Συνέλευση γειτονιάς ΟΔΟΣ", "οδός"),
        ("ar", "اجتماع المتطوّعين", "متطوعين"),
        ("ar", "مُحَمَّــد", "محمد"),
        ("ru", "Встреча волонтёров", "волонтер"),
        ("hi", "हिन्दी सभा", "हिन्दी"),
        ("ko", "주민 회의", "회의"),
        ("zh", "社区会议", "社区会议"),
        (None, "Community garden", "GARDEN"),
        ("en", "O'Brien\u2019s co-op (since 1998)", "o'brien co-op 1998"),
        ("en", "Write to info@pantry.example", "pantry.example"),
        ("en", "Food#drive—today", "drive today"),
    ],
)
async def test_words_are_found_in_their_language_with_or_without_accents(
    resting: Database, language: str | None, title: str, query: str
) -> None:
    assert await finds(resting, language, title, query)


@pytest.mark.parametrize(
    ("title", "query", "found"),
    [
        ("River City Pantry", "pantry river", True),
        ("River City Pantry", "pantry lake", False),
        ("River City Pantry", "lake or river", True),
        ("River City Pantry", '"river city"', True),
        ("River City Pantry", '"city river"', False),
        ("River City Pantry", '"river city', True),
        ("Pantry meetings", "pantry -meeting", False),  # excluded in its stem as well
        ("Pantry meetings", "pantry -meetings", False),
        ("Pantry", "pantry -meeting", True),
        ("Pantry picnic", "lake or pantry -picnic", False),
        ("Lake picnic", "lake or pantry -picnic", True),
        ("Pantry picnic day", 'pantry -"picnic day"', False),
        ("Pantry day picnic", 'pantry -"picnic day"', True),
    ],
)
async def test_all_words_must_be_there_but_for_or_phrases_and_exclusions(
    resting: Database, title: str, query: str, found: bool
) -> None:
    assert await finds(resting, "en", title, query) is found


async def test_a_word_that_another_language_leaves_out_still_counts(resting: Database) -> None:
    # "war", "die" and "over" are stop words of German and Dutch; here they are what is looked for.
    assert await finds(resting, "en", "Stop the war", "war")
    assert not await finds(resting, "en", "The bridge is over there", "war over")
    assert not await finds(resting, "en", "Helping hands", "help die")
    assert await finds(resting, "en", "Food pantries", "the pantry")


async def test_stems_of_a_language_are_for_documents_in_that_language(resting: Database) -> None:
    assert not await finds(resting, None, "Organizers", "organizing")
    assert not await finds(resting, "es", "Organizers", "organizing")


@pytest.mark.parametrize(
    "query", ["", "   ", '"', "-", "- -", '""', "& | ! <-> :* ()", "-pantry", "or", "or or", "🎉"]
)
async def test_a_query_that_asks_for_nothing_finds_nothing(resting: Database, query: str) -> None:
    assert not await finds(resting, "en", "River City Pantry", query)


async def test_a_query_of_stop_words_finds_only_what_says_them(resting: Database) -> None:
    assert not await finds(resting, "en", "Food drive", "the of and")
    assert not await finds(resting, "en", "The pantry", "of")


@given(any_text, any_text)
@on_one_database
async def test_no_words_break_a_search(resting: Database, title: str, query: str) -> None:
    assert await finds(resting, "en", title, query) in {True, False}


@given(any_text)
@on_one_database
async def test_folding_twice_is_folding_once(resting: Database, words: str) -> None:
    fold = func.convoke_fold
    assert await scalar(resting, select(fold(fold(words)) == fold(words)))


@pytest.mark.parametrize(
    "query",
    [
        "a " * 50_000,
        "x" * 100_000,
        '"a b" ' * 20_000,
        "-" * 100_000,
        "é" * 100_000,
        "a or " * 9_000,
    ],
)
async def test_a_long_query_is_a_small_one(resting: Database, query: str) -> None:
    size = await scalar(
        resting, select(func.coalesce(func.length(func.convoke_query(query).cast(Text)), 0))
    )
    assert size < 20_000
    assert not await finds(resting, "en", "River City Pantry", query + " nonsense")


@given(
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
)
@example(here=(0.0, 0.0), there=(0.0, 5e-324))  # too small for PostgreSQL to square
@example(here=(5e-324, 5e-324), there=(90.0, 1e-160))
@example(here=(-90.0, 0.0), there=(90.0, 180.0))
@example(here=(0.0, -180.0), there=(0.0, 180.0))
@on_one_database
async def test_postgresql_measures_distances_as_we_do(
    resting: Database, here: tuple[float, float], there: tuple[float, float]
) -> None:
    measured = await scalar(resting, select(func.convoke_distance_km(*here, *there)))
    assert measured == pytest.approx(distance_km(*here, *there), rel=1e-9, abs=1e-6)


async def test_what_has_no_position_has_no_distance(resting: Database) -> None:
    assert await scalar(resting, text("select convoke_distance_km(null, 1, 2, 3) is null"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain words", "plain words"),
        ("<p>One</p><p>two</p>", " One  two "),
        ("bold<b>er</b> words", "bolder words"),
        ("fish &amp; chips &eacute;", "fish & chips é"),
        ("a<script>alert('x')</script>b<style>p {}</style>c", "a b c".replace(" ", "")),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_descriptions_are_read_without_their_tags(written: str, read: str) -> None:
    assert without_tags(written) == read


async def test_thirty_long_translations_fit_into_a_row(resting: Database) -> None:
    words = " ".join(f"слово{number}" for number in range(2_000))[:20_000]
    translations = {
        f"ru-{number:03}": {"title": f"t{number}", "summary": words[:1_000], "description": words}
        for number in range(30)
    }
    fields = ("title", "summary", "description")
    made = document(language_of(("ru",), None), ("t", words[:999], words), translations, fields)
    assert 0 < await scalar(resting, select(func.length(made))) < MOST_CHARACTERS
