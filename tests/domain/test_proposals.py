"""What makes a question one that can be put, and how ballots decide it under each rule."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

from domain.alliances import AllianceRole, DecisionRule
from domain.errors import Invalid
from domain.proposals import (
    PROPOSAL,
    BallotChoice,
    Electorate,
    Proposal,
    ProposalKind,
    ProposalStatus,
    Seat,
    can_pass,
    checked,
    checked_reason,
    outcome,
)
from domain.sharing import MembershipStatus
from domain.transitions import Party

AGREE, DISAGREE = BallotChoice.AGREE, BallotChoice.DISAGREE
ABSTAIN, BLOCK = BallotChoice.ABSTAIN, BallotChoice.BLOCK
PASSED, REJECTED = ProposalStatus.PASSED, ProposalStatus.REJECTED
CONVENER, MAJORITY = DecisionRule.CONVENER, DecisionRule.MAJORITY
CONSENT, UNANIMITY = DecisionRule.CONSENT, DecisionRule.UNANIMITY
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
NAMES = ("pantry", "shelter", "library", "clinic", "garden", "school", "choir")
Ballots = dict[str, BallotChoice]

rules = st.sampled_from(DecisionRule)
choices = st.sampled_from(BallotChoice)


def voters(many: int) -> Electorate:
    return Electorate(frozenset(NAMES[:many]), NAMES[0])


def said(*what: BallotChoice) -> Ballots:
    return dict(zip(NAMES, what, strict=False))


@composite
def votes(draw: DrawFn) -> tuple[Electorate, Ballots]:
    """Some who may vote, the convener mostly among them, and what some have said."""
    some = draw(st.frozensets(st.sampled_from(NAMES)))
    convener = draw(st.sampled_from([*sorted(some), None]))
    return Electorate(some, convener), draw(st.dictionaries(st.sampled_from(NAMES), choices))


# ── each rule, in its own words ──────────────────────────────────────────────────────────────

DECIDED: Mapping[str, tuple[DecisionRule, int, Ballots, ProposalStatus | None, ProposalStatus]] = {
    # rule, how many may vote, what they said: how it stands, and how it ends at its time
    "the convener agrees": (CONVENER, 3, said(AGREE, DISAGREE, BLOCK), PASSED, PASSED),
    "the convener disagrees": (CONVENER, 3, said(DISAGREE, AGREE, AGREE), REJECTED, REJECTED),
    "the convener blocks": (CONVENER, 3, said(BLOCK, AGREE, AGREE), REJECTED, REJECTED),
    "the convener abstains": (CONVENER, 3, said(ABSTAIN, AGREE, AGREE), None, REJECTED),
    "the convener is silent": (CONVENER, 3, {NAMES[1]: AGREE}, None, REJECTED),
    "two of three agree": (MAJORITY, 3, said(AGREE, AGREE), PASSED, PASSED),
    "two of four agree": (MAJORITY, 4, said(AGREE, AGREE), None, PASSED),
    "one of four agrees: no quorum": (MAJORITY, 4, said(AGREE), None, REJECTED),
    "who abstains makes the quorum": (MAJORITY, 4, said(AGREE, ABSTAIN), None, PASSED),
    "as many for it as against it": (MAJORITY, 4, said(AGREE, DISAGREE), None, REJECTED),
    "all have voted, and it is a tie": (MAJORITY, 2, said(AGREE, DISAGREE), REJECTED, REJECTED),
    "half of them disagree": (MAJORITY, 4, said(DISAGREE, DISAGREE), REJECTED, REJECTED),
    "to block a majority is to disagree": (MAJORITY, 3, said(BLOCK, BLOCK), REJECTED, REJECTED),
    "a block does not stop a majority": (MAJORITY, 3, said(BLOCK, AGREE, AGREE), PASSED, PASSED),
    "all abstain": (MAJORITY, 2, said(ABSTAIN, ABSTAIN), REJECTED, REJECTED),
    "nobody says a word, by consent": (CONSENT, 3, {}, None, PASSED),
    "some disagree, by consent": (CONSENT, 3, said(DISAGREE, DISAGREE), None, PASSED),
    "all have voted and nobody blocks": (CONSENT, 2, said(DISAGREE, ABSTAIN), PASSED, PASSED),
    "one blocks": (CONSENT, 3, said(AGREE, AGREE, BLOCK), None, REJECTED),
    "nobody is there to consent": (CONSENT, 0, {}, None, REJECTED),
    "all agree": (UNANIMITY, 3, said(AGREE, AGREE, AGREE), PASSED, PASSED),
    "all but one agree": (UNANIMITY, 3, said(AGREE, AGREE), None, REJECTED),
    "one disagrees": (UNANIMITY, 3, said(AGREE, DISAGREE), REJECTED, REJECTED),
    "one blocks where all must agree": (UNANIMITY, 3, said(BLOCK), REJECTED, REJECTED),
    "one abstains where all must agree": (UNANIMITY, 2, said(AGREE, ABSTAIN), None, REJECTED),
    "nobody is there to agree": (UNANIMITY, 0, {}, None, REJECTED),
}


@pytest.mark.parametrize("case", DECIDED)
def test_ballots_decide(case: str) -> None:
    rule, many, ballots, while_open, at_its_end = DECIDED[case]
    assert outcome(rule, voters(many), ballots, closed=False) is while_open
    assert outcome(rule, voters(many), ballots, closed=True) is at_its_end


# ── what holds of every rule ─────────────────────────────────────────────────────────────────


@given(rules, votes())
def test_a_closed_vote_is_decided(rule: DecisionRule, vote: tuple[Electorate, Ballots]) -> None:
    assert outcome(rule, *vote, closed=True) in {PASSED, REJECTED}


@given(rules, votes())
def test_what_was_decided_early_stands_at_the_end(
    rule: DecisionRule, vote: tuple[Electorate, Ballots]
) -> None:
    early = outcome(rule, *vote, closed=False)
    assert early is None or outcome(rule, *vote, closed=True) is early


@given(rules, votes(), st.data())
def test_what_was_decided_early_no_ballot_that_was_out_could_have_turned(
    rule: DecisionRule, vote: tuple[Electorate, Ballots], data: st.DataObject
) -> None:
    electorate, ballots = vote
    early = outcome(rule, electorate, ballots, closed=False)
    out = sorted(electorate.voters - ballots.keys())
    later = data.draw(st.dictionaries(st.sampled_from(out), choices)) if out else {}
    assert early is None or outcome(rule, electorate, ballots | later, closed=True) is early


@given(rules, votes(), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(
    rule: DecisionRule, vote: tuple[Electorate, Ballots], closed: bool, chance: Any
) -> None:
    electorate, ballots = vote
    turned = list(ballots.items())
    chance.shuffle(turned)
    assert outcome(rule, electorate, dict(turned), closed=closed) is outcome(
        rule, electorate, ballots, closed=closed
    )


def favour(decided: ProposalStatus | None) -> int:
    return {REJECTED: 0, None: 1, PASSED: 2}[decided]


@given(rules, votes(), st.booleans(), st.sampled_from(NAMES))
def test_to_agree_instead_never_makes_it_fail(
    rule: DecisionRule, vote: tuple[Electorate, Ballots], closed: bool, who: str
) -> None:
    electorate, ballots = vote
    before = outcome(rule, electorate, ballots, closed=closed)
    after = outcome(rule, electorate, ballots | {who: AGREE}, closed=closed)
    assert favour(after) >= favour(before)


@given(rules, votes(), st.booleans(), st.data())
def test_to_turn_against_it_never_makes_it_pass(
    rule: DecisionRule, vote: tuple[Electorate, Ballots], closed: bool, data: st.DataObject
) -> None:
    electorate, ballots = vote
    if not ballots:
        return
    who = data.draw(st.sampled_from(sorted(ballots)))
    before = outcome(rule, electorate, ballots, closed=closed)
    after = outcome(rule, electorate, ballots | {who: BLOCK}, closed=closed)
    assert favour(after) <= favour(before)


@given(rules, votes(), st.booleans(), choices)
def test_who_has_no_vote_changes_nothing(
    rule: DecisionRule, vote: tuple[Electorate, Ballots], closed: bool, choice: BallotChoice
) -> None:
    electorate, ballots = vote
    assert outcome(rule, electorate, ballots | {"stranger": choice}, closed=closed) is outcome(
        rule, electorate, ballots, closed=closed
    )


@given(rules, votes())
def test_what_nobody_could_decide_never_passes(
    rule: DecisionRule, vote: tuple[Electorate, Ballots]
) -> None:
    if not can_pass(rule, vote[0]):
        assert outcome(rule, *vote, closed=True) is REJECTED


def test_members_vote_who_are_active_and_no_observers_and_not_about_themselves() -> None:
    def seat(
        name: str,
        role: AllianceRole = AllianceRole.MEMBER,
        status: MembershipStatus = MembershipStatus.ACTIVE,
    ) -> Seat:
        return Seat(name, role, status)

    seats = [
        seat("pantry", AllianceRole.CONVENER),
        seat("shelter", AllianceRole.STEWARD),
        seat("library"),
        seat("clinic", AllianceRole.OBSERVER),
        *(seat(f"the {status}", status=status) for status in MembershipStatus),
    ]
    everybody = {"pantry", "shelter", "library", "the ACTIVE"}
    assert Electorate.of(seats, "pantry", None) == Electorate(frozenset(everybody), "pantry")
    assert Electorate.of(seats, "pantry", "library").voters == everybody - {"library"}
    assert Electorate.of(seats, "pantry", "pantry") == Electorate(
        frozenset(everybody - {"pantry"}), None
    )


def test_the_convener_alone_decides_not_about_itself() -> None:
    assert can_pass(CONVENER, voters(3))
    assert not can_pass(CONVENER, replace(voters(3), convener=None))
    assert can_pass(MAJORITY, replace(voters(3), convener=None))


# ── what can be put ──────────────────────────────────────────────────────────────────────────


def asked(**otherwise: Any) -> Proposal:
    words: dict[str, Any] = {
        "id": "prp_1",
        "alliance_id": "aln_1",
        "organization_id": "org_1",
        "title": "A  common\nkitchen",
        "body": " We cook together. ",
        "kind": ProposalKind.OTHER,
        "subject_id": None,
        "rule": MAJORITY,
        "opens_at": NOW,
        "closes_at": NOW + timedelta(days=7),
    }
    return Proposal(**(words | otherwise))


def test_a_question_is_put_in_order() -> None:
    put = checked(asked())
    assert (put.title, put.body) == ("A common kitchen", "We cook together.")
    for at in (NOW + timedelta(hours=1), NOW + timedelta(days=90)):
        assert checked(asked(closes_at=at)).closes_at == at


@pytest.mark.parametrize(
    ("field", "otherwise"),
    [
        ("closesAt", {"closes_at": NOW + timedelta(minutes=59, seconds=59)}),
        ("closesAt", {"closes_at": NOW + timedelta(days=90, seconds=1)}),
        ("closesAt", {"closes_at": NOW - timedelta(days=1)}),
        ("title", {"title": " "}),
        ("title", {"title": "x" * 301}),
        ("body", {"body": " "}),
        ("subject", {"kind": ProposalKind.ADMIT_MEMBER}),
        ("subject", {"kind": ProposalKind.REMOVE_MEMBER}),
        ("subject", {"kind": ProposalKind.DISSOLVE, "subject_id": "alm_1"}),
        ("subject", {"subject_id": "alm_1"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(field: str, otherwise: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(asked(**otherwise))
    assert refusal.value.field == (field,)


def test_who_blocks_says_why() -> None:
    assert checked_reason(BLOCK, " Too\nfar. ") == "Too\nfar."
    assert checked_reason(AGREE, " ") is None
    with pytest.raises(Invalid, match="BLOCK"):
        checked_reason(BLOCK, "  ")


def test_an_open_proposal_is_due_from_the_moment_it_closes() -> None:
    at = asked().closes_at
    assert asked().is_due(at)
    assert not asked().is_due(at - timedelta(microseconds=1))
    assert not replace(asked(), status=PASSED).is_due(at)


def test_what_is_decided_stays_so() -> None:
    assert PROPOSAL.final == {PASSED, REJECTED, ProposalStatus.WITHDRAWN}
    everybody = tuple(Party)
    assert PROPOSAL.next_actions(ProposalStatus.OPEN, everybody) == (
        "castBallot",
        "withdrawProposal",
    )
    assert all(PROPOSAL.next_actions(state, everybody) == () for state in PROPOSAL.final)
