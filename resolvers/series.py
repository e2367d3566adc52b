"""Changing a part of a series: one date of it, or one date and all that follow.

To change all of it is `resolvers.events.update`. Who answered to a date keeps that date, with its
id: one date changes in its row, and dates that follow move to the event that goes on with them.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypedDict

from domain import alliances, occurrences, policy, recurrence
from domain import events as rules
from domain.changes import contract_names, given, require_current, stale
from domain.errors import Invalid, NotFound
from domain.events import Event, EventStatus
from domain.ids import Kind
from domain.occurrences import OneDate
from domain.places import Place
from domain.reach import EventReach
from domain.recurrence import Recurrence
from domain.words import say
from resolvers import co_hosting, events, rsvps
from resolvers.audit import note
from resolvers.context import Context
from resolvers.events import EMPTIED, EventChanges
from storage import alliances as stored_alliances
from storage import events as stored
from storage import occurrences as stored_dates
from storage import reach, rolling
from storage import series as stored_series
from storage.engine import Writing

log = logging.getLogger("convoke.series")


class DateChanges(TypedDict, total=False):
    """The fields that were given; None takes one back to what the series says."""

    title: str | None
    description: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    place: Place | None
    status: EventStatus | None


async def update_date(ctx: Context, date_id: str, version: int, changes: DateChanges) -> str:
    """The date's id. `version` is its event's, which changes with it: calendars ask for that."""
    async with ctx.writing() as db:
        event_id = await stored_dates.event_of(db, date_id)
        if event_id is None:
            raise no_such_date(("id",))
        thing = await reach.event(db, event_id, lock=True)
        if thing is None or not policy.sees(ctx.viewer, thing):
            raise no_such_date(("id",))
        policy.require_event_edit(ctx.viewer, thing, contract_names(changes))
        event, date = await stored.by_id(db, event_id), await stored_dates.one(db, date_id)
        if event is None or date is None or date.event_id != event_id:
            raise stale()  # it moved to another event a moment ago
        require_current(event.version, version)
        _require_part_of_series(event, date)
        if EventStatus.CANCELLED in {changes.get("status"), date.status} and "status" in changes:
            policy.require_host(ctx.viewer, thing, say("call off a date, or hold it after all"))
        changed = _changed(event, date, changes)
        if changed != date:
            now = ctx.clock.now()
            await stored.keep(db, replace(event, version=version + 1, updated_at=now), seen=version)
            await stored_dates.override_many(db, ctx.names, [changed])
            await note(ctx, db, "occurrence.updated", date_id, changes, part_of=event_id)
            await rsvps.offer_places(ctx, db, event_id)
    return date_id


async def update_from(
    ctx: Context, date_id: str, event_id: str, version: int, changes: EventChanges
) -> str:
    """The id of the event that goes on from that date, as it was but for the changes. The series
    ends before it. At the first date of a series that is the series itself."""
    async with ctx.writing() as db:
        thing = policy.require_event_edit(
            ctx.viewer, await reach.event(db, event_id, lock=True), contract_names(changes)
        )
        before = await stored.by_id(db, event_id)
        if before is None:
            raise NotFound("There is no such event.", ("id",))
        require_current(before.version, version)
        date = await stored_dates.one(db, date_id)
        if date is None or date.event_id != event_id:
            raise no_such_date(("occurrence",))
        first, going_on = _split(before, date.recurrence_id)
        if first is None:
            whole: Any = {**_times_of(going_on), **changes}
            return await events.change(
                ctx, db, event_id, version, changes if going_on == before else whole
            )
        policy.require_host(ctx.viewer, thing, say("go on with a series in another way"))
        return await _go_on(ctx, db, thing, first, going_on, date.recurrence_id, changes)


async def _go_on(
    ctx: Context,
    db: Writing,
    thing: EventReach,
    first: Event,
    going_on: Event,
    at: datetime,
    changes: EventChanges,
) -> str:
    now = ctx.clock.now()
    ended = replace(first, version=first.version + 1, updated_at=now)
    new_id = ctx.names.new(Kind.EVENT)
    going_on = replace(going_on, id=new_id, version=1, created_at=now, updated_at=now)
    after = rules.checked(replace(going_on, **given(changes, EMPTIED)))
    if after.visibility is not first.visibility:
        shared_with = await stored_alliances.by_ids(db, thing.shared_with)
        alliances.check_audience(after.visibility, shared_with)
    await stored.keep(db, ended, seen=first.version)
    await stored.add(db, after)
    await stored_series.go_on(db, ctx.names, first.id, new_id, at)
    await stored_dates.materialize(db, ctx.names, ended, now, first)
    await stored_dates.materialize(db, ctx.names, after, now, going_on)
    if after.visibility is not first.visibility:
        new = replace(thing, id=new_id, visibility=after.visibility)
        await co_hosting.let_go(ctx, db, new)
    await note(ctx, db, "event.updated", first.id, ["recurrence"])
    await note(ctx, db, "event.continued", new_id, changes)
    await rsvps.offer_places(ctx, db, new_id)
    return new_id


async def roll_on(ctx: Context, now: datetime, limit: int) -> int:
    """As time passes, the dates of series that go on come within reach and get their rows. It
    returns at how many series it looked; nothing is noted, for nobody said anything new. A series
    that cannot be gone on with does not keep the others waiting."""
    for looked_at in range(limit):
        async with ctx.writing() as db:
            held = await rolling.hold_next(db, now)
            event = None if held is None else await stored.by_id(db, held)
            if event is None:
                return looked_at
            try:
                async with db.begin_nested():
                    await stored_dates.materialize(db, ctx.names, event, now, event)
            except Exception:
                log.exception("%s has no further dates (%s).", event.id, ctx.request_id)
                await rolling.keep(db, {event.id: now + timedelta(days=1)})
    return limit


def no_such_date(field: tuple[str, ...]) -> NotFound:
    return NotFound("There is no such date, or it is not shared with you.", field)


def _require_part_of_series(event: Event, date: OneDate) -> None:
    if event.recurrence is None:
        raise Invalid("It takes place once: change it by updateEvent.", ("id",))
    if stored_dates.LEFT_OUT in date.overrides:
        raise Invalid(
            "The series has this date no more; it is kept for those who answered. Add it to the "
            "series' dates by updateEvent to hold it after all.",
            ("id",),
        )


def _changed(event: Event, date: OneDate, changes: DateChanges) -> OneDate:
    """The date with its own words and times put in order, or `Invalid` naming the field."""
    own: dict[str, Any] = {name: getattr(date, name) for name in date.overrides} | changes
    own = {name: value for name, value in own.items() if value is not None}
    starts_at, ends_at = date.starts_at, date.ends_at
    if {"starts_at", "ends_at"} & changes.keys():
        starts_at = own.get("starts_at", date.recurrence_id)
        ends_at = recurrence.end_of(starts_at, event.starts_at, event.ends_at, event.time_zone)
    said: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, **own}
    checked = rules.checked(replace(event, recurrence=None, **said))
    return replace(
        date,
        starts_at=checked.starts_at,
        ends_at=checked.ends_at,
        status=checked.status,
        title=checked.title if "title" in own else None,
        description=checked.description if "description" in own else None,
        place=checked.place if "place" in own else None,
        overrides=tuple(sorted(own)),
    )


def _split(event: Event, at: datetime) -> tuple[Event | None, Event]:
    """The event as it ends before that date, None where it has no date before; and as it goes on
    from then."""
    if event.recurrence is None or at == event.starts_at:
        return None, event
    parts = recurrence.split(event.recurrence, event.starts_at, event.time_zone, at)
    if parts is None:
        raise Invalid(
            "The series cannot go on from this date: it stands beside the rule, or was left out. "
            "Choose the next one, or change this date alone by updateOccurrence.",
            ("occurrence",),
        )
    ends_at = recurrence.end_of(at, event.starts_at, event.ends_at, event.time_zone)
    going_on = replace(event, starts_at=at, ends_at=ends_at, recurrence=parts[1])
    first = replace(event, recurrence=parts[0] or _once(event.recurrence))
    if not occurrences.takes_place_before(first, at):
        return None, going_on
    return replace(event, recurrence=parts[0]), going_on


def _once(recurrence: Recurrence) -> Recurrence:
    return replace(recurrence, rrule="", dates=())


def _times_of(event: Event) -> EventChanges:
    return {
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "recurrence": event.recurrence,
    }
