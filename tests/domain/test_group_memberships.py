"""A person's place in a group: its states, and who may be the last to leave."""

import pytest

from domain.actors import TeamRole
from domain.errors import Refused
from domain.group_memberships import GROUP_MEMBERSHIP, require_a_lead_stays
from domain.groups import GroupRole
from domain.sharing import FINAL_STATUSES, MembershipStatus
from domain.transitions import Party


def test_what_is_final_in_a_group_is_what_is_final_in_an_alliance() -> None:
    assert GROUP_MEMBERSHIP.final == FINAL_STATUSES


def test_a_person_leaves_from_wherever_they_stand() -> None:
    for status in set(MembershipStatus) - FINAL_STATUSES:
        step = GROUP_MEMBERSHIP.require(status, "leave", [Party.PERSON], ())
        assert set(step.to) <= FINAL_STATUSES


def test_neither_side_answers_for_the_other() -> None:
    may = GROUP_MEMBERSHIP.next_actions
    assert may(MembershipStatus.REQUESTED, [Party.GROUP]) == ("respondToGroupMembership",)
    assert may(MembershipStatus.REQUESTED, [Party.PERSON]) == ("leaveGroup",)
    assert may(MembershipStatus.ACTIVE, [Party.GROUP]) == ()


@pytest.mark.parametrize(
    ("lead", "leaving", "others"),
    [
        (GroupRole.ADMIN, GroupRole.MEMBER, (GroupRole.MEMBER,)),
        (GroupRole.ADMIN, GroupRole.ADMIN, (GroupRole.CREW, GroupRole.ADMIN)),
        (GroupRole.ADMIN, GroupRole.ADMIN, ()),
        (TeamRole.OWNER, TeamRole.OWNER, (TeamRole.OWNER,)),
        (TeamRole.OWNER, TeamRole.ADMIN, (TeamRole.VIEWER,)),
    ],
)
def test_whoever_leaves_a_lead_behind_or_nobody_goes(
    lead: str, leaving: str, others: tuple[str, ...]
) -> None:
    require_a_lead_stays(lead, leaving, others, ())


@pytest.mark.parametrize(
    ("lead", "others"),
    [(GroupRole.ADMIN, (GroupRole.MODERATOR,)), (TeamRole.OWNER, (TeamRole.ADMIN,))],
)
def test_the_last_who_leads_hands_over_first(lead: str, others: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match=f"last {lead} .*proposeHandover") as refusal:
        require_a_lead_stays(lead, lead, others, ("group",))
    assert refusal.value.field == ("group",)
