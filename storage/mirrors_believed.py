"""What a peer tells is believed as far as it may speak: its own names once each, and of our organizations
nothing that nobody here wanted."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Table, select, tuple_

from domain.events import EventHostStatus
from domain.sharing import MembershipStatus
from storage.engine import Reading
from storage.mirrors_told import (
    Refusal,
    ToldAlliance,
    ToldEvent,
    ToldGroup,
    ToldOrganization,
    ToldPage,
)
from storage.peer_tables import joined_elsewhere
from storage.tables import alliances, groups, hubs, organizations

Called = TypeVar("Called", ToldOrganization, ToldAlliance, ToldGroup)

# What an organization of ours is elsewhere only if somebody here said so.
_MEMBERS_BY_OUR_WILL = frozenset(
    {
        MembershipStatus.REQUESTED,
        MembershipStatus.PENDING_AGREEMENT,
        MembershipStatus.ACTIVE,
        MembershipStatus.SUSPENDED,
    }
)
_HOSTS_BY_OUR_WILL = frozenset({EventHostStatus.REQUESTED, EventHostStatus.ACCEPTED})


async def as_far_as_it_may_speak(
    db: Reading, page: ToldPage, here: Collection[str], refusals: list[Refusal]
) -> ToldPage:
    """What an organization of ours is in an alliance of theirs, or on an event, somebody here must have
    wanted: otherwise it is invited."""
    ours = await _of_ours(db)
    joined = await _joined(db, [each for each in _claimed(page) if _is_of(each[1], ours)])
    alliances = (_of_alliance(each, ours, joined, here, refusals) for each in page.alliances)
    return replace(
        page,
        alliances=tuple(each for each in alliances if each is not None),
        events=tuple(_of_event(each, ours, joined, refusals) for each in page.events),
    )


def _claimed(page: ToldPage) -> Iterable[tuple[str, str]]:
    """Of which thing it says something of which organization."""
    for alliance in page.alliances:
        yield alliance.id, alliance.convener.id
        yield from ((alliance.id, member.organization.id) for member in alliance.members)
    for event in page.events:
        for host in event.hosts:
            yield event.id, host.organization.id
            yield host.id, host.organization.id


def _of_alliance(
    told: ToldAlliance,
    ours: str,
    joined: set[tuple[str, str]],
    here: Collection[str],
    refusals: list[Refusal],
) -> ToldAlliance | None:
    convener = told.convener.id
    if convener not in here:
        refusals.append(Refusal(told.id, "convener: an organization of a hub unknown here"))
        return None
    if _is_of(convener, ours) and (told.id, convener) not in joined:
        refusals.append(Refusal(told.id, "convener: nobody here ever took it on"))
        return None
    members = tuple(
        replace(member, status=MembershipStatus.INVITED.value, joined_at=None)
        if member.status in _MEMBERS_BY_OUR_WILL
        and _is_of(member.organization.id, ours)
        and (told.id, member.organization.id) not in joined
        else member
        for member in told.members
    )
    if members != told.members:
        why = "members: an organization of this hub is said to have joined; nobody here did"
        refusals.append(Refusal(told.id, why))
    return replace(told, members=members)


def _of_event(
    told: ToldEvent, ours: str, joined: set[tuple[str, str]], refusals: list[Refusal]
) -> ToldEvent:
    hosts = tuple(
        replace(host, status=EventHostStatus.INVITED.value, responded_at=None)
        if host.status in _HOSTS_BY_OUR_WILL
        and _is_of(host.organization.id, ours)
        and joined.isdisjoint({(each, host.organization.id) for each in (told.id, host.id)})
        else host
        for host in told.hosts
    )
    if hosts == told.hosts:
        return told
    why = "hosts: an organization of this hub is said to host it; nobody here took that on"
    refusals.append(Refusal(told.id, why))
    return replace(told, hosts=hosts)


async def _of_ours(db: Reading) -> str:
    return str(await db.scalar(select(hubs.c.authority).where(hubs.c.is_local)))


def _is_of(identifier: str, authority: str) -> bool:
    return identifier.partition("@")[2] == authority


async def _joined(db: Reading, named: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    if not named:
        return set()
    columns = (joined_elsewhere.c.thing_id, joined_elsewhere.c.organization_id)
    found = await db.execute(select(*columns).where(tuple_(*columns).in_(sorted(set(named)))))
    return {(row.thing_id, row.organization_id) for row in found}


async def with_names_of_their_own(
    db: Reading, hub_id: str, page: ToldPage, refusals: list[Refusal]
) -> ToldPage:
    """Without what is called in addresses as another thing of its hub is."""

    def of_hub(each: ToldOrganization | ToldAlliance) -> str:
        return hub_id

    def of_organization(each: ToldGroup) -> str:
        return each.organization.id

    return replace(
        page,
        organizations=await _free(
            db, organizations, "hub_id", of_hub, page.organizations, refusals
        ),
        alliances=await _free(db, alliances, "hub_id", of_hub, page.alliances, refusals),
        groups=await _free(db, groups, "organization_id", of_organization, page.groups, refusals),
    )


async def _free(
    db: Reading,
    table: Table,
    within: str,
    whose: Callable[[Any], str],
    told: Sequence[Called],
    refusals: list[Refusal],
) -> tuple[Called, ...]:
    """Those whose slug nobody else has, here or further up on the page."""
    if not told:
        return ()
    bearer: dict[tuple[str, str], str] = {}
    for each in told:
        bearer.setdefault((whose(each), each.slug), each.id)
    names = (table.c[within], table.c.slug)
    found = await db.execute(select(*names, table.c.id).where(tuple_(*names).in_(sorted(bearer))))
    bearer |= {(row[0], row[1]): row[2] for row in found}
    kept = tuple(each for each in told if bearer[whose(each), each.slug] == each.id)
    refusals.extend(
        Refusal(each.id, "slug: another thing is called so")
        for each in told
        if bearer[whose(each), each.slug] != each.id
    )
    return kept
