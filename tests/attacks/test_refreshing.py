"""Attacks with refresh tokens: stolen ones, and honest ones that ask for more than they were given."""

from collections import Counter

from sqlalchemy import func, select

from storage.credential_tables import grants, refresh_tokens
from tests.attacks.target import Target, error_of
from tests.auth.signing import part

WIDE = "openid offline_access events:read"


async def ended(target: Target) -> list[str | None]:
    async with target.counter.desk.database.reading(fresh=True) as db:
        peoples = grants.c.person_id.is_not(None)
        return list(await db.scalars(select(grants.c.revoked_why).where(peoples)))


def refreshing(token: str, client_id: str = "app_food_map", **more: str) -> dict[str, str]:
    return {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "refresh_token": token,
        **more,
    }


async def test_a_refresh_token_that_is_sent_again_ends_its_family(target: Target) -> None:
    stolen = (await target.tokens(await target.app(), WIDE))["refresh_token"]
    thiefs = (await target.posted(refreshing(stolen))).json()
    assert await target.is_good(thiefs["access_token"])
    assert error_of(await target.posted(refreshing(stolen))) == (400, "invalid_grant")
    assert await ended(target) == ["REFRESH_REPLAY"]
    assert not await target.is_good(thiefs["access_token"])
    answer = await target.posted(refreshing(thiefs["refresh_token"]))
    assert error_of(answer) == (400, "invalid_grant")


async def test_of_twenty_uses_of_a_refresh_token_at_once_one_wins_and_wins_nothing(
    target: Target,
) -> None:
    token = (await target.tokens(await target.app(), WIDE))["refresh_token"]
    answers = await target.at_once(refreshing(token))
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] == 1
    assert counted.keys() <= {200, 400, 429}, counted
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert await ended(target) == ["REFRESH_REPLAY"]
    assert not await target.is_good(won["access_token"])
    async with target.counter.desk.database.reading(fresh=True) as db:
        assert await db.scalar(select(func.count()).select_from(refresh_tokens)) == 2


async def test_nobody_is_given_more_by_refreshing(target: Target) -> None:
    """Scope widening: also to what the app is registered for, and the person did not allow."""
    token = (await target.tokens(await target.app(), WIDE))["refresh_token"]
    before = await target.contents()
    for scope in ("events:write", f"{WIDE} events:write", "alliances:agree", "*", "openid admin"):
        answer = await target.posted(refreshing(token, scope=scope))
        assert error_of(answer) == (400, "invalid_scope"), scope
    elsewhere = refreshing(token, resource="https://other.example/graphql")
    assert error_of(await target.posted(elsewhere)) == (400, "invalid_target")
    assert await target.contents() == before
    honest = await target.posted(refreshing(token, scope="events:read"))
    assert (honest.status_code, honest.json()["scope"]) == (200, "events:read")


async def test_a_refresh_token_is_its_own_apps_and_nothing_else(target: Target) -> None:
    app = await target.app()
    await target.app(id="app_thief", name="Thief")
    tokens = await target.tokens(app, WIDE)
    before = await target.contents()
    stolen = refreshing(tokens["refresh_token"], client_id="app_thief")
    assert error_of(await target.posted(stolen)) == (400, "invalid_grant")
    forged = f"{part({'alg': 'none'})}.{part({'sub': target.cast.anna_id})}."
    for other in (tokens["access_token"], tokens["id_token"], forged):
        assert error_of(await target.posted(refreshing(other))) == (400, "invalid_grant")
    assert await target.contents() == before
    answer = await target.asks(tokens["refresh_token"])
    assert answer.status_code == 401
    assert (await target.posted(refreshing(tokens["refresh_token"]))).status_code == 200
