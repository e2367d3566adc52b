"""A hub says that it is alive, and whether it can do what it is there for."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from storage import operating
from storage.engine import Database
from tests.outside import StandingClock
from tests.web.edge.asking import Told, call
from web.app import create_app
from web.operating.observed import Observed
from web.operating.readiness import Readiness
from web.service import Service

NOTHING = ()


async def asked(app: Observed, path: str, method: str = "GET") -> Told:
    return await call(app, headers=NOTHING, method=method, path=path)


def readiness_of(service: Service, database: Database, least_free_bytes: int = 0) -> Readiness:
    data = service.settings.data
    return Readiness(database, service.clock, service.leaving, data, least_free_bytes)


async def checks(readiness: Readiness) -> list[str]:
    return [reason.check for reason in await readiness.reasons()]


@pytest.mark.parametrize(
    ("path", "says"), [("/healthz", {"status": "ok"}), ("/readyz", {"status": "ready"})]
)
async def test_a_hub_that_is_well_says_so_to_anybody_and_to_no_cache(
    app: Observed, path: str, says: dict[str, str]
) -> None:
    told = await asked(app, path)
    assert (told.status, told.json) == (200, says)
    assert told.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in told.headers


async def test_a_hub_that_was_told_to_stop_is_alive_and_not_ready(
    app: Observed, service: Service
) -> None:
    assert (await asked(app, "/readyz")).status == 200
    service.leaving.begin()
    told = await asked(app, "/readyz")
    reason = {"check": "leaving", "says": "This process was told to stop. Ask another."}
    assert (told.status, told.json) == (503, {"status": "not ready", "reasons": [reason]})
    assert (await asked(app, "/healthz")).status == 200


async def test_a_disk_below_its_floor_is_a_reason(service: Service) -> None:
    floor = replace(service.settings, disk_floor_bytes=2**62)
    told = await asked(create_app(replace(service, settings=floor)), "/readyz")
    assert told.status == 503
    assert [each["check"] for each in told.json["reasons"]] == ["disk"]
    assert "CONVOKE_DISK_FLOOR_MB" in told.json["reasons"][0]["says"]


async def test_a_database_that_takes_no_row_is_a_reason(
    service: Service, database: Database
) -> None:
    assert await checks(readiness_of(service, database)) == []
    name = database.engine.url.database
    async with database.writing() as db:
        await db.execute(text(f"alter database {name} set default_transaction_read_only = on"))
    afterwards = Database(database.url)
    try:
        assert await checks(readiness_of(service, afterwards)) == ["database"]
    finally:
        await afterwards.close()


async def test_a_row_that_is_locked_is_a_reason_in_time(
    service: Service, database: Database, clock: StandingClock
) -> None:
    async with database.writing() as db:
        await operating.probe(db, clock.now())
        async with asyncio.timeout(5):
            assert await checks(readiness_of(service, database)) == ["database"]


async def test_tables_of_another_version_are_a_reason_unless_they_are_newer(
    service: Service, database: Database
) -> None:
    async def at(revision: str) -> None:
        async with database.writing() as db:
            await db.execute(text("update alembic_version set version_num = :at"), {"at": revision})

    await at("0012")
    reasons = await readiness_of(service, database).reasons()
    assert [reason.check for reason in reasons] == ["tables"]
    assert "./convoke migrate" in reasons[0].says
    await at("of a later Convoke")
    assert await checks(readiness_of(service, database)) == []


async def test_however_many_ask_the_database_is_asked_once(
    service: Service, database: Database, clock: StandingClock
) -> None:
    async def written() -> int:
        async with database.reading() as db:
            found = await db.scalar(text("select xmin::text::bigint from duties where name = :n"), {"n": operating.PROBE})  # fmt: skip
            return int(found or 0)

    readiness = readiness_of(service, database)
    found = await asyncio.gather(*(readiness.reasons() for _ in range(50)))
    assert set(found) == {()}
    first = await written()
    await readiness.reasons()
    assert await written() == first


async def test_whoever_stops_waiting_takes_nobodys_answer(
    service: Service, database: Database
) -> None:
    readiness = readiness_of(service, database)
    leaves = asyncio.create_task(readiness.reasons())
    stays = asyncio.create_task(readiness.reasons())
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == ()
