"""Puts into a hub what of the city it lacks, through the use cases that make it in earnest.

What is there already stays as it is, also where people changed it: so an interrupted start goes
on where it stopped, a second one adds nothing, and one on a later day adds the weeks to come.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.alliances import AllianceRole
from domain.groups import GroupRole
from resolvers import alliances, co_hosting, events, groups, organizations, people
from resolvers.alliances import NewAgreement
from resolvers.operating import operator_for
from web.demo import writing
from web.demo.coalition import PACTS
from web.demo.known import Contexts, Known, known, shared_by
from web.demo.pieces import Charter, Circle, Pact, Someone, Voice
from web.demo.schedule import Planned
from web.demo.voices import VOICES

GROUP_ROLES = (GroupRole.ADMIN, GroupRole.CREW, GroupRole.MEMBER, GroupRole.MEMBER)

AT_A_TIME = 3


@dataclass
class Making:
    contexts: Contexts
    known: Known
    advance: Callable[[], None]
    added: int = 0
    # By organization, the alliances that it may share with, by slug.
    shared: dict[str, dict[str, str]] = field(default_factory=dict)

    async def organization(self, voice: Voice) -> None:
        if voice.slug not in self.known.organizations:
            async with self.contexts(operator_for()) as ctx:
                made = await organizations.create(ctx, writing.organization(voice))
            self.known.organizations[voice.slug] = made
            self.added += 1
        organization_id = self.known.organizations[voice.slug]
        for someone in voice.people:
            if someone.role is not None:
                person_id = await self.person(voice, someone)
                if (organization_id, person_id) not in self.known.team:
                    async with self.contexts(operator_for(organization_id)) as ctx:
                        await organizations.add_team_member(
                            ctx, organization_id, person_id, someone.role
                        )
        self.advance()

    async def person(self, voice: Voice, someone: Someone) -> str:
        place = self.known.organizations[voice.slug], someone.name
        if place not in self.known.people:
            async with self.contexts(operator_for()) as ctx:
                made = await people.create(ctx, writing.person(voice, someone))
            self.known.people[place] = made
        return self.known.people[place]

    async def alliance(self, pact: Pact) -> None:
        convener_id = self.known.organizations[pact.convener]
        if pact.slug not in self.known.alliances:
            async with self.contexts(operator_for(convener_id)) as ctx:
                made = await alliances.create(ctx, writing.alliance(pact, convener_id))
            self.known.alliances[pact.slug] = made
            self.known.in_alliances[made, convener_id] = True
            self.added += 1
        for slug, role in pact.members.items():
            await self.member(pact, convener_id, self.known.organizations[slug], role)
        for charter in pact.charters:
            await self.charter(pact, convener_id, charter)
        self.advance()

    async def member(
        self, pact: Pact, convener_id: str, organization_id: str, role: AllianceRole
    ) -> None:
        alliance_id = self.known.alliances[pact.slug]
        if (alliance_id, organization_id) not in self.known.in_alliances:
            async with self.contexts(operator_for(convener_id)) as ctx:
                await alliances.add_member(ctx, alliance_id, organization_id, role)
            self.known.in_alliances[alliance_id, organization_id] = True

    async def charter(self, pact: Pact, convener_id: str, charter: Charter) -> None:
        alliance_id = self.known.alliances[pact.slug]
        for number, body in enumerate(charter.versions, 1):
            name = alliance_id, charter.title, number
            if name not in self.known.agreements:
                new = NewAgreement(
                    alliance_id=alliance_id,
                    title=charter.title,
                    body=body,
                    language="en",
                    required=charter.required,
                )
                async with self.contexts(operator_for(convener_id)) as ctx:
                    self.known.agreements[name] = await alliances.publish_agreement(ctx, new)
            newest = number == len(charter.versions)
            for slug in (pact.convener, *pact.members):
                if not (newest and slug in charter.late):
                    await self.acceptance(alliance_id, self.known.agreements[name], slug)

    async def acceptance(self, alliance_id: str, agreement_id: str, slug: str) -> None:
        organization_id = self.known.organizations[slug]
        active = self.known.in_alliances.get((alliance_id, organization_id), False)
        if active and (agreement_id, organization_id) not in self.known.accepted:
            voice = next(voice for voice in VOICES if voice.slug == slug)
            person_id = await self.person(voice, voice.people[0])
            async with self.contexts(operator_for(organization_id)) as ctx:
                await alliances.accept_agreement(ctx, agreement_id, organization_id, person_id)

    async def groups_of(self, voice: Voice) -> None:
        for order, circle in enumerate(voice.circles):
            await self.group(voice, circle)
            for rank, role in enumerate(GROUP_ROLES):
                someone = voice.people[(order + rank) % len(voice.people)]
                await self.group_member(voice, circle, someone, role)
            self.advance()

    async def group(self, voice: Voice, circle: Circle) -> None:
        organization_id = self.known.organizations[voice.slug]
        if (organization_id, circle.slug) in self.known.groups:
            return
        parent = circle.parent and self.known.groups[organization_id, circle.parent]
        shared = self.shared.get(organization_id, {})
        shared_with = [shared[slug] for slug in circle.share if slug in shared]
        new = writing.group(circle, voice, organization_id, parent or None, shared_with)
        async with self.contexts(operator_for(organization_id)) as ctx:
            self.known.groups[organization_id, circle.slug] = await groups.create(ctx, new)
        self.added += 1

    async def group_member(
        self, voice: Voice, circle: Circle, someone: Someone, role: GroupRole
    ) -> None:
        organization_id = self.known.organizations[voice.slug]
        group_id = self.known.groups[organization_id, circle.slug]
        person_id = await self.person(voice, someone)
        if (group_id, person_id) not in self.known.in_groups:
            async with self.contexts(operator_for(organization_id)) as ctx:
                await groups.add_member(ctx, group_id, person_id, role)

    async def events_of(self, voice: Voice, wanted: list[Planned]) -> None:
        """All of an organization's in one transaction: it is one afternoon's work of its staff."""
        organization_id = self.known.organizations[voice.slug]
        missing = [
            one for one in wanted if (organization_id, str(one.number)) not in self.known.events
        ]
        for _ in range(len(wanted) - len(missing)):
            self.advance()
        if not missing:
            return
        shared = self.shared.get(organization_id, {})
        async with self.contexts(operator_for(organization_id)) as ctx, ctx.writing() as db:
            for one in missing:
                group = one.piece.group
                group_id = self.known.groups[organization_id, group] if group else None
                new = writing.event(one, organization_id, group_id, shared)
                event_id = await events.add(ctx, db, new)
                for slug in one.piece.beside:
                    beside = self.known.organizations[slug]
                    await co_hosting.add_by_operator(ctx, db, event_id, beside)
                self.added += 1
                self.advance()


def steps(wanted: list[Planned]) -> int:
    """How often `fill` calls `advance`."""
    return len(VOICES) + len(PACTS) + sum(len(voice.circles) for voice in VOICES) + len(wanted)


async def fill(contexts: Contexts, wanted: list[Planned], advance: Callable[[], None]) -> Making:
    """Makes what is missing; `added` says how many organizations, groups, events and alliances."""
    async with contexts(operator_for()) as ctx:
        making = Making(contexts, await known(ctx), advance)
    for voice in VOICES:
        await making.organization(voice)
    for pact in PACTS:
        await making.alliance(pact)
    async with contexts(operator_for()) as ctx:
        making.shared = await shared_by(ctx, making.known)
    # Organizations do not wait for one another: the database works on one's while we put together
    # the next one's.
    turns = asyncio.Semaphore(AT_A_TIME)

    async def published(voice: Voice) -> None:
        async with turns:
            await making.groups_of(voice)
            await making.events_of(voice, [one for one in wanted if one.voice is voice])

    try:
        async with asyncio.TaskGroup() as tasks:
            for voice in VOICES:
                tasks.create_task(published(voice))
    except ExceptionGroup as several:  # the first says what is wrong, as it does elsewhere
        raise several.exceptions[0] from None
    return making
