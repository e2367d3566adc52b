"""However much one transaction writes, each thing of it is told of by index."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import Database
from tests.reading.busy_hub import fill

EVENTS = 200
READ_THROUGH = text("select relname, seq_tup_read from pg_stat_xact_user_tables")
A_FEW = 5


async def read_through(connection: AsyncConnection) -> dict[str, int]:
    """Rows that this transaction has met by reading tables from end to end, for each event."""
    rows = await connection.execute(READ_THROUGH)
    return {row.relname: row.seq_tup_read // EVENTS for row in rows}


async def test_whoever_writes_many_events_at_once_reads_no_table_through_for_each(
    database: Database,
) -> None:
    async with database.engine.connect() as connection:
        await fill(connection, EVENTS)
        before = await read_through(connection)
        await connection.execute(text("set constraints all immediate"))  # what a commit looks at
        after = await read_through(connection)
        told = await connection.scalar(text("select count(*) from feed_entries"))
        await connection.rollback()
    assert told is not None
    assert told >= EVENTS
    more = {table: rows - before.get(table, 0) for table, rows in after.items()}
    assert {table: rows for table, rows in more.items() if rows > A_FEW} == {}
