"""Proposals and ballots in the contract: what an alliance's members decide, and how."""

from datetime import datetime

import strawberry

from domain.alliances import DecisionRule
from domain.proposals import BallotChoice, ProposalKind, ProposalStatus
from resolvers.reading import proposals as reading
from schema.access import requires
from schema.later import LaterAlliance, LaterProposal
from schema.loading import Row
from schema.organizations import Organization
from schema.reading import column, expression, one, one_of, page
from schema.shared import CountedConnection, Node


@strawberry.type(
    description="What an organization says to a proposal: one ballot each, which it may change while the proposal is open.",
    directives=[requires("alliances:read")],
)
class Ballot(Node):
    proposal: LaterProposal = one("proposal_id", "Proposal", "What it is about.")
    organization: Organization = one("organization_id", "Organization", "Whose ballot it is.")
    choice: BallotChoice = column("What it says.")
    reason: str | None = column("Why.")
    cast_at: datetime = column("When it was cast, or last changed.")

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Ballot"


@strawberry.type(
    description="A question put to an alliance's members: one ballot an organization, decided by the alliance's rule. Seen by its active and suspended members.",
    directives=[requires("alliances:read")],
)
class Proposal(Node):
    alliance: LaterAlliance = one("alliance_id", "Alliance", "Whose members decide.")
    title: str = column("What is to be decided, in a line.")
    body: str = column("What is to be decided, and why.")
    kind: ProposalKind = column("What it is about; where it passes, that is done.")
    subject: Node | None = one_of(
        "subject_id",
        ("AllianceMembership",),
        "The membership that ADMIT_MEMBER and REMOVE_MEMBER are about.",
    )
    status: ProposalStatus = column("Where it stands.")
    decision_rule: DecisionRule = column(
        "How it is decided: the alliance's rule as it was when it was opened."
    )
    opens_at: datetime = column("Since when ballots are cast.")
    closes_at: datetime = column(
        "Until when; it is decided before where no ballot can turn it any more."
    )
    decided_at: datetime | None = column("When it was decided or withdrawn; null while it is open.")
    failure: str | None = column(
        "Why it was rejected though the ballots were for it: what they wanted was not possible any more."
    )
    proposed_by: Organization = one("organization_id", "Organization", "Who put it.")
    viewer_ballot: Ballot | None = one(
        reading.own_ballot, "Ballot", "The ballot of the organization that asks."
    )
    next_actions: list[str] = expression(
        reading.next_actions, "Mutations that the organization that asks may do next."
    )

    @page(
        CountedConnection[Ballot], reading.ballots_of, "The ballots, in the order of their casting."
    )
    @staticmethod
    def ballots() -> tuple[()]:
        return ()

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Proposal"
