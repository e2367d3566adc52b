"""What is allowed, and asks for as much as is allowed: each of these must be answered in time, too.

`test_the_edge_is_the_edge` holds them to the limit of cost, so that they grow with it.
"""

from tests.hostile.sending import Case, with_token

FROM_TO = 'from: "2020-01-01T00:00:00Z", to: "2035-01-01T00:00:00Z"'
WORDS = '"food or the or people or a or in or at"'
NEAR = "{near: {latitude: 44.372, longitude: -64.43, radiusKm: NUMBER}}"
FOUND = NEAR.replace("{near", f"{{search: {WORDS}, near")
ORGANIZATION = "{ id name slug summary }"
EVENT = (
    "id title summary description status publicationStatus startsAt endsAt timeZone allDay "
    "attendanceMode onlineUrl causes languages isFree capacity joinMode registrationUrl version "
    "visibility createdAt updatedAt place { name locality country latitude longitude } "
    "links { page ics jsonLd googleCalendar outlook } accessibility { status notes features } "
)


def many(count: int, field: str) -> str:
    return (
        "{ "
        + " ".join(f"a{n}: {field.replace('NUMBER', str(400 + n))}" for n in range(count))
        + " }"
    )


EDGES: dict[str, str] = {
    "a page of everything": "{ events(first: 98) { nodes { " + EVENT + "} } }",
    "a page with cursors": "{ events(first: 97) { edges { cursor node { " + EVENT + "} } } }",
    "a page with hosts": (
        "{ events(first: 79) { nodes { id title startsAt host { name } group { name } "
        "hosts(first: 10) { nodes { role } } } } }"
    ),
    "alliances of each event": (
        "{ events(first: 92) { nodes { title sharedWith { name slug purpose } } } }"
    ),
    "hosts of each event": (
        "{ events(first: 23) { nodes { title hosts(first: 23) { "
        "nodes { role status organization { name slug } } } } } }"
    ),
    "dates of each event": (
        "{ events(first: 47) { nodes { title occurrences(" + FROM_TO + ", first: 20) { "
        "nodes { startsAt endsAt } } } } }"
    ),
    "events of each organization": (
        "{ organizations(first: 20) { nodes { name events(first: 43) { "
        "nodes { title startsAt endsAt } } } } }"
    ),
    "five lists within one another": (
        "{ organizations(first: 4) { nodes { groups(first: 4) { nodes { events(first: 2) { nodes { "
        "occurrences(" + FROM_TO + ", first: 2) { nodes { event { hosts(first: 1) { nodes { role } } } } } "
        "} } } } } } }"
    ),
    "counts of each organization": (
        "{ organizations(first: 23) { nodes { events(first: 1) { totalCount } "
        "groups(first: 1) { totalCount } } } }"
    ),
    "counts of each event": (
        "{ events(first: 23) { nodes { hosts(first: 1) { totalCount } "
        "occurrences(" + FROM_TO + ", first: 1) { totalCount } } } }"
    ),
    "as many counts as may be": many(4, "events(filter: " + NEAR + ") { totalCount }"),
    "as many counts of words": many(4, "events(filter: " + FOUND + ") { totalCount }"),
    "as many counts of dates": many(4, "occurrences(" + FROM_TO + ", filter: " + NEAR + ") { totalCount }"),
    "as many pages as may be": many(4, "events(first: 100, filter: " + NEAR + ") { nodes { id } }"),
    "as many pages by distance": many(4, "events(orderBy: DISTANCE_ASC, filter: " + NEAR + ") { nodes { id } }"),
    "as many searches as may be": many(3, 'search(text: "food or the or people or NUMBER") { nodes { __typename } }'),
    "a search of a hundred": (
        "{ search(text: " + WORDS + ", first: 100) { nodes { __typename ... on Event { title host { name } } "
        "... on Group { name } ... on Organization { name } } } }"
    ),
    "a hundred dates with their events": (
        "{ occurrences(" + FROM_TO + ", first: 66) { totalCount nodes { id startsAt title place { name } "
        "event { title host { name } hosts(first: 5) { nodes { organization { name } } } } } } }"

    ),
    "a hundred things by their ids": (
        "{ nodes(ids: [" + '"%(events)s", "%(groups)s", "%(organizations)s", "%(alliances)s", ' * 25
        + "]) { id __typename ... on Event { title hosts(first: 10) { nodes { role } } } } }"
    ),
}  # fmt: skip
EDGE = [Case("cost", name, with_token(query), [200]) for name, query in EDGES.items()]
