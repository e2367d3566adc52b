"""What is over goes: spent codes and tokens, ended sessions, counts of tries long ago.

Nobody counts on its having run: whoever reads looks at the time itself.
"""

from datetime import datetime

from auth import authorizing, registration, sessions
from storage import sweeping
from storage.engine import Database


async def forget(database: Database, now: datetime, limit: int) -> int:
    """At most that many rows, in a transaction for each kind of them; how many they were."""
    gone = 0
    over = sweeping.what_is_over(now, sessions.IDLE, sessions.LONGEST, authorizing.LONGEST)
    for table, which in over:
        if gone >= limit:
            break
        async with database.writing() as db:
            gone += await sweeping.forget(db, table, which, limit - gone)
    async with database.writing() as db:
        gone += await registration.forget_unused(db, now, max(0, limit - gone))
    return gone
