"""Harbor, an alliance that the Library convenes, and the ways of tests to let it decide."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from domain.actors import Viewer
from domain.alliances import AllianceRole, DecisionRule
from domain.proposals import BallotChoice, Proposal, ProposalStatus
from domain.sharing import JoinPolicy
from resolvers import alliances, memberships, proposals
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.organizations import create as found_organization
from resolvers.proposals import NewProposal
from storage import memberships as stored_memberships
from storage import proposals as stored
from storage.engine import Database
from storage.tables import audit_entries
from tests.cast import Cast, MakeContext
from tests.outside import MONDAY, StandingClock

A_WEEK = MONDAY + timedelta(days=7)


def app(organization_id: str) -> Viewer:
    """The organization's own app, without a person."""
    return Viewer(organization_id=organization_id, client_id=f"app of {organization_id}")


class Harbor:
    """An alliance that the Library convenes, with the Pantry, the Shelter and two more."""

    def __init__(
        self, context: MakeContext, cast: Cast, database: Database, clock: StandingClock
    ) -> None:
        self.context, self.cast, self.database, self.clock = context, cast, database, clock
        self.id = self.clinic = self.garden = ""

    async def begin(self, rule: DecisionRule, *others: str) -> None:
        self.clinic, self.garden = [await self.organization(each) for each in ("clinic", "garden")]
        self.id = await alliances.create(
            self.context(operator_for(self.cast.library)),
            NewAlliance(
                convener_id=self.cast.library,
                slug="harbor",
                name="Harbor",
                purpose="A roof for all.",
                decision_rule=rule,
                join_policy=JoinPolicy.BY_REQUEST,
            ),
        )
        for organization in others or (self.cast.pantry, self.cast.shelter):
            await self.join(organization)

    async def organization(self, slug: str) -> str:
        new = NewOrganization(slug=slug, name=slug.title(), languages=("en",), time_zone="UTC")
        return await found_organization(self.context(operator_for()), new)

    async def join(self, organization: str, role: AllianceRole = AllianceRole.MEMBER) -> str:
        """Invited by the Library, and accepted; the membership."""
        asked = await memberships.invite(
            self.context(app(self.cast.library)), self.id, organization, role
        )
        return await memberships.respond(self.context(app(organization)), asked, True)

    async def ask_in(self, organization: str) -> str:
        return await memberships.ask(self.context(app(organization)), self.id, organization)

    async def put(self, by: Viewer, **given: Any) -> str:
        assert by.organization_id is not None
        words: dict[str, Any] = {
            "alliance_id": self.id,
            "organization_id": by.organization_id,
            "title": "A common kitchen",
            "body": "We cook together on Fridays.",
            "closes_at": A_WEEK,
        }
        return await proposals.open_proposal(self.context(by), NewProposal(**(words | given)))

    async def vote(
        self, organization: str, proposal: str, choice: BallotChoice, reason: str | None = None
    ) -> str:
        self.clock.forward(seconds=1)
        by = self.context(app(organization))
        return await proposals.cast_ballot(by, proposal, organization, choice, reason)

    async def kept(self, proposal: str) -> Proposal:
        async with self.database.reading() as db:
            found = await stored.by_id(db, proposal)
        assert found is not None
        return found

    async def status(self, proposal: str) -> ProposalStatus:
        return (await self.kept(proposal)).status

    async def membership(self, membership: str) -> str:
        async with self.database.reading() as db:
            found = await stored_memberships.by_id(db, membership)
        assert found is not None
        return found.status.value

    async def membership_of(self, organization: str, alliance: str | None = None) -> str:
        async with self.database.reading() as db:
            found = await stored_memberships.under_way(db, alliance or self.id, organization)
        assert found is not None
        return found.id

    async def said(self, proposal: str) -> dict[str, str]:
        async with self.database.reading() as db:
            return dict(await stored.choices(db, proposal))

    async def done(self, about: str) -> list[tuple[str, str | None]]:
        """What the audit trail says of it: the action, and for which client."""
        rows = select(audit_entries.c.action, audit_entries.c.client_id).where(
            audit_entries.c.subject_id == about
        )
        async with self.database.reading() as db:
            found = await db.execute(rows.order_by(audit_entries.c.at, audit_entries.c.id))
            return [(row.action, row.client_id) for row in found]
