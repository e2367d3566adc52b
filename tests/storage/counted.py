"""Rows that count for a thing, whatever anybody may do to them, and what is kept against counted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.rsvps import RsvpStatus
from domain.sharing import MembershipStatus
from storage.engine import Database, Reading, Writing
from storage.tables import occurrences as dates
from tests.outside import MONDAY

Values = dict[str, Any]
Step = tuple[str, Any]

# Counted from the rows themselves, in other words than the triggers use.
ACCEPTED = text(
    "select id, accepted as kept, coalesce((select sum(additional_guests + 1) from rsvps"
    " where occurrence_id = occurrences.id and status = 'ACCEPTED'), 0) as counted"
    " from occurrences"
)
MEMBERS = text(
    "select id, member_count as kept, (select count(*) from group_members"
    " where group_id = groups.id and status = 'ACTIVE') as counted from groups"
)


async def agreed(db: Reading, counting: Any) -> dict[str, int]:
    """What is kept for each thing, after it was held against what is counted."""
    rows = (await db.execute(counting)).all()
    found: dict[str, int] = {row.id: row.kept for row in rows}
    assert found == {row.id: row.counted for row in rows}
    return found


numbers = count(1)


def answer(date: str, **given: Any) -> Values:
    """A guest's to one date, who comes; or that of the person named."""
    return {
        "id": f"rsv_{next(numbers)}",
        "event_id": select(dates.c.event_id).where(dates.c.id == date).scalar_subquery(),
        "occurrence_id": date,
        "status": RsvpStatus.ACCEPTED,
        "additional_guests": 0,
        "created_at": MONDAY,
        "updated_at": MONDAY,
        **({} if "person_id" in given else {"guest_name": "Kim"}),
        **given,
    }


def member(group_id: str, person_id: str, **given: Any) -> Values:
    return {
        "id": f"gmb_{next(numbers)}",
        "group_id": group_id,
        "person_id": person_id,
        "status": MembershipStatus.ACTIVE,
        "role": "MEMBER",
        **given,
    }


ANSWERS = st.fixed_dictionaries(
    {
        "status": st.sampled_from([*RsvpStatus, *[RsvpStatus.ACCEPTED] * 6]),
        "additional_guests": st.integers(0, 4),
    }
)
MEMBERSHIPS = st.fixed_dictionaries(
    {"status": st.sampled_from([*MembershipStatus, *[MembershipStatus.ACTIVE] * 8])}
)


def steps(states: st.SearchStrategy[Values]) -> st.SearchStrategy[list[Step]]:
    thing, some = st.integers(0, 2), st.tuples(st.integers(1, 3), st.integers(0, 2))
    rows = st.lists(st.tuples(thing, states), min_size=1, max_size=5)
    step = st.one_of(
        st.tuples(st.just("add"), rows),
        st.tuples(st.just("overwrite"), rows),
        st.tuples(st.just("change"), st.tuples(some, states)),
        st.tuples(st.just("move"), st.tuples(some, thing)),
        st.tuples(st.just("remove"), some),
        st.tuples(st.just("empty"), st.none()),
    )
    return st.lists(step, min_size=2, max_size=8)


def examples(states: st.SearchStrategy[Values]) -> Any:
    """The test is given many sequences of steps."""
    kept_fixtures = [HealthCheck.function_scoped_fixture]
    quiet = settings(max_examples=100, deadline=None, suppress_health_check=kept_fixtures)
    return lambda test: quiet(given(taken=steps(states))(test))


@dataclass
class Rows:
    """Rows of a table, each of which counts for the thing that it names by `key`, or for none."""

    table: Table
    key: str
    things: Sequence[str]
    people: Sequence[str] = ()
    made: int = 0

    async def take(self, db: Writing, step: str, how: Any) -> None:
        table = self.table
        if step == "add":
            await db.execute(insert(table).values(self.new(how)))
        elif step == "overwrite":
            await self.overwrite(db, self.new(how))
        elif step == "change":
            await db.execute(update(table).where(self.among(*how[0])).values(how[1]))
        elif step == "move":
            to = {self.key: self.things[how[1]]}
            await db.execute(update(table).where(self.among(*how[0])).values(to))
        elif step == "remove":
            await db.execute(delete(table).where(self.among(*how)))
        else:
            await db.execute(text(f"truncate {table.name} cascade"))

    def new(self, how: list[tuple[int, Values]]) -> list[Values]:
        values = []
        for thing, state in how:
            self.made += 1
            about = state | {"id": f"row_{self.made}"}
            if self.people:
                values.append(member(self.things[thing], self.people[self.made], **about))
            else:
                values.append(answer(self.things[thing], **about))
        return values

    def among(self, every: int, which: int) -> Any:
        """Some of the rows, across all things."""
        return func.abs(func.hashtext(self.table.c.id)) % every == which % every

    async def overwrite(self, db: Writing, values: list[Values]) -> None:
        """One statement makes rows, and makes others of two that are there."""
        there = select(self.table.c.id).order_by(self.table.c.id).limit(2)
        for row, found in zip(values, await db.scalars(there), strict=False):
            row["id"] = found
        writing = upsert(self.table).values(values)
        said = {name: writing.excluded[name] for name in (self.key, "status")}
        await db.execute(writing.on_conflict_do_update(index_elements=["id"], set_=said))


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Writing]:
    """A transaction that leaves nothing behind, so that the next example begins alike."""
    async with database.engine.connect() as connection:
        yield Writing(Reading(connection))
        await connection.rollback()
