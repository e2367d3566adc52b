"""Organizations come into an alliance and leave it, each by its own answer."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from domain.actors import BY_TIME, Viewer
from domain.alliances import AllianceRole, AllianceStatus, DecisionRule
from domain.errors import Invalid, InvalidTransition, NotFound, Problem, Refused, Taken
from domain.memberships import ANSWERED_WITHIN
from domain.sharing import FINAL_STATUSES, JoinPolicy, MembershipStatus, Visibility
from domain.transitions import Party
from resolvers import co_hosting, memberships, organizations
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from storage.tables import alliance_members, alliances
from tests.cast import publish
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.coalition import Coalition

S = MembershipStatus


async def test_the_library_is_invited_and_comes_in_by_its_own_answer(coalition: Coalition) -> None:
    invitation = await coalition.invite_library(message="Come and eat with us.")
    asked = await coalition.kept(invitation)
    assert (asked.status, asked.role, asked.message) == (
        S.INVITED,
        AllianceRole.MEMBER,
        "Come and eat with us.",
    )
    assert asked.expires_at == asked.created_at + ANSWERED_WITHIN
    await memberships.respond(coalition.context(coalition.lee), invitation, True)
    member = await coalition.kept(invitation)
    assert (member.status, member.joined_at, member.expires_at) == (
        S.ACTIVE,
        asked.created_at,
        None,
    )
    assert await coalition.noted(invitation) == ["membership.invited", "membership.accepted"]


async def test_an_alliance_becomes_active_with_its_second_member(coalition: Coalition) -> None:
    await coalition.terms(status=AllianceStatus.FORMING)
    invitation = await coalition.invite_library()
    assert await coalition.status() == "FORMING"
    await memberships.respond(coalition.context(coalition.lee), invitation, True)
    assert await coalition.status() == "ACTIVE"


async def test_the_library_asks_and_a_steward_approves(coalition: Coalition) -> None:
    await coalition.terms(join_policy=JoinPolicy.BY_REQUEST)
    await make_steward(coalition)
    request = await memberships.ask(
        coalition.context(coalition.lee), coalition.cast.city_table, coalition.cast.library
    )
    assert (await coalition.kept(request)).status is S.REQUESTED
    await memberships.respond(coalition.context(coalition.dana), request, True)
    assert (await coalition.kept(request)).status is S.ACTIVE
    assert await coalition.noted(request) == ["membership.requested", "membership.approved"]


async def test_an_open_alliance_is_entered_by_asking(coalition: Coalition) -> None:
    await coalition.terms(join_policy=JoinPolicy.OPEN)
    ask = memberships.ask(
        coalition.context(coalition.lee), coalition.cast.city_table, coalition.cast.library
    )
    assert (await coalition.kept(await ask)).status is S.ACTIVE


async def test_an_alliance_of_invited_ones_names_the_way_in(
    coalition: Coalition, contents: Contents
) -> None:
    before = await contents()
    with pytest.raises(Refused, match="inviteToAlliance"):
        await memberships.ask(
            coalition.context(coalition.lee), coalition.cast.city_table, coalition.cast.library
        )
    assert await contents() == before


async def test_only_leads_of_the_convener_or_a_steward_invite(
    coalition: Coalition, contents: Contents
) -> None:
    before = await contents()
    cast = coalition.cast
    for viewer in (cast.sam, coalition.dana, cast.shelter_app, coalition.lee):
        with pytest.raises(Refused, match="convener"):
            await memberships.invite(coalition.context(viewer), cast.city_table, cast.library)
    with pytest.raises(Invalid, match="one convener"):
        await coalition.invite_library(role=AllianceRole.CONVENER)
    with pytest.raises(NotFound):
        await memberships.invite(coalition.context(cast.anna), cast.city_table, "org_nobody")
    with pytest.raises(Taken, match="ACTIVE"):
        await memberships.invite(coalition.context(cast.anna), cast.city_table, cast.shelter)
    assert await contents() == before


async def test_an_organization_that_keeps_to_itself_is_neither_invited_nor_asks_unseen(
    coalition: Coalition, contents: Contents
) -> None:
    await coalition.terms(join_policy=JoinPolicy.BY_REQUEST)
    hidden = await organizations.create(
        coalition.context(operator_for()),
        NewOrganization(
            slug="night-shelter",
            name="Night Shelter",
            languages=("en",),
            time_zone="America/Indiana/Indianapolis",
            visibility=Visibility.PRIVATE,
        ),
    )
    before = await contents()
    with pytest.raises(NotFound):
        await memberships.invite(
            coalition.context(coalition.anna), coalition.cast.city_table, hidden
        )
    with pytest.raises(Invalid, match="UNLISTED or PUBLIC"):
        await memberships.ask(
            coalition.context(Viewer(hidden, client_id="app")), coalition.cast.city_table, hidden
        )
    assert await contents() == before


async def test_a_stranger_answers_nothing_and_learns_of_nothing(
    coalition: Coalition, contents: Contents
) -> None:
    invitation = await coalition.invite_library()
    shelters = await coalition.of(coalition.cast.shelter)
    before = await contents()
    stranger = Viewer("org_stranger", client_id="app")
    for step in every_step(invitation):
        with pytest.raises(NotFound):
            await step(coalition, stranger)
    # That the Shelter is a member is known to all; that is no reason to speak for it.
    for step in every_step(shelters.id):
        with pytest.raises(Refused):
            await step(coalition, coalition.cast.sam)
        with pytest.raises(Refused):
            await step(coalition, stranger)
    assert await contents() == before


async def test_what_is_said_twice_is_done_once(coalition: Coalition, contents: Contents) -> None:
    anna, lee, cast = coalition.anna, coalition.lee, coalition.cast
    invitation = await coalition.invite_library()
    after = await contents()
    assert await coalition.invite_library() == invitation
    assert await contents() == after
    for viewer, step in (
        (lee, answered(invitation, True)),
        (anna, suspended(invitation)),
        (anna, reinstated(invitation)),
        (anna, removed(invitation)),
    ):
        await step(coalition, viewer)
        after = await contents()
        await step(coalition, viewer)
        assert await contents() == after
    again = await coalition.invite_library()
    await answered(again, False)(coalition, lee)
    after = await contents()
    await answered(again, False)(coalition, lee)
    assert await contents() == after
    await coalition.terms(join_policy=JoinPolicy.OPEN)
    third = await memberships.ask(coalition.context(lee), cast.city_table, cast.library)
    after = await contents()
    assert await memberships.ask(coalition.context(lee), cast.city_table, cast.library) == third
    assert await contents() == after


async def test_what_ended_stays_on_record_and_a_new_start_is_a_new_row(
    coalition: Coalition,
) -> None:
    first = await coalition.invite_library()
    await answered(first, False)(coalition, coalition.lee)
    second = await coalition.invite_library()
    await answered(second, False)(coalition, coalition.anna)
    third = await coalition.invite_library()
    await answered(third, True)(coalition, coalition.lee)
    await memberships.leave(coalition.context(coalition.lee), third, "We have enough to do.")
    await coalition.invite_library()
    rows = await coalition.rows_of(coalition.cast.library)
    assert sorted(rows) == ["CANCELED", "DECLINED", "INVITED", "LEFT"]
    left = await coalition.kept(third)
    assert (left.end_reason, left.ended_at) == ("We have enough to do.", left.joined_at)


# ── every step, in every state, by each side ─────────────────────────────────────────────────

Act = Callable[[Coalition, Viewer], Awaitable[object]]


def answered(membership_id: str, accept: bool) -> Act:
    return lambda c, viewer: memberships.respond(c.context(viewer), membership_id, accept)


def left(membership_id: str) -> Act:
    return lambda c, viewer: memberships.leave(c.context(viewer), membership_id)


def suspended(membership_id: str) -> Act:
    return lambda c, viewer: memberships.suspend(c.context(viewer), membership_id, "No news.")


def reinstated(membership_id: str) -> Act:
    return lambda c, viewer: memberships.reinstate(c.context(viewer), membership_id)


def removed(membership_id: str) -> Act:
    return lambda c, viewer: memberships.remove(c.context(viewer), membership_id, "For good.")


def every_step(membership_id: str) -> list[Act]:
    yes_and_no = [answered(membership_id, True), answered(membership_id, False)]
    steps = (left, suspended, reinstated, removed)
    return yes_and_no + [step(membership_id) for step in steps]


# What each side's steps make of each state: accept, refuse, leave, suspend, reinstate, remove. None:
# it is refused. The state itself: it is so already, and nothing is written.
OF_THE_LIBRARY = {
    S.INVITED: (S.ACTIVE, S.DECLINED, None, None, None, None),
    S.REQUESTED: (None, S.CANCELED, None, None, None, None),
    S.PENDING_AGREEMENT: (S.PENDING_AGREEMENT, None, S.CANCELED, None, None, None),
    S.ACTIVE: (S.ACTIVE, None, S.LEFT, None, None, None),
    S.SUSPENDED: (S.SUSPENDED, None, S.LEFT, None, None, None),
}
OF_THE_PANTRY = {
    S.INVITED: (None, S.CANCELED, None, None, None, None),
    S.REQUESTED: (S.ACTIVE, S.REJECTED, None, None, None, None),
    S.PENDING_AGREEMENT: (S.PENDING_AGREEMENT, None, None, None, None, S.REMOVED),
    S.ACTIVE: (S.ACTIVE, None, None, S.SUSPENDED, S.ACTIVE, S.REMOVED),
    S.SUSPENDED: (S.SUSPENDED, None, None, S.SUSPENDED, S.ACTIVE, S.REMOVED),
}


NOWHERE = (None,) * 6  # it has ended


@pytest.mark.parametrize("status", sorted(S))
async def test_each_step_leads_where_it_should_or_is_refused_and_changes_nothing(
    coalition: Coalition, contents: Contents, status: MembershipStatus
) -> None:
    membership_id = await coalition.invite_library()
    await put(coalition, membership_id, status)
    leading: list[tuple[Act, Viewer, MembershipStatus]] = []
    before = await contents()
    for viewer, expected in ((coalition.lee, OF_THE_LIBRARY), (coalition.anna, OF_THE_PANTRY)):
        become = expected.get(status, NOWHERE)
        for step, to in zip(every_step(membership_id), become, strict=True):
            if to is not None and to is not status:
                leading.append((step, viewer, to))
                continue
            refused = await refused_by(step(coalition, viewer))
            # Of what has ended, that it is so already may be heard again.
            assert refused or to is status or status in FINAL_STATUSES
    assert await contents() == before
    for step, viewer, to in leading:
        await step(coalition, viewer)
        assert (await coalition.kept(membership_id)).status is to
        await put(coalition, membership_id, status)


async def refused_by(step: Awaitable[object]) -> bool:
    try:
        await step
    except (InvalidTransition, Refused):
        return True
    return False


NEXT = "query ($id: ID!) { node(id: $id) { ... on AllianceMembership { nextActions isFinal } } }"
MUTATIONS = {
    "respondToAllianceMembership": (0, 1),
    "leaveAlliance": (2,),
    "suspendAllianceMember": (3,),
    "reinstateAllianceMember": (4,),
    "removeAllianceMember": (5,),
}


@pytest.mark.parametrize("status", sorted(S))
async def test_what_is_told_to_be_next_is_what_can_be_done(
    coalition: Coalition, status: MembershipStatus
) -> None:
    membership_id = await coalition.invite_library()
    await put(coalition, membership_id, status)
    is_final = status in FINAL_STATUSES
    for viewer, expected in ((coalition.lee, OF_THE_LIBRARY), (coalition.anna, OF_THE_PANTRY)):
        become = expected.get(status, NOWHERE)
        possible = [
            name
            for name, places in MUTATIONS.items()
            if any(become[at] not in (None, status) for at in places)
        ]
        told = await coalition.ask(viewer, NEXT, id=membership_id)
        assert told["node"]["isFinal"] is is_final
        assert sorted(told["node"]["nextActions"]) == sorted(possible)
    # Sam, an editor, sees it and may do nothing; an app may do what its organization may.
    from_inside = await coalition.ask(coalition.sam, NEXT, id=membership_id)
    assert from_inside["node"] == {"nextActions": [], "isFinal": is_final}


async def test_where_members_decide_together_next_is_a_proposal(coalition: Coalition) -> None:
    await coalition.terms(decision_rule=DecisionRule.CONSENT)
    membership_id = await coalition.invite_library()
    for status, of_anna, of_dana in (
        (S.REQUESTED, ["openProposal", "respondToAllianceMembership"], ["openProposal"]),
        (S.ACTIVE, ["openProposal", "suspendAllianceMember"], ["openProposal"]),
        (S.SUSPENDED, ["openProposal", "reinstateAllianceMember"], ["openProposal"]),
    ):
        await put(coalition, membership_id, status)
        for viewer, expected in ((coalition.anna, of_anna), (coalition.dana, of_dana)):
            told = await coalition.ask(viewer, NEXT, id=membership_id)
            assert sorted(told["node"]["nextActions"]) == expected


async def put(coalition: Coalition, membership_id: str, status: MembershipStatus) -> None:
    """The membership in that state, however it came there."""
    kept = await coalition.kept(membership_id)
    unended = kept.become(S.ACTIVE, Party.ALLIANCE, kept.created_at)
    there = unended.become(status, Party.ALLIANCE, kept.created_at)
    async with coalition.database.writing() as db:
        await db.execute(
            update(alliance_members)
            .where(alliance_members.c.id == membership_id)
            .values(
                status=there.status,
                joined_at=None,
                ended_at=there.ended_at,
                end_reason=None,
                expires_at=there.expires_at,
                suspended_by=there.suspended_by,
            )
        )


async def make_steward(coalition: Coalition) -> None:
    async with coalition.database.writing() as db:
        await db.execute(
            update(alliance_members)
            .where(alliance_members.c.organization_id == coalition.cast.shelter)
            .values(role=AllianceRole.STEWARD)
        )


# ── deciding together ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rule", ["MAJORITY", "CONSENT", "UNANIMITY"])
async def test_members_who_decide_together_are_asked_by_a_proposal(
    coalition: Coalition, contents: Contents, rule: str
) -> None:
    await coalition.terms(decision_rule=rule, join_policy=JoinPolicy.BY_REQUEST)
    request = await memberships.ask(
        coalition.context(coalition.lee), coalition.cast.city_table, coalition.cast.library
    )
    shelter = await coalition.of(coalition.cast.shelter)
    before = await contents()
    for step in (answered(request, True), removed(shelter.id)):
        with pytest.raises(Refused, match="openProposal"):
            await step(coalition, coalition.anna)
    assert await contents() == before
    ctx = coalition.context(coalition.dana)
    async with ctx.writing() as db:
        await memberships.admit(ctx, db, request)
    assert (await coalition.kept(request)).status is S.ACTIVE
    async with ctx.writing() as db:
        await memberships.remove_by_decision(ctx, db, request, "We do not agree.")
    gone = await coalition.kept(request)
    assert (gone.status, gone.end_reason) == (S.REMOVED, "We do not agree.")


async def test_what_was_taken_back_meanwhile_is_not_decided_any_more(
    coalition: Coalition, contents: Contents, clock: StandingClock
) -> None:
    await coalition.terms(decision_rule="CONSENT", join_policy=JoinPolicy.BY_REQUEST)
    lee, cast = coalition.lee, coalition.cast
    taken_back = await memberships.ask(coalition.context(lee), cast.city_table, cast.library)
    await answered(taken_back, False)(coalition, lee)
    late = await memberships.ask(coalition.context(lee), cast.city_table, cast.library)
    clock.forward(days=30)
    before = await contents()
    for membership_id in (taken_back, late):
        ctx = coalition.context(coalition.dana)
        with pytest.raises(InvalidTransition):
            async with ctx.writing() as db:
                await memberships.admit(ctx, db, membership_id)
    assert await contents() == before


async def test_a_dissolved_alliance_ends_every_membership(
    coalition: Coalition, contents: Contents
) -> None:
    invitation = await coalition.invite_library()
    ctx = coalition.context(coalition.dana)
    async with ctx.writing() as db:
        await memberships.dissolve(ctx, db, coalition.cast.city_table)
    assert await coalition.status() == "DISSOLVED"
    for organization in (coalition.cast.pantry, coalition.cast.shelter, coalition.cast.library):
        assert await coalition.rows_of(organization) == ["REMOVED"]
    assert (await coalition.kept(invitation)).end_reason == "The alliance was dissolved."
    before = await contents()
    for viewer in (coalition.anna, operator_for(coalition.cast.pantry)):
        with pytest.raises(Problem):
            await memberships.invite(
                coalition.context(viewer), coalition.cast.city_table, coalition.cast.library
            )
    with pytest.raises(InvalidTransition):
        async with ctx.writing() as db:
            await memberships.dissolve(ctx, db, coalition.cast.city_table)
    assert await contents() == before


# ── the convener ─────────────────────────────────────────────────────────────────────────────


async def test_the_convener_leaves_alone_and_at_once_and_the_alliance_rests(
    coalition: Coalition,
) -> None:
    pantry = await coalition.of(coalition.cast.pantry)
    await left(pantry.id)(coalition, coalition.anna)
    assert (await coalition.kept(pantry.id)).status is S.LEFT
    assert await coalition.status() == "DORMANT"
    with pytest.raises(Refused, match="convener"):
        await coalition.invite_library()


async def test_a_steward_puts_neither_the_convener_out_nor_aside(
    coalition: Coalition, contents: Contents
) -> None:
    await make_steward(coalition)
    pantry = await coalition.of(coalition.cast.pantry)
    before = await contents()
    for step in (removed(pantry.id), suspended(pantry.id)):
        with pytest.raises(Refused, match="convenes the alliance"):
            await step(coalition, coalition.dana)
    assert await contents() == before
    ctx = coalition.context(coalition.dana)
    async with ctx.writing() as db:
        await memberships.remove_by_decision(ctx, db, pantry.id, "It is not there any more.")
    assert (await coalition.kept(pantry.id)).status is S.REMOVED
    assert await coalition.status() == "DORMANT"


async def test_a_place_on_an_event_stays_when_its_organization_leaves(
    coalition: Coalition,
) -> None:
    """It was accepted for itself, and goes by the co-host's own word or the host's."""
    cast = coalition.cast
    event = await publish(
        coalition.context, coalition.anna, share_with=(cast.city_table,), title="Supper"
    )
    ctx = coalition.context(operator_for(cast.pantry))
    async with ctx.writing() as db:
        await co_hosting.add_by_operator(ctx, db, event, cast.shelter)
    hosts = "query ($id: ID!) { event(id: $id) { hosts { nodes { organization { id } } } } }"
    before = await coalition.ask(coalition.anna, hosts, id=event)
    assert len(before["event"]["hosts"]["nodes"]) == 2
    await left((await coalition.of(cast.shelter)).id)(coalition, coalition.dana)
    assert await coalition.ask(coalition.anna, hosts, id=event) == before


# ── time ─────────────────────────────────────────────────────────────────────────────────────


async def test_an_invitation_expires_after_thirty_days(
    coalition: Coalition, clock: StandingClock, contents: Contents
) -> None:
    invitation = await coalition.invite_library()
    clock.forward(days=29, hours=23)
    assert await memberships.expire(coalition.context(BY_TIME), clock.now()) == 0
    clock.forward(hours=1)
    # By the clock it has expired, whether or not the worker was there.
    before = await contents()
    for step in every_step(invitation)[:2]:
        with pytest.raises(InvalidTransition, match="EXPIRED"):
            await step(coalition, coalition.lee)
    assert await contents() == before
    clock.forward(days=1)
    assert await memberships.expire(coalition.context(BY_TIME), clock.now()) == 1
    expired = await coalition.kept(invitation)
    assert (expired.status, expired.ended_at) == (S.EXPIRED, expired.created_at + ANSWERED_WITHIN)
    assert await memberships.expire(coalition.context(BY_TIME), clock.now()) == 0


async def test_who_is_invited_again_need_not_wait_for_the_worker(
    coalition: Coalition, clock: StandingClock
) -> None:
    first = await coalition.invite_library()
    clock.forward(days=31)
    second = await coalition.invite_library()
    assert first != second
    assert await coalition.rows_of(coalition.cast.library) == ["EXPIRED", "INVITED"]
    assert await coalition.noted(first) == ["membership.invited", "membership.expired"]


async def test_what_expires_is_done_a_little_at_a_time(
    coalition: Coalition, clock: StandingClock
) -> None:
    for number in range(5):
        organization = await organizations.create(
            coalition.context(operator_for()),
            NewOrganization(
                slug=f"friend-{number}",
                name="A friend",
                languages=("en",),
                time_zone="America/Indiana/Indianapolis",
            ),
        )
        await memberships.invite(
            coalition.context(coalition.anna), coalition.cast.city_table, organization
        )
    clock.forward(days=30)
    at_once = [memberships.expire(coalition.context(BY_TIME), clock.now(), 2) for _ in range(2)]
    assert sorted(await asyncio.gather(*at_once)) in ([0, 2], [2, 2], [1, 2])
    done = 0
    while found := await memberships.expire(coalition.context(BY_TIME), clock.now(), 2):
        done += found
    async with coalition.database.reading() as db:
        stand = await db.scalars(
            alliance_members.select()
            .with_only_columns(alliance_members.c.status)
            .where(alliance_members.c.role == AllianceRole.MEMBER)
        )
        assert sorted(stand) == ["ACTIVE", *["EXPIRED"] * 5]


# ── at once ──────────────────────────────────────────────────────────────────────────────────


async def test_one_invitation_comes_of_ten_made_at_once(coalition: Coalition) -> None:
    made = await asyncio.gather(*(coalition.invite_library() for _ in range(10)))
    assert len(set(made)) == 1
    assert await coalition.rows_of(coalition.cast.library) == ["INVITED"]


async def test_accepted_and_taken_back_at_once_it_is_one_of_the_two(coalition: Coalition) -> None:
    for _ in range(5):
        invitation = await coalition.invite_library()
        await asyncio.gather(
            answered(invitation, True)(coalition, coalition.lee),
            answered(invitation, False)(coalition, coalition.anna),
            return_exceptions=True,
        )
        there = await coalition.kept(invitation)
        assert there.status in {S.ACTIVE, S.CANCELED}
        done = {S.ACTIVE: "membership.accepted", S.CANCELED: "membership.taken_back"}[there.status]
        assert await coalition.noted(invitation) == ["membership.invited", done]
        if there.status is S.ACTIVE:
            await left(invitation)(coalition, coalition.lee)


async def test_two_who_leave_and_are_removed_crosswise_do_not_wait_for_each_other(
    coalition: Coalition,
) -> None:
    invitation = await coalition.invite_library()
    await answered(invitation, True)(coalition, coalition.lee)
    shelter = (await coalition.of(coalition.cast.shelter)).id
    async with asyncio.timeout(5):
        done = await asyncio.gather(
            left(invitation)(coalition, coalition.lee),
            removed(shelter)(coalition, coalition.anna),
            left(shelter)(coalition, coalition.dana),
            removed(invitation)(coalition, coalition.anna),
            return_exceptions=True,
        )
    assert all(isinstance(one, str | InvalidTransition) for one in done), done
    for membership_id in (invitation, shelter):
        assert (await coalition.kept(membership_id)).status in {S.LEFT, S.REMOVED}


async def test_a_version_of_the_alliance_tells_that_its_state_changed(
    coalition: Coalition,
) -> None:
    async with coalition.database.reading() as db:
        before = await db.scalar(alliances.select().with_only_columns(alliances.c.version))
    pantry = await coalition.of(coalition.cast.pantry)
    await left(pantry.id)(coalition, coalition.anna)
    async with coalition.database.reading() as db:
        after = await db.scalar(alliances.select().with_only_columns(alliances.c.version))
    assert after == (before or 0) + 1
