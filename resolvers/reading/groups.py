"""Finding groups, and who is in them."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, exists, func, select

from domain.sharing import MembershipStatus
from resolvers.reading.listing import Key, Listing
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import ALLIANCE, GROUP, GROUP_MEMBERSHIP, columns_of
from resolvers.reading.wanted import GroupsWanted, has_words, lies_near, shares_any
from storage import tables as t
from storage.tables import Instant
from storage.visibility import Eyes, sees_alliance, sees_group


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
    rows = rows.where(row.c.group_id == group.c.id, row.c.status == MembershipStatus.ACTIVE)
    keys = (Key("joined_at", row.c.joined_at, Instant), Key("id", row.c.id, Text()))
    return Listing(GROUP_MEMBERSHIP.type_name, rows, keys, "JOINED_AT")


def member_count(eyes: Eyes, group: FromClause) -> ColumnElement[int]:
    """A number says nothing of who they are, so whoever sees the group sees it."""
    members = t.group_members.alias()
    return (
        select(func.count())
        .where(members.c.group_id == group.c.id, members.c.status == MembershipStatus.ACTIVE)
        .scalar_subquery()
    )


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
        rows = rows.where(row.c.organization_id.in_(wanted.organizations))
    if wanted.alliances is not None:
        alliance = t.alliances.alias()
        rows = rows.where(
            exists(
                select(alliance.c.id).where(
                    alliance.c.id.in_(wanted.alliances),
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
            owner.c.status == MembershipStatus.ACTIVE,
        )
    )
    return exists(shared.correlate(row, alliance))
