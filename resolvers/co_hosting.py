"""Who hosts an event with whom: asking, answering, and ending it alone.

Whoever acts holds the event's row, and then the place's: two who do so at once take turns.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain import co_hosting, policy, texts
from domain.actors import BY_TIME, OPERATOR
from domain.co_hosting import ANSWERED_WITHIN, EVENT_HOST, Initiator, Place
from domain.errors import Invalid, InvalidTransition, NotFound, Refused, Taken
from domain.events import EventHostRole, EventHostStatus
from domain.ids import Kind
from domain.reach import EventReach
from domain.sharing import AttendeeSharing, HostEditing
from domain.transitions import Party
from resolvers.audit import note
from resolvers.context import Context
from resolvers.operating import operator_for
from storage import event_hosts as stored
from storage import events as stored_events
from storage import reach
from storage.engine import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """That an organization host an event with its host: wished by either of them. Without
    `may_edit`, what goes with the role."""

    event_id: str
    organization_id: str
    role: EventHostRole = EventHostRole.CO_HOST
    may_edit: HostEditing | None = None
    message: str | None = None


async def ask(ctx: Context, wish: Wish) -> str:
    """The place's id: the host invites an organization, or an organization asks the host."""
    async with ctx.writing() as db:
        return await begin(ctx, db, wish)


async def respond(ctx: Context, place_id: str, accept: bool) -> str:
    """The place's id, answered by the side that was asked."""
    async with ctx.writing() as db:
        return await answer(ctx, db, place_id, accept)


async def withdraw(ctx: Context, place_id: str, reason: str | None = None) -> str:
    """The place's id. The partner withdraws, the host removes, and who asked takes that back:
    each alone, and at once."""
    async with ctx.writing() as db:
        place, side = await _held(ctx, db, place_id)
        if place.role is EventHostRole.HOST:
            raise InvalidTransition(
                "An event has exactly one host, who answers for it: hand the event over first "
                "(proposeHandover).",
                ("eventHost",),
            )
        status = place.status_at(ctx.clock.now())
        if status in co_hosting.ended_by(side):
            return place_id
        step = EVENT_HOST.require(status, co_hosting.ending(status, side), {side}, ("eventHost",))
        said = texts.page(reason, ("reason",), texts.PARAGRAPH)
        if step.needs_reason and said is None:
            raise Invalid("Say why: the organization that is removed is told.", ("reason",))
        await _move(ctx, db, place, step.to[0], said)
    return place_id


async def expire(ctx: Context, now: datetime, limit: int = 100) -> int:
    """How many places nobody answered in time; at most `limit`, the longest overdue first."""
    async with ctx.writing() as db:
        late = await stored.late(db, now, limit)
        for place in late:
            await _ran_out(ctx, db, place)
    return len(late)


async def add_by_operator(
    ctx: Context,
    db: Writing,
    event_id: str,
    organization_id: str,
    role: EventHostRole = EventHostRole.CO_HOST,
) -> str:
    """The place's id, asked for and accepted: whoever runs the hub acts for both sides."""
    policy.require_operator(ctx.viewer)
    wish = Wish(event_id=event_id, organization_id=organization_id, role=role)
    place_id = await begin(ctx, db, wish)
    partner = replace(ctx, viewer=operator_for(organization_id))
    return await answer(partner, db, place_id, accept=True)


async def let_go(ctx: Context, db: Writing, thing: EventReach) -> None:
    """The host narrowed who sees its event, whose row is locked. Whoever only asked, or passes on
    what was public, was never let in: it keeps no sight of what it would not see by itself."""
    for place in await stored.uninvited(db, thing.id):
        named = await reach.organization(db, place.organization_id)
        if named is None or policy.sees_uninvited(named, thing):
            continue
        awaited = place.status is EventHostStatus.REQUESTED
        to = EventHostStatus.DECLINED if awaited else EventHostStatus.REMOVED
        await _move(ctx, db, place, to, "The host narrowed who sees the event.")


async def let_go_of_all(ctx: Context, db: Writing, organization_id: str) -> None:
    """The host narrowed who sees itself, and so who sees its events."""
    theirs = await stored.with_uninvited(db, organization_id)
    for thing in (await reach.events_by_ids(db, theirs, lock=True)).values():
        await let_go(ctx, db, thing)


async def begin(ctx: Context, db: Writing, wish: Wish) -> str:
    """`ask`, as a part of a longer use case."""
    now = ctx.clock.now()
    thing = await reach.event(db, wish.event_id, lock=True)
    side = policy.require_asking(ctx.viewer, thing, wish.organization_id)
    if thing is None:
        raise NotFound("There is no such event.", ("event",))
    editing = co_hosting.editing_of(wish.role, wish.may_edit)
    message = texts.page(wish.message, ("message",), texts.PARAGRAPH)
    await _require_known(ctx, db, thing, wish.organization_id, side)
    standing = await stored.under_way(db, thing.id, wish.organization_id)
    if standing is not None and standing.status_at(now) is EventHostStatus.EXPIRED:
        await _ran_out(ctx, db, standing)
        standing = None
    if standing is not None:
        return _as_it_stands(standing, wish.role, editing, side)
    if side is Party.PARTNER:
        policy.require_own_sight(await reach.organization(db, wish.organization_id), thing)
    at_once = side is Party.PARTNER and co_hosting.takes_no_answer(wish.role, editing, thing)
    if at_once and await stored.was_turned_away(db, thing.id, wish.organization_id):
        at_once = False
    status = _begins(side, at_once)
    alliance_id, learns = await _terms(db, thing, wish.organization_id, at_once)
    place = Place(
        id=ctx.names.new(Kind.EVENT_HOST),
        event_id=thing.id,
        organization_id=wish.organization_id,
        role=wish.role,
        status=status,
        may_edit=editing,
        attendee_sharing=learns,
        initiated_by=Initiator.OWNER if side is Party.HOST else Initiator.PARTNER,
        via_alliance_id=alliance_id,
        message=message,
        created_at=now,
        expires_at=None if at_once else now + ANSWERED_WITHIN,
    )
    await stored.add(db, place)
    if at_once:
        await stored_events.touch(db, thing.id, now)
    await note(ctx, db, f"event_host.{status.lower()}", place.id, part_of=thing.id)
    return place.id


async def answer(ctx: Context, db: Writing, place_id: str, accept: bool) -> str:
    """`respond`, as a part of a longer use case."""
    place, side = await _held(ctx, db, place_id)
    to = EventHostStatus.ACCEPTED if accept else EventHostStatus.DECLINED
    status = place.status_at(ctx.clock.now())
    if status is not to:
        action = "accept" if accept else "decline"
        EVENT_HOST.require(status, action, {side}, ("eventHost",))
        await _move(ctx, db, place, to)
    return place_id


async def _held(ctx: Context, db: Writing, place_id: str) -> tuple[Place, Party]:
    """The place as it stands, its event's row and its own locked; and the viewer's side of it."""
    event_id = await stored.event_of(db, place_id)
    thing = await reach.event(db, event_id, lock=True) if event_id else None
    place = await stored.locked(db, place_id)
    named = await reach.organization(db, place.organization_id) if place else None
    side = policy.require_side(ctx.viewer, thing, named, place.status if place else None)
    if place is None:
        raise NotFound("There is no such place on an event.", ("eventHost",))
    return place, side


async def _require_known(
    ctx: Context, db: Writing, thing: EventReach, organization_id: str, side: Party
) -> None:
    """The two must know each other, or neither could be shown who asks it. The operator knows
    everybody, and answers for both."""
    organization = await reach.organization(db, organization_id)
    if organization is None:
        raise NotFound("There is no such organization.", ("organization",))
    if organization.id == thing.organization.id:
        raise Taken("This organization hosts the event already.", ("organization",))
    if ctx.viewer.client_id == OPERATOR or policy.knows(thing.organization, organization):
        return
    if side is Party.HOST:
        policy.require_seen(ctx.viewer, organization, "organization", ("organization",))
        raise Refused(
            "This organization keeps to itself and is named nowhere. It must let itself be seen "
            "before it hosts with others.",
            ("organization",),
        )
    raise Refused(
        "Your organization keeps to itself, and the host could not be shown who asks. Let it be "
        "seen first (updateOrganization: visibility).",
        ("organization",),
    )


def _as_it_stands(place: Place, role: EventHostRole, editing: HostEditing, side: Party) -> str:
    """The same wish again changes nothing; another one first needs this one to end."""
    mine = Initiator.OWNER if side is Party.HOST else Initiator.PARTNER
    is_mine = place.initiated_by is mine or place.status is EventHostStatus.ACCEPTED
    if not (is_mine and place.role is role and place.may_edit is editing):
        action = "invite" if side is Party.HOST else "request"
        EVENT_HOST.require(place.status, action, {side}, ("organization",))
    return place.id


def _begins(side: Party, at_once: bool) -> EventHostStatus:
    if side is Party.HOST:
        return EventHostStatus.INVITED
    return EventHostStatus.ACCEPTED if at_once else EventHostStatus.REQUESTED


async def _terms(
    db: Writing, thing: EventReach, organization_id: str, at_once: bool
) -> tuple[str | None, AttendeeSharing]:
    """What it learns about who comes: as an alliance of the two says, or else in numbers. Who
    nobody was asked about learns nothing."""
    granted = await stored.granted(db, thing.id, thing.organization.id, organization_id)
    terms = co_hosting.shared_by(granted)
    if terms is not None:
        return terms
    return None, AttendeeSharing.NONE if at_once else AttendeeSharing.AGGREGATE_ONLY


async def _ran_out(ctx: Context, db: Writing, place: Place) -> None:
    """By time, whoever came upon it."""
    await _move(replace(ctx, viewer=BY_TIME), db, place, EventHostStatus.EXPIRED)


async def _move(
    ctx: Context, db: Writing, place: Place, to: EventHostStatus, reason: str | None = None
) -> None:
    now = ctx.clock.now()
    answered = to in {EventHostStatus.ACCEPTED, EventHostStatus.DECLINED}
    moved = replace(
        place,
        status=to,
        expires_at=None,
        responded_at=now if answered else place.responded_at,
        ended_at=now if to in EVENT_HOST.final else None,
        end_reason=reason,
    )
    await stored.keep(db, moved)
    if EventHostStatus.ACCEPTED in {place.status, to}:  # whom everybody sees named on it
        await stored_events.touch(db, place.event_id, now)
    await note(ctx, db, f"event_host.{to.lower()}", place.id, part_of=place.event_id)
