"""Coming into groups, being let in, and leaving again."""

from dataclasses import replace

from domain import policy, texts
from domain import policy_of_leads as leads
from domain.errors import NotFound
from domain.group_memberships import (
    ACTIVE,
    GROUP_MEMBERSHIP,
    INVITED,
    REQUESTED,
    GroupMembership,
    require_a_lead_stays,
    status_of_newcomer,
)
from domain.groups import GroupRole
from domain.ids import Kind
from domain.reach import GroupReach
from domain.transitions import Party
from resolvers import people
from resolvers.audit import note
from resolvers.context import Context
from storage import group_memberships as stored
from storage import groups as stored_groups
from storage import reach
from storage.engine import Writing


async def join(ctx: Context, group_id: str, message: str | None = None) -> str:
    """The id of the viewer's place: in the group, or asking to be. Whoever is in it, or asks
    already, is told so; whoever was invited comes in."""
    person_id = leads.require_person(ctx.viewer)
    said = texts.page(message, ("message",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        thing = await reach.group(db, group_id, lock=True)
        policy.require_seen(ctx.viewer, thing, "group", ("group",))
        before = await stored.latest(db, group_id, person_id)
        if before is not None and before.status is INVITED:
            return await _accepted(ctx, db, before)
        if before is not None and before.is_under_way:
            return before.id
        group = await stored_groups.by_id(db, group_id)
        if group is None:
            raise NotFound("There is no such group.", ("group",))
        status = status_of_newcomer(group.join_policy)
        place = _new(ctx, group_id, person_id, said)
        now = ctx.clock.now()
        is_in = status is ACTIVE
        moments = (None, now) if is_in else (now, None)
        await stored.add(
            db, replace(place, status=status, asked_at=moments[0], joined_at=moments[1])
        )
        action = "group.joined" if is_in else "group.asked_to_join"
        await note(ctx, db, action, place.id, part_of=group_id)
    return place.id


async def invite(ctx: Context, group_id: str, person_id: str, message: str | None = None) -> str:
    """The id of the person's place. Whoever asked to come in is let in; inviting somebody who is
    in it changes nothing."""
    said = texts.page(message, ("message",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        thing = await reach.group(db, group_id, lock=True)
        is_admin = await _is_admin(ctx, db, group_id)
        leads.require_group_keeping(ctx.viewer, thing, is_admin=is_admin)
        await people.require_seen(ctx, db, person_id)
        before = await stored.latest(db, group_id, person_id)
        if before is not None and before.status is REQUESTED:
            return await _accepted(ctx, db, before)
        if before is not None and before.is_under_way:
            return before.id
        place = _new(ctx, group_id, person_id, said)
        await stored.add(db, replace(place, asked_at=ctx.clock.now()))
        await note(ctx, db, "group.invited", place.id, part_of=group_id)
    return place.id


async def respond(ctx: Context, membership_id: str, accept: bool) -> str:
    """The place's id. A request is answered by the group, an invitation by the person; who sent
    an invitation takes it back by not accepting it."""
    async with ctx.writing() as db:
        thing, place = await _locked(db, membership_id)
        is_admin = await _is_admin(ctx, db, place.group_id)
        sides = leads.sides_of_membership(ctx.viewer, thing, place, is_admin=is_admin)
        if _is_answered(place, sides, accept=accept):
            return place.id
        action = "accept" if accept else "decline"
        if not accept and place.status is INVITED and Party.PERSON not in sides:
            action = "cancel"
        step = GROUP_MEMBERSHIP.require(place.status, action, sides, ("membership",))
        await stored.keep(db, place.id, step.to[0], ctx.clock.now())
        done = f"group.membership_{step.to[0].value.lower()}"
        await note(ctx, db, done, place.id, part_of=place.group_id)
    return place.id


async def leave(ctx: Context, group_id: str) -> str:
    """The id of the viewer's place, which they leave alone and at once; a request is taken back,
    an invitation declined. The last one who leads hands over first, unless nobody is left."""
    person_id = leads.require_person(ctx.viewer)
    async with ctx.writing() as db:
        thing = await reach.group(db, group_id, lock=True)
        place = await stored.latest(db, group_id, person_id)
        if place is None:
            policy.require_seen(ctx.viewer, thing, "group", ("group",))
            raise NotFound("You are not in this group; joinGroup leads into it.", ("group",))
        if not place.is_under_way:
            return place.id
        step = GROUP_MEMBERSHIP.require(place.status, "leave", (Party.PERSON,), ("group",))
        if place.status is ACTIVE:
            others = await stored.other_roles(db, group_id, person_id)
            require_a_lead_stays(GroupRole.ADMIN, place.role, others, ("group",))
        await stored.keep(db, place.id, step.to[0], ctx.clock.now())
        await note(ctx, db, "group.left", place.id, part_of=group_id)
    return place.id


def _new(ctx: Context, group_id: str, person_id: str, message: str | None) -> GroupMembership:
    return GroupMembership(
        id=ctx.names.new(Kind.GROUP_MEMBERSHIP),
        group_id=group_id,
        person_id=person_id,
        status=INVITED,
        message=message,
    )


async def _accepted(ctx: Context, db: Writing, place: GroupMembership) -> str:
    """Both sides want it."""
    await stored.keep(db, place.id, ACTIVE, ctx.clock.now())
    await note(ctx, db, "group.membership_active", place.id, part_of=place.group_id)
    return place.id


def _is_answered(place: GroupMembership, sides: frozenset[Party], *, accept: bool) -> bool:
    """The same answer was given before, by one who may give it."""
    if accept:
        return place.status is ACTIVE
    answers = [step for step in GROUP_MEMBERSHIP.steps if step.action in {"decline", "cancel"}]
    return any(place.status in step.to and step.by in sides for step in answers)


async def _is_admin(ctx: Context, db: Writing, group_id: str) -> bool:
    return await stored.role_of(db, group_id, ctx.viewer.person_id) is GroupRole.ADMIN


async def _locked(db: Writing, membership_id: str) -> tuple[GroupReach, GroupMembership]:
    """The group first, so that nobody comes or goes between this look and the end."""
    found = await stored.by_id(db, membership_id)
    thing = await reach.group(db, found.group_id, lock=True) if found else None
    place = await stored.by_id(db, membership_id)
    if thing is None or place is None:
        raise NotFound("There is no such place in a group, or it is not for you.", ("membership",))
    return thing, place
