"""Passing a lead on: of an organization, a group, an alliance's convening, or an event
(docs/domain.md s4.6). The one who leads offers it, the other takes it, and both may still take
that back while it cools off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.alliances import AllianceRole
from domain.errors import BadInput
from domain.ids import Kind, kind_of
from domain.transitions import Machine, Party, Step
from domain.words import say


class HandoverStatus(StrEnum):
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    EFFECTIVE = "EFFECTIVE"
    CLOSED = "CLOSED"
    DECLINED = "DECLINED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


PROPOSED, ACCEPTED = HandoverStatus.PROPOSED, HandoverStatus.ACCEPTED
EFFECTIVE, CLOSED = HandoverStatus.EFFECTIVE, HandoverStatus.CLOSED
DECLINED, CANCELED = HandoverStatus.DECLINED, HandoverStatus.CANCELED
EXPIRED = HandoverStatus.EXPIRED

ANSWERED_WITHIN = timedelta(days=30)
CLOSED_AFTER = timedelta(days=30)  # in which the two settle what is left to be settled
# An organization and an alliance are many people's: there is time to notice, and to take it back.
COOLING_OFF = {
    Kind.ORGANIZATION: timedelta(days=7),
    Kind.ALLIANCE: timedelta(days=7),
    Kind.GROUP: timedelta(0),
    Kind.EVENT: timedelta(0),
}

_RESPOND, _CANCEL = "respondToHandover", "cancelHandover"
HANDOVER = Machine(
    say("This handover"),
    HandoverStatus,
    (
        Step("propose", Party.GIVER, (), (PROPOSED,), "proposeHandover"),
        # At once where nothing has to cool off; canceled then where one of the two cannot any more.
        Step("accept", Party.TAKER, (PROPOSED,), (ACCEPTED, EFFECTIVE, CANCELED), _RESPOND),
        Step("decline", Party.TAKER, (PROPOSED,), (DECLINED,), _RESPOND),
        Step("cancel", Party.GIVER, (PROPOSED, ACCEPTED), (CANCELED,), _CANCEL),
        Step("cancel", Party.TAKER, (ACCEPTED,), (CANCELED,), _CANCEL),
        Step("expire", Party.TIME, (PROPOSED,), (EXPIRED,)),
        Step("take effect", Party.TIME, (ACCEPTED,), (EFFECTIVE, CANCELED)),
        Step("close", Party.TIME, (EFFECTIVE,), (CLOSED,)),
    ),
)


class Unfit(StrEnum):
    """Why a lead cannot pass from the one to the other, in the words of the audit trail."""

    GONE = "GONE"
    GIVER_LEADS_NO_MORE = "GIVER_LEADS_NO_MORE"
    TAKER_LEADS_ALREADY = "TAKER_LEADS_ALREADY"
    TAKER_BELONGS_NO_MORE = "TAKER_BELONGS_NO_MORE"
    FOR_ITS_GROUP_ALONE = "FOR_ITS_GROUP_ALONE"


OF_TAKER = frozenset({Unfit.TAKER_LEADS_ALREADY, Unfit.TAKER_BELONGS_NO_MORE})

# For people; the way out stands in each.
WORDS = {
    Unfit.GONE: say("There is nothing to hand over any more."),
    Unfit.GIVER_LEADS_NO_MORE: say("The one who hands it over does not lead it (any more)."),
    Unfit.TAKER_LEADS_ALREADY: say(
        "The one named leads it already; there is nothing to hand over."
    ),
    Unfit.TAKER_BELONGS_NO_MORE: say(
        "It is handed over to somebody who belongs to it: of an organization to a person of its "
        "team or groups, of a group to an active member, of an alliance to an active member "
        "organization, of an event to an accepted co-host."
    ),
    Unfit.FOR_ITS_GROUP_ALONE: say(
        "The event is for its host's group alone: let others see it first (updateEvent)."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """`giver_id` and `taker_id` are persons' or organizations'."""

    id: str
    subject_id: str
    giver_id: str
    taker_id: str
    message: str | None = None
    status: HandoverStatus = PROPOSED
    created_at: datetime
    expires_at: datetime
    responded_at: datetime | None = None
    effective_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    @property
    def kind(self) -> Kind:
        """Of what is handed over."""
        return subject_kind(self.subject_id)


def subject_kind(subject_id: str) -> Kind:
    """`BadInput` for an id of what cannot be handed over."""
    kind = kind_of(subject_id)
    if kind is None or kind not in COOLING_OFF:
        raise BadInput(
            "subject: the id of an organization, a group, an alliance or an event (org_…@…, "
            "grp_…@…, aln_…@…, evt_…@…).",
            ("subject",),
        )
    return kind


def role_after_convening(taken: AllianceRole) -> AllianceRole:
    """Of the one who convened: what the other was, but no mere observer."""
    return AllianceRole.STEWARD if taken is AllianceRole.STEWARD else AllianceRole.MEMBER
