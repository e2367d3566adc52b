"""Puts into a hub what of the city it lacks, through the use cases that make it in earnest.

What is there already stays as it is, also where people changed it: so an interrupted start goes
on where it stopped, a second one adds nothing, and one on a later day adds the weeks to come.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from domain.alliances import AllianceRole
from domain.errors import Problem
from domain.groups import GroupRole
from resolvers import alliances, co_hosting, events, groups, organizations, people
from resolvers.alliances import NewAgreement
from resolvers.operating import operator_for
from web.demo import meeting, writing
from web.demo.asking import Asking
from web.demo.coalition import PACTS
from web.demo.gatherings import GATHERINGS, Gathering
from web.demo.known import Known, known, shared_by
from web.demo.meeting import Meeting
from web.demo.moments import FOUNDED, Contexts, last_month, nth
from web.demo.pieces import Charter, Circle, Pact, Someone, Voice
from web.demo.schedule import Planned, planned
from web.demo.voices import VOICES

GROUP_ROLES = (GroupRole.ADMIN, GroupRole.CREW, GroupRole.MEMBER, GroupRole.MEMBER)

AT_A_TIME = 3
A_DAY = timedelta(days=1)
NOON = time(12, tzinfo=UTC)
NEW_VERSION = timedelta(days=5)  # ago: members have thirty days to accept it

Thing = TypeVar("Thing")


@dataclass
class Making:
    contexts: Contexts
    known: Known
    now: datetime
    advance: Callable[[], None]
    added: int = 0
    minutes: int = 0  # since the city was founded
    # What could not be made of what people left of the city, and why.
    left_out: list[str] = field(default_factory=list)
    # By organization, the alliances that it may share with, by slug.
    shared: dict[str, dict[str, str]] = field(default_factory=dict)

    async def organization(self, voice: Voice) -> None:
        if voice.slug not in self.known.organizations:
            async with self.contexts(operator_for(), self.founding()) as ctx:
                made = await organizations.create(ctx, writing.organization(voice))
            self.known.organizations[voice.slug] = made
            self.added += 1
        organization_id = self.known.organizations[voice.slug]
        for someone in voice.people:
            if someone.role is not None:
                person_id = await self.person(voice, someone)
                if (organization_id, person_id) not in self.known.team:
                    async with self.contexts(operator_for(organization_id), self.founding()) as ctx:
                        await organizations.add_team_member(
                            ctx, organization_id, person_id, someone.role
                        )
        self.advance()

    async def person(self, voice: Voice, someone: Someone) -> str:
        place = self.known.organizations[voice.slug], someone.name
        if place not in self.known.people:
            async with self.contexts(operator_for(), self.founding()) as ctx:
                made = await people.create(ctx, writing.person(voice, someone))
            self.known.people[place] = made
        return self.known.people[place]

    async def alliance(self, pact: Pact) -> None:
        convener_id = self.known.organizations[pact.convener]
        if pact.slug not in self.known.alliances:
            async with self.contexts(operator_for(convener_id), self.founding()) as ctx:
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
            async with self.contexts(operator_for(convener_id), self.founding()) as ctx:
                await alliances.add_member(ctx, alliance_id, organization_id, role)
            self.known.in_alliances[alliance_id, organization_id] = True

    async def charter(self, pact: Pact, convener_id: str, charter: Charter) -> None:
        alliance_id = self.known.alliances[pact.slug]
        for number, body in enumerate(charter.versions, 1):
            name = alliance_id, charter.title, number
            newest = number == len(charter.versions)
            at = self.now - NEW_VERSION if newest and number > 1 else self.founding() + A_DAY
            if name not in self.known.agreements:
                new = NewAgreement(
                    alliance_id=alliance_id,
                    title=charter.title,
                    body=body,
                    language="en",
                    required=charter.required,
                )
                async with self.contexts(operator_for(convener_id), at) as ctx:
                    self.known.agreements[name] = await alliances.publish_agreement(ctx, new)
            for slug in (pact.convener, *pact.members):
                if not (newest and slug in charter.late):
                    agreement_id = self.known.agreements[name]
                    await self.acceptance(alliance_id, agreement_id, slug, at + A_DAY)

    async def acceptance(
        self, alliance_id: str, agreement_id: str, slug: str, at: datetime
    ) -> None:
        organization_id = self.known.organizations[slug]
        active = self.known.in_alliances.get((alliance_id, organization_id), False)
        if active and (agreement_id, organization_id) not in self.known.accepted:
            voice = next(voice for voice in VOICES if voice.slug == slug)
            person_id = await self.person(voice, voice.people[0])
            async with self.contexts(operator_for(organization_id), at) as ctx:
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
        async with self.contexts(operator_for(organization_id), self.begun(circle)) as ctx:
            self.known.groups[organization_id, circle.slug] = await groups.create(ctx, new)
        self.added += 1

    async def group_member(
        self, voice: Voice, circle: Circle, someone: Someone, role: GroupRole
    ) -> None:
        organization_id = self.known.organizations[voice.slug]
        group_id = self.known.groups[organization_id, circle.slug]
        person_id = await self.person(voice, someone)
        if (group_id, person_id) not in self.known.in_groups:
            async with self.contexts(operator_for(organization_id), self.begun(circle)) as ctx:
                await groups.add_member(ctx, group_id, person_id, role)
            self.known.in_groups.add((group_id, person_id))

    def founding(self) -> datetime:
        """A minute after the one before: lists keep the order in which things were made."""
        self.minutes += 1
        return self.now - FOUNDED + timedelta(minutes=self.minutes)

    def begun(self, circle: Circle) -> datetime:
        """The new ones on the first Tuesday of last month."""
        if not circle.is_new:
            return self.founding()
        day = nth(last_month(self.now)[0], 1, 1)
        return datetime.combine(day, NOON)

    async def events_of(self, voice: Voice, wanted: list[Planned]) -> None:
        """All of an organization's in one transaction: it is one afternoon's work of its staff."""
        organization_id = self.known.organizations[voice.slug]
        missing = [one for one in wanted if (organization_id, one.name) not in self.known.events]
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
                self.known.events[organization_id, one.name] = event_id
                for slug in one.piece.beside:
                    beside = self.known.organizations[slug]
                    await co_hosting.add_by_operator(ctx, db, event_id, beside)
                self.added += 1
                self.advance()

    async def gathering(self, gathering: Gathering) -> None:
        meeting = Meeting(self.contexts, self.known, self.shared, self.now, gathering)
        await self.if_possible(f"the gathering {gathering.key}", meeting.hold())
        self.added += meeting.added
        self.advance()

    async def if_possible(self, what: str, made: Awaitable[None]) -> None:
        """People may have changed the city since: somebody left an alliance, an event was called
        off. Then this is left out, and the rest is made."""
        try:
            await made
        except Problem as problem:
            self.left_out.append(f"{what}: {problem.message}")


def steps(wanted: list[Planned]) -> int:
    """How often `fill` calls `advance`."""
    circles = sum(len(voice.circles) for voice in VOICES)
    return len(VOICES) + len(PACTS) + circles + len(wanted) + len(GATHERINGS)


async def fill(
    contexts: Contexts, now: datetime, wanted: list[Planned], advance: Callable[[], None]
) -> Making:
    """Makes what is missing; `added` says how many organizations, groups, events and alliances."""
    async with contexts(operator_for()) as ctx:
        making = Making(contexts, await known(ctx), now, advance)
    for voice in VOICES:
        await making.organization(voice)
    for pact in PACTS:
        await making.alliance(pact)
    async with contexts(operator_for()) as ctx:
        making.shared = await shared_by(ctx, making.known)

    async def published(voice: Voice) -> None:
        await making.groups_of(voice)
        await making.events_of(voice, [one for one in wanted if one.voice is voice])

    await in_turns(published, VOICES)
    await in_turns(making.gathering, GATHERINGS)
    merged = meeting.merge(contexts, making.known, now)
    await making.if_possible("one event entered twice", merged)
    for what, asked in Asking(contexts, making.known, now).steps():
        await making.if_possible(what, asked)
    return making


async def settle(
    contexts: Contexts, now: datetime, voices: Sequence[Voice], allied: Mapping[str, str]
) -> Making:
    """The same for a hub around the city: its organizations, groups and events. Those that are for an
    alliance wait until it is among `allied`, by slug, which theirs are members of."""
    async with contexts(operator_for()) as ctx:
        making = Making(contexts, await known(ctx), now, lambda: None)
    for voice in voices:
        await making.organization(voice)
    making.shared = {making.known.organizations[voice.slug]: dict(allied) for voice in voices}
    wanted = [one for one in planned(now, voices) if allied.keys() >= set(one.piece.share)]
    for voice in voices:
        await making.groups_of(voice)
        await making.events_of(voice, [one for one in wanted if one.voice is voice])
    return making


async def in_turns(do: Callable[[Thing], Awaitable[None]], things: Iterable[Thing]) -> None:
    """Organizations do not wait for one another: the database works on one's while we put together
    the next one's."""
    turns = asyncio.Semaphore(AT_A_TIME)

    async def in_turn(thing: Thing) -> None:
        async with turns:
            await do(thing)

    try:
        async with asyncio.TaskGroup() as tasks:
            for thing in things:
                tasks.create_task(in_turn(thing))
    except ExceptionGroup as several:  # the first says what is wrong, as it does elsewhere
        raise several.exceptions[0] from None
