"""Counts of tries that drain with time, as rows: a leaky bucket each, in one statement."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert

from storage.account_tables import throttles
from storage.engine import Writing


async def add(db: Writing, key: bytes, now: datetime, burst: int, seconds: float) -> float:
    """The count with this try, and at most one try more than `burst`."""
    adding = insert(throttles).values(key=key, level=1.0, at=now)
    passed = func.extract("epoch", adding.excluded.at - throttles.c.at)
    drained = func.greatest(0.0, throttles.c.level - func.greatest(0.0, passed) / seconds)
    level: float = await db.scalar(
        adding.on_conflict_do_update(
            index_elements=[throttles.c.key],
            set_={"level": func.least(burst + 1.0, drained + 1.0), "at": adding.excluded.at},
        ).returning(throttles.c.level)
    )
    return level


async def forget(db: Writing, before: datetime) -> int:
    """Those not touched since; how many."""
    return (await db.execute(delete(throttles).where(throttles.c.at < before))).rowcount
