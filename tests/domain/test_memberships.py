"""What may become of an organization's place in an alliance, walked over as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.alliances import (
    ALLIANCE,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    MembershipInitiator,
)
from domain.errors import InvalidTransition, Refused
from domain.memberships import (
    ANSWERED_WITHIN,
    MEMBERSHIP,
    UNANSWERED,
    Membership,
    machine_for,
    require_own_decision,
)
from domain.sharing import FINAL_STATUSES, MembershipStatus
from domain.transitions import Party

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
S = MembershipStatus


def place(status: MembershipStatus, **given: object) -> Membership:
    words: dict[str, object] = {
        "id": "alm_1",
        "alliance_id": "aln_1",
        "organization_id": "org_1",
        "role": AllianceRole.MEMBER,
        "status": status,
        "initiated_by": MembershipInitiator.ALLIANCE,
        "created_at": NOW,
        "expires_at": NOW + ANSWERED_WITHIN if status in UNANSWERED else None,
    }
    return Membership(**(words | given))  # type: ignore[arg-type]


def test_what_has_ended_is_what_the_rest_of_the_hub_takes_for_ended() -> None:
    assert MEMBERSHIP.final == FINAL_STATUSES
    assert ALLIANCE.final == {AllianceStatus.DISSOLVED}


def test_every_state_is_reached_from_a_beginning() -> None:
    for machine in (MEMBERSHIP, ALLIANCE):
        reached = {to for step in machine.steps if not step.start for to in step.to}
        for _ in machine.states:
            reached |= {to for step in machine.steps if set(step.start) & reached for to in step.to}
        assert reached == set(machine.states)


@pytest.mark.parametrize("status", [S.PENDING_AGREEMENT, S.ACTIVE, S.SUSPENDED])
def test_an_organization_may_always_leave_what_it_came_into(status: MembershipStatus) -> None:
    step = MEMBERSHIP.require(status, "leave", {Party.ORGANIZATION}, ("membership",))
    assert set(step.to) <= MEMBERSHIP.final


@pytest.mark.parametrize("status", sorted(FINAL_STATUSES))
def test_nothing_follows_what_has_ended(status: MembershipStatus) -> None:
    assert list(MEMBERSHIP.possible(status)) == []
    with pytest.raises(InvalidTransition, match="begin anew"):
        MEMBERSHIP.require(status, "accept", set(Party), ("membership",))


def test_a_refusal_says_what_may_be_done_instead() -> None:
    with pytest.raises(InvalidTransition) as refusal:
        MEMBERSHIP.require(S.INVITED, "leave", {Party.ORGANIZATION}, ("membership",))
    assert "You may: respondToAllianceMembership." in refusal.value.message
    assert refusal.value.field == ("membership",)


@pytest.mark.parametrize(
    "rule", [DecisionRule.MAJORITY, DecisionRule.CONSENT, DecisionRule.UNANIMITY]
)
def test_where_members_decide_together_the_convener_alone_neither_admits_nor_removes(
    rule: DecisionRule,
) -> None:
    machine = machine_for(rule)
    assert machine.next_actions(S.ACTIVE, {Party.ALLIANCE}) == ("suspendAllianceMember",)
    assert machine.next_actions(S.ACTIVE, {Party.MEMBERS}) == ("openProposal",)
    # To reject is still the convener's.
    assert [step.action for step in machine.possible(S.REQUESTED) if step.by is Party.ALLIANCE] == [
        "reject"
    ]
    for action in ("approve", "remove"):
        with pytest.raises(Refused, match="openProposal"):
            require_own_decision(rule, action, ("membership",))
    require_own_decision(rule, "suspend", ("membership",))


def test_where_the_convener_decides_it_does_both() -> None:
    told = machine_for(DecisionRule.CONVENER).next_actions(S.ACTIVE, {Party.ALLIANCE})
    assert told == ("suspendAllianceMember", "removeAllianceMember")


@pytest.mark.parametrize("status", sorted(UNANSWERED))
def test_what_nobody_answers_has_expired_with_the_last_moment(status: MembershipStatus) -> None:
    asked = place(status)
    last = NOW + ANSWERED_WITHIN
    assert asked.by(last - timedelta(microseconds=1)) == asked
    expired = asked.by(last + timedelta(days=3))
    assert (expired.status, expired.ended_at, expired.expires_at) == (S.EXPIRED, last, None)


@pytest.mark.parametrize("status", sorted(set(S) - UNANSWERED))
def test_what_was_answered_never_expires(status: MembershipStatus) -> None:
    answered = place(status)
    assert answered.by(NOW + timedelta(days=10_000)) == answered


@pytest.mark.parametrize("before", sorted(S))
@pytest.mark.parametrize("after", sorted(S))
def test_what_is_kept_beside_a_state_belongs_to_that_state(
    before: MembershipStatus, after: MembershipStatus
) -> None:
    became = place(before, joined_at=NOW).become(after, Party.TIME, NOW, "Because")
    assert (became.ended_at is not None) == (after in FINAL_STATUSES)
    assert (became.expires_at is not None) == (after in UNANSWERED)
    assert (became.suspended_by is not None) == (after is S.SUSPENDED)
    assert (became.end_reason is not None) == (after in FINAL_STATUSES | {S.SUSPENDED})
    assert became.joined_at == NOW
