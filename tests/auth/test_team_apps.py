"""People of a team look after their organization's apps; nobody else learns that there are any."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from auth import device, team_apps
from auth.app_wishes import Kind, Wish, kind_of
from auth.clients import SECRET_PREFIX
from auth.scopes import DEFAULT
from domain.actors import TeamRole
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.errors import Invalid, NotFound, Problem, Refused
from storage.credential_tables import client_secrets, clients, grants, refresh_tokens
from storage.tables import audit_entries, team_members
from tests.auth.letting_in import Doorstep, error_of
from tests.auth.people import basic_of
from tests.auth.signing import made_key, public

SITE = Wish(name="Pantry site", kind=Kind.PEOPLE, redirect_uris=["https://pantry.example/back"])


async def rows(doorstep: Doorstep) -> list[Any]:
    async with doorstep.office.town.database.reading() as db:
        return [
            (await db.execute(select(table).order_by(*table.primary_key))).all()
            for table in (clients, client_secrets, grants, audit_entries)
        ]


async def refused(doorstep: Doorstep, wish: Awaitable[object], problem: type[Problem]) -> str:
    before = await rows(doorstep)
    with pytest.raises(problem) as caught:
        await wish
    assert await rows(doorstep) == before
    return caught.value.message


async def in_role(doorstep: Doorstep, role: TeamRole) -> Doorstep:
    """Anna has another role in her team from now on."""
    async with doorstep.office.town.database.writing() as db:
        await db.execute(
            update(team_members)
            .where(team_members.c.person_id == doorstep.anna.person_id)
            .values(role=role)
        )
    return doorstep


@pytest.fixture
async def owner(doorstep: Doorstep) -> Doorstep:
    return await in_role(doorstep, TeamRole.OWNER)


@pytest.mark.parametrize("role", [TeamRole.OWNER, TeamRole.ADMIN])
async def test_anna_registers_an_app_and_sees_it(doorstep: Doorstep, role: TeamRole) -> None:
    await in_role(doorstep, role)
    desk, anna = doorstep.office.desk, doorstep.anna
    made = await team_apps.register_for(desk, anna, doorstep.pantry, SITE)
    assert made.secret is not None
    assert made.secret.startswith(SECRET_PREFIX)
    listed = await team_apps.of_organization(desk, anna, doorstep.pantry)
    listed = sorted(listed, key=lambda client: client.name)  # both were made at the same moment
    assert [client.name for client in listed] == ["Pantry site", "Pantry website"]
    site = listed[0]
    assert (site.registered_by, site.person_id) == (RegisteredBy.TEAM, anna.person_id)
    assert site.grant_types == (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    assert (site.auth_method, site.last_used_at) == (AuthMethod.SECRET_BASIC, None)
    async with doorstep.office.town.database.reading() as db:
        noted = (await db.execute(select(audit_entries))).mappings().all()[-1]
    assert (noted["action"], noted["person_id"], noted["organization_id"]) == (
        "client.register",
        anna.person_id,
        doorstep.pantry,
    )
    assert made.secret not in str(noted)


async def test_each_kind_of_app_gets_what_it_needs(owner: Doorstep) -> None:
    async def made(**wish: Any) -> tuple[Any, ...]:
        app = await team_apps.register_for(
            owner.office.desk, owner.anna, owner.pantry, Wish(name="App", **wish)
        )
        client = app.client
        return (
            kind_of(client.grant_types),
            client.grant_types[0],
            client.auth_method,
            app.secret is not None,
        )

    there = ["https://pantry.example/back"]
    people, machine = Kind.PEOPLE, Kind.MACHINE
    code, shown = GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE
    basic, none, keys = AuthMethod.SECRET_BASIC, AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT
    itself, jwks = GrantType.CLIENT_CREDENTIALS, public(made_key())
    assert await made() == (machine, itself, basic, True)
    assert await made(jwks=jwks) == (machine, itself, keys, False)
    assert await made(kind=people, redirect_uris=there) == (people, code, basic, True)
    assert await made(kind=people, redirect_uris=there, jwks=jwks) == (people, code, keys, False)
    public_app = await made(kind=people, redirect_uris=there, is_public=True)
    assert public_app == (people, code, none, False)
    assert await made(kind=people, is_public=True) == (people, shown, none, False)


WISHES: list[tuple[dict[str, Any], str]] = [
    ({"redirect_uris": ["https://pantry.example/"]}, "sends nobody anywhere"),
    ({"is_public": True}, "shows who it is"),
    ({"scopes": ["alliances:agree"]}, "without a person"),
    ({"scopes": ["openid"]}, "without a person"),
    ({"kind": Kind.PEOPLE, "scopes": ["organization:admin"]}, "organization:admin"),
    ({"kind": Kind.PEOPLE, "scopes": ["hubs:admin"]}, "hubs:admin"),
    ({"kind": Kind.PEOPLE, "scopes": ["federation:sync"]}, "federation:sync"),
    ({"kind": Kind.PEOPLE, "scopes": ["events:all"]}, "no scope events:all"),
    ({"kind": Kind.PEOPLE, "scopes": []}, "at least one"),
    ({"kind": Kind.PEOPLE, "redirect_uris": ["http://pantry.example/"]}, "redirect_uris"),
    ({"kind": Kind.PEOPLE, "is_public": True, "jwks": public(made_key())}, "no keys"),
    ({"jwks": {"keys": []}}, "jwks"),
    ({"name": " "}, "name"),
    ({"name": "Pantry\u202e"}, r"U+202E"),
]


async def test_what_no_app_can_be_is_refused(owner: Doorstep) -> None:
    desk, anna = owner.office.desk, owner.anna
    for changed, says in WISHES:
        wish = Wish(**{"name": "App", "scopes": DEFAULT, **changed})
        made = team_apps.register_for(desk, anna, owner.pantry, wish)
        assert says in await refused(owner, made, Invalid), changed


@pytest.mark.parametrize("role", [TeamRole.EDITOR, TeamRole.EVENT_MANAGER, TeamRole.VIEWER])
async def test_others_of_the_team_may_not(doorstep: Doorstep, role: TeamRole) -> None:
    await in_role(doorstep, role)
    desk, anna, app = doorstep.office.desk, doorstep.anna, doorstep.office.app.client.id
    for wish in (
        team_apps.of_organization(desk, anna, doorstep.pantry),
        team_apps.register_for(desk, anna, doorstep.pantry, SITE),
        team_apps.rotate_for(desk, anna, app),
        team_apps.change_keys_for(desk, anna, app, public(made_key())),
        team_apps.revoke_for(desk, anna, app),
    ):
        assert "OWNER or ADMIN" in await refused(doorstep, wish, Refused)


async def test_of_other_teams_and_of_nobodys_apps_there_is_nothing_to_learn(
    owner: Doorstep,
) -> None:
    desk, anna = owner.office.desk, owner.anna
    shelter = owner.office.town.shelter
    elsewhere: list[Awaitable[object]] = [
        team_apps.of_organization(desk, anna, shelter),
        team_apps.register_for(desk, anna, shelter, SITE),
        team_apps.of_organization(desk, anna, "org_nowhere@hub.test"),
    ]
    for wish in elsewhere:
        assert "team" in await refused(owner, wish, NotFound)
    said = set()
    for app in (owner.website.id, owner.phone.id, "app_nowhere"):
        changes: list[Awaitable[object]] = [
            team_apps.rotate_for(desk, anna, app),
            team_apps.change_keys_for(desk, anna, app, public(made_key())),
            team_apps.revoke_for(desk, anna, app),
        ]
        for wish in changes:
            said.add(await refused(owner, wish, NotFound))
    assert len(said) == 1


async def test_anna_changes_a_secret_without_a_stop(owner: Doorstep) -> None:
    office, app = owner.office, owner.office.app
    new = await team_apps.rotate_for(office.desk, owner.anna, app.client.id, timedelta(hours=1))
    for secret in (app.secret, new.secret):
        answer = await office.ask(basic=basic_of(app.client.id, secret))
        assert answer.status_code == 200
    office.desk.clock.forward(hours=1)  # type: ignore[attr-defined]
    assert error_of(await office.ask()) == (401, "invalid_client")


async def test_an_app_without_a_secret_has_none_to_change(owner: Doorstep) -> None:
    desk, anna = owner.office.desk, owner.anna
    wish = Wish(name="Kiosk", kind=Kind.PEOPLE, is_public=True)
    kiosk = (await team_apps.register_for(desk, anna, owner.pantry, wish)).client
    rotated = team_apps.rotate_for(desk, anna, kiosk.id)
    assert "no secret" in await refused(owner, rotated, Invalid)
    changed = team_apps.change_keys_for(desk, anna, kiosk.id, public(made_key()))
    assert "no keys" in await refused(owner, changed, Invalid)


async def test_what_is_revoked_ends_for_everybody_who_let_it_in(owner: Doorstep) -> None:
    office, desk, anna = owner.office, owner.office.desk, owner.anna
    await in_role(owner, TeamRole.OWNER)
    async with office.town.database.writing() as db:
        await db.execute(
            update(team_members)
            .where(team_members.c.person_id == owner.sam.person_id)
            .values(role=TeamRole.ADMIN)
        )
    token = await owner.tokens()
    asked = {"scope": "events:read"}
    async with office.town.database.writing() as db:
        ways = [GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.DEVICE_CODE]
        await db.execute(update(clients).values(grant_types=ways))
    begun = (await owner.ask(owner.website, "/oauth/device_authorization", **asked)).json()
    await team_apps.revoke_for(desk, owner.sam, owner.website.id)
    assert error_of(await owner.refresh(token["refresh_token"])) == (401, "invalid_client")
    with pytest.raises(NotFound):
        await device.allow(desk, anna, begun["user_code"], owner.pantry, ["events:read"])
    headers = {"authorization": f"Bearer {token['access_token']}"}
    assert (await owner.http.get("/oauth/userinfo", headers=headers)).status_code == 401
    async with office.town.database.reading() as db:
        ended = await db.scalars(
            select(grants.c.revoked_why).where(grants.c.client_id == owner.website.id)
        )
        assert set(ended) == {"APP"}
        secrets = select(client_secrets.c.digest).where(
            client_secrets.c.client_id == owner.website.id
        )
        assert list(await db.scalars(secrets)) == []
        assert (await db.execute(select(refresh_tokens))).all(), "kept until it would be over"
    again = await team_apps.revoke_for(desk, owner.sam, owner.website.id)
    assert again.revoked_at is not None
    rotated = team_apps.rotate_for(desk, owner.sam, owner.website.id)
    assert "register another" in await refused(owner, rotated, Invalid)


async def test_two_who_register_at_once_both_may(owner: Doorstep) -> None:
    made = await asyncio.gather(
        *(
            team_apps.register_for(owner.office.desk, owner.anna, owner.pantry, SITE)
            for _ in range(5)
        )
    )
    assert len({app.client.id for app in made}) == 5


async def test_one_teams_mistake_does_not_fill_the_hub(
    owner: Doorstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_apps, "MOST_IN_USE", 2)
    desk, anna = owner.office.desk, owner.anna
    made = await team_apps.register_for(desk, anna, owner.pantry, SITE)
    another = team_apps.register_for(desk, anna, owner.pantry, SITE)
    assert "2 apps are in use" in await refused(owner, another, Invalid)
    await team_apps.revoke_for(desk, anna, made.client.id)
    await team_apps.register_for(desk, anna, owner.pantry, SITE)
