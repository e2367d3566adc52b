"""What a client of the world could know: ids, slugs, words, places, moments, and cursors.

Cursors are those of real answers, each with the order that it belongs to: a page after it is a
page that somebody turned to.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from auth.scopes import SCOPES
from domain.actors import NOBODY, TeamRole, Viewer
from domain.ids import kind_of
from tests.differential.rows import PLACES
from tests.differential.trying import BothWays, Operation
from tests.differential.world import World

READING = ("organizations:read", "groups:read", "events:read", "alliances:read", "contacts:read")
TABLES = {
    "Organization": "organizations",
    "Group": "groups",
    "Event": "events",
    "Alliance": "alliances",
    "Hub": "hubs",
    "Occurrence": "occurrences",
    "EventHost": "event_hosts",
    "AllianceMembership": "alliance_members",
    "Agreement": "agreements",
    "AgreementAcceptance": "agreement_acceptances",
    "Proposal": "proposals",
    "Ballot": "ballots",
    "Person": "persons",
    "TeamMember": "team_members",
    "GroupMembership": "group_members",
    "Rsvp": "rsvps",
    "AuditEntry": "audit_entries",
    "Handover": "handovers",
}
TYPE_OF_KIND = {
    "org": "Organization",
    "grp": "Group",
    "evt": "Event",
    "aln": "Alliance",
    "hub": "Hub",
    "occ": "Occurrence",
    "evh": "EventHost",
    "alm": "AllianceMembership",
    "agr": "Agreement",
    "aga": "AgreementAcceptance",
    "prp": "Proposal",
    "blt": "Ballot",
    "prs": "Person",
    "tmb": "TeamMember",
    "gmb": "GroupMembership",
    "rsv": "Rsvp",
    "aud": "AuditEntry",
    "hdo": "Handover",
}


def type_of(identifier: str) -> str | None:
    kind = kind_of(identifier)
    return TYPE_OF_KIND.get(kind.value) if kind else None


@dataclass(frozen=True, repr=False, eq=False)
class Knowledge:
    ids: dict[str, list[str]]  # by type
    slugs: dict[str, list[str]]  # by type
    moments: list[datetime]  # in order
    positions: list[tuple[float, float]]
    cursors: dict[str, list[str]]  # by the order of the list they are of
    viewers: list[Viewer]  # without scopes, nobody first


def learned(ways: BothWays) -> Knowledge:
    world = ways.world
    moments = {
        row[name]
        for table in ("events", "occurrences")
        for row in world.rows.of[table]
        for name in ("starts_at", "ends_at")
        if row[name] is not None
    }
    return Knowledge(
        ids={name: world.rows.ids(table) for name, table in TABLES.items()},
        slugs={
            "Organization": [row["slug"] for row in world.organizations],
            "Alliance": [row["slug"] for row in world.alliances],
        },
        moments=sorted(moments),
        positions=[
            (place["place_latitude"], place["place_longitude"])
            for place in PLACES
            if place.get("place_latitude") is not None
        ],
        cursors=dict(_cursors(ways)),
        viewers=[NOBODY, *_viewers(world)],
    )


def _viewers(world: World) -> Iterator[Viewer]:
    """Of each organization its own app, the people of its team through an app, and a peer hub."""
    for organization in world.organizations:
        yield Viewer(organization_id=organization["id"], client_id=f"app-{organization['slug']}")
    for place in world.rows.of["team_members"]:
        yield Viewer(
            organization_id=place["organization_id"],
            person_id=place["person_id"],
            role=TeamRole(place["role"]),
            client_id="app-of-people",
        )
    for _ in range(3):  # as likely as an organization's
        yield hub_of(world)


def hub_of(world: World) -> Viewer:
    """The other hub, by a token of its own."""
    theirs = world.hubs[1]
    return Viewer(client_id=f"{theirs['url']}/client", hub_id=theirs["id"])


PAGES = """
query Pages($near: NearInput!) {
  organizations(first: 100) { ...of nodes {
    groups { edges { cursor } } alliances { edges { cursor } } team { edges { cursor } }
  } }
  groups(first: 100) { edges { cursor } nodes { members { edges { cursor } } } }
  alliances(first: 100) { edges { cursor } nodes {
    members(statuses: null) { edges { cursor } } agreements { acceptances { edges { cursor } } }
    proposals { edges { cursor } nodes { ballots { edges { cursor } } } }
  } }
  soonest: events(first: 100) { edges { cursor } nodes {
    hosts { edges { cursor } } rsvps { edges { cursor } }
  } }
  upcoming: events(filter: {from: "2027-03-01T09:00:00Z"}) { edges { cursor } }
  latest: events(first: 100, orderBy: STARTS_AT_DESC) { edges { cursor } }
  changed: events(first: 100, orderBy: UPDATED_AT_DESC) { edges { cursor } }
  near: events(filter: {near: $near}, orderBy: DISTANCE_ASC) { edges { cursor } }
  occurrences(from: "1970-01-01T00:00:00Z", to: "2201-01-01T00:00:00Z", first: 100) {
    edges { cursor }
  }
  search(text: "food or soup or brot", first: 100) { edges { cursor } }
  audit(first: 100) { edges { cursor } }
  viewer { handovers(first: 100) { edges { cursor } } }
  changes(first: 100) { edges { cursor } }
}
fragment of on OrganizationConnection { edges { cursor } }
"""


def _cursors(ways: BothWays) -> Iterator[tuple[str, list[str]]]:
    near = {"latitude": 39.17, "longitude": -86.53, "radiusKm": 500.0}
    owner = Viewer(
        organization_id=ways.world.organizations[0]["id"],
        client_id="app",
        scopes=frozenset(SCOPES),
    )
    answer = ways.answer(Operation(PAGES, {"near": near}, owner))
    assert "errors" not in answer, answer["errors"]
    by_order: dict[str, dict[str, None]] = {}
    for cursor in _all_cursors(answer["data"]):
        by_order.setdefault(order_of(cursor), {})[cursor] = None
    for order, cursors in by_order.items():
        yield order, list(cursors)


def order_of(cursor: str) -> str:
    order, *_ = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    assert isinstance(order, str)
    return order


def forged(*parts: Any) -> str:
    """A cursor as it would be, if somebody made one."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def _all_cursors(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _all_cursors(each)
    elif isinstance(value, dict):
        if isinstance(value.get("cursor"), str):
            yield value["cursor"]
        for each in value.values():
            yield from _all_cursors(each)
