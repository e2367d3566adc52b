"""How the demo's three hubs come to work together, by the ways that anybody has: their operators peer,
an alliance of the city's invites a member on each of the others, and an event is hosted by all three.

Each step is taken once. What people have changed since stays as they left it, and what needs it is
left out: a peering that was ended is not proposed anew.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from domain.events import EventHostStatus
from domain.peering import PeeringStatus
from domain.sharing import MembershipStatus
from resolvers import peering_steps
from storage import tables as t
from storage.peer_tables import peerings
from web.demo.around import WINTER
from web.demo.hubs import Hub, NotSeen, Somebody, until
from web.demo.making import in_turns, settle
from web.demo.schedule import planned

INVITATION = "You have the other half of the county. Would you put your evenings on our list?"
ASKED = (
    "Bring the soup, and your people from the city. We bring the room, and the books are theirs."
)

ALLIANCES = ("alliances:read", "alliances:write")
HOSTING = ("events:read", "events:hosts")
INVITE = """mutation($alliance: ID!, $organization: ID!, $message: String!) {
  inviteToAlliance(alliance: $alliance, organization: $organization, message: $message) {
    membership { id } userErrors { code message }
  }
}"""
ACCEPT = """mutation($membership: ID!) {
  respondToAllianceMembership(membership: $membership, accept: true) {
    membership { status } userErrors { code message }
  }
}"""
INVITE_HOST = """mutation($event: ID!, $organization: ID!, $message: String!) {
  inviteEventHost(event: $event, organization: $organization, message: $message) {
    eventHost { id } userErrors { code message }
  }
}"""
ACCEPT_HOST = """mutation($place: ID!) {
  respondToEventHost(eventHost: $place, accept: true) {
    eventHost { status } userErrors { code message }
  }
}"""


@dataclass(slots=True)
class Together:
    merrow: Hub
    valley: Hub
    county: Hub
    now: datetime

    async def begin(self) -> None:
        """Raises `NotSeen` where something does not come about, or people wanted it otherwise."""
        pairs = (self.merrow, self.valley), (self.merrow, self.county), (self.valley, self.county)
        await in_turns(lambda pair: peer(*pair), pairs)
        await in_turns(self.join, (self.valley, self.county))
        await in_turns(self.host, (self.merrow, self.county))

    @property
    def alliance_id(self) -> str:
        return self.merrow.known.alliances[WINTER]

    @property
    def event_id(self) -> str:
        """The valley's, which all three host."""
        voices = self.valley.voices[:1]
        shared = next(one for one in planned(self.now, voices) if WINTER in one.piece.share)
        return self.valley.known.events[first_of(self.valley), shared.name]

    async def join(self, hub: Hub) -> None:
        """The first organization of that hub is invited to the Winter Table, and accepts."""
        organization_id, member = first_of(hub), t.alliance_members.c
        place = select(member.status).where(
            member.alliance_id == self.alliance_id, member.organization_id == organization_id
        )
        invited = place.with_only_columns(member.id).where(
            member.status == MembershipStatus.INVITED
        )
        if await self.merrow.value(place) is None:
            await _arrived(organization_id, self.merrow)
            variables = {
                "alliance": self.alliance_id,
                "organization": organization_id,
                "message": INVITATION,
            }
            asking = await lead_of(self.merrow)
            await asking.change(ALLIANCES, INVITE, variables)
        if await self.merrow.value(invited) is not None:
            membership = await until(f"the invitation at {hub.place}", lambda: hub.value(invited))
            answers = await lead_of(hub)
            await answers.change(ALLIANCES, ACCEPT, {"membership": membership})
        if await self.merrow.value(place) != MembershipStatus.ACTIVE:
            raise NotSeen(f"{hub.voices[0].name} is no member of the Winter Table any more.")
        active = place.where(member.status == MembershipStatus.ACTIVE)
        await until(f"the membership at {hub.place}", lambda: hub.value(active))
        allied = {WINTER: self.alliance_id}
        hub.known = (await settle(hub.contexts, self.now, hub.voices, allied)).known

    async def host(self, hub: Hub) -> None:
        """The valley asks the first organization of that hub to host its event too; it accepts."""
        organization_id, host = first_of(hub), t.event_hosts.c
        place = select(host.id).where(
            host.event_id == self.event_id, host.organization_id == organization_id
        )
        invited = place.where(host.status == EventHostStatus.INVITED)
        if await self.valley.value(place) is None:
            await _arrived(organization_id, self.valley)
            variables = {
                "event": self.event_id,
                "organization": organization_id,
                "message": ASKED,
            }
            asking = await lead_of(self.valley)
            await asking.change(HOSTING, INVITE_HOST, variables)
        if await self.valley.value(invited) is not None:
            asked = await until(f"the valley's question at {hub.place}", lambda: hub.value(invited))
            answers = await lead_of(hub)
            await answers.change(HOSTING, ACCEPT_HOST, {"place": asked})


async def peer(one: Hub, other: Hub) -> None:
    """Proposed by the one, accepted by the other: what ./convoke peer add and accept do."""
    knows, is_known = Side(one, other), Side(other, one)
    if await knows.status() is None and await is_known.status() is None:
        async with one.operator as ctx:
            await peering_steps.propose(ctx, other.url)
    if await knows.status() == PeeringStatus.PROPOSED:
        await until(f"{one.name}'s proposal at {other.place}", is_known.status)
        if await is_known.has_yet_to_agree():
            async with other.operator as ctx:
                await peering_steps.accept(ctx, one.service.hub.id)
        for side in (knows, is_known):
            await until(f"{one.name} working with {other.name}", side.is_active)
    if not (await knows.is_active() and await is_known.is_active()):
        raise NotSeen(f"{one.name} and {other.name} do not work together any more.")


@dataclass(frozen=True, slots=True)
class Side:
    """How it stands between the two, as the one sees it."""

    here: Hub
    there: Hub

    async def status(self) -> str | None:
        found: str | None = await self.here.value(self._row)
        return found

    async def is_active(self) -> bool:
        return await self.status() == PeeringStatus.ACTIVE

    async def has_yet_to_agree(self) -> bool:
        agreed = self._row.with_only_columns(peerings.c.we_agreed_at)
        return await self.here.value(agreed) is None

    @property
    def _row(self) -> Select[Any]:
        return select(peerings.c.status).where(peerings.c.hub_id == self.there.service.hub.id)


def first_of(hub: Hub) -> str:
    return hub.known.organizations[hub.voices[0].slug]


async def lead_of(hub: Hub) -> Somebody:
    """Who founded the first of its organizations."""
    voice = hub.voices[0]
    return await hub.somebody(voice.slug, voice.people[0].name)


async def _arrived(organization_id: str, at: Hub) -> None:
    row = select(t.organizations.c.id).where(t.organizations.c.id == organization_id)
    await until(f"what its neighbours publish at {at.place}", lambda: at.value(row))
