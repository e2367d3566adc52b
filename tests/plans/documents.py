"""The ten queries that hubs are asked most, each with who asks it and with what values.

`python -m tests.plans.documents` writes their statements anew into `tests/plans/statements/`;
test_snapshots.py fails where they differ.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from domain.actors import NOBODY, TeamRole, Viewer
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.planned import Planned
from schema.plans import Plan
from schema.root import graphql_schema
from schema.run import Operations
from tests.plans.laying_out import laid_out


def cursor_of(order: str, *keys: int | str) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, *keys]).encode()).decode().rstrip("=")


STATEMENTS = Path(__file__).parent / "statements"
EVENT = "evt_01JD8F3Z9V5X8Y7W6T4S2R1QPN@hub.test"
GROUP = "grp_01JD8F3Z9V5X8Y7W6T4S2R1QPN@hub.test"
ALLIANCE = "aln_01JD8F3Z9V5X8Y7W6T4S2R1QPN@hub.test"
ORGANIZATION = "org_01JD8F3Z9V5X8Y7W6T4S2R1QPN@hub.test"
ANNA = Viewer(
    organization_id=ORGANIZATION,
    person_id="prs_01JD8F3Z9V5X8Y7W6T4S2R1QPN@hub.test",
    role=TeamRole.OWNER,
    client_id="app",
    scopes=frozenset({"organizations:read", "events:read", "alliances:read"}),
)
# The place of an event: when it starts, in microseconds, and its id.
AFTER = cursor_of("STARTS_AT_ASC", 1_803_909_600_000_000, EVENT)
WEEK = {"from": "2027-03-01T00:00:00Z", "to": "2027-03-08T00:00:00Z"}


@dataclass(frozen=True, slots=True)
class Query:
    about: str
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    viewer: Viewer = NOBODY

    @property
    def presumed(self) -> bool:
        """With a token, the statement looks itself whether that still counts."""
        return not self.viewer.is_nobody


QUERIES = {
    "event": Query(
        "An event, with its host and its co-hosts.",
        """
        query Event($id: ID!) {
          event(id: $id) {
            title
            startsAt
            place { name locality }
            host { name }
            hosts(roles: [CO_HOST]) { nodes { role organization { name } } }
          }
        }
        """,
        {"id": EVENT},
    ),
    "alliance_events": Query(
        "An alliance's next events, as one of its members sees them.",
        """
        query AllianceEvents($id: ID!, $from: DateTime!) {
          alliance(id: $id) {
            name
            events(filter: { from: $from }, first: 10) {
              nodes { title startsAt host { name } }
              pageInfo { hasNextPage endCursor }
            }
          }
        }
        """,
        {"id": ALLIANCE, "from": WEEK["from"]},
        ANNA,
    ),
    "near_me": Query(
        "Events within some kilometres.",
        """
        query NearMe($latitude: Float!, $longitude: Float!, $from: DateTime!) {
          events(
            filter: { near: { latitude: $latitude, longitude: $longitude, radiusKm: 5 }, from: $from }
          ) {
            nodes { title startsAt place { latitude longitude } }
          }
        }
        """,
        {"latitude": 39.1653, "longitude": -86.5264, "from": WEEK["from"]},
    ),
    "organization_events": Query(
        "Events of an organization, and how many there are.",
        """
        query OrganizationEvents($slug: String!) {
          organization(slug: $slug) {
            name
            events(first: 5) { totalCount edges { cursor node { title startsAt } } }
          }
        }
        """,
        {"slug": "river-city-pantry"},
    ),
    "group_events": Query(
        "Events of a group, on the page after a cursor.",
        """
        query GroupEvents($id: ID!, $after: String) {
          group(id: $id) {
            name
            events(first: 5, after: $after) { nodes { title } pageInfo { endCursor } }
          }
        }
        """,
        {"id": GROUP, "after": AFTER},
    ),
    "members": Query(
        "An alliance's members, with the agreements that each has yet to accept.",
        """
        query Members($id: ID!) {
          alliance(id: $id) {
            agreements { title }
            members(first: 20) {
              nodes { role organization { name } missingAgreements { title } }
            }
          }
        }
        """,
        {"id": ALLIANCE},
        ANNA,
    ),
    "search": Query(
        "Whatever has these words.",
        """
        query Search($text: String!) {
          search(text: $text, first: 10) {
            nodes {
              __typename
              ... on Event { title startsAt }
              ... on Organization { name }
            }
          }
        }
        """,
        {"text": "soup kitchen"},
    ),
    "nodes": Query(
        "Things by their ids, of two types.",
        """
        query Nodes($ids: [ID!]!) {
          nodes(ids: $ids) { id ... on Event { title } ... on Group { name memberCount } }
        }
        """,
        {"ids": [EVENT, GROUP]},
    ),
    "viewer": Query(
        "Who asks.",
        "{ viewer { client scopes person { displayName } organization { name } } }",
        viewer=ANNA,
    ),
    "week": Query(
        "The dates of a week.",
        """
        query Week($from: DateTime!, $to: DateTime!) {
          occurrences(from: $from, to: $to) {
            nodes { startsAt endsAt title status event { id } }
          }
        }
        """,
        WEEK,
    ),
}


def document_of(query: Query) -> str:
    return dedent(query.document).strip()


def prepared(query: Query) -> Prepared:
    operations = Operations(graphql_schema, Limits())
    found = operations.prepare(Asked(document_of(query), variables=query.variables))
    if not isinstance(found, Prepared):
        raise TypeError("It asks for the schema, which no statement tells.")
    return found


def plan_of(query: Query) -> Plan:
    planned = Planned(graphql_schema, Limits())
    asked = prepared(query)
    variables = planned._variables(asked)
    if variables is None:
        raise ValueError("The variables do not fit.")
    found = planned.plans.of_query(asked, variables, query.viewer, query.presumed)
    if found is None:
        raise ValueError("It is answered by no statement.")
    return found.plan


def written(query: Query) -> str:
    """The statement as its file has it: what is asked and by whom, the parameters, and itself."""
    asked = "\n".join(f"--   {line}" for line in document_of(query).splitlines())
    who = "a person with a token" if query.presumed else "nobody in particular"
    statement = plan_of(query).statement
    names = "".join(f"-- ${at} {name}\n" for at, name in enumerate(statement.names, 1))
    return f"-- {query.about}\n--\n{asked}\n--\n-- Asked by {who}.\n{names}\n" + laid_out(
        statement.text
    )


if __name__ == "__main__":
    for name, query in QUERIES.items():
        (STATEMENTS / f"{name}.sql").write_text(written(query), "utf-8")
