"""Passing an event or a group on: offered, taken at once, or taken back."""

import asyncio

import pytest

from domain.errors import BadInput, Invalid, InvalidTransition, NotFound, Refused
from domain.events import EventHostRole
from domain.groups import GroupRole
from domain.sharing import Visibility
from resolvers import (
    alliances,
    co_hosting,
    events,
    group_memberships,
    groups,
    handovers,
)
from resolvers.operating import operator_for
from storage.engine import Database
from storage.tables import (
    audit_entries,
    event_hosts,
    event_shares,
    group_members,
)
from storage.tables import events as event_rows
from storage.tables import handovers as handover_rows
from tests.cast import Cast, MakeContext, start_group
from tests.conftest import Contents
from tests.resolvers.handing import crew_of, rows, shared_event, status

# ── an event ─────────────────────────────────────────────────────────────────────────────────


async def test_the_shelter_takes_over_an_event_at_once(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    group = await start_group(context, cast.anna, "kitchen-crew")
    event = await shared_event(context, cast, group_id=group, share_with=(cast.city_table,))
    handover = await handovers.propose(context(cast.anna), event, cast.shelter, "All yours!")
    assert await status(database, handover) == "PROPOSED"
    assert await handovers.respond(context(cast.sam), handover, True) == handover
    assert await status(database, handover) == "EFFECTIVE"
    hosts = ["organization_id", "role", "may_edit", "status"]
    assert await rows(database, event_hosts, hosts, event_id=event) == sorted(
        [
            (cast.pantry, "CO_HOST", "ALL", "ACCEPTED"),
            (cast.shelter, "HOST", "ALL", "ACCEPTED"),
        ]
    )
    owner = ["organization_id", "group_id", "version", "owner_visibility"]
    assert await rows(database, event_rows, owner, id=event) == [(cast.shelter, None, 2, "PUBLIC")]
    shares = ["alliance_id", "organization_id"]
    assert await rows(database, event_shares, shares, event_id=event) == [
        (cast.city_table, cast.shelter)
    ]
    # The one that handed it over helps on, and the other decides.
    await events.update(context(cast.anna), event, 2, {"title": "Food drive of two"})
    with pytest.raises(Refused):
        await events.update(context(cast.anna), event, 3, {"visibility": Visibility.PRIVATE})
    await events.update(context(cast.sam), event, 3, {"visibility": Visibility.UNLISTED})


async def test_what_the_new_host_cannot_share_is_shared_no_more(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    other = await alliances.create(
        context(cast.anna),
        alliances.NewAlliance(convener_id=cast.pantry, slug="soup", name="Soup", purpose="Soup."),
    )
    event = await shared_event(context, cast, share_with=(cast.city_table, other))
    handover = await handovers.propose(context(cast.anna), event, cast.shelter)
    await handovers.respond(context(cast.sam), handover, True)
    assert await rows(database, event_shares, ["alliance_id"], event_id=event) == [
        (cast.city_table,)
    ]


async def test_an_event_is_handed_to_a_co_host_by_its_host_alone(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    event = await shared_event(context, cast)
    ours = await start_group(context, cast.anna, "ours")
    closed = await shared_event(context, cast, group_id=ours, visibility=Visibility.GROUP)
    before = await contents()
    with pytest.raises(Refused, match="host's event staff"):
        await handovers.propose(context(cast.sam), event, cast.shelter)
    with pytest.raises(Invalid, match="accepted co-host") as refusal:
        await handovers.propose(context(cast.anna), event, cast.library)
    assert refusal.value.field == ("to",)
    with pytest.raises(Invalid, match="already"):
        await handovers.propose(context(cast.anna), event, cast.pantry)
    with pytest.raises(Invalid, match="group alone"):
        await handovers.propose(context(cast.anna), closed, cast.shelter)
    with pytest.raises(NotFound):
        await handovers.propose(context(cast.anna), event, "org_nobody")
    with pytest.raises(NotFound):
        await handovers.propose(context(cast.lee), closed, cast.shelter)
    with pytest.raises(BadInput):
        await handovers.propose(context(cast.anna), cast.anna_id, cast.shelter)
    assert await contents() == before


async def test_a_co_host_that_withdrew_meanwhile_takes_nothing(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event = await shared_event(context, cast)
    handover = await handovers.propose(context(cast.anna), event, cast.shelter)
    ((place,),) = await rows(
        database, event_hosts, ["id"], event_id=event, organization_id=cast.shelter
    )
    await co_hosting.withdraw(context(cast.sam), place)
    await handovers.respond(context(cast.sam), handover, True)
    said = ["status", "end_reason"]
    ((ended, why),) = await rows(database, handover_rows, said, id=handover)
    assert ended == "CANCELED"
    assert "accepted co-host" in why
    assert await rows(database, event_rows, ["organization_id"], id=event) == [(cast.pantry,)]
    noted = await rows(database, audit_entries, ["action"], subject_id=handover)
    assert noted == [("handover.canceled",), ("handover.proposed",)]


async def test_of_an_answer_and_a_cancellation_at_once_one_counts(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    event = await shared_event(context, cast)
    handover = await handovers.propose(context(cast.anna), event, cast.shelter)
    ended = await asyncio.gather(
        handovers.respond(context(cast.sam), handover, True),
        handovers.cancel(context(cast.anna), handover),
        return_exceptions=True,
    )
    assert [type(each) for each in ended if not isinstance(each, str)] == [InvalidTransition]
    found = await status(database, handover)
    owner = cast.shelter if found == "EFFECTIVE" else cast.pantry
    assert found in {"EFFECTIVE", "CANCELED"}
    assert await rows(database, event_rows, ["organization_id"], id=event) == [(owner,)]
    hosts = await rows(
        database, event_hosts, ["organization_id"], event_id=event, role=EventHostRole.HOST
    )
    assert hosts == [(owner,)]


# ── a group ──────────────────────────────────────────────────────────────────────────────────


async def test_lee_hands_the_group_to_sam_and_may_then_leave(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await crew_of(context, cast)
    handover = await handovers.propose(context(cast.lee), crew, cast.sam_id)
    await handovers.respond(context(cast.sam), handover, True)
    assert await rows(database, group_members, ["person_id", "role"], group_id=crew) == sorted(
        [(cast.lee_id, "MEMBER"), (cast.sam_id, "ADMIN")]
    )
    await group_memberships.leave(context(cast.lee), crew)


async def test_an_organization_hands_its_group_to_those_who_live_there(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await start_group(context, cast.anna, "kitchen-crew")
    await group_memberships.join(context(cast.sam), crew)
    handover = await handovers.propose(context(cast.pantry_app), crew, cast.sam_id)
    await handovers.respond(context(cast.sam), handover, True)
    assert await rows(database, group_members, ["person_id", "role"], group_id=crew) == [
        (cast.sam_id, "ADMIN")
    ]


async def test_a_group_is_handed_to_a_member_by_its_admin(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    crew = await crew_of(context, cast)
    before = await contents()
    with pytest.raises(Refused, match="admins"):
        await handovers.propose(context(cast.sam), crew, cast.sam_id)
    stranger = f"prs_{'0' * 26}@hub.test"
    for nobody in (cast.anna_id, stranger, cast.pantry):
        with pytest.raises(Invalid, match="active member"):
            await handovers.propose(context(cast.lee), crew, nobody)
    with pytest.raises(NotFound):
        await handovers.propose(context(cast.lee), crew, "nobody")
    with pytest.raises(Invalid, match="leads it already"):
        await handovers.propose(context(cast.anna), crew, cast.lee_id)
    assert await contents() == before


async def test_whoever_stepped_down_meanwhile_hands_over_nothing(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    crew = await crew_of(context, cast)
    operator = context(operator_for(cast.pantry))
    await groups.add_member(operator, crew, cast.anna_id, GroupRole.ADMIN)
    handover = await handovers.propose(context(cast.lee), crew, cast.sam_id)
    await group_memberships.leave(context(cast.lee), crew)
    await handovers.respond(context(cast.sam), handover, True)
    assert await status(database, handover) == "CANCELED"
    sams = await rows(database, group_members, ["role"], group_id=crew, person_id=cast.sam_id)
    assert sams == [("MEMBER",)]
