"""What people write is put in order, or refused with the way out."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import people, texts
from domain.errors import Invalid, Problem
from domain.identifiers import Identifier, checked
from domain.people import Contact
from domain.places import Place, PlacePrecision, kept

T = TypeVar("T")
anything = st.text(max_size=400)


def test_a_line_is_one_line_that_says_something() -> None:
    assert texts.line("  Food \n drive\x00 ", ("title",)) == "Food drive"
    for nothing in ("", " \n ", "\x00\x1f", "\ud800"):
        with pytest.raises(Invalid) as refusal:
            texts.line(nothing, ("title",))
        assert refusal.value.field == ("title",)
    with pytest.raises(Invalid, match="301 characters, and at most 300 fit"):
        texts.line("x" * 301, ("title",))


def test_longer_text_keeps_its_lines_and_blank_is_nothing() -> None:
    assert texts.page(" One\n\ntwo\x00 ", ("description",)) == "One\n\ntwo"
    for nothing in (None, "", " \n", "\x00"):
        assert texts.page(nothing, ("description",)) is None


@pytest.mark.parametrize(
    ("tag", "shaped"),
    [("EN", "en"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419")],
)
def test_languages_are_written_one_way(tag: str, shaped: str) -> None:
    assert texts.language(tag) == shaped
    assert texts.languages((tag, shaped)) == (shaped,)


@pytest.mark.parametrize("tag", ["", "english", "e", "en_US", "en-", "deutsch-x", "日本"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(Invalid, match="BCP 47"):
        texts.language(tag)


def test_causes_are_compared_as_slugs() -> None:
    assert texts.causes(("Food  Justice", "food justice", "Straße")) == ("food-justice", "strasse")


@pytest.mark.parametrize(
    "address",
    ["", "pantry.example", "javascript:alert(1)", "https://", "http://a b", "http://\x00"],
)
def test_a_web_address_leads_to_the_web(address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        texts.web_address(address, ("website",))
    assert refusal.value.field == ("website",)


def test_translations_name_what_they_translate() -> None:
    given_words = {"ES": {"title": " Colecta ", "summary": " "}}
    assert texts.translations(given_words, ("title", "summary")) == {"es": {"title": "Colecta"}}
    with pytest.raises(Invalid, match="into es needs its title"):
        texts.translations({"es": {"summary": "Trae una lata."}}, ("title", "summary"))


@given(anything, anything, anything, anything)
def test_whatever_is_written_as_a_contact_is_kept_or_refused(
    name: str, email: str, telephone: str, url: str
) -> None:
    contact = _or_refused(lambda: people.reachable(Contact(name, email, telephone, url)))
    assert people.reachable(contact) == contact


def test_a_contact_that_says_nothing_is_none() -> None:
    assert people.reachable(Contact(" ", "", None, None)) is None
    assert people.reachable(None) is None


@given(st.builds(Place, name=anything, locality=anything, postal_code=anything, country=anything))
def test_whatever_is_written_as_a_place_is_kept_or_refused(place: Place) -> None:
    found = _or_refused(lambda: kept(place))
    if found is not None:
        assert kept(found) == found


def _or_refused(attempt: Callable[[], T]) -> T | None:
    """Anything but a problem that people can act on fails the test."""
    try:
        return attempt()
    except Problem:
        return None


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(PlacePrecision))
def test_coarse_places_forget_what_is_finer(
    latitude: float, longitude: float, precision: PlacePrecision
) -> None:
    exact = Place("Safe house", "1 Main Street", "River City", "IN", "47401", "us")
    found = kept(
        Place(
            exact.name,
            exact.street_address,
            exact.locality,
            exact.region,
            exact.postal_code,
            exact.country,
            latitude,
            longitude,
            precision,
        )
    )
    decimals = {"PRECISE": 400, "NEAR": 2, "REGION": 1}[precision]
    assert found.latitude == round(latitude, decimals)
    assert found.longitude == round(longitude, decimals)
    assert (found.street_address is None) is (precision is not PlacePrecision.PRECISE)
    assert (found.postal_code is None) is (precision is PlacePrecision.REGION)
    assert (found.locality, found.country) == ("River City", "US")


def test_identifiers_are_kept_once_in_small_letters() -> None:
    same = (Identifier("iCal", "a"), Identifier("ical", " a "), Identifier("ical", "b"))
    assert checked(same) == (Identifier("ical", "a"), Identifier("ical", "b"))
    with pytest.raises(Invalid, match="At most 20"):
        checked(tuple(Identifier("ical", str(number)) for number in range(21)))
