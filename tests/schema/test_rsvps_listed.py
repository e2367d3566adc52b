"""A list of answers as it is needed at the door: of a date, by name, looked through by a part of it,
with what one may do to each; read both ways."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from domain.actors import TeamRole, Viewer
from domain.events import JoinMode
from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from domain.sharing import AttendeeSharing, HostEditing
from resolvers import co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database
from storage.tables import event_hosts, team_members
from tests.cast import Cast, MakeContext, publish

WAYS = (Operations(graphql_schema, Limits()), Operations(graphql_schema, Limits(), planned=False))
SCOPES = frozenset({"events:read", "organizations:read", "attendance:read"})
LISTED = """query ($event: ID!, $filter: RsvpFilter, $first: Int, $after: String) {
    event(id: $event) { rsvps(filter: $filter, orderBy: NAME_ASC, first: $first, after: $after) {
        nodes { guestName person { displayName } status nextActions }
        pageInfo { hasNextPage endCursor } } } }"""
DATES = """query ($event: ID!) { event(id: $event) {
    occurrences(from: "2027-03-01T00:00:00Z", to: "2027-04-01T00:00:00Z") { nodes { id } } } }"""


async def told(context: MakeContext, viewer: Viewer, query: str, **variables: Any) -> Any:
    """`event`, the same both ways."""
    found = []
    for operations in WAYS:
        prepared = operations.prepare(Asked(query, variables=variables))
        assert isinstance(prepared, Prepared)
        async with context(replace(viewer, scopes=SCOPES)) as ctx:
            answer = orjson.loads((await operations.run(prepared, ctx, "req_1")).body)
        assert "errors" not in answer, answer["errors"]
        found.append(answer["data"]["event"])
    assert found[0] == found[1]
    return found[0]


async def listed(
    context: MakeContext, viewer: Viewer, event_id: str, **filter_: Any
) -> list[tuple[str, list[str]]]:
    """Names, and what the viewer may do to each."""
    event = await told(context, viewer, LISTED, event=event_id, filter=filter_)
    return [
        (each["guestName"] or each["person"]["displayName"], each["nextActions"])
        for each in event["rsvps"]["nodes"]
    ]


async def names(context: MakeContext, viewer: Viewer, event_id: str, **filter_: Any) -> list[str]:
    return [name for name, _ in await listed(context, viewer, event_id, **filter_)]


async def guest(context: MakeContext, cast: Cast, event_id: str, name: str, **given: Any) -> str:
    answer_id = await rsvps.answer(
        context(cast.anna), NewRsvp(event_id=event_id, guest_name=name, **given)
    )
    assert answer_id is not None
    return answer_id


async def test_the_host_finds_people_by_a_part_of_their_names(
    context: MakeContext, cast: Cast
) -> None:
    event_id = await publish(context, cast.anna)
    for name in ("Özlem Ak", "Zoe", "ana maría", "100%_sure"):
        await guest(context, cast, event_id, name)
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id))
    everybody = ["100%_sure", "ana maría", "Lee", "Özlem Ak", "Zoe"]
    assert await names(context, cast.anna, event_id) == everybody
    assert await names(context, cast.anna, event_id, search="ozl") == ["Özlem Ak"]
    assert await names(context, cast.anna, event_id, search="MARIA") == ["ana maría"]
    assert await names(context, cast.anna, event_id, search="%_") == ["100%_sure"]
    assert await names(context, cast.anna, event_id, search="nobody") == []
    assert await names(context, cast.anna, event_id, search="") == everybody
    assert await names(context, cast.sam, event_id) == []


async def test_the_pages_of_the_list_are_the_list(context: MakeContext, cast: Cast) -> None:
    event_id = await publish(context, cast.anna)
    for name in ("Bo", "Al", "Di", "Cy", "al"):
        await guest(context, cast, event_id, name)
    found: list[str] = []
    after = None
    while True:
        asked = {"event": event_id, "first": 2, "after": after}
        page = (await told(context, cast.anna, LISTED, **asked))["rsvps"]
        found += [each["guestName"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == ["Al", "al", "Bo", "Cy", "Di"]


async def test_each_date_has_its_own_list_and_each_state(context: MakeContext, cast: Cast) -> None:
    event_id = await publish(
        context,
        cast.anna,
        recurrence=Recurrence("FREQ=WEEKLY;COUNT=2"),
        join_mode=JoinMode.APPROVAL,
    )
    event = await told(context, cast.anna, DATES, event=event_id)
    first, second = (each["id"] for each in event["occurrences"]["nodes"])
    await guest(context, cast, event_id, "Al", occurrence_id=first)
    await guest(context, cast, event_id, "Bo", occurrence_id=second, status=RsvpStatus.TENTATIVE)
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id, occurrence_id=second))
    assert await names(context, cast.anna, event_id, occurrence=first) == ["Al"]
    assert await names(context, cast.anna, event_id, occurrence=second) == ["Bo", "Lee"]
    assert await names(context, cast.anna, event_id, occurrence="none") == []
    asks = await listed(context, cast.anna, event_id, statuses=["PENDING_APPROVAL"])
    assert asks == [("Lee", ["cancelRsvp", "respondToRsvp", "checkIn"])]


@pytest.mark.parametrize(
    ("may_edit", "role", "may"),
    [
        (HostEditing.DETAILS, TeamRole.EDITOR, ["checkIn"]),
        (HostEditing.NONE, TeamRole.EDITOR, []),
        (HostEditing.DETAILS, TeamRole.VIEWER, None),
    ],
)
async def test_a_co_host_checks_in_where_its_place_lets_it_change_something(
    context: MakeContext,
    cast: Cast,
    database: Database,
    may_edit: HostEditing,
    role: TeamRole,
    may: list[str] | None,
) -> None:
    event_id = await publish(context, cast.anna)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event_id, cast.shelter)
    async with database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.role == "CO_HOST")
            .values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT, may_edit=may_edit)
        )
        await db.execute(
            update(team_members).where(team_members.c.person_id == cast.sam_id).values(role=role)
        )
    agreed = NewRsvp(event_id=event_id, consent_to=(cast.shelter,))
    await rsvps.answer(context(cast.lee), agreed)
    sam = replace(cast.sam, role=role)
    assert await listed(context, sam, event_id) == ([] if may is None else [("Lee", may)])
    mine = [("Lee", ["rsvp", "cancelRsvp"])]
    assert await listed(context, cast.lee, event_id) == mine
