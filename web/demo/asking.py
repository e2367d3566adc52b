"""What waits for somebody's answer in the alliances and groups of the city: who was invited, who asks
to come in, what members vote on, and what one offers another to take over.

Each is asked once. What became of it since stays as it is.
"""

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actors import Viewer
from domain.proposals import BallotChoice, ProposalKind
from resolvers import group_memberships, handovers, memberships, proposals
from resolvers.proposals import NewProposal
from web.demo.known import Known
from web.demo.moments import Contexts, today
from web.demo.pieces import Someone, Voice
from web.demo.voices import VOICES

AGREE, ABSTAIN, BLOCK = BallotChoice.AGREE, BallotChoice.ABSTAIN, BallotChoice.BLOCK
A_DAY = timedelta(days=1)
VOTED_ON_FOR = timedelta(days=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Put to an alliance's members, `ago` so many days; about an organization that asks to be one
    of them, or about what they do next month."""

    alliance: str
    by: str
    about: str | None = None
    title: str
    body: str
    ago: int
    ballots: tuple[tuple[str, BallotChoice, str | None], ...]


JOINING = "spoke-and-wrench"
INVITED = "open-door-welcome"
INVITATION = (
    "Half of those whom landlords turn away come to you first. Stand beside us at the door."
)
REQUEST = (
    "We have nine cargo bikes and no food; you have food and one van. We would like to be a member."
)
QUESTIONS = (
    Question(
        alliance="common-table",
        by="second-helping",
        about=JOINING,
        title="Shall Spoke & Wrench be a member?",
        body="They ask to join, and bring nine cargo bikes. They have read the charter.",
        ago=8,
        ballots=(
            ("second-helping", AGREE, None),
            ("southside-mutual-aid", AGREE, "Ya reparan nuestras carretillas."),
            ("silver-tide", ABSTAIN, "We do not know them yet."),
        ),
    ),
    Question(
        alliance="common-table",
        by="lantern-house",
        title="One van for all of us in {month}",
        body="We hire one refrigerated van together and share it by the shift. It costs each of us a tenth of what it costs now.",
        ago=6,
        ballots=(
            ("lantern-house", AGREE, None),
            ("second-helping", AGREE, "Our own is at the garage anyway."),
            ("southside-mutual-aid", BLOCK, "Sin asiento para niños no podemos usarla. Con asiento, sí."),
        ),
    ),
)  # fmt: skip
# Group, who asks, and what they say; the organization's own people and others.
JOINERS = (
    ("second-helping", "night-drivers", "Anneke Rowe", "I am awake at that hour anyway."),
    ("open-door-welcome", "befrienders", "Gus Petrakis", "My family came in 1958, and somebody waited for us at the pier."),
    ("lantern-house", "night-watch", "Teresa Nguyen", "Puedo los viernes. I can sit up on Fridays."),
)  # fmt: skip


@dataclass
class Asking:
    contexts: Contexts
    known: Known
    now: datetime

    def steps(self) -> Iterator[tuple[str, Awaitable[None]]]:
        """Each by itself: where one cannot be asked any more, the others can."""
        yield "an invitation", self.invite()
        yield "a request", self.ask_to_join()
        for question in QUESTIONS:
            yield question.title, self.put(question)
        yield "an alliance handed over", self.offer_alliance()
        yield "a group handed over", self.offer_group()
        for of, slug, name, says in JOINERS:
            yield f"{name} asks to join {slug}", self.join(of, slug, name, says)

    async def invite(self) -> None:
        """To the campaign, by whoever convenes it."""
        alliance_id = self.known.alliances["roofs-and-rights"]
        invited = self.known.organizations[INVITED]
        if (alliance_id, invited) not in self.known.memberships:
            async with self.contexts(self.lead("merrow-tenants-union"), self.ago(7)) as ctx:
                await memberships.invite(ctx, alliance_id, invited, message=INVITATION)

    async def ask_to_join(self) -> None:
        place = self.known.alliances["common-table"], self.known.organizations[JOINING]
        if place not in self.known.memberships:
            async with self.contexts(self.lead(JOINING), self.ago(9)) as ctx:
                self.known.memberships[place] = await memberships.ask(ctx, *place, REQUEST)

    async def put(self, question: Question) -> None:
        """With the ballots of those who have voted by now, each on its day."""
        alliance_id = self.known.alliances[question.alliance]
        next_month = today(self.now).replace(day=28) + 4 * A_DAY
        title = question.title.format(month=f"{next_month:%B %Y}")
        if (alliance_id, title) not in self.known.proposals:
            kind, subject_id = ProposalKind.OTHER, None
            if question.about is not None:
                kind = ProposalKind.ADMIT_MEMBER
                asking = self.known.organizations[question.about]
                subject_id = self.known.memberships[alliance_id, asking]
            opened = self.ago(question.ago)
            new = NewProposal(
                alliance_id=alliance_id,
                organization_id=self.known.organizations[question.by],
                title=title,
                body=question.body,
                kind=kind,
                subject_id=subject_id,
                closes_at=opened + VOTED_ON_FOR,
            )
            async with self.contexts(self.lead(question.by), opened) as ctx:
                made = await proposals.open_proposal(ctx, new)
            self.known.proposals[alliance_id, title] = made
        await self.vote(question, self.known.proposals[alliance_id, title])

    async def vote(self, question: Question, proposal_id: str) -> None:
        for day, (slug, choice, reason) in enumerate(question.ballots, 1):
            voter = self.known.organizations[slug]
            if (proposal_id, voter) not in self.known.ballots:
                async with self.contexts(self.lead(slug), self.ago(question.ago - day)) as ctx:
                    await proposals.cast_ballot(ctx, proposal_id, voter, choice, reason)

    async def offer_alliance(self) -> None:
        """The convening of it to one of its members."""
        alliance_id = self.known.alliances["merrow-commons"]
        if alliance_id not in self.known.handovers:
            async with self.contexts(self.lead("port-merrow-library"), self.ago(3)) as ctx:
                words = "Ten years are enough for one chair. You know more of the city than we do."
                await handovers.propose(ctx, alliance_id, self.known.organizations[INVITED], words)

    async def offer_group(self) -> None:
        """To a neighbour in it."""
        keeper = self.known.organizations["second-helping"]
        group_id = self.known.groups[keeper, "gleaners"]
        if group_id not in self.known.handovers:
            taker = self.known.people[keeper, "Bernadette Surette"]
            organization = self.known.organization_viewer("second-helping")
            async with self.contexts(organization, self.ago(4)) as ctx:
                words = "You find the fields and you drive the bus: it is yours already."
                await handovers.propose(ctx, group_id, taker, words)

    async def join(self, of: str, slug: str, name: str, says: str) -> None:
        group_id = self.known.groups[self.known.organizations[of], slug]
        voice, someone = person_called(name)
        viewer = self.known.person_viewer(voice, someone)
        if (group_id, viewer.person_id) not in self.known.in_groups:
            async with self.contexts(viewer, self.ago(2)) as ctx:
                await group_memberships.join(ctx, group_id, says)

    def lead(self, slug: str) -> Viewer:
        """Whoever founded it."""
        voice = next(voice for voice in VOICES if voice.slug == slug)
        return self.known.person_viewer(voice, voice.people[0])

    def ago(self, days: int) -> datetime:
        return self.now - days * A_DAY


def person_called(name: str) -> tuple[Voice, Someone]:
    return next(
        (voice, someone) for voice in VOICES for someone in voice.people if someone.name == name
    )
