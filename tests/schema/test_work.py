"""What lists at the top, counts and searches cost more than the values they give."""

import pytest

from schema.documents import Asked, Prepared, Refused
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from schema.work import COUNT, LIST, SEARCH, TOP_LIST

OPERATIONS = Operations(graphql_schema, Limits())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ hub { name } }", 2),
        ("{ events(first: 3) { nodes { id } } }", TOP_LIST + 1 + 1 + 3 * 2),
        ("{ events { totalCount } }", TOP_LIST + 1 + COUNT + 1),
        ('{ search(text: "soup", first: 3) { nodes { __typename } } }', SEARCH + 1 + 1 + 3 * 2),
        ('{ event(id: "x") { hosts { totalCount } } }', 1 + LIST + 1 + COUNT + 1),
        ('{ event(id: "x") { title links { page } } }', 4),
    ],
)
def test_the_work_of_the_database_is_counted(query: str, expected: int) -> None:
    prepared = OPERATIONS.prepare(Asked(query))
    assert isinstance(prepared, Prepared)
    assert prepared.cost == expected


def test_what_is_counted_for_each_of_a_page_is_counted_so_often() -> None:
    ten = OPERATIONS.prepare(Asked("{ events(first: 10) { nodes { hosts { totalCount } } } }"))
    assert isinstance(ten, Prepared)
    assert ten.cost == TOP_LIST + 1 + 1 + 10 * (1 + LIST + 1 + COUNT + 1)


def test_many_searches_at_a_time_are_refused() -> None:
    several = " ".join(f's{n}: search(text: "soup") {{ nodes {{ __typename }} }}' for n in range(4))
    with pytest.raises(Refused, match="Ask for fewer"):
        OPERATIONS.prepare(Asked("{ " + several + " }"))
