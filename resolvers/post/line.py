"""What changed is taken out of its line, and whoever it concerns is written to.

A duty of the worker. One transaction takes it out, writes the letters and keeps what is known now:
where it fails, all of it is still to be done, and where it was done nothing is. What cannot be written
by itself either is put aside for a while, and told to the log and to `./convoke doctor`.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from domain.errors import Passing
from resolvers.context import Context
from resolvers.post import answers, inviting
from storage import letters_due
from storage.letters_due import About, Due

AGAIN = timedelta(hours=6)

log = logging.getLogger("convoke.letters")


async def write(ctx: Context, now: datetime, limit: int) -> int:
    """How many things were taken out of the line, `limit` also where others were put in; another
    process that does the same is let be."""
    try:
        return await _together(ctx, now, limit, [])
    except (Passing, OperationalError):  # it is the database's trouble, and none of theirs
        raise
    except Exception:
        log.warning("Letters could not be written together, and are written one by one.")
    for done in range(limit):
        if not await _alone(ctx, now):
            return done
    return limit


async def _together(ctx: Context, now: datetime, limit: int, met: list[Due]) -> int:
    """`met` is told what it is about, also where it fails."""
    async with ctx.writing() as db:
        if not await letters_due.is_one_at_a_time(db):
            return 0
        taken = await letters_due.take(db, now, limit)
        met += taken
        due = set(taken)
        of = {kind: {each.subject_id for each in due if each.kind is kind} for kind in About}
        if of[About.EVENT] or of[About.DATE]:
            await letters_due.put_all_in_line(db, of[About.EVENT], of[About.DATE], now)
        if of[About.ANSWER]:
            await answers.write(ctx, db, of[About.ANSWER])
        if of[About.HOST] or of[About.ALLY]:
            await inviting.write(ctx, db, of[About.HOST], of[About.ALLY])
    return limit if of[About.EVENT] or of[About.DATE] else len(taken)


async def _alone(ctx: Context, now: datetime) -> bool:
    """The next in line; whether there was one."""
    met: list[Due] = []
    try:
        return await _together(ctx, now, 1, met) > 0
    except (Passing, OperationalError):
        raise
    except Exception:
        if not met:
            raise  # nothing was in line: it is not about a letter
        about = f"{met[0].kind} {met[0].subject_id}"
        log.exception("The letter about %s could not be written; it is tried again later.", about)
    async with ctx.writing() as db:
        await letters_due.put_aside(db, met[0], now + AGAIN)
    return True
