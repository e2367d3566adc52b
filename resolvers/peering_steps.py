"""What an admin does to a peering, with what is asked of the other hub for it: looked at before, told
and asked after, and never within a transaction (`resolvers/peering.py` has what changes here).
"""

import logging

from domain.errors import NotFound, Problem, Refused
from domain.peering import HubFacts, PeeringStatus
from resolvers import peering
from resolvers.context import Context
from resolvers.neighbours import Neighbours
from storage import peers
from storage.peers import Peer

log = logging.getLogger("convoke.peering")


async def propose(ctx: Context, url: str) -> str:
    """The id of the hub at that address. Where it proposed before, this agrees to it."""
    await peering.require_admin(ctx)
    return await propose_to(ctx, await look(ctx, url))


async def propose_to(ctx: Context, facts: HubFacts) -> str:
    """To the hub that says this of itself, as somebody has seen."""
    neighbours = _neighbours(ctx)
    hub_id = await peering.propose(ctx, facts)
    if not await begin_if_agreed(ctx, neighbours, await known(ctx, hub_id)):
        try:
            await neighbours.tell(facts)
        except Problem as problem:  # it is told again each hour
            log.info("%s was not told of our proposal: %s", facts.authority, problem.message)
    return hub_id


async def accept(ctx: Context, hub_id: str) -> str:
    """What the hub says of itself at this moment."""
    await peering.require_admin(ctx)
    facts = await look(ctx, (await known(ctx, hub_id)).url)
    return await accept_what(ctx, hub_id, facts)


async def accept_what(ctx: Context, hub_id: str, facts: HubFacts) -> str:
    """What it says of itself, as somebody has seen."""
    await peering.accept(ctx, hub_id, facts)
    await begin_if_agreed(ctx, _neighbours(ctx), await known(ctx, hub_id))
    return hub_id


async def look(ctx: Context, url: str) -> HubFacts:
    return await _neighbours(ctx).look(url)


async def begin_if_agreed(ctx: Context, neighbours: Neighbours, peer: Peer) -> bool:
    """Whether the peering begins with this. Who cannot be asked now is asked again, each minute."""
    if peer.status is not PeeringStatus.PROPOSED or peer.we_agreed_at is None:
        return False
    try:
        has_agreed = await neighbours.has_agreed(peer)
    except Problem as problem:
        log.info("%s was not asked whether it agrees: %s", peer.authority, problem.message)
        return False
    return has_agreed and await peering.they_agreed(ctx, peer.hub_id)


async def known(ctx: Context, hub_id: str) -> Peer:
    """The hub as it is known here. Raises NotFound."""
    async with ctx.database.reading(fresh=True) as db:
        found = await peers.by_hub(db, hub_id)
    if found is None:
        raise NotFound("This hub knows no such peer.", peering.HUB)
    return found


def _neighbours(ctx: Context) -> Neighbours:
    if ctx.neighbours is None:
        raise Refused("No other hub is asked from here.")
    return ctx.neighbours
