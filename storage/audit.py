"""Who did what, for which organization, through which client: rows that are only ever added."""

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
