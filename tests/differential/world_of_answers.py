"""Who answers in the world: people and guests in every state, agreed with partners or not, checked
in or not; of each event the first dates."""

from itertools import islice

from domain.ids import Kind
from domain.rsvps import RsvpStatus
from tests.differential.rows import NOW, ODD_WORDS
from tests.differential.world import Row, World

MOMENTS = (NOW, "2026-12-24T23:59:59.999999Z", "2027-01-02T03:04:05Z")


def add_answers(world: World) -> None:
    for event in world.events:
        dates = (row for row in world.rows.of["occurrences"] if row["event_id"] == event["id"])
        for date in islice(dates, 2):
            for number in range(world.rows.turns.of("answers", (3, 0, 8, 1))):
                _add_answer(world, event, date, number)


def _add_answer(world: World, event: Row, date: Row, number: int) -> None:
    turns = world.rows.turns
    status = turns.of("answer", (RsvpStatus.ACCEPTED, *RsvpStatus, RsvpStatus.ACCEPTED))
    person = world.persons[number]["id"] if turns.of("who", (True, True, False)) else None
    attended = turns.of("attended", (None, True, False, True))
    referred_by = turns.of("referred", (None, *world.organizations[:3]))
    answer_id = world.rows.new_id(Kind.RSVP, event["id"].partition("@")[2])
    world.rows.add(
        "rsvps",
        id=answer_id,
        event_id=event["id"],
        occurrence_id=date["id"],
        person_id=person,
        guest_name=None if person else turns.of("guest", ODD_WORDS),
        guest_email=None if person else turns.of("address", (f"{number}@people.example", None)),
        status=status,
        additional_guests=turns.of("guests", (0, 2, 0, 5)),
        attended=attended,
        checked_in_at="2027-02-28T18:01:02.03Z" if attended else None,
        referred_by_id=referred_by and referred_by["id"],
        in_line=number + 1 if status is RsvpStatus.WAITLISTED else None,
        created_at=turns.of("answered", MOMENTS),
        updated_at=turns.of("answered again", MOMENTS[::-1]),
    )
    for organization in world.organizations[: turns.of("agreed", (0, 4, 1))]:
        world.rows.add(
            "rsvp_consents",
            id=world.rows.new_id(Kind.CONSENT),
            rsvp_id=answer_id,
            organization_id=organization["id"],
            wording="Yes.",
            given_at=NOW,
            withdrawn_at=turns.of("taken back", (None, None, NOW)),
        )
