"""Finding groups, and who is in them."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import ColumnElement, FromClause, Text, column, func, select

from domain.sharing import MembershipStatus
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, Way, in_order
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import ALLIANCE, GROUP, GROUP_MEMBERSHIP, columns_of, looked_up
from resolvers.reading.wanted import (
    GroupsWanted,
    array_of,
    has_words,
    lies_near,
    one_of,
    shares_any,
)
from storage import tables as t
from storage.visibility import Eyes, sees_alliance, sees_group
from storage.words import exists_for_row, word


def listed(eyes: Eyes, wanted: GroupsWanted) -> Listing:
    def asked(row: FromClause) -> list[ColumnElement[bool]]:
        return _asked(eyes, row, wanted)

    if wanted.alliances is None and wanted.organizations is not None:
        others = replace(wanted, organizations=None)
        return _of_each_organization(wanted.organizations, lambda row: _asked(eyes, row, others))
    if wanted.alliances is None:
        row = t.groups.alias()
        return by_name(GROUP, row, columns_of(GROUP, row).where(*asked(row)))
    share = t.group_shares.alias()
    named = one_of(share.c.alliance_id, wanted.alliances)
    shared = select(share.c.group_id).where(named).distinct().subquery()
    return by_name(GROUP, *looked_up(GROUP, shared, shared.c.group_id, asked))


def _of_each_organization(
    ids: Given[tuple[str, ...]], asked: Callable[[FromClause], list[ColumnElement[bool]]]
) -> Listing:
    """Each has its groups by name in an index: the first of each, merged."""
    named = func.unnest(array_of(ids)).table_valued(column("id", Text)).render_derived()
    each = select(named.c.id).distinct().subquery()
    row, shown = t.groups.alias(), t.groups.alias()
    rows = select(row.c.id).where(row.c.organization_id == each.c.id, *asked(row))
    return replace(
        by_name(GROUP, row, rows),
        ways=(Way(rows, (row.c.name, row.c.id), each),),
        shown=lambda found: columns_of(GROUP, shown).join(found, found.c.key_id == shown.c.id),
    )


def of_organization(eyes: Eyes, organization: FromClause, wanted: GroupsWanted) -> Listing:
    row = t.groups.alias()
    rows = columns_of(GROUP, row).where(row.c.organization_id == organization.c.id)
    return by_name(GROUP, row, rows.where(*_asked(eyes, row, wanted)))


def of_alliance(eyes: Eyes, alliance: FromClause, wanted: GroupsWanted) -> Listing:
    """Groups that active members shared with it."""
    share = t.group_shares.alias()

    def asked(row: FromClause) -> list[ColumnElement[bool]]:
        return [_owner_stands_in(row, share), *_asked(eyes, row, wanted)]

    row, rows = looked_up(GROUP, share, share.c.group_id, asked)
    return by_name(GROUP, row, rows.where(share.c.alliance_id == alliance.c.id))


def subgroups_of(eyes: Eyes, group: FromClause) -> Listing:
    row = t.groups.alias()
    rows = columns_of(GROUP, row).where(sees_group(eyes, row, by_link=False))
    return by_name(GROUP, row, rows.where(row.c.parent_id == group.c.id))


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


def _asked(eyes: Eyes, row: FromClause, wanted: GroupsWanted) -> list[ColumnElement[bool]]:
    asked = [sees_group(eyes, row, by_link=False)]
    if wanted.search is not None:
        asked.append(has_words(row, wanted.search))
    if wanted.organizations is not None:
        asked.append(one_of(row.c.organization_id, wanted.organizations))
    if wanted.alliances is not None:
        asked.append(_shared_with_seen(eyes, row, wanted.alliances))
    if wanted.causes is not None:
        asked.append(shares_any(row.c.causes, wanted.causes))
    if wanted.languages is not None:
        asked.append(shares_any(row.c.languages, wanted.languages))
    if wanted.near is not None:
        asked.append(lies_near(row, wanted.near))
    return asked


def _shared_with_seen(
    eyes: Eyes, row: FromClause, ids: Given[tuple[str, ...]]
) -> ColumnElement[bool]:
    alliance, share = t.alliances.alias(), t.group_shares.alias()
    shared = (
        select(share.c.group_id)
        .join(alliance, alliance.c.id == share.c.alliance_id)
        .where(
            share.c.group_id == row.c.id,
            one_of(alliance.c.id, ids),
            sees_alliance(eyes, alliance, by_link=True),
            _owner_stands_in(row, share),
        )
    )
    return exists_for_row(shared.correlate(row))


def _owner_stands_in(group: FromClause, share: FromClause) -> ColumnElement[bool]:
    """Shared by an owner that stands in the alliance today."""
    owner = t.alliance_members.alias()
    standing = select(owner.c.id).where(
        owner.c.alliance_id == share.c.alliance_id,
        owner.c.organization_id == group.c.organization_id,
        owner.c.status == word(MembershipStatus.ACTIVE),
    )
    return exists_for_row(standing.correlate(group, share))
