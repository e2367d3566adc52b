"""What is over goes, what is not stays, and nobody counts on it."""

import pytest
from sqlalchemy import func, insert, select

from auth import consents, sweeping, throttle
from auth.throttle import Limit
from storage import credentials, used_assertions
from storage.account_tables import ceremonies, sessions, throttles
from storage.credential_tables import (
    authorization_codes,
    denied_tokens,
    grants,
    refresh_tokens,
)
from storage.credential_tables import (
    used_assertions as used_table,
)
from storage.engine import Database
from tests.auth.letting_in import Doorstep, error_of
from tests.conftest import Contents
from tests.outside import StandingClock


async def swept(doorstep: Doorstep, clock: StandingClock, limit: int = 1_000) -> int:
    return await sweeping.forget(doorstep.office.town.database, clock.now(), limit)


async def counted(database: Database) -> dict[str, int]:
    tables = (
        authorization_codes,
        refresh_tokens,
        denied_tokens,
        used_table,
        ceremonies,
        sessions,
        throttles,
    )
    async with database.reading() as db:
        found = {
            table.name: await db.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }
        people = select(func.count()).select_from(grants).where(grants.c.person_id.is_not(None))
        return found | {"consents": await db.scalar(people) or 0}


@pytest.fixture
async def full(doorstep: Doorstep, clock: StandingClock) -> Doorstep:
    """One of each: a code and a refresh token, a token taken back, a count of tries, and so on."""
    tokens = await doorstep.tokens()
    await doorstep.ask(doorstep.website, "/oauth/revoke", token=tokens["access_token"])
    await throttle.count(doorstep.office.desk, Limit("of tests", 3, 60.0), "somebody")
    now = clock.now()
    later = clock.at.replace(hour=clock.at.hour + 1)
    async with doorstep.office.town.database.writing() as db:
        await db.run_sync(
            lambda connection: used_assertions.use(connection, "somebody", "jti", later)
        )
        await db.execute(
            insert(ceremonies).values(
                digest=b"d", kind="letter", visit=b"v", created_at=now, expires_at=later
            )
        )
    return doorstep


async def test_what_is_in_use_stays(
    full: Doorstep, clock: StandingClock, contents: Contents
) -> None:
    before = await contents()
    assert await swept(full, clock) == 0
    assert await contents() == before


async def test_what_is_over_goes_and_consents_last(full: Doorstep, clock: StandingClock) -> None:
    database = full.office.town.database
    clock.forward(days=29)
    assert await swept(full, clock) == 7  # two sessions among them
    assert await counted(database) == {
        "authorization_codes": 0,
        "refresh_tokens": 1,
        "denied_tokens": 0,
        "used_assertions": 0,
        "ceremonies": 0,
        "sessions": 0,
        "throttles": 0,
        "consents": 1,
    }
    clock.forward(days=2)
    assert await swept(full, clock) == 2  # with the phone app, which nobody has let in
    assert (await counted(database))["refresh_tokens"] == 0
    assert len(await consents.of_person(full.office.desk, full.anna)) == 1
    clock.forward(days=151)
    assert await swept(full, clock) == 1
    assert (await counted(database))["consents"] == 0
    async with database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(grants)) == 1, "the machine's own"


async def test_it_goes_in_pieces(full: Doorstep, clock: StandingClock) -> None:
    clock.forward(days=29)
    assert [await swept(full, clock, 3) for _ in range(4)] == [3, 3, 1, 0]


async def test_a_spent_code_is_noticed_for_a_while_and_useless_ever_after(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    code = await doorstep.code()
    await doorstep.redeem(code)
    clock.forward(minutes=59)
    assert await swept(doorstep, clock) == 0
    clock.forward(minutes=3)
    assert await swept(doorstep, clock) == 1
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_grant")


async def test_a_token_taken_back_stays_so_for_as_long_as_it_lives(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    until = clock.at.replace(minute=5)
    async with doorstep.office.town.database.writing() as db:
        assert await credentials.deny_token(db, "a", until)
        assert not await credentials.deny_token(db, "a", until)
    assert await swept(doorstep, clock) == 0
    clock.forward(minutes=6)
    assert await swept(doorstep, clock) == 1
