"""What is allowed, and asks for as much as is allowed: each of these must be answered in time, too.

`test_the_edge_is_the_edge` holds them to the limit of cost, so that they grow with it.
"""

from tests.hostile.sending import Case, with_token

FROM_TO = 'from: "2020-01-01T00:00:00Z", to: "2035-01-01T00:00:00Z"'
NEAR = "near: {latitude: 44.372, longitude: -64.43, radiusKm: %d}"
WORDS = '"food or the or people or a or in or at"'
ORGANIZATION = "{ id name slug summary }"
EVENT = (
    "id title summary description status publicationStatus startsAt endsAt timeZone allDay "
    "attendanceMode onlineUrl causes languages isFree capacity joinMode registrationUrl version "
    "visibility createdAt updatedAt place { name locality country latitude longitude } "
    "links { page ics jsonLd googleCalendar outlook } accessibility { status notes features } "
)


def many(count: int, field: str) -> str:
    return (
        "{ " + " ".join(f"a{n}: {field.replace('%d', str(400 + n))}" for n in range(count)) + " }"
    )


EDGES: dict[str, str] = {
    "a page of everything": "{ events(first: 100) { nodes { " + EVENT + "} } }",
    "a page with cursors": "{ events(first: 100) { edges { cursor node { " + EVENT + "} } } }",
    "a page with hosts": (
        "{ events(first: 100) { nodes { id title startsAt host { name } group { name } "
        "hosts(first: 10) { nodes { role } } } } }"
    ),
    "alliances of each event": (
        "{ events(first: 100) { nodes { title sharedWith { name slug purpose } } } }"
    ),
    "hosts of each event": (
        "{ events(first: 24) { nodes { title hosts(first: 24) { "
        "nodes { role status organization { name slug } } } } } }"
    ),
    "dates of each event": (
        "{ events(first: 60) { nodes { title occurrences(%s, first: 20) { "
        "nodes { startsAt endsAt } } } } }" % FROM_TO
    ),
    "events of each organization": (
        "{ organizations(first: 20) { nodes { name events(first: 50) { "
        "nodes { title startsAt endsAt } } } } }"
    ),
    "five lists within one another": (
        "{ organizations(first: 5) { nodes { groups(first: 5) { nodes { events(first: 5) { nodes { "
        "occurrences(%s, first: 4) { nodes { event { hosts(first: 2) { nodes { role } } } } } "
        "} } } } } } }" % FROM_TO
    ),
    "counts of each organization": (
        "{ organizations(first: 13) { nodes { events(first: 1) { totalCount } "
        "groups(first: 1) { totalCount } } } }"
    ),
    "counts of each event": (
        "{ events(first: 40) { nodes { hosts(first: 1) { totalCount } "
        "occurrences(%s, first: 1) { totalCount } } } }" % FROM_TO
    ),
    "as many counts as may be": many(9, "events(filter: {%s}) { totalCount }" % NEAR),
    "as many counts of words": many(9, "events(filter: {search: %s, %s}) { totalCount }" % (WORDS, NEAR)),
    "as many counts of dates": many(9, "occurrences(%s, filter: {%s}) { totalCount }" % (FROM_TO, NEAR)),
    "as many pages as may be": many(10, "events(first: 100, filter: {%s}) { nodes { id } }" % NEAR),
    "as many pages by distance": many(10, "events(orderBy: DISTANCE_ASC, filter: {%s}) { nodes { id } }" % NEAR),
    "as many searches as may be": many(4, 'search(text: "food or the or people or %d") { nodes { __typename } }'),
    "a search of a hundred": (
        "{ search(text: %s, first: 100) { nodes { __typename ... on Event { title host { name } } "
        "... on Group { name } ... on Organization { name } } } }" % WORDS
    ),
    "a hundred dates with their events": (
        "{ occurrences(%s, first: 100) { totalCount nodes { id startsAt title place { name } "
        "event { title host { name } hosts(first: 5) { nodes { organization { name } } } } } } }"
        % FROM_TO
    ),
    "a hundred things by their ids": (
        "{ nodes(ids: [" + '"%(events)s", "%(groups)s", "%(organizations)s", "%(alliances)s", ' * 25
        + "]) { id __typename ... on Event { title hosts(first: 10) { nodes { role } } } } }"
    ),
}  # fmt: skip
EDGE = [Case("cost", name, with_token(query), [200]) for name, query in EDGES.items()]
