"""A server asks whether a token counts: about its own organization's apps, and told nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from domain.apps import AuthMethod
from storage.credentials import Client
from storage.tables import team_members
from tests.auth.letting_in import Doorstep, error_of
from tests.outside import StandingClock

INACTIVE = {"active": False}


async def asked(doorstep: Doorstep, client: Client, token: str) -> dict[str, Any]:
    answer = await doorstep.ask(client, "/oauth/introspect", token=token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
async def shelters(doorstep: Doorstep) -> Client:
    """A server of the Shelter, which asks about the Shelter's apps."""
    return await doorstep.another("server")


async def test_an_access_token_is_told(
    doorstep: Doorstep, shelters: Client, clock: StandingClock
) -> None:
    token = (await doorstep.tokens())["access_token"]
    told = await asked(doorstep, shelters, token)
    assert told | {"jti": ""} == {
        "active": True,
        "token_type": "Bearer",
        "scope": "openid offline_access events:read events:write",
        "client_id": "app_website",
        "sub": doorstep.anna.person_id,
        "aud": "http://hub.test/graphql",
        "iss": "http://hub.test",
        "org": doorstep.pantry,
        "exp": int(clock.now().timestamp()) + 300,
        "jti": "",
    }
    assert await asked(doorstep, doorstep.website, token) == told, "about its own, too"
    clock.forward(minutes=5)
    assert await asked(doorstep, shelters, token) == INACTIVE


async def test_a_refresh_token_is_told_until_it_is_spent(
    doorstep: Doorstep, shelters: Client, clock: StandingClock
) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    assert await asked(doorstep, shelters, token) == {
        "active": True,
        "scope": "openid offline_access events:read events:write",
        "client_id": "app_website",
        "sub": doorstep.anna.person_id,
        "iss": "http://hub.test",
        "org": doorstep.pantry,
        "iat": int(clock.now().timestamp()),
        "exp": int(clock.now().timestamp()) + 30 * 86_400,
    }
    following = (await doorstep.refresh(token)).json()["refresh_token"]
    assert await asked(doorstep, shelters, token) == INACTIVE
    assert (await asked(doorstep, shelters, following))["active"] is True
    clock.forward(days=30)
    assert await asked(doorstep, shelters, following) == INACTIVE


async def test_what_ended_is_not_active(doorstep: Doorstep, shelters: Client) -> None:
    tokens = await doorstep.tokens()
    async with doorstep.office.town.database.writing() as db:
        await db.execute(delete(team_members))
    for kind in ("access_token", "refresh_token"):
        assert await asked(doorstep, shelters, tokens[kind]) == INACTIVE


async def test_another_organizations_server_is_told_nothing(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens()
    pantrys = await doorstep.another("pantrys", organization_id=doorstep.pantry)
    of_nobody = await doorstep.another("nobodys", organization_id=None)
    for stranger in (pantrys, of_nobody):
        for kind in ("access_token", "refresh_token"):
            assert await asked(doorstep, stranger, tokens[kind]) == INACTIVE


async def test_apps_of_nobody_do_not_know_each_other(doorstep: Doorstep) -> None:
    token = (await doorstep.tokens(doorstep.phone))["access_token"]
    of_nobody = await doorstep.another("nobodys", organization_id=None)
    assert await asked(doorstep, of_nobody, token) == INACTIVE


async def test_a_machines_token_is_told_to_its_organization(doorstep: Doorstep) -> None:
    token = await doorstep.office.token("events:read")
    pantrys = await doorstep.another("pantrys", organization_id=doorstep.pantry)
    told = await asked(doorstep, pantrys, token)
    assert (told["active"], told["sub"]) == (True, doorstep.office.app.client.id)


@pytest.mark.parametrize("token", ["x", "a.b.c", "cvk_refresh_invented", "\x00é", "x" * 9_000])
async def test_what_is_no_token_is_not_active(doorstep: Doorstep, token: str) -> None:
    assert await asked(doorstep, doorstep.website, token) == INACTIVE


async def test_neither_a_code_nor_an_id_token_is_a_token(doorstep: Doorstep) -> None:
    tokens, code = await doorstep.tokens(), await doorstep.code()
    for other in (code, tokens["id_token"]):
        assert await asked(doorstep, doorstep.website, other) == INACTIVE


async def test_who_asks_shows_a_secret(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens(doorstep.phone)
    answer = await doorstep.ask(doorstep.phone, "/oauth/introspect", token=tokens["access_token"])
    assert error_of(answer) == (401, "invalid_client")
    as_public = replace(doorstep.website, auth_method=AuthMethod.NONE)
    answer = await doorstep.ask(as_public, "/oauth/introspect", token=tokens["access_token"])
    assert error_of(answer) == (401, "invalid_client")
    answer = await doorstep.ask(doorstep.website, "/oauth/introspect")
    assert error_of(answer) == (400, "invalid_request")
