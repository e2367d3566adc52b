"""What policy needs to know of an answer, and of the places on the event that it is to."""

from sqlalchemy import func, select

from domain.answering import AnswerReach, Place
from domain.events import EventHostRole, EventHostStatus
from domain.sharing import AttendeeSharing, HostEditing
from storage import reach
from storage.engine import Reading
from storage.tables import event_hosts, organizations, rsvp_consents, rsvps


async def places(db: Reading, event_id: str) -> dict[str, Place]:
    """The accepted places on the event, by organization."""
    rows = (
        select(
            event_hosts.c.organization_id,
            organizations.c.name,
            event_hosts.c.role,
            event_hosts.c.may_edit,
            event_hosts.c.attendee_sharing,
        )
        .join(organizations, organizations.c.id == event_hosts.c.organization_id)
        .where(
            event_hosts.c.event_id == event_id,
            event_hosts.c.status == EventHostStatus.ACCEPTED,
        )
    )
    return {
        row.organization_id: Place(
            row.name,
            EventHostRole(row.role),
            HostEditing(row.may_edit),
            AttendeeSharing(row.attendee_sharing),
        )
        for row in await db.execute(rows)
    }


async def answer(db: Reading, rsvp_id: str) -> AnswerReach | None:
    consented = func.array_agg(rsvp_consents.c.organization_id)
    row = (
        await db.execute(
            select(
                rsvps.c.event_id,
                rsvps.c.person_id,
                rsvps.c.referred_by_id,
                select(consented)
                .where(
                    rsvp_consents.c.rsvp_id == rsvps.c.id, rsvp_consents.c.withdrawn_at.is_(None)
                )
                .scalar_subquery()
                .label("consented_to"),
            ).where(rsvps.c.id == rsvp_id)
        )
    ).one_or_none()
    if row is None:
        return None
    event = await reach.event(db, row.event_id)
    if event is None:
        return None
    return AnswerReach(
        rsvp_id,
        event,
        row.person_id,
        row.referred_by_id,
        frozenset(row.consented_to or ()),
        await places(db, row.event_id),
    )
