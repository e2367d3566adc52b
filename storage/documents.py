"""Trusted documents, as rows: texts that the operator has added, by the SHA-256 of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Reading, Writing
from storage.tables import trusted_documents as rows


@dataclass(frozen=True, slots=True)
class Trusted:
    """`operations` are the names of those in the text, in its order."""

    sha256: str
    operations: tuple[str, ...]
    characters: int
    added_at: datetime


async def texts(db: Reading, digests: Collection[str]) -> dict[str, str]:
    """Of those that are there."""
    found = await db.execute(
        select(rows.c.sha256, rows.c.document).where(rows.c.sha256.in_(digests))
    )
    return {row.sha256: row.document for row in found}


async def add(
    db: Writing, sha256: str, document: str, operations: Sequence[str], at: datetime
) -> bool:
    """Whether it was not there yet."""
    statement = (
        insert(rows)
        .values(sha256=sha256, document=document, operations=list(operations), added_at=at)
        .on_conflict_do_nothing()
        .returning(rows.c.sha256)
    )
    return await db.scalar(statement) is not None


async def remove(db: Writing, digests: Collection[str]) -> set[str]:
    """Those that were there."""
    gone = await db.scalars(delete(rows).where(rows.c.sha256.in_(digests)).returning(rows.c.sha256))
    return set(gone)


async def listed(db: Reading) -> list[Trusted]:
    found = await db.execute(
        select(
            rows.c.sha256,
            rows.c.operations,
            func.length(rows.c.document).label("characters"),
            rows.c.added_at,
        ).order_by(rows.c.added_at, rows.c.sha256)
    )
    return [
        Trusted(row.sha256, tuple(row.operations), row.characters, row.added_at) for row in found
    ]
