"""What walks came upon, each as the shortest story that tells it: it stays found."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.actors import TeamRole, Viewer
from domain.errors import Refused
from domain.events import EventHostRole, EventHostStatus, EventStatus
from domain.handovers import HandoverStatus
from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from domain.sharing import HostEditing, Visibility
from resolvers import (
    co_hosting,
    events,
    handovers,
    memberships,
    merging,
    organizations,
    publishing,
    rsvps,
    series,
)
from resolvers.co_hosting import Wish
from resolvers.events import EventChanges
from resolvers.organizations import OrganizationChanges
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import alliance_members, event_hosts, occurrences, outgoing_mail, rsvp_consents
from storage.tables import events as event_rows
from storage.tables import handovers as handover_rows
from storage.tables import organizations as organization_rows
from storage.tables import rsvps as answer_rows
from tests.cast import STARTS, Cast, MakeContext, publish, start_group
from tests.outside import StandingClock

ONE_PLACE = {"capacity": 1}
WEEKLY = Recurrence("FREQ=WEEKLY;COUNT=3")


class River:
    """River City, and what is asked of it here."""

    def __init__(
        self, context: MakeContext, cast: Cast, database: Database, clock: StandingClock
    ) -> None:
        self.context, self.cast, self.database, self.clock = context, cast, database, clock

    async def rows(self, table: Any, **of: Any) -> list[Any]:
        asked = select(table).where(*(table.c[name] == value for name, value in of.items()))
        async with self.database.reading() as db:
            return list((await db.execute(asked)).mappings())

    async def event(self, **given: Any) -> str:
        return await publish(self.context, self.cast.anna, **given)

    async def answer(self, viewer: Viewer, event_id: str, **given: Any) -> str:
        self.clock.forward(seconds=1)
        made = await rsvps.answer(self.context(viewer), NewRsvp(event_id=event_id, **given))
        assert made is not None
        return made

    async def change(self, event_id: str, changes: EventChanges) -> None:
        (event,) = await self.rows(event_rows, id=event_id)
        await events.update(self.context(self.cast.anna), event_id, event["version"], changes)

    async def status(self, answer_id: str) -> RsvpStatus:
        (row,) = await self.rows(answer_rows, id=answer_id)
        return RsvpStatus(row["status"])

    async def dates(self, event_id: str) -> list[tuple[str, datetime]]:
        rows = await self.rows(occurrences, event_id=event_id)
        return sorted(((row["id"], row["starts_at"]) for row in rows), key=lambda one: one[1])

    async def full(self, **given: Any) -> tuple[str, str, str]:
        """An event with one place, which Sam has and Lee waits for: it, and the two answers."""
        event = await self.event(**ONE_PLACE, **given)
        has = await self.answer(self.cast.sam, event)
        waits = await self.answer(self.cast.lee, event)
        assert await self.status(waits) is RsvpStatus.WAITLISTED
        return event, has, waits


@pytest.fixture
def river(context: MakeContext, cast: Cast, database: Database, clock: StandingClock) -> River:
    return River(context, cast, database, clock)


async def test_a_place_at_a_date_that_is_over_is_offered_to_nobody(
    river: River, clock: StandingClock
) -> None:
    _, has, waits = await river.full()
    clock.at = STARTS + timedelta(days=14)
    await rsvps.cancel(river.context(river.cast.anna), has)
    assert await river.status(waits) is RsvpStatus.WAITLISTED
    assert await river.rows(outgoing_mail) == []


async def test_a_place_at_what_was_called_off_is_offered_to_nobody_until_it_takes_place(
    river: River,
) -> None:
    event, has, waits = await river.full()
    await publishing.cancel(river.context(river.cast.anna), event, 1)
    await rsvps.cancel(river.context(river.cast.anna), has)
    assert await river.status(waits) is RsvpStatus.WAITLISTED
    await river.change(event, {"status": EventStatus.SCHEDULED})
    assert await river.status(waits) is RsvpStatus.ACCEPTED


async def test_a_place_is_offered_when_the_date_moves_to_a_day_to_come(
    river: River, clock: StandingClock
) -> None:
    event, has, waits = await river.full()
    clock.at = STARTS + timedelta(days=14)
    await rsvps.cancel(river.context(river.cast.anna), has)
    later = clock.now() + timedelta(days=7)
    await river.change(event, {"starts_at": later, "ends_at": later + timedelta(hours=2)})
    assert await river.status(waits) is RsvpStatus.ACCEPTED


async def test_a_place_is_offered_when_one_date_takes_place_after_all(river: River) -> None:
    event, has, waits = await river.full(recurrence=WEEKLY)
    (date, _), *_ = await river.dates(event)
    anna = river.context(river.cast.anna)
    await series.update_date(anna, date, 1, {"status": EventStatus.CANCELLED})
    await rsvps.cancel(river.context(river.cast.anna), has)
    assert await river.status(waits) is RsvpStatus.WAITLISTED
    anna = river.context(river.cast.anna)
    await series.update_date(anna, date, 2, {"status": EventStatus.SCHEDULED})
    assert await river.status(waits) is RsvpStatus.ACCEPTED


async def test_places_that_the_rest_of_a_series_has_more_of_are_offered(river: River) -> None:
    event = await river.event(**ONE_PLACE, recurrence=WEEKLY)
    _, (second, _), _ = await river.dates(event)
    await river.answer(river.cast.sam, event, occurrence_id=second)
    waits = await river.answer(river.cast.lee, event, occurrence_id=second)
    anna = river.context(river.cast.anna)
    await series.update_from(anna, second, event, 1, {"capacity": 2})
    assert await river.status(waits) is RsvpStatus.ACCEPTED


async def test_whoever_only_asked_is_let_go_where_the_rest_of_a_series_is_for_fewer(
    river: River,
) -> None:
    event = await river.event(recurrence=WEEKLY)
    _, (second, _), _ = await river.dates(event)
    lee = river.context(river.cast.lee)
    passing = EventHostRole.PROMOTER
    await co_hosting.ask(
        lee, Wish(event_id=event, organization_id=river.cast.library, role=passing)
    )
    anna = river.context(river.cast.anna)
    changes: EventChanges = {"visibility": Visibility.ORGANIZATION}
    going_on = await series.update_from(anna, second, event, 1, changes)
    at_first, later = [
        {
            row["status"]
            for row in await river.rows(
                event_hosts, event_id=each, organization_id=river.cast.library
            )
        }
        for each in (event, going_on)
    ]
    assert (at_first, later) == ({EventHostStatus.ACCEPTED}, {EventHostStatus.REMOVED})


async def test_what_was_agreed_to_ends_with_the_answer_that_a_merge_cancels(river: River) -> None:
    stays, duplicate = await river.event(), await river.event(title="The same")
    pantry = river.cast.pantry
    kept = await river.answer(river.cast.sam, stays)
    goes = await river.answer(river.cast.sam, duplicate, consent_to=(pantry,))
    await merging.merge(river.context(river.cast.anna), duplicate, stays)
    assert (await river.status(kept), await river.status(goes)) == (
        RsvpStatus.ACCEPTED,
        RsvpStatus.CANCELLED,
    )
    (consent,) = await river.rows(rsvp_consents, rsvp_id=goes)
    assert consent["withdrawn_at"] is not None
    await merging.unmerge(river.context(river.cast.anna), duplicate)
    assert await river.status(goes) is RsvpStatus.ACCEPTED
    assert [row["withdrawn_at"] for row in await river.rows(rsvp_consents, rsvp_id=goes)] == [None]


async def test_what_was_taken_back_before_stays_taken_back_when_events_are_told_apart(
    river: River,
) -> None:
    stays, duplicate = await river.event(), await river.event(title="The same")
    pantry = river.cast.pantry
    await river.answer(river.cast.sam, stays)
    goes = await river.answer(river.cast.sam, duplicate, consent_to=(pantry,))
    await river.answer(river.cast.sam, duplicate, consent_to=())
    await merging.merge(river.context(river.cast.anna), duplicate, stays)
    await merging.unmerge(river.context(river.cast.anna), duplicate)
    (consent,) = await river.rows(rsvp_consents, rsvp_id=goes)
    assert consent["withdrawn_at"] is not None


async def test_whoever_accepts_too_late_what_has_nobody_to_pass_to_is_told_why(
    river: River,
) -> None:
    """`HANDOVER` has that step, and so have the docs."""
    event = await river.event()
    sam = replace(river.cast.sam)
    wish = Wish(event_id=event, organization_id=river.cast.shelter)
    place = await co_hosting.ask(river.context(river.cast.anna), wish)
    await co_hosting.respond(river.context(sam), place, accept=True)
    offer = await handovers.propose(river.context(river.cast.anna), event, river.cast.shelter)
    await co_hosting.withdraw(river.context(sam), place)
    await handovers.respond(river.context(sam), offer, accept=True)
    (row,) = await river.rows(handover_rows, id=offer)
    assert (row["status"], bool(row["end_reason"])) == (HandoverStatus.CANCELED, True)


async def test_whoever_convened_and_comes_back_convenes_again_and_is_not_put_out_by_a_steward(
    river: River,
) -> None:
    table, pantry = river.cast.city_table, river.cast.pantry
    async with river.database.writing() as db:
        of_shelter = alliance_members.c.organization_id == river.cast.shelter
        await db.execute(update(alliance_members).where(of_shelter).values(role="STEWARD"))
    dana = replace(river.cast.sam, role=TeamRole.OWNER)
    (first,) = await river.rows(alliance_members, alliance_id=table, organization_id=pantry)
    await memberships.leave(river.context(river.cast.anna), first["id"])
    invited = await memberships.invite(river.context(dana), table, pantry)
    await memberships.respond(river.context(river.cast.anna), invited, accept=True)
    (back,) = await river.rows(alliance_members, id=invited)
    assert (back["role"], back["status"]) == ("CONVENER", "ACTIVE")
    with pytest.raises(Refused, match="It convenes the alliance"):
        await memberships.remove(river.context(dana), invited, "No.")


async def test_who_asked_for_a_place_goes_when_the_host_hides_itself_and_so_its_event(
    river: River,
) -> None:
    event = await river.event()
    place = await co_hosting.ask(
        river.context(river.cast.sam),
        Wish(event_id=event, organization_id=river.cast.shelter, may_edit=HostEditing.ALL),
    )
    (before,) = await river.rows(organization_rows, id=river.cast.pantry)
    narrow: OrganizationChanges = {"visibility": Visibility.ORGANIZATION}
    await organizations.update(
        river.context(river.cast.anna), river.cast.pantry, before["version"], narrow
    )
    (row,) = await river.rows(event_hosts, id=place)
    assert (row["status"], bool(row["end_reason"])) == (EventHostStatus.DECLINED, True)


async def test_who_sees_an_event_as_one_of_its_group_cannot_bring_their_organization_along(
    river: River,
) -> None:
    """Whoever asks for a place comes to see the event: the group's, and nobody let them in."""
    group = await start_group(river.context, river.cast.anna, "night-kitchen")
    event = await river.event(visibility=Visibility.GROUP, group_id=group)
    sam = replace(river.cast.sam, group_ids=frozenset({group}))
    wish = Wish(event_id=event, organization_id=river.cast.shelter)
    with pytest.raises(Refused, match="your organization does not"):
        await co_hosting.ask(river.context(sam), wish)
    assert len(await river.rows(event_hosts, event_id=event)) == 1
    invited = await co_hosting.ask(river.context(river.cast.anna), wish)
    await co_hosting.respond(river.context(sam), invited, accept=True)
