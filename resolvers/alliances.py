"""Founding alliances, changing their terms, and (for the operator) filling them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict

from domain import alliances, policy
from domain.alliances import (
    Agreement,
    Alliance,
    AllianceKind,
    AllianceRole,
    DecisionRule,
    SharingPolicy,
)
from domain.changes import given, require_current
from domain.errors import NotFound, Refused
from domain.ids import Kind
from domain.sharing import JoinPolicy, MembershipStatus, Visibility
from resolvers import people
from resolvers.audit import note
from resolvers.context import Context
from storage import alliances as stored
from storage import reach


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlliance:
    convener_id: str
    slug: str
    name: str
    purpose: str
    description: str | None = None
    kind: AllianceKind = AllianceKind.COALITION
    join_policy: JoinPolicy = JoinPolicy.INVITE_ONLY
    decision_rule: DecisionRule = DecisionRule.CONVENER
    sharing: SharingPolicy | None = None
    causes: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    review_at: date | None = None


class AllianceChanges(TypedDict, total=False):
    """The fields that were given; None empties one, where it may be empty."""

    name: str | None
    purpose: str | None
    description: str | None
    join_policy: JoinPolicy | None
    decision_rule: DecisionRule | None
    sharing: SharingPolicy | None
    causes: tuple[str, ...] | None
    visibility: Visibility | None
    review_at: date | None


_EMPTIED: Mapping[str, object] = {"description": None, "causes": (), "review_at": None}


async def create(ctx: Context, new: NewAlliance) -> str:
    """The alliance's id. Its convener is its first member; it forms until there is a second."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        policy.require_convening(
            ctx.viewer, await reach.organization(db, new.convener_id), ("convener",)
        )
        alliance = alliances.checked(
            Alliance(
                id=ctx.names.new(Kind.ALLIANCE),
                hub_id=ctx.hub.id,
                convener_id=new.convener_id,
                slug=new.slug,
                name=new.name,
                purpose=new.purpose,
                description=new.description,
                kind=new.kind,
                join_policy=new.join_policy,
                decision_rule=new.decision_rule,
                sharing=new.sharing or SharingPolicy(),
                causes=new.causes,
                visibility=new.visibility,
                review_at=new.review_at,
                created_at=now,
                updated_at=now,
            )
        )
        await stored.add(db, alliance)
        await stored.add_member(
            db,
            ctx.names.new(Kind.ALLIANCE_MEMBERSHIP),
            alliance.id,
            new.convener_id,
            AllianceRole.CONVENER,
            now,
        )
        await note(ctx, db, "alliance.created", alliance.id)
    return alliance.id


async def update(ctx: Context, alliance_id: str, version: int, changes: AllianceChanges) -> str:
    """The alliance's id; `Stale` where `version` is not its version any more."""
    async with ctx.writing() as db:
        policy.require_alliance_edit(ctx.viewer, await reach.alliance(db, alliance_id, lock=True))
        before = await stored.by_id(db, alliance_id)
        if before is None:
            raise NotFound("There is no such alliance.", ("id",))
        require_current(before.version, version)
        after = alliances.checked(
            replace(
                before,
                **given(changes, _EMPTIED),
                version=version + 1,
                updated_at=ctx.clock.now(),
            )
        )
        await stored.keep(db, after, seen=version)
        await note(ctx, db, "alliance.updated", alliance_id, changes)
    return alliance_id


async def add_member(
    ctx: Context,
    alliance_id: str,
    organization_id: str,
    role: AllianceRole = AllianceRole.MEMBER,
) -> str:
    """The membership's id. For the operator acting for the convener, until there are
    invitations: nobody else makes an organization a member without its own answer."""
    policy.require_operator(ctx.viewer)
    now = ctx.clock.now()
    async with ctx.writing() as db:
        policy.require_alliance_edit(ctx.viewer, await reach.alliance(db, alliance_id, lock=True))
        if await reach.organization(db, organization_id) is None:
            raise NotFound("There is no such organization.", ("organization",))
        membership_id = ctx.names.new(Kind.ALLIANCE_MEMBERSHIP)
        await stored.add_member(db, membership_id, alliance_id, organization_id, role, now)
        await stored.activate_with_two(db, alliance_id, now)
        await note(ctx, db, "alliance.member_added_by_operator", alliance_id)
    return membership_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAgreement:
    alliance_id: str
    title: str
    body: str
    language: str | None = None
    required: bool = True
    active_from: datetime | None = None  # None: from now on


async def publish_agreement(ctx: Context, new: NewAgreement) -> str:
    """The agreement's id. The same title again is the next version of it."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        policy.require_alliance_edit(
            ctx.viewer, await reach.alliance(db, new.alliance_id, lock=True)
        )
        agreement = alliances.checked_agreement(
            Agreement(
                id=ctx.names.new(Kind.AGREEMENT),
                alliance_id=new.alliance_id,
                title=new.title,
                body=new.body,
                language=new.language,
                required=new.required,
                active_from=new.active_from or ctx.clock.now(),
            )
        )
        await stored.add_agreement(db, agreement)
        await note(ctx, db, "alliance.agreement_published", agreement.alliance_id)
    return agreement.id


async def accept_agreement(
    ctx: Context, agreement_id: str, organization_id: str, person_id: str | None = None
) -> None:
    """Accepted by a member. For the operator acting for that member; twice is once."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        policy.require_organization_edit(ctx.viewer, await reach.organization(db, organization_id))
        if person_id is not None:
            await people.require(db, person_id)
        alliance_id = await stored.alliance_of_agreement(db, agreement_id)
        alliance = await reach.alliance(db, alliance_id) if alliance_id else None
        if alliance is None:
            raise NotFound("There is no such agreement.", ("agreement",))
        if alliance.members.get(organization_id) is not MembershipStatus.ACTIVE:
            raise Refused("Only members of an alliance accept its agreements.", ("organization",))
        accepted = await stored.accept_agreement(
            db,
            ctx.names.new(Kind.AGREEMENT_ACCEPTANCE),
            agreement_id,
            organization_id,
            person_id,
            ctx.clock.now(),
        )
        if accepted:
            await note(ctx, db, "alliance.agreement_accepted", alliance.id)
