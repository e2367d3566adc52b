"""Working with other hubs: proposed, agreed by both, stopped for a while, ended.

Each side agrees for itself, and learns that the other did from how it is asked and answered: a hub
asks for a token only where somebody there agreed, and gives one only where somebody there agreed
(`auth/machine_grant.py`). So a peering begins when both have, and nothing that is sent can say so.

What another hub says of itself is read before (`federation/documents.py`), and handed in as
`HubFacts`: no transaction waits for a network. Whoever changes how it stands takes one lock, so that
two proposals at once, or an end during an agreement, come one after the other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from auth import peer_clients
from domain.actors import OPERATOR, TeamRole
from domain.errors import Invalid, NotFound, Refused, Taken
from domain.peering import (
    MOST_OPEN_PROPOSALS,
    PEERING,
    HubFacts,
    PeeringStatus,
    checked_reason,
    is_overlapping,
)
from domain.transitions import Party
from domain.words import say
from resolvers.audit import note
from resolvers.context import Context
from storage import mirrors, peers
from storage import peering as stored
from storage.credentials import organization_called
from storage.engine import Reading, Writing
from storage.peers import Peer

HUB = ("hub",)
URL = ("url",)
_OURS, _THEIRS, _TIME = frozenset({Party.HUB}), frozenset({Party.PEER}), frozenset({Party.TIME})


async def require_admin(ctx: Context) -> None:
    """Before anything is fetched. Raises Refused."""
    async with ctx.database.reading(fresh=True) as db:
        await _require_admin(ctx, db)


# ── what this hub's admins do ────────────────────────────────────────────────────────────────────


async def propose(ctx: Context, facts: HubFacts) -> str:
    """The hub's id. Where it has proposed already, this is our agreement to it."""
    now = ctx.clock.now()
    async with _changing(ctx) as db:
        await _require_admin(ctx, db)
        known = await peers.lock(db, facts.hub_id)
        if known is not None and known.status is PeeringStatus.PROPOSED:
            await _agree(ctx, db, known, facts)
            return facts.hub_id
        if known is not None:
            PEERING.require(known.status, "propose", _OURS, URL)
        await _require_nobody_elses(ctx, db, facts)
        peer = replace(_begun(facts, now), we_agreed_at=now)
        await peers.keep(db, peer, now)
        await peer_clients.register(db, ctx.names, peer, now)
        await note(ctx, db, "peering.proposed", peer.hub_id)
    return facts.hub_id


async def accept(ctx: Context, hub_id: str, facts: HubFacts) -> str:
    """What it says of itself now is agreed to: a proposal, or keys that are all new."""
    async with _changing(ctx) as db:
        await _require_admin(ctx, db)
        known = await _held(db, hub_id)
        _require_same(known, facts)
        PEERING.require(known.status, "accept", _OURS, HUB)
        if known.status is PeeringStatus.PROPOSED:
            await _agree(ctx, db, known, facts)
        elif known.keys_replaced_at is None:
            raise Invalid(
                say("%(known)s is a peer already, with the keys it had.", known=known.name), HUB
            )
        else:
            await _keep(
                ctx, db, replace(_told(known, facts, ctx.clock.now()), keys_replaced_at=None)
            )
            await note(ctx, db, "peering.keys_confirmed", known.hub_id)
    return hub_id


async def suspend(ctx: Context, hub_id: str, reason: str) -> str:
    """Nothing is read from it, and it reads nothing here, until somebody resumes."""
    why = checked_reason(reason)
    async with _changing(ctx) as db:
        await _require_admin(ctx, db)
        await _suspend(ctx, db, await _held(db, hub_id), why, _OURS)
    return hub_id


async def resume(ctx: Context, hub_id: str) -> str:
    async with _changing(ctx) as db:
        await _require_admin(ctx, db)
        known = await _held(db, hub_id)
        PEERING.require(known.status, "resume", _OURS, HUB)
        stands = _standing(known, PeeringStatus.ACTIVE, ctx.clock.now())
        await _keep(ctx, db, replace(stands, suspended_why=None, faults=0))
        await note(ctx, db, "peering.resumed", hub_id)
    return hub_id


async def end(ctx: Context, hub_id: str) -> str:
    """What it and its people hold here ends, and what is held of its things goes."""
    async with _changing(ctx) as db:
        await _require_admin(ctx, db)
        known = await _held(db, hub_id)
        PEERING.require(known.status, "end", _OURS, HUB)
        ended = _standing(known, PeeringStatus.ENDED, ctx.clock.now())
        await _keep(ctx, db, replace(ended, we_agreed_at=None, they_agreed_at=None))
        await peer_clients.end(db, known, ctx.clock.now())
        await mirrors.purge_peer(db, hub_id)
        await note(ctx, db, "peering.ended", hub_id)
    return hub_id


# ── what others do, and what time brings ─────────────────────────────────────────────────────────


async def proposed(ctx: Context, facts: HubFacts) -> bool:
    """By that hub, whose documents were read after it asked us to. Whether it now waits for somebody
    here to answer; nothing that is agreed changes by it, nor what was ended here."""
    now = ctx.clock.now()
    async with _changing(ctx) as db:
        known = await peers.lock(db, facts.hub_id)
        if known is not None:
            if known.status is PeeringStatus.PROPOSED and known.we_agreed_at is None:
                await _keep(ctx, db, _told(known, facts, now))
                return True
            return False
        if await stored.open_proposals(db) >= MOST_OPEN_PROPOSALS:
            return False
        await _require_nobody_elses(ctx, db, facts)
        await peers.keep(db, _begun(facts, now), now)
        await note(ctx, db, "peering.proposed_to_us", facts.hub_id)
    return True


async def they_agreed(ctx: Context, hub_id: str) -> bool:
    """It gave us a token. Whether the peering begins with that."""
    now = ctx.clock.now()
    async with _changing(ctx) as db:
        known = await _held(db, hub_id)
        if known.status is not PeeringStatus.PROPOSED or known.we_agreed_at is None:
            return False
        begun = _standing(known, PeeringStatus.ACTIVE, now)
        await _keep(ctx, db, replace(begun, they_agreed_at=now))
        await note(ctx, db, "peering.begun", hub_id)
    return True


async def looked_again(ctx: Context, hub_id: str, facts: HubFacts) -> None:
    """What its documents say by now. Keys go over into others; where all of a ring are new, none of
    them is taken until somebody confirms it (`accept`)."""
    now = ctx.clock.now()
    async with _changing(ctx) as db:
        known = await _held(db, hub_id)
        if known.status is PeeringStatus.ENDED:
            return
        if _identity(known) != _identity(facts):
            if known.is_active:
                why = f"At {known.url} there is another hub than before: {facts.hub_id}."
                await _suspend(ctx, db, known, why, _TIME)
            return
        told = _told(known, facts, now)
        if known.keys_replaced_at is not None or not _keys_go_on(known, facts):
            told = replace(
                told,
                thumbprints=known.thumbprints,
                client_thumbprints=known.client_thumbprints,
                keys_replaced_at=known.keys_replaced_at or now,
            )
        await _keep(ctx, db, told)
        if told.keys_replaced_at != known.keys_replaced_at:
            await note(ctx, db, "peering.keys_replaced", hub_id)
        elif _rings(told) != _rings(known):
            await note(ctx, db, "peering.keys_changed", hub_id)


async def suspend_for(ctx: Context, hub_id: str, why: str) -> None:
    """Because of what it does; an admin is told by how the peering stands."""
    async with _changing(ctx) as db:
        known = await _held(db, hub_id)
        if known.is_active:
            await _suspend(ctx, db, known, why[:500], _TIME)


# ── within a transaction ─────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _changing(ctx: Context) -> AsyncIterator[Writing]:
    async with ctx.writing() as db:
        await stored.take_turn(db)
        yield db


async def _require_admin(ctx: Context, db: Reading) -> None:
    """Whoever runs the hub at its command line; and who owns or administers the organization that
    operates it, in person (CONVOKE_OPERATOR)."""
    viewer = ctx.viewer
    if viewer.client_id == OPERATOR:
        return
    if ctx.operated_by and viewer.person_id and viewer.role in {TeamRole.OWNER, TeamRole.ADMIN}:
        operator = await organization_called(db, ctx.operated_by)
        if operator is not None and viewer.works_for(operator):
            return
    raise Refused(
        "Other hubs are for the owners and admins of the organization that operates this one "
        "(CONVOKE_OPERATOR), and for ./convoke peer."
    )


async def _held(db: Writing, hub_id: str) -> Peer:
    known = await peers.lock(db, hub_id)
    if known is None:
        raise NotFound("This hub knows no such peer.", HUB)
    return known


async def _require_nobody_elses(ctx: Context, db: Writing, facts: HubFacts) -> None:
    if facts.authority == ctx.hub.authority or facts.hub_id == ctx.hub.id:
        raise Invalid("That is this hub itself.", URL)
    other = await stored.known_by(db, facts)
    if other is not None:
        raise Taken(
            say(
                "%(authority)s is known here as another hub, %(other)s. If it was set up "
                "anew, its operators have to give it another address.",
                authority=facts.authority,
                other=other,
            ),
            URL,
        )


async def _agree(ctx: Context, db: Writing, known: Peer, facts: HubFacts) -> None:
    now = ctx.clock.now()
    peer = _told(known, facts, now)
    agreed = replace(peer, we_agreed_at=known.we_agreed_at or now, keys_replaced_at=None)
    await _keep(ctx, db, agreed)
    await peer_clients.register(db, ctx.names, agreed, now)
    if known.we_agreed_at is None:
        await note(ctx, db, "peering.accepted", known.hub_id)


async def _suspend(ctx: Context, db: Writing, known: Peer, why: str, by: frozenset[Party]) -> None:
    PEERING.require(known.status, "suspend", by, HUB)
    stands = _standing(known, PeeringStatus.SUSPENDED, ctx.clock.now())
    await _keep(ctx, db, replace(stands, suspended_why=why))
    await note(ctx, db, "peering.suspended", known.hub_id)


async def _keep(ctx: Context, db: Writing, peer: Peer) -> None:
    await peers.keep(db, peer, ctx.clock.now())


def _require_same(known: Peer, facts: HubFacts) -> None:
    if _identity(known) != _identity(facts):
        raise Invalid(
            say(
                "At %(url)s there is another hub than before: %(hub_id)s. End the peering.",
                url=known.url,
                hub_id=facts.hub_id,
            ),
            HUB,
        )


def _identity(hub: Peer | HubFacts) -> tuple[str, ...]:
    return hub.hub_id, hub.authority, hub.issuer, hub.client_id


def _rings(peer: Peer) -> tuple[tuple[str, ...], ...]:
    return peer.thumbprints, peer.client_thumbprints


def _keys_go_on(known: Peer, facts: HubFacts) -> bool:
    return is_overlapping(known.thumbprints, facts.thumbprints) and is_overlapping(
        known.client_thumbprints, facts.client_thumbprints
    )


def _told(known: Peer, facts: HubFacts, now: datetime) -> Peer:
    """As it stands, with what it says by now."""
    return replace(known, **_of_documents(facts), looked_at=now)


def _standing(known: Peer, status: PeeringStatus, now: datetime) -> Peer:
    return replace(known, status=status, since=now)


def _of_documents(facts: HubFacts) -> dict[str, Any]:
    told = asdict(facts)
    del told["proposals_url"]
    return told


def _begun(facts: HubFacts, now: datetime) -> Peer:
    return Peer(
        **_of_documents(facts),
        status=PeeringStatus.PROPOSED,
        since=now,
        we_agreed_at=None,
        they_agreed_at=None,
        suspended_why=None,
        keys_replaced_at=None,
        looked_at=now,
        last_synced_at=None,
        faults=0,
        last_error=None,
        last_error_at=None,
    )
