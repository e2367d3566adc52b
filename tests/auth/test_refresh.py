"""A refresh token for the next one: each once, and a second use ends the family."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select

from auth.authenticate import viewer_of
from domain.apps import AuthMethod
from domain.errors import Unauthenticated
from storage.credential_tables import grants, refresh_tokens
from storage.tables import team_members
from tests.auth.letting_in import Doorstep, error_of
from tests.auth.people import bearer
from tests.conftest import Contents
from tests.outside import StandingClock


async def refreshed(doorstep: Doorstep, token: str, **more: str) -> dict[str, str]:
    answer = await doorstep.refresh(token, None, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()
    return body


async def is_good(doorstep: Doorstep, token: str) -> bool:
    office = doorstep.office
    try:
        await viewer_of(bearer(token), office.service.verifier, office.town.database)
    except Unauthenticated:
        return False
    return True


async def test_each_is_spent_for_the_next(doorstep: Doorstep) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    seen = {token}
    for _ in range(3):
        body = await refreshed(doorstep, token)
        token = body["refresh_token"]
        assert token not in seen
        assert body["scope"] == "openid offline_access events:read events:write"
        assert await is_good(doorstep, body["access_token"])
        seen.add(token)


async def test_a_second_use_ends_the_family(doorstep: Doorstep) -> None:
    first = await doorstep.tokens()
    second = await refreshed(doorstep, first["refresh_token"])
    third = await refreshed(doorstep, second["refresh_token"])
    apart = await doorstep.tokens()
    answer = await doorstep.refresh(first["refresh_token"])
    assert error_of(answer) == (400, "invalid_grant")
    for tokens in (second, third):
        assert error_of(await doorstep.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
        assert not await is_good(doorstep, tokens["access_token"])
    async with doorstep.office.town.database.reading() as db:
        why = list(await db.scalars(select(grants.c.revoked_why).order_by(grants.c.revoked_why)))
    assert why.count("REFRESH_REPLAY") == 1
    assert await is_good(doorstep, apart["access_token"]), "another consent is another family"
    await refreshed(doorstep, apart["refresh_token"])


async def test_less_may_be_asked_for_and_the_next_one_is_for_all_again(doorstep: Doorstep) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    narrow = await refreshed(doorstep, token, scope="events:read")
    assert narrow["scope"] == "events:read"
    assert "id_token" not in narrow
    wide = await refreshed(doorstep, narrow["refresh_token"])
    assert wide["scope"] == "openid offline_access events:read events:write"


@pytest.mark.parametrize("scope", ["attendance:read", "events:read attendance:read", "*", "é"])
async def test_more_is_refused_and_spends_nothing(
    doorstep: Doorstep, contents: Contents, scope: str
) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    before = await contents()
    assert error_of(await doorstep.refresh(token, scope=scope)) == (400, "invalid_scope")
    assert await contents() == before
    await refreshed(doorstep, token)


async def test_another_app_can_do_nothing_with_it(doorstep: Doorstep, contents: Contents) -> None:
    other = await doorstep.another("other")
    public = await doorstep.another("public", auth_method=AuthMethod.NONE)
    token = (await doorstep.tokens())["refresh_token"]
    before = await contents()
    for thief in (other, public, doorstep.phone):
        assert error_of(await doorstep.refresh(token, thief)) == (400, "invalid_grant")
    as_public = replace(doorstep.website, auth_method=AuthMethod.NONE)
    assert error_of(await doorstep.refresh(token, as_public)) == (401, "invalid_client")
    assert await contents() == before


@pytest.mark.parametrize("token", ["", "cvk_refresh_invented", "\x00é"])
async def test_what_is_none_is_refused(doorstep: Doorstep, contents: Contents, token: str) -> None:
    before = await contents()
    answer = await doorstep.refresh(token)
    assert answer.status_code == 400
    assert await contents() == before


async def test_an_access_token_or_a_code_is_no_refresh_token(doorstep: Doorstep) -> None:
    tokens, code = await doorstep.tokens(), await doorstep.code()
    for wrong in (tokens["access_token"], tokens["id_token"], code):
        assert error_of(await doorstep.refresh(wrong)) == (400, "invalid_grant")
    assert error_of(await doorstep.redeem(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_it_lasts_thirty_days_from_its_last_use(
    doorstep: Doorstep, clock: StandingClock, contents: Contents
) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    clock.forward(days=29)
    token = (await refreshed(doorstep, token))["refresh_token"]
    clock.forward(days=29)
    token = (await refreshed(doorstep, token))["refresh_token"]
    clock.forward(days=30)
    before = await contents()
    assert error_of(await doorstep.refresh(token)) == (400, "invalid_grant")
    assert await contents() == before


async def test_it_lasts_a_hundred_and_eighty_days_at_most(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    for _ in range(8):
        clock.forward(days=22)
        token = (await refreshed(doorstep, token))["refresh_token"]
    clock.forward(days=4)  # 180 since the consent, and four since the last use
    assert error_of(await doorstep.refresh(token)) == (400, "invalid_grant")


async def test_whoever_left_the_team_is_spoken_for_no_longer(
    doorstep: Doorstep, contents: Contents
) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    async with doorstep.office.town.database.writing() as db:
        mine = team_members.c.person_id == doorstep.anna.person_id
        await db.execute(delete(team_members).where(mine))
    before = await contents()
    assert error_of(await doorstep.refresh(token)) == (400, "invalid_grant")
    assert await contents() == before


async def test_of_a_token_only_a_digest_is_kept(doorstep: Doorstep, contents: Contents) -> None:
    tokens, code = await doorstep.tokens(), await doorstep.code()
    kept = str(await contents())
    for secret in (tokens["refresh_token"], tokens["access_token"], code):
        assert secret not in kept
    async with doorstep.office.town.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(refresh_tokens)) == 1
