"""A screen at the Pantry's door shows a code, Anna answers for it, and the screen gets its token."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from auth import device
from auth.authorizing import NeedsFresh
from auth.built_in import COMMAND_LINE, ensure_built_in
from auth.device import ALPHABET
from auth.throttle import TooManyTries
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.errors import Invalid, NotFound, Refused
from storage import credentials
from storage.credential_tables import device_codes, grants
from storage.credentials import Client
from storage.tables import audit_entries, team_members
from tests.auth.letting_in import Doorstep, error_of
from tests.auth.people import bearer
from tests.outside import SeededChance, StandingClock

GRANT = str(GrantType.DEVICE_CODE)


class Screen:
    """Any program may pass for this app: it has no secret."""

    def __init__(self, doorstep: Doorstep, client: Client) -> None:
        self.doorstep, self.client = doorstep, client
        self.device_code = self.user_code = ""
        self.told: dict[str, Any] = {}

    async def ask_for_code(self, **fields: str) -> httpx.Response:
        usual = {"scope": "openid offline_access events:read events:write"}
        return await self.doorstep.ask(
            self.client, "/oauth/device_authorization", **{**usual, **fields}
        )

    async def begin(self, **fields: str) -> None:
        answer = await self.ask_for_code(**fields)
        assert answer.status_code == 200, answer.text
        self.told = answer.json()
        self.device_code, self.user_code = self.told["device_code"], self.told["user_code"]

    async def ask(self, **fields: str) -> httpx.Response:
        usual = {"grant_type": GRANT, "device_code": self.device_code}
        return await self.doorstep.ask(self.client, **{**usual, **fields})

    async def hears(self, error: str) -> None:
        assert error_of(await self.ask()) == (400, error)


@pytest.fixture
async def screen(doorstep: Doorstep) -> Screen:
    client = await doorstep.another(
        "screen",
        organization_id=doorstep.pantry,
        grant_types=(GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN),
        auth_method=AuthMethod.NONE,
        redirect_uris=(),
    )
    begun = Screen(doorstep, client)
    await begun.begin()
    return begun


async def grants_of_people(doorstep: Doorstep) -> int:
    async with doorstep.office.town.database.reading() as db:
        return len(
            list(await db.scalars(select(grants.c.id).where(grants.c.person_id.is_not(None))))
        )


async def test_the_codes_are_as_the_standard_has_them(screen: Screen) -> None:
    told = dict(screen.told)
    code, shown = told.pop("device_code"), told.pop("user_code")
    assert code.startswith("cvk_device_")
    assert (len(shown), shown[4]) == (9, "-")
    assert set(shown) - {"-"} <= set(ALPHABET)
    assert told == {
        "verification_uri": "http://hub.test/device",
        "verification_uri_complete": f"http://hub.test/device?user_code={shown}",
        "expires_in": 600,
        "interval": 5,
    }
    async with screen.doorstep.office.town.database.reading() as db:
        (row,) = (await db.execute(select(device_codes))).all()
    assert code not in str(row), "of the device's code a digest is kept"


def test_each_code_is_as_likely_as_any_other() -> None:
    chance, letters = SeededChance(), ""
    for _ in range(2_000):
        letters += device.drawn(chance)
    assert len(letters) == 16_000
    counts = [letters.count(letter) for letter in ALPHABET]
    assert 650 < min(counts) < max(counts) < 950


async def test_anna_allows_it_and_the_screen_gets_what_she_ticked(
    screen: Screen, clock: StandingClock
) -> None:
    doorstep = screen.doorstep
    await screen.hears("authorization_pending")
    waiting = await device.waiting(doorstep.office.desk, screen.user_code, doorstep.anna)
    assert waiting.client.name == "screen"
    assert waiting.scopes == ("openid", "offline_access", "events:read", "events:write")
    assert not waiting.is_unverified
    ticked = ["events:read", "offline_access"]
    await device.allow(
        doorstep.office.desk, doorstep.anna, screen.user_code, doorstep.pantry, ticked
    )
    clock.forward(seconds=5)
    answer = await screen.ask()
    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert token["scope"] == "openid offline_access events:read"
    believed = doorstep.office.service.verifier.verified(token["access_token"])
    assert (believed.person_id, believed.organization_id) == (
        doorstep.anna.person_id,
        doorstep.pantry,
    )
    assert token["id_token"]
    refreshed = await doorstep.refresh(token["refresh_token"], screen.client)
    assert refreshed.status_code == 200


async def test_what_anna_does_is_in_the_record_without_any_code(screen: Screen) -> None:
    doorstep = screen.doorstep
    desk = doorstep.office.desk
    await device.allow(desk, doorstep.anna, screen.user_code, doorstep.pantry, ["events:read"])
    await screen.begin()
    await device.deny(desk, doorstep.anna, screen.user_code)
    async with doorstep.office.town.database.reading() as db:
        rows = (await db.execute(select(audit_entries))).mappings().all()
    noted = [row for row in rows if row["client_id"] == screen.client.id]
    assert [row["action"] for row in noted] == ["consent.given", "device.denied"]
    assert {row["person_id"] for row in noted} == {doorstep.anna.person_id}
    assert screen.user_code not in str(rows)


@pytest.mark.parametrize("shape", ["{}", " {} ", "{}.", "__{}__"])
async def test_the_code_may_be_typed_in_many_ways(screen: Screen, shape: str) -> None:
    desk = screen.doorstep.office.desk
    left, _, right = screen.user_code.partition("-")
    for code in (f"{left}-{right}", f"{left}{right}", f"{left} {right}", f"{left}\u2013{right}"):
        for typed in (shape.format(code), shape.format(code.lower())):
            assert (await device.waiting(desk, typed)).user_code == screen.user_code


async def test_every_code_that_nobody_waits_with_is_the_same(
    screen: Screen, clock: StandingClock
) -> None:
    doorstep, desk = screen.doorstep, screen.doorstep.office.desk
    denied, allowed, over = [Screen(doorstep, screen.client) for _ in range(3)]
    for each in (denied, allowed, over):
        await each.begin()
    await device.deny(desk, doorstep.anna, denied.user_code)
    await device.allow(desk, doorstep.anna, allowed.user_code, doorstep.pantry, ["events:read"])
    before = await grants_of_people(doorstep)
    clock.forward(minutes=10)
    said = set()
    typed = ["", "BCDF", "BCDF-GHJK", "AEIO-UUUU", "\0", "\ud800", "B" * 5_000, "1" * 8]
    for code in [each.user_code for each in (denied, allowed, over)] + typed:
        clock.forward(minutes=2)
        with pytest.raises(NotFound) as unknown:
            await device.waiting(desk, code, doorstep.anna)
        said.add((unknown.value.message, unknown.value.field))
        for answer in (
            device.allow(desk, doorstep.anna, code, doorstep.pantry, ["events:read"]),
            device.deny(desk, doorstep.anna, code),
        ):
            with pytest.raises(NotFound):
                await answer
    assert len(said) == 1
    assert await grants_of_people(doorstep) == before


async def test_whoever_tries_codes_has_to_wait(screen: Screen, clock: StandingClock) -> None:
    doorstep, desk = screen.doorstep, screen.doorstep.office.desk
    with pytest.raises(TooManyTries) as often:  # noqa: PT012  # the last of many
        for _ in range(21):
            with pytest.raises(NotFound):
                await device.waiting(desk, "BCDF-GHJK", doorstep.anna)
    assert often.value.wait_seconds <= 20
    with pytest.raises(TooManyTries):
        await device.allow(desk, doorstep.anna, screen.user_code, doorstep.pantry, ["events:read"])
    await screen.hears("authorization_pending")
    assert (await device.waiting(desk, screen.user_code, doorstep.sam)).client.name == "screen"
    clock.forward(seconds=often.value.wait_seconds)
    await device.waiting(desk, screen.user_code, doorstep.anna)


async def test_a_denied_device_is_told_so(screen: Screen) -> None:
    doorstep = screen.doorstep
    await device.deny(doorstep.office.desk, doorstep.anna, screen.user_code)
    await screen.hears("access_denied")
    assert await grants_of_people(doorstep) == 0


async def test_nobody_answers_in_time(screen: Screen, clock: StandingClock) -> None:
    clock.forward(minutes=10)
    await screen.hears("expired_token")
    await screen.begin()
    doorstep = screen.doorstep
    await device.allow(
        doorstep.office.desk, doorstep.anna, screen.user_code, doorstep.pantry, ["events:read"]
    )
    clock.forward(minutes=10)
    await screen.hears("expired_token")


async def test_an_impatient_device_is_slowed_down(screen: Screen, clock: StandingClock) -> None:
    await screen.hears("authorization_pending")
    clock.forward(seconds=4)
    await screen.hears("slow_down")
    clock.forward(seconds=9)
    await screen.hears("slow_down")
    clock.forward(seconds=15)
    await screen.hears("authorization_pending")
    clock.forward(seconds=14.8)  # on the way a moment is lost
    await screen.hears("authorization_pending")


async def test_a_code_is_good_once(screen: Screen) -> None:
    doorstep = screen.doorstep
    await device.allow(
        doorstep.office.desk, doorstep.anna, screen.user_code, doorstep.pantry, ["events:read"]
    )
    answer = await screen.ask()
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json(), "she did not want it to stay"
    await screen.hears("invalid_grant")


async def test_a_code_is_of_its_app_alone(screen: Screen) -> None:
    doorstep = screen.doorstep
    other = Screen(doorstep, await doorstep.another("other", grant_types=(GrantType.DEVICE_CODE,)))
    await device.allow(
        doorstep.office.desk, doorstep.anna, screen.user_code, doorstep.pantry, ["events:read"]
    )
    other.device_code = screen.device_code
    await other.hears("invalid_grant")
    other.device_code = "cvk_device_of_nobody"
    await other.hears("invalid_grant")
    assert (await screen.ask()).status_code == 200


async def test_what_a_device_may_not_ask_is_refused(screen: Screen) -> None:
    doorstep = screen.doorstep

    async def refused(client: Client, **fields: str) -> tuple[int, str]:
        return error_of(await Screen(doorstep, client).ask_for_code(**fields))

    scopes = ("events:all", "contacts:read", "organization:admin", "offline_access")
    for scope in scopes:
        assert await refused(screen.client, scope=scope) == (400, "invalid_scope"), scope
    elsewhere = await refused(screen.client, resource="http://other.test/graphql")
    assert elsewhere == (400, "invalid_target")
    assert await refused(doorstep.phone) == (400, "unauthorized_client")
    assert error_of(await doorstep.ask(doorstep.phone, grant_type=GRANT, device_code="x")) == (
        400,
        "unauthorized_client",
    )
    without = await doorstep.ask(screen.client, grant_type=GRANT)
    assert error_of(without) == (400, "invalid_request")
    nobody = await doorstep.http.post("/oauth/device_authorization", data={"client_id": "app_x"})
    assert error_of(nobody) == (401, "invalid_client")
    async with doorstep.office.town.database.reading() as db:
        assert len((await db.execute(select(device_codes))).all()) == 1


async def test_who_may_answer_and_how(screen: Screen, clock: StandingClock) -> None:
    doorstep, desk = screen.doorstep, screen.doorstep.office.desk
    with pytest.raises(Refused, match="team"):
        await device.allow(desk, doorstep.sam, screen.user_code, doorstep.pantry, ["events:read"])
    unasked = ["events:read", "attendance:read"]
    with pytest.raises(Invalid):
        await device.allow(desk, doorstep.anna, screen.user_code, doorstep.pantry, unasked)
    await screen.begin(scope="alliances:agree")
    clock.forward(minutes=11)
    await screen.begin(scope="alliances:agree")
    with pytest.raises(NeedsFresh):
        await device.allow(
            desk, doorstep.anna, screen.user_code, doorstep.pantry, ["alliances:agree"]
        )
    assert await grants_of_people(doorstep) == 0
    await screen.hears("authorization_pending")


async def test_whoever_leaves_the_team_before_the_screen_asks_speaks_for_it_no_longer(
    screen: Screen,
) -> None:
    doorstep = screen.doorstep
    await device.allow(
        doorstep.office.desk, doorstep.anna, screen.user_code, doorstep.pantry, ["events:read"]
    )
    async with doorstep.office.town.database.writing() as db:
        await db.execute(team_members.delete())
    await screen.hears("invalid_grant")


async def test_a_revoked_app_shows_its_code_in_vain(screen: Screen) -> None:
    desk = screen.doorstep.office.desk
    await desk.revoke(screen.client.id)
    with pytest.raises(NotFound):
        await device.waiting(desk, screen.user_code)
    assert error_of(await screen.ask()) == (401, "invalid_client")


async def test_the_command_line_is_an_app_of_the_hubs_own(
    screen: Screen, clock: StandingClock
) -> None:
    doorstep = screen.doorstep
    database = doorstep.office.town.database
    for _ in range(2):
        await ensure_built_in(database, clock)
    async with database.reading() as db:
        client = await credentials.client_called(db, COMMAND_LINE)
    assert client is not None
    assert client.registered_by is RegisteredBy.BUILT_IN
    line = Screen(doorstep, client)
    await line.begin(scope="organization:admin hubs:admin")
    ticked = ["organization:admin", "hubs:admin"]
    await device.allow(doorstep.office.desk, doorstep.anna, line.user_code, doorstep.pantry, ticked)
    token = (await line.ask()).json()
    assert token["scope"] == "organization:admin hubs:admin"
    assert bearer(token["access_token"])
    await doorstep.office.desk.revoke(COMMAND_LINE)
    await ensure_built_in(database, clock)
    async with database.reading() as db:
        kept = await credentials.client_called(db, COMMAND_LINE)
    assert kept is not None
    assert kept.revoked_at is not None, "what an operator ended stays ended"
