"""What a place on an event brings: to be named, to change its words, and to learn who comes."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from domain import policy
from domain.actors import TeamRole, Viewer
from domain.errors import (
    InvalidTransition,
    Refused,
    Stale,
)
from domain.events import EventHostRole, EventStatus
from domain.sharing import AttendeeSharing, HostEditing, Visibility
from resolvers import alliances, events, organizations, publishing
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from storage import reach
from storage.tables import alliances as alliance_rows
from storage.tables import event_hosts
from tests.cast import MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.hosting import CO_HOST, HOST, PROMOTER, Table, refused

# ── passing on ───────────────────────────────────────────────────────────────────────────────────


async def test_to_pass_on_what_is_public_takes_no_answer(table: Table) -> None:
    place_id = await table.ask(table.cast.lee, table.cast.library, role=PROMOTER)
    place = await table.place(place_id)
    assert (place["status"], place["may_edit"], place["attendee_sharing"]) == (
        "ACCEPTED",
        "NONE",
        "NONE",
    )


@pytest.mark.parametrize("once", ["removed", "declined"])
async def test_who_was_once_turned_away_asks(table: Table, once: str) -> None:
    cast = table.cast
    if once == "removed":
        place_id = await table.ask(cast.lee, cast.library, role=PROMOTER)
        await table.withdraw(cast.anna, place_id, "Not with us.")
    else:
        place_id = await table.ask(cast.lee, cast.library)
        await table.respond(cast.anna, place_id, accept=False)
    again = await table.ask(cast.lee, cast.library, role=PROMOTER)
    assert await table.status(again) == "REQUESTED"


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        ({"visibility": Visibility.UNLISTED}, {}),
        ({}, {"may_edit": HostEditing.DETAILS}),
        ({}, {"role": EventHostRole.SPONSOR}),
        ({}, {"role": CO_HOST}),
    ],
)
async def test_anything_more_is_for_the_host_to_say(
    context: MakeContext, table: Table, given: dict[str, Any], wish: dict[str, Any]
) -> None:
    event_id = await publish(context, table.cast.anna, **given)
    asking = replace(table, event_id=event_id)
    place_id = await asking.ask(table.cast.lee, table.cast.library, **({"role": PROMOTER} | wish))
    assert await table.status(place_id) == "REQUESTED"


# ── what a new place may learn and change ────────────────────────────────────────────────────────


async def test_co_hosts_learn_what_the_alliance_that_it_is_shared_with_says(
    table: Table, context: MakeContext
) -> None:
    cast = table.cast
    place_id = await table.ask(cast.anna, cast.shelter)
    assert (await table.place(place_id))["attendee_sharing"] == "AGGREGATE_ONLY"
    async with table.database.writing() as db:
        await db.execute(
            update(alliance_rows).values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT)
        )
    shared = await publish(context, cast.anna, share_with=(cast.city_table,))
    place_id = await replace(table, event_id=shared).ask(cast.anna, cast.shelter)
    place = await table.place(place_id)
    assert place["attendee_sharing"] == "ALL_WITH_CONSENT"
    assert place["via_alliance_id"] == cast.city_table
    # The Library is in no alliance with them.
    place_id = await replace(table, event_id=shared).ask(cast.anna, cast.library)
    place = await table.place(place_id)
    assert (place["attendee_sharing"], place["via_alliance_id"]) == ("AGGREGATE_ONLY", None)


async def test_of_two_alliances_the_one_that_tells_less_decides(
    table: Table, context: MakeContext
) -> None:
    cast = table.cast
    operator = context(operator_for(cast.pantry))
    new = NewAlliance(convener_id=cast.pantry, slug="quiet", name="Quiet", purpose="Quiet.")
    quiet = await alliances.create(operator, new)
    await alliances.add_member(operator, quiet, cast.shelter)
    for alliance, learns in (
        (cast.city_table, AttendeeSharing.ALL_WITH_CONSENT),
        (quiet, AttendeeSharing.NONE),
    ):
        async with table.database.writing() as db:
            row = alliance_rows
            await db.execute(
                update(row).where(row.c.id == alliance).values(attendee_sharing=learns)
            )
    pantry = replace(cast.anna, alliance_ids=frozenset({cast.city_table, quiet}))
    shared = await publish(context, pantry, share_with=(cast.city_table, quiet))
    place_id = await replace(table, event_id=shared).ask(cast.anna, cast.shelter)
    place = await table.place(place_id)
    assert (place["attendee_sharing"], place["via_alliance_id"]) == ("NONE", quiet)


@pytest.mark.parametrize(
    ("role", "given", "may_edit"),
    [
        (CO_HOST, None, "DETAILS"),
        (EventHostRole.SPONSOR, None, "NONE"),
        (PROMOTER, None, "NONE"),
        (EventHostRole.SPONSOR, HostEditing.DETAILS, "DETAILS"),
        (CO_HOST, HostEditing.ALL, "ALL"),
    ],
)
async def test_what_a_place_may_change_goes_with_its_part_unless_it_is_said(
    table: Table, role: EventHostRole, given: HostEditing | None, may_edit: str
) -> None:
    place_id = await table.ask(table.cast.anna, table.cast.shelter, role=role, may_edit=given)
    assert (await table.place(place_id))["may_edit"] == may_edit


async def test_a_co_host_changes_the_words_and_not_the_date(
    table: Table, contents: Contents, clock: StandingClock
) -> None:
    cast = table.cast
    await refused(
        contents,
        Refused,
        events.update(table.context(cast.sam), table.event_id, 1, {"title": "Soup"}),
        "Only the host may change: title",
    )
    await table.shared_hosting()
    await events.update(table.context(cast.sam), table.event_id, 1, {"title": "Soup"})
    assert await table.version() == 2
    assert ("event.updated", "app", cast.shelter) in await table.noted(table.event_id)
    moved = clock.now() + timedelta(days=20)
    problem = await refused(
        contents,
        Refused,
        events.update(
            table.context(cast.sam),
            table.event_id,
            2,
            {"title": "Stew", "starts_at": moved, "visibility": Visibility.PRIVATE},
        ),
        "Only the host may change: startsAt, visibility. Your organization may change: .*title",
    )
    assert problem.field == ("id",)
    looker = replace(cast.sam, role=TeamRole.VIEWER)
    await refused(
        contents,
        Refused,
        events.update(table.context(looker), table.event_id, 2, {"title": "Stew"}),
    )
    await refused(
        contents,
        Stale,
        events.update(table.context(cast.sam), table.event_id, 1, {"title": "Stew"}),
    )


async def test_a_co_host_who_may_change_all_moves_the_date_and_cancels_nothing(
    table: Table, contents: Contents, clock: StandingClock
) -> None:
    cast = table.cast
    await table.shared_hosting(may_edit=HostEditing.ALL)
    later = clock.now() + timedelta(days=20)
    sam = table.context(cast.sam)
    await events.update(
        sam,
        table.event_id,
        1,
        {
            "starts_at": later,
            "ends_at": later + timedelta(hours=1),
            "status": EventStatus.RESCHEDULED,
        },
    )
    cancelling = events.update(sam, table.event_id, 2, {"status": EventStatus.CANCELLED})
    await refused(contents, Refused, cancelling, "Only the event staff of the host may cancel")
    await refused(
        contents,
        Refused,
        events.update(sam, table.event_id, 2, {"visibility": Visibility.PRIVATE}),
        "Only the host may change: visibility",
    )
    await events.update(
        table.context(cast.anna), table.event_id, 2, {"status": EventStatus.CANCELLED}
    )
    await refused(
        contents, Refused, events.update(sam, table.event_id, 3, {"status": EventStatus.SCHEDULED})
    )


async def test_who_was_removed_changes_nothing_any_more(table: Table, contents: Contents) -> None:
    place_id = await table.shared_hosting(may_edit=HostEditing.ALL)
    await table.withdraw(table.cast.anna, place_id, "The plan changed.")
    await refused(
        contents,
        Refused,
        events.update(table.context(table.cast.sam), table.event_id, 1, {"title": "Soup"}),
    )


# ── at the same moment ───────────────────────────────────────────────────────────────────────────


async def test_many_who_ask_at_once_make_one_place(table: Table) -> None:
    cast = table.cast
    asked = [table.ask(cast.anna, cast.shelter) for _ in range(8)]
    assert len(set(await asyncio.gather(*asked))) == 1
    async with table.database.reading() as db:
        places = select(func.count()).where(
            event_hosts.c.event_id == table.event_id, event_hosts.c.organization_id == cast.shelter
        )
        assert await db.scalar(places) == 1


async def test_removing_and_withdrawing_at_once_ends_it_once(table: Table) -> None:
    cast = table.cast
    place_id = await table.shared_hosting()
    done = await asyncio.gather(
        *(table.withdraw(cast.sam, place_id) for _ in range(4)),
        *(table.withdraw(cast.anna, place_id, "The plan changed.") for _ in range(4)),
        return_exceptions=True,
    )
    noted = sorted(action for action, _, _ in await table.noted(place_id))
    ended = [action for action in noted if action not in {f"{HOST}.accepted", f"{HOST}.invited"}]
    assert ended in ([f"{HOST}.withdrawn"], [f"{HOST}.removed"])
    assert all(one == place_id or isinstance(one, InvalidTransition) for one in done)


async def test_accepting_and_taking_back_at_once_leaves_it_one_way(table: Table) -> None:
    cast = table.cast
    for _ in range(5):
        place_id = await table.ask(cast.anna, cast.shelter)
        await asyncio.gather(
            table.respond(cast.sam, place_id),
            table.withdraw(cast.anna, place_id, "Sorry."),
            return_exceptions=True,
        )
        noted = sorted(action for action, _, _ in await table.noted(place_id))
        assert noted in (
            [f"{HOST}.canceled", f"{HOST}.invited"],
            [f"{HOST}.accepted", f"{HOST}.invited", f"{HOST}.removed"],
        )


# ── when the host narrows who sees its event ─────────────────────────────────────────────────────


@dataclass(frozen=True)
class Places:
    asked: str  # by the Library
    passes_on: str  # the Kitchen
    invited: str  # the Shelter


@pytest.fixture
async def places(table: Table, context: MakeContext) -> Places:
    new = NewOrganization(slug="kitchen", name="Kitchen", languages=("en",), time_zone="UTC")
    kitchen = await organizations.create(context(operator_for()), new)
    return Places(
        asked=await table.ask(table.cast.lee, table.cast.library),
        passes_on=await table.ask(Viewer(kitchen, client_id="app"), kitchen, role=PROMOTER),
        invited=await table.ask(table.cast.anna, table.cast.shelter),
    )


async def test_who_was_never_let_in_keeps_no_sight_of_it(table: Table, places: Places) -> None:
    private = {"visibility": Visibility.PRIVATE}
    await events.update(table.context(table.cast.anna), table.event_id, 1, private)  # type: ignore[arg-type]
    assert await table.status(places.asked) == "DECLINED"
    assert await table.status(places.passes_on) == "REMOVED"
    assert await table.status(places.invited) == "INVITED"
    assert (await table.place(places.asked))["end_reason"] is not None
    async with table.database.reading() as db:
        thing = await reach.event(db, table.event_id)
    assert thing is not None
    assert not policy.sees(table.cast.lee, thing)
    assert policy.sees(table.cast.sam, thing)


async def test_whom_the_host_accepted_and_who_sees_it_anyway_stay(
    table: Table, places: Places
) -> None:
    await table.respond(table.cast.anna, places.asked)
    unlisted = {"visibility": Visibility.UNLISTED}
    await events.update(table.context(table.cast.anna), table.event_id, 1, unlisted)  # type: ignore[arg-type]
    assert await table.status(places.passes_on) == "ACCEPTED"
    private = {"visibility": Visibility.PRIVATE}
    await events.update(table.context(table.cast.anna), table.event_id, 2, private)  # type: ignore[arg-type]
    assert await table.status(places.passes_on) == "REMOVED"
    assert await table.status(places.asked) == "ACCEPTED"


async def test_an_ally_who_only_asked_goes_when_it_is_taken_back_from_the_alliance(
    table: Table, context: MakeContext
) -> None:
    cast = table.cast
    shared = await publish(
        context, cast.anna, visibility=Visibility.ALLIANCE, share_with=(cast.city_table,)
    )
    place_id = await replace(table, event_id=shared).ask(cast.sam, cast.shelter)
    await publishing.unshare(context(cast.anna), shared, [cast.city_table])
    assert await table.status(place_id) == "DECLINED"
