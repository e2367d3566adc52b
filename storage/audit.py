"""Who did what, for which organization, through which client: rows that are only ever added.

Whom an entry concerns is found by the database as it is added (migration 0014).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from domain.actors import Viewer
from storage.engine import Writing
from storage.tables import audit_concerned, audit_entries


@dataclass(frozen=True, slots=True)
class Entry:
    """`whole_id` is what the subject is a part of, None where it is a whole."""

    id: str
    action: str
    subject_id: str | None
    detail: str | None
    whole_id: str | None = None


async def add(
    db: Writing,
    entry: Entry,
    at: datetime,
    viewer: Viewer,
    request_id: str,
    hub_id: str,
    concerning: Collection[str] = (),
) -> None:
    """`concerning` are organizations that it concerns beyond those that the database finds."""
    await add_many(db, [entry], at, viewer, request_id, hub_id)
    if concerning:
        rows = [
            {"organization_id": each, "at": at, "entry_id": entry.id} for each in set(concerning)
        ]
        await db.execute(insert(audit_concerned).on_conflict_do_nothing(), rows)


async def add_many(
    db: Writing,
    entries: Sequence[Entry],
    at: datetime,
    viewer: Viewer,
    request_id: str,
    hub_id: str,
) -> None:
    """What one viewer did to many things in one request."""
    if not entries:
        return
    who = {
        "at": at,
        "person_id": viewer.person_id,
        "organization_id": viewer.organization_id,
        "client_id": viewer.client_id,
        "hub_id": hub_id,
        "request_id": request_id,
    }
    await db.execute(
        audit_entries.insert(),
        [
            {
                "id": entry.id,
                "action": entry.action,
                "subject_id": entry.subject_id,
                "whole_id": entry.whole_id,
                "detail": entry.detail,
                **who,
            }
            for entry in entries
        ],
    )


async def add_of_identity(
    db: Writing,
    entry: Entry,
    at: datetime,
    *,
    organization_id: str | None,
    client_id: str | None,
    person_id: str | None,
    request_id: str,
    hub_id: str | None = None,
) -> None:
    """Of what is done before there is a viewer: somebody signs in, an app is registered."""
    await db.execute(
        audit_entries.insert().values(
            id=entry.id,
            at=at,
            action=entry.action,
            subject_id=entry.subject_id,
            whole_id=entry.whole_id,
            organization_id=organization_id,
            client_id=client_id,
            person_id=person_id,
            hub_id=hub_id,
            request_id=request_id,
            detail=entry.detail,
        )
    )
