"""Letters that were sent, or given up, are forgotten: whom a hub wrote to is nobody's business for ever.

`storage/mail.py` keeps those that wait; `web/mailing.py` sends them.
"""

from datetime import datetime, timedelta

from resolvers.context import Context
from storage import mail

REMEMBERED = timedelta(days=30)


async def forget(ctx: Context, now: datetime, limit: int = 1_000) -> int:
    """How many were forgotten."""
    async with ctx.writing() as db:
        return await mail.forget(db, now - REMEMBERED, limit)
