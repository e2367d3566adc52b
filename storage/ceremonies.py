"""What somebody began and has yet to finish, as rows: a letter on its way, a passkey's challenge, a
way to a provider and back. Each is finished at most once, however many try at the same moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, insert, select, update

from storage.account_tables import ceremonies
from storage.engine import Reading, Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """`digest` is of the secret that finishes it, `visit` of the cookie of the browser in which it
    was begun, `code_digest` of the code to type where it has one."""

    digest: bytes
    kind: str
    visit: bytes
    created_at: datetime
    expires_at: datetime
    person_id: str | None = None
    address: str | None = None
    code_digest: bytes | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0


_COLUMNS = [column for column in ceremonies.c if column.name != "used_at"]


def _lasts(kind: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        ceremonies.c.kind == kind, ceremonies.c.used_at.is_(None), ceremonies.c.expires_at > now
    )


def _of_row(row: RowMapping | None) -> Ceremony | None:
    return None if row is None else Ceremony(**row)


async def begin(db: Writing, ceremony: Ceremony) -> None:
    await db.execute(
        insert(ceremonies).values({name: getattr(ceremony, name) for name in Ceremony.__slots__})
    )


async def look_at(db: Reading, kind: str, digest: bytes, now: datetime) -> Ceremony | None:
    """It is left as it was."""
    found = await db.execute(
        select(*_COLUMNS).where(ceremonies.c.digest == digest, _lasts(kind, now))
    )
    return _of_row(found.mappings().one_or_none())


async def newest(db: Reading, kind: str, visit: bytes, now: datetime) -> Ceremony | None:
    """The last that was begun in this browser."""
    found = await db.execute(
        select(*_COLUMNS)
        .where(ceremonies.c.visit == visit, _lasts(kind, now))
        .order_by(ceremonies.c.created_at.desc(), ceremonies.c.digest)
        .limit(1)
    )
    return _of_row(found.mappings().one_or_none())


async def finish(
    db: Writing, kind: str, digest: bytes, now: datetime, visit: bytes | None = None
) -> Ceremony | None:
    """Once: whoever comes second, or too late, finds None. With `visit`, only in the browser in
    which it was begun."""
    finishing = update(ceremonies).where(ceremonies.c.digest == digest, _lasts(kind, now))
    if visit is not None:
        finishing = finishing.where(ceremonies.c.visit == visit)
    found = await db.execute(finishing.values(used_at=now).returning(*_COLUMNS))
    return _of_row(found.mappings().one_or_none())


async def held_with_codes(
    db: Writing, kind: str, visit: bytes, now: datetime, most_failures: int
) -> list[Ceremony]:
    """Those of this browser whose codes may still be typed. They are held until the end of the
    transaction, so that tries made at the same moment are counted one after another."""
    found = await db.execute(
        select(*_COLUMNS)
        .where(
            ceremonies.c.visit == visit,
            _lasts(kind, now),
            ceremonies.c.code_digest.is_not(None),
            ceremonies.c.failures < most_failures,
        )
        .order_by(ceremonies.c.digest)
        .with_for_update()
    )
    return [Ceremony(**row) for row in found.mappings().all()]


async def count_failure(db: Writing, digests: Sequence[bytes]) -> None:
    await db.execute(
        update(ceremonies)
        .where(ceremonies.c.digest.in_(digests))
        .values(failures=ceremonies.c.failures + 1)
    )
