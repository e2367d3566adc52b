"""What the alliances of the world decide: proposals of every kind in every state, and ballots."""

from domain.alliances import DecisionRule
from domain.ids import Kind
from domain.proposals import ABOUT_A_MEMBER, BallotChoice, ProposalKind, ProposalStatus
from tests.differential.rows import NOW, ODD_WORDS
from tests.differential.world import Row, World

MOMENTS = (NOW, "2026-11-11T11:11:11.11Z", "2027-02-27T00:00:00Z")


def add_decisions(world: World) -> None:
    turns = world.rows.turns
    for number, alliance in enumerate(world.alliances):
        members = [
            row for row in world.rows.of["alliance_members"] if row["alliance_id"] == alliance["id"]
        ]
        for at in range(turns.of("proposals", (7, 0, 5))):
            kind = turns.of("kind of proposal", list(ProposalKind))
            status = turns.of("status of proposal", (ProposalStatus.OPEN, *ProposalStatus))
            is_open = status is ProposalStatus.OPEN
            failed = status is ProposalStatus.REJECTED
            proposal = world.rows.add(
                "proposals",
                id=world.rows.new_id(Kind.PROPOSAL),
                alliance_id=alliance["id"],
                organization_id=world.organizations[(number + at) % 9]["id"],
                title=turns.of("title of proposal", ("A kitchen", 'Say "yes" \\', "Ja oder nein?")),
                body=turns.of("body of proposal", ODD_WORDS),
                kind=kind,
                subject_id=members[at]["id"] if kind in ABOUT_A_MEMBER else None,
                decision_rule=turns.of("rule of proposal", list(DecisionRule)),
                status=status,
                opens_at=turns.of("opens", MOMENTS),
                closes_at=turns.of("closes", ("2027-03-08T09:00:00Z", "2027-05-05T05:05:05.5Z")),
                decided_at=None if is_open else "2027-03-01T08:00:00.123456Z",
                failure=turns.of("failure", ("Gone \\ left", None)) if failed else None,
            )
            add_ballots(world, proposal)


def add_ballots(world: World, proposal: Row) -> None:
    turns = world.rows.turns
    for organization in world.organizations[: turns.of("ballots", (10, 3, 0, 6))]:
        choice = turns.of("choice", list(BallotChoice))
        blocks = choice is BallotChoice.BLOCK
        world.rows.add(
            "ballots",
            id=world.rows.new_id(Kind.BALLOT),
            proposal_id=proposal["id"],
            organization_id=organization["id"],
            choice=choice,
            reason=turns.of("why", ODD_WORDS) if blocks else turns.of("perhaps", (None, "Yes \n!")),
            cast_at=turns.of("cast", MOMENTS),
        )
