"""Two hubs come to work together: each side agrees for itself, and either may stop."""

import asyncio

import pytest
from sqlalchemy import select

from auth.peer_clients import SCOPES
from domain.errors import InvalidTransition, Problem, Refused
from domain.peering import PeeringStatus
from federation.hub_tokens import PeerRefused
from federation.peering import Rounds
from resolvers import peering, peering_steps
from storage import peers
from storage.tables import audit_entries
from tests.federation.neighbourhood import Contents, Neighbour, Neighbourhood, peered


async def statuses(*those: Neighbour) -> list[str]:
    """Of each with the first of the others that it knows."""
    found = []
    for one in those:
        async with one.database.reading(fresh=True) as db:
            known = await peers.all_of(db)
        found.append(known[0].status.value if known else "-")
    return found


async def actions(hub: Neighbour) -> list[str]:
    """Those of peering, in the order of their names."""
    async with hub.database.reading(fresh=True) as db:
        found = select(audit_entries.c.action).order_by(audit_entries.c.action)
        return [one for one in await db.scalars(found) if one.startswith("peering.")]


async def test_one_proposes_the_other_accepts_and_then_both_are_peers(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peering_steps.propose(b.operator, "https://a.test")
        assert await statuses(a, b) == ["PROPOSED", "PROPOSED"]
        known = await a.peer(b)
        assert (known.we_agreed_at, known.they_agreed_at) == (None, None)
        a.clock.forward(minutes=5)
        await peering_steps.accept(a.operator, b.hub_id)
        assert await statuses(a, b) == ["ACTIVE", "ACTIVE"]
        assert await actions(a) == ["peering.accepted", "peering.begun", "peering.proposed_to_us"]
        assert await actions(b) == ["peering.begun", "peering.proposed"]
        for one, other in ((a, b), (b, a)):
            assert await one.service.hub_tokens.token(await one.peer(other), SCOPES)


async def test_a_proposal_alone_gives_nothing_to_either(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peering_steps.propose(b.operator, "a.test")
        for one, other in ((a, b), (b, a)):
            with pytest.raises(PeerRefused):
                await one.service.hub_tokens.token(await one.peer(other), SCOPES)
        assert b.roads.asked.count("POST https://b.test/oauth/token") == 0  # to ask is to agree
        assert await statuses(a, b) == ["PROPOSED", "PROPOSED"]


async def test_a_hub_that_accepts_public_peers_needs_nobody(neighbourhood: Neighbourhood) -> None:
    environment = {"CONVOKE_PEERS_ACCEPT": "public"}
    async with neighbourhood("a.test", "b.test", environment=environment) as (a, b):
        await peering_steps.propose(b.operator, "https://a.test")
        assert await statuses(a, b) == ["ACTIVE", "ACTIVE"]


async def test_two_who_propose_to_each_other_have_agreed(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await asyncio.gather(
            peering_steps.propose(a.operator, b.url), peering_steps.propose(b.operator, a.url)
        )
        a.clock.forward(minutes=1)
        for one in (a, b):
            await Rounds(one.service.abroad).ask_whether_agreed(one.operator, one.clock.now(), 10)
        assert await statuses(a, b) == ["ACTIVE", "ACTIVE"]


async def test_an_agreement_that_was_not_heard_of_is_asked_for_again(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peering_steps.propose(b.operator, "https://a.test")
        facts = await a.service.abroad.look(b.url)
        await peering.accept(a.operator, b.hub_id, facts)  # and then the process is killed
        assert await statuses(a, b) == ["PROPOSED", "PROPOSED"]
        b.clock.forward(minutes=1)
        rounds = Rounds(b.service.abroad)
        assert await rounds.ask_whether_agreed(b.operator, b.clock.now(), 10) == 1
        assert await statuses(a, b) == ["ACTIVE", "ACTIVE"]


async def test_a_hub_that_does_not_answer_waits_for_its_next_round(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (_, b):
        await peering_steps.propose(b.operator, "https://a.test")
        before = await Contents(b)()
        b.roads.closed.add("a.test")
        rounds = Rounds(b.service.abroad)
        b.clock.forward(hours=2)
        assert await rounds.ask_whether_agreed(b.operator, b.clock.now(), 10) == 0
        assert await rounds.look_again(b.operator, b.clock.now(), 10) == 0
        assert await Contents(b)() == before


async def test_a_suspended_peer_is_refused_at_once_with_a_token_from_before(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        token = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        await peering.suspend(a.operator, b.hub_id, "It sends rubbish")
        assert (await a.answered("{ hub { id } }", token=token)).status_code == 401
        b.service.hub_tokens.forget(await b.peer(a))
        with pytest.raises(PeerRefused, match="not active"):
            await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        await peering.resume(a.operator, b.hub_id)
        assert (await a.answered("{ hub { id } }", token=token)).status_code == 200


async def test_an_ended_peer_is_refused_at_once_and_for_good(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        token = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        await peering.end(a.operator, b.hub_id)
        assert (await a.answered("{ hub { id } }", token=token)).status_code == 401
        b.service.hub_tokens.forget(await b.peer(a))
        with pytest.raises(PeerRefused, match="Unknown client"):
            await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        # Begun anew, the token from before is still none.
        await peering_steps.propose(a.operator, b.url)
        assert await statuses(a) == ["ACTIVE"]  # b never ended it, and gives a token
        assert (await a.answered("{ hub { id } }", token=token)).status_code == 401
        assert await b.service.hub_tokens.token(await b.peer(a), SCOPES) != token


async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        await peered(a, b)
        before = await Contents(a)()
        operator = a.operator
        for wrong in (
            peering_steps.propose(operator, b.url),  # a peer already
            peering_steps.propose(operator, a.url),  # ourselves
            peering_steps.accept(operator, b.hub_id),  # nothing to accept
            peering_steps.accept(operator, c.hub_id),  # unknown
            peering.resume(operator, b.hub_id),
            peering.suspend(operator, b.hub_id, "  "),
            peering.suspend(operator, b.hub_id, "a" * 501),
            peering.end(operator, c.hub_id),
            peering.end(operator, a.hub_id),
        ):
            with pytest.raises(Problem):
                await wrong
        for nobody in (
            peering_steps.propose(a.context(), c.url),
            peering_steps.accept(a.context(), b.hub_id),
            peering.suspend(a.context(), b.hub_id, "why"),
            peering.resume(a.context(), b.hub_id),
            peering.end(a.context(), b.hub_id),
        ):
            with pytest.raises(Refused):
                await nobody
        assert await Contents(a)() == before


async def test_an_end_and_an_agreement_at_once_come_one_after_the_other(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peering_steps.propose(b.operator, "https://a.test")
        facts = await a.service.abroad.look(b.url)
        done = await asyncio.gather(
            peering.accept(a.operator, b.hub_id, facts),
            peering.end(a.operator, b.hub_id),
            return_exceptions=True,
        )
        assert all(isinstance(one, str | InvalidTransition) for one in done), done
        assert await statuses(a) == ["ENDED"]
        with pytest.raises(PeerRefused):
            await b.service.hub_tokens.token(await b.peer(a), SCOPES)


async def test_the_same_proposal_many_times_at_once_is_one(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        facts = await a.service.abroad.look(b.url)
        await asyncio.gather(
            *(peering.proposed(a.context(), facts) for _ in range(5)),
            *(peering.propose(a.operator, facts) for _ in range(3)),
        )
        known = await a.peer(b)
        assert (known.status, known.we_agreed_at) == (PeeringStatus.PROPOSED, a.clock.now())


async def test_proposals_that_nobody_answers_do_not_pile_up(
    neighbourhood: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with neighbourhood("a.test", "b.test", "c.test") as (a, b, c):
        monkeypatch.setattr(peering, "MOST_OPEN_PROPOSALS", 1)
        assert await peering.proposed(a.context(), await a.service.abroad.look(b.url))
        before = await Contents(a)()
        assert not await peering.proposed(a.context(), await a.service.abroad.look(c.url))
        assert await Contents(a)() == before


async def test_what_a_proposal_comes_to_is_told_to_nobody(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        named = (
            "https://b.test",
            "https://nobody.test",
            "http://b.test",
            "https://a.test",
            "rubbish",
        )
        answers = [await a.http.post("/federation/proposals", json={"url": url}) for url in named]
        assert {(one.status_code, one.content) for one in answers} == {(202, b"{}")}
        assert await statuses(a) == ["PROPOSED"]
        assert (await a.peer(b)).we_agreed_at is None


async def test_who_proposes_too_often_is_told_to_wait(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test") as (a,):
        answers = [
            await a.http.post("/federation/proposals", json={"url": "https://nobody.test"})
            for _ in range(11)
        ]
        assert [one.status_code for one in answers] == [202] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert len(a.roads.asked) == 10


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"url": 1}', b'{"url": ""}', b'{"url": "' + b"a" * 301 + b'"}']
)
async def test_a_proposal_without_an_address_is_refused(
    neighbourhood: Neighbourhood, body: bytes
) -> None:
    async with neighbourhood("a.test") as (a,):
        headers = {"content-type": "application/json"}
        answer = await a.http.post("/federation/proposals", content=body, headers=headers)
        assert (answer.status_code, a.roads.asked) == (400, [])


async def test_whom_we_sent_away_does_not_come_back_by_itself(
    neighbourhood: Neighbourhood,
) -> None:
    environment = {"CONVOKE_PEERS_ACCEPT": "public"}
    async with neighbourhood("a.test", "b.test", environment=environment) as (a, b):
        await peering_steps.propose(b.operator, a.url)
        await peering.end(a.operator, b.hub_id)
        await peering.end(b.operator, a.hub_id)
        before = await Contents(a)()
        await peering_steps.propose(b.operator, a.url)
        assert await Contents(a)() == before
        assert await statuses(a, b) == ["ENDED", "PROPOSED"]
        await peering_steps.propose(a.operator, b.url)
        assert await statuses(a, b) == ["ACTIVE", "ACTIVE"]
