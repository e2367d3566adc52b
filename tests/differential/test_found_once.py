"""Documents that were answered in two ways once, or looked as if they might be: asked for ever."""

from typing import Any

import pytest

from auth.scopes import SCOPES
from domain.actors import NOBODY, Viewer
from tests.differential.knowledge import forged
from tests.differential.trying import BothWays, Operation

EVERYTHING = frozenset(SCOPES)
ALL_TIMES = """{
  occurrences(from: "1970-01-01T00:00:00Z", to: "2201-01-01T00:00:00Z", first: 100) { nodes {
    startsAt endsAt recurrenceId
    event { startsAt endsAt updatedAt syncedAt recurrence { dates exceptions } }
  } }
}"""
ALL_NUMBERS = (
    "{ events(first: 100) { nodes { version capacity place { latitude longitude } } }"
    " organizations(first: 100) { nodes { place { latitude longitude } } } }"
)
ALL_WORDS = """{
  events(first: 100) { nodes { title summary description translations { title description }
    en: title(language: "en") pt: summary(language: "pt-PT") links { googleCalendar outlook }
    accessibility { notes features } } }
  alliances(first: 100) { nodes { members(statuses: null) { nodes { message endReason } }
    agreements { title(language: "de") body(language: "pt-BR") } } }
}"""
DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "the times of everything, in its own zone": (ALL_TIMES, {}),
    "numbers that JSON can write in several ways": (ALL_NUMBERS, {}),
    "words with every odd character": (ALL_WORDS, {}),
    "a radius that is none": (
        "{ events(filter: {near: {latitude: 39.2, longitude: -86.5, radiusKm: -3}}) "
        "{ totalCount } }",
        {},
    ),
    "a latitude that is none": (
        "{ groups(filter: {near: {latitude: 91.5, longitude: 0}}) { totalCount } }",
        {},
    ),
    "a variable that is null where nothing may be": (
        'query ($v: ID = "evt") { event(id: $v) { id } hub { name } }',
        {"v": None},
    ),
    "a variable that is null where nothing may be, of a field that is refused": (
        'query ($v: String = "soup") { search(text: $v) { edges { cursor } } }',
        {"v": None},
    ),
    "a character that cannot be kept, in a list of which nothing is asked": (
        '{ search(text: "soup \\u0000") { __typename sources { status } } }',
        {},
    ),
    "a part of a filter that is null where nothing may be": (
        "query ($v: Float = 1.5) { events(filter: {near: {latitude: $v, longitude: 1}}) "
        "{ totalCount } hub { name } }",
        {"v": None},
    ),
    "an order that needs what was left out": (
        "query ($order: EventOrder = DISTANCE_ASC, $near: NearInput) { organizations { nodes "
        "{ events(orderBy: $order, filter: {near: $near}) { totalCount } } } }",
        {},
    ),
    "a page too large, under things that are not there": (
        "{ organizations(first: 0) { nodes { events(first: 101) { totalCount } } } "
        'organization(slug: "no-such-slug") { events(first: 101) { totalCount } } }',
        {},
    ),
    "a window that ends before it begins, for each of many": (
        '{ events { nodes { occurrences(from: "2028-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z") '
        "{ totalCount } } } }",
        {},
    ),
    "a thing that two fields wait for, of which one is stopped": (
        '{ a: organization(slug: "organization-0")'
        ' { origin { organizations(after: "x") { totalCount } } identifiers { system } }'
        ' b: organization(slug: "organization-0") { identifiers { system } } }',
        {},
    ),
    "by an id and a slug, and by neither": (
        '{ both: organization(id: "a", slug: "b") { name } neither: alliance { name } }',
        {},
    ),
    "a condition that is null": (
        "query ($v: Boolean = true) { events { nodes { id title @include(if: $v) } } }",
        {"v": None},
    ),
    "a cursor with a whole number for a distance": (
        "query ($after: String) { events(filter: {near: {latitude: 39.2, longitude: -86.5}},"
        " orderBy: DISTANCE_ASC, after: $after) { nodes { id } } }",
        {"after": forged("DISTANCE_ASC", 0, "a")},
    ),
    "a cursor of another list": (
        "query ($after: String) { hub { name } groups(after: $after) { nodes { id } } }",
        {"after": forged("SINCE", 0, "a")},
    ),
    "one name, asked for in fragments on several types": (
        '{ search(text: "food or soup or brot") { nodes { ... on Event { name: title }'
        " ... on Group { name } ... on Organization { name organization: id }"
        " ... on Publication { url origin { name } } ... on Node { id } } } }",
        {},
    ),
    "an object of which nothing is left": (
        "query ($no: Boolean!) { hub { name @include(if: $no) } "
        "events { nodes { place { name @skip(if: true) } } } }",
        {"no": False},
    ),
    "a field repeated, with more beneath it each time": (
        "{ hub { organizations { nodes { id } } } ... { hub { organizations { totalCount nodes"
        " { name groups { totalCount } } } } } hub { organizations { nodes { groups"
        " { nodes { slug } } id } } } }",
        {},
    ),
}


def viewers(ways: BothWays) -> list[Viewer]:
    owner = ways.world.organizations[0]["id"]
    place = ways.world.rows.of["team_members"][0]
    app = Viewer(owner, client_id="app", scopes=EVERYTHING)
    person = Viewer(place["organization_id"], place["person_id"], client_id="app")
    return [
        NOBODY,
        app,
        Viewer(owner, client_id="app", scopes=frozenset({"events:read"})),
        Viewer(person.organization_id, person.person_id, client_id="app", scopes=EVERYTHING),
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_answered_alike(ways: BothWays, name: str) -> None:
    document, variables = DOCUMENTS[name]
    # Twice: made, and kept.
    for viewer in viewers(ways) * 2:
        tried = ways.asked(Operation(document, variables, viewer))
        assert tried is not None, name
        assert tried.by_plan.decode() == tried.by_core.decode(), viewer
        assert tried.agrees, (viewer, tried.codes, tried.bugs)
