"""Steps of memberships, as parts of the use cases of `memberships` and `agreements`.

The alliance's row is locked before its memberships, so that two steps in one alliance come one
after the other and nobody waits in a ring.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain import memberships, policy
from domain.actors import BY_TIME
from domain.alliances import ALLIANCE, AllianceRole, AllianceStatus, MembershipInitiator
from domain.errors import Invalid, NotFound, Refused, Taken
from domain.ids import Kind
from domain.memberships import MEMBERSHIP, Membership
from domain.reach import AllianceReach
from domain.sharing import MembershipStatus
from domain.transitions import Party
from domain.words import say
from resolvers.audit import note
from resolvers.context import Context
from resolvers.reading.sources import ALLIANCE_MEMBERSHIP
from storage import agreements as stored_agreements
from storage import alliances as stored_alliances
from storage import memberships as stored
from storage import reach, visibility
from storage.engine import Reading, Writing

THE_ALLIANCE, THE_ORGANIZATION = ("alliance",), ("organization",)
THE_MEMBERSHIP = ("membership",)


@dataclass(frozen=True, slots=True)
class Met:
    """A membership that the viewer acts on: both rows are locked. `parties` are their sides."""

    alliance: AllianceReach
    membership: Membership
    parties: frozenset[Party]


async def met(ctx: Context, db: Writing, membership_id: str) -> Met:
    """NotFound where the viewer may not see it, Refused where they act for neither side."""
    alliance_id = await stored.alliance_of(db, membership_id)
    alliance = await reach.alliance(db, alliance_id, lock=True) if alliance_id else None
    membership = await stored.by_id(db, membership_id, lock=True)
    if alliance is None or membership is None:
        raise _not_found()
    parties = set()
    if ctx.viewer.acts_for(membership.organization_id, *policy.LEADS):
        parties.add(Party.ORGANIZATION)
    if policy.leads_alliance(ctx.viewer, alliance):
        parties.add(Party.ALLIANCE)
    if not parties:
        if not await _is_seen(ctx, db, membership_id):
            raise _not_found()
        raise Refused(
            "Only owners and admins act here: those of the organization, or of the alliance's "
            "convener and stewards.",
            THE_MEMBERSHIP,
        )
    return Met(alliance, membership.by(ctx.clock.now()), frozenset(parties))


async def led(ctx: Context, db: Writing, membership_id: str) -> Met:
    """The same, to act for the alliance."""
    found = await met(ctx, db, membership_id)
    if Party.ALLIANCE not in found.parties:
        raise Refused(
            "Only owners and admins of the convener, or of a steward, act for the alliance.",
            THE_MEMBERSHIP,
        )
    return found


async def decided_on(ctx: Context, db: Writing, membership_id: str) -> Membership:
    """A membership of an alliance that is locked, met by the members together."""
    membership = await stored.by_id(db, membership_id, lock=True)
    if membership is None:
        raise _not_found()
    return membership.by(ctx.clock.now())


async def under_way(
    ctx: Context, db: Writing, alliance_id: str, organization_id: str
) -> Membership | None:
    """The organization's membership of the alliance, locked. One that nobody answered in time is
    ended first, so that it can begin anew."""
    membership = await stored.under_way(db, alliance_id, organization_id, lock=True)
    if membership is None:
        return None
    today = membership.by(ctx.clock.now())
    if not today.has_expired:
        return today
    await stored.keep(db, today)
    await note(
        replace(ctx, viewer=BY_TIME), db, "membership.expired", today.id, part_of=alliance_id
    )
    return None


def begun(
    ctx: Context,
    alliance_id: str,
    organization_id: str,
    initiated_by: MembershipInitiator,
    role: AllianceRole = AllianceRole.MEMBER,
    message: str | None = None,
) -> Membership:
    """A new membership, not kept yet: an invitation, or a request."""
    now = ctx.clock.now()
    is_asked_for = initiated_by is MembershipInitiator.ORGANIZATION
    return Membership(
        id=ctx.names.new(Kind.ALLIANCE_MEMBERSHIP),
        alliance_id=alliance_id,
        organization_id=organization_id,
        role=role,
        status=MembershipStatus.REQUESTED if is_asked_for else MembershipStatus.INVITED,
        initiated_by=initiated_by,
        message=message,
        created_at=now,
        expires_at=now + memberships.ANSWERED_WITHIN,
    )


def role_of_newcomer(
    alliance: AllianceReach, organization_id: str, role: AllianceRole = AllianceRole.MEMBER
) -> AllianceRole:
    """Whoever convened the alliance, and left, convenes it again when they come back: it has been
    handed over to nobody else meanwhile."""
    return AllianceRole.CONVENER if organization_id == alliance.convener.id else role


async def add(ctx: Context, db: Writing, membership: Membership, action: str) -> None:
    if not await stored.add(db, membership):
        raise Taken("This organization is a member already, or about to be.", THE_ORGANIZATION)
    await note(ctx, db, action, membership.id, part_of=membership.alliance_id)


_WAYS_OUT: Mapping[MembershipStatus, str] = {
    MembershipStatus.INVITED: say(
        "take that invitation back with respondToAllianceMembership first"
    ),
    MembershipStatus.REQUESTED: say("answer its request with respondToAllianceMembership"),
    MembershipStatus.PENDING_AGREEMENT: say("it has yet to accept the agreements"),
    MembershipStatus.ACTIVE: say("there is nothing left to do"),
    MembershipStatus.SUSPENDED: say("call reinstateAllianceMember"),
}


async def invited(
    ctx: Context,
    db: Writing,
    alliance: AllianceReach,
    organization_id: str,
    role: AllianceRole,
    message: str | None = None,
) -> Membership:
    """The invitation, or the same one that was made before. The alliance is locked."""
    memberships.require_in_force(alliance.status, THE_ALLIANCE)
    if role is AllianceRole.CONVENER:
        raise Invalid(
            "An alliance has one convener: invite as STEWARD, MEMBER or OBSERVER.", ("role",)
        )
    role = role_of_newcomer(alliance, organization_id, role)
    there = await under_way(ctx, db, alliance.id, organization_id)
    if there is None:
        invitation = begun(
            ctx, alliance.id, organization_id, MembershipInitiator.ALLIANCE, role, message
        )
        await add(ctx, db, invitation, "membership.invited")
        return invitation
    if there.status is MembershipStatus.INVITED and there.role is role:
        return there
    raise Taken(
        say(
            "This organization is a member already, or about to be (%(status)s): %(way_out)s.",
            status=there.status.value,
            way_out=_WAYS_OUT[there.status],
        ),
        THE_ORGANIZATION,
    )


async def entering(ctx: Context, db: Writing, membership: Membership) -> MembershipStatus:
    """Where it comes in: ACTIVE, or first PENDING_AGREEMENT."""
    missing = await stored_agreements.missing(
        db, membership.alliance_id, membership.organization_id, ctx.clock.now()
    )
    return MembershipStatus.PENDING_AGREEMENT if missing else MembershipStatus.ACTIVE


async def move(
    ctx: Context,
    db: Writing,
    membership: Membership,
    status: MembershipStatus,
    by: Party,
    action: str,
    reason: str | None = None,
) -> Membership:
    """To that state, which a step of the machine led to. A second active member makes an alliance
    of one that forms."""
    now = ctx.clock.now()
    moved = membership.become(status, by, now, reason)
    await stored.keep(db, moved)
    await note(ctx, db, action, membership.id, part_of=membership.alliance_id)
    if status is MembershipStatus.ACTIVE:
        await stored_alliances.activate_with_two(db, membership.alliance_id, now)
    return moved


async def rest_without_convener(
    ctx: Context, db: Writing, alliance: AllianceReach, gone: str
) -> None:
    """An alliance whose convener left rests, until it has another."""
    if gone != alliance.convener.id:
        return
    if alliance.status in {AllianceStatus.FORMING, AllianceStatus.ACTIVE}:
        step = ALLIANCE.require(alliance.status, "leave", {Party.ALLIANCE}, THE_ALLIANCE)
        await stored.set_status(db, alliance.id, step.to[0], ctx.clock.now())
        await note(ctx, db, "alliance.dormant_without_convener", alliance.id)


async def require_own_decision(db: Reading, alliance: AllianceReach, action: str) -> None:
    """That the convener and the stewards need not ask the members."""
    terms = await stored_alliances.by_id(db, alliance.id)
    if terms is not None:
        memberships.require_own_decision(terms.decision_rule, action, THE_MEMBERSHIP)


async def accepted(ctx: Context, db: Writing, membership: Membership) -> Membership:
    """An invitation that its organization accepted."""
    MEMBERSHIP.require(membership.status, "accept", {Party.ORGANIZATION}, THE_MEMBERSHIP)
    status = await entering(ctx, db, membership)
    return await move(ctx, db, membership, status, Party.ORGANIZATION, "membership.accepted")


async def _is_seen(ctx: Context, db: Reading, membership_id: str) -> bool:
    row, rows = ALLIANCE_MEMBERSHIP.rows(ctx.eyes)
    found = await db.execute(
        rows.where(row.c.id == membership_id), visibility.parameters(ctx.viewer)
    )
    return found.first() is not None


def _not_found() -> NotFound:
    return NotFound("There is no such membership, or it is not shared with you.", THE_MEMBERSHIP)
