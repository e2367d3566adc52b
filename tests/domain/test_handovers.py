"""Passing a lead on: its states, and who may do what in each."""

import pytest

from domain.alliances import AllianceRole
from domain.errors import BadInput
from domain.handovers import (
    ACCEPTED,
    CANCELED,
    CLOSED,
    COOLING_OFF,
    DECLINED,
    EFFECTIVE,
    EXPIRED,
    HANDOVER,
    PROPOSED,
    WORDS,
    Unfit,
    role_after_convening,
    subject_kind,
)
from domain.ids import Kind
from domain.transitions import Party


def test_what_is_over_stays_so() -> None:
    assert HANDOVER.final == {CLOSED, DECLINED, CANCELED, EXPIRED}


def test_each_side_is_told_what_it_may_do() -> None:
    may = HANDOVER.next_actions
    assert may(PROPOSED, [Party.GIVER]) == ("cancelHandover",)
    assert may(PROPOSED, [Party.TAKER]) == ("respondToHandover",)
    for side in (Party.GIVER, Party.TAKER):
        assert may(ACCEPTED, [side]) == ("cancelHandover",)
        assert may(EFFECTIVE, [side]) == ()


def test_every_reason_has_its_words() -> None:
    assert WORDS.keys() == set(Unfit)


def test_whoever_convened_is_no_observer_afterwards() -> None:
    assert role_after_convening(AllianceRole.STEWARD) is AllianceRole.STEWARD
    assert role_after_convening(AllianceRole.OBSERVER) is AllianceRole.MEMBER


def test_four_kinds_of_things_are_handed_over() -> None:
    ulid = "01JD8000000000000000000000"
    for kind in COOLING_OFF:
        assert subject_kind(f"{kind.value}_{ulid}@hub.test") is kind
    for other in (f"{Kind.PERSON.value}_{ulid}@hub.test", "", "event"):
        with pytest.raises(BadInput) as refusal:
            subject_kind(other)
        assert refusal.value.field == ("subject",)
