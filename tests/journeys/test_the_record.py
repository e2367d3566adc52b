"""Who changed what, and who may read of it: the record of an organization, and of an event."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.actors import BY_TIME, NOBODY, Viewer
from domain.errors import Refused
from resolvers import events
from resolvers.audit import note
from resolvers.co_hosting import Wish, ask, respond, withdraw
from storage.engine import Database
from storage.tables import audit_concerned, audit_entries
from tests import cast as play
from tests.cast import Cast, MakeContext
from tests.outside import StandingClock
from tests.plans.conftest import Door

SCOPES = frozenset(
    ("audit:read", "organizations:read", "groups:read", "events:read", "alliances:read")
)
AUDIT = """query Record($subject: ID, $from: DateTime, $to: DateTime, $first: Int, $after: String) {
  audit(subject: $subject, from: $from, to: $to, first: $first, after: $after) {
    totalCount
    nodes {
      id at action subject client requestId detail
      person { displayName } organization { slug } hub { isLocal }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""


@pytest.fixture
def record(context: MakeContext) -> Callable[..., Awaitable[dict[str, Any]]]:
    """What the viewer reads, the same by both ways of reading."""
    door = Door(context=context)

    async def read(viewer: Viewer, **asked: Any) -> dict[str, Any]:
        told = await door.both(AUDIT, replace(viewer, scopes=SCOPES), **asked)
        assert told.planned
        found: dict[str, Any] = told.data["audit"]
        assert found["totalCount"] >= len(found["nodes"])
        return found

    return read


Record = Callable[..., Awaitable[dict[str, Any]]]


def lines(found: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """What was done, by whom, for whom: the newest first."""
    return [
        (
            each["action"],
            each["person"] and each["person"]["displayName"],
            each["organization"] and each["organization"]["slug"],
        )
        for each in found["nodes"]
    ]


async def shared_event(context: MakeContext, cast: Cast, clock: StandingClock) -> str:
    """Anna's event, which Sam's Shelter hosts with her, and which both have changed."""
    event_id = await play.publish(context, cast.anna)
    clock.forward(seconds=1)
    place = await ask(context(cast.anna), Wish(event_id=event_id, organization_id=cast.shelter))
    clock.forward(seconds=1)
    await respond(context(cast.sam), place, accept=True)
    clock.forward(seconds=1)
    await change(context, cast.sam, event_id, description="Bring a friend.")
    clock.forward(seconds=1)
    return event_id


async def change(context: MakeContext, viewer: Viewer, event_id: str, **changes: Any) -> None:
    async with context(viewer).database.reading() as db:
        version = await db.scalar(
            text("select version from events where id = :id").bindparams(id=event_id)
        )
    assert isinstance(version, int)
    await events.update(context(viewer), event_id, version, changes)  # type: ignore[arg-type]


HISTORY = ["event.updated", "event_host.accepted", "event_host.invited", "event.created"]


async def test_an_events_history_is_read_by_all_its_hosts(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    anna = await record(cast.anna, subject=event_id)
    assert lines(anna) == [
        ("event.updated", None, "harbor-shelter"),
        ("event_host.accepted", None, "harbor-shelter"),
        ("event_host.invited", "Anna", "river-city-pantry"),
        ("event.created", "Anna", "river-city-pantry"),
    ], "people of another organization are not shown, the organization is"
    sam = await record(cast.sam, subject=event_id)
    assert lines(sam) == [
        ("event.updated", "Sam", "harbor-shelter"),
        ("event_host.accepted", "Sam", "harbor-shelter"),
        ("event_host.invited", None, "river-city-pantry"),
        ("event.created", None, "river-city-pantry"),
    ], "also what was before the Shelter came"
    assert [each["client"] for each in sam["nodes"]] == ["app", "app", None, None]
    assert sam["nodes"][0]["detail"] == "description"
    assert sam["nodes"][0]["hub"] == {"isLocal": True}
    assert sam["totalCount"] == 4


async def test_of_somebody_elses_event_there_is_nothing_to_read(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    nothing = {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    assert await record(cast.lee, subject=event_id) == nothing
    assert await record(cast.lee, subject=cast.pantry) == nothing
    assert await record(cast.lee, subject="evt_nothing") == nothing
    assert await record(cast.lee, subject="\x00") == nothing


async def test_who_is_only_asked_to_host_reads_that_and_no_more(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await play.publish(context, cast.anna)
    clock.forward(seconds=1)
    await ask(context(cast.anna), Wish(event_id=event_id, organization_id=cast.shelter))
    found = await record(cast.sam, subject=event_id)
    assert lines(found) == [("event_host.invited", None, "river-city-pantry")]
    assert found["totalCount"] == 1


async def test_who_has_left_the_event_reads_no_further(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    (place,) = {
        each["subject"]
        for each in (await record(cast.sam, subject=event_id))["nodes"]
        if each["action"] == "event_host.accepted"
    }
    await withdraw(context(cast.sam), place, "No time")
    clock.forward(seconds=1)
    await change(context, cast.anna, event_id, description="Without the Shelter.")
    found = await record(cast.sam, subject=event_id)
    assert [each["action"] for each in found["nodes"]] == [
        "event_host.withdrawn",
        "event.updated",
        "event_host.accepted",
        "event_host.invited",
    ], "what concerned it when it was done, and neither what came before nor after"
    assert len((await record(cast.anna, subject=event_id))["nodes"]) == 6


async def test_a_place_on_an_event_has_its_own_history(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    place = next(
        each["subject"]
        for each in (await record(cast.sam, subject=event_id))["nodes"]
        if each["action"] == "event_host.accepted"
    )
    found = await record(cast.anna, subject=place)
    assert [each["action"] for each in found["nodes"]] == HISTORY[1:3]
    assert (await record(cast.lee, subject=place))["totalCount"] == 0


async def test_an_organization_reads_what_was_done_for_it_and_to_its_things(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    clock.forward(days=1)
    day = clock.now().isoformat()
    event_id = await shared_event(context, cast, clock)
    group_id = await play.start_group(context, cast.anna, "cooks")
    clock.forward(seconds=1)
    await play.publish(context, cast.lee)
    pantry = await record(cast.anna, **{"from": day})
    assert [each["action"] for each in pantry["nodes"]] == ["group.created", *HISTORY]
    assert pantry["nodes"][0]["subject"] == group_id
    shelter = await record(cast.sam, **{"from": day})
    assert [each["action"] for each in shelter["nodes"]] == HISTORY[:3]
    library = await record(cast.lee, **{"from": day})
    assert lines(library) == [("event.created", "Lee", "northside-library")]
    assert event_id not in [each["subject"] for each in library["nodes"]]


async def test_the_operator_who_acts_for_an_organization_is_in_its_record(
    cast: Cast, record: Record
) -> None:
    found = await record(cast.sam)
    actions = {each["action"]: each["client"] for each in found["nodes"]}
    assert actions["organization.team_member_added"] == "operator"
    assert actions["membership.invited"] is None, "that was done for the Pantry"


async def test_a_window_is_open_at_its_end(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    times = [each["at"] for each in (await record(cast.anna, subject=event_id))["nodes"]]
    inside = await record(cast.anna, subject=event_id, to=times[0], **{"from": times[2]})
    assert [each["action"] for each in inside["nodes"]] == HISTORY[1:3]
    door = Door(context=context)
    odd = await door.both(
        AUDIT, replace(cast.anna, scopes=SCOPES), to=times[2], **{"from": times[0]}
    )
    assert odd.errors == [("BAD_USER_INPUT", ["audit"])]


async def test_the_record_is_read_page_by_page(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    for asked in ({"subject": event_id}, {}):
        whole = [each["id"] for each in (await record(cast.anna, **asked))["nodes"]]
        paged: list[str] = []
        after = None
        while True:
            page = await record(cast.anna, first=2, after=after, **asked)
            paged += [each["id"] for each in page["nodes"]]
            assert page["totalCount"] == len(whole)
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert paged == whole


async def test_an_entry_is_opened_by_its_id_by_those_it_concerns(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    entry = (await record(cast.sam, subject=event_id))["nodes"][-1]
    door = Door(context=context)
    query = "query ($id: ID!) { node(id: $id) { ... on AuditEntry { action } } }"
    for viewer in (cast.anna, cast.sam):
        seen = await door.both(query, replace(viewer, scopes=SCOPES), id=entry["id"])
        assert seen.data == {"node": {"action": "event.created"}}
    stranger = await door.both(query, replace(cast.lee, scopes=SCOPES), id=entry["id"])
    assert stranger.data == {"node": None}
    without = await door.both(
        query, replace(cast.sam, scopes=SCOPES - {"audit:read"}), id=entry["id"]
    )
    assert without.errors == [("INSUFFICIENT_SCOPE", ["node"])]
    assert (await door.both(AUDIT, NOBODY)).errors == [("UNAUTHENTICATED", ["audit"])]


async def test_who_answers_a_date_is_the_business_of_its_host(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await shared_event(context, cast, clock)
    before = (await record(cast.sam, subject=event_id))["totalCount"]
    async with context(cast.lee).writing() as db:
        answer = "rsv_01JD8X5V0M7Q2K3B4N6P8R9S1T@hub.test"
        await note(context(cast.lee), db, "rsvp.made", answer, part_of=event_id)
    assert (await record(cast.sam, subject=event_id))["totalCount"] == before
    assert (await record(cast.sam, subject=answer))["totalCount"] == 0
    (told,) = (await record(cast.anna, subject=answer))["nodes"]
    assert told["person"] is None
    assert lines(await record(cast.lee, subject=answer)) == [
        ("rsvp.made", "Lee", "northside-library")
    ]


async def test_what_time_brings_is_done_by_nobody(
    context: MakeContext, cast: Cast, clock: StandingClock, record: Record
) -> None:
    event_id = await play.publish(context, cast.anna)
    clock.forward(seconds=1)
    async with context(BY_TIME).writing() as db:
        await note(context(BY_TIME), db, "event.rolled_on", event_id)
    (entry, _) = (await record(cast.anna, subject=event_id))["nodes"]
    shown = (entry["action"], entry["client"], entry["person"], entry["organization"])
    assert shown == ("event.rolled_on", "time", None, None)


async def test_another_organization_may_be_named_as_concerned(
    context: MakeContext, cast: Cast, record: Record
) -> None:
    event_id = await play.publish(context, cast.anna)
    async with context(cast.anna).writing() as db:
        await note(
            context(cast.anna),
            db,
            "handover.proposed",
            "hov_1",
            part_of=event_id,
            concerning=(cast.library, cast.pantry),
        )
    assert lines(await record(cast.lee, subject="hov_1")) == [
        ("handover.proposed", None, "river-city-pantry")
    ]
    assert (await record(cast.anna, subject=event_id))["totalCount"] == 2


async def test_a_refused_change_leaves_no_entry(
    context: MakeContext, cast: Cast, contents: Callable[[], Awaitable[dict[str, list[str]]]]
) -> None:
    event_id = await play.publish(context, cast.anna)
    before = await contents()
    with pytest.raises(Refused, match="Only the host"):
        await events.update(context(cast.lee), event_id, 1, {"title": "Mine"})
    assert await contents() == before


@pytest.mark.parametrize("table", [audit_entries, audit_concerned], ids=lambda table: table.name)
async def test_what_is_in_the_record_stays_there(
    database: Database,
    cast: Cast,
    contents: Callable[[], Awaitable[dict[str, list[str]]]],
    table: Any,
) -> None:
    before = await contents()
    assert before[table.name] != []
    for statement in (
        update(table).values(at=func.now()),
        delete(table),
        text(f"truncate {table.name}"),
    ):
        with pytest.raises(DBAPIError, match="never changed and never taken away"):
            async with database.writing() as db:
                await db.execute(statement)
    assert await contents() == before


WHOLES = ("org", "grp", "evt", "aln", "prs")


async def test_every_part_is_noted_with_the_whole_it_is_a_part_of(
    database: Database, context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    await shared_event(context, cast, clock)
    async with database.reading() as db:
        rows = (await db.execute(select(audit_entries))).mappings().all()
    parts = [row for row in rows if row["subject_id"][:3] not in WHOLES]
    assert {row["subject_id"][:3] for row in parts} >= {"tmb", "alm", "evh"}
    assert all(row["whole_id"][:3] in WHOLES for row in parts)
    assert all(row["whole_id"] == row["subject_id"] for row in rows if row not in parts)
    assert all(row["hub_id"].startswith("hub_") for row in rows)
