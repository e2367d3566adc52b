"""Members of an alliance put questions to each other and vote, in time and too late."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import BY_TIME, TeamRole, Viewer
from domain.alliances import AllianceRole, DecisionRule
from domain.errors import Invalid, InvalidTransition, NotFound, Problem, Refused, Taken
from domain.proposals import MOST_OPEN, BallotChoice, ProposalKind, ProposalStatus
from resolvers import memberships, proposals
from storage.tables import alliances as alliances_table
from storage.tables import ballots
from tests.cast import Cast
from tests.conftest import Contents
from tests.outside import MONDAY, StandingClock
from tests.resolvers.harbor import A_WEEK, Harbor, app

AGREE, DISAGREE, BLOCK = BallotChoice.AGREE, BallotChoice.DISAGREE, BallotChoice.BLOCK
PASSED, REJECTED = ProposalStatus.PASSED, ProposalStatus.REJECTED
OPEN, WITHDRAWN = ProposalStatus.OPEN, ProposalStatus.WITHDRAWN
MAJORITY, CONSENT = DecisionRule.MAJORITY, DecisionRule.CONSENT


# ── putting a question ───────────────────────────────────────────────────────────────────────


async def test_lee_asks_and_a_majority_agrees(harbor: Harbor, cast: Cast) -> None:
    await harbor.begin(MAJORITY)
    asked = await harbor.put(cast.lee)
    put = await harbor.kept(asked)
    assert (put.organization_id, put.rule, put.status) == (cast.library, MAJORITY, OPEN)
    assert (put.opens_at, put.closes_at) == (MONDAY, A_WEEK)
    await harbor.vote(cast.library, asked, AGREE)
    assert await harbor.status(asked) is OPEN
    await harbor.vote(cast.shelter, asked, AGREE, "We have a stove.")
    assert await harbor.status(asked) is PASSED
    assert await harbor.done(asked) == [
        ("proposal.opened", "app"),
        ("proposal.passed", f"app of {cast.shelter}"),
    ]


async def test_only_the_leads_of_an_active_member_with_a_vote_put_questions(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(MAJORITY)
    await harbor.join(harbor.clinic, AllianceRole.OBSERVER)
    suspended = await harbor.join(harbor.garden)
    await memberships.suspend(harbor.context(app(cast.library)), suspended, "Unpaid dues.")
    school = await harbor.organization("school")
    await harbor.ask_in(school)
    before = await contents()
    editor = Viewer(cast.library, cast.lee_id, TeamRole.EDITOR, "app")
    for viewer in (cast.sam, editor, app(harbor.clinic), app(harbor.garden)):
        with pytest.raises(Refused) as refusal:
            await harbor.put(viewer)
        assert refusal.value.field == ("organization",)
    with pytest.raises(Refused):  # in somebody else's name
        await harbor.put(cast.anna, organization_id=cast.library)
    with pytest.raises(Refused):  # who asks to come in decides nothing yet
        await harbor.put(app(school))
    with pytest.raises(NotFound):
        await harbor.put(cast.lee, alliance_id="aln_nothing")
    assert await contents() == before


async def test_a_question_that_makes_no_sense_is_not_put(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(DecisionRule.CONVENER)
    member = await harbor.membership_of(cast.shelter)
    convener = await harbor.membership_of(cast.library)
    elsewhere = await harbor.membership_of(cast.shelter, cast.city_table)
    before = await contents()
    kinds = ProposalKind
    refused: list[tuple[type[Problem], str, dict[str, Any]]] = [
        (Invalid, "closesAt", {"closes_at": MONDAY + timedelta(minutes=30)}),
        (Invalid, "closesAt", {"closes_at": MONDAY + timedelta(days=91)}),
        (Invalid, "body", {"body": " "}),
        (Invalid, "subject", {"kind": kinds.ADMIT_MEMBER}),
        (Invalid, "subject", {"kind": kinds.OTHER, "subject_id": member}),
        (NotFound, "subject", {"kind": kinds.REMOVE_MEMBER, "subject_id": "alm_nothing"}),
        (NotFound, "subject", {"kind": kinds.REMOVE_MEMBER, "subject_id": elsewhere}),
        (InvalidTransition, "subject", {"kind": kinds.ADMIT_MEMBER, "subject_id": member}),
        # The convener decides here, and has no vote about itself.
        (Invalid, "subject", {"kind": kinds.REMOVE_MEMBER, "subject_id": convener}),
    ]
    for problem, field, given in refused:
        with pytest.raises(problem) as refusal:
            await harbor.put(cast.anna, **given)
        assert refusal.value.field == (field,), given
    with pytest.raises(Refused, match="leaveAlliance"):  # one leaves without asking
        await harbor.put(app(cast.shelter), kind=ProposalKind.REMOVE_MEMBER, subject_id=member)
    assert await contents() == before


async def test_who_has_no_vote_learns_nothing_by_asking_about_a_member(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(MAJORITY)
    member = await harbor.membership_of(cast.shelter)
    before = await contents()
    answers = set()
    for subject in (member, "alm_nothing"):
        with pytest.raises(Refused) as refusal:
            await harbor.put(app(harbor.clinic), kind=ProposalKind.ADMIT_MEMBER, subject_id=subject)
        answers.add((refusal.value.message, refusal.value.field))
    assert len(answers) == 1
    assert await contents() == before


async def test_the_same_question_is_put_once_at_a_time(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(MAJORITY)
    asking = await harbor.ask_in(harbor.clinic)
    about = {"kind": ProposalKind.ADMIT_MEMBER, "subject_id": asking}
    first = await harbor.put(cast.lee, **about)
    before = await contents()
    with pytest.raises(Taken):
        await harbor.put(cast.anna, **about)
    assert await contents() == before
    await proposals.withdraw(harbor.context(cast.lee), first)
    assert await harbor.status(await harbor.put(cast.anna, **about)) is OPEN
    # Of anything else there may be many, but not without end.
    for _ in range(MOST_OPEN):
        await harbor.put(cast.lee)
    with pytest.raises(Refused, match="withdrawProposal"):
        await harbor.put(cast.lee)


# ── voting ───────────────────────────────────────────────────────────────────────────────────


async def test_an_organization_has_one_ballot_and_may_change_it(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(CONSENT)
    asked = await harbor.put(cast.lee)
    await harbor.vote(cast.shelter, asked, BLOCK, "Where is the fire exit?")
    await harbor.vote(cast.shelter, asked, AGREE)
    assert await harbor.said(asked) == {cast.shelter: AGREE}
    async with harbor.database.reading() as db:
        (ballot,) = await db.scalars(select(ballots.c.id))
    assert [action for action, _ in await harbor.done(ballot)] == [
        "ballot.blocked",
        "ballot.agreed",
    ]
    before = await contents()
    await harbor.vote(cast.shelter, asked, AGREE)  # once more is once
    assert await contents() == before


async def test_who_blocks_says_why_and_nothing_is_kept_without(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(CONSENT)
    asked = await harbor.put(cast.lee)
    before = await contents()
    for reason in (None, "  "):
        with pytest.raises(Invalid) as refusal:
            await harbor.vote(cast.shelter, asked, BLOCK, reason)
        assert refusal.value.field == ("reason",)
    assert await contents() == before


async def test_those_who_have_no_vote_cast_none(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(MAJORITY)
    await harbor.join(harbor.clinic, AllianceRole.OBSERVER)
    suspended = await harbor.join(harbor.garden)
    asked = await harbor.put(cast.lee)
    await memberships.suspend(harbor.context(app(cast.library)), suspended, "Unpaid dues.")
    stranger = await harbor.organization("school")
    waiting = await harbor.organization("choir")
    await harbor.ask_in(waiting)
    before = await contents()
    for organization in (harbor.clinic, harbor.garden):  # they see it, and look on
        with pytest.raises(Refused, match="no vote"):
            await harbor.vote(organization, asked, AGREE)
    for organization in (stranger, waiting):  # for them there is none
        with pytest.raises(NotFound) as refusal:
            await harbor.vote(organization, asked, AGREE)
        assert refusal.value.field == ("proposal",)
        with pytest.raises(NotFound):
            await proposals.withdraw(harbor.context(app(organization)), asked)
    with pytest.raises(Refused, match="owners and admins"):  # Sam is an editor
        await proposals.cast_ballot(harbor.context(cast.sam), asked, cast.shelter, AGREE)
    with pytest.raises(Refused):  # in another's name
        await proposals.cast_ballot(harbor.context(cast.anna), asked, cast.library, AGREE)
    with pytest.raises(NotFound):
        await harbor.vote(cast.library, "prp_nothing", AGREE)
    assert await contents() == before


async def test_a_ballot_counts_of_those_alone_who_are_members_when_it_is_counted(
    harbor: Harbor, cast: Cast, clock: StandingClock
) -> None:
    await harbor.begin(MAJORITY, cast.pantry, cast.shelter)
    await harbor.join(harbor.clinic)
    asked = await harbor.put(cast.lee)
    await harbor.vote(cast.shelter, asked, AGREE)
    await harbor.vote(harbor.clinic, asked, AGREE)
    await harbor.vote(cast.pantry, asked, DISAGREE)
    for organization in (cast.shelter, harbor.clinic):
        place = await harbor.membership_of(organization)
        await memberships.leave(harbor.context(app(organization)), place)
    clock.at = A_WEEK
    assert await proposals.close_due(harbor.context(BY_TIME), clock.now(), 10) == 1
    assert await harbor.status(asked) is REJECTED


async def test_the_rule_is_the_one_there_was_when_the_vote_began(
    harbor: Harbor, cast: Cast
) -> None:
    await harbor.begin(DecisionRule.UNANIMITY)
    asked = await harbor.put(cast.anna)
    async with harbor.database.writing() as db:
        await db.execute(
            alliances_table.update()
            .where(alliances_table.c.id == harbor.id)
            .values(decision_rule="CONVENER")
        )
    await harbor.vote(cast.library, asked, AGREE)
    assert await harbor.status(asked) is OPEN


# ── taking it back, and what time brings ─────────────────────────────────────────────────────


async def test_who_put_it_takes_it_back_while_it_is_open(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(MAJORITY)
    asked = await harbor.put(cast.lee)
    before = await contents()
    for viewer in (cast.anna, Viewer(cast.library, cast.lee_id, TeamRole.EDITOR, "app")):
        with pytest.raises(Refused):
            await proposals.withdraw(harbor.context(viewer), asked)
    assert await contents() == before
    await proposals.withdraw(harbor.context(cast.lee), asked)
    assert await harbor.status(asked) is WITHDRAWN
    before = await contents()
    assert await proposals.withdraw(harbor.context(cast.lee), asked) == asked
    with pytest.raises(InvalidTransition) as refusal:
        await harbor.vote(cast.shelter, asked, AGREE)
    assert refusal.value.field == ("proposal",)
    assert await contents() == before


async def test_who_comes_too_late_finds_it_decided(
    harbor: Harbor, cast: Cast, clock: StandingClock, contents: Contents
) -> None:
    await harbor.begin(CONSENT)
    asked, other = await harbor.put(cast.lee), await harbor.put(cast.lee)
    await harbor.vote(cast.pantry, asked, AGREE)
    clock.at = A_WEEK
    with pytest.raises(InvalidTransition, match="PASSED"):
        await harbor.vote(cast.shelter, asked, BLOCK, "Not with us.")
    assert await harbor.status(asked) is PASSED
    assert await harbor.said(asked) == {cast.pantry: AGREE}
    # Time has decided, and not whoever came.
    assert (await harbor.done(asked))[-1] == ("proposal.passed", "time")
    with pytest.raises(InvalidTransition, match="PASSED"):
        await proposals.withdraw(harbor.context(cast.lee), other)
    before = await contents()
    assert await harbor.vote(cast.pantry, asked, AGREE) == asked  # as it said before
    with pytest.raises(InvalidTransition):
        await harbor.vote(cast.shelter, asked, AGREE)
    assert await contents() == before


async def test_what_is_due_is_closed_a_few_at_a_time(
    harbor: Harbor, cast: Cast, clock: StandingClock
) -> None:
    await harbor.begin(CONSENT)
    worker = harbor.context(BY_TIME)
    asked = [
        await harbor.put(cast.lee, closes_at=A_WEEK + timedelta(hours=number))
        for number in range(4)
    ]
    await harbor.vote(cast.shelter, asked[1], BLOCK, "Not with us.")
    assert await proposals.close_due(worker, clock.now(), 10) == 0
    clock.at = A_WEEK + timedelta(hours=2)
    assert await proposals.close_due(worker, clock.now(), 2) == 2
    assert [await harbor.status(each) for each in asked] == [PASSED, REJECTED, OPEN, OPEN]
    assert await proposals.close_due(worker, clock.now(), 2) == 1
    assert await proposals.close_due(worker, clock.now(), 2) == 0
    assert [await harbor.status(each) for each in asked] == [PASSED, REJECTED, PASSED, OPEN]
