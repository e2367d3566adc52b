"""Another hub: its clinic stands in the City Table, and it asks for what changed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, update

from domain.actors import Viewer
from storage.engine import Database
from storage.tables import alliance_members, event_hosts, hubs, organizations
from tests.cast import Cast

EAST = "hub_01JD8EAST@east.test"
CLINIC = "org_01JD8CLINIC@east.test"
SCHOOL = "org_01JD8SCHOOL@east.test"
AT = datetime(2027, 1, 1, tzinfo=UTC)
SCOPES = frozenset(
    ("federation:sync", "organizations:read", "groups:read", "events:read", "alliances:read")
)


@dataclass(frozen=True)
class East:
    """The hub itself, by its token."""

    database: Database
    cast: Cast

    @property
    def viewer(self) -> Viewer:
        return Viewer(
            client_id="https://east.test/.well-known/convoke/client",
            scopes=SCOPES,
            hub_id=EAST,
            partner_ids=frozenset({CLINIC, SCHOOL}),
            alliance_ids=frozenset({self.cast.city_table}),
        )

    def with_scopes(self, *names: str) -> Viewer:
        return replace(self.viewer, scopes=frozenset(names))

    async def write(self, *statements: Any) -> None:
        async with self.database.writing() as db:
            for statement in statements:
                await db.execute(statement)

    async def stands(self, status: str, organization: str = CLINIC) -> None:
        """In the City Table."""
        theirs = alliance_members.c
        await self.write(
            update(alliance_members)
            .where(theirs.organization_id == organization)
            .values(status=status)
        )

    async def is_named(
        self, event: str, status: str = "INVITED", organization: str = CLINIC
    ) -> None:
        await self.write(
            insert(event_hosts).values(
                id=f"evh_of_{organization}_{event}",
                event_id=event,
                organization_id=organization,
                role="CO_HOST",
                status=status,
                initiated_by="OWNER",
                may_edit="NONE",
                attendee_sharing="NONE",
                created_at=AT,
                expires_at=AT if status in ("INVITED", "REQUESTED") else None,
            )
        )


async def east_of(database: Database, cast: Cast) -> East:
    east = East(database, cast)
    hub = {"id": EAST, "authority": "east.test", "url": "http://east.test", "name": "East"}
    await east.write(
        insert(hubs).values(**hub, software="convoke/0.1", is_local=False, created_at=AT),
        *(insert(organizations).values(_organization(each)) for each in (CLINIC, SCHOOL)),
        insert(alliance_members).values(
            id="alm_01JD8CLINIC@hub.test",
            alliance_id=cast.city_table,
            organization_id=CLINIC,
            role="MEMBER",
            status="ACTIVE",
            initiated_by="ALLIANCE",
            created_at=AT,
        ),
    )
    return east


def _organization(identifier: str) -> dict[str, Any]:
    name = identifier[8:14].lower()
    return {
        "id": identifier,
        "hub_id": EAST,
        "visibility": "PUBLIC",
        "version": 1,
        "created_at": AT,
        "updated_at": AT,
        "translations": {},
        "search": "",
        "causes": [],
        "slug": name,
        "name": name.capitalize(),
        "languages": [],
        "time_zone": "UTC",
    }
