"""The Pantry, the Shelter and their people, as rows; and what a machine sends to get a token."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import insert

from auth.clients import Apps, WithSecret
from auth.service import TokenService
from domain.actors import TeamRole
from domain.alliances import AllianceStatus
from domain.hubs import LocalHub
from domain.ids import Kind, Names
from domain.sharing import MembershipStatus
from storage import credentials
from storage.credentials import Grant
from storage.engine import Database
from storage.tables import (
    alliance_members,
    alliances,
    group_members,
    groups,
    organizations,
    persons,
    team_members,
)


@dataclass(frozen=True, slots=True)
class Town:
    """A hub with two organizations, and the ways of tests to put more into it."""

    database: Database
    hub: LocalHub
    names: Names
    now: datetime
    pantry: str
    shelter: str

    async def organization(self, slug: str) -> str:
        new = self.names.new(Kind.ORGANIZATION)
        async with self.database.writing() as db:
            await db.execute(
                insert(organizations).values(
                    **self._published(new), slug=slug, name=slug.title(), time_zone="Europe/Paris"
                )
            )
        return new

    async def person(self, name: str, team: str | None = None) -> str:
        new = self.names.new(Kind.PERSON)
        async with self.database.writing() as db:
            await db.execute(insert(persons).values(id=new, display_name=name, created_at=self.now))
            if team is not None:
                await db.execute(
                    insert(team_members).values(
                        id=self.names.new(Kind.TEAM_MEMBER),
                        organization_id=team,
                        person_id=new,
                        role=TeamRole.EDITOR,
                        since=self.now,
                    )
                )
        return new

    async def alliance(
        self,
        *members: str,
        status: AllianceStatus = AllianceStatus.ACTIVE,
        membership: MembershipStatus = MembershipStatus.ACTIVE,
    ) -> str:
        new = self.names.new(Kind.ALLIANCE)
        async with self.database.writing() as db:
            await db.execute(
                insert(alliances).values(
                    **self._published(new),
                    convener_id=members[0],
                    slug=new.partition("@")[0].replace("_", "-").lower(),
                    name="Together",
                    purpose="To do it together",
                    kind="COALITION",
                    status=status,
                    join_policy="INVITE_ONLY",
                    decision_rule="CONVENER",
                    default_event_visibility="ALLIANCE",
                    member_editing="DETAILS",
                    attendee_sharing="NONE",
                )
            )
            for member in members:
                await db.execute(
                    insert(alliance_members).values(
                        id=self.names.new(Kind.ALLIANCE_MEMBERSHIP),
                        alliance_id=new,
                        organization_id=member,
                        role="MEMBER",
                        status=membership,
                        initiated_by="ALLIANCE",
                        created_at=self.now,
                    )
                )
        return new

    async def group(self, organization: str, **members: MembershipStatus) -> str:
        """`members`: how the people of these ids stand."""
        new = self.names.new(Kind.GROUP)
        async with self.database.writing() as db:
            await db.execute(
                insert(groups).values(
                    **self._published(new),
                    organization_id=organization,
                    slug=new.partition("@")[0].replace("_", "-").lower(),
                    name="Cooks",
                    kind="LOCAL",
                    join_policy="OPEN",
                )
            )
            for person, status in members.items():
                await db.execute(
                    insert(group_members).values(
                        id=self.names.new(Kind.GROUP_MEMBERSHIP),
                        group_id=new,
                        person_id=person,
                        role="MEMBER",
                        status=status,
                    )
                )
        return new

    async def consent(self, client_id: str, organization: str, person: str, *scopes: str) -> str:
        """What a person's consent to an app leaves behind: a grant, named by its id."""
        new = f"grant_{self.names.new(Kind.PERSON)[4:30]}"
        async with self.database.writing() as db:
            await credentials.add_grant(
                db,
                Grant(
                    id=new,
                    client_id=client_id,
                    organization_id=organization,
                    person_id=person,
                    scopes=scopes,
                    created_at=self.now,
                ),
            )
        return new

    def _published(self, identifier: str) -> dict[str, object]:
        return {
            "id": identifier,
            "hub_id": self.hub.id,
            "visibility": "PUBLIC",
            "version": 1,
            "created_at": self.now,
            "updated_at": self.now,
        }


@dataclass(frozen=True, slots=True)
class Office:
    """A hub's identity with its operator's desk, and an app of the Pantry."""

    town: Town
    service: TokenService
    desk: Apps
    app: WithSecret
    http: httpx.AsyncClient

    async def ask(self, *, basic: str | None = None, **fields: str) -> httpx.Response:
        """At the token endpoint: as the Pantry's app, unless told otherwise."""
        headers = {"authorization": basic or basic_of(self.app.client.id, self.app.secret)}
        data = {"grant_type": "client_credentials", **fields}
        return await self.http.post("/oauth/token", data=data, headers=headers)

    async def token(self, scope: str = "") -> str:
        answer = await self.ask(scope=scope)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token


def basic_of(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def bearer(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"}
