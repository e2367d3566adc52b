"""The record of the world: who did what to which of its things, and whom it concerned."""

from datetime import timedelta

from domain.ids import Kind
from tests.differential.rows import NOW
from tests.differential.world import World

DETAILS = (None, "title, startsAt", "description")


def add_audit(world: World) -> None:
    """Of every kind of thing some; beside who acted, another organization that it concerned."""
    rows = world.rows
    events = {row["event_id"]: row for row in rows.of["event_hosts"]}
    alliances = {row["alliance_id"]: row for row in rows.of["alliance_members"]}
    wholes = [*world.events[::3], *world.alliances, *world.groups[::4], *world.organizations[::3]]
    done = [("thing.updated", row["id"], row["id"]) for row in wholes]
    done += [("event_host.invited", row["id"], event) for event, row in events.items()]
    done += [("membership.invited", row["id"], whole) for whole, row in alliances.items()]
    done += [("client.register", None, None)]
    for number, (action, subject, whole) in enumerate(done):
        _add_entry(world, number, action, subject, whole)


def _add_entry(
    world: World, number: int, action: str, subject: str | None, whole: str | None
) -> None:
    turns, rows = world.rows.turns, world.rows
    actor = turns.of("actor", [*world.organizations, None])
    person = turns.of("person who acts", [*world.persons, None])
    entry = rows.add(
        "audit_entries",
        id=rows.new_id(Kind.AUDIT_ENTRY),
        # Several at one moment, which only their ids tell apart.
        at=(NOW + timedelta(minutes=number // 3 * 7)).isoformat(),
        action=action,
        subject_id=subject,
        whole_id=whole,
        person_id=person and person["id"],
        organization_id=actor and actor["id"],
        client_id=turns.of("client", ("time", "app-of-people", "operator", None)),
        hub_id=turns.of("hub of entry", world.hubs)["id"],
        request_id=f"req_{number}",
        detail=turns.of("detail", DETAILS),
    )
    concerned = turns.of("concerned", world.organizations)
    if concerned is not actor:
        rows.add(
            "audit_concerned",
            organization_id=concerned["id"],
            at=entry["at"],
            entry_id=entry["id"],
        )
