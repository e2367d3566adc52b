"""What members of an alliance agree to: publishing it, accepting it, and who did not in time."""

from dataclasses import dataclass
from datetime import datetime

from domain import alliances, memberships, policy
from domain.actors import OPERATOR
from domain.alliances import Agreement, DecisionRule
from domain.errors import Invalid, NotFound, Refused
from domain.ids import Kind
from domain.memberships import IN, MEMBERSHIP, Membership
from domain.reach import AllianceReach
from domain.sharing import MembershipStatus
from domain.transitions import Party
from domain.words import say
from resolvers import membership_steps as steps
from resolvers.audit import note
from resolvers.context import Context
from resolvers.membership_steps import THE_ALLIANCE, THE_ORGANIZATION
from storage import agreements as stored
from storage import alliances as stored_alliances
from storage import memberships as stored_memberships
from storage import reach
from storage.engine import Writing

THE_AGREEMENT = ("agreement",)
UNACCEPTED = "A required agreement was not accepted in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAgreement:
    alliance_id: str
    title: str
    body: str
    language: str | None = None
    required: bool = True
    active_from: datetime | None = None  # None: from now on


async def publish(ctx: Context, new: NewAgreement) -> str:
    """The agreement's id. The same title again is the next version of it, which every member
    accepts anew. What binds them is the members' decision, where they decide together."""
    async with ctx.writing() as db:
        alliance = policy.require_alliance_lead(
            ctx.viewer, await reach.alliance(db, new.alliance_id, lock=True), THE_ALLIANCE
        )
        await _require_own_decision(ctx, db, alliance, new)
        return await publish_by_decision(ctx, db, new)


async def publish_by_decision(ctx: Context, db: Writing, new: NewAgreement) -> str:
    """What the members decided to agree to; its id. The alliance is locked."""
    now = ctx.clock.now()
    found = await reach.alliance(db, new.alliance_id)
    if found is None:
        raise NotFound("There is no such alliance.", THE_ALLIANCE)
    memberships.require_in_force(found.status, THE_ALLIANCE)
    if new.active_from is not None and new.active_from < now:
        raise Invalid(
            "activeFrom: what members agree to holds from now on, or from a later day.",
            ("activeFrom",),
        )
    agreement = alliances.checked_agreement(
        Agreement(
            id=ctx.names.new(Kind.AGREEMENT),
            alliance_id=new.alliance_id,
            title=new.title,
            body=new.body,
            language=new.language,
            required=new.required,
            active_from=new.active_from or now,
        )
    )
    await stored.add(db, agreement)
    await note(ctx, db, "agreement.published", agreement.id, part_of=agreement.alliance_id)
    return agreement.id


async def _require_own_decision(
    ctx: Context, db: Writing, alliance: AllianceReach, new: NewAgreement
) -> None:
    if ctx.viewer.client_id == OPERATOR or not new.required:
        return
    terms = await stored_alliances.by_id(db, alliance.id)
    if terms is not None and terms.decision_rule is not DecisionRule.CONVENER:
        raise Refused(
            say(
                "The alliance's members decide together what binds them (%(decision_rule)s): "
                "put it to them with openProposal, of kind PUBLISH_AGREEMENT.",
                decision_rule=terms.decision_rule.value,
            ),
            THE_ALLIANCE,
        )


async def accept(ctx: Context, agreement_id: str, organization_id: str) -> str:
    """The membership's id, which comes in, or comes back, with the last agreement it lacked. A
    person stands behind it: an app alone accepts nothing."""
    async with ctx.writing() as db:
        policy.require_organization_lead(
            ctx.viewer, await reach.organization(db, organization_id), THE_ORGANIZATION
        )
        if ctx.viewer.person_id is None:
            raise Refused(
                "An agreement is accepted by a person on behalf of the organization: sign in as "
                "one of its owners or admins.",
                THE_ORGANIZATION,
            )
        version, membership = await met(ctx, db, agreement_id, organization_id)
        newer = await stored.in_force_instead(db, version, ctx.clock.now())
        if newer is not None:
            raise Invalid(
                say("A newer version is in force: accept %(newer)s.", newer=newer), THE_AGREEMENT
            )
        await accepted(ctx, db, membership, version, ctx.viewer.person_id)
        return membership.id


async def accepted(
    ctx: Context,
    db: Writing,
    membership: Membership,
    version: stored.Version,
    person_id: str | None,
) -> None:
    """Kept with the person and the version. Both the alliance and the membership are locked."""
    now = ctx.clock.now()
    step = MEMBERSHIP.require(membership.status, "agree", {Party.ORGANIZATION}, THE_AGREEMENT)
    acceptance_id = ctx.names.new(Kind.AGREEMENT_ACCEPTANCE)
    organization_id = membership.organization_id
    if await stored.accept(db, acceptance_id, version, organization_id, person_id, now):
        await note(ctx, db, "agreement.accepted", version.id, part_of=version.alliance_id)
    set_aside = membership.status is MembershipStatus.SUSPENDED
    if membership.status is MembershipStatus.ACTIVE:
        return
    if set_aside and membership.suspended_by is not Party.TIME:
        return
    if await stored.missing(db, membership.alliance_id, organization_id, now):
        return
    action = "membership.resumed" if set_aside else "membership.completed"
    await steps.move(ctx, db, membership, MembershipStatus.ACTIVE, step.by, action)


async def met(
    ctx: Context, db: Writing, agreement_id: str, organization_id: str
) -> tuple[stored.Version, Membership]:
    """The agreement, and the membership of the organization that accepts it. Both the alliance
    and the membership are locked."""
    version = await stored.version(db, agreement_id)
    alliance = await reach.alliance(db, version.alliance_id, lock=True) if version else None
    if version is None or alliance is None or not policy.sees(ctx.viewer, alliance):
        raise NotFound("There is no such agreement, or it is not shared with you.", THE_AGREEMENT)
    membership = await stored_memberships.under_way(db, alliance.id, organization_id, lock=True)
    today = membership.by(ctx.clock.now()) if membership else None
    if today is None or today.status not in IN | {MembershipStatus.PENDING_AGREEMENT}:
        raise Refused(_not_in(today), THE_ORGANIZATION)
    return version, today


async def suspend_for_agreements(ctx: Context, now: datetime, limit: int = 100) -> int:
    """How many members were set aside because they let the time of grace go by. Each comes back
    by accepting."""
    async with ctx.writing() as db:
        locked = await stored.overdue(db, now, limit)
        found = await stored.still_overdue(db, locked, now)
        for membership in found:
            MEMBERSHIP.require(membership.status, "suspend", {Party.TIME}, THE_AGREEMENT)
            await steps.move(
                ctx,
                db,
                membership,
                MembershipStatus.SUSPENDED,
                Party.TIME,
                "membership.suspended_for_agreement",
                UNACCEPTED,
            )
    return len(found)


def _not_in(membership: Membership | None) -> str:
    if membership is None:
        return say(
            "Only members of an alliance accept its agreements, and those let in. Come in first: "
            "with respondToAllianceMembership where you are invited, with requestToJoinAlliance "
            "where not."
        )
    return say(
        "Only members of an alliance accept its agreements, and those let in. This membership is "
        "%(status)s. Come in first: with respondToAllianceMembership where you are invited, with "
        "requestToJoinAlliance where not.",
        status=membership.status.value,
    )
