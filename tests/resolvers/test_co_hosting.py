"""The Pantry and the Shelter host an event together: asked, answered, and ended by either alone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.actors import TeamRole, Viewer
from domain.errors import (
    Invalid,
    InvalidTransition,
    NotFound,
    Problem,
    Refused,
    Taken,
)
from domain.events import EventHostRole
from domain.sharing import HostEditing, Visibility
from resolvers import co_hosting, organizations
from resolvers.co_hosting import Wish
from resolvers.operating import operator_for
from storage.tables import event_hosts
from tests.cast import MakeContext, publish
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.resolvers.hosting import Table, refused

# ── asking and answering ─────────────────────────────────────────────────────────────────────────


async def test_the_shelter_is_invited_and_accepts(table: Table, clock: StandingClock) -> None:
    cast = table.cast
    place_id = await table.ask(cast.anna, cast.shelter, message="Will you cook?")
    asked = await table.place(place_id)
    assert (asked["status"], asked["role"], asked["may_edit"]) == ("INVITED", "CO_HOST", "DETAILS")
    assert asked["message"] == "Will you cook?"
    assert asked["expires_at"] == clock.now() + timedelta(days=30)
    clock.forward(days=1)
    assert await table.respond(cast.sam, place_id) == place_id
    accepted = await table.place(place_id)
    assert accepted["status"] == "ACCEPTED"
    assert accepted["responded_at"] == clock.now()
    assert accepted["expires_at"] is None
    assert await table.noted(place_id) == [
        ("event_host.invited", "app", cast.pantry),
        ("event_host.accepted", "app", cast.shelter),
    ]


async def test_the_shelter_asks_for_a_place_and_the_pantry_accepts(table: Table) -> None:
    cast = table.cast
    place_id = await table.ask(cast.sam, cast.shelter)
    assert await table.status(place_id) == "REQUESTED"
    await table.respond(cast.anna, place_id)
    assert await table.status(place_id) == "ACCEPTED"


@pytest.mark.parametrize("asks", ["anna", "sam"])
async def test_whoever_was_asked_may_decline(table: Table, asks: str) -> None:
    place_id = await table.ask(getattr(table.cast, asks), table.cast.shelter)
    answers = table.cast.sam if asks == "anna" else table.cast.anna
    await table.respond(answers, place_id, accept=False)
    declined = await table.place(place_id)
    assert declined["status"] == "DECLINED"
    assert declined["ended_at"] is not None


@pytest.mark.parametrize("asks", ["anna", "sam"])
@pytest.mark.parametrize("accept", [True, False])
async def test_whoever_asked_does_not_answer(
    table: Table, contents: Contents, asks: str, accept: bool
) -> None:
    viewer = getattr(table.cast, asks)
    place_id = await table.ask(viewer, table.cast.shelter)
    await refused(
        contents,
        InvalidTransition,
        table.respond(viewer, place_id, accept),
        "You may: withdrawEventHost",
    )
    await table.withdraw(viewer, place_id)
    assert await table.status(place_id) == "CANCELED"


async def test_doing_anything_twice_is_doing_it_once(table: Table, contents: Contents) -> None:
    cast = table.cast

    async def twice(work: Callable[[], Awaitable[str]]) -> str:
        first = await work()
        before = await contents()
        assert await work() == first
        assert await contents() == before
        return first

    place_id = await twice(lambda: table.ask(cast.anna, cast.shelter))
    await twice(lambda: table.respond(cast.sam, place_id))
    await twice(lambda: table.ask(cast.anna, cast.shelter))
    await twice(lambda: table.withdraw(cast.sam, place_id))
    second = await twice(lambda: table.ask(cast.sam, cast.shelter))
    assert second != place_id
    await twice(lambda: table.respond(cast.anna, second, accept=False))
    third = await twice(lambda: table.ask(cast.sam, cast.shelter))
    await twice(lambda: table.withdraw(cast.sam, third))
    fourth = await table.shared_hosting()
    await twice(lambda: table.withdraw(cast.anna, fourth, "The plan changed."))
    fifth = await table.ask(cast.anna, cast.shelter)
    await twice(lambda: table.withdraw(cast.anna, fifth))


async def test_another_wish_first_needs_the_first_one_to_end(
    table: Table, contents: Contents
) -> None:
    cast = table.cast
    place_id = await table.ask(cast.anna, cast.shelter)
    for wish in ({"role": EventHostRole.SPONSOR}, {"may_edit": HostEditing.ALL}):
        await refused(
            contents,
            InvalidTransition,
            table.ask(cast.anna, cast.shelter, **wish),
            "withdrawEventHost",
        )
    # Who is asked answers, and does not ask back.
    await refused(
        contents, InvalidTransition, table.ask(cast.sam, cast.shelter), "respondToEventHost"
    )
    await table.respond(cast.sam, place_id)
    await refused(
        contents,
        InvalidTransition,
        table.ask(cast.anna, cast.shelter, may_edit=HostEditing.ALL),
    )


async def test_the_host_asks_nobody_to_be_a_host_and_not_itself(
    table: Table, contents: Contents
) -> None:
    cast = table.cast
    second = table.ask(cast.anna, cast.shelter, role=EventHostRole.HOST)
    problem = await refused(contents, Invalid, second, "exactly one host")
    assert problem.field == ("role",)
    await refused(contents, Taken, table.ask(cast.anna, cast.pantry))


@pytest.mark.parametrize(
    ("who", "of", "problem"),
    [
        ("lee", "shelter", Refused),  # neither the host nor the organization
        ("sam", "library", Refused),
        ("looker", "shelter", Refused),  # of the host's team, who changes nothing
        ("nobody", "shelter", Refused),
        ("anna", "nobody", NotFound),
    ],
)
async def test_only_the_host_invites_and_others_ask_for_themselves(
    table: Table, contents: Contents, who: str, of: str, problem: type[Problem]
) -> None:
    cast = table.cast
    others = {"looker": replace(cast.anna, role=TeamRole.VIEWER), "nobody": Viewer()}
    viewer = others.get(who) or getattr(cast, who)
    organization_id = getattr(cast, of, f"org_{'0' * 26}@hub.test")
    await refused(contents, problem, table.ask(viewer, organization_id))


async def test_who_does_not_see_the_event_cannot_ask(
    table: Table, contents: Contents, context: MakeContext
) -> None:
    cast = table.cast
    hidden = await publish(context, cast.anna, visibility=Visibility.PRIVATE)
    wish = Wish(event_id=hidden, organization_id=cast.shelter)
    await refused(contents, NotFound, co_hosting.ask(context(cast.sam), wish))
    asked = await co_hosting.ask(context(cast.anna), wish)
    # And who is asked sees what it is about, and ends it without seeing it any more.
    await co_hosting.respond(context(cast.sam), asked, True)
    for _ in range(2):
        assert await co_hosting.withdraw(context(cast.sam), asked) == asked
    await refused(contents, NotFound, co_hosting.ask(context(cast.sam), wish))


async def test_an_organization_that_keeps_to_itself_is_not_named(
    table: Table, contents: Contents, context: MakeContext
) -> None:
    cast = table.cast
    await organizations.update(
        context(operator_for(cast.library)), cast.library, 1, {"visibility": Visibility.PRIVATE}
    )
    await refused(contents, NotFound, table.ask(cast.anna, cast.library))
    await refused(contents, Refused, table.ask(cast.lee, cast.library), "Let it be seen first")


@pytest.mark.parametrize("act", ["respond", "withdraw"])
async def test_a_stranger_learns_of_a_place_only_what_everybody_does(
    table: Table, contents: Contents, act: str
) -> None:
    cast = table.cast

    async def tried(viewer: Viewer) -> str:
        if act == "respond":
            return await table.respond(viewer, place_id)
        return await table.withdraw(viewer, place_id, "Go away.")

    place_id = await table.ask(cast.anna, cast.shelter)
    looker = replace(cast.sam, role=TeamRole.VIEWER)
    await refused(contents, NotFound, tried(cast.lee))
    await refused(contents, NotFound, tried(Viewer()))
    await refused(contents, Refused, tried(looker))
    await table.respond(cast.sam, place_id)
    await refused(contents, Refused, tried(cast.lee))
    await table.withdraw(cast.sam, place_id)
    await refused(contents, NotFound, tried(cast.lee))


# ── ending ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_partner_withdraws_alone_and_at_once(table: Table, clock: StandingClock) -> None:
    cast = table.cast
    place_id = await table.shared_hosting()
    clock.forward(hours=1)
    await table.withdraw(cast.shelter_app, place_id, "Our kitchen is closed.")
    place = await table.place(place_id)
    assert (place["status"], place["end_reason"]) == ("WITHDRAWN", "Our kitchen is closed.")
    assert place["ended_at"] == clock.now()
    assert (await table.noted(place_id))[-1] == (
        "event_host.withdrawn",
        "shelter-website",
        cast.shelter,
    )


async def test_the_host_removes_only_with_a_reason(table: Table, contents: Contents) -> None:
    place_id = await table.shared_hosting()
    for nothing in (None, "  "):
        problem = await refused(
            contents, Invalid, table.withdraw(table.cast.anna, place_id, nothing)
        )
        assert problem.field == ("reason",)
    await table.withdraw(table.cast.anna, place_id, "No cooks came.")
    place = await table.place(place_id)
    assert (place["status"], place["end_reason"]) == ("REMOVED", "No cooks came.")


async def test_the_host_itself_neither_leaves_nor_is_removed(
    table: Table, contents: Contents
) -> None:
    async with table.database.reading() as db:
        own = await db.scalar(
            select(event_hosts.c.id).where(event_hosts.c.event_id == table.event_id)
        )
    assert own is not None
    leaving = table.withdraw(table.cast.anna, own, "Enough.")
    await refused(contents, InvalidTransition, leaving, "proposeHandover")
    await refused(contents, InvalidTransition, table.respond(table.cast.anna, own, accept=False))


async def test_what_has_ended_stays_so(table: Table, contents: Contents) -> None:
    cast = table.cast
    place_id = await table.shared_hosting()
    await table.withdraw(cast.anna, place_id, "The plan changed.")
    await refused(contents, InvalidTransition, table.respond(cast.sam, place_id))
    await refused(contents, InvalidTransition, table.withdraw(cast.sam, place_id))


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


async def test_an_invitation_that_nobody_answered_runs_out(
    table: Table, contents: Contents, clock: StandingClock
) -> None:
    cast = table.cast
    place_id = await table.ask(cast.anna, cast.shelter)
    clock.forward(days=29)
    assert await co_hosting.expire(table.context(), clock.now()) == 0
    clock.forward(days=1)
    # Whether or not that was written down.
    await refused(contents, InvalidTransition, table.respond(cast.sam, place_id), "EXPIRED")
    assert await co_hosting.expire(table.context(), clock.now()) == 1
    assert await co_hosting.expire(table.context(), clock.now()) == 0
    assert await table.status(place_id) == "EXPIRED"
    assert (await table.noted(place_id))[-1] == ("event_host.expired", "time", None)


async def test_one_may_ask_again_when_an_invitation_has_run_out(
    table: Table, clock: StandingClock
) -> None:
    cast = table.cast
    first = await table.ask(cast.anna, cast.shelter)
    clock.forward(days=31)
    second = await table.ask(cast.anna, cast.shelter)
    assert second != first
    assert [await table.status(one) for one in (first, second)] == ["EXPIRED", "INVITED"]


async def test_time_takes_a_little_at_once_the_longest_overdue_first(
    table: Table, clock: StandingClock
) -> None:
    cast = table.cast
    first = await table.ask(cast.anna, cast.shelter)
    clock.forward(days=1)
    second = await table.ask(cast.anna, cast.library)
    clock.forward(days=40)
    assert await co_hosting.expire(table.context(), clock.now(), limit=1) == 1
    assert [await table.status(one) for one in (first, second)] == ["EXPIRED", "INVITED"]
