"""Who agreed that which organization may have their name and contact, in which words, and when.

An agreement that is taken back stays as a row that says since when.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, update

from domain.ids import Kind, Names
from storage.engine import Reading, Writing
from storage.tables import event_hosts, events, rsvp_consents, rsvps


async def in_force(db: Reading, rsvp_id: str) -> frozenset[str]:
    """The organizations that may have it today."""
    rows = select(rsvp_consents.c.organization_id).where(
        rsvp_consents.c.rsvp_id == rsvp_id, rsvp_consents.c.withdrawn_at.is_(None)
    )
    return frozenset(await db.scalars(rows))


async def agree(
    db: Writing, names: Names, rsvp_id: str, wordings: Mapping[str, str], now: datetime
) -> None:
    """With these organizations, each in the words that were shown."""
    if wordings:
        await db.execute(
            rsvp_consents.insert(),
            [
                {
                    "id": names.new(Kind.CONSENT),
                    "rsvp_id": rsvp_id,
                    "organization_id": organization_id,
                    "wording": wording,
                    "given_at": now,
                    "withdrawn_at": None,
                }
                for organization_id, wording in sorted(wordings.items())
            ],
        )


async def withdraw(
    db: Writing, rsvp_id: str, organization_ids: Collection[str], now: datetime
) -> None:
    """From these alone: what another organization may have is another matter."""
    if organization_ids:
        await db.execute(
            update(rsvp_consents)
            .where(
                rsvp_consents.c.rsvp_id == rsvp_id,
                rsvp_consents.c.organization_id.in_(sorted(organization_ids)),
                rsvp_consents.c.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
        )


async def held_between(
    db: Reading, organization_id: str, event_ids: Collection[str] | None = None
) -> list[tuple[str, str, str]]:
    """What other organizations were given of people who answered to this one's events, and the
    reverse: the answer, the event, and who has the contact. For an organization that leaves an
    alliance and must know what each is to delete."""
    rows = (
        select(rsvps.c.id, rsvps.c.event_id, rsvp_consents.c.organization_id)
        .join(rsvps, rsvps.c.id == rsvp_consents.c.rsvp_id)
        .join(events, events.c.id == rsvps.c.event_id)
        .where(
            (events.c.organization_id == organization_id)
            | (rsvp_consents.c.organization_id == organization_id),
            events.c.organization_id != rsvp_consents.c.organization_id,
            select(event_hosts.c.id)
            .where(
                event_hosts.c.event_id == events.c.id,
                event_hosts.c.organization_id == rsvp_consents.c.organization_id,
            )
            .exists(),
        )
        .order_by(rsvps.c.event_id, rsvps.c.id, rsvp_consents.c.organization_id)
    )
    if event_ids is not None:
        rows = rows.where(rsvps.c.event_id.in_(sorted(event_ids)))
    return [(row[0], row[1], row[2]) for row in await db.execute(rows)]
