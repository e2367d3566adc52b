"""A hub with the cast on it, and staff who are signed in: Anna owns the Pantry, Sam edits for the
Shelter, Lee owns the Library. `somebody` makes one more, of any role."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from auth.desk import Desk
from auth.scopes import FOR_PEOPLE
from domain.actors import Viewer
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.account_tables import accounts
from storage.engine import Database
from storage.tables import persons, team_members
from tests.cast import Cast, MakeContext
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter, counter, service

__all__ = ["counter", "service"]

PANTRY, SHELTER, LIBRARY = (
    f"/console/{slug}" for slug in ("river-city-pantry", "harbor-shelter", "northside-library")
)


@dataclass(frozen=True)
class Staff:
    """The browsers of those who work here, and the hub that they look at."""

    cast: Cast
    context: MakeContext
    clock: StandingClock
    database: Database
    desk: Desk
    new_browser: Callable[[], Awaitable[Browser]]
    anna: Browser
    sam: Browser
    lee: Browser
    operations: Operations = field(default_factory=lambda: Operations(graphql_schema, Limits()))

    async def somebody(self, name: str, organization_id: str, role: str) -> Browser:
        """Of that organization's team, and signed in."""
        person_id, now = f"prs_{name}@hub.test", self.clock.now()
        async with self.database.writing() as db:
            await db.execute(
                persons.insert().values(id=person_id, display_name=name, created_at=now)
            )
            await db.execute(
                accounts.insert().values(person_id=person_id, handle=name.encode(), created_at=now)
            )
        await self.joins(name, organization_id, role)
        browser = await self.new_browser()
        await sign_in(self.desk, browser, person_id, name)
        return browser

    async def joins(self, name: str, organization_id: str, role: str) -> None:
        async with self.database.writing() as db:
            await db.execute(
                team_members.insert().values(
                    id=self.desk.named("tmb"),
                    organization_id=organization_id,
                    person_id=f"prs_{name}@hub.test",
                    role=role,
                    since=self.clock.now(),
                )
            )

    async def leaves(self, name: str, organization_id: str) -> None:
        async with self.database.writing() as db:
            await db.execute(
                team_members.delete().where(
                    team_members.c.organization_id == organization_id,
                    team_members.c.person_id == f"prs_{name}@hub.test",
                )
            )

    async def asked(
        self, document: str, viewer: Viewer | None = None, **variables: Any
    ) -> dict[str, Any]:
        """`data`, as a program of theirs would be told that may everything; Anna's without one."""
        may = replace(viewer or self.cast.anna, scopes=frozenset(FOR_PEOPLE))
        prepared = self.operations.prepare(Asked(document, variables=variables))
        assert isinstance(prepared, Prepared)
        answer = await self.operations.run(prepared, self.context(may), "req_of_tests")
        told: dict[str, Any] = json.loads(answer.body)
        assert "errors" not in told, told
        data: dict[str, Any] = told["data"]
        return data


@pytest.fixture
async def staff(
    counter: Counter, context: MakeContext, clock: StandingClock, database: Database
) -> Staff:
    sam, lee = await counter.new_browser(), await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    await sign_in(counter.desk, lee, counter.cast.lee_id, "Lee")
    return Staff(
        counter.cast,
        context,
        clock,
        database,
        counter.desk,
        counter.new_browser,
        counter.anna,
        sam,
        lee,
    )
