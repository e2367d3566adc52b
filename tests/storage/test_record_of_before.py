"""What was on record before it was said whom an entry concerns is read by the same organizations."""

from sqlalchemy import select

from storage import migrating
from storage.engine import Database
from storage.tables import audit_concerned, audit_entries
from tests.cast import Cast


async def test_the_record_goes_back_and_comes_again(database: Database, cast: Cast) -> None:
    concerned = select(audit_entries.c.action, audit_concerned.c.organization_id).join(
        audit_concerned, audit_concerned.c.entry_id == audit_entries.c.id
    )
    async with database.reading() as db:
        before = {tuple(row) for row in await db.execute(concerned)}
    assert ("membership.invited", cast.shelter) in before
    assert ("organization.created", cast.library) in before
    await migrating.downgrade(database, "0013")
    await migrating.upgrade(database)
    await database.engine.dispose()  # what the connections knew of the tables is old
    async with database.reading() as db:
        rows = (await db.execute(select(audit_entries))).mappings().all()
        after = {tuple(row) for row in await db.execute(concerned)}
    assert after == before
    assert all(row["hub_id"].startswith("hub_") for row in rows)
    assert all(row["whole_id"] == row["subject_id"] for row in rows), "nobody said it then"
