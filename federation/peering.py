"""Going out to other hubs for peering: what they say of themselves, that they should look at us, and
whether they agreed; and what is asked of them again and again (`Rounds`).

`resolvers/peering.py` has what becomes of it, and when a peering begins.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.peer_clients import SCOPES
from domain.errors import Problem
from domain.hubs import LocalHub
from domain.peering import HubFacts, PeeringStatus
from domain.words import say
from federation.addresses import FetchProblem, FetchReason
from federation.documents import Documents, DocumentsProblem
from federation.hub_tokens import HubTokens, PeerRefused, WayOut
from resolvers import peering
from resolvers.context import Context
from resolvers.peering_steps import begin_if_agreed
from resolvers.what_time_brings import MINUTE, Duty
from storage import peers
from storage.peers import Peer

LOOKED_AT_EVERY = timedelta(hours=1)
AT_ONCE = 5  # peers that are asked at a time: a slow one keeps few others waiting
MOST_BYTES = 4_096

log = logging.getLogger("convoke.peering")


@dataclass(frozen=True, slots=True)
class Abroad:
    """`resolvers.neighbours.Neighbours`, over the network."""

    local: LocalHub
    outgoing: WayOut
    tokens: HubTokens
    allow_loopback: bool = False

    async def look(self, url: str) -> HubFacts:
        return await Documents(self.local, self.outgoing, self.allow_loopback).read(url)

    async def tell(self, facts: HubFacts) -> None:
        """Nothing but our address is sent, because nothing else would be believed."""
        answer = await self.outgoing().post(
            facts.proposals_url,
            body=json.dumps({"url": self.local.url}).encode(),
            content_type="application/json",
            accept="application/json",
            max_bytes=MOST_BYTES,
        )
        if answer.status != 202:
            raise FetchProblem(
                FetchReason.FETCH_ERROR,
                say(
                    "%(hub)s answered our proposal with %(status)s. Its operators find this hub by "
                    "its address: %(url)s",
                    hub=facts.name,
                    status=answer.status,
                    url=self.local.url,
                ),
                answer.status,
            )

    async def has_agreed(self, peer: Peer) -> bool:
        """Asked anew, never of a token that is kept."""
        self.tokens.forget(peer)
        try:
            await self.tokens.token(peer, SCOPES)
        except PeerRefused:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a worker asks the other hubs. Each is a duty (`resolvers/what_time_brings.py`)."""

    abroad: Abroad

    @property
    def duties(self) -> tuple[Duty, ...]:
        return (
            Duty("ask_whether_peers_agreed", MINUTE, self.ask_whether_agreed),
            Duty("look_at_peers_again", 10 * MINUTE, self.look_again),
        )

    async def ask_whether_agreed(self, ctx: Context, _now: datetime, limit: int) -> int:
        """Those to whom we agreed, and who have not been heard to agree."""

        async def ask(peer: Peer) -> bool:
            return await begin_if_agreed(ctx, self.abroad, peer)

        waiting = [
            peer
            for peer in await _those(ctx, PeeringStatus.PROPOSED)
            if peer.we_agreed_at is not None
        ]
        return await _each(waiting[:limit], ask)

    async def look_again(self, ctx: Context, now: datetime, limit: int) -> int:
        """The documents and keys of those we work with, or want to."""

        async def look(peer: Peer) -> bool:
            await self._look_at(ctx, peer)
            return True

        standing = (PeeringStatus.PROPOSED, PeeringStatus.ACTIVE, PeeringStatus.SUSPENDED)
        due = [
            peer
            for peer in await _those(ctx, *standing)
            if peer.we_agreed_at is not None and peer.looked_at <= now - LOOKED_AT_EVERY
        ]
        return await _each(due[:limit], look)

    async def _look_at(self, ctx: Context, peer: Peer) -> None:
        facts = await self.abroad.look(peer.url)
        await peering.looked_again(ctx, peer.hub_id, facts)
        if peer.status is PeeringStatus.PROPOSED:
            await self.abroad.tell(facts)  # in case our proposal was lost


async def receive(ctx: Context, abroad: Abroad, url: str) -> HubFacts | None:
    """A proposal: somebody named that address. Everything is asked of the hub there, and nothing of
    whoever said so; None where no proposal came of it."""
    try:
        facts = await abroad.look(url)
        waits = await peering.proposed(ctx, facts)
    except Problem as problem:
        log.info("A proposal came to nothing (%s): %s", ctx.request_id, problem.message)
        return None
    return facts if waits else None


async def _those(ctx: Context, *statuses: PeeringStatus) -> Sequence[Peer]:
    async with ctx.database.reading(fresh=True) as db:
        return await peers.all_of(db, *statuses)


async def _each(those: Sequence[Peer], ask: Callable[[Peer], Awaitable[bool]]) -> int:
    """How many it was done with. One that cannot be asked keeps the others from nothing."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(peer: Peer) -> bool:
        async with gate:
            try:
                return await ask(peer)
            except (FetchProblem, DocumentsProblem) as problem:
                log.info("%s was not asked: %s", peer.authority, problem.message)
                return False

    return sum(await asyncio.gather(*(one(peer) for peer in those)))
