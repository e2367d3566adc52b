"""That somebody here joined a thing of another hub for their organization, as rows.

A mirror believes that an organization of ours is a member of an alliance elsewhere, or has a place on an
event there, only where there is one: of the alliance; of the event, or of the place itself.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Reading, Writing
from storage.peer_tables import joined_elsewhere
from storage.tables import agreements, alliance_members, event_hosts


async def alliance_of_membership(db: Reading, membership_id: str) -> tuple[str, str] | None:
    """The alliance and the organization of that place, as they are known here."""
    return await _of_place(db, alliance_members, alliance_members.c.alliance_id, membership_id)


async def alliance_of_agreement(db: Reading, agreement_id: str) -> str | None:
    return await db.scalar(select(agreements.c.alliance_id).where(agreements.c.id == agreement_id))


async def event_of_place(db: Reading, place_id: str) -> tuple[str, str] | None:
    """The event and the organization of that place, as they are known here; they may not be yet."""
    return await _of_place(db, event_hosts, event_hosts.c.event_id, place_id)


async def add(
    db: Writing, thing_id: str, organization_id: str, person_id: str | None, at: datetime
) -> bool:
    """Whether nobody had before."""
    added = await db.execute(
        insert(joined_elsewhere)
        .values(thing_id=thing_id, organization_id=organization_id, person_id=person_id, at=at)
        .on_conflict_do_nothing()
    )
    return added.rowcount > 0


async def remove(db: Writing, thing_ids: Collection[str], organization_id: str) -> None:
    await db.execute(
        delete(joined_elsewhere).where(
            joined_elsewhere.c.thing_id.in_(thing_ids),
            joined_elsewhere.c.organization_id == organization_id,
        )
    )


async def _of_place(
    db: Reading, places: Table, whole: ColumnElement[str], place_id: str
) -> tuple[str, str] | None:
    found = select(whole, places.c.organization_id).where(places.c.id == place_id)
    row = (await db.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])
