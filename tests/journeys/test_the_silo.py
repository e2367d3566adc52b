"""The Pantry shares an event with the City Table. The Shelter, a member, finds it on every way;
for the Library, which is no member, and for nobody it does not exist, on any."""

from typing import Any

import pytest

from domain.sharing import Visibility
from tests import cast
from tests.cast import MakeContext
from tests.journeys.conftest import RiverCity

WINDOW = 'from: "2027-03-01T00:00:00Z", to: "2027-04-01T00:00:00Z"'

# Every way that leads to an event. Each asks for what only somebody who sees the event can know.
WAYS = {
    "by its id": "query ($event: ID!) { event(id: $event) { id title } }",
    "as a node": "query ($event: ID!) { node(id: $event) { id ... on Event { title } } }",
    "among nodes": "query ($event: ID!) { nodes(ids: [$event]) { id } }",
    "as an entity": """query ($event: ID!) {
        _entities(representations: [{__typename: "Event", id: $event}]) { ... on Event { title } }
    }""",
    "in the list": "{ events { nodes { title } edges { cursor node { id } } } }",
    "in the list of its month": f"{{ events(filter: {{{WINDOW}}}) {{ nodes {{ title }} }} }}",
    "by words": '{ events(filter: {search: "drive"}) { nodes { title } } }',
    "by place": """{ events(filter: {near: {latitude: 39.2, longitude: -86.5}}) {
        nodes { title } } }""",
    "nearest first": """{ events(orderBy: DISTANCE_ASC,
        filter: {near: {latitude: 39.2, longitude: -86.5}}) { nodes { title } } }""",
    "by its host": """query ($pantry: ID!) {
        events(filter: {organizations: [$pantry]}) { nodes { title } } }""",
    "by the alliance": """query ($alliance: ID!) {
        events(filter: {alliances: [$alliance]}) { nodes { title } } }""",
    "by its group": """query ($group: ID!) { events(filter: {groups: [$group]}) {
        nodes { title } } }""",
    "in the search": '{ search(text: "drive") { nodes { ... on Event { title } } } }',
    "in the calendar": f"{{ occurrences({WINDOW}) {{ nodes {{ event {{ title }} }} }} }}",
    "under its organization": """query ($pantry: ID!) { organization(id: $pantry) {
        events { nodes { title } } } }""",
    "under its group": "query ($group: ID!) { group(id: $group) { events { nodes { title } } } }",
    "under its alliance": """query ($alliance: ID!) { alliance(id: $alliance) {
        events { nodes { title } } } }""",
    "under its alliance, by slug": '{ alliance(slug: "city-table") { events { nodes { title } } } }',
    "from a member of the alliance": """{ alliance(slug: "city-table") { members { nodes {
        organization { events { nodes { title } } } } } } }""",
    "from the hub": "{ hub { organizations { nodes { events { nodes { title } } } } } }",
    "by one of its dates": """query ($occurrence: ID!) {
        node(id: $occurrence) { ... on Occurrence { event { title } } } }""",
    "by its place for the host": """query ($eventHost: ID!) {
        node(id: $eventHost) { ... on EventHost { event { title } } } }""",
}
COUNTS = {
    "the list": "{ events { totalCount } }",
    "its month": f"{{ events(filter: {{{WINDOW}}}) {{ totalCount }} }}",
    "words": '{ events(filter: {search: "drive"}) { totalCount } }',
    "the calendar": f"{{ occurrences({WINDOW}) {{ totalCount }} }}",
    "its organization": """query ($pantry: ID!) {
        organization(id: $pantry) { events { totalCount } } }""",
    "its group": "query ($group: ID!) { group(id: $group) { events { totalCount } } }",
    "its alliance": "query ($alliance: ID!) { alliance(id: $alliance) { events { totalCount } } }",
}


@pytest.fixture
async def things(river_city: RiverCity, context: MakeContext) -> dict[str, str]:
    """The ids that the ways begin from, as somebody might have got hold of them."""
    people = river_city.cast
    group = await cast.start_group(context, people.pantry_app, "kitchen-crew")
    event = await cast.publish(
        context,
        people.pantry_app,
        group_id=group,
        visibility=Visibility.ALLIANCE,
        share_with=(people.city_table,),
    )
    mine = await river_city.token("pantry")
    parts = await river_city.data(
        f"""query ($event: ID!) {{ event(id: $event) {{
            hosts {{ nodes {{ id }} }} occurrences({WINDOW}) {{ nodes {{ id }} }} }} }}""",
        mine,
        event=event,
    )
    return {
        "event": event,
        "group": group,
        "pantry": people.pantry,
        "alliance": people.city_table,
        "occurrence": parts["event"]["occurrences"]["nodes"][0]["id"],
        "eventHost": parts["event"]["hosts"]["nodes"][0]["id"],
    }


@pytest.mark.parametrize("way", WAYS)
async def test_a_member_finds_it(river_city: RiverCity, things: dict[str, str], way: str) -> None:
    token = await river_city.token("shelter")
    answer = await river_city.data(WAYS[way], token, **asked_by(WAYS[way], things))
    assert "Food drive" in str(answer) or things["event"] in str(answer)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who", ["library", None])
async def test_for_others_it_does_not_exist(
    river_city: RiverCity, things: dict[str, str], way: str, who: str | None
) -> None:
    token = await river_city.token(who) if who else None
    answer = await river_city.data(WAYS[way], token, **asked_by(WAYS[way], things))
    assert "Food drive" not in str(answer)
    assert things["event"] not in str(answer)


@pytest.mark.parametrize("what", COUNTS)
async def test_it_is_counted_for_those_who_see_it_alone(
    river_city: RiverCity, things: dict[str, str], what: str
) -> None:
    query = COUNTS[what]
    counted = [
        str(await river_city.data(query, token, **asked_by(query, things)))
        for token in [await river_city.token("shelter"), await river_city.token("library"), None]
    ]
    assert ["'totalCount': 1" in one for one in counted] == [True, False, False]
    assert ["'totalCount': 0" in one for one in counted] == [False, True, True]


def asked_by(query: str, things: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in things.items() if f"${name}:" in query}
