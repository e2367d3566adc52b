"""What of the city a hub has already, whoever changed it since. Only `making` adds to it."""

from dataclasses import dataclass, field, replace

from sqlalchemy import func, select, union

from domain.actors import OPERATOR, Viewer
from domain.sharing import MembershipStatus
from resolvers.context import Context
from resolvers.operating import operator_for
from storage import tables as t
from web.demo.pieces import Someone, Voice
from web.demo.writing import SYSTEM


@dataclass(frozen=True, slots=True)
class Place:
    """Where an organization stands on an event, or somebody among those who answered to it."""

    id: str
    status: str
    attended: bool | None = None


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
    events: dict[tuple[str, str], str] = field(default_factory=dict)  # by organization, name
    hosts: dict[tuple[str, str], Place] = field(default_factory=dict)  # by event, organization
    # By event, and the person's id, or the guest's address, or their name where there is none.
    answers: dict[tuple[str, str], Place] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # events that were reported on
    merged: set[str] = field(default_factory=set)  # events that were merged once, and may be still
    memberships: dict[tuple[str, str], str] = field(default_factory=dict)  # by alliance, member
    proposals: dict[tuple[str, str], str] = field(default_factory=dict)  # by alliance, title
    ballots: set[tuple[str, str]] = field(default_factory=set)  # proposal, organization
    handovers: set[str] = field(default_factory=set)  # what was ever handed over

    def organization_viewer(self, slug: str) -> Viewer:
        """Its own app."""
        return operator_for(self.organizations[slug])

    def person_viewer(self, voice: Voice, someone: Someone) -> Viewer:
        """Somebody of its team, for it; or a neighbour, for nobody."""
        organization_id = self.organizations[voice.slug]
        person_id = self.people[organization_id, someone.name]
        if someone.role is None:
            return Viewer(person_id=person_id, client_id=OPERATOR)
        return replace(operator_for(organization_id), person_id=person_id, role=someone.role)


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
    groups = select(t.groups.c.organization_id, t.groups.c.slug, t.groups.c.id).join(
        t.organizations, t.organizations.c.id == t.groups.c.organization_id
    )
    for row in await ctx.rows(groups.where(t.organizations.c.hub_id == here)):
        found.groups[row["organization_id"], row["slug"]] = row["id"]
    for row in await ctx.rows(select(t.identifiers).where(t.identifiers.c.system == SYSTEM)):
        found.events[row["organization_id"], row["value"]] = row["subject_id"]
    await _add_people(ctx, found)
    await _add_alliances(ctx, found)
    await _add_meetings(ctx, found)
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
        t.alliance_members.c.id,
        t.alliance_members.c.alliance_id,
        t.alliance_members.c.organization_id,
        t.alliance_members.c.status,
    )
    for row in await ctx.rows(members.order_by(t.alliance_members.c.id)):
        place = row["alliance_id"], row["organization_id"]
        found.memberships[place] = row["id"]
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
    proposal = t.proposals.c
    for row in await ctx.rows(select(proposal.id, proposal.alliance_id, proposal.title)):
        found.proposals[row["alliance_id"], row["title"]] = row["id"]
    ballot = t.ballots.c
    for row in await ctx.rows(select(ballot.proposal_id, ballot.organization_id)):
        found.ballots.add((row["proposal_id"], row["organization_id"]))
    for row in await ctx.rows(select(t.handovers.c.subject_id)):
        found.handovers.add(row["subject_id"])


async def _add_meetings(ctx: Context, found: Known) -> None:
    host, answer, entry = t.event_hosts.c, t.rsvps.c, t.audit_entries.c
    places = select(host.id, host.event_id, host.organization_id, host.status)
    for row in await ctx.rows(places.order_by(host.id)):
        found.hosts[row["event_id"], row["organization_id"]] = Place(row["id"], row["status"])
    who = func.coalesce(answer.person_id, answer.guest_email, answer.guest_name).label("who")
    given = select(answer.id, answer.event_id, who, answer.status, answer.attended)
    for row in await ctx.rows(given.order_by(answer.id)):
        place = Place(row["id"], row["status"], row["attended"])
        found.answers[row["event_id"], row["who"]] = place
    reported = t.events.c.report_published_at.is_not(None)
    found.told = {row["id"] for row in await ctx.rows(select(t.events.c.id).where(reported))}
    merged = select(entry.subject_id).where(entry.action == "event.merged")
    found.merged = {row["subject_id"] for row in await ctx.rows(merged)}


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
