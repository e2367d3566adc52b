"""What the doctor says of a hub beside others and beside time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from auth.sealing import FILE as SECRET_FILE
from storage import operating
from storage.engine import Database
from storage.leases import leased
from tests.outside import StandingClock
from tests.web.operating.peer import an_active_peer
from web.commands import _findings
from web.commands._findings import Finding
from web.service import Service
from web.worker import LEASE

FITS = "the secret of the hub of the tests, in 32 bytes"


async def test_a_clock_that_is_apart_from_the_database_s_is_a_problem(database: Database) -> None:
    async with database.reading() as db:
        now = await db.scalar(text("select clock_timestamp()"))
    assert (await _findings.clock(database, now)).well
    found = await _findings.clock(database, now - timedelta(minutes=1))
    assert not found.well
    assert found.says.endswith(" seconds from the database's: set both by NTP")


@pytest.mark.parametrize(
    ("key", "well", "says"),
    [
        (FITS, True, "CONVOKE_SECRET_KEY fits"),
        ("another secret, of more than 32 bytes too", False, "sealed with another secret"),
    ],
)
async def test_a_secret_that_does_not_open_what_it_sealed_is_a_problem(
    service: Service, key: str, well: bool, says: str
) -> None:
    settings = replace(service.settings, secret_key=key)
    found = await _findings.secret(service.database, settings)
    assert (found.well, says in found.says) == (well, True)


async def test_a_secret_that_is_missing_is_a_problem_and_none_is_made(
    service: Service, tmp_path: Path
) -> None:
    found = await _findings.secret(service.database, replace(service.settings, data=tmp_path))
    says = f"{tmp_path / SECRET_FILE} is missing: put it back, or run ./convoke keys renew"
    assert found == Finding("secret", False, says)
    assert not (tmp_path / SECRET_FILE).exists()


async def test_whether_somebody_does_what_time_brings_is_seen(database: Database) -> None:
    assert (await _findings.worker(database)).says.startswith("nobody is at work")
    async with leased(database, LEASE) as lease, leased(database, "another") as other:
        assert await other.take()
        assert (await _findings.worker(database)).says.startswith("nobody is at work")
        assert await lease.take()
        assert await _findings.worker(database) == Finding("worker", True, "at work")


async def test_an_old_backup_is_told(database: Database, clock: StandingClock) -> None:
    assert "none was taken" in (await _findings.backup(database, clock.now())).says
    async with database.writing() as db:
        await operating.note_backup(db, 1234, clock.now())
    assert (await _findings.backup(database, clock.now())).says == "0 min ago, 1,234 rows"
    found = await _findings.backup(database, clock.forward(days=3))
    assert found.says == "3 days ago, 1,234 rows: take another"


async def test_a_peer_is_told_with_what_waits_for_it_and_what_was_not_believed(
    database: Database, clock: StandingClock
) -> None:
    assert await _findings.peers(database, clock.now()) == []
    await an_active_peer(database)
    (found,) = await _findings.peers(database, clock.now())
    assert (found.name, found.well) == ("peer far.test", False)
    assert found.says == (
        "active, read 1 min ago, 1 changes wait to be told, 3 records not believed (the last: "
        "spoofed); 2 faults in a row: the log tells why"
    )
    (found,) = await _findings.peers(database, clock.forward(hours=2))
    assert found.says.endswith(
        "; it is not read: see ./convoke serve, or ./convoke worker; the oldest change has waited "
        "for 3 h"
    )
