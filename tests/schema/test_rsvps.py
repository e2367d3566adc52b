"""Who is shown whose answers and how many, read both ways; and answering, over the contract."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, update

from domain.actors import NOBODY, Viewer
from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from domain.sharing import AttendeeSharing, Visibility
from resolvers import co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database
from storage.tables import event_hosts, occurrences, rsvp_consents
from storage.tables import rsvps as rows
from tests.cast import Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import MONDAY

WAYS = (Operations(graphql_schema, Limits()), Operations(graphql_schema, Limits(), planned=False))
SCOPES = frozenset(
    {
        "events:read",
        "organizations:read",
        "attendance:read",
        "attendance:write",
        "contacts:read",
    }
)
ALL = """query ($event: ID!) { event(id: $event) { rsvps { totalCount nodes {
    id guestName status additionalGuests attended checkedInAt delivery
    person { displayName contact { email } } referredBy { name } event { title }
    occurrence { id startsAt attendance { accepted } }
} } } }"""
COUNTS = """query ($event: ID!) { event(id: $event) {
    attendance { accepted tentative waitlisted attended firstTimers }
    occurrences(from: "2027-01-01T00:00:00Z", to: "2028-01-01T00:00:00Z") { nodes {
        attendance { accepted tentative waitlisted attended firstTimers } } } } }"""
MINE = (
    "query ($event: ID!) { event(id: $event) { viewerRsvp { id status person { displayName } } } }"
)
NODE = "query ($id: ID!) { node(id: $id) { __typename ... on Rsvp { status guestName } } }"
ANSWER = """mutation ($input: RsvpInput!) { rsvp(input: $input) {
    rsvp { id status additionalGuests event { title } } userErrors { code field message } } }"""


async def told(context: MakeContext, viewer: Viewer, query: str, **variables: Any) -> Any:
    """The whole answer, which is the same both ways."""
    found = []
    for operations in WAYS if query.startswith("query") else WAYS[:1]:
        prepared = operations.prepare(Asked(query, variables=variables))
        assert isinstance(prepared, Prepared)
        with_scopes = viewer if viewer.is_nobody else replace(viewer, scopes=SCOPES)
        async with context(with_scopes) as ctx:
            answer = await operations.run(prepared, ctx, "req_1")
        found.append(orjson.loads(answer.body))
    assert all(each == found[0] for each in found), found
    return found[0]


async def data(context: MakeContext, viewer: Viewer, query: str, **variables: Any) -> Any:
    answer = await told(context, viewer, query, **variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


async def with_partner(
    context: MakeContext, cast: Cast, database: Database, sharing: AttendeeSharing, **given: Any
) -> str:
    """A food drive of the Pantry's, which the Shelter hosts with it."""
    event_id = await publish(context, cast.anna, **given)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event_id, cast.shelter)
    async with database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.event_id == event_id, event_hosts.c.role == "CO_HOST")
            .values(attendee_sharing=sharing)
        )
    return event_id


async def guests(
    database: Database, event_id: str, occurrence_id: str, number: int, **given: Any
) -> None:
    """As the host has them on its list."""
    about: dict[str, Any] = {"status": "ACCEPTED", "additional_guests": 0} | given
    async with database.writing() as db:
        await db.execute(
            insert(rows),
            [
                {
                    "id": f"rsv_{occurrence_id[4:30]}{about['status'][:4]}{each}_{given}",
                    "event_id": event_id,
                    "occurrence_id": occurrence_id,
                    "guest_name": f"Guest {each}",
                    "guest_email": f"{about['status'].lower()}-{each}@people.example",
                    "created_at": MONDAY,
                    "updated_at": MONDAY,
                    **about,
                }
                for each in range(number)
            ],
        )


@pytest.mark.parametrize(
    ("sharing", "names"),
    [
        (AttendeeSharing.NONE, []),
        (AttendeeSharing.AGGREGATE_ONLY, []),
        (AttendeeSharing.REFERRED_ONLY, ["Lee"]),
        (AttendeeSharing.ALL_WITH_CONSENT, ["Lee", "Sam"]),
    ],
)
async def test_a_partner_is_shown_whom_its_place_and_their_own_word_allow(
    context: MakeContext,
    cast: Cast,
    database: Database,
    sharing: AttendeeSharing,
    names: list[str],
) -> None:
    event_id = await with_partner(context, cast, database, sharing)
    agreed: dict[str, Any] = {"consent_to": (cast.shelter,), "event_id": event_id}
    await rsvps.answer(context(cast.lee), NewRsvp(referred_by_id=cast.shelter, **agreed))
    await rsvps.answer(context(cast.sam), NewRsvp(**agreed))
    await rsvps.answer(context(cast.anna), NewRsvp(event_id=event_id))
    colleague = replace(cast.sam, person_id=None)
    shown = (await data(context, colleague, ALL, event=event_id))["event"]["rsvps"]
    assert shown["totalCount"] == len(names)
    assert sorted(one["person"]["displayName"] for one in shown["nodes"]) == names
    if "Lee" in names:
        lee = next(one for one in shown["nodes"] if one["person"]["displayName"] == "Lee")
        assert lee["person"]["contact"]["email"] == "lee@northside-library.example"
        assert lee["referredBy"] == {"name": "Harbor Shelter"}
    hosts = (await data(context, cast.anna, ALL, event=event_id))["event"]["rsvps"]
    assert hosts["totalCount"] == 3
    for stranger, own in ((cast.library_app, 0), (cast.lee, 1)):
        found = (await data(context, stranger, ALL, event=event_id))["event"]["rsvps"]
        assert found["totalCount"] == own
    refused = await told(context, NOBODY, ALL, event=event_id)
    assert refused["data"]["event"]["rsvps"] is None
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_consent_is_kept_as_it_was_asked_and_taken_back_one_by_one(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await with_partner(context, cast, database, AttendeeSharing.ALL_WITH_CONSENT)

    async def agreed() -> list[tuple[str, bool]]:
        async with database.reading() as db:
            found = await db.execute(rsvp_consents.select().order_by(rsvp_consents.c.id))
            return [(row.organization_id, row.withdrawn_at is None) for row in found]

    async def say(*organizations: str, **given: Any) -> None:
        new = NewRsvp(event_id=event_id, consent_to=organizations, **given)
        await rsvps.answer(context(cast.lee), new)

    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id))
    assert await agreed() == []
    await say(cast.shelter, cast.pantry)
    assert sorted(await agreed()) == sorted([(cast.pantry, True), (cast.shelter, True)])
    async with database.reading() as db:
        wordings = list(
            await db.scalars(rsvp_consents.select().with_only_columns(rsvp_consents.c.wording))
        )
    assert any(
        said.startswith("Harbor Shelter may have my name and how to reach me from River City")
        for said in wordings
    )
    await say(cast.pantry)
    assert sorted(await agreed()) == sorted([(cast.pantry, True), (cast.shelter, False)])
    # Said of the answer alone, it stays as it was; who does not come takes it all back.
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id, additional_guests=1))
    assert sorted(await agreed()) == sorted([(cast.pantry, True), (cast.shelter, False)])
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id, status=RsvpStatus.DECLINED))
    assert not any(in_force for _, in_force in await agreed())


async def test_numbers_are_told_as_far_as_the_place_goes_and_never_a_few_people(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event_id = await with_partner(
        context,
        cast,
        database,
        AttendeeSharing.AGGREGATE_ONLY,
        recurrence=Recurrence("FREQ=WEEKLY;COUNT=2"),
    )
    async with database.reading() as db:
        found = occurrences.select().where(occurrences.c.event_id == event_id)
        first, second = [row.id for row in await db.execute(found.order_by("starts_at"))]
    await guests(database, event_id, first, 7, attended=True)
    await guests(database, event_id, first, 6, status="TENTATIVE", additional_guests=1)
    await guests(database, event_id, first, 3, status="WAITLISTED", in_line=1)
    # Three who were there before, and come again.
    await guests(database, event_id, second, 3, attended=True)
    await guests(database, event_id, second, 4, status="TENTATIVE")

    def numbers(*given: int | None) -> dict[str, int | None]:
        names = ("accepted", "tentative", "waitlisted", "attended", "firstTimers")
        return dict(zip(names, given, strict=True))

    async def counts(viewer: Viewer) -> list[Any]:
        event = (await data(context, viewer, COUNTS, event=event_id))["event"]
        dates = [one["attendance"] for one in event["occurrences"]["nodes"]]
        return [event["attendance"], *dates]

    assert await counts(cast.anna) == [
        numbers(10, 16, 3, 10, 7),
        numbers(7, 12, 3, 7, 7),
        numbers(3, 4, 0, 3, 0),
    ]
    # The sum is of what is told of each date: their difference tells nothing more.
    assert await counts(cast.sam) == [
        numbers(10, 10, 0, 5, 5),
        numbers(7, 10, 0, 5, 5),
        numbers(3, 0, 0, None, None),
    ]
    for other in (NOBODY, cast.lee):
        assert await counts(other) == [
            numbers(10, 0, 0, None, None),
            numbers(7, 0, 0, None, None),
            numbers(3, 0, 0, None, None),
        ]
    async with database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.role == "CO_HOST")
            .values(attendee_sharing=AttendeeSharing.NONE)
        )
    assert (await counts(cast.sam))[0] == numbers(10, 0, 0, None, None)


async def test_lee_answers_and_finds_the_answer_by_the_event_and_by_its_id(
    context: MakeContext, cast: Cast
) -> None:
    event_id = await publish(context, cast.anna, title="Soup")
    assert (await data(context, cast.lee, MINE, event=event_id))["event"]["viewerRsvp"] is None
    given = {"event": event_id, "additionalGuests": 2}
    made = (await data(context, cast.lee, ANSWER, input=given))["rsvp"]
    assert made["userErrors"] == []
    answer_id = made["rsvp"].pop("id")
    assert made["rsvp"] == {
        "status": "ACCEPTED",
        "additionalGuests": 2,
        "event": {"title": "Soup"},
    }
    mine = {"id": answer_id, "status": "ACCEPTED", "person": {"displayName": "Lee"}}
    for who, shown in ((cast.lee, mine), (cast.sam, None), (cast.library_app, None)):
        found = await data(context, who, MINE, event=event_id)
        assert found["event"]["viewerRsvp"] == shown
    node = {"__typename": "Rsvp", "status": "ACCEPTED", "guestName": None}
    for who, seen in ((cast.lee, node), (cast.anna, node), (cast.sam, None)):
        assert (await data(context, who, NODE, id=answer_id))["node"] == seen
    assert (await data(context, NOBODY, MINE, event=event_id))["event"]["viewerRsvp"] is None


async def test_a_refusal_is_data(context: MakeContext, cast: Cast, contents: Contents) -> None:
    event_id = await publish(context, cast.anna, visibility=Visibility.PRIVATE)
    before = await contents()
    refused = (await data(context, cast.lee, ANSWER, input={"event": event_id}))["rsvp"]
    assert refused["rsvp"] is None
    assert [(one["code"], one["field"]) for one in refused["userErrors"]] == [
        ("NOT_FOUND", ["event"])
    ]
    assert await contents() == before


async def test_without_the_scope_nobody_is_signed_up(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event_id = await publish(context, cast.anna)
    prepared = WAYS[0].prepare(Asked(ANSWER, variables={"input": {"event": event_id}}))
    assert isinstance(prepared, Prepared)
    before = await contents()
    async with context(replace(cast.lee, scopes=SCOPES - {"attendance:write"})) as ctx:
        answer = orjson.loads((await WAYS[0].run(prepared, ctx, "req_1")).body)
    assert answer["errors"][0]["extensions"]["missingScopes"] == ["attendance:write"]
    assert await contents() == before
