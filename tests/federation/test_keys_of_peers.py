"""A peer's keys go over into others by themselves. Where all are new, somebody has to say that it is so."""

from datetime import timedelta

import pytest

from auth import addresses
from auth.keys import TURNS_AFTER
from auth.peer_clients import SCOPES
from domain.errors import Invalid
from domain.peering import PeeringStatus
from federation.hub_tokens import PeerRefused
from federation.peering import Rounds
from resolvers import peering, peering_steps
from storage.peers import Peer
from tests.federation.neighbourhood import Contents, Neighbour, Neighbourhood, peered
from tests.federation.test_documents import HUB, ULID, answering


async def looked(b: Neighbour, a: Neighbour) -> Peer:
    """An hour later, by b."""
    b.clock.forward(minutes=61)
    await Rounds(b.service.abroad).look_again(b.operator, b.clock.now(), 10)
    return await b.peer(a)


async def test_keys_that_turn_are_followed(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        before = known = await b.peer(a)
        for _ in range(3):
            b.clock.forward(seconds=TURNS_AFTER.total_seconds())
            known = await looked(b, a)
            await looked(a, b)
            assert known.keys_replaced_at is None
            assert await b.service.hub_tokens.token(known, SCOPES)
            assert await a.service.hub_tokens.token(await a.peer(b), SCOPES)
        assert set(known.thumbprints).isdisjoint(before.thumbprints)


async def test_it_is_looked_at_once_an_hour(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        rounds = Rounds(b.service.abroad)
        b.clock.forward(minutes=59)
        assert await rounds.look_again(b.operator, b.clock.now(), 10) == 0
        b.clock.forward(minutes=1)
        assert await rounds.look_again(b.operator, b.clock.now(), 10) == 1
        assert await rounds.look_again(b.operator, b.clock.now(), 10) == 0
        assert (await b.peer(a)).looked_at == b.clock.now()


async def test_keys_that_are_all_new_stop_its_people_until_somebody_confirms_them(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        before = await b.peer(a)
        await a.service.tokens.ring.renew()
        known = await looked(b, a)
        assert (known.is_active, known.vouches) == (True, False)
        assert known.thumbprints == before.thumbprints
        # What the hub reads by itself goes on: that key is the same.
        assert await a.service.hub_tokens.token(await a.peer(b), SCOPES)
        # It stays so, whatever is looked at again.
        assert not (await looked(b, a)).vouches
        await peering_steps.accept(b.operator, a.hub_id)
        known = await b.peer(a)
        assert known.vouches
        assert set(known.thumbprints).isdisjoint(before.thumbprints)


async def test_a_hub_whose_keys_as_a_client_are_all_new_gets_no_token_until_then(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        assert await a.service.hub_tokens.token(await a.peer(b), SCOPES)
        await a.service.tokens.client_ring.renew()
        a.clock.forward(minutes=11)
        a.service.hub_tokens.forget(await a.peer(b))
        with pytest.raises(PeerRefused, match="not signed by a key of it"):
            await a.service.hub_tokens.token(await a.peer(b), SCOPES)
        assert not (await looked(b, a)).vouches
        with pytest.raises(PeerRefused):
            await a.service.hub_tokens.token(await a.peer(b), SCOPES)
        await peering_steps.accept(b.operator, a.hub_id)
        assert await a.service.hub_tokens.token(await a.peer(b), SCOPES)


async def test_nobody_confirms_what_is_as_it_was(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        before = await Contents(b)()
        with pytest.raises(Invalid, match="a peer already"):
            await peering_steps.accept(b.operator, a.hub_id)
        assert await Contents(b)() == before


async def test_another_hub_at_its_address_stops_everything(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        said = (await a.http.get(addresses.HUB)).json()
        b.roads.instead[HUB] = answering({**said, "hub": f"hub_{ULID}@a.test"})
        known = await looked(b, a)
        assert known.status is PeeringStatus.SUSPENDED
        assert "another hub" in (known.suspended_why or "")
        # Nor can it be agreed to.
        with pytest.raises(Invalid, match="another hub"):
            await peering_steps.accept(b.operator, a.hub_id)
        b.roads.instead.clear()
        await peering.resume(b.operator, a.hub_id)
        assert (await looked(b, a)).is_active


async def test_documents_that_lie_change_nothing(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        said = (await a.http.get(addresses.HUB)).json()
        before = await Contents(b)()
        b.roads.instead[HUB] = answering({**said, "token_endpoint": "https://c.test/oauth/token"})
        assert (await looked(b, a)).looked_at == b.clock.now() - timedelta(minutes=61)
        assert await Contents(b)() == before


async def test_a_new_name_and_another_way_are_followed(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        said = (await a.http.get(addresses.HUB)).json()
        told = {**said, "name": "The Pantry's hub", "poke_endpoint": None, "schema_version": "1.1"}
        b.roads.instead[HUB] = answering(told)
        known = await looked(b, a)
        assert (known.name, known.poke_url, known.schema_version) == (told["name"], None, "1.1")
