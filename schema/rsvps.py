"""Answers to events in the contract, and how many come."""

from datetime import datetime

import strawberry

from domain.rsvps import DeliveryStatus, RsvpStatus
from resolvers.reading import attendance
from resolvers.reading import rsvps as reading
from schema.access import public, requires, requires_any
from schema.later import LaterEvent, LaterOccurrence
from schema.loading import Row
from schema.organizations import Organization
from schema.people import Person
from schema.reading import column, expression, one
from schema.shared import Node

# Whoever signs people up sees what became of it; who they are takes more. It is public because
# guests without an account answer too: they find here no answer, not even their own.
ANSWERED = [requires_any(["attendance:read"], ["attendance:write"]), public]
WHO = [requires("attendance:read")]
HOW_MANY = (
    "How many come. Its own organization is told every number; partners on the event, as far as "
    "their place lets them, in steps of five; everybody else how many accepted."
)


@strawberry.type(description="How many come, the guests that people bring included.")
class AttendanceSummary:
    accepted: int = expression(attendance.accepted, "Who accepted.")
    tentative: int = expression(
        attendance.tentative,
        "Who may come. For partners the number is lowered to a multiple of five; 0 also where you "
        "are not told.",
    )
    waitlisted: int = expression(
        attendance.waitlisted,
        "Who waits for a place. For partners the number is lowered to a multiple of five; 0 also "
        "where you are not told.",
    )
    attended: int | None = expression(
        attendance.attended,
        "Who was there. Null where nobody was checked in or you are not told; for partners the "
        "number is lowered to a multiple of five, and null under five.",
    )
    first_timers: int | None = expression(
        attendance.first_timers,
        "Of those who were there, for how many it was the first time on this hub, as far as an "
        "account or address tells. Null where you are not told; for partners the number is lowered "
        "to a multiple of five, and null under five.",
    )


@strawberry.type(
    description="Somebody's answer to one date of an event.",
    directives=ANSWERED,
)
class Rsvp(Node):
    event: LaterEvent = one("event_id", "Event", "The event.")
    occurrence: LaterOccurrence = one("occurrence_id", "Occurrence", "The date.")
    person: Person | None = one(
        "person_id", "Person", "Who answers; null for a guest without an account.", directives=WHO
    )
    guest_name: str | None = column("The name of a guest without an account.", directives=WHO)
    status: RsvpStatus = column("Where it stands.")
    additional_guests: int = column("How many they bring along.")
    attended: bool | None = column("Whether they were there; null where nobody said.")
    checked_in_at: datetime | None = column("When they were checked in.")
    referred_by: Organization | None = one(
        "referred_by_id", "Organization", "The organization that brought them."
    )
    next_actions: list[str] = expression(
        reading.next_actions,
        "What you may do to it next: names of mutations. `checkIn` from one hour before the start.",
    )
    delivery: DeliveryStatus = expression(
        reading.delivery, "Whether the answer has reached the hub of the event."
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Rsvp"
