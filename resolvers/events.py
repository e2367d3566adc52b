"""Publishing events, and changing them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypedDict

from domain import alliances, events, identifiers, policy
from domain.changes import contract_names, given, require_current
from domain.errors import Invalid, NotFound
from domain.events import (
    Accessibility,
    AttendanceMode,
    Event,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.identifiers import Identifier
from domain.ids import Kind
from domain.people import Contact
from domain.places import Place
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from domain.texts import Translations
from domain.words import say
from resolvers import co_hosting, rsvps
from resolvers.audit import note
from resolvers.context import Context
from storage import alliances as stored_alliances
from storage import events as stored
from storage import identifiers as stored_identifiers
from storage import occurrences, reach
from storage.engine import Reading, Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    organization_id: str
    group_id: str | None = None
    title: str
    summary: str | None = None
    description: str | None = None
    translations: Translations = field(default_factory=dict)
    starts_at: datetime
    ends_at: datetime | None = None
    time_zone: str
    all_day: bool = False
    recurrence: Recurrence | None = None
    status: EventStatus = EventStatus.SCHEDULED
    attendance_mode: AttendanceMode = AttendanceMode.IN_PERSON
    place: Place | None = None
    online_url: str | None = None
    accessibility: Accessibility | None = None
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_free: bool | None = None
    capacity: int | None = None
    join_mode: JoinMode = JoinMode.OPEN
    registration_url: str | None = None
    contact: Contact | None = None
    visibility: Visibility = Visibility.PUBLIC
    share_with: tuple[str, ...] = ()  # alliances
    publish: bool = True
    identifiers: tuple[Identifier, ...] = ()


class EventChanges(TypedDict, total=False):
    """The fields that were given; None empties one, where it may be empty."""

    title: str | None
    summary: str | None
    description: str | None
    translations: Translations | None
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str | None
    all_day: bool | None
    recurrence: Recurrence | None
    attendance_mode: AttendanceMode | None
    place: Place | None
    online_url: str | None
    accessibility: Accessibility | None
    causes: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    is_free: bool | None
    capacity: int | None
    join_mode: JoinMode | None
    registration_url: str | None
    contact: Contact | None
    visibility: Visibility | None
    status: EventStatus | None


EMPTIED: Mapping[str, object] = {
    "summary": None,
    "description": None,
    "translations": {},
    "ends_at": None,
    "recurrence": None,
    "place": None,
    "online_url": None,
    "accessibility": None,
    "causes": (),
    "languages": (),
    "is_free": None,
    "capacity": None,
    "registration_url": None,
    "contact": None,
}


async def create(ctx: Context, new: NewEvent) -> str:
    """The event's id. The organization hosts it, and every date of it has its row."""
    async with ctx.writing() as db:
        return await add(ctx, db, new)


async def update(ctx: Context, event_id: str, version: int, changes: EventChanges) -> str:
    """The event's id; `Stale` where `version` is not its version any more."""
    async with ctx.writing() as db:
        return await change(ctx, db, event_id, version, changes)


async def add(ctx: Context, db: Writing, new: NewEvent) -> str:
    """`create`, as a part of a longer use case: an import adds many in one transaction."""
    now = ctx.clock.now()
    owner = policy.require_event_work(
        ctx.viewer, await reach.organization(db, new.organization_id), ("organization",)
    )
    await require_group(ctx, db, new.group_id, new.organization_id)
    policy.require_sharing(owner, new.share_with, ("shareWith",))
    shared_with = await stored_alliances.by_ids(db, new.share_with)
    alliances.check_audience(new.visibility, shared_with)
    event = made(ctx, new, now)
    names = identifiers.checked(new.identifiers)
    await stored.add(db, event)
    host_id = ctx.names.new(Kind.EVENT_HOST)
    await stored.add_host(db, host_id, event.id, event.organization_id, now)
    await stored.share(db, event.id, new.share_with, now)
    await stored_identifiers.add(db, event.organization_id, event.id, names)
    await occurrences.materialize(db, ctx.names, event, now)
    await note(ctx, db, "event.created", event.id)
    return event.id


async def change(
    ctx: Context, db: Writing, event_id: str, version: int, changes: EventChanges
) -> str:
    """`update`, as a part of a longer use case."""
    now = ctx.clock.now()
    thing = policy.require_event_edit(
        ctx.viewer,
        await reach.event(db, event_id, lock=True),
        contract_names(changes),
    )
    before = await stored.by_id(db, event_id)
    if before is None:
        raise NotFound("There is no such event.", ("id",))
    require_current(before.version, version)
    after = events.checked(
        replace(before, **given(changes, EMPTIED), version=version + 1, updated_at=now)
    )
    if before.status is not after.status and EventStatus.CANCELLED in (before.status, after.status):
        policy.require_host(ctx.viewer, thing, say("cancel it, or take that back"), ("status",))
    if after.visibility is not before.visibility:
        shared_with = await stored_alliances.by_ids(db, thing.shared_with)
        alliances.check_audience(after.visibility, shared_with)
    await stored.keep(db, after, seen=version)
    if after.visibility is not before.visibility:
        await co_hosting.let_go(ctx, db, replace(thing, visibility=after.visibility))
    await occurrences.materialize(db, ctx.names, after, now, before)
    await rsvps.offer_places(ctx, db, event_id)
    await note(ctx, db, "event.updated", event_id, changes)
    return event_id


def made(ctx: Context, new: NewEvent, now: datetime) -> Event:
    """The event it would be, or `Invalid`."""
    return events.checked(
        Event(
            id=ctx.names.new(Kind.EVENT),
            hub_id=ctx.hub.id,
            organization_id=new.organization_id,
            group_id=new.group_id,
            title=new.title,
            summary=new.summary,
            description=new.description,
            translations=new.translations,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            time_zone=new.time_zone,
            all_day=new.all_day,
            recurrence=new.recurrence,
            status=new.status,
            publication_status=(
                PublicationStatus.PUBLISHED if new.publish else PublicationStatus.DRAFT
            ),
            attendance_mode=new.attendance_mode,
            place=new.place,
            online_url=new.online_url,
            accessibility=new.accessibility,
            causes=new.causes,
            languages=new.languages,
            is_free=new.is_free,
            capacity=new.capacity,
            join_mode=new.join_mode,
            registration_url=new.registration_url,
            contact=new.contact,
            visibility=new.visibility,
            created_at=now,
            updated_at=now,
        )
    )


async def require_group(
    ctx: Context, db: Reading, group_id: str | None, organization_id: str
) -> None:
    """An event is of a group of its own organization."""
    if group_id is None:
        return
    group = await reach.group(db, group_id)
    policy.require_seen(ctx.viewer, group, "group", ("group",))
    if group is None or group.organization.id != organization_id:
        raise Invalid(
            "This is another organization's group; choose one of the host's own.", ("group",)
        )
