"""What a page of a peer's refers to beside what it tells: a row for each, before anything points to it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from storage import mirrors_bare
from storage.engine import Writing
from storage.mirrors_told import Named, ToldEvent, ToldGroup, ToldPage
from storage.tables import alliances, events, groups


def organizations_named(page: ToldPage) -> Mapping[str, Named]:
    found: dict[str, Named] = {}
    for alliance in page.alliances:
        accepted = [one for each in alliance.agreements for one in each.acceptances]
        named = (
            alliance.convener,
            *(each.organization for each in alliance.members),
            *(each.organization for each in accepted),
        )
        found |= {each.id: each for each in named}
    for group in page.groups:
        found[group.organization.id] = group.organization
    for event in page.events:
        found[event.organization.id] = event.organization
        if event.group_organization is not None:
            found[event.group_organization.id] = event.group_organization
        found |= {each.organization.id: each.organization for each in event.hosts}
    return found


async def alliances_here(db: Writing, hub_id: str, page: ToldPage, now: datetime) -> set[str]:
    """The alliances that there is a row of. The peer's own get one; of others those count that are
    here already."""
    told = {each.id for each in page.alliances}
    owners: dict[str, str] = {}
    sharing: list[ToldGroup | ToldEvent] = [*page.groups, *page.events]
    for each in sharing:
        for alliance in each.shared_with:
            owners.setdefault(alliance, each.organization.id)
    own = {each: owner for each, owner in owners.items() if _same_hub(each, owner)}
    others = owners.keys() - own.keys()
    for each_id in told:
        own.pop(each_id, None)
    referred = await mirrors_bare.refer_to(db, alliances, own, hub_id, now)
    return told | referred | await mirrors_bare.known(db, alliances, others)


async def groups_here(db: Writing, hub_id: str, page: ToldPage, now: datetime) -> set[str]:
    """The same of groups, which are the peer's own."""
    told = {group.id for group in page.groups}
    owners: dict[str, str] = {}
    for event in page.events:
        if event.group_id is not None and event.group_organization is not None:
            owners[event.group_id] = event.group_organization.id
    for group in page.groups:
        if group.parent_id is not None:
            owners.setdefault(group.parent_id, group.organization.id)
    own = {each: owner for each, owner in owners.items() if each not in told}
    return told | await mirrors_bare.refer_to(db, groups, own, hub_id, now)


async def events_here(db: Writing, hub_id: str, page: ToldPage, now: datetime) -> set[str]:
    """The same of events that others were merged into: those must not stand in lists beside them,
    though another channel tells of these. What an event goes on from was told to us, or is not."""
    told = {event.id for event in page.events}
    owners = {
        event.replaced_by_id: event.organization.id
        for event in page.events
        if event.replaced_by_id is not None
        and _same_hub(event.replaced_by_id, event.organization.id)
    }
    own = {each: owner for each, owner in owners.items() if each not in told}
    others = {each for event in page.events for each in (event.replaced_by_id, event.follows_id)}
    wanted = {each for each in others if each is not None} - told - own.keys()
    referred = await mirrors_bare.refer_to(db, events, own, hub_id, now)
    return told | referred | await mirrors_bare.known(db, events, wanted)


def grouped(told: Sequence[ToldEvent], here: Collection[str]) -> Iterable[ToldEvent]:
    for each in told:
        yield each if each.group_id in here else replace(each, group_id=None)


def _same_hub(one: str, other: str) -> bool:
    return one.partition("@")[2] == other.partition("@")[2]
