"""Worlds made by chance: what is most often the case is drawn more often."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, composite

from domain import policy
from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.sharing import FINAL_STATUSES, MembershipStatus, Visibility
from storage.engine import Database, Reading, Writing
from tests.storage.worlds import HUB, World

ORGANIZATIONS = ("pantry", "shelter", "library", "clinic", "school")
ELSEWHERE = {"clinic": "east", "school": "west"}
ALLIANCES = ("table", "harbor")
PEOPLE = ("anna", "sam", "lee", "kim", "noor")
GROUPS = ("cooks", "drivers")
EVENTS = ("drive", "dinner", "meeting", "party")

# Mostly what is the case most often, so that long chains of conditions come true.
visibilities = st.sampled_from([*Visibility, Visibility.ALLIANCE, Visibility.UNLISTED])
alliance_statuses = st.sampled_from([*AllianceStatus, AllianceStatus.ACTIVE])
memberships = st.sampled_from([None, *[MembershipStatus.ACTIVE] * 6, *MembershipStatus])
publications = st.sampled_from([*[PublicationStatus.PUBLISHED] * 4, *PublicationStatus])
hostings = st.sampled_from([*[None] * 6, *EventHostStatus])
finals = sorted(FINAL_STATUSES)


def some_of(names: tuple[str, ...]) -> SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names))


@composite
def worlds(draw: DrawFn) -> World:
    world = World()
    for organization in ORGANIZATIONS:
        world.organization(organization, draw(visibilities), ELSEWHERE.get(organization, HUB))
    for person, organization in zip(PEOPLE, ORGANIZATIONS, strict=True):
        world.person(person, organization)
    for alliance in ALLIANCES:
        convener = draw(st.sampled_from(ORGANIZATIONS))
        world.alliance(alliance, convener, draw(visibilities), draw(alliance_statuses))
        for organization in ORGANIZATIONS:
            status = draw(memberships)
            if status is not None:
                world.member(alliance, organization, status)
                # A membership that ended before is a row of its own.
                if status not in FINAL_STATUSES and draw(st.booleans()):
                    world.member(alliance, organization, draw(st.sampled_from(finals)))
        world.agreement(f"charter-of-{alliance}", alliance, draw(some_of(ORGANIZATIONS)))
        by = draw(st.sampled_from([None, *ORGANIZATIONS]))
        if by is not None:
            world.proposal(f"question-to-{alliance}", alliance, by, draw(some_of(ORGANIZATIONS)))
    for group in GROUPS:
        owner = draw(st.sampled_from(ORGANIZATIONS))
        world.group(group, owner, draw(visibilities), draw(some_of(ALLIANCES)))
        for person in PEOPLE:
            status = draw(memberships)
            if status is not None:
                world.group_member(group, person, status)
    for event in EVENTS:
        owner = draw(st.sampled_from(ORGANIZATIONS))
        of_group = draw(st.sampled_from([None, *GROUPS]))
        shared = draw(some_of(ALLIANCES))
        kind = draw(visibilities), draw(publications)
        replaced_by = draw(st.sampled_from([None, None, *EVENTS]))
        world.event(event, owner, *kind, of_group, shared, replaced_by)
        world.date(event)
        for organization in ORGANIZATIONS:
            hosting = draw(hostings)
            if hosting is not None:
                world.host(event, organization, hosting)
                if hosting in policy.CONCERNED and draw(st.booleans()):
                    world.host(event, organization, EventHostStatus.DECLINED)
    return world


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Writing]:
    """A transaction that leaves nothing behind, so that the next world starts empty."""
    async with database.engine.connect() as connection:
        yield Writing(Reading(connection))
        await connection.rollback()
