"""Making two entries of one event one, and telling them apart again.

The duplicate stays as a row out of every list, and its id keeps answering. What leads to it leads
from then on to the event that stays: the calendars that bring it, its names in other systems, its
hosts, and whoever answered to a date that both have.
"""

from domain import alliances
from domain.errors import Invalid, Refused
from domain.merging import INTO, require_mergeable, require_merging, require_unmerging
from domain.reach import EventReach
from resolvers import rsvps
from resolvers.audit import note
from resolvers.context import Context
from storage import alliances as stored_alliances
from storage import events, reach
from storage import merging as stored
from storage import merging_answers as answers
from storage.engine import Writing
from storage.merging import Merge, Moved


async def merge(ctx: Context, duplicate_id: str, into_id: str) -> str:
    """The id of the event that stays."""
    async with ctx.writing() as db:
        duplicate, into = await _held(ctx, db, duplicate_id, into_id)
        if duplicate.replaced_by_id == into.id:
            return into_id
        require_mergeable(duplicate, into, await stored.merged_into(db, duplicate.id))
        if not await stored.of_one_hub(db, (duplicate.id, into.id), ctx.hub.id):
            raise Refused(
                "They belong to different hubs, and each hub keeps its own events. Ask the other "
                "host to call its own off.",
                INTO,
            )
        now = ctx.clock.now()
        moved = await _bring(ctx, db, duplicate, into)
        await stored.replace(db, duplicate.id, into.id, now)
        await stored.add(db, Merge(duplicate.id, into.id, now, moved))
        await events.touch(db, into.id, now)
        await note(ctx, db, "event.merged", duplicate.id, ["replaced_by"])
        await note(ctx, db, "event.merged_into", into.id, _changed(moved))
        await rsvps.offer_places(ctx, db, into.id)
    return into_id


async def unmerge(ctx: Context, duplicate_id: str) -> str:
    """The id of what was a duplicate, as it was: with all that came from it, unless it has been
    changed since. Answers given since stay where they were given."""
    async with ctx.writing() as db:
        merge = await stored.of_duplicate(db, duplicate_id)
        ids = {duplicate_id} if merge is None else {duplicate_id, merge.into_id}
        await stored.hold_imports(db, ids)
        held = await reach.events_by_ids(db, ids, lock=True)
        # Whoever was first has changed it before the two were held.
        merge = await stored.of_duplicate(db, duplicate_id)
        into = held.get(merge.into_id) if merge else None
        duplicate = require_unmerging(ctx.viewer, held.get(duplicate_id), into)
        if merge is None:
            return duplicate_id
        if into is None:
            raise Invalid("It was merged into another event meanwhile; try again.", ("duplicate",))
        now = ctx.clock.now()
        await _give_back(ctx, db, merge)
        await stored.forget(db, duplicate.id)
        await stored.stand_alone(db, duplicate.id, into.id, now)
        await events.touch(db, into.id, now)
        await note(ctx, db, "event.unmerged", duplicate.id, ["replaced_by"])
        await note(ctx, db, "event.unmerged_from", into.id, _changed(merge.moved))
        for event_id in sorted(ids):
            await rsvps.offer_places(ctx, db, event_id)
    return duplicate_id


async def _held(
    ctx: Context, db: Writing, duplicate_id: str, into_id: str
) -> tuple[EventReach, EventReach]:
    """Both events, locked in the order of their ids: of two who merge them in opposite directions,
    one is first, and the other is told so."""
    ids = {duplicate_id, into_id}
    await stored.hold_imports(db, ids)
    held = await reach.events_by_ids(db, ids, lock=True)
    return require_merging(
        ctx.viewer, held.get(duplicate_id), held.get(into_id), await stored.importers(db, set(held))
    )


async def _bring(ctx: Context, db: Writing, duplicate: EventReach, into: EventReach) -> Moved:
    """What was brought, so that it can be given back."""
    now = ctx.clock.now()
    pairs = await answers.dates_that_match(db, duplicate.id, into.id)
    moved, cancelled = await answers.bring(db, pairs, into.id, now)
    added, accepted = await stored.bring_hosts(db, ctx.names, duplicate.id, into.id, now)
    allowed = await _allowed(db, into, duplicate.shared_with - into.shared_with)
    return {
        "items": await stored.move_items(db, duplicate.id, into.id),
        "identifiers": await stored.move_identifiers(db, duplicate.id, into.id),
        "shares": await stored.unite_shares(db, into.id, allowed, now),
        "hosts": added,
        "accepted_hosts": accepted,
        "answers": moved,
        "cancelled_answers": cancelled,
    }


async def _give_back(ctx: Context, db: Writing, merge: Merge) -> None:
    here, there, moved = merge.into_id, merge.duplicate_id, merge.moved
    now = ctx.clock.now()
    await answers.give_back(db, moved["answers"], moved["cancelled_answers"], here, there, now)
    await stored.return_hosts(db, moved["hosts"], moved["accepted_hosts"])
    await events.unshare(db, here, moved["shares"])
    await stored.return_items(db, moved["items"], here, there)
    await stored.return_identifiers(db, moved["identifiers"], here, there)


async def _allowed(db: Writing, into: EventReach, wished: frozenset[str]) -> set[str]:
    """The alliances that its host may share it with: its own, as wide as each allows."""
    mine = wished & into.organization.alliance_ids
    allowed = set()
    for alliance in await stored_alliances.by_ids(db, sorted(mine)):
        try:
            alliances.check_audience(into.visibility, [alliance])
        except Invalid:  # it keeps its events to fewer: this one stays as wide as it is
            continue
        allowed.add(alliance.id)
    return allowed


_FIELDS = {"shares": "shared_with", "hosts": "hosts", "identifiers": "identifiers"}


def _changed(moved: Moved) -> list[str]:
    return [field for name, field in _FIELDS.items() if moved[name]]
