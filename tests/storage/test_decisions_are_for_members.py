"""What an alliance decides is seen by those who decide, in rows as in `domain.policy`."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from domain import policy_of_decisions
from domain.reach import AllianceReach
from storage.engine import Database
from storage.tables import ballots, proposals
from storage.visibility import Eyes, parameters
from storage.visibility_of_parts import sees_ballot, sees_proposal
from tests.storage.worlds import World
from tests.storage.worlds_by_chance import undone, worlds


@given(worlds())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_members_see_what_they_decide_and_nobody_else_does(
    database: Database, world: World
) -> None:
    questions: list[dict[str, Any]] = world.rows.get("proposals", [])
    async with undone(database) as db:
        await world.put_in(db)
        things = await world.things(db)
        for viewer in await world.viewers(db):
            eyes, who = Eyes.of(viewer), parameters(viewer)
            seen = await db.scalars(
                select(proposals.c.id).where(sees_proposal(eyes, proposals)), who
            )
            theirs = set(seen)
            allowed = set()
            for question in questions:
                alliance = things["alliance", question["alliance_id"]]
                assert isinstance(alliance, AllianceReach)
                if policy_of_decisions.sees_decisions(viewer, alliance):
                    allowed.add(question["id"])
            assert theirs == allowed, viewer
            cast = select(ballots.c.proposal_id, ballots.c.organization_id).where(
                sees_ballot(eyes, ballots)
            )
            shown = [(row.proposal_id, row.organization_id) for row in await db.execute(cast, who)]
            assert {proposal for proposal, _ in shown} <= theirs
            mine = [
                row["proposal_id"]
                for row in world.rows.get("ballots", [])
                if viewer.works_for(row["organization_id"]) and row["proposal_id"] in theirs
            ]
            own = [proposal for proposal, by in shown if viewer.works_for(by)]
            assert sorted(own) == sorted(mine)
