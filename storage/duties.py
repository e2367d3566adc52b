"""When each duty was done last, and is due again (`resolvers.what_time_brings`)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Reading, Writing
from storage.tables import duties


@dataclass(frozen=True, slots=True)
class Kept:
    """`done` is how many things it did that time, `failures` how many times in a row it failed;
    `request_id` is what the log and the audit trail call that time."""

    name: str
    due_at: datetime
    ran_at: datetime
    done: int
    failures: int
    request_id: str


async def kept(db: Reading) -> dict[str, Kept]:
    found = await db.execute(select(duties).order_by(duties.c.name))
    return {row["name"]: Kept(**row) for row in found.mappings()}


async def keep(db: Writing, duty: Kept) -> None:
    values = asdict(duty)
    keeping = insert(duties).values(values)
    await db.execute(keeping.on_conflict_do_update(index_elements=["name"], set_=values))
