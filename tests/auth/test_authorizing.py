"""What an app asks of a person: who is sent where, and what is refused before anybody is asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from auth import authorizing, scopes
from auth.authorizing import AuthorizationRefused, AuthorizationRequest, NeedsFresh, Place
from domain.actors import TeamRole
from domain.apps import AuthMethod, RegisteredBy
from domain.errors import Invalid, Refused
from storage.credential_tables import authorization_codes, grants
from storage.tables import audit_entries
from tests.auth.letting_in import CALLBACK, FOR_PEOPLE, PHONE, Doorstep, answer_in
from tests.conftest import Contents
from tests.outside import StandingClock

HUB = "http://hub.test"


async def test_what_is_asked_is_read(doorstep: Doorstep) -> None:
    asked = await doorstep.read(prompt="login consent", max_age="60", login_hint="anna@x.example")
    assert replace(asked, client=doorstep.website) == AuthorizationRequest(
        client=doorstep.website,
        redirect_uri=CALLBACK,
        scopes=("openid", "offline_access", "events:read", "events:write"),
        state="the state & more",
        nonce="n-0S6_WzA2Mj",
        code_challenge=dict(doorstep.parameters())["code_challenge"],
        prompt=frozenset({"login", "consent"}),
        max_age=60,
        login_hint="anna@x.example",
    )
    assert asked.client.organization_name == "Shelter"
    assert (asked.is_unverified, asked.redirect_host) == (False, "shelter.example")


async def test_an_app_that_registered_itself_is_told_apart(doorstep: Doorstep) -> None:
    asked = await doorstep.read(doorstep.phone)
    assert (asked.is_unverified, asked.redirect_host) == (True, "org.shelter.phone:")
    assert asked.client.organization_name is None


async def test_saying_yes_sends_a_code_with_the_state_and_who_answers(doorstep: Doorstep) -> None:
    sent_to = await doorstep.allowed()
    answer = answer_in(sent_to)
    assert sent_to.startswith(f"{CALLBACK}?")
    assert answer | {"code": ""} == {"code": "", "state": "the state & more", "iss": HUB}
    assert answer["code"].startswith("cvk_code_")
    async with doorstep.office.town.database.reading() as db:
        grant = (await db.execute(grants.select().where(grants.c.person_id.is_not(None)))).one()
        code = (await db.execute(authorization_codes.select())).one()
        noted = (await db.execute(audit_entries.select())).mappings().all()[-1]
    assert (grant.organization_id, grant.person_id) == (doorstep.pantry, doorstep.anna.person_id)
    assert grant.scopes == ["openid", "offline_access", "events:read", "events:write"]
    assert (grant.authenticated_at, grant.methods) == (doorstep.anna.authenticated_at, ["pop"])
    assert code.expires_at - code.created_at == timedelta(seconds=60)
    assert (noted["action"], noted["client_id"]) == ("consent.given", "app_website")
    assert (noted["organization_id"], noted["person_id"]) == (
        doorstep.pantry,
        doorstep.anna.person_id,
    )
    assert answer["code"] not in str(noted)


async def test_what_the_address_asks_already_stays(doorstep: Doorstep) -> None:
    address = f"{CALLBACK}?tenant=1"
    client = await doorstep.another("tenant", redirect_uris=(address,))
    sent_to = await doorstep.allowed(client)
    assert sent_to.startswith(f"{address}&code=")
    assert answer_in(sent_to)["tenant"] == "1"


async def test_saying_no_tells_the_app_and_writes_nothing(
    doorstep: Doorstep, contents: Contents
) -> None:
    asked, before = await doorstep.read(), await contents()
    answer = answer_in(authorizing.deny(doorstep.office.service, asked))
    assert (answer["error"], answer["state"], answer["iss"]) == (
        "access_denied",
        "the state & more",
        HUB,
    )
    silent = authorizing.refuse_silently(doorstep.office.service, asked, "login_required")
    assert answer_in(silent) == {
        "error": "login_required",
        "state": "the state & more",
        "iss": HUB,
    }
    assert await contents() == before


# ── nobody is sent where the app did not say ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        f"{CALLBACK}/",
        f"{CALLBACK}?x=1",
        f"{CALLBACK}#x",
        CALLBACK.upper(),
        CALLBACK.replace("shelter.example", "SHELTER.example"),
        CALLBACK.replace("https:", "http:"),
        CALLBACK.replace("https://", "https://anna@"),
        CALLBACK.replace("shelter.example", "shelter.example:443"),
        CALLBACK.replace("shelter.example", "shelter.example.evil.test"),
        CALLBACK.replace("shelter.example", "evil.test%2fshelter.example"),
        CALLBACK.replace("https://shelter.example", "https://evil.test/https://shelter.example"),
        CALLBACK.replace("signed-in", "signed-in/../elsewhere"),
        CALLBACK.replace("signed-in", "signed%2Din"),
        f" {CALLBACK}",
        f"{CALLBACK}\n",
        "//shelter.example/signed-in",
        "javascript:alert(1)",
        "http://127.0.0.1:9000/signed-in",
        None,
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(
    doorstep: Doorstep, contents: Contents, address: str | None
) -> None:
    before = await contents()
    with pytest.raises(AuthorizationRefused) as refused:
        await doorstep.read(redirect_uri=address)
    assert refused.value.redirect_to is None
    assert "evil" not in refused.value.message
    assert await contents() == before


@pytest.mark.parametrize("client_id", [None, "app_unknown", "app\x00", "x" * 100, "client_é"])
async def test_an_unknown_app_sends_nobody_anywhere(
    doorstep: Doorstep, client_id: str | None
) -> None:
    assert await doorstep.refused(client_id=client_id) == {}


async def test_a_revoked_app_sends_nobody_anywhere(doorstep: Doorstep) -> None:
    await doorstep.office.desk.revoke("app_website")
    assert await doorstep.refused() == {}


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/signed-in",
        "http://127.0.0.1:1/signed-in",
        "http://127.0.0.1:65535/signed-in",
    ],
)
async def test_an_app_on_this_machine_takes_any_port(doorstep: Doorstep, address: str) -> None:
    asked = await doorstep.read(doorstep.phone, redirect_uri=address)
    assert (asked.redirect_uri, asked.redirect_host) == (address, "127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:80/elsewhere",
        "http://127.0.0.1:80/signed-in?x=1",
        "http://127.0.0.1:80/signed-in#x",
        "http://127.0.0.1:80@evil.test/signed-in",
        "http://127.0.0.1:x/signed-in",
        "http://127.0.0.1.evil.test/signed-in",
        "http://127.0.0.2:80/signed-in",
        "http://localhost:80/signed-in",
        "https://127.0.0.1:80/signed-in",
        PHONE.replace("org.", "net."),
    ],
)
async def test_any_port_is_no_other_address(doorstep: Doorstep, address: str) -> None:
    assert await doorstep.refused(doorstep.phone, redirect_uri=address) == {}


# ── what the app is told ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://evil.test"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"resource": "https://elsewhere.test/graphql"}, "invalid_target"),
        ({"scope": "events:everything"}, "invalid_scope"),
        ({"scope": "*"}, "invalid_scope"),
        ({"scope": "groups:write"}, "invalid_scope"),
        ({"scope": "events:read groups:write"}, "invalid_scope"),
        ({"scope": "federation:sync"}, "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "=" * 43}, "invalid_request"),
        ({"code_challenge": "a" * 43 + "\n"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "please"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"nonce": "n" * 1001}, "invalid_request"),
        ({"nonce": "a\x00b"}, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_told_to_the_app_with_its_state(
    doorstep: Doorstep, contents: Contents, changed: dict[str, Any], error: str
) -> None:
    before = await contents()
    told = await doorstep.refused(**changed)
    assert (told["error"], told["state"], told["iss"]) == (error, "the state & more", HUB)
    assert told["error_description"]
    assert await contents() == before


async def test_a_state_that_nobody_could_send_back_is_refused(doorstep: Doorstep) -> None:
    assert (await doorstep.refused(state="a\x00b"))["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["state", "scope", "code_challenge", "nonce", "made_up"])
async def test_a_repeated_parameter_is_told_to_the_app(doorstep: Doorstep, name: str) -> None:
    with pytest.raises(AuthorizationRefused) as refused:
        await doorstep.read_raw([*doorstep.parameters(), (name, "x"), (name, "y")])
    told = answer_in(refused.value.redirect_to or "")
    assert told["error"] == "invalid_request"
    assert ("state" in told) == (name != "state")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
async def test_of_two_apps_or_two_addresses_neither_is_believed(
    doorstep: Doorstep, name: str
) -> None:
    value = dict(doorstep.parameters())[name]
    with pytest.raises(AuthorizationRefused) as refused:
        await doorstep.read_raw([*doorstep.parameters(), (name, value)])
    assert refused.value.redirect_to is None


async def test_our_own_resource_may_be_named_however_often(doorstep: Doorstep) -> None:
    ours = ("resource", f"{HUB}/graphql")
    await doorstep.read_raw([*doorstep.parameters(), ours, ours])


async def test_a_machine_asks_no_person(doorstep: Doorstep) -> None:
    machine = await doorstep.another("machine", grant_types=("client_credentials",))
    assert (await doorstep.refused(machine))["error"] == "unauthorized_client"


async def test_where_no_scope_is_asked_an_app_may_read(doorstep: Doorstep) -> None:
    assert (await doorstep.read(scope=None)).scopes == ("events:read",)


async def test_a_hint_that_can_be_none_is_left_out(doorstep: Doorstep) -> None:
    assert (await doorstep.read(login_hint="a\x00b")).login_hint is None


# ── what may be given to whom ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scope", ["organization:admin", "hubs:admin"])
@pytest.mark.parametrize("registered_by", list(RegisteredBy))
async def test_only_a_part_of_the_hub_may_administer(
    doorstep: Doorstep, scope: str, registered_by: RegisteredBy
) -> None:
    client = await doorstep.another("console", scopes=(scope,), registered_by=registered_by)
    if registered_by is RegisteredBy.BUILT_IN:
        assert (await doorstep.read(client, scope=scope)).scopes == (scope,)
    else:
        assert (await doorstep.refused(client, scope=scope))["error"] == "invalid_scope"


async def test_a_person_may_give_less_than_is_asked(doorstep: Doorstep) -> None:
    tokens = await doorstep.tokens(ticked=("events:read",))
    assert tokens["scope"] == "openid events:read", "who they are cannot be unticked"
    assert "refresh_token" not in tokens


async def test_a_person_gives_no_more_than_is_asked(doorstep: Doorstep, contents: Contents) -> None:
    before = await contents()
    with pytest.raises(Invalid):
        await doorstep.allowed(scope="events:read", ticked=("events:read", "events:write"))
    with pytest.raises(Invalid):
        await doorstep.allowed(scope="events:read offline_access", ticked=("offline_access",))
    assert await contents() == before


async def test_a_person_speaks_only_for_a_team_they_are_in(
    doorstep: Doorstep, contents: Contents
) -> None:
    before = await contents()
    with pytest.raises(Refused):
        await doorstep.allowed(team=doorstep.office.town.shelter)
    with pytest.raises(Refused):
        await doorstep.allowed(team="org_none@hub.test")
    assert await contents() == before


async def test_the_places_of_a_person_are_their_teams(doorstep: Doorstep) -> None:
    places = await authorizing.places_of(doorstep.office.desk, doorstep.anna.person_id)
    assert places == [Place(doorstep.pantry, "Pantry", TeamRole.EDITOR)]


async def test_what_binds_an_organization_takes_a_fresh_sign_in(
    doorstep: Doorstep, clock: StandingClock, contents: Contents
) -> None:
    desk = doorstep.office.desk
    agree = await doorstep.read(scope="events:read alliances:agree")
    assert not authorizing.is_due_again(desk, agree, doorstep.anna)
    clock.forward(minutes=11)
    assert authorizing.is_due_again(desk, agree, doorstep.anna)
    assert not authorizing.is_due_again(desk, await doorstep.read(), doorstep.anna)
    before = await contents()
    with pytest.raises(NeedsFresh):
        await doorstep.allowed(scope="events:read alliances:agree")
    assert await contents() == before
    await doorstep.allowed(scope="events:read alliances:agree", ticked=("events:read",))


async def test_an_app_may_want_a_sign_in_of_late(doorstep: Doorstep, clock: StandingClock) -> None:
    asked = await doorstep.read(max_age="60")
    clock.forward(seconds=60)
    assert not authorizing.is_due_again(doorstep.office.desk, asked, doorstep.anna)
    clock.forward(seconds=1)
    assert authorizing.is_due_again(doorstep.office.desk, asked, doorstep.anna)


async def test_an_app_revoked_while_the_person_reads_gets_nothing(
    doorstep: Doorstep, contents: Contents
) -> None:
    asked = await doorstep.read()
    await doorstep.office.desk.revoke("app_website")
    before = await contents()
    with pytest.raises(Refused):
        await authorizing.allow(
            doorstep.office.service,
            doorstep.office.desk,
            asked,
            doorstep.anna,
            doorstep.pantry,
            asked.scopes,
        )
    assert await contents() == before


# ── what was allowed before ──────────────────────────────────────────────────────────────────────


async def remembered(doorstep: Doorstep, **asked: Any) -> str | None:
    request = await doorstep.read(**asked)
    return await authorizing.remembered(doorstep.office.desk, request, doorstep.anna)


async def test_what_was_allowed_before_is_remembered_and_no_more(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    assert await remembered(doorstep) is None
    await doorstep.allowed(scope="openid events:read")
    assert await remembered(doorstep, scope="openid") == doorstep.pantry
    assert await remembered(doorstep, scope="events:write") is None
    assert await remembered(doorstep, scope="openid", prompt="consent") is None
    request = await doorstep.read(scope="openid")
    assert await authorizing.remembered(doorstep.office.desk, request, doorstep.sam) is None
    clock.forward(days=181)
    assert await remembered(doorstep, scope="openid") is None


async def test_an_app_that_anybody_could_pass_for_is_never_remembered(doorstep: Doorstep) -> None:
    local = await doorstep.another(
        "local", auth_method=AuthMethod.NONE, redirect_uris=("http://127.0.0.1/signed-in",)
    )
    for client in (doorstep.phone, local):
        await doorstep.allowed(client)
        assert await remembered(doorstep, client=client) is None


def test_every_scope_of_the_tests_is_one_that_people_give() -> None:
    assert set(FOR_PEOPLE).isdisjoint(scopes.beyond(FOR_PEOPLE, RegisteredBy.TEAM))
