"""The figures of docs/impact.md: by hand in a small world, and against a slow and simple count."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.impact import MOST_WHO_MEET, Answer, Held, check_time, for_partners, impact_of

DAY = datetime(2027, 3, 6, 19, tzinfo=UTC)


def there(who: str, day: int, *, in_time: bool = True, **other: object) -> Answer:
    """Somebody who said they would come on that day, and came."""
    answer = Answer(f"day {day}", DAY + timedelta(day), in_time, who, "pantry", True, True, 3)
    return replace(answer, **other)  # type: ignore[arg-type]


def held(day: int, *, recorded: bool = True, co_hosted: bool = False) -> Held:
    return Held(f"day {day}", f"event {day}", co_hosted, recorded)


def test_a_small_world_worked_out_by_hand() -> None:
    """Anna and Ben knew each other from before. On the first day Cem joins them, through the
    Shelter; on the second Anna comes alone, and Dora, who accepted, does not."""
    found = impact_of(
        [held(1, co_hosted=True), held(2), held(3, recorded=False)],
        [
            there("anna", -5, in_time=False),
            there("ben", -5, in_time=False),
            there("anna", 1),
            there("ben", 1),
            there("cem", 1, through="shelter"),
            there("anna", 2),
            there("dora", 2, attended=False),
            there("emil", 3, attended=False),
        ],
        groups_founded=1,
    )
    assert (found.events_held, found.co_hosted_events, found.groups_founded) == (3, 1, 1)
    assert found.people_connected == 3
    assert found.new_connections == 2  # Cem with Anna, and with Ben
    assert found.cross_organization_connections == 2
    assert found.first_timers == 1
    assert found.return_rate == round(1 / 3, 4)
    assert found.turnout == 0.8  # Emil's day was not recorded
    assert found.coverage == round(2 / 3, 4)


def test_where_nothing_took_place_there_is_no_rate_of_it() -> None:
    found = impact_of([], [])
    assert (found.return_rate, found.turnout, found.coverage) == (None, None, None)
    assert (found.events_held, found.people_connected) == (0, 0)


@pytest.mark.parametrize(("crowd", "met"), [(MOST_WHO_MEET, 1), (MOST_WHO_MEET + 1, 0)])
def test_a_large_gathering_makes_no_pairs(crowd: int, met: int) -> None:
    found = impact_of([held(1)], [there("anna", 1, crowd=crowd), there("ben", 1, crowd=crowd)])
    assert (found.new_connections, found.people_connected) == (met, 2)


def test_partners_are_told_in_steps_of_five_and_nothing_of_fewer() -> None:
    few = for_partners(impact_of([held(1)], [there(str(one), 1) for one in range(4)]))
    assert (few.people_connected, few.new_connections, few.first_timers) == (0, 0, 0)
    assert (few.return_rate, few.turnout) == (None, None)
    assert (few.events_held, few.coverage) == (1, 1.0)
    some = for_partners(impact_of([held(1)], [there(str(one), 1) for one in range(8)]))
    assert (some.people_connected, some.new_connections, some.first_timers) == (5, 25, 5)


@pytest.mark.parametrize(
    ("from_", "to", "problem"),
    [
        (date(2027, 1, 1), date(2027, 12, 31), False),
        (date(2028, 1, 1), date(2028, 12, 31), False),
        (date(2027, 1, 1), date(2027, 1, 1), False),
        (date(2027, 1, 1), date(2028, 1, 2), True),
        (date(2027, 1, 2), date(2027, 1, 1), True),
    ],
)
def test_a_year_is_asked_about_at_most(from_: date, to: date, problem: bool) -> None:
    if problem:
        with pytest.raises(BadInput) as told:
            check_time(from_, to)
        assert told.value.field == ("to",)
    else:
        check_time(from_, to)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Held], list[Answer]]:
    """Some dates, before the time asked about (negative) and in it, and who was at them."""
    days = draw(st.sets(st.integers(-3, 4), min_size=1))
    crowds = {day: draw(st.sampled_from((2, MOST_WHO_MEET, MOST_WHO_MEET + 1))) for day in days}
    answers = []
    for day in sorted(days):
        for who in draw(st.sets(st.sampled_from("abcdef"))):
            attended = day < 0 or draw(st.booleans())
            answers.append(
                there(
                    who,
                    day,
                    in_time=day >= 0,
                    through=draw(st.sampled_from(("pantry", "shelter"))),
                    attended=attended,
                    crowd=crowds[day],
                )
            )
    in_time = [day for day in sorted(days) if day >= 0]
    return [held(day, recorded=draw(st.booleans())) for day in in_time], answers


@given(worlds(), st.randoms())
def test_a_slow_and_simple_count_comes_to_the_same(
    world: tuple[list[Held], list[Answer]], chance: object
) -> None:
    dates, answers = world
    mixed = list(answers)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    found = impact_of(dates, mixed)
    people = {one.who for one in answers if one.attended and one.in_time}
    assert found.people_connected == len(people)
    assert found.first_timers == len([who for who in people if _first(answers, who).in_time])
    new = [pair for pair in combinations(sorted(people), 2) if _met_in_time(answers, *pair)]
    assert found.new_connections == len(new)
    assert found.cross_organization_connections == len(
        [1 for one, other in new if _first(answers, one).through != _first(answers, other).through]
    )
    often = [
        who
        for who in people
        if len([1 for one in answers if one.who == who and one.attended and one.in_time]) >= 2
    ]
    assert found.returning == len(often)


def _first(answers: Sequence[Answer], who: str) -> Answer:
    return min(
        (one for one in answers if one.who == who and one.attended), key=lambda one: one.starts_at
    )


def _met_in_time(answers: Sequence[Answer], one: str, other: str) -> bool:
    """The first date that both were at, of few enough people, is in the time asked about."""
    of_both = [
        mine
        for mine in answers
        for theirs in answers
        if mine.who == one
        and theirs.who == other
        and mine.date_id == theirs.date_id
        and mine.attended
        and theirs.attended
        and mine.crowd <= MOST_WHO_MEET
    ]
    return bool(of_both) and min(of_both, key=lambda each: each.starts_at).in_time
