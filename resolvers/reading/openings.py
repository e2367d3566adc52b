"""What the viewer may begin with an organization, a group or an alliance: names of mutations.

Steps of what is under way (a membership, an answer, a place on an event) are told by that itself
(`next_actions`). Both are the twins of `domain.policy`, and never decide: the use case does.
"""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, Text, and_, case, func, null, select
from sqlalchemy.dialects.postgresql import array

from domain.alliances import AllianceRole, AllianceStatus
from domain.memberships import IN
from domain.policy import EDITORS, EVENT_STAFF, LEADS
from domain.sharing import JoinPolicy, MembershipStatus
from resolvers.reading.sides import acts_for, administers
from storage import tables as t
from storage.visibility import UNDER_WAY, Eyes, own
from storage.words import among, exists_for_row, word

Told = ColumnElement[Any]


def of_organization(eyes: Eyes, organization: FromClause) -> Told:
    leads = acts_for(eyes, organization.c.id, LEADS)
    return _told(
        updateOrganization=leads,
        createEvent=acts_for(eyes, organization.c.id, EVENT_STAFF),
        createGroup=acts_for(eyes, organization.c.id, EDITORS),
        createAlliance=leads,
    )


def of_group(eyes: Eyes, group: FromClause) -> Told:
    edits = acts_for(eyes, group.c.organization_id, EDITORS)
    return _told(updateGroup=edits, inviteToGroup=edits | administers(eyes, group.c.id))


def of_alliance(eyes: Eyes, alliance: FromClause) -> Told:
    """Of one that was dissolved, nothing."""
    if not eyes.organization:
        return _told()
    leads = acts_for(eyes, own(), LEADS)
    role, status = _own_place(alliance)
    is_in, is_active = among(status, IN), status == word(MembershipStatus.ACTIVE)
    convenes = and_(alliance.c.convener_id == own(), is_in)
    keeps = convenes | and_(role == word(AllianceRole.STEWARD), is_active)
    stands = alliance.c.status != word(AllianceStatus.DISSOLVED)
    has_convener = exists_for_row(_convener_in(alliance))
    edits = case((has_convener, alliance.c.convener_id == own()), else_=keeps)
    return _told(
        updateAlliance=and_(leads, stands, edits),
        inviteToAlliance=and_(leads, stands, keeps),
        publishAgreement=and_(leads, stands, keeps),
        openProposal=and_(leads, stands, is_active, role != word(AllianceRole.OBSERVER)),
        requestToJoinAlliance=and_(
            leads,
            stands,
            status.is_(None),
            alliance.c.join_policy != word(JoinPolicy.INVITE_ONLY),
        ),
    )


def _own_place(alliance: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The role and the status of the viewer's organization there, of which there is one at most."""
    place = t.alliance_members.alias()
    of_it = (
        place.c.alliance_id == alliance.c.id,
        place.c.organization_id == own(),
        among(place.c.status, UNDER_WAY),
    )
    role = select(place.c.role).where(*of_it).correlate(alliance).scalar_subquery()
    status = select(place.c.status).where(*of_it).correlate(alliance).scalar_subquery()
    return role, status


def _convener_in(alliance: FromClause) -> Any:
    place = t.alliance_members.alias()
    return select(place.c.id).where(
        place.c.alliance_id == alliance.c.id,
        place.c.organization_id == alliance.c.convener_id,
        among(place.c.status, IN),
    )


def _told(**may: ColumnElement[bool]) -> Told:
    told: list[Any] = [
        case((condition, word(name)), else_=null()) for name, condition in may.items()
    ]
    return func.array_remove(array(told, type_=Text), null(), type_=ARRAY(Text))
