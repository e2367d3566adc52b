"""Doing what a plan says, in a few statements however many entries it is about.

One transaction holds it: an entry is taken in whole, with its event, host, dates and audit entry,
or not at all.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.ids import Kind
from resolvers.audit import note_all
from resolvers.context import Context
from resolvers.importing.planning import Plan
from storage import events, identifiers, imports, occurrences
from storage.engine import Writing


async def apply(
    ctx: Context, db: Writing, plan: Plan, organization_id: str, source_id: str
) -> None:
    now = ctx.clock.now()
    await _create(ctx, db, plan, organization_id, now)
    for before, after, _ in plan.changed.values():
        await events.keep(db, after, seen=before.version)
        if before.id in plan.withdrawn:
            await events.withdraw(db, before.id)
        await occurrences.materialize(db, ctx.names, after, now, before)
    await occurrences.override_many(db, ctx.names, plan.dates)
    await events.share_many(db, plan.shares, now)
    await imports.keep_items(db, source_id, plan.items)
    done: list[tuple[str, str, Iterable[str]]] = [
        *(("event.created", event_id, ()) for event_id in plan.new),
        *(("event.updated", one, changed) for one, (_, _, changed) in plan.changed.items()),
    ]
    await note_all(ctx, db, done)


async def _create(
    ctx: Context, db: Writing, plan: Plan, organization_id: str, now: datetime
) -> None:
    if not plan.new:
        return
    new = list(plan.new.values())
    await events.add_many(db, new)
    hosts = [(ctx.names.new(Kind.EVENT_HOST), event.id) for event in new]
    await events.add_hosts(db, hosts, organization_id, now)
    await identifiers.add_many(db, organization_id, plan.named)
    await occurrences.make_many(db, ctx.names, new, now)
