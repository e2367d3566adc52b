"""Groups, who is in them, and the alliances they are shared with, as rows."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Taken
from domain.groups import TRANSLATED, Group, GroupKind, GroupRole
from domain.sharing import JoinPolicy, MembershipStatus
from domain.words import say
from storage import columns
from storage.columns import Columns, Row
from storage.engine import Reading, Writing
from storage.searching import document, language_of
from storage.tables import group_members, group_shares, groups


async def by_id(db: Reading, group_id: str) -> Group | None:
    found = await db.execute(select(groups).where(groups.c.id == group_id))
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def called(db: Reading, organization_id: str, slug: str) -> str | None:
    """The id of the organization's group of that name in addresses."""
    found: str | None = await db.scalar(
        select(groups.c.id).where(
            groups.c.organization_id == organization_id, groups.c.slug == slug
        )
    )
    return found


async def add(db: Writing, group: Group) -> None:
    if not await columns.add(db, groups, _columns(group), "organization_id", "slug"):
        raise Taken(
            say(
                "%(slug)s is another group's slug in this organization; choose another.",
                slug=f"{group.slug!r}",
            ),
            ("slug",),
        )


async def keep(db: Writing, group: Group, seen: int) -> None:
    await columns.keep(db, groups, _columns(group), seen)


async def share(db: Writing, group_id: str, alliance_ids: Collection[str], at: datetime) -> None:
    """Sharing twice is sharing once."""
    if alliance_ids:
        shares = [
            {"group_id": group_id, "alliance_id": alliance_id, "shared_at": at}
            for alliance_id in sorted(alliance_ids)
        ]
        await db.execute(insert(group_shares).values(shares).on_conflict_do_nothing())


async def add_member(
    db: Writing, member_id: str, group_id: str, person_id: str, role: GroupRole, at: datetime
) -> None:
    adding = insert(group_members).values(
        id=member_id,
        group_id=group_id,
        person_id=person_id,
        role=role,
        status=MembershipStatus.ACTIVE,
        joined_at=at,
    )
    added = await db.scalar(adding.on_conflict_do_nothing().returning(group_members.c.id))
    if added is None:
        raise Taken("This person is in the group already, or about to be.", ("person",))


def _columns(group: Group) -> Columns:
    language = language_of(group.languages, group.organization_id)
    return {
        **columns.of_publication(group),
        **columns.of_place(group.place),
        "organization_id": group.organization_id,
        "parent_id": group.parent_id,
        "slug": group.slug,
        "name": group.name,
        "purpose": group.purpose,
        "description": group.description,
        "kind": group.kind,
        "languages": list(group.languages),
        "join_policy": group.join_policy,
        "links": list(group.links),
        "language": language,
        "search": document(
            language,
            (group.name, group.purpose, group.description),
            group.translations,
            TRANSLATED,
            (*group.causes, group.place.locality if group.place else None),
        ),
    }


def _record(row: Row) -> Group:
    return Group(
        **columns.publication(row),
        place=columns.place(row),
        organization_id=row["organization_id"],
        parent_id=row["parent_id"],
        slug=row["slug"],
        name=row["name"],
        purpose=row["purpose"],
        description=row["description"],
        kind=GroupKind(row["kind"]),
        languages=tuple(row["languages"]),
        join_policy=JoinPolicy(row["join_policy"]),
        links=tuple(row["links"]),
    )
