"""Coming into alliances and leaving them: each a step of `domain.memberships.MEMBERSHIP`.

What the members decided by a proposal is done by `admit`, `remove_by_decision` and `dissolve`, as a
part of the use case in which the proposal passes. `resolvers/agreements.py` has what members agree
to; the steps that both take are in `resolvers/membership_steps.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain import memberships, policy, texts
from domain.alliances import ALLIANCE, AllianceRole, MembershipInitiator
from domain.errors import Invalid, NotFound, Refused
from domain.memberships import IN, MEMBERSHIP
from domain.sharing import JoinPolicy, MembershipStatus
from domain.transitions import Party
from domain.words import say
from resolvers import membership_steps as steps
from resolvers.audit import note
from resolvers.context import Context
from resolvers.membership_steps import THE_ALLIANCE, THE_MEMBERSHIP, THE_ORGANIZATION
from storage import agreements as stored_agreements
from storage import alliances as stored_alliances
from storage import consents, reach
from storage import memberships as stored
from storage.engine import Reading, Writing

ENTERED = IN | {MembershipStatus.PENDING_AGREEMENT}
ASKS_OR_IS_IN = (ENTERED | {MembershipStatus.REQUESTED}) - {MembershipStatus.SUSPENDED}
TURNED_DOWN = frozenset(
    {MembershipStatus.DECLINED, MembershipStatus.CANCELED, MembershipStatus.REJECTED}
)


async def invite(
    ctx: Context,
    alliance_id: str,
    organization_id: str,
    role: AllianceRole = AllianceRole.MEMBER,
    message: str | None = None,
) -> str:
    """The membership's id. The organization has thirty days to answer."""
    said = texts.optional_line(message, ("message",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        alliance = policy.require_alliance_lead(
            ctx.viewer, await reach.alliance(db, alliance_id, lock=True), THE_ALLIANCE
        )
        policy.require_known(
            ctx.viewer, await reach.organization(db, organization_id), THE_ORGANIZATION
        )
        return (await steps.invited(ctx, db, alliance, organization_id, role, said)).id


async def ask(
    ctx: Context, alliance_id: str, organization_id: str, message: str | None = None
) -> str:
    """The membership's id: asked for, or entered at once where the alliance is open."""
    said = texts.optional_line(message, ("message",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        alliance = await reach.alliance(db, alliance_id, lock=True)
        policy.require_seen(ctx.viewer, alliance, "alliance", THE_ALLIANCE)
        organization = policy.require_organization_lead(
            ctx.viewer, await reach.organization(db, organization_id), THE_ORGANIZATION
        )
        terms = await stored_alliances.by_id(db, alliance_id)
        if alliance is None or terms is None:
            raise NotFound("There is no such alliance.", THE_ALLIANCE)
        memberships.require_in_force(alliance.status, THE_ALLIANCE)
        there = await steps.under_way(ctx, db, alliance_id, organization_id)
        if there is not None:
            if there.status not in ASKS_OR_IS_IN:
                MEMBERSHIP.require(there.status, "ask", {Party.ORGANIZATION}, THE_ALLIANCE)
            return there.id
        asking = steps.begun(
            ctx,
            alliance_id,
            organization_id,
            MembershipInitiator.ORGANIZATION,
            steps.role_of_newcomer(alliance, organization_id),
            said,
        )
        if terms.join_policy is JoinPolicy.INVITE_ONLY:
            raise Refused(
                say(
                    "%(terms)s takes in whom it invites: ask its convener to call "
                    "inviteToAlliance for your organization.",
                    terms=terms.name,
                ),
                THE_ALLIANCE,
            )
        if terms.join_policy is JoinPolicy.OPEN:
            status = await steps.entering(ctx, db, asking)
            entered = asking.become(status, Party.ORGANIZATION, ctx.clock.now())
            await steps.add(ctx, db, entered, "membership.entered")
            await stored_alliances.activate_with_two(db, alliance_id, ctx.clock.now())
            return entered.id
        if not policy.knows(alliance.convener, organization):
            raise Invalid(
                "The alliance could not see who asks: make your organization UNLISTED or PUBLIC "
                "first, or wait to be invited.",
                THE_ORGANIZATION,
            )
        await steps.add(ctx, db, asking, "membership.requested")
        return asking.id


async def respond(ctx: Context, membership_id: str, accept: bool, reason: str | None = None) -> str:
    """The answer of whoever was asked; refusing, also the second thoughts of whoever asked."""
    said = texts.optional_line(reason, ("reason",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        found = await steps.met(ctx, db, membership_id)
        membership, status = found.membership, found.membership.status
        if status in (ENTERED if accept else TURNED_DOWN):
            return membership_id  # it is so already
        action = _answer(status, accept, found.parties)
        step = MEMBERSHIP.require(status, action, found.parties, THE_MEMBERSHIP)
        if step.by is Party.ALLIANCE:
            await steps.require_own_decision(db, found.alliance, action)
        to = await steps.entering(ctx, db, membership) if accept else step.to[0]
        await steps.move(ctx, db, membership, to, step.by, f"membership.{_PAST[action]}", said)
    return membership_id


_PAST = {
    "accept": "accepted",
    "approve": "approved",
    "decline": "declined",
    "reject": "rejected",
    "take back": "taken_back",
}


def _answer(status: MembershipStatus, accept: bool, parties: Collection[Party]) -> str:
    """What yes or no means, by who was asked and who answers."""
    asked = Party.ORGANIZATION if status is MembershipStatus.INVITED else Party.ALLIANCE
    if accept:
        return "accept" if asked is Party.ORGANIZATION else "approve"
    if asked not in parties:
        return "take back"
    return "decline" if asked is Party.ORGANIZATION else "reject"


async def leave(ctx: Context, membership_id: str, reason: str | None = None) -> str:
    """Alone and at once. An alliance whose convener leaves rests until it has another."""
    said = texts.optional_line(reason, ("reason",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        found = await steps.met(ctx, db, membership_id)
        own, membership = found.parties & {Party.ORGANIZATION}, found.membership
        if not own:
            raise Refused(
                "Only the organization itself leaves. The alliance calls removeAllianceMember, or "
                "takes an invitation back with respondToAllianceMembership.",
                THE_MEMBERSHIP,
            )
        if membership.status in {MembershipStatus.LEFT, MembershipStatus.CANCELED}:
            return membership_id
        step = MEMBERSHIP.require(membership.status, "leave", own, THE_MEMBERSHIP)
        await steps.move(ctx, db, membership, step.to[0], step.by, "membership.left", said)
        await steps.rest_without_convener(ctx, db, found.alliance, membership.organization_id)
    return membership_id


async def suspend(ctx: Context, membership_id: str, reason: str) -> str:
    """Nothing is shared either way until the alliance reinstates it."""
    said = texts.line(reason, ("reason",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        membership = (await steps.led(ctx, db, membership_id)).membership
        memberships.require_not_convener(membership, "suspend", THE_MEMBERSHIP)
        if membership.status is MembershipStatus.SUSPENDED:
            if membership.suspended_by is not Party.TIME:
                return membership_id
        else:
            MEMBERSHIP.require(membership.status, "suspend", {Party.ALLIANCE}, THE_MEMBERSHIP)
        suspended = MembershipStatus.SUSPENDED
        await steps.move(
            ctx, db, membership, suspended, Party.ALLIANCE, "membership.suspended", said
        )
    return membership_id


async def reinstate(ctx: Context, membership_id: str) -> str:
    """Back among the members, once it has accepted what they agreed to meanwhile."""
    async with ctx.writing() as db:
        membership = (await steps.led(ctx, db, membership_id)).membership
        if membership.status is MembershipStatus.ACTIVE:
            return membership_id
        step = MEMBERSHIP.require(membership.status, "reinstate", {Party.ALLIANCE}, THE_MEMBERSHIP)
        missing = await stored_agreements.missing(
            db, membership.alliance_id, membership.organization_id, ctx.clock.now()
        )
        if missing:
            raise Refused(
                say(
                    "The organization has yet to accept, with acceptAgreement: %(missing)s.",
                    missing=", ".join(one.title for one in missing),
                ),
                THE_MEMBERSHIP,
            )
        await steps.move(ctx, db, membership, step.to[0], step.by, "membership.reinstated")
    return membership_id


async def remove(ctx: Context, membership_id: str, reason: str) -> str:
    """By the convener or a steward, where the rule leaves it to them."""
    said = texts.line(reason, ("reason",), texts.PARAGRAPH)
    async with ctx.writing() as db:
        found = await steps.led(ctx, db, membership_id)
        membership = found.membership
        if membership.status is MembershipStatus.REMOVED:
            return membership_id
        step = MEMBERSHIP.require(membership.status, "remove", {Party.ALLIANCE}, THE_MEMBERSHIP)
        await steps.require_own_decision(db, found.alliance, "remove")
        memberships.require_not_convener(membership, "remove", THE_MEMBERSHIP)
        await steps.move(ctx, db, membership, step.to[0], step.by, "membership.removed", said)
    return membership_id


# ── what the members decided ─────────────────────────────────────────────────────────────────


async def admit(ctx: Context, db: Writing, membership_id: str) -> None:
    """A request that the members approved. The alliance is locked. InvalidTransition where it is
    no longer asked for."""
    membership = await steps.decided_on(ctx, db, membership_id)
    step = MEMBERSHIP.require(membership.status, "approve", {Party.MEMBERS}, THE_MEMBERSHIP)
    status = await steps.entering(ctx, db, membership)
    await steps.move(ctx, db, membership, status, step.by, "membership.approved")


async def remove_by_decision(ctx: Context, db: Writing, membership_id: str, reason: str) -> None:
    """What the members decided, of the convener too. The alliance is locked. InvalidTransition
    where the membership has ended by itself."""
    membership = await steps.decided_on(ctx, db, membership_id)
    step = MEMBERSHIP.require(membership.status, "remove", {Party.MEMBERS}, THE_MEMBERSHIP)
    alliance = await reach.alliance(db, membership.alliance_id)
    await steps.move(ctx, db, membership, step.to[0], step.by, "membership.removed", reason)
    if alliance is not None:
        await steps.rest_without_convener(ctx, db, alliance, membership.organization_id)


async def dissolve(ctx: Context, db: Writing, alliance_id: str) -> None:
    """For good: every membership ends, and what was shared with it is seen through it no more.
    The alliance is locked. InvalidTransition where it is dissolved already."""
    alliance = await reach.alliance(db, alliance_id)
    if alliance is None:
        raise NotFound("There is no such alliance.", THE_ALLIANCE)
    ended = ALLIANCE.require(alliance.status, "dissolve", {Party.MEMBERS}, THE_ALLIANCE)
    for membership in await stored.all_under_way(db, alliance_id):
        step = MEMBERSHIP.require(membership.status, "dissolve", {Party.MEMBERS}, THE_MEMBERSHIP)
        await steps.move(
            ctx, db, membership, step.to[0], step.by, "membership.dissolved", DISSOLVED
        )
    await stored.set_status(db, alliance_id, ended.to[0], ctx.clock.now())
    await note(ctx, db, "alliance.dissolved", alliance_id)


DISSOLVED = "The alliance was dissolved."


# ── what is left behind ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ToDelete:
    """The contact of whoever gave that answer, which the organization holds by their consent."""

    rsvp_id: str
    event_id: str
    held_by: str


async def data_to_delete(db: Reading, organization_id: str, alliance_id: str) -> list[ToDelete]:
    """For an organization that leaves: what its partners hold of people who answered to its events
    of the alliance, and what it holds of theirs."""
    together = await stored.events_together(db, alliance_id, organization_id)
    held = await consents.held_between(db, organization_id, together)
    return [ToDelete(*one) for one in held]


# ── what time brings ─────────────────────────────────────────────────────────────────────────


async def expire(ctx: Context, now: datetime, limit: int = 100) -> int:
    """How many invitations and requests ended because nobody answered in time."""
    async with ctx.writing() as db:
        found = await stored.expired(db, now, limit)
        for membership in found:
            await stored.keep(db, membership.by(now))
            await note(ctx, db, "membership.expired", membership.id, part_of=membership.alliance_id)
    return len(found)
