"""What a peer tells is believed as far as it may speak: its own names once each, and of our organizations
nothing that nobody here wanted."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Table, select, tuple_

from domain.sharing import MembershipStatus
from storage.engine import Reading
from storage.mirrors_told import (
    Refusal,
    ToldAlliance,
    ToldGroup,
    ToldMember,
    ToldOrganization,
    ToldPage,
)
from storage.peer_tables import joined_elsewhere
from storage.tables import alliances, groups, hubs, organizations

Called = TypeVar("Called", ToldOrganization, ToldAlliance, ToldGroup)

# What an organization of ours is in an alliance elsewhere only if somebody here said so.
_BY_OUR_WILL = frozenset(
    {
        MembershipStatus.REQUESTED,
        MembershipStatus.PENDING_AGREEMENT,
        MembershipStatus.ACTIVE,
        MembershipStatus.SUSPENDED,
    }
)


async def believed(
    db: Reading, told: Sequence[ToldAlliance], here: Collection[str], refusals: list[Refusal]
) -> list[ToldAlliance]:
    """Alliances as far as they may be: what an organization of ours is in them, somebody here must
    have wanted."""
    ours = await _of_ours(db)
    named = [(each.id, member.organization.id) for each in told for member in each.members]
    named += [(each.id, each.convener.id) for each in told]
    joined = await _joined(db, [(alliance, one) for alliance, one in named if _is_of(one, ours)])
    believed: list[ToldAlliance] = []
    for each in told:
        convener = each.convener.id
        if convener not in here:
            refusals.append(Refusal(each.id, "convener: an organization of a hub unknown here"))
        elif _is_of(convener, ours) and (each.id, convener) not in joined:
            refusals.append(Refusal(each.id, "convener: nobody here ever took it on"))
        else:
            members = tuple(_as_believed(one, each.id, ours, joined) for one in each.members)
            if members != each.members:
                why = "members: an organization of this hub is said to have joined; nobody here did"
                refusals.append(Refusal(each.id, why))
            believed.append(replace(each, members=members))
    return believed


def _as_believed(
    member: ToldMember, alliance_id: str, ours: str, joined: set[tuple[str, str]]
) -> ToldMember:
    organization_id = member.organization.id
    by_us = _is_of(organization_id, ours) and member.status in _BY_OUR_WILL
    if not by_us or (alliance_id, organization_id) in joined:
        return member
    return replace(member, status=MembershipStatus.INVITED.value, joined_at=None)


async def _of_ours(db: Reading) -> str:
    return str(await db.scalar(select(hubs.c.authority).where(hubs.c.is_local)))


def _is_of(identifier: str, authority: str) -> bool:
    return identifier.partition("@")[2] == authority


async def _joined(db: Reading, named: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    if not named:
        return set()
    alliance_id, organization_id = (
        joined_elsewhere.c.alliance_id,
        joined_elsewhere.c.organization_id,
    )
    found = await db.execute(
        select(alliance_id, organization_id).where(
            tuple_(alliance_id, organization_id).in_(sorted(set(named)))
        )
    )
    return {(row.alliance_id, row.organization_id) for row in found}


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
