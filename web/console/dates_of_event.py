"""Which date of an event a page is about, and the others to choose from.

The one that the address names; else the nearest to now that takes place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from web.console.rooms import Room, given_id, there
from web.feeds.events import local, written
from web.pages.words import when

DATES = """
query DatesToChoose($event: ID!, $from: DateTime!, $to: DateTime!, $named: ID!) {
  event(id: $event) {
    id title url timeZone allDay status publicationStatus capacity joinMode host { id name }
    origin { name } syncedAt
    hosts(first: 100) { nodes { role status mayEdit organization { id } } }
    near: occurrences(from: $from, to: $to, first: 100) { nodes { ...date } }
    first: occurrences(from: "1970-01-01T00:00:00Z", to: "2200-01-01T00:00:00Z", first: 1) {
      nodes { ...date }
    }
  }
  named: node(id: $named) { ...date ... on Occurrence { event { id } } }
}
fragment date on Occurrence {
  id startsAt endsAt status attendance { accepted tentative waitlisted attended }
}
"""
_AROUND = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class OneDate:
    id: str
    starts_at: datetime  # by the clocks of the place
    when: Markup
    is_off: bool
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dates:
    """`chosen` is among `all`."""

    event: Mapping[str, Any]
    chosen: OneDate
    all: tuple[OneDate, ...]

    def hosted_by(self, room: Room) -> bool:
        """Its host is told everybody's name; others, of whoever agreed to that."""
        return bool(self.event["host"]["id"] == room.organization_id)

    def checked_in_by(self, room: Room) -> bool:
        """Whether those who work for it stand at the door: its host's, and a co-host's that may change
        something. Who of them may is the contract's to say."""
        return self.hosted_by(room) or any(
            place["role"] == "CO_HOST" and place["mayEdit"] != "NONE"
            for place in self._places(room)
        )

    def names(self, room: Room) -> bool:
        """Whether the organization stands on it."""
        return any(self._places(room))

    def _places(self, room: Room) -> Iterator[Mapping[str, Any]]:
        for place in self.event["hosts"]["nodes"]:
            is_own = place["organization"]["id"] == room.organization_id
            if is_own and place["status"] == "ACCEPTED":
                yield place

    @property
    def is_elsewhere(self) -> bool:
        """It is another hub's, which alone knows who comes."""
        return self.event["syncedAt"] is not None


async def dates_of(room: Room) -> Dates:
    """Raises `NotFound` where the event is not for whoever asks, or has no such date."""
    now = room.visit.desk.clock.now()
    named = room.said.get("date", "")
    asked = await room.talk.ask(
        DATES,
        event=given_id(room),
        named=named or "none",
        to=written(now + _AROUND),
        **{"from": written(now - _AROUND)},
    )
    event = there(asked["event"])
    found = event["near"]["nodes"] or event["first"]["nodes"]
    known = {one["id"]: one for one in found}
    if named and named not in known:
        other = there(asked["named"])
        if other.get("event", {}).get("id") != event["id"]:
            there(None)
        known[named] = other
    every = sorted((_date(one, event) for one in known.values()), key=lambda one: one.starts_at)
    if not every:
        there(None)
    chosen = next((one for one in every if one.id == named), None)
    return Dates(event, chosen or _nearest(every, now), tuple(every))


def _date(one: Mapping[str, Any], event: Mapping[str, Any]) -> OneDate:
    starts = local(one["startsAt"], event["timeZone"])
    ends = local(one["endsAt"], event["timeZone"]) if one["endsAt"] else None
    is_off = "CANCELLED" in (one["status"], event["status"])
    said = when(starts, ends, all_day=event["allDay"])
    return OneDate(one["id"], starts, said, is_off, one["attendance"])


def _nearest(every: list[OneDate], now: datetime) -> OneDate:
    return min(every, key=lambda one: (one.is_off, abs(one.starts_at - now)))
