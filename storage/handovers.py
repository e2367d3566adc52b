"""Handovers, as rows, and what passes from the one to the other when one takes effect."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from domain.alliances import AllianceRole, AllianceStatus
from domain.events import EventHostRole, EventHostStatus
from domain.handovers import Handover, HandoverStatus
from domain.sharing import FINAL_STATUSES, AttendeeSharing, HostEditing
from storage.columns import Row
from storage.engine import Reading, Writing
from storage.tables import (
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    events,
    handovers,
)
from storage.visibility import in_force

UNDER_WAY = (HandoverStatus.PROPOSED, HandoverStatus.ACCEPTED)


async def by_id(db: Reading, handover_id: str, *, lock: bool = False) -> Handover | None:
    asked = select(handovers).where(handovers.c.id == handover_id)
    found = await db.execute(asked.with_for_update() if lock else asked)
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def free(db: Writing, handover_id: str) -> Handover | None:
    """The handover, held from now on; None where somebody else holds it."""
    asked = select(handovers).where(handovers.c.id == handover_id)
    found = await db.execute(asked.with_for_update(skip_locked=True))
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def under_way(db: Writing, subject_id: str) -> Handover | None:
    """The one of this thing, held from now on."""
    found = await db.execute(
        select(handovers)
        .where(handovers.c.subject_id == subject_id, handovers.c.status.in_(UNDER_WAY))
        .with_for_update()
    )
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def unanswered(db: Reading, now: datetime, limit: int) -> Sequence[str]:
    """Proposals whose time is over."""
    found = await db.scalars(
        select(handovers.c.id)
        .where(handovers.c.status == HandoverStatus.PROPOSED, handovers.c.expires_at <= now)
        .order_by(handovers.c.expires_at)
        .limit(limit)
    )
    return found.all()


async def due(db: Reading, status: HandoverStatus, until: datetime, limit: int) -> Sequence[str]:
    """Those in that state whose moment came by then."""
    found = await db.scalars(
        select(handovers.c.id)
        .where(handovers.c.status == status, handovers.c.effective_at <= until)
        .order_by(handovers.c.effective_at)
        .limit(limit)
    )
    return found.all()


async def add(db: Writing, handover: Handover) -> None:
    await db.execute(
        handovers.insert().values(
            id=handover.id,
            subject_id=handover.subject_id,
            giver_id=handover.giver_id,
            taker_id=handover.taker_id,
            message=handover.message,
            status=handover.status,
            created_at=handover.created_at,
            expires_at=handover.expires_at,
        )
    )


async def keep(db: Writing, handover: Handover) -> None:
    """What changes on its way."""
    await db.execute(
        handovers.update()
        .where(handovers.c.id == handover.id)
        .values(
            status=handover.status,
            responded_at=handover.responded_at,
            effective_at=handover.effective_at,
            ended_at=handover.ended_at,
            end_reason=handover.end_reason,
        )
    )


# ── an alliance ──────────────────────────────────────────────────────────────────────────────


async def role_in_alliance(
    db: Reading, alliance_id: str, organization_id: str
) -> AllianceRole | None:
    """Of an active member, while the alliance is in force."""
    role = await db.scalar(
        select(alliance_members.c.role).where(
            alliance_members.c.alliance_id == alliance_id,
            alliance_members.c.organization_id == organization_id,
            in_force(alliance_members),
        )
    )
    return None if role is None else AllianceRole(role)


async def pass_convening(
    db: Writing,
    alliance_id: str,
    giver: tuple[str, AllianceRole],
    taker_id: str,
    at: datetime,
) -> None:
    """`giver` with the role they have from now on, where they did not leave."""
    giver_id, giver_role = giver
    for organization_id, role in ((giver_id, giver_role), (taker_id, AllianceRole.CONVENER)):
        await db.execute(
            alliance_members.update()
            .where(
                alliance_members.c.alliance_id == alliance_id,
                alliance_members.c.organization_id == organization_id,
                alliance_members.c.status.not_in(sorted(FINAL_STATUSES)),
            )
            .values(role=role)
        )
    await db.execute(
        alliances.update()
        .where(alliances.c.id == alliance_id, alliances.c.status != AllianceStatus.DISSOLVED)
        .values(convener_id=taker_id, version=alliances.c.version + 1, updated_at=at)
    )


# ── an event ─────────────────────────────────────────────────────────────────────────────────


async def role_on_event(db: Reading, event_id: str, organization_id: str) -> EventHostRole | None:
    """Of an organization that accepted."""
    role = await db.scalar(
        select(event_hosts.c.role).where(
            event_hosts.c.event_id == event_id,
            event_hosts.c.organization_id == organization_id,
            event_hosts.c.status == EventHostStatus.ACCEPTED,
        )
    )
    return None if role is None else EventHostRole(role)


async def pass_event(
    db: Writing, event_id: str, giver_id: str, taker_id: str, at: datetime
) -> None:
    """The host steps down first: there are never two. What was shared with alliances in which the
    new host does not stand is shared there no more, and the group was the former host's."""
    places = (
        (giver_id, {"role": EventHostRole.CO_HOST, "may_edit": HostEditing.ALL}),
        (
            taker_id,
            {
                "role": EventHostRole.HOST,
                "may_edit": HostEditing.ALL,
                "attendee_sharing": AttendeeSharing.ALL_WITH_CONSENT,
            },
        ),
    )
    for organization_id, place in places:
        await db.execute(
            event_hosts.update()
            .where(
                event_hosts.c.event_id == event_id,
                event_hosts.c.organization_id == organization_id,
                event_hosts.c.status == EventHostStatus.ACCEPTED,
            )
            .values(**place)
        )
    await db.execute(
        events.update()
        .where(events.c.id == event_id)
        .values(
            organization_id=taker_id,
            group_id=None,
            version=events.c.version + 1,
            updated_at=at,
        )
    )
    standing = alliance_members.alias()
    stands_in = select(standing.c.alliance_id).where(
        standing.c.organization_id == taker_id, in_force(standing)
    )
    await db.execute(
        event_shares.delete().where(
            event_shares.c.event_id == event_id, event_shares.c.alliance_id.not_in(stands_in)
        )
    )


def _record(row: Row) -> Handover:
    return Handover(**{**row, "status": HandoverStatus(row["status"])})
