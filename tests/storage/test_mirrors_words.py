"""Words are made ready to be found by as PostgreSQL makes them ready."""

from unicodedata import category

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from storage.engine import Database
from storage.mirrors_words import ready

_WORDS = text(
    "select convoke_words(w) from unnest(cast(:texts as text[])) with ordinality t (w, n) order by n"
)
_FOUND = text(
    "select convoke_document(:language, w, w, w, w) = convoke_found(:language, r, r, r, r)"
    " from unnest(cast(:texts as text[]), cast(:ready as text[])) as t (w, r)"
)
SENTENCES = (
    "Reunión de vecinos: ¡cuidado con el río!",
    "ΟΔΥΣΣΕΥΣ και Σίσυφος - ΤΟΥΣ",
    "Straße, Łódź, Ærø, œuvre, þing, İstanbul, DIYARBAKIR \u0131s\u0131",
    "اَلسَّلَامُ عَلَيْكُمْ ـــ كتاب",
    "हिन्दी में बैठक — क्षेत्र",
    "会議 ﾊﾝｶｸ ﬁne ² ½ ①",
    "🎉 Party 👩🏽‍🌾 🅰🆎 \U0001d4aecript \U0001d7d9",
    "a\tb\nc\r\nd, e...f (g) 50% <b>h</b> x@y.org",
)


def squeezed(words: str) -> str:
    """However many spaces there are between words."""
    return " ".join(words.split(" "))


async def as_postgresql_has_them(database: Database, texts: list[str]) -> list[str]:
    async with database.reading() as db:
        return list(await db.scalars(_WORDS, {"texts": texts}))


def everything_in_scripts() -> list[str]:
    """Every character that is given, but for those of which thousands are alike: ideographs, Hangul
    syllables, what is for private use."""
    alike = (range(0x3401, 0x4DBF), range(0x4E01, 0x9FF0), range(0xAC01, 0xD7A3))
    return [
        chr(number)
        for number in range(1, 0x20000)
        if category(chr(number)) not in {"Cn", "Co", "Cs"}
        and not any(number in these for these in alike)
        and not 0x17000 <= number < 0x18D00
    ]


async def test_every_character_within_a_word_is_what_it_is_to_postgresql(
    database: Database,
) -> None:
    texts = [f"a{character}b" for character in everything_in_scripts()]
    theirs = await as_postgresql_has_them(database, texts)
    different = {
        text: (said, ready(text))
        for text, said in zip(texts, theirs, strict=True)
        if squeezed(said) != squeezed(ready(text))
    }
    assert len(texts) > 30_000
    assert different == {}


async def test_signs_beyond_the_emoji_are_none(database: Database) -> None:
    beyond = [n for n in range(0x20000, 0x110000) if category(chr(n))[0] in "PS"]
    assert beyond == []


async def test_what_is_made_ready_is_found_in_every_language(database: Database) -> None:
    given_ = {"texts": list(SENTENCES), "ready": [ready(each) for each in SENTENCES]}
    async with database.reading() as db:
        for language in ("es", "el", "de", "ar", "hi", "tr", "xx", None):
            assert set(await db.scalars(_FOUND, {"language": language, **given_})) == {True}


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    texts=st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cn"]),
            max_size=40,
        ),
        min_size=1,
        max_size=20,
    )
)
async def test_any_text_has_the_words_that_it_has_to_postgresql(
    database: Database, texts: list[str]
) -> None:
    theirs = await as_postgresql_has_them(database, texts)
    assert [each.split() for each in theirs] == [ready(each).split() for each in texts]
