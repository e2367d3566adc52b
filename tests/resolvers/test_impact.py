"""What came of events, from a sheet of paper to the figures of an alliance."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from domain.actors import NOBODY, Viewer
from domain.events import EventHostRole
from domain.ids import Kind
from domain.rsvps import Rsvp, RsvpStatus
from domain.sharing import Visibility
from resolvers import check_in, co_hosting
from resolvers.co_hosting import Wish
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage import rsvps as stored
from storage.tables import occurrences
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish, start_group
from tests.outside import StandingClock

BOTH_WAYS = (
    Operations(graphql_schema, Limits()),
    Operations(graphql_schema, Limits(), planned=False),
)
SCOPES = frozenset({"organizations:read", "events:read", "alliances:read", "groups:read"})
FIGURES = """{ eventsHeld coHostedEvents peopleConnected newConnections
  crossOrganizationConnections firstTimers returnRate turnout groupsFounded coverage }"""
MARCH = 'from: "2027-03-01", to: "2027-03-31"'


class Ledger:
    """The sign-in sheets of River City, and who asks what came of it."""

    def __init__(self, context: MakeContext, cast: Cast, clock: StandingClock) -> None:
        self.context, self.cast, self.clock = context, cast, clock

    async def asked(self, viewer: Viewer, root: str, **variables: str) -> Any:
        """The figures, and the errors' codes where there are any."""
        asking = viewer if viewer.is_nobody else replace(viewer, scopes=SCOPES)
        given = ", ".join(f"${name}: ID!" for name in variables)
        document = f"query ({given}) {{ it: {root} }}"
        bodies = []
        for way in BOTH_WAYS:
            prepared = way.prepare(Asked(document, variables=variables))
            assert isinstance(prepared, Prepared), prepared
            bodies.append(orjson.loads((await way.run(prepared, self.context(asking), "req")).body))
        assert bodies[0] == bodies[1]
        return bodies[0]

    async def of_alliance(self, viewer: Viewer, when: str = MARCH) -> Any:
        root = f"alliance(id: $id) {{ impact({when}) {FIGURES} }}"
        return await self.asked(viewer, root, id=self.cast.city_table)

    async def of_event(self, viewer: Viewer, event_id: str) -> Any:
        root = f"event(id: $id) {{ impact({MARCH}) {FIGURES} }}"
        answer = await self.asked(viewer, root, id=event_id)
        assert "errors" not in answer, answer
        return answer["data"]["it"]["impact"]

    async def typed_in(self, viewer: Viewer, event_id: str, *names: str, came: bool = True) -> None:
        """The sheet that lay at the door: who had said by mail that they would come, and came."""
        date = select(occurrences.c.id).where(occurrences.c.event_id == event_id)
        ctx = self.context(viewer)
        for name in names:
            answer_id = ctx.names.new(Kind.RSVP)
            async with ctx.writing() as db:
                answer = Rsvp(
                    id=answer_id,
                    event_id=event_id,
                    occurrence_id=(await db.execute(date)).scalar_one(),
                    guest_name=name,
                    guest_email=f"{name}@people.example",
                    status=RsvpStatus.ACCEPTED,
                )
                await stored.add(db, answer, self.clock.now())
            await check_in.check_in(ctx, answer_id, attended=came)


@pytest.fixture
def ledger(context: MakeContext, cast: Cast, clock: StandingClock) -> Ledger:
    return Ledger(context, cast, clock)


async def held(ledger: Ledger, viewer: Viewer, day: datetime = STARTS, **given: Any) -> str:
    return await publish(
        ledger.context,
        viewer,
        starts_at=day,
        ends_at=day + (ENDS - STARTS),
        share_with=(ledger.cast.city_table,),
        **given,
    )


async def test_an_alliances_people_are_counted_from_a_sheet_of_paper(ledger: Ledger) -> None:
    cast = ledger.cast
    drive = await held(ledger, cast.anna)
    supper = await held(ledger, cast.sam, STARTS + timedelta(days=7), title="Supper")
    unrecorded = await held(ledger, cast.sam, STARTS + timedelta(days=8), title="Walk")
    await publish(ledger.context, cast.lee)  # of an organization outside
    assert unrecorded
    ledger.clock.at = STARTS + timedelta(days=10)
    await ledger.typed_in(cast.anna, drive, "ann", "bea", "cem", "dov", "eva")
    await ledger.typed_in(cast.sam, supper, "Ann", "bea", "fay", "gus", "hal")
    await ledger.typed_in(cast.sam, supper, "ida", came=False)
    answer = await ledger.of_alliance(cast.sam)
    assert answer["data"]["it"]["impact"] == {
        "eventsHeld": 3,
        "coHostedEvents": 0,
        "peopleConnected": 5,  # 8 of them, in steps of five
        "newConnections": 15,  # 10 at the drive, and 9 more at the supper
        "crossOrganizationConnections": 5,  # 2 by 3, who came first through the Shelter
        "firstTimers": 5,
        "returnRate": 0.0,  # 2 people, who are too few
        "turnout": 1.0,  # 10 of 11, in steps of five
        "groupsFounded": 0,
        "coverage": 0.6667,
    }
    exactly = await ledger.of_event(cast.sam, supper)
    assert exactly["peopleConnected"] == 5
    assert exactly["newConnections"] == 10
    assert exactly["turnout"] == round(5 / 6, 4)
    assert (exactly["coverage"], exactly["groupsFounded"]) == (1.0, 0)


async def test_what_lies_outside_the_time_is_only_remembered(ledger: Ledger) -> None:
    cast = ledger.cast
    before = await held(ledger, cast.anna, STARTS - timedelta(days=20))
    drive = await held(ledger, cast.anna)
    ledger.clock.at = STARTS + timedelta(days=1)
    await ledger.typed_in(cast.anna, before, "ann", "bea")
    await ledger.typed_in(cast.anna, drive, "ann", "bea", "cem")
    mine = await ledger.asked(
        cast.anna, f"organization(id: $id) {{ impact({MARCH}) {FIGURES} }}", id=cast.pantry
    )
    figures = mine["data"]["it"]["impact"]
    assert (figures["eventsHeld"], figures["peopleConnected"]) == (1, 3)
    assert (figures["newConnections"], figures["firstTimers"]) == (2, 1)
    assert figures["returnRate"] == 0.0


async def test_a_day_is_a_day_where_the_event_is(ledger: Ledger) -> None:
    """The evening of 31 March in River City is 1 April in UTC."""
    evening = datetime.fromisoformat("2027-04-01T01:00:00+00:00")
    await held(ledger, ledger.cast.anna, evening)
    ledger.clock.at = evening + timedelta(days=2)
    answer = await ledger.of_alliance(ledger.cast.sam)
    assert answer["data"]["it"]["impact"]["eventsHeld"] == 1
    april = await ledger.of_alliance(ledger.cast.sam, 'from: "2027-04-01", to: "2027-04-30"')
    assert april["data"]["it"]["impact"]["eventsHeld"] == 0


async def test_what_is_to_come_or_kept_from_the_alliance_is_not_counted(ledger: Ledger) -> None:
    cast = ledger.cast
    await held(ledger, cast.anna)
    await publish(ledger.context, cast.anna, visibility=Visibility.ORGANIZATION)
    ledger.clock.at = STARTS + timedelta(hours=1)
    answer = await ledger.of_alliance(cast.anna)
    assert answer["data"]["it"]["impact"]["eventsHeld"] == 0
    ledger.clock.at = ENDS
    answer = await ledger.of_alliance(cast.anna)
    assert answer["data"]["it"]["impact"]["eventsHeld"] == 1


async def test_partners_are_told_an_events_numbers_in_steps_and_others_nothing(
    ledger: Ledger,
) -> None:
    cast, context = ledger.cast, ledger.context
    drive = await held(ledger, cast.anna)
    wish = Wish(event_id=drive, organization_id=cast.shelter, role=EventHostRole.CO_HOST)
    place = await co_hosting.ask(context(cast.anna), wish)
    await co_hosting.respond(context(cast.sam), place, True)
    ledger.clock.at = ENDS
    await ledger.typed_in(cast.anna, drive, "ann", "bea", "cem", "dov")
    host = await ledger.of_event(cast.anna, drive)
    partner = await ledger.of_event(cast.sam, drive)
    assert (host["peopleConnected"], partner["peopleConnected"]) == (4, 0)
    assert (host["turnout"], partner["turnout"]) == (1.0, None)
    assert (host["coHostedEvents"], partner["coHostedEvents"]) == (1, 1)
    assert await ledger.of_event(cast.lee, drive) is None


async def test_an_organizations_figures_are_its_own(ledger: Ledger) -> None:
    cast = ledger.cast
    await start_group(ledger.context, cast.anna, "kitchen-crew")
    root = 'organization(id: $id) { impact(from: "2026-11-01", to: "2027-10-31") ' + FIGURES + " }"
    mine = await ledger.asked(cast.anna, root, id=cast.pantry)
    assert mine["data"]["it"]["impact"]["groupsFounded"] == 1
    for viewer in (cast.sam, cast.lee):
        theirs = await ledger.asked(viewer, root, id=cast.pantry)
        assert theirs["data"] == {"it": {"impact": None}}


async def test_an_alliances_figures_are_for_its_members(ledger: Ledger) -> None:
    answer = await ledger.of_alliance(ledger.cast.lee)
    assert answer["data"] == {"it": None}
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
    answer = await ledger.of_alliance(NOBODY)
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_more_than_a_year_at_once_is_refused(ledger: Ledger) -> None:
    answer = await ledger.of_alliance(ledger.cast.sam, 'from: "2027-01-01", to: "2028-02-01"')
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]
