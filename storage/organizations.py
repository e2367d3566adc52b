"""Organizations and their teams, as rows."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.actors import TeamRole
from domain.errors import Taken
from domain.organizations import TRANSLATED, Organization
from domain.words import say
from storage import columns
from storage.columns import Columns, Row
from storage.engine import Reading, Writing
from storage.searching import document, language_of
from storage.tables import organizations, team_members


async def by_id(db: Reading, organization_id: str) -> Organization | None:
    found = await db.execute(select(organizations).where(organizations.c.id == organization_id))
    row = found.mappings().one_or_none()
    return None if row is None else _record(row)


async def add(db: Writing, organization: Organization) -> None:
    if not await columns.add(db, organizations, _columns(organization), "hub_id", "slug"):
        raise Taken(
            say(
                "%(slug)s is another organization's slug on this hub; choose another.",
                slug=f"{organization.slug!r}",
            ),
            ("slug",),
        )


async def keep(db: Writing, organization: Organization, seen: int) -> None:
    await columns.keep(db, organizations, _columns(organization), seen)


async def add_team_member(
    db: Writing, member_id: str, organization_id: str, person_id: str, role: TeamRole, at: datetime
) -> None:
    adding = insert(team_members).values(
        id=member_id, organization_id=organization_id, person_id=person_id, role=role, since=at
    )
    added = await db.scalar(adding.on_conflict_do_nothing().returning(team_members.c.id))
    if added is None:
        raise Taken("This person is in the organization's team already.", ("person",))


def _columns(organization: Organization) -> Columns:
    language = language_of(organization.languages, None)
    place = organization.place
    return {
        **columns.of_publication(organization),
        **columns.of_place(place),
        **columns.of_contact(organization.contact),
        "slug": organization.slug,
        "name": organization.name,
        "summary": organization.summary,
        "description": organization.description,
        "website": organization.website,
        "languages": list(organization.languages),
        "time_zone": organization.time_zone,
        "is_verified": organization.is_verified,
        "language": language,
        "search": document(
            language,
            (organization.name, organization.summary, organization.description),
            organization.translations,
            TRANSLATED,
            (*organization.causes, place.locality if place else None, organization.slug),
        ),
    }


def _record(row: Row) -> Organization:
    return Organization(
        **columns.publication(row),
        place=columns.place(row),
        contact=columns.contact(row),
        slug=row["slug"],
        name=row["name"],
        summary=row["summary"],
        description=row["description"],
        website=row["website"],
        languages=tuple(row["languages"]),
        time_zone=row["time_zone"],
        is_verified=row["is_verified"],
    )
