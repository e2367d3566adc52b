"""Who may do what, said in sentences. That lists agree is tested beside their SQL twin."""

from dataclasses import replace

import pytest

from domain import policy, policy_of_leads
from domain.actors import NOBODY, OPERATOR, TeamRole, Viewer
from domain.alliances import AllianceStatus
from domain.errors import NotFound, Refused, Unauthenticated
from domain.events import EventHostStatus, PublicationStatus
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach, Reach
from domain.sharing import FINAL_STATUSES, HostEditing, MembershipStatus, Visibility
from domain.transitions import Party

TABLE = frozenset({"table"})
PANTRY = OrganizationReach("pantry", Visibility.PUBLIC, TABLE)
ANNA = Viewer("pantry", "anna", TeamRole.OWNER, "app", alliance_ids=TABLE)
SAM = Viewer("shelter", "sam", TeamRole.EDITOR, "app", alliance_ids=TABLE)
LEE = Viewer("library", "lee", TeamRole.OWNER, "app")
PANTRY_APP = Viewer("pantry", client_id="pantry-website", alliance_ids=TABLE)
EVERYBODY = (NOBODY, ANNA, SAM, LEE, PANTRY_APP)

drive = EventReach("drive", Visibility.PUBLIC, PANTRY)


def who_sees(thing: Reach) -> list[Viewer]:
    return [viewer for viewer in EVERYBODY if policy.sees(viewer, thing)]


def who_finds(thing: Reach) -> list[Viewer]:
    return [viewer for viewer in EVERYBODY if policy.finds(viewer, thing)]


def test_everybody_finds_what_is_public() -> None:
    cooks = GroupReach("cooks", Visibility.PUBLIC, PANTRY)
    table = AllianceReach("table", Visibility.PUBLIC, AllianceStatus.ACTIVE, PANTRY)
    for thing in (drive, cooks, table, PANTRY):
        assert who_finds(thing) == list(EVERYBODY)


def test_what_was_merged_into_another_event_is_opened_by_its_link_and_found_by_nobody() -> None:
    duplicate = replace(drive, replaced_by_id="the other")
    assert who_sees(duplicate) == list(EVERYBODY)
    assert who_finds(duplicate) == []


def test_what_is_unlisted_is_opened_by_its_link_and_found_by_allies_it_is_shared_with() -> None:
    unlisted = replace(drive, visibility=Visibility.UNLISTED)
    assert who_sees(unlisted) == list(EVERYBODY)
    assert who_finds(unlisted) == [ANNA, PANTRY_APP]
    assert who_finds(replace(unlisted, shared_with=TABLE)) == [ANNA, SAM, PANTRY_APP]


def test_allies_see_what_was_shared_with_their_alliance_and_nothing_else() -> None:
    ours = replace(drive, visibility=Visibility.ALLIANCE)
    assert who_sees(ours) == [ANNA, PANTRY_APP]
    assert who_sees(replace(ours, shared_with=TABLE)) == [ANNA, SAM, PANTRY_APP]
    assert who_sees(replace(ours, shared_with=frozenset({"harbor"}))) == [ANNA, PANTRY_APP]


def test_sharing_ends_when_the_owner_or_the_viewer_leaves_the_alliance() -> None:
    ours = replace(drive, visibility=Visibility.ALLIANCE, shared_with=TABLE)
    gone = replace(ours, organization=replace(PANTRY, alliance_ids=frozenset()))
    assert not policy.sees(SAM, gone)
    assert not policy.sees(replace(SAM, alliance_ids=frozenset()), ours)


def test_nothing_is_seen_wider_than_the_organization_that_answers_for_it() -> None:
    for visibility, seers in (
        (Visibility.PRIVATE, [ANNA, PANTRY_APP]),
        (Visibility.ORGANIZATION, [ANNA, PANTRY_APP]),
        (Visibility.ALLIANCE, [ANNA, SAM, PANTRY_APP]),
        (Visibility.UNLISTED, list(EVERYBODY)),
    ):
        pantry = replace(PANTRY, visibility=visibility)
        assert who_sees(pantry) == seers
        assert who_sees(replace(drive, organization=pantry)) == seers
        assert who_sees(GroupReach("cooks", Visibility.PUBLIC, pantry)) == seers


def test_whoever_takes_part_in_something_may_open_who_answers_for_it_and_no_more() -> None:
    hidden = replace(PANTRY, visibility=Visibility.PRIVATE)
    cook = replace(LEE, group_ids=frozenset({"cooks"}))
    for viewer, pantry in (
        (LEE, replace(hidden, convenes_for=frozenset({"library"}))),
        (LEE, replace(hidden, hosts_with=frozenset({"library"}))),
        (cook, replace(hidden, group_ids=frozenset({"cooks"}))),
    ):
        assert policy.sees(viewer, pantry)
        assert not policy.finds(viewer, pantry)
        assert not any(policy.sees(other, pantry) for other in (NOBODY, SAM))
        for other_thing in (
            replace(drive, organization=pantry),
            GroupReach("drivers", Visibility.PUBLIC, pantry),
            AllianceReach("harbor", Visibility.PUBLIC, AllianceStatus.ACTIVE, pantry),
        ):
            assert not policy.sees(viewer, other_thing)
        with pytest.raises(Refused):
            policy.require_organization_edit(viewer, pantry)


def test_a_draft_is_for_its_own_team_and_those_who_host_it() -> None:
    for status in (
        PublicationStatus.DRAFT,
        PublicationStatus.PENDING_APPROVAL,
        PublicationStatus.REJECTED,
    ):
        draft = replace(drive, publication_status=status)
        assert who_sees(draft) == [ANNA, PANTRY_APP]
        asked = replace(draft, hosts={"library": EventHostStatus.INVITED})
        assert who_sees(asked) == [ANNA, LEE, PANTRY_APP]
    assert who_sees(replace(drive, publication_status=PublicationStatus.ARCHIVED)) == list(
        EVERYBODY
    )


@pytest.mark.parametrize("status", EventHostStatus)
def test_who_declined_or_left_is_a_host_no_more(status: EventHostStatus) -> None:
    private = replace(drive, visibility=Visibility.PRIVATE, hosts={"library": status})
    assert policy.sees(LEE, private) is (
        status in {EventHostStatus.INVITED, EventHostStatus.REQUESTED, EventHostStatus.ACCEPTED}
    )


def test_an_event_for_its_group_is_seen_by_the_group() -> None:
    ours = replace(drive, visibility=Visibility.GROUP, group_id="cooks")
    cook = replace(LEE, group_ids=frozenset({"cooks"}))
    assert policy.sees(cook, ours)
    assert policy.finds(cook, ours)
    assert who_sees(ours) == [ANNA, PANTRY_APP]
    assert not policy.sees(cook, replace(ours, group_id=None))
    hidden = replace(ours, organization=replace(PANTRY, visibility=Visibility.PRIVATE))
    assert not policy.sees(cook, hidden)


def test_members_see_their_own_group_whatever_it_says() -> None:
    board = GroupReach("board", Visibility.PRIVATE, replace(PANTRY, visibility=Visibility.PRIVATE))
    assert policy.finds(replace(LEE, group_ids=frozenset({"board"})), board)
    assert who_sees(board) == [ANNA, PANTRY_APP]


@pytest.mark.parametrize("status", MembershipStatus)
def test_who_is_asked_into_a_closed_alliance_may_look_at_it(status: MembershipStatus) -> None:
    table = AllianceReach(
        "table", Visibility.PRIVATE, AllianceStatus.ACTIVE, PANTRY, {"library": status}
    )
    assert policy.finds(LEE, table) is (status not in FINAL_STATUSES)
    assert not policy.sees(NOBODY, table)


def test_contacts_are_for_the_team_and_allies() -> None:
    assert [who for who in EVERYBODY if policy.may_know_contacts(who, PANTRY)] == [
        ANNA,
        SAM,
        PANTRY_APP,
    ]


ROLES_THAT_MAY = {
    "publish": (policy.require_event_work, {"OWNER", "ADMIN", "EDITOR", "EVENT_MANAGER"}),
    "keep groups": (policy.require_group_work, {"OWNER", "ADMIN", "EDITOR"}),
    "convene": (policy_of_leads.require_convening, {"OWNER", "ADMIN"}),
}


@pytest.mark.parametrize("work", ROLES_THAT_MAY)
@pytest.mark.parametrize("role", TeamRole)
def test_each_role_in_the_team_may_do_its_part(work: str, role: TeamRole) -> None:
    require, roles = ROLES_THAT_MAY[work]
    member = replace(ANNA, role=role)
    assert require(PANTRY_APP, PANTRY, ("organization",)) is PANTRY
    if role.value in roles:
        assert require(member, PANTRY, ("organization",)) is PANTRY
    else:
        with pytest.raises(Refused) as refusal:
            require(member, PANTRY, ("organization",))
        assert refusal.value.field == ("organization",)


@pytest.mark.parametrize("work", ROLES_THAT_MAY)
def test_nobody_works_for_another_organization(work: str) -> None:
    require, _ = ROLES_THAT_MAY[work]
    hidden = replace(PANTRY, visibility=Visibility.PRIVATE)
    for stranger in (NOBODY, SAM, LEE):
        with pytest.raises(Refused):
            require(stranger, PANTRY, ("organization",))
        for unseen in (hidden, None):
            with pytest.raises(NotFound):
                require(stranger, unseen, ("organization",))


def test_a_partner_may_not_move_the_date() -> None:
    shared = replace(drive, hosts={"shelter": EventHostStatus.ACCEPTED})
    with pytest.raises(Refused, match="Only the host may change: endsAt, startsAt"):
        policy.require_event_edit(SAM, shared, ["startsAt", "endsAt"])
    assert policy.require_event_edit(ANNA, shared, ["startsAt"]) is shared


@pytest.mark.parametrize(
    ("lent", "fields", "theirs"),
    [
        (HostEditing.NONE, ["title"], False),
        (HostEditing.DETAILS, ["title", "onlineUrl", "contact"], True),
        (HostEditing.DETAILS, ["title", "place"], False),
        (HostEditing.ALL, ["title", "place", "startsAt", "status"], True),
        (HostEditing.ALL, ["title", "visibility"], False),
        (HostEditing.ALL, ["hosts"], False),
    ],
)
def test_a_co_host_changes_what_was_lent_to_it(
    lent: HostEditing, fields: list[str], theirs: bool
) -> None:
    accepted = {"shelter": EventHostStatus.ACCEPTED}
    shared = replace(drive, hosts=accepted, may_edit={"shelter": lent})
    if theirs:
        assert policy.require_event_edit(SAM, shared, fields) is shared
    else:
        with pytest.raises(Refused):
            policy.require_event_edit(SAM, shared, fields)
    for other in (LEE, replace(SAM, role=TeamRole.VIEWER)):
        with pytest.raises(Refused):
            policy.require_event_edit(other, shared, fields)
    with pytest.raises(Refused):
        policy.require_host(SAM, shared, "cancel it")


def test_the_two_sides_of_a_place_are_the_host_and_whose_place_it_is() -> None:
    shelter = OrganizationReach("shelter", Visibility.PUBLIC, TABLE)
    hidden = replace(shelter, visibility=Visibility.PRIVATE)
    accepted, invited = EventHostStatus.ACCEPTED, EventHostStatus.INVITED
    for status in EventHostStatus:
        assert policy.require_side(ANNA, drive, shelter, status) is Party.HOST
        assert policy.require_side(SAM, drive, hidden, status) is Party.PARTNER
    with pytest.raises(Refused):
        policy.require_side(LEE, drive, shelter, accepted)
    private = replace(drive, visibility=Visibility.PRIVATE)
    for thing, named, stands in (
        (drive, shelter, invited),
        (drive, hidden, accepted),
        (private, shelter, accepted),
        (None, None, None),
    ):
        with pytest.raises(NotFound):
            policy.require_side(LEE, thing, named, stands)


def test_things_are_changed_by_those_who_answer_for_them() -> None:
    cooks = GroupReach("cooks", Visibility.PUBLIC, PANTRY)
    members = {PANTRY.id: MembershipStatus.ACTIVE}
    table = AllianceReach("table", Visibility.PUBLIC, AllianceStatus.ACTIVE, PANTRY, members)
    assert policy.require_organization_edit(ANNA, PANTRY) is PANTRY
    assert policy.require_group_edit(ANNA, cooks) is cooks
    assert policy.require_alliance_edit(ANNA, table) is table
    for stranger in (NOBODY, SAM, LEE):
        with pytest.raises(Refused):
            policy.require_organization_edit(stranger, PANTRY)
        with pytest.raises(Refused):
            policy.require_group_edit(stranger, cooks)
        with pytest.raises(Refused):
            policy.require_alliance_edit(stranger, table)


def test_organizations_are_founded_by_people() -> None:
    policy.require_founding(LEE)
    policy.require_founding(Viewer(client_id=OPERATOR))
    with pytest.raises(Refused):
        policy.require_founding(PANTRY_APP)
    with pytest.raises(Unauthenticated):
        policy.require_founding(NOBODY)


def test_only_the_operator_is_the_operator() -> None:
    policy.require_operator(Viewer(client_id=OPERATOR))
    for viewer in EVERYBODY:
        with pytest.raises(Refused):
            policy.require_operator(viewer)


def test_one_shares_with_alliances_one_is_in() -> None:
    policy.require_sharing(PANTRY, ["table"], ("shareWith",))
    with pytest.raises(Refused, match="no active member of harbor; join first"):
        policy.require_sharing(PANTRY, ["harbor", "table"], ("shareWith",))
