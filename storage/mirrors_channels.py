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


def _shared() -> Select[str]:
    """Our own first: they are few, while in a large alliance each of theirs meets each of ours."""
    mine, theirs = alliance_members.alias(), alliance_members.alias()
    here, there, hub = organizations.alias(), organizations.alias(), hubs.alias()
    ours = (
        select(mine.c.alliance_id)
        .join(here, here.c.id == mine.c.organization_id)
        .join(hub, hub.c.id == here.c.hub_id)
        .where(hub.c.is_local, mine.c.status == MembershipStatus.ACTIVE)
        .distinct()
        .cte("ours")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    one_of_theirs = (
        exists()
        .where(theirs.c.alliance_id == ours.c.alliance_id)
        .where(theirs.c.status == MembershipStatus.ACTIVE)
        .where(there.c.id == theirs.c.organization_id, there.c.hub_id == bindparam("hub_id"))
    )
    return (
        select(ours.c.alliance_id)
        .join(alliances, alliances.c.id == ours.c.alliance_id)
        .where(alliances.c.status != AllianceStatus.DISSOLVED, one_of_theirs)
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
