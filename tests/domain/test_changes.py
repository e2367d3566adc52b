"""A change says what it says, and nothing about the fields that were left out."""

import pytest

from domain.changes import contract_name, contract_names, given, require_current
from domain.errors import Invalid, Stale


def test_only_what_may_be_empty_is_emptied_by_null() -> None:
    emptied = {"summary": None, "causes": ()}
    assert given({"title": "Feast", "summary": None, "causes": None}, emptied) == {
        "title": "Feast",
        "summary": None,
        "causes": (),
    }
    with pytest.raises(Invalid, match="startsAt cannot be empty") as refusal:
        given({"starts_at": None}, emptied)
    assert refusal.value.field == ("startsAt",)


def test_fields_are_named_as_in_the_contract() -> None:
    assert contract_name("title") == "title"
    assert contract_names(["time_zone", "all_day"]) == ["allDay", "timeZone"]


def test_a_change_is_of_the_version_that_was_seen() -> None:
    require_current(2, seen=2)
    for seen in (1, 3):
        with pytest.raises(Stale) as refusal:
            require_current(2, seen)
        assert refusal.value.field == ("version",)
