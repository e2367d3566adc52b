"""Founding organizations, and changing what they say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from domain import identifiers, organizations, policy
from domain.actors import TeamRole
from domain.changes import given, require_current
from domain.errors import NotFound
from domain.identifiers import Identifier
from domain.ids import Kind
from domain.organizations import Organization
from domain.people import Contact, require_at_home
from domain.places import Place
from domain.sharing import Visibility
from resolvers import co_hosting, people
from resolvers.audit import note
from resolvers.context import Context
from storage import identifiers as stored_identifiers
from storage import organizations as stored
from storage import reach
from storage.engine import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    slug: str
    name: str
    summary: str | None = None
    description: str | None = None
    website: str | None = None
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    time_zone: str
    place: Place | None = None
    contact: Contact | None = None
    visibility: Visibility = Visibility.PUBLIC
    identifiers: tuple[Identifier, ...] = ()


class OrganizationChanges(TypedDict, total=False):
    """The fields that were given; None empties one, where it may be empty."""

    name: str | None
    summary: str | None
    description: str | None
    website: str | None
    causes: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    time_zone: str | None
    place: Place | None
    contact: Contact | None
    visibility: Visibility | None


_EMPTIED: Mapping[str, object] = {
    "summary": None,
    "description": None,
    "website": None,
    "causes": (),
    "languages": (),
    "place": None,
    "contact": None,
}


async def create(ctx: Context, new: NewOrganization) -> str:
    """The organization's id. The person who founds it is its owner."""
    policy.require_founding(ctx.viewer)
    now = ctx.clock.now()
    organization = organizations.checked(
        Organization(
            id=ctx.names.new(Kind.ORGANIZATION),
            hub_id=ctx.hub.id,
            slug=new.slug,
            name=new.name,
            summary=new.summary,
            description=new.description,
            website=new.website,
            causes=new.causes,
            languages=new.languages,
            time_zone=new.time_zone,
            place=new.place,
            contact=new.contact,
            visibility=new.visibility,
            created_at=now,
            updated_at=now,
        )
    )
    names = identifiers.checked(new.identifiers)
    async with ctx.writing() as db:
        await stored.add(db, organization)
        await stored_identifiers.add(db, organization.id, organization.id, names)
        await note(ctx, db, "organization.created", organization.id)
        if ctx.viewer.person_id is not None:
            await _join_team(ctx, db, organization.id, ctx.viewer.person_id, TeamRole.OWNER)
    return organization.id


async def update(
    ctx: Context, organization_id: str, version: int, changes: OrganizationChanges
) -> str:
    """The organization's id; `Stale` where `version` is not its version any more."""
    async with ctx.writing() as db:
        thing = await reach.organization(db, organization_id, lock=True)
        policy.require_organization_edit(ctx.viewer, thing)
        before = await stored.by_id(db, organization_id)
        if before is None:
            raise NotFound("There is no such organization.", ("id",))
        require_current(before.version, version)
        after = organizations.checked(
            replace(
                before,
                **given(changes, _EMPTIED),
                version=version + 1,
                updated_at=ctx.clock.now(),
            )
        )
        await stored.keep(db, after, seen=version)
        if after.visibility is not before.visibility:
            await co_hosting.let_go_of_all(ctx, db, organization_id)
        await note(ctx, db, "organization.updated", organization_id, changes)
    return organization_id


async def add_team_member(
    ctx: Context, organization_id: str, person_id: str, role: TeamRole
) -> str:
    """The team member's id. For the operator, until people can be invited."""
    policy.require_operator(ctx.viewer)
    async with ctx.writing() as db:
        thing = await reach.organization(db, organization_id)
        policy.require_organization_edit(ctx.viewer, thing)
        await people.require(db, person_id)
        require_at_home(person_id, ctx.hub.authority, ("person",))
        return await _join_team(ctx, db, organization_id, person_id, role)


async def _join_team(
    ctx: Context, db: Writing, organization_id: str, person_id: str, role: TeamRole
) -> str:
    member_id = ctx.names.new(Kind.TEAM_MEMBER)
    await stored.add_team_member(db, member_id, organization_id, person_id, role, ctx.clock.now())
    await note(ctx, db, "organization.team_member_added", member_id, part_of=organization_id)
    return member_id
