"""What members agree to, by version; and what is seen of those who left or were set aside."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.actors import BY_TIME, Viewer
from domain.alliances import AllianceRole, AllianceStatus
from domain.errors import Invalid, InvalidTransition, NotFound, Refused
from domain.memberships import GRACE
from domain.sharing import JoinPolicy, MembershipStatus, Visibility
from domain.transitions import Party
from resolvers import agreements, alliances, memberships
from resolvers.agreements import NewAgreement
from resolvers.operating import operator_for
from storage.tables import agreement_acceptances
from tests.cast import publish
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.coalition import SCOPES, Coalition

S = MembershipStatus
LACKS = """query ($id: ID!) { node(id: $id) { ... on AllianceMembership {
    status endReason nextActions missingAgreements { id versionNumber } } } }"""


async def charter(coalition: Coalition, **given: object) -> str:
    """The next version of the Charter."""
    words: dict[str, object] = {"title": "Charter", "body": "Be kind."}
    new = NewAgreement(alliance_id=coalition.cast.city_table, **(words | given))  # type: ignore[arg-type]
    return await agreements.publish(coalition.context(coalition.anna), new)


async def accept(coalition: Coalition, agreement_id: str) -> str:
    """Lee does, for the Library."""
    return await agreements.accept(
        coalition.context(coalition.lee), agreement_id, coalition.cast.library
    )


async def let_in(coalition: Coalition) -> str:
    """The Library, which accepted its invitation."""
    invitation = await coalition.invite_library()
    return await memberships.respond(coalition.context(coalition.lee), invitation, True)


async def lacks(coalition: Coalition, membership_id: str) -> list[str]:
    told = await coalition.ask(coalition.lee, LACKS, id=membership_id)
    return [one["id"] for one in told["node"]["missingAgreements"]]


async def test_who_comes_in_accepts_every_required_agreement_first(coalition: Coalition) -> None:
    first, second = await charter(coalition), await charter(coalition, title="Code of ethics")
    await charter(coalition, title="Photos", required=False)
    await coalition.terms(status=AllianceStatus.FORMING)
    membership_id = await let_in(coalition)
    pending = await coalition.kept(membership_id)
    assert (pending.status, pending.joined_at) == (S.PENDING_AGREEMENT, None)
    told = (await coalition.ask(coalition.lee, LACKS, id=membership_id))["node"]
    assert told["nextActions"] == ["acceptAgreement", "leaveAlliance"]
    assert sorted(one["id"] for one in told["missingAgreements"]) == sorted([first, second])
    assert await accept(coalition, first) == membership_id
    assert (await coalition.kept(membership_id)).status is S.PENDING_AGREEMENT
    assert await lacks(coalition, membership_id) == [second]
    assert await coalition.status() == "FORMING"
    await accept(coalition, second)
    member = await coalition.kept(membership_id)
    assert (member.status, member.expires_at) == (S.ACTIVE, None)
    assert await lacks(coalition, membership_id) == []
    assert await coalition.status() == "ACTIVE"
    async with coalition.database.reading() as db:
        kept = select(
            agreement_acceptances.c.agreement_id,
            agreement_acceptances.c.organization_id,
            agreement_acceptances.c.person_id,
            agreement_acceptances.c.version_number,
        )
        assert sorted(tuple(row) for row in await db.execute(kept)) == sorted(
            (one, coalition.cast.library, coalition.cast.lee_id, 1) for one in (first, second)
        )


@pytest.mark.parametrize("policy", [JoinPolicy.OPEN, JoinPolicy.BY_REQUEST])
async def test_asking_and_being_approved_are_no_way_around_the_agreement(
    coalition: Coalition, policy: JoinPolicy
) -> None:
    await coalition.terms(join_policy=policy)
    agreement = await charter(coalition)
    membership_id = await memberships.ask(
        coalition.context(coalition.lee), coalition.cast.city_table, coalition.cast.library
    )
    await memberships.respond(coalition.context(coalition.anna), membership_id, True)
    assert (await coalition.kept(membership_id)).status is S.PENDING_AGREEMENT
    await accept(coalition, agreement)
    assert (await coalition.kept(membership_id)).status is S.ACTIVE


async def test_a_person_stands_behind_what_an_organization_accepts(
    coalition: Coalition, contents: Contents
) -> None:
    agreement = await charter(coalition)
    membership_id = await let_in(coalition)
    cast, context = coalition.cast, coalition.context
    before = await contents()
    with pytest.raises(Refused, match="by a person on behalf of the organization"):
        await agreements.accept(context(cast.library_app), agreement, cast.library)
    with pytest.raises(Refused, match="owners and admins"):
        await agreements.accept(context(cast.sam), agreement, cast.shelter)
    with pytest.raises(Refused, match="owners and admins"):
        await agreements.accept(context(coalition.lee), agreement, cast.shelter)
    with pytest.raises(NotFound):
        await agreements.accept(context(coalition.lee), "agr_nothing", cast.library)
    assert await contents() == before
    of_the_library = replace(cast.library_app, scopes=SCOPES)
    app = await coalition.ask(of_the_library, LACKS, id=membership_id)
    assert app["node"]["nextActions"] == ["leaveAlliance"]


async def test_who_was_not_let_in_accepts_nothing(coalition: Coalition, contents: Contents) -> None:
    agreement = await charter(coalition)
    await coalition.invite_library()
    before = await contents()
    with pytest.raises(Refused, match="respondToAllianceMembership"):
        await accept(coalition, agreement)
    assert await contents() == before


async def test_accepting_twice_is_once_and_at_once_too(
    coalition: Coalition, contents: Contents
) -> None:
    agreement = await charter(coalition)
    await let_in(coalition)
    await asyncio.gather(*(accept(coalition, agreement) for _ in range(6)))
    assert await coalition.noted(agreement) == ["agreement.published", "agreement.accepted"]
    after = await contents()
    await accept(coalition, agreement)
    assert await contents() == after


async def test_a_new_version_asks_every_member_again_and_has_thirty_days(
    coalition: Coalition, clock: StandingClock
) -> None:
    first = await charter(coalition)
    membership_id = await let_in(coalition)
    await accept(coalition, first)
    clock.forward(days=90)
    second = await charter(coalition, body="Be kind, and on time.")
    told = (await coalition.ask(coalition.lee, LACKS, id=membership_id))["node"]
    assert told["missingAgreements"] == [{"id": second, "versionNumber": 2}]
    assert told["nextActions"] == ["acceptAgreement", "leaveAlliance"]
    worker = coalition.context(BY_TIME)
    clock.forward(days=29, hours=23)
    assert await agreements.suspend_for_agreements(worker, clock.now()) == 0
    clock.forward(hours=1)
    # The Pantry and the Shelter never accepted any version.
    assert await agreements.suspend_for_agreements(worker, clock.now()) == 3
    assert await agreements.suspend_for_agreements(worker, clock.now()) == 0
    set_aside = await coalition.kept(membership_id)
    assert (set_aside.status, set_aside.suspended_by) == (S.SUSPENDED, Party.TIME)
    told = (await coalition.ask(coalition.lee, LACKS, id=membership_id))["node"]
    assert told["endReason"] == agreements.UNACCEPTED
    await accept(coalition, second)
    back = await coalition.kept(membership_id)
    assert (back.status, back.end_reason, back.suspended_by) == (S.ACTIVE, None, None)


async def test_the_convener_set_aside_by_time_comes_back_by_accepting(
    coalition: Coalition, clock: StandingClock
) -> None:
    agreement = await charter(coalition)
    clock.forward(days=30)
    await agreements.suspend_for_agreements(coalition.context(BY_TIME), clock.now())
    assert (await coalition.of(coalition.cast.pantry)).status is S.SUSPENDED
    await agreements.accept(coalition.context(coalition.anna), agreement, coalition.cast.pantry)
    assert (await coalition.of(coalition.cast.pantry)).status is S.ACTIVE
    assert await coalition.status() == "ACTIVE"


async def test_who_accepted_a_version_to_come_is_not_asked_again_when_it_holds(
    coalition: Coalition, clock: StandingClock
) -> None:
    first = await charter(coalition)
    membership_id = await let_in(coalition)
    coming = await charter(coalition, active_from=clock.now() + timedelta(days=10))
    # What holds today is enough to come in; what is to come may be accepted before.
    assert await lacks(coalition, membership_id) == [coming]
    await accept(coalition, first)
    assert (await coalition.kept(membership_id)).status is S.ACTIVE
    await accept(coalition, coming)
    assert await lacks(coalition, membership_id) == []
    clock.forward(days=10)
    with pytest.raises(Invalid, match="newer version is in force"):
        await accept(coalition, first)
    clock.forward(days=100)
    assert await agreements.suspend_for_agreements(coalition.context(BY_TIME), clock.now()) == 2
    assert (await coalition.kept(membership_id)).status is S.ACTIVE


async def test_who_accepted_only_what_is_to_come_is_in_at_once(
    coalition: Coalition, clock: StandingClock
) -> None:
    await charter(coalition)
    coming = await charter(coalition, active_from=clock.now() + timedelta(days=10))
    membership_id = await let_in(coalition)
    await accept(coalition, coming)
    assert (await coalition.kept(membership_id)).status is S.ACTIVE


async def test_what_nobody_has_to_accept_any_more_keeps_nobody_out(
    coalition: Coalition, clock: StandingClock
) -> None:
    await charter(coalition)
    await charter(coalition, required=False)
    membership_id = await let_in(coalition)
    assert (await coalition.kept(membership_id)).status is S.ACTIVE
    clock.forward(days=31)
    assert await agreements.suspend_for_agreements(coalition.context(BY_TIME), clock.now()) == 0


async def test_whom_a_steward_set_aside_accepting_does_not_bring_back(
    coalition: Coalition, contents: Contents
) -> None:
    membership_id = await let_in(coalition)
    agreement = await charter(coalition)
    anna = coalition.anna
    await memberships.suspend(coalition.context(anna), membership_id, "No news for months.")
    before = await contents()
    with pytest.raises(Refused, match="yet to accept, with acceptAgreement: Charter"):
        await memberships.reinstate(coalition.context(anna), membership_id)
    assert await contents() == before
    await accept(coalition, agreement)
    assert (await coalition.kept(membership_id)).status is S.SUSPENDED
    await memberships.reinstate(coalition.context(anna), membership_id)
    assert (await coalition.kept(membership_id)).status is S.ACTIVE


async def test_whom_time_set_aside_a_steward_may_set_aside_too(
    coalition: Coalition, clock: StandingClock
) -> None:
    membership_id = await let_in(coalition)
    agreement = await charter(coalition)
    clock.forward(days=30)
    await agreements.suspend_for_agreements(coalition.context(BY_TIME), clock.now())
    await memberships.suspend(coalition.context(coalition.anna), membership_id, "No news.")
    await accept(coalition, agreement)
    kept = await coalition.kept(membership_id)
    assert (kept.status, kept.suspended_by, kept.end_reason) == (
        S.SUSPENDED,
        Party.ALLIANCE,
        "No news.",
    )


async def test_who_accepts_in_the_last_moment_is_not_set_aside(
    coalition: Coalition, clock: StandingClock
) -> None:
    membership_id = await let_in(coalition)
    agreement = await charter(coalition)
    clock.forward(days=30)
    worker = coalition.context(BY_TIME)
    await asyncio.gather(
        accept(coalition, agreement), agreements.suspend_for_agreements(worker, clock.now())
    )
    await agreements.suspend_for_agreements(worker, clock.now())
    assert (await coalition.kept(membership_id)).status is S.ACTIVE


async def test_only_leads_of_the_alliance_publish_and_not_into_the_past(
    coalition: Coalition, contents: Contents, clock: StandingClock
) -> None:
    before = await contents()
    new = NewAgreement(alliance_id=coalition.cast.city_table, title="Charter", body="Be kind.")
    for viewer in (coalition.cast.sam, coalition.dana, coalition.lee):
        with pytest.raises(Refused, match="convener"):
            await agreements.publish(coalition.context(viewer), new)
    with pytest.raises(Invalid, match="activeFrom"):
        await charter(coalition, active_from=clock.now() - timedelta(seconds=1))
    with pytest.raises(Invalid, match="body"):
        await charter(coalition, body=" ")
    await coalition.terms(decision_rule="MAJORITY")
    decided = await contents()
    with pytest.raises(Refused, match="openProposal"):
        await charter(coalition)
    assert await contents() == decided
    await coalition.terms(decision_rule="CONVENER")
    assert await contents() == before
    await coalition.terms(decision_rule="MAJORITY")
    ctx = coalition.context(coalition.dana)
    async with ctx.writing() as db:
        made = await agreements.publish_by_decision(ctx, db, new)
    assert await coalition.noted(made) == ["agreement.published"]
    await coalition.terms(status=AllianceStatus.DISSOLVED)
    with pytest.raises(InvalidTransition):
        async with ctx.writing() as db:
            await agreements.publish_by_decision(ctx, db, new)


# ── the day of review ────────────────────────────────────────────────────────────────────────


async def test_an_alliance_rests_when_its_day_of_review_has_passed(
    coalition: Coalition, clock: StandingClock
) -> None:
    day, worker = clock.now().date(), coalition.context(BY_TIME)
    await coalition.terms(review_at=day)
    assert await alliances.go_dormant(worker, clock.now()) == 0
    clock.forward(days=1)
    assert await alliances.go_dormant(worker, clock.now()) == 1
    assert await alliances.go_dormant(worker, clock.now()) == 0
    assert await coalition.status() == "DORMANT"
    anna, table = coalition.context(coalition.anna), coalition.cast.city_table
    await alliances.update(anna, table, 3, {"name": "City Tables"})
    assert await coalition.status() == "DORMANT"
    await alliances.update(anna, table, 4, {"review_at": day + timedelta(days=365)})
    assert await coalition.status() == "ACTIVE"


async def test_an_alliance_without_a_convener_rests_whatever_day_is_set(
    coalition: Coalition, clock: StandingClock, contents: Contents
) -> None:
    shelter, pantry = coalition.cast.shelter, coalition.cast.pantry
    operator = coalition.context(operator_for(pantry))
    await memberships.leave(coalition.context(coalition.dana), (await coalition.of(shelter)).id)
    await alliances.add_member(operator, coalition.cast.city_table, shelter, AllianceRole.STEWARD)
    await memberships.leave(coalition.context(coalition.anna), (await coalition.of(pantry)).id)
    before = await contents()
    day = clock.now().date() + timedelta(days=365)
    with pytest.raises(Refused):
        await alliances.update(
            coalition.context(coalition.anna), coalition.cast.city_table, 3, {"review_at": day}
        )
    assert await contents() == before
    await alliances.update(
        coalition.context(coalition.dana), coalition.cast.city_table, 3, {"review_at": day}
    )
    assert await coalition.status() == "DORMANT"


# ── what is seen of those who are not in any more ────────────────────────────────────────────

SHARED = """query ($table: ID!) { alliance(id: $table) {
    events { totalCount nodes { title } } members { totalCount } }
    events(filter: {alliances: [$table]}) { totalCount nodes { title } } }"""


@pytest.mark.parametrize("way", ["leaves", "is removed", "is suspended", "is late"])
async def test_who_is_not_in_any_more_sees_nothing_and_is_seen_by_nobody(
    coalition: Coalition, clock: StandingClock, way: str
) -> None:
    cast, context = coalition.cast, coalition.context
    table = {"visibility": Visibility.ALLIANCE, "share_with": (cast.city_table,)}
    membership_id = await let_in(coalition)
    lee = replace(coalition.lee, alliance_ids=frozenset({cast.city_table}))
    for viewer, title in ((coalition.anna, "Soup"), (coalition.dana, "Beds"), (lee, "Books")):
        await publish(context, viewer, title=title, **table)
    everything = {"Soup", "Beds", "Books"}
    for viewer in (coalition.anna, coalition.dana, lee):
        assert await seen(coalition, viewer) == (everything, 3)
    agreement = await charter(coalition)
    for viewer, organization in ((coalition.anna, cast.pantry), (coalition.dana, cast.shelter)):
        await agreements.accept(context(viewer), agreement, organization)
    match way:
        case "leaves":
            await memberships.leave(context(coalition.lee), membership_id)
        case "is removed":
            await memberships.remove(context(coalition.anna), membership_id, "For good.")
        case "is suspended":
            await memberships.suspend(context(coalition.anna), membership_id, "For now.")
        case _:
            clock.forward(seconds=GRACE.total_seconds())
            await agreements.suspend_for_agreements(context(BY_TIME), clock.now())
    for viewer in (coalition.anna, coalition.dana):
        assert await seen(coalition, viewer) == ({"Soup", "Beds"}, 2)
    told, _ = await seen(coalition, coalition.lee)
    assert told <= {"Books"}  # its own, which nobody takes from it
    found = await coalition.ask(coalition.lee, "{ events { totalCount nodes { title } } }")
    assert found["events"] == {"totalCount": 1, "nodes": [{"title": "Books"}]}


async def seen(coalition: Coalition, viewer: Viewer) -> tuple[set[str], int]:
    """What is shared with City Table, on every way to it, and how many are in it."""
    told = await coalition.ask(viewer, SHARED, table=coalition.cast.city_table)
    for page in (told["alliance"]["events"], told["events"]):
        assert page["totalCount"] == len(page["nodes"])
        assert {one["title"] for one in page["nodes"]} == {
            one["title"] for one in told["events"]["nodes"]
        }
    titles = {one["title"] for one in told["events"]["nodes"]}
    return titles, told["alliance"]["members"]["totalCount"]
