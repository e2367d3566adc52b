"""Finding organizations, and the people who work for them."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select

from domain.sharing import MembershipStatus
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.sources import (
    ALLIANCE_MEMBERSHIP,
    ORGANIZATION,
    TEAM_MEMBER,
    Source,
    columns_of,
    looked_up,
)
from resolvers.reading.wanted import OrganizationsWanted, has_words, lies_near, shares_any
from storage import tables as t
from storage.visibility import UNDER_WAY, Eyes, sees_organization
from storage.words import among, word


def by_slug(eyes: Eyes, slug: Given[str]) -> Select[Any]:
    """The organization of that name on this hub."""
    row, rows = ORGANIZATION.rows(eyes)
    return rows.where(row.c.slug == slug, row.c.hub_id.in_(_this_hub()))


def listed(eyes: Eyes, wanted: OrganizationsWanted) -> Listing:
    def asked(row: FromClause) -> list[ColumnElement[bool]]:
        return [sees_organization(eyes, row, by_link=False), *_narrow(row, wanted)]

    if wanted.alliance is None:
        row = t.organizations.alias()
        return by_name(ORGANIZATION, row, columns_of(ORGANIZATION, row).where(*asked(row)))
    members = _active_members(eyes, wanted.alliance).subquery()
    return by_name(
        ORGANIZATION, *looked_up(ORGANIZATION, members, members.c.organization_id, asked)
    )


def _narrow(row: FromClause, wanted: OrganizationsWanted) -> list[ColumnElement[bool]]:
    narrow: list[ColumnElement[bool]] = []
    if wanted.search is not None:
        narrow.append(has_words(row, wanted.search))
    if wanted.causes is not None:
        narrow.append(shares_any(row.c.causes, wanted.causes))
    if wanted.near is not None:
        narrow.append(lies_near(row, wanted.near))
    if wanted.hub is not None:
        narrow.append(row.c.hub_id == wanted.hub)
    return narrow


def of_hub(eyes: Eyes, hub: FromClause) -> Listing:
    row = t.organizations.alias()
    rows = columns_of(ORGANIZATION, row).where(
        sees_organization(eyes, row, by_link=False), row.c.hub_id == hub.c.id
    )
    return by_name(ORGANIZATION, row, rows)


def team_of(eyes: Eyes, organization: FromClause) -> Listing:
    row, rows = TEAM_MEMBER.rows(eyes)
    keys = {"since": row.c.since, "id": row.c.id}
    return in_order(
        TEAM_MEMBER.type_name, rows.where(row.c.organization_id == organization.c.id), "SINCE", keys
    )


def memberships_of(eyes: Eyes, organization: FromClause) -> Listing:
    """The alliances it stands in, and those that are being asked, as far as the viewer may know."""
    row, rows = ALLIANCE_MEMBERSHIP.rows(eyes)
    rows = rows.where(row.c.organization_id == organization.c.id, among(row.c.status, UNDER_WAY))
    keys = {"created_at": row.c.created_at, "id": row.c.id}
    return in_order(ALLIANCE_MEMBERSHIP.type_name, rows, "CREATED_AT", keys)


def by_name(source: Source, row: FromClause, rows: Select[Any]) -> Listing:
    keys = {"name": row.c.name, "id": row.c.id}
    return in_order(source.type_name, rows, "NAME_ASC", keys)


def _this_hub() -> Select[Any]:
    return select(t.hubs.c.id).where(t.hubs.c.is_local)


def _active_members(eyes: Eyes, alliance_id: Given[str]) -> Select[Any]:
    """Only of an alliance the viewer sees: else the filter would tell who is in a hidden one."""
    member, _ = ALLIANCE_MEMBERSHIP.rows(eyes)
    return select(member.c.organization_id).where(
        ALLIANCE_MEMBERSHIP.sees(eyes, member),
        member.c.alliance_id == alliance_id,
        member.c.status == word(MembershipStatus.ACTIVE),
    )
