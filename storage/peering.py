"""What changes how hubs stand with one another, as rows: one change at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, or_, select

from domain.peering import DeliveryStatus, HubFacts, PeeringStatus
from storage.engine import Reading, Writing
from storage.peer_tables import deliveries, mirror_channels, mirror_refusals, peerings
from storage.tables import hubs


async def take_turn(db: Writing) -> None:
    """Until this transaction ends; also where there is no row yet that could be locked."""
    await db.execute(select(func.pg_advisory_xact_lock(func.hashtext("peering"))))


async def open_proposals(db: Reading) -> int:
    """Of hubs that nobody here has answered."""
    waiting = select(func.count()).where(
        peerings.c.status == PeeringStatus.PROPOSED.value, peerings.c.we_agreed_at.is_(None)
    )
    return await db.scalar(waiting) or 0


async def known_by(db: Reading, facts: HubFacts) -> str | None:
    """Another hub that is known by its authority, its issuer or its client's id."""
    other = (
        select(hubs.c.id)
        .outerjoin(peerings, peerings.c.hub_id == hubs.c.id)
        .where(
            or_(
                hubs.c.authority == facts.authority,
                peerings.c.issuer == facts.issuer,
                peerings.c.client_id == facts.client_id,
            ),
            hubs.c.id != facts.hub_id,
        )
    )
    return await db.scalar(other.limit(1))


# ── what there is to see of a peer ───────────────────────────────────────────────────────────────

MOST_REFUSALS = 50


@dataclass(frozen=True, slots=True)
class Around:
    """How far we have read of each of its channels, what of it was not believed (the latest), and
    how many changes of ours it has yet to take."""

    channels: Sequence[Row[Any]]
    refusals: Sequence[Row[Any]]
    waiting: int


async def around(db: Reading, hub_id: str) -> Around:
    channels = await db.execute(
        select(mirror_channels)
        .where(mirror_channels.c.hub_id == hub_id)
        .order_by(mirror_channels.c.channel)
    )
    refusals = await db.execute(
        select(mirror_refusals)
        .where(mirror_refusals.c.hub_id == hub_id)
        .order_by(mirror_refusals.c.last_at.desc(), mirror_refusals.c.thing_id)
        .limit(MOST_REFUSALS)
    )
    waiting = await db.scalar(
        select(func.count()).where(
            deliveries.c.hub_id == hub_id, deliveries.c.status == DeliveryStatus.PENDING.value
        )
    )
    return Around(channels.all(), refusals.all(), waiting or 0)
