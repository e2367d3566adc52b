"""The data of the benchmark: the same rows each time, whole, and pages that are full."""

import asyncio
import hashlib
import json
from dataclasses import replace
from itertools import chain

import pytest

from bench.bodies import bodies
from bench.data import USUAL, Data, Scale
from bench.loading import NoRoom, copies, ensure, require_room
from bench.processes import Running, post
from tests.bench.small import SMALL, Made
from tests.conftest import TEMPLATE

INDEXES = "select indexdef from pg_indexes where schemaname = 'public' order by 1"
CONSTRAINTS = """select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
  from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2"""


def digest(scale: Scale) -> str:
    whole = hashlib.sha256()
    for _, _, lines in copies(Data(scale)):
        whole.update(lines)
    return whole.hexdigest()


def first_events(scale: Scale) -> list[object]:
    rows = next(Data(scale).events(several=SMALL.events))
    return [rows.events, rows.occurrences, rows.event_hosts, rows.event_shares]


def test_the_same_scale_is_the_same_rows() -> None:
    assert digest(SMALL) == digest(SMALL)
    assert digest(SMALL) != digest(replace(SMALL, events=SMALL.events + 1))


def test_a_larger_hub_begins_with_the_events_of_the_smaller() -> None:
    assert first_events(SMALL) == first_events(replace(SMALL, events=3 * SMALL.events))


def test_events_are_for_everybody_allies_and_nobody_in_the_shares_that_are_told() -> None:
    rows = list(chain.from_iterable(r.events for r in Data(replace(USUAL, events=4_000)).events()))
    seen = [row[2] for row in rows]
    parts = {each: seen.count(each) / len(seen) for each in set(seen)}
    assert parts == {
        "PUBLIC": pytest.approx(0.85, abs=0.02),
        "ALLIANCE": pytest.approx(0.10, abs=0.02),
        "PRIVATE": pytest.approx(0.05, abs=0.02),
    }


def test_every_row_is_there_and_what_the_database_keeps_is_kept(made: Made) -> None:
    assert made.ask("select count(*) from events") == [(SMALL.events,)]
    assert made.ask("select count(*) from rsvps") == [(SMALL.rsvps,)]
    assert made.ask("select count(*) from event_hosts where role = 'HOST'") == [(SMALL.events,)]
    counted = "select sum(1 + additional_guests) from rsvps where status = 'ACCEPTED'"
    assert made.ask("select sum(accepted) from occurrences") == made.ask(counted)
    assert made.ask("select sum(accepted) > 0 from occurrences") == [(True,)]
    late = """select count(*) from event_shares s join events e on e.id = s.event_id
      where s.starts_at <> e.starts_at"""
    assert made.ask(late) == [(0,)]


def test_no_index_and_no_constraint_is_missing_after_the_data_came_in(made: Made) -> None:
    assert made.ask(INDEXES) == made.ask(INDEXES, TEMPLATE)
    assert made.ask(CONSTRAINTS) == made.ask(CONSTRAINTS, TEMPLATE)


def test_data_that_is_there_is_found_again(made: Made) -> None:
    told: list[str] = []
    assert asyncio.run(ensure(made.server, made.directory, SMALL, told.append)) == made.name
    assert told == []


def test_data_for_which_the_disk_has_no_room_is_refused_before_it_is_made(made: Made) -> None:
    with pytest.raises(NoRoom, match="Make room, or name another directory with --data"):
        require_room(made.directory, replace(SMALL, events=10**12))


def test_every_page_that_is_asked_for_is_full_from_the_smallest_hub_on(
    both: tuple[Running, Running],
) -> None:
    _, least = both
    for question in ("q2", "q3"):
        for body in list(bodies(question, SMALL))[:60]:
            _, text = post(least.port, least.server.path, body)
            data = json.loads(text)["data"]
            page = data["events"] if question == "q3" else data["alliance"]["events"]
            assert (len(page["edges"]), page["pageInfo"]["hasNextPage"]) == (50, True)
