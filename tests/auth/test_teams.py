"""Teams while many act at once, and what becomes of apps and tokens of whoever goes."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from auth import team_invitations, teams
from auth.desk import Desk
from auth.letters import Place
from auth.team_invitations import NoInvitation
from domain.actors import TeamRole
from domain.errors import NotFound, Problem, Refused, Taken
from domain.hubs import LocalHub
from domain.ids import Kind, Names
from storage import standings
from storage import teams as stored
from storage.account_tables import accounts, sign_in_addresses
from storage.account_tables import sessions as session_rows
from storage.credential_tables import clients, grants
from storage.engine import Database
from storage.sessions import Session
from storage.tables import outgoing_mail, persons, team_members
from storage.teams import Organization
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock

SLUG = "river-city-pantry"
OWNER, EDITOR = TeamRole.OWNER, TeamRole.EDITOR
PLACE = Place("River City", "http://hub.test/account/invitation")


class Office:
    """Where people of the Pantry do things to its team."""

    def __init__(self, desk: Desk, cast: Cast) -> None:
        self.desk, self.cast, self.database = desk, cast, desk.database

    def session(self, person_id: str, name: str) -> Session:
        now = self.desk.clock.now()
        return Session(
            id=f"ses_{name}", person_id=person_id, person_name=name, created_at=now,
            last_seen_at=now, authenticated_at=now, methods=("pop",), device="Firefox on Linux",
        )  # fmt: skip

    @property
    def anna(self) -> Session:
        return self.session(self.cast.anna_id, "Anna")

    async def somebody(self, name: str, role: TeamRole | None = None) -> Session:
        person_id, now = self.desk.names.new(Kind.PERSON), self.desk.clock.now()
        async with self.database.writing() as db:
            values = {"id": person_id, "display_name": name, "created_at": now}
            await db.execute(persons.insert().values(values))
            handle = self.desk.chance.token_bytes(64)
            await db.execute(
                accounts.insert().values(person_id=person_id, handle=handle, created_at=now)
            )
            if role is not None:
                member_id = self.desk.names.new(Kind.TEAM_MEMBER)
                await stored.give_role(db, member_id, self.cast.pantry, person_id, role, now)
        return self.session(person_id, name)

    async def invited(self, address: str, role: TeamRole = EDITOR) -> str:
        """What the link holds."""
        organization = Organization(self.cast.pantry, SLUG, "River City Pantry")
        _, link = await team_invitations.invite_as_operator(
            self.desk, PLACE, organization, address, role
        )
        return link.partition("?letter=")[2]

    async def roles(self) -> list[str]:
        async with self.database.reading() as db:
            found = await db.scalars(
                select(team_members.c.role)
                .where(team_members.c.organization_id == self.cast.pantry)
                .order_by(team_members.c.role)
            )
            return list(found)

    async def member_id(self, session: Session) -> str:
        async with self.database.reading() as db:
            members = await stored.members_of(db, self.cast.pantry)
        (found,) = (each.id for each in members if each.person_id == session.person_id)
        return found

    async def count(self, table: object) -> int:
        async with self.database.reading() as db:
            found = await db.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]
            return int(found or 0)


@pytest.fixture
async def office(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> Office:
    names = Names(hub.authority, clock, chance)
    return Office(Desk(database, names, clock, chance, "req_of_tests", "192.0.2.1"), cast)


async def outcomes(*tries: object) -> tuple[int, list[BaseException]]:
    """How many came through, and what the others met: problems that a person can act on."""
    ended = await asyncio.gather(*tries, return_exceptions=True)  # type: ignore[call-overload]
    met = [each for each in ended if isinstance(each, BaseException)]
    assert all(isinstance(each, Problem) for each in met), met
    return len(ended) - len(met), met


# ── at once ──────────────────────────────────────────────────────────────────────────────────


async def test_of_twenty_who_accept_at_once_one_comes_in(office: Office) -> None:
    secret = await office.invited("mia@pantry.example")
    everybody = [await office.somebody(f"P{number}") for number in range(20)]
    won, met = await outcomes(
        *(
            team_invitations.accept(replace(office.desk, address=each.id), secret, each)
            for each in everybody
        )
    )
    assert won == 1
    assert {type(each) for each in met} == {NoInvitation}
    assert await office.roles() == ["EDITOR", "OWNER"]


async def test_of_twenty_new_accounts_for_one_invitation_one_is_made(office: Office) -> None:
    secret = await office.invited("mia@pantry.example")
    before = await office.count(persons)
    won, met = await outcomes(
        *(
            team_invitations.accept_as_somebody_new(
                replace(office.desk, address=f"192.0.2.{number}"), secret, "Mia", "Firefox"
            )
            for number in range(20)
        )
    )
    assert won == 1
    assert {type(each) for each in met} == {NoInvitation}
    assert await office.count(persons) == before + 1
    assert await office.count(sign_in_addresses) == 1
    assert await office.count(session_rows) == 1


async def test_of_two_organizations_that_invite_somebody_new_one_makes_the_account(
    office: Office,
) -> None:
    """At once: the address opens one account, and the other page says to sign in."""
    secrets = [await office.invited("mia@pantry.example")]
    shelter = Organization(office.cast.shelter, "harbor-shelter", "Harbor Shelter")
    _, link = await team_invitations.invite_as_operator(
        office.desk, PLACE, shelter, "mia@pantry.example", OWNER
    )
    secrets.append(link.partition("?letter=")[2])
    won, met = await outcomes(
        *(
            team_invitations.accept_as_somebody_new(office.desk, secret, "Mia", "Firefox")
            for secret in secrets
        )
    )
    assert won == 1
    assert [type(each) for each in met] == [team_invitations.HasAccount]
    assert await office.count(sign_in_addresses) == 1


async def test_of_twenty_owners_who_leave_at_once_one_stays(office: Office) -> None:
    everybody = [office.anna, *[await office.somebody(f"P{n}", OWNER) for n in range(19)]]
    won, met = await outcomes(*(teams.leave(office.desk, each, SLUG) for each in everybody))
    assert won == 19
    assert [type(each) for each in met] == [Refused]
    assert await office.roles() == ["OWNER"]


async def test_owners_who_lower_and_remove_each_other_at_once_leave_one(office: Office) -> None:
    everybody = [office.anna, *[await office.somebody(f"P{n}", OWNER) for n in range(9)]]
    ids = [await office.member_id(each) for each in everybody]
    tries = []
    for number, each in enumerate(everybody):
        other = ids[(number + 1) % len(ids)]
        tries.append(teams.change_role(office.desk, each, SLUG, other, TeamRole.VIEWER))
        tries.append(teams.remove(office.desk, each, SLUG, ids[(number + 2) % len(ids)]))
    _, met = await outcomes(*tries)
    assert {type(each) for each in met} <= {Refused, NotFound}
    assert "OWNER" in await office.roles()


async def test_of_twenty_invitations_to_one_address_at_once_one_is_sent(office: Office) -> None:
    owners = [await office.somebody(f"P{n}", OWNER) for n in range(20)]
    won, met = await outcomes(
        *(
            team_invitations.invite(office.desk, PLACE, each, SLUG, "mia@pantry.example", EDITOR)
            for each in owners
        )
    )
    assert won == 1
    assert Taken in {type(each) for each in met}
    assert await office.count(outgoing_mail) == 1


# ── who goes ─────────────────────────────────────────────────────────────────────────────────


async def test_whoever_goes_takes_along_what_they_let_in(office: Office) -> None:
    """For this organization, and no other; and it does not come back with them."""
    sam = await office.somebody("Sam", EDITOR)
    now = office.desk.clock.now()
    async with office.database.writing() as db:
        client = {"id": "app_1", "organization_id": None, "name": "App", "created_at": now}
        await db.execute(clients.insert().values({**client, "scopes": ["events:read"]}))
        for name, organization_id in (("gr_1", office.cast.pantry), ("gr_2", office.cast.shelter)):
            await db.execute(
                grants.insert().values(
                    id=name, client_id="app_1", organization_id=organization_id,
                    person_id=sam.person_id, scopes=["events:read"], created_at=now,
                )
            )  # fmt: skip

    async def stands() -> bool:
        async with office.database.reading() as db:
            found = await standings.of(
                db, grant_id="gr_1", client_id="app_1", organization_id=office.cast.pantry,
                person_id=sam.person_id, jti="jti",
            )  # fmt: skip
        return found is not None

    assert await stands()
    await teams.remove(office.desk, office.anna, SLUG, await office.member_id(sam))
    assert not await stands()
    async with office.database.reading() as reading:
        found = await reading.execute(
            select(grants.c.id, grants.c.revoked_at, grants.c.revoked_why).order_by(grants.c.id)
        )
        rows = [tuple(row) for row in found]
    assert rows == [("gr_1", now, "ORGANIZATION"), ("gr_2", None, None)]
    await team_invitations.accept(office.desk, await office.invited("sam@shelter.example"), sam)
    assert await office.roles() == ["EDITOR", "OWNER"]
    assert not await stands()


async def test_what_the_operator_sends_again_replaces_what_waited(office: Office) -> None:
    first = await office.invited("mia@pantry.example", OWNER)
    second = await office.invited("Mia@pantry.example", OWNER)
    with pytest.raises(NoInvitation):
        await team_invitations.look(office.desk, first, None)
    opened = await team_invitations.look(office.desk, second, None)
    assert (opened.invitation.inviter, opened.invitation.role) == (None, OWNER)
