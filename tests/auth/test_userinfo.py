"""Who the person of a token is, for an app that asked to know."""

import pytest
from sqlalchemy import update

from storage.account_tables import accounts
from storage.tables import persons
from tests.auth.letting_in import Doorstep
from tests.auth.people import bearer
from tests.outside import StandingClock


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_app_is_told_who_it_acts_for(doorstep: Doorstep, method: str) -> None:
    async with doorstep.office.town.database.writing() as db:
        await db.execute(update(persons).values(preferred_language="fr"))
    token = (await doorstep.tokens())["access_token"]
    answer = await doorstep.http.request(method, "/oauth/userinfo", headers=bearer(token))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {"sub": doorstep.anna.person_id, "name": "Anna", "locale": "fr"}


async def test_an_app_that_did_not_ask_is_not_told(doorstep: Doorstep) -> None:
    token = (await doorstep.tokens(scope="events:read"))["access_token"]
    machine = await doorstep.office.token()
    for other in (token, machine):
        answer = await doorstep.http.get("/oauth/userinfo", headers=bearer(other))
        assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
        challenge = answer.headers["www-authenticate"]
        assert challenge == 'Bearer error="insufficient_scope", scope="openid"'


async def test_without_a_good_token_nobody_is_told(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    tokens = await doorstep.tokens()
    answer = await doorstep.http.get("/oauth/userinfo")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    await doorstep.ask(doorstep.website, "/oauth/revoke", token=tokens["access_token"])
    for bad in ("x", tokens["access_token"], tokens["id_token"], tokens["refresh_token"]):
        answer = await doorstep.http.get("/oauth/userinfo", headers=bearer(bad))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    address = f"/oauth/userinfo?access_token={tokens['access_token']}"
    assert (await doorstep.http.get(address)).status_code == 401


async def test_a_closed_account_is_nobody(doorstep: Doorstep, clock: StandingClock) -> None:
    token = (await doorstep.tokens())["access_token"]
    async with doorstep.office.town.database.writing() as db:
        await db.execute(update(accounts).values(closed_at=clock.now()))
    answer = await doorstep.http.get("/oauth/userinfo", headers=bearer(token))
    assert answer.status_code == 401
