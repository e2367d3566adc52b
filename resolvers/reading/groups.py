"""Finding groups, and who is in them."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, exists, select

from domain.sharing import MembershipStatus
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import ALLIANCE, GROUP, GROUP_MEMBERSHIP, columns_of
from resolvers.reading.wanted import GroupsWanted, has_words, lies_near, one_of, shares_any
from storage import tables as t
from storage.visibility import Eyes, sees_alliance, sees_group
from storage.words import word


def listed(eyes: Eyes, wanted: GroupsWanted) -> Listing:
    row = t.groups.alias()
    return _narrowed(eyes, row, _findable(eyes, row), wanted)


def of_organization(eyes: Eyes, organization: FromClause, wanted: GroupsWanted) -> Listing:
    row = t.groups.alias()
    rows = _findable(eyes, row).where(row.c.organization_id == organization.c.id)
    return _narrowed(eyes, row, rows, wanted)


def of_alliance(eyes: Eyes, alliance: FromClause, wanted: GroupsWanted) -> Listing:
    """Groups that active members shared with it."""
    row = t.groups.alias()
    rows = _findable(eyes, row).where(_shared(row, alliance))
    return _narrowed(eyes, row, rows, wanted)


def subgroups_of(eyes: Eyes, group: FromClause) -> Listing:
    row = t.groups.alias()
    return by_name(GROUP, row, _findable(eyes, row).where(row.c.parent_id == group.c.id))


def members_of(eyes: Eyes, group: FromClause) -> Listing:
    row, rows = GROUP_MEMBERSHIP.rows(eyes)
    rows = rows.where(row.c.group_id == group.c.id, row.c.status == word(MembershipStatus.ACTIVE))
    keys = {"joined_at": row.c.joined_at, "id": row.c.id}
    return in_order(GROUP_MEMBERSHIP.type_name, rows, "JOINED_AT", keys)


def member_count(eyes: Eyes, group: FromClause) -> ColumnElement[int]:
    """A number says nothing of who they are, so whoever sees the group sees it."""
    count: ColumnElement[int] = group.c.member_count
    return count


def alliances_of(eyes: Eyes, group: FromClause) -> Listing:
    """The alliances it is shared with, as far as the viewer may know of them."""
    row, rows = ALLIANCE.rows(eyes)
    shares = t.group_shares.alias()
    rows = rows.join(shares, shares.c.alliance_id == row.c.id)
    return by_name(ALLIANCE, row, rows.where(shares.c.group_id == group.c.id))


def _findable(eyes: Eyes, row: FromClause) -> Select[Any]:
    return columns_of(GROUP, row).where(sees_group(eyes, row, by_link=False))


def _narrowed(eyes: Eyes, row: FromClause, rows: Select[Any], wanted: GroupsWanted) -> Listing:
    if wanted.search is not None:
        rows = rows.where(has_words(row, wanted.search))
    if wanted.organizations is not None:
        rows = rows.where(one_of(row.c.organization_id, wanted.organizations))
    if wanted.alliances is not None:
        alliance = t.alliances.alias()
        rows = rows.where(
            exists(
                select(alliance.c.id).where(
                    one_of(alliance.c.id, wanted.alliances),
                    sees_alliance(eyes, alliance, by_link=True),
                    _shared(row, alliance),
                )
            )
        )
    if wanted.causes is not None:
        rows = rows.where(shares_any(row.c.causes, wanted.causes))
    if wanted.languages is not None:
        rows = rows.where(shares_any(row.c.languages, wanted.languages))
    if wanted.near is not None:
        rows = rows.where(lies_near(row, wanted.near))
    return by_name(GROUP, row, rows)


def _shared(row: FromClause, alliance: FromClause) -> ColumnElement[bool]:
    """Shared with the alliance by an owner that stands in it today."""
    shares, owner = t.group_shares.alias(), t.alliance_members.alias()
    shared = (
        select(shares.c.group_id)
        .join(owner, owner.c.alliance_id == shares.c.alliance_id)
        .where(
            shares.c.group_id == row.c.id,
            shares.c.alliance_id == alliance.c.id,
            owner.c.organization_id == row.c.organization_id,
            owner.c.status == word(MembershipStatus.ACTIVE),
        )
    )
    return exists(shared.correlate(row, alliance))
