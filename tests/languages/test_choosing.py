"""Which language somebody is spoken to in."""

import asyncio

import pytest

from languages import current, direction, from_header, gettext, ngettext, offered, speaking
from languages.names import city, name, own_name


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("pt-BR, ar;q=0.7, en;q=0.9", "en"),
        ("AR-eg", "ar"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("sw, nv;q=0.5", None),
        ("*", None),
        ("", None),
        (";;q=,,=;q", None),
        ("fr;q=much", None),
        (",".join(["xx"] * 60) + ",es", None),  # nobody wishes for sixty
    ],
)
def test_a_browser_is_answered_in_what_its_reader_likes_best(
    accept: str, chosen: str | None
) -> None:
    assert from_header(accept) == chosen


@pytest.mark.parametrize(
    ("tag", "chosen"), [("de-AT", "de"), ("ES", "es"), ("sw", None), ("", None)]
)
def test_a_tag_asks_for_one_of_ours(tag: str, chosen: str | None) -> None:
    assert offered(tag) == chosen


def test_what_we_do_not_speak_leaves_the_language_as_it_is() -> None:
    with speaking("fr"), speaking("sw"):
        assert current() == "fr"
    assert current() == "en"


async def test_each_is_answered_in_their_own_language_at_the_same_time() -> None:
    async def answered(tag: str) -> tuple[str, str]:
        with speaking(tag):
            await asyncio.sleep(0)
            return direction(), gettext("Events")

    found = await asyncio.gather(*(answered(tag) for tag in ("en", "ar", "de")))
    assert found == [("ltr", "Events"), ("rtl", "الفعاليات"), ("ltr", "Veranstaltungen")]


def test_arabic_counts_in_six_ways() -> None:
    with speaking("ar"):
        said = [
            ngettext("Repeats every week", "Repeats every %(num)s weeks", number)
            for number in (1, 2, 3, 11, 100)
        ]
    assert said == ["كل أسبوع", "كل أسبوعين", "كل 3 أسابيع", "كل 11 أسبوعاً", "كل 100 أسبوع"]


def test_languages_and_places_have_names_in_each_language() -> None:
    assert (own_name("ar"), own_name("de"), own_name("qxx")) == ("العربية", "Deutsch", "qxx")
    with speaking("es"):
        assert (name("de"), city("America/New_York")) == ("alemán", "Nueva York")
    with speaking("ar"):
        assert name("de") == "الألمانية"
