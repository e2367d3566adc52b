"""Who was there: said at the door, or typed in afterwards from a sheet of paper."""

from domain import answering, rsvps
from resolvers.answering import held
from resolvers.audit import note
from resolvers.context import Context
from storage import answer_reach
from storage import rsvps as stored
from storage.engine import Writing


async def check_in(ctx: Context, rsvp_id: str, *, attended: bool) -> str:
    """The answer's id. Saying the other undoes it; saying it twice is once."""
    async with ctx.writing() as db:
        await say(ctx, db, rsvp_id, attended=attended)
    return rsvp_id


async def say(ctx: Context, db: Writing, rsvp_id: str, *, attended: bool) -> bool:
    """`check_in`, as a part of a longer use case. Whether it was news."""
    thing = await answer_reach.answer(db, rsvp_id)
    answering.require_door(ctx.viewer, thing, ("rsvp",))
    date, answer = await held(db, rsvp_id)
    rsvps.require_check_in_open(date, ctx.clock.now())
    if answer.attended is attended:
        return False
    rsvps.require_expected(answer)
    await stored.check(db, rsvp_id, attended, ctx.clock.now())
    await note(ctx, db, "rsvp.checked_in", rsvp_id, ["attended"], part_of=date.event_id)
    return True
