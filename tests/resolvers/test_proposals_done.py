"""What the members of an alliance decide is done with it, and done once."""

import asyncio

import pytest
from sqlalchemy import select

from domain.actors import BY_TIME
from domain.alliances import DecisionRule
from domain.errors import InvalidTransition, NotFound, Refused
from domain.proposals import BallotChoice, ProposalKind, ProposalStatus
from resolvers import memberships, proposals
from storage import memberships as stored_memberships
from storage.tables import agreements, audit_entries
from tests.cast import Cast
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.harbor import A_WEEK, Harbor, app

AGREE, DISAGREE, BLOCK = BallotChoice.AGREE, BallotChoice.DISAGREE, BallotChoice.BLOCK
PASSED, REJECTED = ProposalStatus.PASSED, ProposalStatus.REJECTED
MAJORITY, CONSENT = DecisionRule.MAJORITY, DecisionRule.CONSENT


async def test_members_let_in_who_asks(harbor: Harbor, cast: Cast) -> None:
    await harbor.begin(MAJORITY)
    asking = await harbor.ask_in(harbor.clinic)
    asked = await harbor.put(cast.anna, kind=ProposalKind.ADMIT_MEMBER, subject_id=asking)
    await harbor.vote(cast.pantry, asked, AGREE)
    assert await harbor.membership(asking) == "REQUESTED"
    await harbor.vote(cast.shelter, asked, AGREE)
    assert await harbor.status(asked) is PASSED
    assert await harbor.membership(asking) == "ACTIVE"


async def test_members_put_one_out_who_has_no_vote_on_it(
    harbor: Harbor, cast: Cast, contents: Contents
) -> None:
    await harbor.begin(DecisionRule.UNANIMITY)
    place = await harbor.membership_of(cast.shelter)
    about = {"kind": ProposalKind.REMOVE_MEMBER, "subject_id": place, "body": "Three times late."}
    asked = await harbor.put(cast.anna, **about)
    before = await contents()
    with pytest.raises(Refused, match="no vote"):
        await harbor.vote(cast.shelter, asked, DISAGREE)
    assert await contents() == before
    await harbor.vote(cast.pantry, asked, AGREE)
    await harbor.vote(cast.library, asked, AGREE)
    assert await harbor.status(asked) is PASSED
    async with harbor.database.reading() as db:
        removed = await stored_memberships.by_id(db, place)
    assert removed is not None
    assert (removed.status.value, removed.end_reason) == ("REMOVED", "Three times late.")


async def test_what_members_agree_on_becomes_an_agreement(harbor: Harbor, cast: Cast) -> None:
    await harbor.begin(CONSENT, cast.shelter)
    words = {"title": "Code of ethics", "body": "Be kind."}
    asked = await harbor.put(cast.lee, kind=ProposalKind.PUBLISH_AGREEMENT, **words)
    for organization in (cast.library, cast.shelter):
        await harbor.vote(organization, asked, AGREE)
    rows = select(agreements.c.title, agreements.c.body, agreements.c.version_number).where(
        agreements.c.alliance_id == harbor.id
    )
    async with harbor.database.reading() as db:
        assert [tuple(row) for row in await db.execute(rows)] == [("Code of ethics", "Be kind.", 1)]


async def test_members_end_their_alliance(harbor: Harbor, cast: Cast, clock: StandingClock) -> None:
    await harbor.begin(MAJORITY)
    place = await harbor.membership_of(cast.shelter)
    other = await harbor.put(cast.lee)
    asked = await harbor.put(cast.anna, kind=ProposalKind.DISSOLVE)
    await harbor.vote(cast.pantry, asked, AGREE)
    await harbor.vote(cast.shelter, asked, AGREE)
    assert await harbor.status(asked) is PASSED
    assert await harbor.membership(place) == "REMOVED"
    with pytest.raises(NotFound):
        await harbor.vote(cast.shelter, other, AGREE)
    clock.at = A_WEEK  # nobody is left to decide
    assert await proposals.close_due(harbor.context(BY_TIME), clock.now(), 10) == 1
    assert await harbor.status(other) is REJECTED


async def test_what_is_not_possible_any_more_is_rejected_and_says_why(
    harbor: Harbor, cast: Cast
) -> None:
    await harbor.begin(MAJORITY)
    asking = await harbor.ask_in(harbor.clinic)
    asked = await harbor.put(cast.anna, kind=ProposalKind.ADMIT_MEMBER, subject_id=asking)
    await memberships.respond(harbor.context(app(harbor.clinic)), asking, False)
    await harbor.vote(cast.pantry, asked, AGREE)
    await harbor.vote(cast.shelter, asked, AGREE)
    assert await harbor.status(asked) is REJECTED
    assert await harbor.membership(asking) == "CANCELED"
    rows = select(audit_entries.c.detail).where(
        audit_entries.c.subject_id == asked, audit_entries.c.action == "proposal.rejected"
    )
    async with harbor.database.reading() as db:
        (why,) = await db.scalars(rows)
    assert why is not None
    assert "CANCELED" in why


# ── at once ──────────────────────────────────────────────────────────────────────────────────


async def test_of_many_ballots_at_once_that_decide_one_does(harbor: Harbor, cast: Cast) -> None:
    await harbor.begin(MAJORITY, cast.pantry, cast.shelter)
    members = [cast.library, cast.pantry, cast.shelter]
    for number in range(6):
        members.append(await harbor.organization(f"club-{number}"))
        await harbor.join(members[-1])
    asking = await harbor.ask_in(harbor.clinic)
    asked = await harbor.put(cast.anna, kind=ProposalKind.ADMIT_MEMBER, subject_id=asking)

    async def vote(organization: str) -> str:
        try:
            return await harbor.vote(organization, asked, AGREE)
        except InvalidTransition as too_late:
            return too_late.code

    answers = await asyncio.gather(*(vote(each) for each in members))
    assert sorted(answers) == sorted([*["INVALID_TRANSITION"] * 4, *[asked] * 5])
    assert len(await harbor.said(asked)) == 5
    assert await harbor.membership(asking) == "ACTIVE"
    assert [action for action, _ in await harbor.done(asking)] == [
        "membership.requested",
        "membership.approved",
    ]
    assert [action for action, _ in await harbor.done(asked)] == [
        "proposal.opened",
        "proposal.passed",
    ]


async def test_the_worker_and_a_late_ballot_close_it_once(
    harbor: Harbor, cast: Cast, clock: StandingClock
) -> None:
    await harbor.begin(CONSENT)
    words = {"title": "Code of ethics", "body": "Be kind."}
    asked = await harbor.put(cast.lee, kind=ProposalKind.PUBLISH_AGREEMENT, **words)
    clock.at = A_WEEK

    async def late(organization: str) -> int:
        with pytest.raises(InvalidTransition):
            await harbor.vote(organization, asked, BLOCK, "Wait!")
        return 0

    now = clock.now()
    workers = [proposals.close_due(harbor.context(BY_TIME), now, 5) for _ in range(4)]
    await asyncio.gather(*workers, late(cast.pantry), late(cast.shelter), late(cast.library))
    assert [action for action, _ in await harbor.done(asked)] == [
        "proposal.opened",
        "proposal.passed",
    ]
    rows = select(agreements.c.id).where(agreements.c.alliance_id == harbor.id)
    async with harbor.database.reading() as db:
        assert len((await db.scalars(rows)).all()) == 1
