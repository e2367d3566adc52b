"""What left the channels long ago is forgotten; whoever has not read since then begins again."""

from datetime import datetime, timedelta

from domain.peering import RETENTION_DAYS
from resolvers.context import Context
from storage import feeds

RETENTION = timedelta(days=RETENTION_DAYS)


async def forget(ctx: Context, now: datetime, limit: int) -> int:
    """How many changes were forgotten."""
    async with ctx.database.writing() as db:
        return await feeds.compact(db, now - RETENTION, limit)
