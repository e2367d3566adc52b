"""What is handed over in the world: things of all four kinds, between people and organizations, in
every state; those whose side or subject somebody may not see among them."""

from collections.abc import Iterator

from domain.handovers import HandoverStatus
from domain.ids import Kind
from tests.differential.rows import NOW, ODD_WORDS
from tests.differential.world import Row, World

ENDED = (HandoverStatus.CANCELED, HandoverStatus.DECLINED, HandoverStatus.EXPIRED)


def add_handovers(world: World) -> None:
    turns = world.rows.turns
    for at, (subject, giver, taker) in enumerate(_offers(world)):
        # Only one of a thing may be under way: the first one is as it comes, the rest are over.
        states = list(HandoverStatus) if at % 2 == 0 else [*ENDED, HandoverStatus.CLOSED]
        status = turns.of(f"handover {at % 2}", states)
        accepted = status in {"ACCEPTED", "EFFECTIVE", "CLOSED"}
        world.rows.add(
            "handovers",
            id=world.rows.new_id(Kind.HANDOVER),
            subject_id=subject["id"],
            giver_id=giver["id"],
            taker_id=taker["id"],
            message=turns.of("message with it", (None, *ODD_WORDS)),
            status=status,
            created_at=turns.of("offered", (NOW, "2026-05-05T05:05:05.055Z")),
            expires_at="2027-03-31T09:00:00.5Z",
            responded_at="2027-02-02T02:02:02Z" if accepted else None,
            effective_at="2027-02-09T02:02:02Z" if accepted else None,
            ended_at="2027-02-20T20:20:20.02Z" if status in ENDED else None,
            end_reason=turns.of("reason of it", ODD_WORDS) if status == "CANCELED" else None,
        )


def _offers(world: World) -> Iterator[tuple[Row, Row, Row]]:
    """Two of each thing: what, who hands it over, who takes it."""
    people, organizations = world.persons, world.organizations
    for number, organization in enumerate(organizations[:8]):
        for more in (1, 2):
            yield organization, people[number % 8], people[(number + more) % 8]
    for number, group in enumerate(world.groups[:8]):
        owner = next(each for each in organizations if each["id"] == group["organization_id"])
        yield group, owner, people[number % 8]
        yield group, people[number % 8], people[(number + 3) % 8]
    for number, thing in enumerate((*world.alliances, *world.events[:12])):
        key = "convener_id" if "convener_id" in thing else "organization_id"
        leads = next(each for each in organizations if each["id"] == thing[key])
        others = [each for each in organizations if each is not leads]
        for more in (0, 5):
            yield thing, leads, others[(number + more) % len(others)]
