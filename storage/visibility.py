"""The `sees` rules of `domain.policy`, said in SQL, so that a page of rows is a page.

Every predicate takes the row's table (or an alias of it). The viewer is two parameters, the
organization and the person, so that one statement serves everybody; memberships are looked up
in the statement itself, so that leaving an alliance bites at once. For nobody the predicates
shrink to what is public.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, false, or_, select
from sqlalchemy.sql.selectable import ScalarSelect

from domain.actors import Viewer
from domain.alliances import AllianceStatus
from domain.policy import CONCERNED, ON_SHOW
from domain.sharing import FINAL_STATUSES, MembershipStatus, Visibility
from storage.tables import (
    Id,
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    group_members,
    group_shares,
    organizations,
)

ORGANIZATION = "viewer_organization"
PERSON = "viewer_person"


@dataclass(frozen=True, slots=True)
class Eyes:
    """How much of a viewer the predicates must ask for: nothing, an organization, a person too."""

    organization: bool = False
    person: bool = False

    @classmethod
    def of(cls, viewer: Viewer) -> "Eyes":
        return cls(viewer.organization_id is not None, viewer.person_id is not None)


def parameters(viewer: Viewer) -> dict[str, Any]:
    """The values of the parameters that `Eyes.of(viewer)` makes the predicates ask for."""
    values: dict[str, Any] = {}
    if viewer.organization_id is not None:
        values[ORGANIZATION] = viewer.organization_id
    if viewer.person_id is not None:
        values[PERSON] = viewer.person_id
    return values


def own() -> ColumnElement[str]:
    return bindparam(ORGANIZATION, type_=Id)


def own_person() -> ColumnElement[str]:
    return bindparam(PERSON, type_=Id)


def sees_organization(eyes: Eyes, o: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    if not eyes.organization:
        return _open(o, by_link)
    return or_(
        _open(o, by_link),
        o.c.id == own(),
        and_(
            o.c.visibility.in_([Visibility.ALLIANCE, Visibility.UNLISTED]),
            o.c.id.in_(_allies()),
        ),
    )


def sees_alliance(eyes: Eyes, a: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    convener = organizations.alias()
    opened = and_(
        _open(a, by_link),
        exists(
            select(convener.c.id).where(
                convener.c.id == a.c.convener_id, sees_organization(eyes, convener, by_link=True)
            )
        ),
    )
    if not eyes.organization:
        return opened
    part = alliance_members.alias()
    return or_(
        opened,
        exists(
            select(part.c.id).where(
                part.c.alliance_id == a.c.id,
                part.c.organization_id == own(),
                part.c.status.not_in(sorted(FINAL_STATUSES)),
            )
        ),
    )


def sees_group(eyes: Eyes, g: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    audience = [_open(g, by_link)]
    if eyes.organization:
        shares = group_shares.alias()
        audience.append(_shared(g, shares, shares.c.group_id))
    ways = [and_(_owner_seen(eyes, g), or_(*audience))]
    if eyes.organization:
        ways.append(g.c.organization_id == own())
    if eyes.person:
        ways.append(g.c.id.in_(my_groups()))
    return or_(*ways)


def sees_event(eyes: Eyes, e: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    audience = [_open(e, by_link)]
    if eyes.organization:
        shares = event_shares.alias()
        audience.append(_shared(e, shares, shares.c.event_id))
    if eyes.person:
        audience.append(and_(e.c.visibility == Visibility.GROUP, e.c.group_id.in_(my_groups())))
    ways = [
        and_(
            e.c.publication_status.in_(sorted(ON_SHOW)),
            or_(*audience),
            _owner_seen(eyes, e),
        )
    ]
    if eyes.organization:
        named = event_hosts.alias()
        ways += [
            e.c.organization_id == own(),
            exists(
                select(named.c.id).where(
                    named.c.event_id == e.c.id,
                    named.c.organization_id == own(),
                    named.c.status.in_(sorted(CONCERNED)),
                )
            ),
        ]
    return or_(*ways)


def knows_contacts_of(eyes: Eyes, organization_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The twin of `policy.may_know_contacts`: the team itself, and allies who work with it."""
    if not eyes.organization:
        return false()
    return or_(organization_id == own(), organization_id.in_(_allies()))


def my_groups() -> ScalarSelect[Any]:
    mine = group_members.alias()
    return (
        select(mine.c.group_id)
        .where(
            mine.c.person_id == own_person(),
            mine.c.status == MembershipStatus.ACTIVE,
        )
        .scalar_subquery()
    )


def in_force(membership: FromClause) -> ColumnElement[bool]:
    """The membership counts today: active, in an alliance that was not dissolved."""
    alliance = alliances.alias()
    return and_(
        membership.c.status == MembershipStatus.ACTIVE,
        exists(
            select(alliance.c.id).where(
                alliance.c.id == membership.c.alliance_id,
                alliance.c.status != AllianceStatus.DISSOLVED,
            )
        ),
    )


def _open(row: FromClause, by_link: bool) -> ColumnElement[bool]:
    if by_link:
        return row.c.visibility.in_([Visibility.PUBLIC, Visibility.UNLISTED])
    return row.c.visibility == Visibility.PUBLIC


def _owner_seen(eyes: Eyes, row: FromClause) -> ColumnElement[bool]:
    owner = organizations.alias()
    return exists(
        select(owner.c.id).where(
            owner.c.id == row.c.organization_id, sees_organization(eyes, owner, by_link=True)
        )
    )


def _shared(
    row: FromClause, shares: FromClause, subject: ColumnElement[str]
) -> ColumnElement[bool]:
    """Shared with an alliance in which both the owner and the viewer stand today."""
    theirs, mine = alliance_members.alias(), alliance_members.alias()
    return and_(
        row.c.visibility.in_([Visibility.ALLIANCE, Visibility.UNLISTED]),
        exists(
            select(shares.c.alliance_id)
            .join(theirs, theirs.c.alliance_id == shares.c.alliance_id)
            .join(mine, mine.c.alliance_id == shares.c.alliance_id)
            .where(
                subject == row.c.id,
                theirs.c.organization_id == row.c.organization_id,
                theirs.c.status == MembershipStatus.ACTIVE,
                mine.c.organization_id == own(),
                in_force(mine),
            )
        ),
    )


def _allies() -> ScalarSelect[Any]:
    """The organizations that stand in an alliance with the viewer's."""
    theirs, mine = alliance_members.alias(), alliance_members.alias()
    return (
        select(theirs.c.organization_id)
        .join(mine, mine.c.alliance_id == theirs.c.alliance_id)
        .where(
            mine.c.organization_id == own(),
            in_force(mine),
            theirs.c.status == MembershipStatus.ACTIVE,
        )
        .scalar_subquery()
    )
