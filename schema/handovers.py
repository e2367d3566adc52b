"""Handovers in the contract: how a lead passes from one to another."""

from datetime import datetime

import strawberry

from domain.handovers import HandoverStatus
from resolvers.reading import handovers as reading
from schema.access import requires_any
from schema.loading import Row
from schema.reading import column, expression, one_of
from schema.shared import Node

# Met by whoever may read any of the things that are handed over; each is read by its own scope.
MET = requires_any(["organizations:read"], ["groups:read"], ["events:read"], ["alliances:read"])
SIDES = ("Person", "Organization")


@strawberry.type(
    description="Passing the lead on: of an organization, a group, an alliance's convening, or an event. Its two sides see it, and nobody else.",
    directives=[MET],
)
class Handover(Node):
    subject: Node = one_of(
        "subject_id", ("Organization", "Group", "Alliance", "Event"), "What is handed over."
    )
    giver: Node = one_of("giver_id", SIDES, "Who hands it over.", name="from")
    taker: Node = one_of("taker_id", SIDES, "Who takes it over.", name="to")
    message: str | None = column("What was said with it.")
    status: HandoverStatus = column("Where it stands.")
    created_at: datetime = column("When it was offered.")
    expires_at: datetime = column("Until when an answer is awaited.")
    responded_at: datetime | None = column("When it was answered.")
    effective_at: datetime | None = column(
        "When it takes effect, or took it: at once for a group or an event, a week after it was accepted for the rest. Null before it is accepted."
    )
    ended_at: datetime | None = column("When it ended.")
    end_reason: str | None = column("Why it did not take effect.")
    next_actions: list[str] = expression(
        reading.next_actions, "What you may do to it next: names of mutations."
    )
    is_final: bool = expression(
        reading.is_final, "Nothing changes it any more; a new start is a new handover."
    )

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Handover"
