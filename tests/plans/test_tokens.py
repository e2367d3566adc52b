"""Whether a token still counts is looked at by the very statement that answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Executable, delete, update
from starlette.types import ASGIApp

from auth.clients import Apps
from domain.hubs import LocalHub
from domain.ids import Names
from storage import credentials
from storage.credential_tables import clients, grants
from storage.credentials import Grant
from storage.engine import Database
from storage.tables import team_members
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock
from tests.plans.conftest import READING, Heard
from tests.web.edge.asking import Told, asking, call
from tests.web.edge.conftest import opened
from web.app import create_app
from web.service import Service

WHO = """query ($slug: String!) {
  viewer { person { displayName } scopes }
  organization(slug: $slug) { name }
  events { totalCount nodes { title } }
}"""


@dataclass(frozen=True)
class Anna:
    """At the Pantry, with an app that she let in."""

    app: ASGIApp
    service: Service
    token: str

    @property
    def jti(self) -> str:
        return self.service.tokens.verifier.verified(self.token).jti

    async def ask(self, document: str = WHO, **variables: Any) -> Told:
        given = variables or ({"slug": "river-city-pantry"} if "$slug" in document else {})
        return await call(self.app, **asking(document, token=self.token, variables=given))


@pytest.fixture
async def anna(
    cast: Cast,
    database: Database,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
    heard: Heard,
) -> Anna:
    service = await opened(database, hub, clock, chance)
    desk = Apps(database, Names(hub.authority, clock, chance), clock, chance, "req_of_operator")
    client = (await desk.register("river-city-pantry", "Planner", READING)).client
    of_anna: dict[str, Any] = {
        "client_id": client.id,
        "organization_id": cast.pantry,
        "person_id": cast.anna_id,
        "scopes": READING,
    }
    async with database.writing() as db:
        await credentials.add_grant(db, Grant(id="grant_a", created_at=clock.now(), **of_anna))
    token = service.tokens.mint.token(grant_id="grant_a", **of_anna)
    heard.listen()
    return Anna(create_app(service), service, token)


async def test_a_good_token_costs_no_statement_of_its_own(anna: Anna, heard: Heard) -> None:
    told = await anna.ask()
    assert told.json == {
        "data": {
            "viewer": {"person": {"displayName": "Anna"}, "scopes": sorted(READING)},
            "organization": {"name": "River City Pantry"},
            "events": {"totalCount": 0, "nodes": []},
        }
    }
    (asked,) = heard.statements
    assert "denied_tokens" in asked


async def test_what_depends_on_no_row_is_told_only_to_who_may_ask(
    anna: Anna, heard: Heard, database: Database
) -> None:
    assert (await anna.ask("{ __typename }")).json == {"data": {"__typename": "Query"}}
    assert len(heard.statements) == 1
    await written(database, update(grants).values(revoked_at=anna.service.clock.now()))
    told = await anna.ask("{ __typename }")
    assert (told.status, told.codes) == (401, ["UNAUTHENTICATED"])


async def denied(anna: Anna, database: Database) -> None:
    now = anna.service.clock.now()
    async with database.writing() as db:
        await credentials.deny_token(db, anna.jti, now.replace(year=now.year + 1))


async def taken_back(anna: Anna, database: Database) -> None:
    mine = grants.c.id == "grant_a"
    await written(database, update(grants).where(mine).values(revoked_at=anna.service.clock.now()))


async def app_revoked(anna: Anna, database: Database) -> None:
    await written(database, update(clients).values(revoked_at=anna.service.clock.now()))


async def left_the_team(anna: Anna, database: Database) -> None:
    bearer = anna.service.tokens.verifier.verified(anna.token)
    await written(
        database, delete(team_members).where(team_members.c.person_id == bearer.person_id)
    )


async def written(database: Database, statement: Executable) -> None:
    async with database.writing() as db:
        await db.execute(statement)


@pytest.mark.parametrize("ended", [denied, taken_back, app_revoked, left_the_team])
async def test_a_token_that_counts_no_more_is_refused_by_the_statement_that_would_have_answered(
    ended: Callable[[Anna, Database], Awaitable[None]],
    anna: Anna,
    heard: Heard,
    database: Database,
) -> None:
    assert (await anna.ask()).status == 200
    (answering,) = heard.statements
    await ended(anna, database)
    heard.listen()
    told = await anna.ask()
    assert (told.status, told.codes) == (401, ["UNAUTHENTICATED"])
    assert "data" not in told.json
    assert "was revoked" in told.json["errors"][0]["message"]
    assert heard.statements[0] == answering
    assert not [each for each in heard.statements[1:] if "events" in each]


async def test_another_token_of_the_app_goes_on(
    anna: Anna, heard: Heard, database: Database
) -> None:
    bearer = anna.service.tokens.verifier.verified(anna.token)
    other = anna.service.tokens.mint.token(
        client_id=bearer.client_id,
        organization_id=bearer.organization_id,
        grant_id=bearer.grant_id,
        scopes=bearer.scopes,
        person_id=bearer.person_id,
    )
    await denied(anna, database)
    assert (await anna.ask()).status == 401
    told = await call(anna.app, **asking("{ viewer { client } }", token=other))
    assert told.json == {"data": {"viewer": {"client": bearer.client_id}}}


async def test_a_grant_that_was_narrowed_answers_with_what_is_left(
    anna: Anna, heard: Heard, database: Database
) -> None:
    """The plan is of what the token says, which is more than it may: so that is not used."""
    assert "errors" not in (await anna.ask()).json
    left = ["alliances:read", "organizations:read"]
    await written(database, update(grants).where(grants.c.id == "grant_a").values(scopes=left))
    told = await anna.ask()
    assert told.status == 200
    assert told.codes == ["INSUFFICIENT_SCOPE"]
    assert told.json["errors"][0]["path"] == ["events"]
    assert told.json["data"] == {
        "viewer": {"person": {"displayName": "Anna"}, "scopes": left},
        "organization": {"name": "River City Pantry"},
        "events": {"totalCount": None, "nodes": []},
    }


async def test_a_grant_for_more_than_the_token_says_gives_it_no_more(
    anna: Anna, heard: Heard
) -> None:
    bearer = anna.service.tokens.verifier.verified(anna.token)
    fewer = anna.service.tokens.mint.token(
        client_id=bearer.client_id,
        organization_id=bearer.organization_id,
        grant_id=bearer.grant_id,
        scopes=["events:read"],
        person_id=bearer.person_id,
    )
    document = "{ viewer { scopes } alliances { nodes { id } } }"
    told = await call(anna.app, **asking(document, token=fewer))
    assert told.json["data"] == {"viewer": {"scopes": ["events:read"]}, "alliances": {"nodes": []}}
    assert told.codes == ["INSUFFICIENT_SCOPE"]
    assert len(heard.statements) == 1
