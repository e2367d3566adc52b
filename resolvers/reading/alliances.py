"""Finding alliances: who is in them, and on which terms."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, exists, select

from domain.sharing import MembershipStatus
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import (
    AGREEMENT,
    AGREEMENT_ACCEPTANCE,
    ALLIANCE,
    ALLIANCE_MEMBERSHIP,
    columns_of,
)
from resolvers.reading.wanted import AlliancesWanted, has_words, one_of, shares_any
from storage import tables as t
from storage.visibility import UNDER_WAY, Eyes, sees_alliance
from storage.words import among, word


def by_slug(eyes: Eyes, slug: Given[str]) -> Select[Any]:
    row, rows = ALLIANCE.rows(eyes)
    return rows.where(
        row.c.slug == slug, row.c.hub_id.in_(select(t.hubs.c.id).where(t.hubs.c.is_local))
    )


def listed(eyes: Eyes, wanted: AlliancesWanted) -> Listing:
    row = t.alliances.alias()
    rows = columns_of(ALLIANCE, row).where(sees_alliance(eyes, row, by_link=False))
    if wanted.search is not None:
        rows = rows.where(has_words(row, wanted.search))
    if wanted.causes is not None:
        rows = rows.where(shares_any(row.c.causes, wanted.causes))
    if wanted.member_organization is not None:
        member = t.alliance_members.alias()
        rows = rows.where(
            exists(
                select(member.c.id).where(
                    member.c.alliance_id == row.c.id,
                    member.c.organization_id == wanted.member_organization,
                    member.c.status == word(MembershipStatus.ACTIVE),
                    ALLIANCE_MEMBERSHIP.sees(eyes, member),
                )
            )
        )
    if wanted.statuses is not None:
        rows = rows.where(one_of(row.c.status, wanted.statuses))
    return by_name(ALLIANCE, row, rows)


def members_of(
    eyes: Eyes, alliance: FromClause, statuses: Given[tuple[MembershipStatus, ...]] | None
) -> Listing:
    row, rows = ALLIANCE_MEMBERSHIP.rows_of_seen(eyes)
    rows = rows.where(row.c.alliance_id == alliance.c.id)
    if statuses is not None:
        rows = rows.where(one_of(row.c.status, statuses))
    keys = {"created_at": row.c.created_at, "id": row.c.id}
    return in_order(ALLIANCE_MEMBERSHIP.type_name, rows, "CREATED_AT", keys)


def agreements_of(eyes: Eyes, alliance: FromClause) -> Listing:
    """The newest version of each of its agreements."""
    row, rows = newest_agreements(eyes)
    return _by_start(row, rows.where(row.c.alliance_id == alliance.c.id))


def acceptances_of(eyes: Eyes, agreement: FromClause) -> Listing:
    row, rows = AGREEMENT_ACCEPTANCE.rows(eyes)
    keys = {"accepted_at": row.c.accepted_at, "id": row.c.id}
    return in_order(
        AGREEMENT_ACCEPTANCE.type_name,
        rows.where(row.c.agreement_id == agreement.c.id),
        "ACCEPTED_AT",
        keys,
    )


def missing_agreements(eyes: Eyes, membership: FromClause) -> Listing:
    """Required agreements that the member organization has not accepted in their newest version.
    One that will hold later is among them, and may be accepted before; who has ended lacks none."""
    row, rows = newest_agreements(eyes)
    rows = rows.where(
        row.c.alliance_id == membership.c.alliance_id,
        row.c.required,
        among(membership.c.status, UNDER_WAY),
        unaccepted_by(membership, row),
    )
    return _by_start(row, rows)


def newest_agreements(eyes: Eyes) -> tuple[FromClause, Select[Any]]:
    row, rows = AGREEMENT.rows(eyes)
    newer = t.agreements.alias()
    superseded = exists(
        select(newer.c.id).where(
            newer.c.alliance_id == row.c.alliance_id,
            newer.c.title == row.c.title,
            newer.c.version_number > row.c.version_number,
        )
    )
    return row, rows.where(~superseded)


def unaccepted_by(membership: FromClause, agreement: FromClause) -> ColumnElement[bool]:
    """By the organization whose membership it is."""
    accepted = t.agreement_acceptances.alias()
    accepted_it = select(accepted.c.id).where(
        accepted.c.agreement_id == agreement.c.id,
        accepted.c.organization_id == membership.c.organization_id,
    )
    return ~exists(accepted_it.correlate(agreement, membership))


def _by_start(row: FromClause, rows: Select[Any]) -> Listing:
    keys = {"active_from": row.c.active_from, "id": row.c.id}
    return in_order(AGREEMENT.type_name, rows, "ACTIVE_FROM", keys)
