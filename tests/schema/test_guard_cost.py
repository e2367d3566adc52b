"""Whatever is asked, no more comes than was counted: generated queries, run against full lists."""

from typing import Any

from graphql import build_schema, execute_sync
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.documents import Asked, Documents, Prepared
from schema.limits import Limits
from tests.schema.test_guard import SDL

SCHEMA = build_schema(SDL)
DOCUMENTS = Documents(SCHEMA, Limits(cost=10**9, depth=30, aliases=1_000))
VARIABLES = {"two": 2, "three": 3}


def fill() -> None:
    """Every list is as long as it may be."""

    def event(*_: Any, **__: Any) -> dict[str, str]:
        return {"id": "1", "title": "Soup", "causes": "x"}

    def connection(_: Any, __: Any, first: int | None = None, **___: Any) -> dict[str, Any]:
        items = 100 if first is None else first
        return {"nodes": [event()] * items, "edges": [{"cursor": "c"}] * items, "totalCount": 1}

    assert SCHEMA.query_type
    for name, field in SCHEMA.query_type.fields.items():
        if name in ("events", "freely"):
            field.resolve = connection
    SCHEMA.query_type.fields["event"].resolve = event
    SCHEMA.query_type.fields["hub"].resolve = lambda *_: {"name": "x"}
    SCHEMA.query_type.fields["likely"].resolve = lambda _, __, first: [event()] * first
    SCHEMA.query_type.fields["nodes"].resolve = lambda _, __, ids: [event()] * len(ids)
    types: Any = SCHEMA.type_map
    types["Hub"].fields["hub"].resolve = lambda *_: {"name": "x"}
    types["Hub"].fields["events"].resolve = connection
    types["Event"].fields["causes"].resolve = lambda *_: ["x"]
    types["Event"].fields["host"].resolve = lambda *_: {"name": "x"}
    types["Event"].fields["alliances"].resolve = lambda *_: [{"name": "x"}] * 10
    types["Event"].fields["hosts"].resolve = connection
    types["EventEdge"].fields["node"].resolve = event
    types["EventConnection"].fields["pageInfo"].resolve = lambda *_: {"hasNextPage": True}


fill()
FIRST = st.sampled_from(["", "(first: 2)", "(first: 3)", "(first: $two)", "(first: $three)"])


def below(typename: str, levels: int) -> st.SearchStrategy[str]:
    """A selection set on that type, its keys made unlike one another."""
    if typename == "EventConnection":
        options = [st.just("totalCount"), st.just("pageInfo { hasNextPage }")]
        if levels:
            options += [
                below("Event", levels - 1).map("nodes {}".format),
                below("Event", levels - 1).map("edges {{ cursor node {} }}".format),
            ]
    elif typename == "Event":
        options = [st.just("id"), st.just("causes")]
        if levels:
            options += [
                below("Hub", levels - 1).map("host {}".format),
                below("Hub", levels - 1).map("alliances {}".format),
                st.tuples(FIRST, below("EventConnection", levels - 1)).map(_call("hosts")),
            ]
    else:
        options = [st.just("name")]
        if levels:
            options += [
                below("Hub", levels - 1).map("hub {}".format),
                st.tuples(FIRST, below("EventConnection", levels - 1)).map(_call("events")),
            ]
    several = st.lists(st.one_of(options), min_size=1, max_size=3)
    return st.builds(_set, several, st.booleans(), st.just(typename))


def _call(name: str) -> Any:
    return lambda pair: f"{name}{pair[0]} {pair[1]}"


def _set(parts: list[str], inline: bool, typename: str) -> str:
    inner = " ".join(f"k{n}_{len(part)}: {part}" for n, part in enumerate(parts))
    return f"{{ ... on {typename} {{ {inner} }} }}" if inline else f"{{ {inner} }}"


def values(of: Any) -> int:
    """How many fields were answered; a list of objects counts its items, too."""
    if isinstance(of, dict):
        return sum(1 + values(each) for each in of.values())
    if isinstance(of, list):
        return sum(values(each) for each in of)
    return 0


@settings(max_examples=60, deadline=None)
@given(
    hub=below("Hub", 4),
    first=FIRST,
    page=below("EventConnection", 3),
)
def test_no_more_comes_than_was_counted(hub: str, first: str, page: str) -> None:
    query = (
        f"query Q($two: Int, $three: Int) {{ hub {hub} events{first} {page} "
        "used: events(first: $two) { totalCount } also: events(first: $three) { totalCount } }"
    )
    prepared = DOCUMENTS.prepare(Asked(query, variables=VARIABLES))
    assert isinstance(prepared, Prepared)
    if prepared.cost > 200_000:
        return  # it would take long, and says the same
    result = execute_sync(SCHEMA, prepared.document, variable_values=dict(VARIABLES))
    assert result.errors is None
    assert values(result.data) <= prepared.cost
