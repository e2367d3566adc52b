"""Telling how an event was."""

from domain import policy, reports
from domain.words import say
from resolvers.audit import note
from resolvers.context import Context
from storage import reach
from storage import reports as stored


async def report(ctx: Context, event_id: str, text: str, attended: int | None = None) -> str:
    """The event's id. Telling it again replaces what was told; the same again changes nothing."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        thing = await reach.event(db, event_id, lock=True)
        event = policy.require_host(ctx.viewer, thing, say("report on it"))
        started_at, before = await stored.of_event(db, event.id)
        told = reports.checked(
            text,
            attended,
            started_at=started_at,
            now=now,
            checked_in=await stored.checked_in(db, event.id),
        )
        if told != before:
            await stored.keep(db, event.id, told, now)
            await note(ctx, db, "event.reported", event.id, ["report"])
    return event_id
