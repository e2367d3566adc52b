"""What of the city a hub has already, whoever changed it since. Only `making` adds to it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select, union

from domain.actors import Viewer
from domain.sharing import MembershipStatus
from resolvers.context import Context
from storage import tables as t
from web.demo.writing import SYSTEM

Contexts = Callable[[Viewer], Context]


@dataclass(slots=True)
class Known:
    """Ids by the names that the demo gives; and who is in what, whatever became of it since."""

    organizations: dict[str, str] = field(default_factory=dict)  # by slug
    alliances: dict[str, str] = field(default_factory=dict)  # by slug
    groups: dict[tuple[str, str], str] = field(default_factory=dict)  # by organization, slug
    people: dict[tuple[str, str], str] = field(default_factory=dict)  # by organization, name
    team: set[tuple[str, str]] = field(default_factory=set)  # organization, person
    in_groups: set[tuple[str, str]] = field(default_factory=set)  # group, person
    in_alliances: dict[tuple[str, str], bool] = field(default_factory=dict)  # is it in today?
    agreements: dict[tuple[str, str, int], str] = field(default_factory=dict)
    accepted: set[tuple[str, str]] = field(default_factory=set)  # agreement, organization
    events: set[tuple[str, str]] = field(default_factory=set)  # organization, number


async def known(ctx: Context) -> Known:
    here = select(t.hubs.c.id).where(t.hubs.c.is_local).scalar_subquery()
    found = Known()
    for row in await ctx.rows(
        select(t.organizations.c.slug, t.organizations.c.id).where(t.organizations.c.hub_id == here)
    ):
        found.organizations[row["slug"]] = row["id"]
    for row in await ctx.rows(
        select(t.alliances.c.slug, t.alliances.c.id).where(t.alliances.c.hub_id == here)
    ):
        found.alliances[row["slug"]] = row["id"]
    for row in await ctx.rows(select(t.groups.c.organization_id, t.groups.c.slug, t.groups.c.id)):
        found.groups[row["organization_id"], row["slug"]] = row["id"]
    for row in await ctx.rows(select(t.identifiers).where(t.identifiers.c.system == SYSTEM)):
        found.events.add((row["organization_id"], row["value"]))
    await _add_people(ctx, found)
    await _add_alliances(ctx, found)
    return found


async def _add_people(ctx: Context, found: Known) -> None:
    team = select(t.team_members.c.organization_id, t.team_members.c.person_id)
    for row in await ctx.rows(team):
        found.team.add((row["organization_id"], row["person_id"]))
    members = select(t.group_members.c.group_id, t.group_members.c.person_id)
    for row in await ctx.rows(members):
        found.in_groups.add((row["group_id"], row["person_id"]))
    in_groups = select(t.groups.c.organization_id, t.group_members.c.person_id).join(
        t.groups, t.groups.c.id == t.group_members.c.group_id
    )
    around = union(team, in_groups).subquery()
    named = select(around.c.organization_id, t.persons.c.display_name, t.persons.c.id).join(
        t.persons, t.persons.c.id == around.c.person_id
    )
    for row in await ctx.rows(named):
        found.people[row["organization_id"], row["display_name"]] = row["id"]


async def _add_alliances(ctx: Context, found: Known) -> None:
    members = select(
        t.alliance_members.c.alliance_id,
        t.alliance_members.c.organization_id,
        t.alliance_members.c.status,
    )
    for row in await ctx.rows(members):
        place = row["alliance_id"], row["organization_id"]
        is_in = row["status"] in {MembershipStatus.ACTIVE, MembershipStatus.PENDING_AGREEMENT}
        found.in_alliances[place] = is_in or found.in_alliances.get(place, False)
    for row in await ctx.rows(
        select(
            t.agreements.c.alliance_id,
            t.agreements.c.title,
            t.agreements.c.version_number,
            t.agreements.c.id,
        )
    ):
        found.agreements[row["alliance_id"], row["title"], row["version_number"]] = row["id"]
    for row in await ctx.rows(
        select(t.agreement_acceptances.c.agreement_id, t.agreement_acceptances.c.organization_id)
    ):
        found.accepted.add((row["agreement_id"], row["organization_id"]))


async def shared_by(ctx: Context, found: Known) -> dict[str, dict[str, str]]:
    """By organization, the alliances that it may share with today, by slug: one that let an
    agreement's time go by, or has left, shares nothing."""
    member = t.alliance_members
    active = select(member.c.alliance_id, member.c.organization_id).where(
        member.c.status == MembershipStatus.ACTIVE
    )
    slugs = {alliance_id: slug for slug, alliance_id in found.alliances.items()}
    shared: dict[str, dict[str, str]] = {}
    for row in await ctx.rows(active):
        if row["alliance_id"] in slugs:
            with_these = shared.setdefault(row["organization_id"], {})
            with_these[slugs[row["alliance_id"]]] = row["alliance_id"]
    return shared
