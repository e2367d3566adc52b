"""A hub whose PostgreSQL writes down what it is asked, and asking it operations by plans."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from domain.actors import NOBODY, Viewer
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.plans import Found, Plans
from schema.root import graphql_schema
from schema.run import Answer, Operations
from storage.engine import Database
from tests.cast import MakeContext

READING = ("organizations:read", "groups:read", "events:read", "alliances:read")
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]+): (.*(?:\n\t.*)*)")


def with_scopes(viewer: Viewer, *scopes: str) -> Viewer:
    return replace(viewer, scopes=frozenset(scopes or READING))


# Said behind what was changed, on a connection of its own, a moment later (`storage.notices`).
BEHIND = "notify "


@dataclass
class Heard:
    """What PostgreSQL was asked, by its own log: all of it, transactions too."""

    log: Path
    begin: int = 0

    def listen(self) -> None:
        """From now on."""
        self.begin = self.log.stat().st_size

    @property
    def statements(self) -> list[str]:
        with self.log.open("rb") as log:
            log.seek(self.begin)
            told = log.read().decode("utf-8", "replace")
        said = [found.replace("\n\t", "\n") for found in STATEMENT.findall(told)]
        return [each for each in said if not each.startswith(BEHIND)]


@dataclass(frozen=True, slots=True)
class Told:
    answer: Answer

    @property
    def body(self) -> Any:
        return orjson.loads(self.answer.body)

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body
        return self.body["data"]

    @property
    def planned(self) -> bool:
        return self.answer.planned

    @property
    def errors(self) -> list[tuple[str, list[str | int] | None]]:
        """The code and the path of each."""
        listed = self.body.get("errors", [])
        return [(each["extensions"]["code"], each.get("path")) for each in listed]


@dataclass(kw_only=True)
class Board:
    """Where operations are planned, which takes no database."""

    operations: Operations = field(default_factory=lambda: Operations(graphql_schema, Limits()))

    @property
    def plans(self) -> Plans:
        assert self.operations.planned is not None
        return self.operations.planned.plans

    def prepared(self, document: str, **variables: Any) -> Prepared:
        found = self.operations.prepare(Asked(document, variables=variables))
        assert isinstance(found, Prepared)
        return found

    def plan(
        self, document: str, viewer: Viewer = NOBODY, presumed: bool = False, **variables: Any
    ) -> Found:
        planned = self.operations.planned
        assert planned is not None
        prepared = self.prepared(document, **variables)
        coerced = planned._variables(prepared)
        assert coerced is not None
        found = planned.plans.of_query(prepared, coerced, viewer, presumed)
        assert found is not None
        return found


@dataclass(kw_only=True)
class Door(Board):
    """Asks as whoever is named, each operation in a context of its own."""

    context: MakeContext
    core: Operations = field(
        default_factory=lambda: Operations(graphql_schema, Limits(), planned=False)
    )

    async def ask(self, document: str, viewer: Viewer = NOBODY, **variables: Any) -> Told:
        prepared = self.prepared(document, **variables)
        return Told(await self.operations.run(prepared, self.context(viewer), "req_asked"))

    async def ask_core(self, document: str, viewer: Viewer = NOBODY, **variables: Any) -> Told:
        """The same by graphql-core alone."""
        prepared = self.prepared(document, **variables)
        return Told(await self.core.run(prepared, self.context(viewer), "req_asked"))

    async def both(self, document: str, viewer: Viewer = NOBODY, **variables: Any) -> Told:
        """By a plan, and the same bytes by graphql-core."""
        told = await self.ask(document, viewer, **variables)
        by_core = await self.ask_core(document, viewer, **variables)
        assert told.answer.body == by_core.answer.body
        return told


@pytest.fixture
async def heard(database: Database) -> Heard:
    """A line for compiled statements is open: what is said in opening it is not counted."""
    async with database.writing() as db:
        name = await db.scalar(text("select current_database()"))
        await db.execute(text(f"alter database \"{name}\" set log_statement = 'all'"))
        directory = await db.scalar(text("show data_directory"))
    await database.engine.dispose()  # the next connections write down what they are asked
    # The driver looks lists' types up once on a connection.
    ready = "select 'ready'::text where $1::int[] is null and $2::text[] is null"
    await database.answer(ready, (None, None))
    heard = Heard(Path(str(directory)).parent / "postgres.log")
    heard.listen()
    return heard


@pytest.fixture
def door(context: MakeContext) -> Door:
    return Door(context=context)


@pytest.fixture
def board() -> Board:
    return Board()
