"""Bringing an event before its audience, calling it off, and sharing it with alliances."""

from collections.abc import Collection
from dataclasses import replace

from domain import alliances, events, policy, texts
from domain.changes import require_current
from domain.errors import Invalid, InvalidTransition, NotFound
from domain.events import Event, EventStatus, PublicationStatus
from domain.publication import PUBLICATION
from domain.reach import EventReach
from domain.sharing import Visibility
from domain.transitions import Party
from domain.words import say
from resolvers import co_hosting
from resolvers.audit import note
from resolvers.context import Context
from storage import alliances as stored_alliances
from storage import events as stored
from storage import occurrences, reach
from storage.engine import Reading, Writing


async def publish(ctx: Context, event_id: str, version: int) -> str:
    """The event's id; `Stale` where `version` is not its version any more."""
    async with ctx.writing() as db:
        thing, before = await _held(ctx, db, event_id, say("publish it"))
        if before.publication_status is PublicationStatus.PUBLISHED:
            return event_id
        require_current(before.version, version)
        PUBLICATION.require(before.publication_status, "publish", {Party.HOST}, ("event",))
        await _require_audience(db, before.visibility, thing.shared_with, ("event",))
        await _keep(ctx, db, replace(before, publication_status=PublicationStatus.PUBLISHED))
        await note(ctx, db, "event.published", event_id)
    return event_id


async def cancel(ctx: Context, event_id: str, version: int, reason: str | None = None) -> str:
    """The event's id. It stays where it was published, so that everybody learns of it; each of its
    dates that is not over is cancelled."""
    said = texts.page(reason, ("reason",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        _, before = await _held(ctx, db, event_id, say("cancel it"))
        if before.status is EventStatus.CANCELLED:
            if said in {None, before.cancellation_reason}:
                return event_id
            raise InvalidTransition(
                "This event is cancelled already. What else is to be said of it goes into its "
                "description (updateEvent).",
                ("event",),
            )
        require_current(before.version, version)
        after = replace(before, status=EventStatus.CANCELLED, cancellation_reason=said)
        await _keep(ctx, db, after)
        await occurrences.call_off(db, after, ctx.clock.now())
        await note(ctx, db, "event.cancelled", event_id)
    return event_id


async def share(ctx: Context, event_id: str, alliance_ids: Collection[str]) -> str:
    """The event's id. Its host stands in each of the alliances."""
    async with ctx.writing() as db:
        thing, event = await _held(ctx, db, event_id, say("share it"))
        new = set(alliance_ids) - thing.shared_with
        if not new:
            return event_id
        policy.require_sharing(thing.organization, new, ("alliances",))
        await _require_audience(db, event.visibility, thing.shared_with | new, ("alliances",))
        now = ctx.clock.now()
        await stored.share(db, event_id, new, now)
        await stored.touch(db, event_id, now)
        await note(ctx, db, "event.shared", event_id, ["shared_with"])
    return event_id


async def unshare(ctx: Context, event_id: str, alliance_ids: Collection[str]) -> str:
    """The event's id. Always possible, whatever became of the alliances since."""
    async with ctx.writing() as db:
        thing, _ = await _held(ctx, db, event_id, say("share it"))
        going = thing.shared_with & set(alliance_ids)
        if going:
            await stored.unshare(db, event_id, going)
            left = replace(thing, shared_with=thing.shared_with - going)
            await co_hosting.let_go(ctx, db, left)
            await stored.touch(db, event_id, ctx.clock.now())
            await note(ctx, db, "event.unshared", event_id, ["shared_with"])
    return event_id


async def _held(ctx: Context, db: Writing, event_id: str, what: str) -> tuple[EventReach, Event]:
    """The host's own event, its row locked."""
    thing = policy.require_host(ctx.viewer, await reach.event(db, event_id, lock=True), what)
    event = await stored.by_id(db, event_id)
    if event is None:
        raise NotFound("There is no such event.", ("event",))
    return thing, event


async def _require_audience(
    db: Reading, visibility: Visibility, alliance_ids: Collection[str], field: tuple[str, ...]
) -> None:
    """What is refused about the audience is told of what was asked here."""
    try:
        shared_with = await stored_alliances.by_ids(db, sorted(alliance_ids))
        alliances.check_audience(visibility, shared_with)
    except Invalid as problem:
        raise Invalid(problem.message, field) from problem


async def _keep(ctx: Context, db: Writing, changed: Event) -> None:
    now, seen = ctx.clock.now(), changed.version
    after = events.checked(replace(changed, version=seen + 1, updated_at=now))
    await stored.keep(db, after, seen=seen)
    await occurrences.materialize(db, ctx.names, after, now, changed)
