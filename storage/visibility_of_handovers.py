"""Who sees a handover: its two sides, who learn of each other by it.

As long as they see what is handed over, and one another as organizations: what the contract says
is never null is never null. A person is known to the other side for as long as the row is there.
"""

from sqlalchemy import Boolean, ColumnElement, FromClause, and_, false, func, or_, select

from domain.actors import TeamRole
from domain.ids import Kind
from storage.tables import alliances, events, groups, handovers, organizations
from storage.visibility import (
    Eyes,
    own,
    own_person,
    sees_alliance,
    sees_event,
    sees_group,
    sees_organization,
)
from storage.visibility_of_roles import acts_as
from storage.words import exists_for_row, word


def sees_handover(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    return and_(
        is_on_a_side(eyes, h),
        _sees_subject(eyes, h),
        _sees_side(eyes, h.c.giver_id),
        _sees_side(eyes, h.c.taker_id),
    )


def is_on_a_side(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    """The twin of `policy_of_leads.knows_handover`."""
    sides: list[ColumnElement[bool]] = []
    if eyes.organization:
        sides += [h.c.giver_id == own(), h.c.taker_id == own()]
    if eyes.person:
        sides += [h.c.giver_id == own_person(), h.c.taker_id == own_person()]
    if eyes.organization and eyes.person:
        sides.append(_is_of_its_owners(eyes, h))
    return or_(*sides) if sides else false()


def met_in_a_handover(eyes: Eyes, p: FromClause) -> ColumnElement[bool]:
    """Of a person: who hands something over to the viewer, or takes it from them."""
    h = handovers.alias()
    return or_(
        *(
            exists_for_row(select(h.c.id).where(side == p.c.id, is_on_a_side(eyes, h)))
            for side in (h.c.giver_id, h.c.taker_id)
        )
    )


def _is_of_its_owners(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    """An organization is handed over, and the viewer is an owner of it."""
    return and_(h.c.subject_id == own(), acts_as(eyes, (TeamRole.OWNER,)))


def _sees_subject(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    """An id of one kind is none of another, so that it is found in one of these."""
    organization, group = organizations.alias(), groups.alias()
    alliance, event = alliances.alias(), events.alias()
    seen = (
        (Kind.ORGANIZATION, organization, sees_organization(eyes, organization, by_link=True)),
        (Kind.GROUP, group, sees_group(eyes, group, by_link=True)),
        (Kind.ALLIANCE, alliance, sees_alliance(eyes, alliance, by_link=True)),
        (Kind.EVENT, event, sees_event(eyes, event, by_link=True)),
    )
    return or_(
        *(
            and_(
                is_of(h.c.subject_id, kind),
                exists_for_row(select(row.c.id).where(row.c.id == h.c.subject_id, sees)),
            )
            for kind, row, sees in seen
        )
    )


def _sees_side(eyes: Eyes, side_id: ColumnElement[str]) -> ColumnElement[bool]:
    organization = organizations.alias()
    seen = select(organization.c.id).where(
        organization.c.id == side_id, sees_organization(eyes, organization, by_link=True)
    )
    return or_(is_of(side_id, Kind.PERSON), exists_for_row(seen))


def is_of(identifier: ColumnElement[str], kind: Kind) -> ColumnElement[bool]:
    """It is the id of something of that kind."""
    return func.starts_with(identifier, word(f"{kind.value}_"), type_=Boolean)
