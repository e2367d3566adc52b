"""What members read of what they decide, on both ways of reading, and what nobody else does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from domain.actors import NOBODY, Viewer
from domain.alliances import AllianceRole
from domain.sharing import Visibility
from resolvers import memberships, organizations
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from schema.documents import Asked, Prepared
from storage.tables import organizations as organizations_table
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.coalition import BOTH_WAYS, SCOPES, Coalition

OPEN = """mutation ($input: OpenProposalInput!) { openProposal(input: $input) {
  proposal { id status closesAt nextActions } userErrors { code field message } } }"""
CAST = """mutation ($proposal: ID!, $organization: ID!, $choice: BallotChoice!, $reason: String) {
  castBallot(proposal: $proposal, organization: $organization, choice: $choice, reason: $reason) {
    proposal { id status viewerBallot { choice reason } nextActions }
    userErrors { code field message } } }"""
WITHDRAW = """mutation ($proposal: ID!) { withdrawProposal(proposal: $proposal) {
  proposal { id status } userErrors { code field } } }"""
READ = """query ($alliance: ID!, $statuses: [ProposalStatus!], $first: Int, $after: String) {
  alliance(id: $alliance) {
    proposals(statuses: $statuses, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        title status decisionRule nextActions failure
        alliance { slug } proposedBy { slug }
        subject { ... on AllianceMembership { organization { slug } status } }
        viewerBallot { choice reason organization { slug } proposal { title } }
        ballots { totalCount nodes { choice organization { slug } } }
      }
    }
  }
}"""
NODE = "query ($id: ID!) { node(id: $id) { id __typename } }"


class Table:
    """City Table, where questions are put in GraphQL."""

    def __init__(self, coalition: Coalition, clock: StandingClock) -> None:
        self.coalition, self.clock = coalition, clock
        self.cast, self.anna, self.dana = coalition.cast, coalition.anna, coalition.dana

    async def put(self, by: Viewer, title: str = "A kitchen", **given: Any) -> str:
        self.clock.forward(seconds=1)
        words = {
            "alliance": self.cast.city_table,
            "organization": by.organization_id,
            "title": title,
            "body": "On Fridays.",
            "closesAt": "2027-03-08T10:00:00+01:00",
        }
        done = await self.coalition.do(by, OPEN, input=words | given)
        assert done["openProposal"]["userErrors"] == []
        return str(done["openProposal"]["proposal"]["id"])

    async def vote(self, by: Viewer, proposal: str, choice: str, **more: Any) -> Mapping[str, Any]:
        self.clock.forward(seconds=1)
        given = {"proposal": proposal, "organization": by.organization_id, "choice": choice}
        done = await self.coalition.do(by, CAST, **given, **more)
        payload: Mapping[str, Any] = done["castBallot"]
        return payload

    async def read(self, viewer: Viewer, **given: Any) -> Mapping[str, Any]:
        asked = {"alliance": self.cast.city_table, **given}
        found = await self.coalition.ask(viewer, READ, **asked)
        page: Mapping[str, Any] = found["alliance"]["proposals"]
        return page

    async def titles(self, viewer: Viewer, **given: Any) -> list[str]:
        return [each["title"] for each in (await self.read(viewer, **given))["nodes"]]

    async def visibility(self, organization: str, visibility: Visibility) -> None:
        async with self.coalition.database.writing() as db:
            await db.execute(
                update(organizations_table)
                .where(organizations_table.c.id == organization)
                .values(visibility=visibility)
            )

    async def member(self, slug: str, role: AllianceRole = AllianceRole.MEMBER) -> Viewer:
        """The own app of another member."""
        context = self.coalition.context
        made = await organizations.create(
            context(operator_for()),
            NewOrganization(slug=slug, name=slug.title(), languages=("en",), time_zone="UTC"),
        )
        app = Viewer(organization_id=made, client_id=f"app of {slug}", scopes=SCOPES)
        asked = await memberships.invite(context(self.anna), self.cast.city_table, made, role)
        await memberships.respond(context(app), asked, True)
        return app


@pytest.fixture
async def table(coalition: Coalition, clock: StandingClock) -> Table:
    await coalition.terms(decision_rule="UNANIMITY")
    return Table(coalition, clock)


async def test_dana_puts_a_question_and_both_members_agree(table: Table) -> None:
    asked = await table.put(table.dana)
    first = await table.vote(table.dana, asked, "AGREE", reason="We need it.")
    assert first == {
        "proposal": {
            "id": asked,
            "status": "OPEN",
            "viewerBallot": {"choice": "AGREE", "reason": "We need it."},
            "nextActions": ["castBallot", "withdrawProposal"],
        },
        "userErrors": [],
    }
    last = await table.vote(table.anna, asked, "AGREE")
    assert last["proposal"]["status"] == "PASSED"
    assert last["proposal"]["nextActions"] == []
    page = await table.read(table.anna)
    assert page["totalCount"] == 1
    assert page["nodes"] == [
        {
            "title": "A kitchen",
            "status": "PASSED",
            "decisionRule": "UNANIMITY",
            "nextActions": [],
            "failure": None,
            "alliance": {"slug": "city-table"},
            "proposedBy": {"slug": "harbor-shelter"},
            "subject": None,
            "viewerBallot": {
                "choice": "AGREE",
                "reason": None,
                "organization": {"slug": "river-city-pantry"},
                "proposal": {"title": "A kitchen"},
            },
            "ballots": {
                "totalCount": 2,
                "nodes": [
                    {"choice": "AGREE", "organization": {"slug": "harbor-shelter"}},
                    {"choice": "AGREE", "organization": {"slug": "river-city-pantry"}},
                ],
            },
        }
    ]


async def test_a_refusal_is_data_and_names_the_field(table: Table, contents: Contents) -> None:
    asked = await table.put(table.anna)
    before = await contents()
    blocked = await table.vote(table.dana, asked, "BLOCK")
    assert blocked["proposal"] is None
    assert [(error["code"], error["field"]) for error in blocked["userErrors"]] == [
        ("INVALID", ["reason"])
    ]
    unseen = await table.vote(replace(table.coalition.lee), asked, "AGREE")
    assert [(error["code"], error["field"]) for error in unseen["userErrors"]] == [
        ("NOT_FOUND", ["proposal"])
    ]
    taken_back = await table.coalition.do(table.dana, WITHDRAW, proposal=asked)
    assert taken_back["withdrawProposal"]["userErrors"] == [
        {"code": "FORBIDDEN", "field": ["proposal"]}
    ]
    assert await contents() == before
    mine = await table.coalition.do(table.anna, WITHDRAW, proposal=asked)
    assert mine["withdrawProposal"] == {
        "proposal": {"id": asked, "status": "WITHDRAWN"},
        "userErrors": [],
    }


async def test_what_was_put_last_comes_first_and_may_be_asked_for_by_its_state(
    table: Table,
) -> None:
    asked = [await table.put(table.anna, title=each) for each in ("One", "Two", "Three")]
    await table.coalition.do(table.anna, WITHDRAW, proposal=asked[1])
    assert await table.titles(table.dana) == ["Three", "Two", "One"]
    assert await table.titles(table.dana, statuses=None) == ["Three", "Two", "One"]
    assert await table.titles(table.dana, statuses=["OPEN"]) == ["Three", "One"]
    assert await table.titles(table.dana, statuses=["WITHDRAWN", "PASSED"]) == ["Two"]
    assert await table.titles(table.dana, statuses=[]) == []
    page = await table.read(table.dana, first=2)
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
    after = page["pageInfo"]["endCursor"]
    assert await table.titles(table.dana, first=2, after=after) == ["One"]


async def test_for_all_but_its_members_there_is_nothing_and_nothing_is_counted(
    table: Table,
) -> None:
    coalition = table.coalition
    asked = await table.put(table.anna)
    await table.vote(table.dana, asked, "AGREE")
    (ballot,) = [
        each["id"]
        for each in (
            await coalition.ask(
                table.anna,
                "query ($id: ID!) { node(id: $id) { ... on Proposal { ballots { nodes { id } } } } }",
                id=asked,
            )
        )["node"]["ballots"]["nodes"]
    ]
    invited = await coalition.invite_library()  # who is asked in decides nothing yet
    await seen_by(table, coalition.lee, [], asked, ballot)
    await memberships.respond(coalition.context(coalition.lee), invited, True)
    await seen_by(table, coalition.lee, ["A kitchen"], asked, ballot)
    await memberships.suspend(coalition.context(table.anna), invited, "Unpaid dues.")
    await seen_by(table, coalition.lee, ["A kitchen"], asked, ballot)
    await memberships.leave(coalition.context(coalition.lee), invited)
    await seen_by(table, coalition.lee, [], asked, ballot)


async def seen_by(table: Table, viewer: Viewer, titles: list[str], *parts: str) -> None:
    page = await table.read(viewer)
    assert [each["title"] for each in page["nodes"]] == titles
    assert page["totalCount"] == len(titles)
    for part in parts:
        found = (await table.coalition.ask(viewer, NODE, id=part))["node"]
        assert (found is not None) is bool(titles)


async def test_without_a_token_or_its_scope_nothing_is_told(table: Table) -> None:
    asked = await table.put(table.anna)
    listed = '{ alliance(slug: "city-table") { proposals { totalCount nodes { id } } } }'
    named = f'{{ node(id: "{asked}") {{ id }} }}'
    nothing: dict[str, Any] = {"alliance": {"proposals": {"totalCount": None, "nodes": []}}}
    reading = replace(table.anna, scopes=frozenset({"events:read"}))
    assert await answers(table, NOBODY, listed) == (nothing, ["UNAUTHENTICATED"])
    assert await answers(table, NOBODY, named) == ({"node": None}, [])  # as if there were none
    assert await answers(table, reading, listed) == (nothing, ["INSUFFICIENT_SCOPE"])
    assert await answers(table, reading, named) == ({"node": None}, ["INSUFFICIENT_SCOPE"])


async def answers(table: Table, viewer: Viewer, query: str) -> tuple[Any, list[str]]:
    """The data and the codes of the errors, by one statement and by graphql-core: the same."""
    bodies = []
    for operations in BOTH_WAYS:
        prepared = operations.prepare(Asked(query))
        assert isinstance(prepared, Prepared)
        run = await operations.run(prepared, table.coalition.context(viewer), "req")
        bodies.append(run.body)
    assert bodies[0] == bodies[1]
    answer = orjson.loads(bodies[0])
    return answer["data"], [each["extensions"]["code"] for each in answer.get("errors", ())]


async def test_each_reads_what_it_may_do_next(table: Table) -> None:
    watching = await table.member("watchers", AllianceRole.OBSERVER)
    asked = await table.put(
        table.anna,
        kind="REMOVE_MEMBER",
        subject=(await table.coalition.of(table.cast.shelter)).id,
    )

    async def next_actions(viewer: Viewer) -> list[str]:
        (found,) = (await table.read(viewer))["nodes"]
        assert found["subject"] == {
            "organization": {"slug": "harbor-shelter"},
            "status": "ACTIVE",
        }
        return list(found["nextActions"])

    assert await next_actions(table.anna) == ["castBallot", "withdrawProposal"]
    assert await next_actions(table.dana) == []  # it is about the Shelter
    assert await next_actions(watching) == []
    assert await next_actions(await table.member("school")) == ["castBallot"]
    await table.vote(table.anna, asked, "DISAGREE")
    assert await next_actions(table.anna) == []


async def test_who_keeps_to_itself_is_known_by_what_it_puts_and_not_by_its_ballots(
    table: Table,
) -> None:
    shy = await table.member("shy")
    assert shy.organization_id is not None
    asked = await table.put(shy, title="Ours")
    other = await table.put(table.anna, title="Theirs")
    for proposal in (asked, other):
        await table.vote(shy, proposal, "AGREE")
    await table.visibility(shy.organization_id, Visibility.PRIVATE)
    theirs, ours = (await table.read(table.dana))["nodes"]
    assert (ours["title"], ours["proposedBy"]) == ("Ours", {"slug": "shy"})
    assert ours["ballots"]["totalCount"] == 1
    assert theirs["ballots"] == {"totalCount": 0, "nodes": []}
    mine, _ = (await table.read(shy))["nodes"]
    assert mine["viewerBallot"]["choice"] == "AGREE"
    # Whoever has left is known by it still to those who stay, and to nobody else.
    place = await table.coalition.of(shy.organization_id)
    await memberships.leave(table.coalition.context(shy), place.id)
    assert (await table.read(table.dana))["nodes"][1]["proposedBy"] == {"slug": "shy"}
    by_link = "query ($id: ID!) { organization(id: $id) { slug } }"
    for viewer, found in ((table.dana, {"slug": "shy"}), (table.coalition.lee, None)):
        told = await table.coalition.ask(viewer, by_link, id=shy.organization_id)
        assert told["organization"] == found
