"""How alike two events are: the same whoever is asked, and in words that people understand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duplicates import (
    PROBABLE,
    SAME_NAME,
    Sketch,
    likeness,
    most_alike,
    title_likeness,
)

STARTS = datetime(2027, 3, 6, 19, tzinfo=UTC)
DRIVE = Sketch(
    id="drive",
    title="Winter food drive",
    starts_at=STARTS,
    place_name="Town Hall",
    locality="River City",
    position=(39.1653, -86.5264),
    hosts=frozenset({"pantry"}),
)
TITLES = st.sampled_from(
    ("Food drive", "FOOD DRIVE!", "Fête d'hiver", "fete d hiver", "Repair café", "", "Soup", "食堂")
) | st.text(max_size=20)
SKETCHES = st.builds(
    Sketch,
    id=st.uuids().map(str),
    title=TITLES,
    starts_at=st.timedeltas(timedelta(-2), timedelta(2)).map(lambda by: STARTS + by),
    place_name=st.none() | st.sampled_from(("Town Hall", "town hall", "Library")),
    locality=st.none() | st.sampled_from(("River City", "Elsewhere")),
    position=st.none() | st.sampled_from(((39.1653, -86.5264), (39.17, -86.52), (50.0, 8.0))),
    online_url=st.none() | st.just("https://meet.example/x"),
    hosts=st.sets(st.sampled_from(("a", "b", "c")), max_size=2).map(frozenset),
    names=st.sets(st.sampled_from((("mobilize", "1"), ("ical", "x"))), max_size=2).map(frozenset),
    uids=st.sets(st.sampled_from(("x", "y")), max_size=2).map(frozenset),
)


@given(SKETCHES, SKETCHES)
def test_each_is_as_like_the_other_as_the_other_is_like_it(one: Sketch, other: Sketch) -> None:
    there, back = likeness(one, other), likeness(other, one)
    assert there == back
    assert 0 <= there.score <= 1


@given(SKETCHES.filter(lambda one: any(letter.isalnum() for letter in one.title)))
def test_what_says_the_same_is_the_same(one: Sketch) -> None:
    assert likeness(one, replace(one, id="other")).score == 1


@given(SKETCHES, st.lists(SKETCHES, max_size=6, unique_by=lambda one: one.id), st.randoms())
def test_the_order_they_are_looked_at_in_does_not_matter(
    event: Sketch, others: list[Sketch], chance: Random
) -> None:
    mixed = list(others)
    chance.shuffle(mixed)
    assert most_alike(event, mixed) == most_alike(event, others)


@pytest.mark.parametrize(
    ("differs", "reason"),
    [
        ({"title": "WINTER Food-Drive"}, "same title"),
        ({"title": "Winter fooddrive"}, "title 86 % alike"),
        ({"starts_at": STARTS + timedelta(minutes=15)}, "starts 15 minutes apart"),
        ({"starts_at": STARTS - timedelta(hours=3)}, "starts 3 hours apart"),
        ({"position": (39.1689, -86.5264), "place_name": None}, "400 m apart"),
        ({"hosts": frozenset({"shelter"})}, "same title"),
    ],
)
def test_why_is_told_in_words(differs: dict[str, object], reason: str) -> None:
    found = likeness(DRIVE, replace(DRIVE, id="other", **differs))  # type: ignore[arg-type]
    assert reason in found.reasons
    assert found.score >= PROBABLE


def test_one_name_in_another_system_says_nearly_all() -> None:
    named = replace(DRIVE, names=frozenset({("mobilize", "123")}))
    other = Sketch(
        id="other",
        title="Something else",
        starts_at=STARTS + timedelta(days=9),
        names=frozenset({("mobilize", "123"), ("ical", "x")}),
    )
    found = likeness(named, other)
    assert found.score == SAME_NAME
    assert found.reasons[0] == "same identifier mobilize:123"


@pytest.mark.parametrize(
    "differs",
    [
        {"title": "Board meeting"},
        {"title": "Chess club"},
        {"starts_at": STARTS + timedelta(days=1)},
        {"title": "Summer food drive", "starts_at": STARTS + timedelta(hours=20)},
        {
            "position": (50.0, 8.0),
            "place_name": "Rathaus",
            "starts_at": STARTS + timedelta(hours=9),
        },
    ],
)
def test_another_event_is_not_taken_for_it(differs: dict[str, object]) -> None:
    assert likeness(DRIVE, replace(DRIVE, id="other", **differs)).score < PROBABLE  # type: ignore[arg-type]


def test_accents_and_case_make_no_title_another() -> None:
    assert title_likeness("Fête d'Hiver", "FETE D HIVER") == 1
    assert title_likeness("Straße der Suppe", "STRASSE der suppe") == 1
    assert title_likeness("", "") == 0
