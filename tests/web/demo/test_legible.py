"""Answers as the demo shows them: JSON, and no wider than a terminal."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from web.demo.legible import legible

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


def test_a_list_has_a_line_for_each_thing_and_a_thing_as_many_as_it_needs() -> None:
    answer = {
        "nodes": [{"title": "Soup", "origin": {"name": "Valley"}}, {"title": "Books"}],
        "sources": [{"hub": {"name": "County"}, "status": "CURRENT", "asOf": "06:16"}],
    }
    assert legible(answer, 40) == (
        "{\n"
        '  "nodes": [\n'
        '    {"title": "Soup",\n'
        '     "origin": {"name": "Valley"}},\n'
        '    {"title": "Books"}],\n'
        '  "sources": [\n'
        '    {"hub": {"name": "County"},\n'
        '     "status": "CURRENT",\n'
        '     "asOf": "06:16"}]}'
    )
    assert legible(answer, 400) == json.dumps(answer)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(10, 60))
def test_it_is_the_same_value(value: Any, width: int) -> None:
    assert json.loads(legible(value, width)) == value
