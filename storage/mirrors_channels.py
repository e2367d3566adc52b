"""Which channels of a peer are ours to read, which peers are due, and how their reading goes."""

from datetime import datetime

from sqlalchemy import Select, bindparam, exists, or_, select, update

from domain.alliances import AllianceStatus
from domain.peering import PeeringStatus
from domain.sharing import MembershipStatus
from storage.engine import Reading, Writing
from storage.peer_tables import mirror_channels, peerings
from storage.tables import alliance_members, alliances, hubs, organizations


async def shared_alliances(db: Reading, hub_id: str) -> set[str]:
    """Those in which an organization of that hub and one of ours are active, as far as is known."""
    return set(await db.scalars(_SHARED, {"hub_id": hub_id}))


def _shared() -> Select[tuple[str]]:
    theirs, ours = alliance_members.alias(), alliance_members.alias()
    there, here, hub = organizations.alias(), organizations.alias(), hubs.alias()
    return (
        select(theirs.c.alliance_id)
        .join(there, there.c.id == theirs.c.organization_id)
        .join(ours, ours.c.alliance_id == theirs.c.alliance_id)
        .join(here, here.c.id == ours.c.organization_id)
        .join(hub, hub.c.id == here.c.hub_id)
        .join(alliances, alliances.c.id == theirs.c.alliance_id)
        .where(
            there.c.hub_id == bindparam("hub_id"),
            hub.c.is_local,
            theirs.c.status == MembershipStatus.ACTIVE,
            ours.c.status == MembershipStatus.ACTIVE,
            alliances.c.status != AllianceStatus.DISSOLVED,
        )
        .distinct()
    )


# Made once: each turn with each peer asks it.
_SHARED = _shared()


async def due(db: Reading, now: datetime) -> list[str]:
    """The peers of which a channel is to be read by now, or none ever was."""
    channel = exists().where(mirror_channels.c.hub_id == peerings.c.hub_id)
    is_due = or_(mirror_channels.c.next_at.is_(None), mirror_channels.c.next_at <= now)
    found = await db.scalars(
        select(peerings.c.hub_id)
        .where(
            peerings.c.status == PeeringStatus.ACTIVE,
            or_(~channel, channel.where(is_due)),
        )
        .order_by(peerings.c.hub_id)
    )
    return list(found)


async def read_others_anew(db: Writing, hub_id: str) -> None:
    """That hub was unknown until now: what the others told of its organizations was left out, and
    is told again."""
    await db.execute(
        update(mirror_channels)
        .where(mirror_channels.c.hub_id != hub_id)
        .values(
            cursor=None,
            is_reading_anew=True,
            generation=mirror_channels.c.generation + 1,
            next_at=None,
        )
    )


async def note_trouble(db: Writing, hub_id: str, why: str, now: datetime) -> None:
    """For the peer's admins and ours to see. Not to answer is no fault (`peers.note_fault`)."""
    await db.execute(
        update(peerings)
        .where(peerings.c.hub_id == hub_id)
        .values(last_error=why, last_error_at=now)
    )
