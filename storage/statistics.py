"""What PostgreSQL knows of how large the tables are, which decides how it finds rows.

It looks by itself within some minutes. Until then it plans for the small tables of before: a list
took fifty times as long in the first minute after a city's calendars had come in.
"""

from sqlalchemy import text

from storage.engine import Writing
from storage.tables import metadata

MANY_ROWS = 200  # new at once; fewer change no plan


async def look_again(db: Writing) -> None:
    """It looks at a sample of each table, which takes a moment."""
    for table in metadata.sorted_tables:
        await db.execute(text(f"analyze {table.name}"))
