"""Where every walk begins: four organizations that know each other in different ways.

The Pantry and the Library are known to all, the Shelter to whoever has its link, the Clinic keeps to
itself. City Table is the Pantry's to convene and decides by its convener; Harbor is the Library's,
and decides together. There are two groups, and three events: one on several dates, one with two
places that are taken, one for which people ask. All of it is made by the use cases that make it in
earnest.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain.actors import TeamRole, Viewer
from domain.alliances import AllianceRole, DecisionRule, SharingPolicy
from domain.events import JoinMode
from domain.groups import GroupRole
from domain.hubs import LocalHub
from domain.people import Contact
from domain.recurrence import Recurrence
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from resolvers import (
    alliances,
    co_hosting,
    events,
    groups,
    memberships,
    organizations,
    people,
    rsvps,
)
from resolvers.alliances import NewAgreement, NewAlliance
from resolvers.co_hosting import Wish
from resolvers.context import Context
from resolvers.events import NewEvent
from resolvers.groups import NewGroup
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from resolvers.rsvps import NewRsvp
from tests.outside import MONDAY

Make = Callable[..., Context]
OWNER, ADMIN, EDITOR = TeamRole.OWNER, TeamRole.ADMIN, TeamRole.EDITOR
TEAMS = {
    "pantry": (Visibility.PUBLIC, {"Anna": OWNER, "Ben": TeamRole.EVENT_MANAGER}),
    "shelter": (Visibility.UNLISTED, {"Dana": OWNER, "Sam": EDITOR, "Rae": ADMIN}),
    "library": (Visibility.PUBLIC, {"Lee": OWNER, "Kim": TeamRole.VIEWER}),
    "clinic": (Visibility.PRIVATE, {"Mia": OWNER, "Noor": ADMIN}),
}


class Town:
    def __init__(self, make: Make, hub: LocalHub) -> None:
        self.make, self.hub = make, hub
        self.organizations: dict[str, str] = {}
        self.people: dict[str, str] = {}

    async def build(self) -> None:
        for slug, (visibility, team) in TEAMS.items():
            await self._organization(slug, visibility, team)
        # A person may be in two teams, and in neither when they come to eat.
        await self._join_team("library", "Rae", TeamRole.VIEWER)
        city, harbor = await self._alliances()
        await self._groups(harbor)
        await self._events(city, harbor)

    async def _organization(
        self, slug: str, visibility: Visibility, team: dict[str, TeamRole]
    ) -> None:
        new = NewOrganization(
            slug=slug,
            name=f"The {slug.title()}",
            languages=("en",),
            time_zone="America/Indiana/Indianapolis",
            visibility=visibility,
        )
        self.organizations[slug] = await organizations.create(self.make(operator_for()), new)
        for name, role in team.items():
            contact = Contact(name=name, email=f"{name.lower()}@{slug}.example")
            self.people[name] = await people.create(
                self.make(operator_for()), NewPerson(display_name=name, contact=contact)
            )
            await self._join_team(slug, name, role)

    async def _join_team(self, slug: str, name: str, role: TeamRole) -> None:
        mine = self.organizations[slug]
        await organizations.add_team_member(
            self.make(operator_for(mine)), mine, self.people[name], role
        )

    async def _alliances(self) -> tuple[str, str]:
        org = self.organizations
        city = await alliances.create(
            self._for("pantry"),
            NewAlliance(
                convener_id=org["pantry"],
                slug="city-table",
                name="City Table",
                purpose="Nobody goes to bed hungry.",
                join_policy=JoinPolicy.BY_REQUEST,
                sharing=SharingPolicy(
                    Visibility.ALLIANCE, HostEditing.DETAILS, AttendeeSharing.ALL_WITH_CONSENT
                ),
            ),
        )
        await alliances.add_member(self._for("pantry"), city, org["shelter"], AllianceRole.STEWARD)
        await alliances.add_member(self._for("pantry"), city, org["clinic"])
        charter = await alliances.publish_agreement(
            self._for("pantry"), NewAgreement(alliance_id=city, title="Charter", body="We share.")
        )
        for slug, name in (("pantry", "Anna"), ("shelter", "Dana"), ("clinic", "Mia")):
            await alliances.accept_agreement(self._for(slug), charter, org[slug], self.people[name])
        harbor = await alliances.create(
            self._for("library"),
            NewAlliance(
                convener_id=org["library"],
                slug="harbor",
                name="Harbor",
                purpose="A roof for all.",
                decision_rule=DecisionRule.MAJORITY,
                join_policy=JoinPolicy.BY_REQUEST,
                visibility=Visibility.PRIVATE,
                sharing=SharingPolicy(
                    Visibility.UNLISTED, HostEditing.NONE, AttendeeSharing.REFERRED_ONLY
                ),
            ),
        )
        await alliances.add_member(self._for("library"), harbor, org["pantry"])
        await alliances.add_member(self._for("library"), harbor, org["shelter"])
        await memberships.invite(self._for("pantry"), city, org["library"])
        return city, harbor

    async def _groups(self, harbor: str) -> None:
        crew = await groups.create(
            self._for("pantry"),
            NewGroup(organization_id=self.organizations["pantry"], slug="cooks", name="Cooks"),
        )
        await groups.add_member(self._for("pantry"), crew, self.people["Ben"], GroupRole.ADMIN)
        await groups.add_member(self._for("pantry"), crew, self.people["Lee"], GroupRole.MEMBER)
        readers = await groups.create(
            self._for("library"),
            NewGroup(
                organization_id=self.organizations["library"],
                slug="readers",
                name="Readers",
                join_policy=JoinPolicy.BY_REQUEST,
                visibility=Visibility.ALLIANCE,
                share_with=(harbor,),
            ),
        )
        await groups.add_member(self._for("library"), readers, self.people["Kim"], GroupRole.ADMIN)
        self.readers = readers

    async def _events(self, city: str, harbor: str) -> None:
        walk = await self._event(
            "pantry",
            "Weekly walk",
            3,
            recurrence=Recurrence("FREQ=WEEKLY;COUNT=4"),
            visibility=Visibility.ALLIANCE,
            share_with=(city,),
        )
        await self._host_with(walk, "pantry", "shelter")
        supper = await self._event("shelter", "Supper", 2, capacity=2)
        await self._host_with(supper, "shelter", "pantry")
        for name in ("Anna", "Lee", "Kim"):
            answer = NewRsvp(event_id=supper, consent_to=(self.organizations["pantry"],))
            await rsvps.answer(self.make(self._person(name)), answer)
        await self._event(
            "library",
            "Reading circle",
            5,
            join_mode=JoinMode.APPROVAL,
            visibility=Visibility.UNLISTED,
            share_with=(harbor,),
            capacity=3,
        )
        await self._event(
            "library", "Inventory", 6, visibility=Visibility.GROUP, group_id=self.readers
        )

    async def _event(self, slug: str, title: str, days: int, **given: Any) -> str:
        starts = MONDAY + timedelta(days=days)
        new = NewEvent(
            organization_id=self.organizations[slug],
            title=title,
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            time_zone="America/Indiana/Indianapolis",
            **given,
        )
        return await events.create(self._for(slug), new)

    async def _host_with(self, event: str, host: str, partner: str) -> None:
        wish = Wish(event_id=event, organization_id=self.organizations[partner])
        place = await co_hosting.ask(self._for(host), wish)
        await co_hosting.respond(self._for(partner), place, accept=True)

    def _for(self, slug: str) -> Context:
        return self.make(operator_for(self.organizations[slug]))

    def _person(self, name: str) -> Viewer:
        slug = next(slug for slug, (_, team) in TEAMS.items() if name in team)
        return Viewer(
            organization_id=self.organizations[slug],
            person_id=self.people[name],
            role=TEAMS[slug][1][name],
            client_id="app",
        )
