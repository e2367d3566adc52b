"""The `sees` rules of `domain.policy`, said in SQL, so that a page of rows is a page.

Every predicate takes the row's table (or an alias of it). The viewer is two parameters, the
organization and the person, so that one statement serves everybody; memberships are looked up
in the statement itself, so that leaving an alliance bites at once. For nobody the predicates
shrink to what is public; a peer hub is one parameter, and looks for its organizations.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.sql.selectable import ScalarSelect

from domain.actors import Viewer
from domain.alliances import AllianceStatus
from domain.policy import CONCERNED, DECIDING, ON_SHOW
from domain.sharing import FINAL_STATUSES, MembershipStatus, Visibility
from storage.tables import (
    Id,
    alliance_members,
    alliances,
    event_hosts,
    event_shares,
    events,
    group_members,
    group_shares,
    groups,
    organizations,
    proposals,
)
from storage.words import among, exists_for_row, word

# The words of the partial index on what is under way, so that it serves.
UNDER_WAY = frozenset(MembershipStatus) - FINAL_STATUSES
Column = ColumnElement[str]
ORGANIZATION = "viewer_organization"
PERSON = "viewer_person"
HUB = "viewer_hub"


@dataclass(frozen=True, slots=True)
class Eyes:
    """How much of a viewer the predicates must ask for: nothing, an organization, a person too, or
    the organizations of a peer hub. `visiting`: the person is a peer hub's."""

    organization: bool = False
    person: bool = False
    partners: bool = False
    visiting: bool = False

    @classmethod
    def of(cls, viewer: Viewer) -> "Eyes":
        is_person = viewer.person_id is not None
        return cls(
            viewer.organization_id is not None,
            is_person,
            viewer.is_hub,
            is_person and viewer.hub_id is not None,
        )

    @property
    def parties(self) -> bool:
        """There may be organizations whose part lets the viewer look at something."""
        return self.organization or self.partners


def parameters(viewer: Viewer) -> dict[str, Any]:
    """The values of the parameters that `Eyes.of(viewer)` makes the predicates ask for."""
    values: dict[str, Any] = {}
    if viewer.organization_id is not None:
        values[ORGANIZATION] = viewer.organization_id
    if viewer.person_id is not None:
        values[PERSON] = viewer.person_id
    if viewer.hub_id is not None:
        values[HUB] = viewer.hub_id
    return values


def own() -> ColumnElement[str]:
    return bindparam(ORGANIZATION, type_=Id)


def own_person() -> ColumnElement[str]:
    return bindparam(PERSON, type_=Id)


def own_hub() -> ColumnElement[str]:
    """Of a peer that asks."""
    return bindparam(HUB, type_=Id)


def is_party(eyes: Eyes, organization_id: Column) -> ColumnElement[bool]:
    """The twin of `Viewer.stands_for`: the viewer's organization, or one of the hub that asks."""
    if not eyes.partners:
        return organization_id == own()
    theirs = organizations.alias()
    return exists_for_row(
        select(theirs.c.id).where(theirs.c.id == organization_id, theirs.c.hub_id == own_hub())
    )


def sees_organization(eyes: Eyes, o: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    """On its own; by link also where it answers for what the viewer was let into by name."""
    on_its_own = sees_on_its_own(eyes, o, by_link=by_link)
    # Last, so that they are asked of hidden organizations alone.
    return or_(on_its_own, *_answers_to(eyes, o)) if by_link else on_its_own


def sees_on_its_own(eyes: Eyes, o: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    """By what the organization is itself. This alone decides who sees its things."""
    return _sees_whose(eyes, o.c.id, o.c.visibility, by_link=by_link)


def _sees_whose(
    eyes: Eyes, organization_id: Column, visibility: Column, *, by_link: bool
) -> ColumnElement[bool]:
    opened = _is_open(visibility, by_link)
    if not eyes.parties:
        return opened
    return or_(
        opened,
        is_party(eyes, organization_id),
        and_(
            among(visibility, (Visibility.ALLIANCE, Visibility.UNLISTED)),
            organization_id.in_(_allies(eyes)),
        ),
    )


def sees_alliance(eyes: Eyes, a: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    convener = organizations.alias()
    opened = and_(
        _open(a, by_link),
        exists_for_row(
            select(convener.c.id).where(
                convener.c.id == a.c.convener_id, sees_on_its_own(eyes, convener, by_link=True)
            )
        ),
    )
    if not eyes.parties:
        return opened
    part = alliance_members.alias()
    return or_(
        opened,
        exists_for_row(
            select(part.c.id).where(part.c.alliance_id == a.c.id, *_takes_part(eyes, part))
        ),
    )


def sees_group(eyes: Eyes, g: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    audience = [_open(g, by_link)]
    if eyes.parties:
        shares = group_shares.alias()
        audience.append(_shared(eyes, g, shares, shares.c.group_id))
    ways = [and_(_owner_seen(eyes, g), or_(*audience))]
    if eyes.organization:
        ways.append(g.c.organization_id == own())
    if eyes.person:
        ways.append(g.c.id.in_(my_groups()))
    return or_(*ways)


def sees_event(eyes: Eyes, e: FromClause, *, by_link: bool) -> ColumnElement[bool]:
    audience = [_open(e, by_link)]
    if eyes.parties:
        shares = event_shares.alias()
        audience.append(_shared(eyes, e, shares, shares.c.event_id))
    if eyes.person:
        audience.append(
            and_(e.c.visibility == word(Visibility.GROUP), e.c.group_id.in_(my_groups()))
        )
    ways = [
        and_(
            among(e.c.publication_status, ON_SHOW),
            or_(*audience),
            _owner_seen(eyes, e),
        )
    ]
    if eyes.organization:
        ways.append(e.c.organization_id == own())
    if eyes.parties:
        named = event_hosts.alias()
        ways.append(
            exists_for_row(
                select(named.c.id).where(named.c.event_id == e.c.id, *_is_named(eyes, named))
            )
        )
    seen = or_(*ways)
    return seen if by_link else and_(e.c.replaced_by_id.is_(None), seen)


def knows_contacts_of(eyes: Eyes, organization_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The twin of `policy.may_know_contacts`: the team itself, and allies who work with it."""
    if not eyes.organization:
        return false()
    return or_(organization_id == own(), organization_id.in_(_allies(eyes)))


def reads_channel(eyes: Eyes, channel: Column) -> ColumnElement[bool]:
    """The twin of `channels.may_read`, of any channel but the public one."""
    if eyes.partners:
        return or_(channel == own_hub(), channel == any_(alliances_of_partners()))
    if not eyes.organization:
        return false()
    mine = alliance_members.alias()
    return exists_for_row(
        select(mine.c.id).where(
            mine.c.alliance_id == channel, mine.c.organization_id == own(), in_force(mine)
        )
    )


def my_groups() -> ScalarSelect[Any]:
    mine = group_members.alias()
    return (
        select(mine.c.group_id)
        .where(
            mine.c.person_id == own_person(),
            mine.c.status == word(MembershipStatus.ACTIVE),
        )
        .scalar_subquery()
    )


def in_force(membership: FromClause) -> ColumnElement[bool]:
    """The membership counts today: active, in an alliance that was not dissolved."""
    alliance = alliances.alias()
    return and_(
        membership.c.status == word(MembershipStatus.ACTIVE),
        exists_for_row(
            select(alliance.c.id).where(
                alliance.c.id == membership.c.alliance_id,
                alliance.c.status != word(AllianceStatus.DISSOLVED),
            )
        ),
    )


def _open(row: FromClause, by_link: bool) -> ColumnElement[bool]:
    return _is_open(row.c.visibility, by_link)


def _is_open(visibility: Column, by_link: bool) -> ColumnElement[bool]:
    if by_link:
        return among(visibility, (Visibility.PUBLIC, Visibility.UNLISTED))
    return visibility == word(Visibility.PUBLIC)


def _owner_seen(eyes: Eyes, row: FromClause) -> ColumnElement[bool]:
    """By what stands beside the row of its owner (migration 0009)."""
    return _sees_whose(eyes, row.c.organization_id, row.c.owner_visibility, by_link=True)


def _answers_to(eyes: Eyes, o: FromClause) -> list[ColumnElement[bool]]:
    """It answers for an alliance, an event, a group or a proposal that the viewer was let into by
    name. Each begins at the viewer's own places: few, and found by index."""
    ways: list[ColumnElement[bool]] = []
    if eyes.parties:
        alliance, part = alliances.alias(), alliance_members.alias()
        event, named = events.alias(), event_hosts.alias()
        ways += [
            exists_for_row(
                select(part.c.id)
                .join(alliance, alliance.c.id == part.c.alliance_id)
                .where(alliance.c.convener_id == o.c.id, *_takes_part(eyes, part))
            ),
            exists_for_row(
                select(named.c.id)
                .join(event, event.c.id == named.c.event_id)
                .where(event.c.organization_id == o.c.id, *_is_named(eyes, named))
            ),
        ]
    if eyes.organization:
        ways.append(_proposes_to_me(o))
    if eyes.person:
        group = groups.alias()
        ways.append(
            exists_for_row(
                select(group.c.id).where(
                    group.c.organization_id == o.c.id, group.c.id.in_(my_groups())
                )
            )
        )
    return ways


def decides(part: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Of a membership: the viewer's organization decides by it, or did until it was set aside."""
    return part.c.organization_id == own(), among(part.c.status, DECIDING)


def _proposes_to_me(o: FromClause) -> ColumnElement[bool]:
    part, proposal = alliance_members.alias(), proposals.alias()
    return exists_for_row(
        select(part.c.id)
        .join(proposal, proposal.c.alliance_id == part.c.alliance_id)
        .where(proposal.c.organization_id == o.c.id, *decides(part))
    )


def _takes_part(eyes: Eyes, part: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Of a membership: the viewer's organization takes part by it, or is asked to."""
    return is_party(eyes, part.c.organization_id), among(part.c.status, UNDER_WAY)


def _is_named(eyes: Eyes, named: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Of a place on an event: the viewer's organization is named by it, or is asked to be."""
    return is_party(eyes, named.c.organization_id), among(named.c.status, CONCERNED)


def _shared(
    eyes: Eyes, row: FromClause, shares: FromClause, subject: ColumnElement[str]
) -> ColumnElement[bool]:
    """Shared with an alliance in which both the owner and the viewer stand today."""
    theirs, mine = alliance_members.alias(), alliance_members.alias()
    if eyes.partners:
        return and_(
            among(row.c.visibility, (Visibility.ALLIANCE, Visibility.UNLISTED)),
            exists_for_row(
                select(shares.c.alliance_id)
                .join(theirs, theirs.c.alliance_id == shares.c.alliance_id)
                .where(
                    subject == row.c.id,
                    theirs.c.organization_id == row.c.organization_id,
                    theirs.c.status == word(MembershipStatus.ACTIVE),
                    shares.c.alliance_id == any_(alliances_of_partners()),
                )
            ),
        )
    return and_(
        among(row.c.visibility, (Visibility.ALLIANCE, Visibility.UNLISTED)),
        exists_for_row(
            select(shares.c.alliance_id)
            .join(theirs, theirs.c.alliance_id == shares.c.alliance_id)
            .join(mine, mine.c.alliance_id == shares.c.alliance_id)
            .where(
                subject == row.c.id,
                theirs.c.organization_id == row.c.organization_id,
                theirs.c.status == word(MembershipStatus.ACTIVE),
                mine.c.organization_id == own(),
                in_force(mine),
            )
        ),
    )


def alliances_of_partners() -> ColumnElement[Any]:
    """The alliances in force in which any organization of the hub that asks stands today: looked
    up once for a statement."""
    theirs, partner = alliance_members.alias(), organizations.alias()
    rows: Select[Any] = (
        select(theirs.c.alliance_id)
        .join(partner, partner.c.id == theirs.c.organization_id)
        .where(partner.c.hub_id == own_hub(), in_force(theirs))
        .distinct()
    )
    return func.array(rows.scalar_subquery(), type_=ARRAY(Text))


def _allies(eyes: Eyes) -> ScalarSelect[Any]:
    """The organizations that stand in an alliance with the viewer's."""
    theirs, mine = alliance_members.alias(), alliance_members.alias()
    if eyes.partners:
        return (
            select(theirs.c.organization_id)
            .where(
                theirs.c.alliance_id == any_(alliances_of_partners()),
                theirs.c.status == word(MembershipStatus.ACTIVE),
            )
            .scalar_subquery()
        )
    return (
        select(theirs.c.organization_id)
        .join(mine, mine.c.alliance_id == theirs.c.alliance_id)
        .where(
            mine.c.organization_id == own(),
            in_force(mine),
            theirs.c.status == word(MembershipStatus.ACTIVE),
        )
        .scalar_subquery()
    )
