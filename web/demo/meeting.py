"""Makes the gatherings of a month as they would have come about: announced, hosted with others,
answered to, changed, and written down afterwards. Each step is taken once, at its own time.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from domain.actors import NOBODY, Viewer
from domain.events import EventHostStatus
from domain.rsvps import CANCELLED, NEEDS_ACTION
from resolvers import (
    attendee_sheets,
    check_in,
    co_hosting,
    events,
    guests,
    merging,
    reports,
    rsvps,
)
from resolvers.attendee_sheets import Ticked
from resolvers.co_hosting import Wish
from resolvers.events import EventChanges
from resolvers.rsvps import NewRsvp
from storage import tables as t
from web.demo import writing
from web.demo.gatherings import DUPLICATE, STAYS, Gathering, Recorded, neighbours
from web.demo.known import Known, Place
from web.demo.moments import Contexts
from web.demo.schedule import Planned
from web.demo.voices import VOICES

ANNOUNCED, AT_LEAST = timedelta(days=20), timedelta(days=12)  # before the day; ago
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
_LINK = re.compile(r"/rsvp/confirm\?token=(\S+)")


@dataclass
class Meeting:
    contexts: Contexts
    known: Known
    shared: dict[str, dict[str, str]]  # by organization, the alliances that it may share with
    now: datetime
    gathering: Gathering
    planned: Planned = field(init=False)
    announced: datetime = field(init=False)
    event_id: str = ""
    added: int = 0

    def __post_init__(self) -> None:
        self.planned = self.gathering.planned(self.now)
        self.announced = min(self.planned.starts_at - ANNOUNCED, self.now - AT_LEAST)

    async def hold(self) -> None:
        await self.announce()
        if list(self.known.events.values()).count(self.event_id) > 1:
            return  # what was merged into another goes by that one's id
        await self.host_together()
        await self.answer()
        await self.change()
        await self.write_down()

    async def announce(self) -> None:
        organization_id = self.known.organizations[self.gathering.host]
        name = organization_id, self.planned.name
        if name not in self.known.events:
            group = self.gathering.piece.group
            group_id = self.known.groups[organization_id, group] if group else None
            shared = self.shared.get(organization_id, {})
            new = writing.event(self.planned, organization_id, group_id, shared)
            async with self.contexts(self.host, self.announced) as ctx:
                self.known.events[name] = await events.create(ctx, new)
            self.added += 1
        self.event_id = self.known.events[name]

    @property
    def host(self) -> Viewer:
        return staff(self.known, self.gathering.host)

    async def host_together(self) -> None:
        """Those beside it accept on the next day; those invited have not answered yet."""
        asked_at = self.announced + A_DAY
        for slug in (*self.gathering.piece.beside, *self.gathering.invited):
            asked_at += AN_HOUR
            place = self.known.organizations[slug]
            if (self.event_id, place) not in self.known.hosts:
                message = self.gathering.asks if slug in self.gathering.invited else None
                wish = Wish(event_id=self.event_id, organization_id=place, message=message)
                async with self.contexts(self.host, asked_at) as ctx:
                    made = await co_hosting.ask(ctx, wish)
                self.known.hosts[self.event_id, place] = Place(made, EventHostStatus.INVITED)
        for slug in self.gathering.piece.beside:
            there = self.known.hosts[self.event_id, self.known.organizations[slug]]
            if there.status == EventHostStatus.INVITED:
                async with self.contexts(staff(self.known, slug), asked_at + A_DAY) as ctx:
                    await co_hosting.respond(ctx, there.id, accept=True)

    # ── answers ──────────────────────────────────────────────────────────────────────────────

    async def answer(self) -> None:
        """One after the other, so that each time the same ones wait for a place."""
        at = self.announced + 3 * A_DAY
        for viewer, new in (*self.of_neighbours(), *self.of_guests()):
            who = new.guest_email or new.guest_name or viewer.person_id or ""
            given = self.known.answers.get((self.event_id, who))
            if given is None or given.status == NEEDS_ACTION:  # interrupted before it was confirmed
                async with self.contexts(viewer, at) as ctx:
                    answered = await rsvps.answer(ctx, new)
                if answered is None:  # a letter asks the guest first
                    answered = await self.confirm(who, at)
                self.known.answers[self.event_id, who] = Place(answered, "")
            at += 2 * AN_HOUR
        for viewer, _ in self.of_neighbours()[: self.gathering.gave_up]:
            given = self.known.answers[self.event_id, viewer.person_id or ""]
            if given.status != CANCELLED:
                async with self.contexts(viewer, self.announced + 11 * A_DAY) as ctx:
                    await rsvps.cancel(ctx, given.id)

    def of_neighbours(self) -> list[tuple[Viewer, NewRsvp]]:
        """Who belongs to a co-host came through it, and lets it know."""
        found = []
        people = neighbours()
        for voice, someone in (people[number] for number in self.gathering.neighbours):
            through = self.known.organizations[voice.slug]
            is_beside = voice.slug in self.gathering.piece.beside
            new = self.yes(through if is_beside else None)
            found.append((self.known.person_viewer(voice, someone), new))
        return found

    def of_guests(self) -> list[tuple[Viewer, NewRsvp]]:
        of = self.gathering
        first = self.known.organizations[of.piece.beside[0]] if of.piece.beside else None
        found = []
        for number, name in enumerate(of.by_mail):
            new = self.yes(first if number < of.sent else None, name, address(name))
            found.append((NOBODY, new))
        return [*found, *((self.host, self.yes(None, name)) for name in of.written_down)]

    def yes(
        self, through: str | None, name: str | None = None, email: str | None = None
    ) -> NewRsvp:
        return NewRsvp(
            event_id=self.event_id,
            guest_name=name,
            guest_email=email,
            referred_by_id=through,
            consent_to=(through,) if through else None,
        )

    async def confirm(self, email: str, written_at: datetime) -> str:
        """The guest opens the letter and follows its link; the id of their answer."""
        letter, answer = t.outgoing_mail.c, t.rsvps.c
        to_them = select(letter.text).where(
            letter.to == email,
            letter.created_at == written_at,
            letter.subject.contains(self.planned.piece.title, autoescape=True),
        )
        theirs = select(answer.id).where(
            answer.event_id == self.event_id, answer.guest_email == email
        )
        async with self.contexts(NOBODY, written_at + AN_HOUR / 2) as ctx:
            links = [_LINK.search(row["text"]) for row in await ctx.rows(to_them)]
            await guests.confirm(ctx, [link[1] for link in links if link][-1])
            (given,) = await ctx.rows(theirs)
        return str(given["id"])

    async def change(self) -> None:
        """A co-host adds the event in another language, which its place lets it."""
        of = self.gathering
        if not of.added:
            return
        event = t.events.c
        here = select(event.version, event.translations).where(event.id == self.event_id)
        editor = staff(self.known, of.piece.beside[0])
        async with self.contexts(editor, self.announced + 7 * A_DAY) as ctx:
            (as_it_is,) = await ctx.rows(here)
            if not as_it_is["translations"]:
                words = {
                    language: {"title": title, "description": text}
                    for language, (title, text) in of.added.items()
                }
                changes = EventChanges(translations=words)
                await events.update(ctx, self.event_id, as_it_is["version"], changes)

    # ── who was there ────────────────────────────────────────────────────────────────────────

    async def write_down(self) -> None:
        match self.gathering.recorded:
            case Recorded.AT_THE_DOOR:
                await self.at_the_door()
            case Recorded.ON_A_SHEET:
                await self.on_a_sheet()
        if self.gathering.report and self.event_id not in self.known.told:
            async with self.contexts(self.host, self.planned.starts_at + A_DAY) as ctx:
                await reports.report(ctx, self.event_id, *self.gathering.report)

    @property
    def absent(self) -> set[str]:
        """The ids of the answers of those who stayed away."""
        people = self.of_neighbours()
        gone = people[len(people) - self.gathering.stayed_away :]
        return {self.known.answers[self.event_id, one.person_id or ""].id for one, _ in gone}

    async def at_the_door(self) -> None:
        """All in one transaction: it is one evening at one table."""
        unsaid = [
            given.id
            for (event_id, _), given in self.known.answers.items()
            if event_id == self.event_id and given.attended is None
        ]
        if unsaid:
            async with (
                self.contexts(self.host, self.planned.starts_at + AN_HOUR) as ctx,
                ctx.writing() as db,
            ):
                for rsvp_id in unsaid:
                    await check_in.say(ctx, db, rsvp_id, attended=rsvp_id not in self.absent)

    async def on_a_sheet(self) -> None:
        """Typed in two days later, with the names that were added by hand."""
        walked_in = [
            name
            for name in self.gathering.walked_in
            if (self.event_id, name) not in self.known.answers
        ]
        async with self.contexts(self.host, self.planned.starts_at + 2 * A_DAY) as ctx:
            sheet = await attendee_sheets.sheet(ctx, self.event_id)
            printed = [line for line in sheet.lines if line.attended is None]
            ticked = [
                Ticked(number, line.name, line.rsvp_id not in self.absent, line.rsvp_id)
                for number, line in enumerate(printed, 1)
            ] + [Ticked(len(printed) + n, name, True) for n, name in enumerate(walked_in, 1)]
            done = await attendee_sheets.take_in(
                ctx, self.event_id, sheet.date.occurrence_id, ticked
            )
        if done.problems:
            raise RuntimeError(f"The sheet of {self.planned.name}: {done.problems}")


async def merge(contexts: Contexts, known: Known, now: datetime) -> None:
    """The two entries that one organization made of one event. Once: who takes that back is right."""
    duplicate, into = (gathering.id_in(known, now) for gathering in (DUPLICATE, STAYS))
    if duplicate is None or into is None:
        return
    if duplicate != into and duplicate not in known.merged:
        async with contexts(staff(known, STAYS.host), now - A_DAY) as ctx:
            await merging.merge(ctx, duplicate, into)


def staff(known: Known, slug: str) -> Viewer:
    """Whoever looks after its events: of its team, the one named last."""
    voice = next(voice for voice in VOICES if voice.slug == slug)
    team = [someone for someone in voice.people if someone.role is not None]
    return known.person_viewer(voice, team[-1])


def address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@post.example"
