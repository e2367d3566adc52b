"""Organizations' places on events, from the question to the end, as rows. The host's own place is
written with its event, by `storage.events`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select

from domain.co_hosting import AWAITED, Initiator, Place
from domain.events import EventHostRole, EventHostStatus
from domain.policy import CONCERNED
from domain.sharing import AttendeeSharing, HostEditing
from storage.columns import Row
from storage.engine import Reading, Writing
from storage.hubs import is_local
from storage.tables import alliance_members, alliances, event_hosts, event_shares, events
from storage.visibility import in_force
from storage.words import among

_PLACE = select(
    event_hosts.c.id,
    event_hosts.c.event_id,
    event_hosts.c.organization_id,
    event_hosts.c.role,
    event_hosts.c.status,
    event_hosts.c.may_edit,
    event_hosts.c.attendee_sharing,
    event_hosts.c.initiated_by,
    event_hosts.c.via_alliance_id,
    event_hosts.c.message,
    event_hosts.c.created_at,
    event_hosts.c.expires_at,
    event_hosts.c.responded_at,
    event_hosts.c.ended_at,
    event_hosts.c.end_reason,
)


async def event_of(db: Reading, place_id: str) -> str | None:
    """The event it is a place on, whose row is to be locked before the place is read."""
    found: str | None = await db.scalar(
        select(event_hosts.c.event_id).where(event_hosts.c.id == place_id)
    )
    return found


async def locked(db: Writing, place_id: str) -> Place | None:
    found = await db.execute(_PLACE.where(event_hosts.c.id == place_id).with_for_update())
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def under_way(db: Writing, event_id: str, organization_id: str) -> Place | None:
    """The place that it has there or is being asked about; there is at most one."""
    found = await db.execute(
        _PLACE.where(
            event_hosts.c.event_id == event_id,
            event_hosts.c.organization_id == organization_id,
            among(event_hosts.c.status, CONCERNED),
        ).with_for_update()
    )
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


_TAKEN = (event_hosts.c.status == EventHostStatus.ACCEPTED) & event_hosts.c.responded_at.is_(None)
_UNINVITED = (event_hosts.c.initiated_by == Initiator.PARTNER) & (
    (event_hosts.c.status == EventHostStatus.REQUESTED) | _TAKEN
)


async def uninvited(db: Writing, event_id: str) -> Sequence[Place]:
    """The places that organizations took or asked for, and that the host never answered."""
    found = await db.execute(
        _PLACE.where(event_hosts.c.event_id == event_id, _UNINVITED)
        .order_by(event_hosts.c.id)
        .with_for_update()
    )
    return [_record(row) for row in found.mappings()]


async def with_uninvited(db: Reading, organization_id: str) -> set[str]:
    """Those of its events where somebody has such a place."""
    theirs = exists().where(event_hosts.c.event_id == events.c.id, _UNINVITED)
    return set(
        await db.scalars(
            select(events.c.id).where(events.c.organization_id == organization_id, theirs)
        )
    )


async def was_turned_away(db: Reading, event_id: str, organization_id: str) -> bool:
    """The host has once removed it, or declined what it asked."""
    declined = (event_hosts.c.status == EventHostStatus.DECLINED) & (
        event_hosts.c.initiated_by == Initiator.PARTNER
    )
    found = await db.scalar(
        select(
            exists().where(
                event_hosts.c.event_id == event_id,
                event_hosts.c.organization_id == organization_id,
                (event_hosts.c.status == EventHostStatus.REMOVED) | declined,
            )
        )
    )
    return bool(found)


async def granted(
    db: Reading, event_id: str, host_id: str, partner_id: str
) -> list[tuple[str, AttendeeSharing]]:
    """The alliances that the event is shared with and in which both stand today, and what each
    lets co-hosts learn."""
    host, partner = alliance_members.alias(), alliance_members.alias()
    found = await db.execute(
        select(alliances.c.id, alliances.c.attendee_sharing)
        .join(event_shares, event_shares.c.alliance_id == alliances.c.id)
        .join(host, host.c.alliance_id == alliances.c.id)
        .join(partner, partner.c.alliance_id == alliances.c.id)
        .where(
            event_shares.c.event_id == event_id,
            host.c.organization_id == host_id,
            in_force(host),
            partner.c.organization_id == partner_id,
            in_force(partner),
        )
    )
    return [(row.id, AttendeeSharing(row.attendee_sharing)) for row in found]


async def add(db: Writing, place: Place) -> None:
    await db.execute(
        event_hosts.insert().values(
            id=place.id,
            event_id=place.event_id,
            organization_id=place.organization_id,
            role=place.role,
            status=place.status,
            may_edit=place.may_edit,
            attendee_sharing=place.attendee_sharing,
            initiated_by=place.initiated_by,
            via_alliance_id=place.via_alliance_id,
            message=place.message,
            created_at=place.created_at,
            expires_at=place.expires_at,
            responded_at=place.responded_at,
        )
    )


async def keep(db: Writing, place: Place) -> None:
    """Where it stands now. Its transaction holds the row."""
    await db.execute(
        event_hosts.update()
        .where(event_hosts.c.id == place.id)
        .values(
            status=place.status,
            expires_at=place.expires_at,
            responded_at=place.responded_at,
            ended_at=place.ended_at,
            end_reason=place.end_reason,
        )
    )


async def late(db: Writing, now: datetime, limit: int) -> Sequence[Place]:
    """What nobody answered in time, except what somebody is answering this moment, and the places on
    events of other hubs."""
    ours = select(events.c.id).where(
        events.c.id == event_hosts.c.event_id, is_local(events.c.hub_id)
    )
    found = await db.execute(
        _PLACE.where(
            among(event_hosts.c.status, AWAITED), event_hosts.c.expires_at <= now, exists(ours)
        )
        .order_by(event_hosts.c.expires_at, event_hosts.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_record(row) for row in found.mappings()]


def _record(row: Row) -> Place:
    words = {
        "role": EventHostRole(row["role"]),
        "status": EventHostStatus(row["status"]),
        "may_edit": HostEditing(row["may_edit"]),
        "attendee_sharing": AttendeeSharing(row["attendee_sharing"]),
        "initiated_by": Initiator(row["initiated_by"]),
    }
    return Place(**{**row, **words})
