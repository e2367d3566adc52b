"""What can be handed over: who leads it, who may take it, and what passes on.

One function for each question, for all four kinds of things; `resolvers.handovers` asks them.
"""

from datetime import datetime

from domain import policy
from domain.actors import TeamRole, Viewer
from domain.alliances import AllianceRole
from domain.errors import NotFound
from domain.events import EventHostRole
from domain.groups import GroupRole
from domain.handovers import Handover, Unfit, role_after_convening
from domain.ids import Kind, kind_of
from domain.reach import Reach
from domain.sharing import Visibility
from resolvers.context import Context
from storage import group_memberships, handovers, reach, teams
from storage.engine import Reading, Writing

LEADS_NO_MORE, LEADS_ALREADY = Unfit.GIVER_LEADS_NO_MORE, Unfit.TAKER_LEADS_ALREADY
NO_MORE = Unfit.TAKER_BELONGS_NO_MORE


async def locked(db: Writing, subject_id: str) -> Reach | None:
    """What is handed over, held until the transaction ends."""
    match kind_of(subject_id):
        case Kind.ORGANIZATION:
            return await reach.organization(db, subject_id, lock=True)
        case Kind.GROUP:
            return await reach.group(db, subject_id, lock=True)
        case Kind.ALLIANCE:
            return await reach.alliance(db, subject_id, lock=True)
        case Kind.EVENT:
            return await reach.event(db, subject_id, lock=True)
    return None


async def is_admin(db: Reading, subject_id: str, person_id: str | None) -> bool:
    """Of a group."""
    if kind_of(subject_id) is not Kind.GROUP:
        return False
    return await group_memberships.role_of(db, subject_id, person_id) is GroupRole.ADMIN


async def require_known(viewer: Viewer, db: Reading, taker_id: str) -> None:
    """Who is named must be seen. People are: only those who belong to it can be named at all."""
    if kind_of(taker_id) is Kind.PERSON:
        return
    found = await reach.organization(db, taker_id)
    if found is None or not policy.sees(viewer, found):
        raise NotFound("There is no such organization, or it is not shared with you.", ("to",))


async def unfit(db: Reading, handover: Handover) -> Unfit | None:
    """Why it cannot pass from the one to the other, as both stand now."""
    match handover.kind:
        case Kind.ORGANIZATION:
            return await _unfit_of_organization(db, handover)
        case Kind.GROUP:
            return await _unfit_of_group(db, handover)
        case Kind.ALLIANCE:
            return await _unfit_of_alliance(db, handover)
    return await _unfit_of_event(db, handover)


async def pass_on(ctx: Context, db: Writing, handover: Handover, at: datetime) -> None:
    """From the giver to the taker, who are fit for it."""
    subject_id, giver_id, taker_id = handover.subject_id, handover.giver_id, handover.taker_id
    match handover.kind:
        case Kind.ORGANIZATION:
            for person_id, role in ((giver_id, TeamRole.ADMIN), (taker_id, TeamRole.OWNER)):
                member_id = ctx.names.new(Kind.TEAM_MEMBER)
                await teams.give_role(db, member_id, subject_id, person_id, role, at)
        case Kind.GROUP:
            taken = await group_memberships.role_of(db, subject_id, taker_id)
            if kind_of(giver_id) is Kind.PERSON and taken is not None:
                await group_memberships.change_role(db, subject_id, giver_id, taken)
            await group_memberships.change_role(db, subject_id, taker_id, GroupRole.ADMIN)
        case Kind.ALLIANCE:
            before = await handovers.role_in_alliance(db, subject_id, taker_id)
            after = role_after_convening(before or AllianceRole.MEMBER)
            await handovers.pass_convening(db, subject_id, (giver_id, after), taker_id, at)
        case Kind.EVENT:
            await handovers.pass_event(db, subject_id, giver_id, taker_id, at)


async def _unfit_of_organization(db: Reading, handover: Handover) -> Unfit | None:
    organization_id, taker_id = handover.subject_id, handover.taker_id
    giver = await teams.role_of(db, organization_id, handover.giver_id)
    if giver is not TeamRole.OWNER:
        return LEADS_NO_MORE
    taker = await teams.role_of(db, organization_id, taker_id)
    if taker is TeamRole.OWNER:
        return LEADS_ALREADY
    if taker is None and not await group_memberships.is_in_a_group_of(
        db, organization_id, taker_id
    ):
        return NO_MORE
    return None


async def _unfit_of_group(db: Reading, handover: Handover) -> Unfit | None:
    thing = await reach.group(db, handover.subject_id)
    if thing is None:
        return Unfit.GONE
    if kind_of(handover.giver_id) is Kind.PERSON:
        giver = await group_memberships.role_of(db, thing.id, handover.giver_id)
        if giver is not GroupRole.ADMIN:
            return LEADS_NO_MORE
    elif thing.organization.id != handover.giver_id:
        return LEADS_NO_MORE
    taker = await group_memberships.role_of(db, thing.id, handover.taker_id)
    if taker is None:
        return NO_MORE
    return LEADS_ALREADY if taker is GroupRole.ADMIN else None


async def _unfit_of_alliance(db: Reading, handover: Handover) -> Unfit | None:
    thing = await reach.alliance(db, handover.subject_id)
    if thing is None or not thing.in_force:
        return Unfit.GONE
    if thing.convener.id != handover.giver_id:
        return LEADS_NO_MORE
    taker = await handovers.role_in_alliance(db, thing.id, handover.taker_id)
    return NO_MORE if taker is None else None


async def _unfit_of_event(db: Reading, handover: Handover) -> Unfit | None:
    thing = await reach.event(db, handover.subject_id)
    if thing is None:
        return Unfit.GONE
    if thing.organization.id != handover.giver_id:
        return LEADS_NO_MORE
    taker = await handovers.role_on_event(db, thing.id, handover.taker_id)
    if taker is not EventHostRole.CO_HOST:
        return NO_MORE
    return Unfit.FOR_ITS_GROUP_ALONE if thing.visibility is Visibility.GROUP else None
