"""A code for tokens: once, within a minute, by the app it was made for, with its verifier."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from auth.authenticate import viewer_of
from domain.actors import TeamRole, Viewer
from domain.apps import AuthMethod, GrantType
from domain.errors import Unauthenticated
from storage.account_tables import accounts
from storage.credential_tables import clients, grants
from storage.tables import audit_entries, team_members
from tests.auth.letting_in import CALLBACK, VERIFIER, Doorstep, challenge_of, error_of, secret_of
from tests.auth.people import basic_of, bearer
from tests.conftest import Contents
from tests.outside import StandingClock


async def viewer(doorstep: Doorstep, token: str) -> Viewer:
    office = doorstep.office
    return await viewer_of(bearer(token), office.service.verifier, office.town.database)


async def ended(doorstep: Doorstep) -> list[str]:
    """Why authorizations of people were revoked."""
    async with doorstep.office.town.database.reading() as db:
        return list(
            await db.scalars(select(grants.c.revoked_why).where(grants.c.revoked_at.is_not(None)))
        )


async def test_a_code_gives_tokens_that_speak_for_anna_and_her_team(doorstep: Doorstep) -> None:
    answer = await doorstep.redeem(await doorstep.code())
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert {name: body[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "openid offline_access events:read events:write",
    }
    assert body["refresh_token"].startswith("cvk_refresh_")
    assert await viewer(doorstep, body["access_token"]) == Viewer(
        organization_id=doorstep.pantry,
        person_id=doorstep.anna.person_id,
        role=TeamRole.EDITOR,
        client_id="app_website",
        scopes=frozenset({"openid", "offline_access", "events:read", "events:write"}),
    )


async def test_a_public_app_shows_its_name_and_its_verifier(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens(doorstep.phone, scope="events:read")
    assert tokens["scope"] == "events:read"
    assert not tokens.keys() & {"refresh_token", "id_token"}, "neither was asked for"
    assert (await viewer(doorstep, tokens["access_token"])).client_id == "app_phone"


async def test_an_app_on_this_machine_comes_back_to_the_port_it_named(doorstep: Doorstep) -> None:
    address = "http://127.0.0.1:49152/signed-in"
    code = await doorstep.code(doorstep.phone, redirect_uri=address)
    other = address.replace("49152", "49153")
    answer = await doorstep.redeem(code, doorstep.phone, redirect_uri=other)
    assert error_of(answer) == (400, "invalid_grant")
    answer = await doorstep.redeem(code, doorstep.phone, redirect_uri=address)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "b" * 43}, "invalid_grant"),
        ({"code_verifier": challenge_of(VERIFIER)}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"code": "cvk_code_invented"}, "invalid_grant"),
        ({"code": "\x00é"}, "invalid_grant"),
        ({"resource": "https://elsewhere.test/graphql"}, "invalid_target"),
        ({"client_id": "app_phone"}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_refused_and_spends_nothing(
    doorstep: Doorstep, contents: Contents, changed: dict[str, str], error: str
) -> None:
    code = await doorstep.code()
    before = await contents()
    answer = await doorstep.redeem(changed.pop("code", code), None, **changed)
    assert error_of(answer) == (400, error)
    assert await contents() == before
    assert (await doorstep.redeem(code)).status_code == 200


async def test_a_code_is_good_for_a_minute(
    doorstep: Doorstep, clock: StandingClock, contents: Contents
) -> None:
    first, second = await doorstep.code(), await doorstep.code()
    clock.forward(seconds=59)
    assert (await doorstep.redeem(first)).status_code == 200
    clock.forward(seconds=1)
    before = await contents()
    assert error_of(await doorstep.redeem(second)) == (400, "invalid_grant")
    assert await contents() == before


async def test_a_code_put_into_another_app_is_refused_and_stays_good(
    doorstep: Doorstep, contents: Contents
) -> None:
    other = await doorstep.another("other")
    open_one = await doorstep.another("open", auth_method=AuthMethod.NONE)
    code = await doorstep.code()
    before = await contents()
    for thief in (other, open_one):
        assert error_of(await doorstep.redeem(code, thief)) == (400, "invalid_grant")
    assert await contents() == before
    assert (await doorstep.redeem(code)).status_code == 200


async def test_an_app_with_a_secret_must_show_it(doorstep: Doorstep, contents: Contents) -> None:
    code = await doorstep.code()
    before = await contents()
    as_public = replace(doorstep.website, auth_method=AuthMethod.NONE)
    assert error_of(await doorstep.redeem(code, as_public)) == (401, "invalid_client")
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    for who in (basic_of("app_website", "wrong"), basic_of("app_phone", secret_of("app_phone"))):
        answer = await doorstep.http.post(
            "/oauth/token", data=fields, headers={"authorization": who}
        )
        assert error_of(answer) == (401, "invalid_client")
    posted = {**fields, "client_id": "app_website", "client_secret": secret_of("app_website")}
    answer = await doorstep.http.post("/oauth/token", data=posted)
    assert error_of(answer) == (401, "invalid_client")
    assert await contents() == before


async def test_an_unknown_public_app_and_one_with_a_secret_look_the_same(
    doorstep: Doorstep,
) -> None:
    unknown = replace(doorstep.phone, id="app_unknown")
    as_public = replace(doorstep.website, auth_method=AuthMethod.NONE)
    first, second = [await doorstep.redeem("x", one) for one in (unknown, as_public)]
    assert (first.status_code, first.text, first.headers) == (
        second.status_code,
        second.text,
        second.headers,
    )


async def test_a_second_use_ends_everything_the_code_was_good_for(doorstep: Doorstep) -> None:
    code = await doorstep.code()
    tokens = (await doorstep.redeem(code)).json()
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_grant")
    assert await ended(doorstep) == ["CODE_REPLAY"]
    with pytest.raises(Unauthenticated):
        await viewer(doorstep, tokens["access_token"])
    assert error_of(await doorstep.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_grant")
    async with doorstep.office.town.database.reading() as db:
        noted = (
            await db.execute(
                select(audit_entries.c.detail, audit_entries.c.person_id).where(
                    audit_entries.c.action == "grant.revoked"
                )
            )
        ).all()
    assert noted == [("CODE_REPLAY", doorstep.anna.person_id)], "once"


async def test_whoever_finds_a_spent_code_without_its_verifier_ends_nothing(
    doorstep: Doorstep, contents: Contents
) -> None:
    code = await doorstep.code()
    tokens = (await doorstep.redeem(code)).json()
    before = await contents()
    answer = await doorstep.redeem(code, code_verifier="c" * 43)
    assert error_of(answer) == (400, "invalid_grant")
    assert await contents() == before
    await viewer(doorstep, tokens["access_token"])


async def test_whoever_leaves_the_team_before_the_code_is_used_gives_nothing(
    doorstep: Doorstep, contents: Contents
) -> None:
    code = await doorstep.code()
    async with doorstep.office.town.database.writing() as db:
        mine = team_members.c.person_id == doorstep.anna.person_id
        await db.execute(delete(team_members).where(mine))
    before = await contents()
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_grant")
    assert await contents() == before


async def test_a_closed_account_gives_nothing(doorstep: Doorstep, clock: StandingClock) -> None:
    code = await doorstep.code()
    async with doorstep.office.town.database.writing() as db:
        await db.execute(update(accounts).values(closed_at=clock.now()))
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_grant")


async def test_an_app_revoked_meanwhile_gets_nothing(doorstep: Doorstep) -> None:
    code = await doorstep.code()
    await doorstep.office.desk.revoke("app_website")
    assert error_of(await doorstep.redeem(code)) == (401, "invalid_client")


async def test_an_app_that_may_not_come_back_gets_no_refresh_token(doorstep: Doorstep) -> None:
    client = await doorstep.another("once", grant_types=(GrantType.AUTHORIZATION_CODE,))
    tokens = await doorstep.tokens(client)
    assert "refresh_token" not in tokens
    answer = await doorstep.refresh("cvk_refresh_x", client)
    assert error_of(answer) == (400, "unauthorized_client")


async def test_a_scope_taken_from_the_app_meanwhile_is_not_given(doorstep: Doorstep) -> None:
    code = await doorstep.code()
    async with doorstep.office.town.database.writing() as db:
        await db.execute(update(clients).values(scopes=["openid", "events:read"]))
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_scope")


async def test_an_app_of_people_gets_nothing_for_itself(doorstep: Doorstep) -> None:
    for client in (doorstep.website, doorstep.phone):
        answer = await doorstep.ask(client, grant_type="client_credentials")
        assert answer.status_code in {400, 401}
        assert answer.json()["error"] in {"unauthorized_client", "invalid_client"}


async def test_a_verifier_in_the_address_is_refused(doorstep: Doorstep) -> None:
    """So that none ends up in the log of a proxy."""
    code = await doorstep.code()
    answer = await doorstep.http.post(
        f"/oauth/token?code_verifier={VERIFIER}",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK},
        headers={"authorization": basic_of("app_website", secret_of("app_website"))},
    )
    assert error_of(answer) == (400, "invalid_request")
