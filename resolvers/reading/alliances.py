"""Finding alliances: who is in them, and on which terms."""

from typing import Any

from sqlalchemy import FromClause, Select, Text, exists, select

from domain.sharing import MembershipStatus
from resolvers.reading.listing import Key, Listing
from resolvers.reading.organizations import by_name
from resolvers.reading.sources import (
    AGREEMENT,
    AGREEMENT_ACCEPTANCE,
    ALLIANCE,
    ALLIANCE_MEMBERSHIP,
    columns_of,
)
from resolvers.reading.wanted import AlliancesWanted, has_words, shares_any
from storage import tables as t
from storage.tables import Instant
from storage.visibility import Eyes, sees_alliance


def by_slug(eyes: Eyes, slug: str) -> Select[Any]:
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
                    member.c.status == MembershipStatus.ACTIVE,
                    ALLIANCE_MEMBERSHIP.sees(eyes, member),
                )
            )
        )
    if wanted.statuses is not None:
        rows = rows.where(row.c.status.in_(wanted.statuses))
    return by_name(ALLIANCE, row, rows)


def members_of(
    eyes: Eyes, alliance: FromClause, statuses: tuple[MembershipStatus, ...] | None
) -> Listing:
    row, rows = ALLIANCE_MEMBERSHIP.rows(eyes)
    rows = rows.where(row.c.alliance_id == alliance.c.id)
    if statuses is not None:
        rows = rows.where(row.c.status.in_(statuses))
    keys = (Key("created_at", row.c.created_at, Instant), Key("id", row.c.id, Text()))
    return Listing(ALLIANCE_MEMBERSHIP.type_name, rows, keys, "CREATED_AT")


def agreements_of(eyes: Eyes, alliance: FromClause) -> Listing:
    """The newest version of each of its agreements."""
    row, rows = _newest_agreements(eyes)
    return _by_start(row, rows.where(row.c.alliance_id == alliance.c.id))


def acceptances_of(eyes: Eyes, agreement: FromClause) -> Listing:
    row, rows = AGREEMENT_ACCEPTANCE.rows(eyes)
    keys = (Key("accepted_at", row.c.accepted_at, Instant), Key("id", row.c.id, Text()))
    return Listing(
        AGREEMENT_ACCEPTANCE.type_name,
        rows.where(row.c.agreement_id == agreement.c.id),
        keys,
        "ACCEPTED_AT",
    )


def missing_agreements(eyes: Eyes, membership: FromClause) -> Listing:
    """Required agreements of the alliance that the member organization has not accepted."""
    row, rows = _newest_agreements(eyes)
    accepted = t.agreement_acceptances.alias()
    accepted_it = select(accepted.c.id).where(
        accepted.c.agreement_id == row.c.id,
        accepted.c.organization_id == membership.c.organization_id,
    )
    missing = ~exists(accepted_it.correlate(row, membership))
    rows = rows.where(row.c.alliance_id == membership.c.alliance_id, row.c.required, missing)
    return _by_start(row, rows)


def _newest_agreements(eyes: Eyes) -> tuple[FromClause, Select[Any]]:
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


def _by_start(row: FromClause, rows: Select[Any]) -> Listing:
    keys = (Key("active_from", row.c.active_from, Instant), Key("id", row.c.id, Text()))
    return Listing(AGREEMENT.type_name, rows, keys, "ACTIVE_FROM")
