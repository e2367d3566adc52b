"""Whatever is written where an id, a word or a cursor belongs, the answer is a plain refusal."""

from typing import Any

import pytest

from tests.journeys.conftest import RiverCity

ZERO = "\x00"
QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a zero in an id": ("query ($id: ID!) { event(id: $id) { id } }", {"id": ZERO}),
    "a zero among ids": (
        "query ($ids: [ID!]) { events(filter: {organizations: $ids}) { totalCount } }",
        {"ids": [ZERO]},
    ),
    "a zero among groups": (
        "query ($ids: [ID!]) { events(filter: {groups: $ids}) { totalCount } }",
        {"ids": [ZERO]},
    ),
    "a zero among causes": (
        "query ($causes: [String!]) { groups(filter: {causes: $causes}) { totalCount } }",
        {"causes": [ZERO]},
    ),
    "a zero in a search": (
        "query ($t: String!) { search(text: $t) { nodes { __typename } } }",
        {"t": ZERO},
    ),
    "a zero in a slug": ("query ($s: String) { alliance(slug: $s) { id } }", {"s": ZERO}),
}


@pytest.mark.parametrize("what", QUERIES)
async def test_no_word_is_a_fault_of_the_hub(river_city: RiverCity, what: str) -> None:
    query, variables = QUERIES[what]
    for token in (None, await river_city.token("shelter")):
        answer = await river_city.ask(query, token, **variables)
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        assert codes in ([], ["BAD_USER_INPUT"])
