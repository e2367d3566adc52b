"""Who did what, for which organization, through which client: rows that are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.actors import Viewer
from storage.engine import Writing
from storage.tables import audit_entries


async def add(
    db: Writing,
    entry_id: str,
    at: datetime,
    action: str,
    subject_id: str,
    viewer: Viewer,
    request_id: str,
    detail: str | None,
) -> None:
    await db.execute(
        audit_entries.insert().values(
            id=entry_id,
            at=at,
            action=action,
            subject_id=subject_id,
            person_id=viewer.person_id,
            organization_id=viewer.organization_id,
            client_id=viewer.client_id,
            request_id=request_id,
            detail=detail,
        )
    )


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    action: str
    subject_id: str
    detail: str | None


async def add_many(
    db: Writing, entries: Sequence[Entry], at: datetime, viewer: Viewer, request_id: str
) -> None:
    """What one viewer did to many things in one request."""
    if not entries:
        return
    who = {
        "at": at,
        "person_id": viewer.person_id,
        "organization_id": viewer.organization_id,
        "client_id": viewer.client_id,
        "request_id": request_id,
    }
    await db.execute(
        audit_entries.insert(),
        [
            {
                "id": entry.id,
                "action": entry.action,
                "subject_id": entry.subject_id,
                "detail": entry.detail,
                **who,
            }
            for entry in entries
        ],
    )
