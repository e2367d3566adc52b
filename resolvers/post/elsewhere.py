"""Letters to people of this hub who answered to dates of others.

The owner keeps no address of them, and writes to guests alone; their own hub knows their address, their
language and what they want no letters of. So it is their own hub that writes, of what it heard of their
answer and of the date (docs/decisions/0046).
"""

from datetime import datetime

from domain import news_of_dates
from domain.news_of_dates import News
from resolvers.context import Context
from resolvers.post.answers import post
from storage import answers_elsewhere as stored
from storage import letters_due


async def write(ctx: Context, now: datetime, limit: int) -> int:
    """How many there was reason to look at."""
    async with ctx.writing() as db:
        if not await letters_due.is_one_at_a_time(db):
            return 0
        found = await stored.with_news(db, now, limit)
        news = ((each, news_of_dates.news(each, now)) for each in found)
        due = [(each, what) for each, what in news if what is not None]
        await stored.were_read(db, [each.rsvp_id for each in found], now)
        await post(ctx, db, due, now, stored.told)
    return len(found)


async def remind(ctx: Context, now: datetime, limit: int) -> int:
    async with ctx.writing() as db:
        if not await letters_due.is_one_at_a_time(db):
            return 0
        found = await stored.to_remind(db, now, news_of_dates.REMINDED_BEFORE, limit)
        await post(ctx, db, [(each, News.REMINDER) for each in found], now, stored.told)
    return len(found)
