"""What the README shows of the demo is what the demo answers."""

import json
import re
from typing import Any

from tests.docs.pages import page
from tests.outside import MONDAY
from tests.web.demo.conftest import Merrow
from web.demo.moments import last_month

DAYS = re.compile(r'from: "[\d-]+", to: "[\d-]+"')


def holds(answer: Any, shown: Any) -> bool:
    """Everything that is shown is in the answer, in that order; lists may be shortened."""
    match shown:
        case dict():
            return list(answer) == list(shown) and all(
                holds(answer[name], value) for name, value in shown.items()
            )
        case list():
            left = iter(answer)
            return all(any(holds(one, wanted) for one in left) for wanted in shown)
        case _:
            return bool(answer == shown)


async def test_the_answers_in_the_readme_are_the_demo_s(merrow: Merrow) -> None:
    readme = page("README.md")
    first, *others = (json.loads(block) for block in readme.blocks("json"))
    asked = re.search(r'\{"query": "(.*)"\}', readme.text)
    assert asked is not None
    everybody = await merrow.ask(json.loads(f'"{asked[1]}"'))
    assert holds(everybody, first["data"])
    token = await merrow.token("open-door-welcome")
    # The last needs three hubs: it is asked in test_demo_command.py.
    queries, others = readme.blocks("graphql")[:-1], others[:-1]
    assert len(queries) == len(others) == 2
    begin, end = last_month(MONDAY)
    for query, shown in zip(queries, others, strict=True):
        # Shown of one month; each month has the same.
        query, _ = DAYS.subn(f'from: "{begin}", to: "{end}"', query)
        assert holds(await merrow.ask(query, token), shown)


def test_an_answer_that_is_not_the_demo_s_is_noticed() -> None:
    answer = {"nodes": [{"name": "A"}, {"name": "B"}]}
    assert holds(answer, {"nodes": [{"name": "B"}]})
    assert not holds(answer, {"nodes": [{"name": "B"}, {"name": "A"}]})
    assert not holds(answer, {"nodes": [{"name": "C"}]})
    assert not holds(answer, {"nodes": [], "totalCount": 2})
