"""Twenty who ask for the same thing in one moment, over real sockets: one gets it, and nobody a 5xx."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth import device
from auth.client_assertions import TYPE
from auth.routes import routes
from domain.apps import AuthMethod, GrantType
from domain.errors import NotFound
from storage.credential_tables import device_codes, grants, used_assertions
from tests.auth.letting_in import Doorstep, secret_of
from tests.auth.listening import listening
from tests.auth.people import Office
from tests.auth.signing import signer

MANY = 20


@pytest.fixture
async def door(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(office.service, lambda _: office.desk))
    async with listening(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield http


async def all_at_once(
    door: httpx.AsyncClient, fields: dict[str, str], path: str = "/oauth/token"
) -> list[httpx.Response]:
    return list(await asyncio.gather(*(door.post(path, data=fields) for _ in range(MANY))))


def won(answers: list[httpx.Response], lost: tuple[int, str]) -> httpx.Response:
    """The one that got it. All others lost, each in that way or because they asked so often."""
    winners = [answer for answer in answers if answer.status_code == 200]
    losers = {
        (answer.status_code, answer.json()["error"])
        for answer in answers
        if answer.status_code != 200
    }
    assert len(winners) == 1, [answer.text for answer in answers]
    assert losers <= {lost, (429, "temporarily_unavailable")}
    assert lost in losers
    return winners[0]


async def test_an_assertion_is_believed_once_however_many_send_it(
    office: Office, door: httpx.AsyncClient
) -> None:
    app = await signer(office)
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": app.assertion(),
    }
    won(await all_at_once(door, fields), (401, "invalid_client"))
    async with office.town.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(used_assertions)) == 1


async def test_a_device_code_is_spent_once_however_many_send_it(
    doorstep: Doorstep, door: httpx.AsyncClient
) -> None:
    client = await doorstep.another(
        "screen", grant_types=(GrantType.DEVICE_CODE,), auth_method=AuthMethod.NONE
    )
    desk = doorstep.office.desk
    asked = {"client_id": client.id, "scope": "events:read"}
    told = (await door.post("/oauth/device_authorization", data=asked)).json()
    fields = {
        "client_id": client.id,
        "grant_type": str(GrantType.DEVICE_CODE),
        "device_code": told["device_code"],
    }
    waiting = await all_at_once(door, fields)
    assert {answer.json()["error"] for answer in waiting} == {"authorization_pending", "slow_down"}
    answers = await asyncio.gather(
        *(
            device.allow(desk, doorstep.anna, told["user_code"], doorstep.pantry, ["events:read"])
            for _ in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, device.Waiting) for answer in answers) == 1
    assert all(isinstance(answer, device.Waiting | NotFound) for answer in answers), answers
    won(await all_at_once(door, fields), (400, "invalid_grant"))
    async with doorstep.office.town.database.reading() as db:
        people = select(func.count()).where(grants.c.person_id.is_not(None))
        assert await db.scalar(people) == 1
        assert await db.scalar(select(device_codes.c.used_at)) is not None


async def test_many_devices_begin_at_once_and_each_has_a_code_of_its_own(
    doorstep: Doorstep, door: httpx.AsyncClient
) -> None:
    client = await doorstep.another(
        "screen", grant_types=(GrantType.DEVICE_CODE,), auth_method=AuthMethod.NONE
    )
    begun = await all_at_once(
        door, {"client_id": client.id, "scope": "events:read"}, "/oauth/device_authorization"
    )
    assert [answer.status_code for answer in begun] == [200] * MANY
    assert len({answer.json()["user_code"] for answer in begun}) == MANY


async def test_an_app_is_revoked_while_it_asks(doorstep: Doorstep, door: httpx.AsyncClient) -> None:
    """Nobody waits for another in a circle, and what was given before ends."""
    website = doorstep.website
    given = [(await doorstep.tokens())["refresh_token"] for _ in range(6)]
    basic = httpx.BasicAuth(website.id, secret_of(website.id))

    async def refreshed(token: str) -> int:
        fields = {"grant_type": "refresh_token", "refresh_token": token}
        return (await door.post("/oauth/token", data=fields, auth=basic)).status_code

    first = await refreshed(given.pop())
    asking = [asyncio.create_task(refreshed(token)) for token in given]
    revoking = asyncio.create_task(doorstep.office.desk.revoke(website.id))
    assert first == 200
    assert set(await asyncio.gather(*asking)) <= {200, 400, 401}
    await revoking
    async with doorstep.office.town.database.reading() as db:
        standing = select(func.count()).where(
            grants.c.client_id == website.id, grants.c.revoked_at.is_(None)
        )
        assert await db.scalar(standing) == 0
