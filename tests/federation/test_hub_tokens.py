"""A hub asks another for a token, as itself."""

import asyncio

from auth.peer_clients import SCOPES
from tests.federation.neighbourhood import Neighbourhood, peered


async def test_a_peer_gets_a_token_that_speaks_for_no_organization(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        token = await b.service.hub_tokens.token(await b.peer(a), SCOPES)
        bearer = a.service.tokens.verifier.verified(token)
        assert (bearer.client_id, bearer.subject) == (b.client_id, b.client_id)
        assert (bearer.organization_id, bearer.hub_id) == (None, b.hub_id)
        assert bearer.scopes == set(SCOPES)
        assert "errors" not in await a.ask("{ hub { id } }", token=token)


async def test_one_token_is_asked_for_once_until_half_a_minute_before_its_end(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        peer, tokens = await b.peer(a), b.service.hub_tokens
        first = await asyncio.gather(*(tokens.token(peer, SCOPES) for _ in range(10)))
        b.clock.forward(seconds=269)
        assert {*first, await tokens.token(peer, SCOPES)} == {first[0]}
        assert b.roads.asked.count("POST https://a.test/oauth/token") == 1
        b.clock.forward(seconds=1)
        assert await tokens.token(peer, SCOPES) != first[0]
