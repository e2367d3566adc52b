"""Three hubs, of which one part after the other is killed while people work with them.

Whatever was answered is so afterwards, once; the hubs agree on all of it; nothing is half done.
"""

import asyncio
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.processes.hub_process import PATIENCE_SECONDS, children, eventually, kill, kill_all
from tests.processes.village import PEERINGS, Village, a_village

CONVERGED_SECONDS = 180.0
AWAY_SECONDS = 4.0

EVENTS = text("select id, version, title, summary, visibility, hub_id from events order by id")
ROSTER = text("select id, alliance_id, organization_id, status from alliance_members order by id")
HALF = text(
    "select e.id from events e where version > 0 and (not exists "
    "(select from occurrences o where o.event_id = e.id) or not exists "
    "(select from event_hosts h where h.event_id = e.id and h.role = 'HOST'))"
)
WAITING = text("select id, status, last_error from deliveries where status <> 'DELIVERED'")
COMING = text("select event_id, person_id from rsvps where status = 'ACCEPTED' order by event_id")
BACKENDS = text(
    "select pid from pg_stat_activity where datname = :name and backend_type = 'client backend' "
    "and pid <> pg_backend_pid()"
)


@dataclass
class Story:
    """What was seen of it when all was over."""

    village: Village
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    roster: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    half: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    waiting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    coming: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    peerings: dict[str, Any] = field(default_factory=dict)
    doctor: dict[str, str] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return asyncio.run(told(tmp_path_factory.mktemp("village")))


async def told(directory: Path) -> Story:
    async with a_village(directory) as village:
        async with village.at_work():
            for trouble in TROUBLES:
                await asyncio.sleep(1.5)
                await trouble(village)
        story = Story(village)
        async with asyncio.timeout(PATIENCE_SECONDS):
            for name, somebody in village.people.items():  # of which the others are told by a poke
                await village.create(somebody, name)
        await eventually(lambda: agree(story), lambda: differences(story), CONVERGED_SECONDS)
        for name, hub in village.hubs.items():
            story.half[name] = await hub.rows(HALF)
            story.coming[name] = await hub.rows(COMING)
            story.peerings[name] = (await village.people[name].ask(PEERINGS))["data"]["hubs"][
                "nodes"
            ]
            story.doctor[name] = (await hub.command("doctor"))[1]
            story.logs[name] = hub.told()
    return story


# ── troubles ─────────────────────────────────────────────────────────────────────────────────────


async def a_worker_of_a_is_killed(village: Village) -> None:
    serving = village.hubs["A"].serving
    assert serving is not None
    kill(children(serving.pid)[0])


async def all_of_a_is_killed(village: Village) -> None:
    hub = village.hubs["A"]
    assert hub.serving is not None
    kill_all(hub.serving)
    await asyncio.sleep(1)
    await hub.serve()


async def the_worker_of_b_is_killed(village: Village) -> None:
    hub = village.hubs["B"]
    assert hub.working is not None
    kill_all(hub.working)
    await hub.work()


async def a_session_of_the_database_is_killed(village: Village) -> None:
    """PostgreSQL then ends all others, and begins anew."""
    found = await village.hubs["A"].rows(BACKENDS.bindparams(name="A"))
    kill(found[0]["pid"])


async def the_connections_of_b_are_cut(village: Village) -> None:
    hub = village.hubs["B"]
    for row in await hub.rows(BACKENDS.bindparams(name="B")):
        await hub.rows(text("select pg_terminate_backend(:pid)").bindparams(pid=row["pid"]))


async def b_stands_still_for_a_while(village: Village) -> None:
    serving = village.hubs["B"].serving
    assert serving is not None
    os.kill(serving.pid, signal.SIGSTOP)
    await asyncio.sleep(AWAY_SECONDS)
    os.kill(serving.pid, signal.SIGCONT)


async def c_is_away_for_a_while(village: Village) -> None:
    hub = village.hubs["C"]
    assert hub.serving is not None
    kill_all(hub.serving)
    await asyncio.sleep(AWAY_SECONDS)
    await hub.serve()


TROUBLES = (
    a_worker_of_a_is_killed,
    all_of_a_is_killed,
    the_worker_of_b_is_killed,
    a_session_of_the_database_is_killed,
    the_connections_of_b_are_cut,
    b_stands_still_for_a_while,
    c_is_away_for_a_while,
)


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────


async def agree(story: Story) -> bool:
    for name, hub in story.village.hubs.items():
        story.events[name] = await hub.rows(EVENTS)
        story.roster[name] = await hub.rows(ROSTER)
        story.waiting[name] = await hub.rows(WAITING)
    same = [story.events[name] == story.events["A"] for name in "BC"]
    same += [story.roster[name] == story.roster["A"] for name in "BC"]
    return all(same) and not any(story.waiting.values())


async def differences(story: Story) -> str:
    found = [f"waiting: {story.waiting}"]
    for name in "BC":
        there = [row for row in story.events["A"] if row not in story.events[name]]
        here = [row for row in story.events[name] if row not in story.events["A"]]
        found.append(f"A alone: {there[:5]}; {name} alone: {here[:5]}")
    return "\n".join([*found, *(hub.told()[-1500:] for hub in story.village.hubs.values())])


def test_people_were_at_work_all_the_while(story: Story) -> None:
    promises = story.village.promises
    assert len(promises.events) > 20
    assert len(promises.answers) > 10
    assert len(promises.changes) > 10
    assert promises.again > 0


def test_nobody_was_refused_what_they_may_do(story: Story) -> None:
    assert story.village.promises.odd == []


def test_every_event_that_was_answered_is_there_once_on_every_hub(story: Story) -> None:
    promised = story.village.promises.events
    for rows in story.events.values():
        there = [row for row in rows if row["title"].startswith("Event ")]
        assert {row["title"]: row["id"] for row in there} == promised
        assert len(there) == len(promised)


def test_every_change_of_another_hubs_event_was_made_once(story: Story) -> None:
    promises = story.village.promises
    first = promises.changes[0]
    assert promises.changes == list(range(first, first + len(promises.changes)))
    for rows in story.events.values():
        drive = next(row for row in rows if row["id"] == story.village.drive)
        assert drive["version"] == promises.changes[-1]
        assert drive["summary"] == promises.last_words


def test_every_answer_is_at_the_hub_of_the_event_once(story: Story) -> None:
    promised = sorted(event for _, event in story.village.promises.answers)
    owners = {name: f"@{hub.service.hub.authority}" for name, hub in story.village.hubs.items()}
    there = sorted(
        row["event_id"]
        for name, rows in story.coming.items()
        for row in rows
        if row["event_id"].endswith(owners[name])
    )
    assert there == promised


def test_nothing_is_half_done(story: Story) -> None:
    assert story.half == {"A": [], "B": [], "C": []}
    assert story.waiting == {"A": [], "B": [], "C": []}


def test_the_hubs_are_up_to_date_with_one_another(story: Story) -> None:
    for nodes in story.peerings.values():
        others = [node["peering"] for node in nodes if not node["isLocal"]]
        assert [(one["status"], one["lastError"]) for one in others] == [("ACTIVE", None)] * 2
        assert all(one["lagSeconds"] < 120 for one in others)
    for said in story.doctor.values():
        assert said.count("ok       peer ") == 2
