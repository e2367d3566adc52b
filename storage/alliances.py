"""Alliances as rows. Their members are in `storage/memberships.py`, what those agreed to in
`storage/agreements.py`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domain.alliances import (
    TRANSLATED,
    Alliance,
    AllianceKind,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    MembershipInitiator,
    SharingPolicy,
)
from domain.errors import Taken
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, MembershipStatus, Visibility
from domain.words import say
from storage import columns
from storage.columns import Columns, Row
from storage.engine import Reading, Writing
from storage.searching import document, language_of
from storage.tables import alliance_members, alliances


async def by_id(db: Reading, alliance_id: str) -> Alliance | None:
    found = await by_ids(db, [alliance_id])
    return found[0] if found else None


async def by_ids(db: Reading, alliance_ids: Collection[str]) -> list[Alliance]:
    if not alliance_ids:
        return []
    found = await db.execute(
        select(alliances).where(alliances.c.id.in_(sorted(alliance_ids))).order_by(alliances.c.id)
    )
    return [_record(row) for row in found.mappings()]


async def add(db: Writing, alliance: Alliance) -> None:
    if not await columns.add(db, alliances, _columns(alliance), "hub_id", "slug"):
        raise Taken(
            say(
                "%(slug)s is another alliance's slug on this hub; choose another.",
                slug=f"{alliance.slug!r}",
            ),
            ("slug",),
        )


async def keep(db: Writing, alliance: Alliance, seen: int) -> None:
    await columns.keep(db, alliances, _columns(alliance), seen)


async def add_member(
    db: Writing,
    membership_id: str,
    alliance_id: str,
    organization_id: str,
    role: AllianceRole,
    at: datetime,
) -> None:
    """An active membership, at the alliance's own wish."""
    adding = insert(alliance_members).values(
        id=membership_id,
        alliance_id=alliance_id,
        organization_id=organization_id,
        role=role,
        status=MembershipStatus.ACTIVE,
        initiated_by=MembershipInitiator.ALLIANCE,
        created_at=at,
        joined_at=at,
    )
    added = await db.scalar(adding.on_conflict_do_nothing().returning(alliance_members.c.id))
    if added is None:
        raise Taken("This organization is a member already, or about to be.", ("organization",))


async def activate_with_two(db: Writing, alliance_id: str, at: datetime) -> None:
    """An alliance that forms is active once two organizations are in it (domain words s4.2)."""
    members = (
        select(func.count())
        .select_from(alliance_members)
        .where(
            alliance_members.c.alliance_id == alliance_id,
            alliance_members.c.status == MembershipStatus.ACTIVE,
        )
        .scalar_subquery()
    )
    await db.execute(
        alliances.update()
        .where(
            alliances.c.id == alliance_id,
            alliances.c.status == AllianceStatus.FORMING,
            members >= 2,
        )
        .values(status=AllianceStatus.ACTIVE, version=alliances.c.version + 1, updated_at=at)
    )


def _columns(alliance: Alliance) -> Columns:
    language = language_of((), alliance.convener_id)
    return {
        **columns.of_publication(alliance),
        "convener_id": alliance.convener_id,
        "slug": alliance.slug,
        "name": alliance.name,
        "purpose": alliance.purpose,
        "description": alliance.description,
        "kind": alliance.kind,
        "status": alliance.status,
        "join_policy": alliance.join_policy,
        "decision_rule": alliance.decision_rule,
        "default_event_visibility": alliance.sharing.default_event_visibility,
        "member_editing": alliance.sharing.member_editing,
        "attendee_sharing": alliance.sharing.attendee_sharing,
        "review_at": alliance.review_at,
        "language": language,
        "search": document(
            language,
            (alliance.name, alliance.purpose, alliance.description),
            alliance.translations,
            TRANSLATED,
            alliance.causes,
        ),
    }


def _record(row: Row) -> Alliance:
    return Alliance(
        **columns.publication(row),
        convener_id=row["convener_id"],
        slug=row["slug"],
        name=row["name"],
        purpose=row["purpose"],
        description=row["description"],
        kind=AllianceKind(row["kind"]),
        status=AllianceStatus(row["status"]),
        join_policy=JoinPolicy(row["join_policy"]),
        decision_rule=DecisionRule(row["decision_rule"]),
        sharing=SharingPolicy(
            default_event_visibility=Visibility(row["default_event_visibility"]),
            member_editing=HostEditing(row["member_editing"]),
            attendee_sharing=AttendeeSharing(row["attendee_sharing"]),
        ),
        review_at=row["review_at"],
    )
