"""How often tokens may be asked for: sane apps notice nothing, and whoever guesses waits."""

from dataclasses import dataclass, replace

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth import authorizing
from auth.authorizing import AuthorizationRefused
from auth.limits_of_tokens import TokenLimits, TooOftenError
from auth.routes import routes
from auth.throttle import TooManyTries
from storage.account_tables import throttles
from storage.credential_tables import clients
from tests.auth.letting_in import Doorstep
from tests.auth.people import Office, basic_of
from tests.outside import StandingClock


@dataclass
class Street:
    """Where the office is asked from: an address, which is another's next door."""

    office: Office
    address: str = "192.0.2.7"

    async def post(self, path: str, data: dict[str, str], basic: str = "") -> httpx.Response:
        desk = replace(self.office.desk, address=self.address)
        transport = httpx.ASGITransport(
            app=Starlette(routes=routes(self.office.service, lambda _: desk))
        )
        headers = {"authorization": basic} if basic else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://any.test") as http:
            return await http.post(path, data=data, headers=headers)

    async def token(self, secret: str | None = None, client_id: str | None = None) -> int:
        app = self.office.app
        basic = basic_of(client_id or app.client.id, secret or app.secret)
        answer = await self.post("/oauth/token", {"grant_type": "client_credentials"}, basic)
        if answer.status_code == 429:
            told_to_wait(answer)
        return answer.status_code


def told_to_wait(answer: httpx.Response) -> int:
    assert answer.status_code == 429
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"] == "temporarily_unavailable"
    seconds = int(answer.headers["retry-after"])
    assert f"Wait {seconds} seconds" in answer.json()["error_description"]
    return seconds


@pytest.fixture
def street(office: Office) -> Street:
    return Street(office)


async def counted(office: Office) -> int:
    async with office.town.database.reading() as db:
        return await db.scalar(select(func.count()).select_from(throttles)) or 0


async def test_a_sane_app_costs_no_count(street: Street, clock: StandingClock) -> None:
    for _ in range(10):
        assert await street.token() == 200
    clock.forward(minutes=1)
    for _ in range(10):
        assert await street.token() == 200
    assert await counted(street.office) == 0


async def test_an_app_that_asks_and_asks_has_to_wait_and_its_neighbours_do_not(
    street: Street, clock: StandingClock
) -> None:
    asked = [await street.token() for _ in range(72)]
    assert asked == [200] * 70 + [429] * 2
    assert await Street(street.office, "192.0.2.8").token() == 200
    clock.forward(seconds=2)
    assert [await street.token() for _ in range(3)] == [200, 200, 429]


async def test_processes_count_together(street: Street) -> None:
    desk = replace(street.office.desk, address=street.address)
    one, two = TokenLimits(), TokenLimits()
    for _ in range(40):
        await one.asks(desk, "/oauth/token", "app_busy")
    for _ in range(40):
        await two.asks(desk, "/oauth/token", "app_busy")
    for process in (one, two):
        with pytest.raises(TooOftenError):
            await process.asks(desk, "/oauth/token", "app_busy")


async def test_whoever_guesses_a_secret_waits_and_the_app_itself_does_not(
    street: Street, clock: StandingClock
) -> None:
    guesses = [await street.token("cvk_secret_guessed") for _ in range(9)]
    assert guesses == [401] * 9
    assert await street.token() == 200
    assert await street.token("cvk_secret_guessed") == 401
    async with street.office.town.database.reading() as db:
        used = await db.scalar(select(clients.c.last_used_at))
    clock.forward(seconds=9)
    assert await street.token("cvk_secret_guessed") in {401, 429}
    assert [await street.token("cvk_secret_guessed") for _ in range(2)] == [429, 429]
    assert await street.token() == 200, "nobody shuts it out"
    async with street.office.town.database.reading() as db:
        assert await db.scalar(select(clients.c.last_used_at)) == used
    clock.forward(seconds=10)
    assert await street.token("cvk_secret_guessed") == 401


async def test_an_unknown_app_is_counted_as_a_known_one(street: Street) -> None:
    known = [await street.token("cvk_secret_guessed") for _ in range(12)]
    next_door = Street(street.office, "192.0.2.8")
    unknown = [await next_door.token("x", client_id="app_of_nobody") for _ in range(12)]
    assert known == unknown == [401] * 10 + [429] * 2


async def test_many_names_from_one_address_are_one_address(street: Street) -> None:
    answers = [await street.token("x", client_id=f"app_{number}") for number in range(62)]
    assert answers == [401] * 60 + [429] * 2
    assert await street.token() == 200


@pytest.mark.parametrize(
    "path", ["/oauth/revoke", "/oauth/introspect", "/oauth/device_authorization"]
)
async def test_every_endpoint_where_an_app_shows_who_it_is_is_limited(
    street: Street, path: str
) -> None:
    wrong = basic_of(street.office.app.client.id, "wrong")
    answers = [await street.post(path, {"token": "x"}, wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    told_to_wait(answers[-1])
    assert await street.token("wrong") == 401, "counted each for itself"


async def test_a_page_of_consent_is_limited_by_address(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    desk = replace(doorstep.office.desk, address="192.0.2.7")
    parameters = doorstep.parameters()
    for _ in range(60):
        await authorizing.read(doorstep.office.service, desk, parameters)
    with pytest.raises(TooManyTries):
        await authorizing.read(doorstep.office.service, desk, parameters)
    other = replace(desk, address="192.0.2.8")
    with pytest.raises(AuthorizationRefused):
        await authorizing.read(doorstep.office.service, other, [])
    clock.forward(seconds=1)
    await authorizing.read(doorstep.office.service, desk, parameters)
