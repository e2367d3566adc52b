"""What changed is taken out of its line, and whoever it concerns is written to.

A duty of the worker. One transaction takes it out, writes the letters and keeps what is known now:
where it fails, all of it is still to be done, and where it was done nothing is.
"""

from datetime import datetime

from resolvers.context import Context
from resolvers.post import answers, inviting
from storage import letters_due
from storage.letters_due import About


async def write(ctx: Context, now: datetime, limit: int) -> int:
    """How many things were taken out of the line, `limit` also where others were put in; another
    process that does the same is let be."""
    async with ctx.writing() as db:
        if not await letters_due.is_one_at_a_time(db):
            return 0
        taken = await letters_due.take(db, limit)
        due = set(taken)
        of = {kind: {each.subject_id for each in due if each.kind is kind} for kind in About}
        if of[About.EVENT] or of[About.DATE]:
            await letters_due.put_all_in_line(db, of[About.EVENT], of[About.DATE], now)
        if of[About.ANSWER]:
            await answers.write(ctx, db, of[About.ANSWER])
        if of[About.HOST] or of[About.ALLY]:
            await inviting.write(ctx, db, of[About.HOST], of[About.ALLY])
    return limit if of[About.EVENT] or of[About.DATE] else len(taken)
