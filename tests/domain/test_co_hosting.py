"""How an organization's place on an event comes and goes, and what whoever holds it may change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import co_hosting
from domain.changes import contract_name
from domain.co_hosting import ALL, DETAILS, EVENT_HOST, MAY_CHANGE, Initiator, Place
from domain.errors import Invalid
from domain.events import EventHostRole, EventHostStatus, PublicationStatus
from domain.publication import PUBLICATION
from domain.reach import EventReach, OrganizationReach
from domain.sharing import AttendeeSharing, HostEditing, Visibility
from domain.transitions import Party
from resolvers.events import EventChanges

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
PANTRY = OrganizationReach("pantry", Visibility.PUBLIC)
FOR_THE_HOST_ALONE = {"visibility"}
HOST, PARTNER = Party.HOST, Party.PARTNER


def place(status: EventHostStatus) -> Place:
    return Place(
        id="evh_1",
        event_id="evt_1",
        organization_id="shelter",
        role=EventHostRole.CO_HOST,
        status=status,
        may_edit=HostEditing.DETAILS,
        attendee_sharing=AttendeeSharing.NONE,
        initiated_by=Initiator.OWNER,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def test_every_field_of_an_event_is_lent_with_all_or_is_the_hosts() -> None:
    changed = {contract_name(name) for name in EventChanges.__annotations__}
    assert changed - ALL == FOR_THE_HOST_ALONE
    # A picture cannot be changed by `updateEvent` yet.
    assert ALL - changed == {"image"}


def test_more_is_lent_step_by_step() -> None:
    assert set(MAY_CHANGE) == set(HostEditing)
    assert (
        MAY_CHANGE[HostEditing.NONE] < MAY_CHANGE[HostEditing.DETAILS] < MAY_CHANGE[HostEditing.ALL]
    )
    assert "startsAt" not in DETAILS
    assert not ALL & {"hosts", "sharedWith", "visibility", "group", "publicationStatus"}


def test_either_side_can_end_whatever_is_under_way() -> None:
    for status in (EventHostStatus.INVITED, EventHostStatus.REQUESTED, EventHostStatus.ACCEPTED):
        for side in (HOST, PARTNER):
            assert EVENT_HOST.next_actions(status, {side}), (status, side)
    assert EVENT_HOST.final == {
        EventHostStatus.DECLINED,
        EventHostStatus.CANCELED,
        EventHostStatus.EXPIRED,
        EventHostStatus.WITHDRAWN,
        EventHostStatus.REMOVED,
    }


def test_nobody_is_named_by_one_side_alone() -> None:
    """One side begins, and only the other accepts."""
    accepting = {(s.start, s.by) for s in EVENT_HOST.steps if s.action == "accept"}
    assert accepting == {
        ((EventHostStatus.INVITED,), PARTNER),
        ((EventHostStatus.REQUESTED,), HOST),
    }


@pytest.mark.parametrize("side", [HOST, PARTNER])
def test_each_way_to_end_a_place_is_known_again_when_it_was_gone(side: Party) -> None:
    for status in EventHostStatus:
        action = co_hosting.ending(status, side)
        for step in EVENT_HOST.possible(status):
            if (step.action, step.by) == (action, side):
                assert set(step.to) <= co_hosting.ended_by(side)
                assert step.needs_reason is (step.to == (EventHostStatus.REMOVED,))
    others = {PARTNER: EventHostStatus.REMOVED, HOST: EventHostStatus.WITHDRAWN}
    assert others[side] not in co_hosting.ended_by(side)


@pytest.mark.parametrize("status", EventHostStatus)
def test_what_is_awaited_too_long_has_expired_and_nothing_else_does(
    status: EventHostStatus,
) -> None:
    awaited = status in {EventHostStatus.INVITED, EventHostStatus.REQUESTED}
    assert place(status).status_at(NOW + timedelta(days=29)) is status
    late = place(status).status_at(NOW + timedelta(days=30))
    assert late is (EventHostStatus.EXPIRED if awaited else status)


@pytest.mark.parametrize("role", EventHostRole)
def test_only_a_promoter_of_what_everybody_sees_needs_no_answer(role: EventHostRole) -> None:
    open_event = EventReach("drive", Visibility.PUBLIC, PANTRY)
    is_promoter = role is EventHostRole.PROMOTER
    assert co_hosting.takes_no_answer(role, HostEditing.NONE, open_event) is is_promoter
    hidden = OrganizationReach("pantry", Visibility.UNLISTED)
    for less in (
        EventReach("drive", Visibility.UNLISTED, PANTRY),
        EventReach("drive", Visibility.PUBLIC, hidden),
        EventReach("drive", Visibility.PUBLIC, PANTRY, PublicationStatus.DRAFT),
    ):
        assert not co_hosting.takes_no_answer(role, HostEditing.NONE, less)
    assert not co_hosting.takes_no_answer(role, HostEditing.DETAILS, open_event)


def test_nobody_is_invited_to_be_a_second_host() -> None:
    with pytest.raises(Invalid) as refusal:
        co_hosting.editing_of(EventHostRole.HOST, None)
    assert refusal.value.field == ("role",)


grants = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(AttendeeSharing)))


@given(grants)
def test_of_several_alliances_the_one_that_tells_least_decides(
    granted: list[tuple[str, AttendeeSharing]],
) -> None:
    decided = co_hosting.shared_by(granted)
    if not granted:
        assert decided is None
        return
    assert decided in granted
    order = list(AttendeeSharing)
    assert order.index(decided[1]) == min(order.index(learns) for _, learns in granted)
    assert co_hosting.shared_by(granted[::-1]) == decided


def test_a_published_event_is_not_made_a_draft_again() -> None:
    assert not PUBLICATION.next_actions(PublicationStatus.PUBLISHED, {HOST})
    assert PUBLICATION.next_actions(PublicationStatus.DRAFT, {HOST}) == ("publishEvent",)
