"""Founding alliances, changing their terms, and (for the operator) filling them.

How organizations come in and leave is in `resolvers/memberships.py`, what they agree to in
`resolvers/agreements.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict

from domain import alliances, policy, policy_of_leads
from domain.alliances import (
    ALLIANCE,
    Alliance,
    AllianceKind,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    SharingPolicy,
)
from domain.changes import given, require_current
from domain.errors import NotFound
from domain.ids import Kind
from domain.memberships import IN
from domain.sharing import JoinPolicy, Visibility
from domain.transitions import Party
from resolvers import agreements, people
from resolvers import membership_steps as steps
from resolvers.agreements import NewAgreement as NewAgreement  # beside NewAlliance
from resolvers.audit import note
from resolvers.context import Context
from storage import alliances as stored
from storage import memberships as stored_memberships
from storage import reach
from storage.engine import Reading


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


AWAKE = (AllianceStatus.FORMING, AllianceStatus.ACTIVE)
_EMPTIED: Mapping[str, object] = {"description": None, "causes": (), "review_at": None}


async def create(ctx: Context, new: NewAlliance) -> str:
    """The alliance's id. Its convener is its first member; it forms until there is a second."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        policy_of_leads.require_convening(
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
        await stored.keep(db, await _woken(db, ctx.clock.now(), before, after), seen=version)
        await note(ctx, db, "alliance.updated", alliance_id, changes)
    return alliance_id


async def _woken(db: Reading, now: datetime, before: Alliance, after: Alliance) -> Alliance:
    """An alliance that rests is looked at again with a new day of review; without a convener it
    rests on."""
    rests = before.status is AllianceStatus.DORMANT and after.review_at != before.review_at
    if not rests or after.review_at is None or after.review_at <= now.date():
        return after
    convener = await stored_memberships.under_way(db, before.id, before.convener_id)
    if convener is None or convener.status not in IN:
        return after
    step = ALLIANCE.require(before.status, "review", {Party.ALLIANCE}, ("reviewAt",))
    forming, active = step.to
    members = await stored_memberships.count_of_active(db, before.id)
    return replace(after, status=active if members > 1 else forming)


async def go_dormant(ctx: Context, now: datetime, limit: int = 100) -> int:
    """How many alliances rest from now on because the day of their review has passed. A new
    reviewAt wakes them."""
    async with ctx.writing() as db:
        found = await stored_memberships.unreviewed(db, now.date(), AWAKE, limit)
        for alliance_id in found:
            await stored_memberships.set_status(db, alliance_id, AllianceStatus.DORMANT, now)
            await note(ctx, db, "alliance.dormant", alliance_id)
    return len(found)


# ── the operator, who has asked the organizations ────────────────────────────────────────────


async def add_member(
    ctx: Context,
    alliance_id: str,
    organization_id: str,
    role: AllianceRole = AllianceRole.MEMBER,
) -> str:
    """The membership's id. The operator invites for the convener and accepts for the organization,
    by the same steps that they would take. It awaits its agreement where one is required."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        alliance = policy.require_alliance_edit(
            ctx.viewer, await reach.alliance(db, alliance_id, lock=True)
        )
        if await reach.organization(db, organization_id) is None:
            raise NotFound("There is no such organization.", ("organization",))
        invitation = await steps.invited(ctx, db, alliance, organization_id, role)
        return (await steps.accepted(ctx, db, invitation)).id


async def publish_agreement(ctx: Context, new: NewAgreement) -> str:
    """`agreements.publish`, whatever the alliance's rule: its members told the operator."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        policy.require_alliance_edit(
            ctx.viewer, await reach.alliance(db, new.alliance_id, lock=True)
        )
        return await agreements.publish_by_decision(ctx, db, new)


async def accept_agreement(
    ctx: Context, agreement_id: str, organization_id: str, person_id: str | None = None
) -> str:
    """The membership's id. Accepted by whoever told the operator so, and also in a version that a
    newer one has followed, for the record; twice is once."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        policy.require_organization_edit(ctx.viewer, await reach.organization(db, organization_id))
        if person_id is not None:
            await people.require(db, person_id)
        version, membership = await agreements.met(ctx, db, agreement_id, organization_id)
        await agreements.accepted(ctx, db, membership, version, person_id)
    return membership.id
