"""City Table as tests of its memberships look at it, and those who act in it.

Anna owns the Pantry, which convenes. Dana owns the Shelter, a member, where Sam is an editor. Lee
owns the Library, which is outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import select, text, update

from domain.actors import TeamRole, Viewer
from domain.memberships import Membership
from resolvers import memberships, organizations, people
from resolvers.operating import operator_for
from resolvers.people import NewPerson
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage import memberships as stored
from storage.engine import Database
from storage.tables import alliance_members, alliances, audit_entries
from tests.cast import Cast, MakeContext

SCOPES = frozenset(
    {
        "organizations:read",
        "groups:read",
        "events:read",
        "alliances:read",
        "alliances:write",
        "alliances:agree",
    }
)
BOTH_WAYS = (
    Operations(graphql_schema, Limits()),
    Operations(graphql_schema, Limits(), planned=False),
)


@dataclass(frozen=True)
class Coalition:
    context: MakeContext
    cast: Cast
    database: Database
    dana: Viewer

    @property
    def anna(self) -> Viewer:
        return replace(self.cast.anna, scopes=SCOPES)

    @property
    def sam(self) -> Viewer:
        return replace(self.cast.sam, scopes=SCOPES)

    @property
    def lee(self) -> Viewer:
        return replace(self.cast.lee, scopes=SCOPES)

    async def terms(self, **values: Any) -> None:
        """The alliance as it might have been founded."""
        async with self.database.writing() as db:
            await db.execute(
                update(alliances).where(alliances.c.id == self.cast.city_table).values(**values)
            )

    async def status(self, alliance_id: str | None = None) -> str:
        rows = select(alliances.c.status).where(
            alliances.c.id == (alliance_id or self.cast.city_table)
        )
        async with self.database.reading() as db:
            return str(await db.scalar(rows))

    async def kept(self, membership_id: str) -> Membership:
        async with self.database.reading() as db:
            found = await stored.by_id(db, membership_id)
        assert found is not None
        return found

    async def of(self, organization_id: str) -> Membership:
        """Its membership of City Table that is under way."""
        async with self.database.reading() as db:
            found = await stored.under_way(db, self.cast.city_table, organization_id)
        assert found is not None
        return found

    async def rows_of(self, organization_id: str) -> list[str]:
        """Where each of its memberships of City Table stands, the first one first."""
        rows = select(alliance_members.c.status).where(
            alliance_members.c.alliance_id == self.cast.city_table,
            alliance_members.c.organization_id == organization_id,
        )
        async with self.database.reading() as db:
            return list(await db.scalars(rows.order_by(alliance_members.c.id)))

    async def noted(self, subject_id: str) -> list[str]:
        rows = select(audit_entries.c.action).where(audit_entries.c.subject_id == subject_id)
        async with self.database.reading() as db:
            # As they were written: the clock stands.
            return list(await db.scalars(rows.order_by(text("audit_entries.ctid"))))

    async def invite_library(self, **given: Any) -> str:
        return await memberships.invite(
            self.context(self.anna), self.cast.city_table, self.cast.library, **given
        )

    async def ask(self, viewer: Viewer, query: str, **variables: Any) -> Mapping[str, Any]:
        """What a question gives, by one statement and by graphql-core: the same."""
        answers = [await self._run(each, viewer, query, variables) for each in BOTH_WAYS]
        assert answers[0] == answers[1]
        return answers[0]

    async def do(self, viewer: Viewer, query: str, **variables: Any) -> Mapping[str, Any]:
        """What a mutation gives."""
        return await self._run(BOTH_WAYS[0], viewer, query, variables)

    async def _run(
        self, operations: Operations, viewer: Viewer, query: str, variables: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        prepared = operations.prepare(Asked(query, variables=dict(variables)))
        assert isinstance(prepared, Prepared)
        answered = await operations.run(prepared, self.context(viewer), "req")
        found: dict[str, Any] = orjson.loads(answered.body)
        assert "errors" not in found, found["errors"]
        return dict(found["data"])


async def coalition_of(context: MakeContext, cast: Cast, database: Database) -> Coalition:
    dana_id = await people.create(context(operator_for()), NewPerson(display_name="Dana"))
    await organizations.add_team_member(
        context(operator_for(cast.shelter)), cast.shelter, dana_id, TeamRole.OWNER
    )
    dana = replace(cast.sam, person_id=dana_id, role=TeamRole.OWNER, scopes=SCOPES)
    return Coalition(context, cast, database, dana)
