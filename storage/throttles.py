"""Counts of tries that drain with time, as rows: a leaky bucket each, in one statement."""

from datetime import datetime

from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import insert

from storage.account_tables import throttles
from storage.engine import Writing


async def add(db: Writing, key: bytes, now: datetime, burst: int, seconds: float) -> float:
    """The count with this try: above `burst`, the try is refused, and the next time it is as if it
    had not been."""
    adding = insert(throttles).values(key=key, level=1.0, at=now)
    passed = func.extract("epoch", adding.excluded.at - throttles.c.at)
    known = throttles.c.level - case((throttles.c.level > burst, 1.0), else_=0.0)
    drained = func.greatest(0.0, known - func.greatest(0.0, passed) / seconds)
    counted = await db.execute(
        adding.on_conflict_do_update(
            index_elements=[throttles.c.key],
            set_={"level": drained + 1.0, "at": adding.excluded.at},
        ).returning(throttles.c.level)
    )
    return float(counted.scalar_one())
