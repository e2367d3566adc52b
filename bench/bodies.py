"""What is asked: three questions of people who look for events, and one that goes deep into a list.

The text of each is the same for every server whose schema is ours to write.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bench.data import (
    CITIES,
    CITY_WEIGHTS,
    KERNEL_ALLIANCES,
    KERNEL_CITIES,
    KERNEL_EVENTS,
    NOW,
    Scale,
    audience_of,
    identifier,
)

Variables = Mapping[str, object]

EVENT = """query EventById($id: ID!) {
  event(id: $id) {
    id title description startsAt endsAt timeZone visibility
    place { name locality latitude longitude }
    host { id slug name website }
    group { id name }
    hosts(roles: [CO_HOST], first: 20) { nodes { organization { id name } } }
    remainingCapacity
  }
}"""
ALLIANCE = """query AllianceEvents($id: ID!, $from: DateTime!) {
  alliance(id: $id) {
    name
    members(first: 10) { nodes { organization { name } } }
    events(first: 50, filter: { from: $from }) {
      edges {
        node {
          id title startsAt endsAt
          place { name locality latitude longitude }
          host { id name }
          group { id name }
          remainingCapacity
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""
NEAR = """query Near($lat: Float!, $lon: Float!, $km: Float!, $from: DateTime!, $to: DateTime!) {
  events(
    first: 50
    filter: { near: { latitude: $lat, longitude: $lon, radiusKm: $km }, from: $from, to: $to }
  ) {
    edges {
      node {
        id title startsAt
        place { name locality latitude longitude }
        host { id name }
        group { id name }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
DEEP = """query Page($from: DateTime!, $after: String) {
  events(first: 50, after: $after, filter: { from: $from }) {
    edges { node { id title startsAt host { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}"""


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the comparison, and what it is about in words."""

    key: str
    name: str
    document: str
    says: str


QUESTIONS = {
    each.key: each
    for each in (
        Question("q1", "EventById", EVENT, "an event by its id, with place, hosts and group"),
        Question(
            "q2", "AllianceEvents", ALLIANCE, "an alliance, ten members, its next fifty events"
        ),
        Question("q3", "Near", NEAR, "fifty events within 25 km of a place, in a month"),
    )
}
_FROM = NOW.isoformat()
_TO = (NOW + timedelta(days=30)).isoformat()


def variables_of(key: str, scale: Scale) -> list[Variables]:
    """A thousand public events, three hundred alliances, five hundred places."""
    chance = random.Random(key)
    match key:
        case "q1":
            return [{"id": each} for each in _public_events(chance, scale)]
        case "q2":
            alliances = KERNEL_ALLIANCES if scale.kernel else scale.alliances
            numbers = [chance.randint(1, alliances) for _ in range(300)]
            return [{"id": identifier("aln", each), "from": _FROM} for each in numbers]
        case "q3":
            return [_place(chance, scale) for _ in range(500)]
        case _:
            raise ValueError(f"{key} is none of {', '.join(QUESTIONS)}.")


def _public_events(chance: random.Random, scale: Scale) -> list[str]:
    """Where the scale grows, of those that every size holds."""
    held = KERNEL_EVENTS if scale.kernel else scale.events
    public = [number for number in range(1, held + 1) if audience_of(number) == "PUBLIC"]
    return [identifier("evt", each) for each in chance.sample(public, min(1000, len(public)))]


def _place(chance: random.Random, scale: Scale) -> Variables:
    cities = KERNEL_CITIES if scale.kernel else len(CITIES)
    _, latitude, longitude = chance.choices(CITIES[:cities], cum_weights=CITY_WEIGHTS[:cities])[0]
    return {
        "lat": round(chance.gauss(latitude, 0.05), 5),
        "lon": round(chance.gauss(longitude, 0.08), 5),
        "km": 25.0,
        "from": _FROM,
        "to": _TO,
    }


def deep(after: str | None) -> bytes:
    return body(DEEP, "Page", {"from": _FROM, "after": after})


def body(document: str, name: str, variables: Variables) -> bytes:
    asked = {"query": document, "operationName": name, "variables": variables}
    return json.dumps(asked, separators=(",", ":")).encode()


def bodies(key: str, scale: Scale, documents: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """As they are sent; `documents` are those of a server with a schema of its own making."""
    question = QUESTIONS[key]
    document = (documents or {}).get(key, question.document)
    for variables in variables_of(key, scale):
        yield body(document, question.name, variables)
