"""An app gives a token back: its own, at once, and nobody else's."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from auth.authenticate import viewer_of
from domain.apps import AuthMethod
from domain.errors import Unauthenticated
from storage.credential_tables import grants
from storage.tables import audit_entries
from tests.auth.letting_in import Doorstep, error_of
from tests.auth.people import bearer
from tests.conftest import Contents
from tests.outside import StandingClock

Revoke = Callable[..., Awaitable[Any]]


async def revoke(doorstep: Doorstep, token: str, client: Any = None, **more: str) -> None:
    answer = await doorstep.ask(client or doorstep.website, "/oauth/revoke", token=token, **more)
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["cache-control"] == "no-store"


async def is_good(doorstep: Doorstep, token: str) -> bool:
    office = doorstep.office
    try:
        await viewer_of(bearer(token), office.service.verifier, office.town.database)
    except Unauthenticated:
        return False
    return True


async def actions(doorstep: Doorstep) -> list[str]:
    async with doorstep.office.town.database.reading() as db:
        ending = audit_entries.c.action.like("%.revoked")
        return list(await db.scalars(select(audit_entries.c.action).where(ending)))


async def test_an_access_token_is_refused_at_once_and_alone(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens()
    next_ones = (await doorstep.refresh(tokens["refresh_token"])).json()
    for _ in range(2):  # twice is as good as once
        await revoke(doorstep, tokens["access_token"])
    assert not await is_good(doorstep, tokens["access_token"])
    assert await is_good(doorstep, next_ones["access_token"])
    assert (await doorstep.refresh(next_ones["refresh_token"])).status_code == 200
    assert await actions(doorstep) == ["token.revoked"]


@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "made_up"])
async def test_with_a_refresh_token_the_whole_authorization_ends(
    doorstep: Doorstep, hint: str
) -> None:
    tokens = await doorstep.tokens()
    for _ in range(2):
        await revoke(doorstep, tokens["refresh_token"], token_type_hint=hint)
    assert not await is_good(doorstep, tokens["access_token"])
    assert error_of(await doorstep.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert await actions(doorstep) == ["grant.revoked"]
    async with doorstep.office.town.database.reading() as db:
        why = await db.scalars(select(grants.c.revoked_why).where(grants.c.person_id.is_not(None)))
        assert list(why) == ["APP"]


async def test_a_spent_refresh_token_ends_it_too(doorstep: Doorstep) -> None:
    first = await doorstep.tokens()
    second = (await doorstep.refresh(first["refresh_token"])).json()
    await revoke(doorstep, first["refresh_token"])
    assert not await is_good(doorstep, second["access_token"])


async def test_a_public_app_gives_back_its_own(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens(doorstep.phone)
    await revoke(doorstep, tokens["refresh_token"], doorstep.phone)
    assert not await is_good(doorstep, tokens["access_token"])


async def test_a_machine_gives_back_its_own(doorstep: Doorstep) -> None:
    office = doorstep.office
    token = await office.token()
    answer = await office.ask()
    assert answer.status_code == 200
    other = answer.json()["access_token"]
    await doorstep.http.post(
        "/oauth/revoke",
        data={"token": token},
        auth=(office.app.client.id, office.app.secret),
    )
    assert not await is_good(doorstep, token)
    assert await is_good(doorstep, other)


async def test_what_is_no_token_is_as_good_as_revoked(
    doorstep: Doorstep, clock: StandingClock, contents: Contents
) -> None:
    tokens, code = await doorstep.tokens(), await doorstep.code()
    clock.forward(minutes=5)
    before = await contents()
    for none in ("x", "cvk_refresh_invented", "a.b.c", "\x00é", code, tokens["id_token"]):
        await revoke(doorstep, none)
    await revoke(doorstep, tokens["access_token"])  # it has expired
    assert await contents() == before


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_nobody_revokes_anothers(doorstep: Doorstep, contents: Contents, kind: str) -> None:
    tokens = await doorstep.tokens()
    other = await doorstep.another("other")
    before = await contents()
    for thief in (other, doorstep.phone):
        answer = await doorstep.ask(thief, "/oauth/revoke", token=tokens[kind])
        assert error_of(answer) == (400, "invalid_grant")
    assert await contents() == before
    assert await is_good(doorstep, tokens["access_token"])


async def test_an_app_shows_who_it_is_first(doorstep: Doorstep, contents: Contents) -> None:
    tokens = await doorstep.tokens()
    before = await contents()
    as_public = replace(doorstep.website, auth_method=AuthMethod.NONE)
    answer = await doorstep.ask(as_public, "/oauth/revoke", token=tokens["refresh_token"])
    assert error_of(answer) == (401, "invalid_client")
    answer = await doorstep.http.post("/oauth/revoke", data={"token": tokens["refresh_token"]})
    assert error_of(answer) == (401, "invalid_client")
    answer = await doorstep.ask(doorstep.website, "/oauth/revoke")
    assert error_of(answer) == (400, "invalid_request")
    assert await contents() == before
