"""Starting groups, and changing what they say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from domain import alliances, groups, policy
from domain.changes import given, require_current
from domain.errors import Invalid, NotFound
from domain.groups import Group, GroupKind, GroupRole
from domain.ids import Kind
from domain.places import Place
from domain.sharing import JoinPolicy, Visibility
from resolvers import people
from resolvers.audit import note
from resolvers.context import Context
from storage import alliances as stored_alliances
from storage import groups as stored
from storage import reach
from storage.engine import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    organization_id: str
    parent_id: str | None = None
    slug: str
    name: str
    purpose: str | None = None
    description: str | None = None
    kind: GroupKind = GroupKind.LOCAL
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place | None = None
    join_policy: JoinPolicy = JoinPolicy.OPEN
    links: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    share_with: tuple[str, ...] = ()  # alliances


class GroupChanges(TypedDict, total=False):
    """The fields that were given; None empties one, where it may be empty."""

    name: str | None
    purpose: str | None
    description: str | None
    kind: GroupKind | None
    causes: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    place: Place | None
    join_policy: JoinPolicy | None
    links: tuple[str, ...] | None
    visibility: Visibility | None


_EMPTIED: Mapping[str, object] = {
    "purpose": None,
    "description": None,
    "causes": (),
    "languages": (),
    "place": None,
    "links": (),
}


async def create(ctx: Context, new: NewGroup) -> str:
    """The group's id."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        owner = policy.require_group_work(
            ctx.viewer, await reach.organization(db, new.organization_id), ("organization",)
        )
        await _require_parent(ctx, db, new)
        policy.require_sharing(owner, new.share_with, ("shareWith",))
        shared_with = await stored_alliances.by_ids(db, new.share_with)
        alliances.check_audience(new.visibility, shared_with)
        group = groups.checked(
            Group(
                id=ctx.names.new(Kind.GROUP),
                hub_id=ctx.hub.id,
                organization_id=new.organization_id,
                parent_id=new.parent_id,
                slug=new.slug,
                name=new.name,
                purpose=new.purpose,
                description=new.description,
                kind=new.kind,
                causes=new.causes,
                languages=new.languages,
                place=new.place,
                join_policy=new.join_policy,
                links=new.links,
                visibility=new.visibility,
                created_at=now,
                updated_at=now,
            )
        )
        await stored.add(db, group)
        await stored.share(db, group.id, new.share_with, now)
        await note(ctx, db, "group.created", group.id)
    return group.id


async def update(ctx: Context, group_id: str, version: int, changes: GroupChanges) -> str:
    """The group's id; `Stale` where `version` is not its version any more."""
    async with ctx.writing() as db:
        thing = policy.require_group_edit(ctx.viewer, await reach.group(db, group_id, lock=True))
        before = await stored.by_id(db, group_id)
        if before is None:
            raise NotFound("There is no such group.", ("id",))
        require_current(before.version, version)
        after = groups.checked(
            replace(
                before,
                **given(changes, _EMPTIED),
                version=version + 1,
                updated_at=ctx.clock.now(),
            )
        )
        if after.visibility is not before.visibility:
            shared_with = await stored_alliances.by_ids(db, thing.shared_with)
            alliances.check_audience(after.visibility, shared_with)
        await stored.keep(db, after, seen=version)
        await note(ctx, db, "group.updated", group_id, changes)
    return group_id


async def add_member(
    ctx: Context, group_id: str, person_id: str, role: GroupRole = GroupRole.MEMBER
) -> str:
    """The membership's id. For the operator, until people can join by themselves."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        policy.require_group_edit(ctx.viewer, await reach.group(db, group_id))
        await people.require(db, person_id)
        membership_id = ctx.names.new(Kind.GROUP_MEMBERSHIP)
        await stored.add_member(db, membership_id, group_id, person_id, role, ctx.clock.now())
        await note(ctx, db, "group.member_added_by_operator", membership_id, part_of=group_id)
    return membership_id


async def _require_parent(ctx: Context, db: Writing, new: NewGroup) -> None:
    """A new group has no groups below it yet, so it cannot close a circle."""
    if new.parent_id is None:
        return
    parent = await reach.group(db, new.parent_id)
    policy.require_seen(ctx.viewer, parent, "group", ("parent",))
    if parent is None or parent.organization.id != new.organization_id:
        raise Invalid(
            "The parent is another organization's group; choose one of the same organization.",
            ("parent",),
        )
