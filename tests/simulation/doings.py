"""What people do in the simulated village, each at their own hub, by the endpoint and with a token.

Somebody who is not answered tries again, with the same `Idempotency-Key`, as a phone does. What was
answered is written down in a ledger, and held against what the owners have in the end.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from random import Random
from typing import Any

import httpx
import orjson

from tests.outside import MONDAY
from tests.simulation.village import Village, Villager
from tests.simulation.world import HubGoneError, World

TRIES = 4
PATIENCE_SECONDS = 8.0
# Nobody knows whether it was done; the same may be asked again.
NOT_KNOWN = {
    *("INTERNAL", "UNAVAILABLE", "OVERLOADED", "TIMEOUT", "PEER_UNREACHABLE"),
    "IDEMPOTENCY_KEY_IN_USE",
}
# Not this time. Where an answer was lost before, that says nothing of what it was.
NOT_NOW = "PEER_REFUSED"
# It was begun, and perhaps done; to ask again would not help.
NEVER_KNOWN = {"IDEMPOTENCY_ANSWER_LOST"}
CREATE = """mutation($input: CreateEventInput!) {
  createEvent(input: $input) { event { id version } userErrors { code message } }
}"""
UPDATE = """mutation($input: UpdateEventInput!) {
  updateEvent(input: $input) { event { id version } userErrors { code message } }
}"""
CANCEL = """mutation($event: ID!, $version: Int!) {
  cancelEvent(event: $event, version: $version) { event { id version } userErrors { code message } }
}"""
SHARE = """mutation($event: ID!, $alliances: [ID!]!) {
  shareEvent(event: $event, alliances: $alliances) { event { id version } userErrors { code message } }
}"""
UNSHARE = """mutation($event: ID!, $alliances: [ID!]!) {
  unshareEvent(event: $event, alliances: $alliances) {
    event { id version } userErrors { code message }
  }
}"""
SUSPEND = """mutation($membership: ID!) {
  suspendAllianceMember(membership: $membership, reason: "A quarrel.") {
    membership { id status } userErrors { code message }
  }
}"""
REINSTATE = """mutation($membership: ID!) {
  reinstateAllianceMember(membership: $membership) {
    membership { id status } userErrors { code message }
  }
}"""
RSVP = """mutation($input: RsvpInput!) {
  rsvp(input: $input) { rsvp { id status delivery } userErrors { code message } }
}"""
VERSION = "query($id: ID!) { event(id: $id) { id version } }"
SECRET = "SECRET"


class Outcome(Enum):
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass
class Doing:
    number: int
    kind: str
    by: str  # authority
    owner: str  # authority
    event: str | None = None
    outcome: Outcome = Outcome.UNKNOWN
    since: int | None = None  # the version that whoever did it had seen
    version: int | None = None
    told: str = ""
    at: float = 0.0
    answered_at: float | None = None
    is_kept: bool = False  # by the hub that was asked, until the owner hears of it

    def is_answered_by(self, moment: float) -> bool:
        return self.answered_at is not None and self.answered_at <= moment

    def __str__(self) -> str:
        what = f"{self.kind} {self.event or ''} v{self.version}"
        return f"{self.at:8.2f} #{self.number} {self.by}: {what} {self.outcome.value} {self.told}"


@dataclass
class Event:
    """Of an organization here, as its people know it."""

    id: str
    owner: str
    version: int
    is_secret: bool
    is_shared: bool = False  # as far as anybody knows: with an alliance


@dataclass
class Ledger:
    """`doings` are those that count; `begun` is how many there were ever."""

    doings: list[Doing] = field(default_factory=list)
    begun: int = 0
    events: dict[str, Event] = field(default_factory=dict)


class Villagers:
    """They do one thing after another; `random` decides what."""

    def __init__(self, world: World, village: Village, ledger: Ledger, random: Random) -> None:
        self.world, self.village, self.ledger, self.random = world, village, ledger, random
        fair = village.fair
        ledger.events.setdefault(fair, Event(fair, fair.partition("@")[2], 1, False))

    async def live(self, villager: Villager, doings: int) -> None:
        for _ in range(doings):
            await asyncio.sleep(self.random.uniform(0, 4))
            await self._something(villager)

    async def _something(self, villager: Villager) -> None:
        mine = [each for each in self.ledger.events.values() if each.owner == villager.authority]
        fair = self.ledger.events[self.village.fair]
        ways: list[tuple[int, Any]] = [(4 if len(mine) < 3 else 1, lambda: self.create(villager))]
        if mine:
            ways.append((7, lambda: self.update(villager, self.random.choice(mine))))
            ways.append((3, lambda: self.share(villager, self.random.choice(mine))))
            ways.append((1, lambda: self.cancel(villager, self.random.choice(mine))))
        if self.village.alliance.endswith(f"@{villager.authority}"):
            ways.append((3, lambda: self.quarrel(villager)))
        if fair.owner != villager.authority:
            ways.append((5, lambda: self.update(villager, fair)))
            ways.append((3, lambda: self.come(villager, fair)))
        (way,) = self.random.choices([way for _, way in ways], [weight for weight, _ in ways])
        await way()

    # ── what is done ─────────────────────────────────────────────────────────────────────────────

    async def create(self, villager: Villager) -> None:
        is_secret = self.random.random() < 0.25
        doing = self._begun("create", villager, villager.authority)
        starts = MONDAY + timedelta(days=self.random.randrange(10, 60))
        word = SECRET if is_secret else "Open"
        shared = not is_secret and self.random.random() < 0.5
        told: dict[str, Any] = {
            "organization": villager.organization,
            "title": f"{word} {doing.number}",
            "summary": f"made {doing.number}",
            "startsAt": starts.isoformat(),
            "timeZone": "Europe/Paris",
            "visibility": self._visibility(is_secret, shared),
        }
        if shared:
            told["shareWith"] = [self.village.alliance]
        found = await self._asked(villager, doing, CREATE, {"input": told}, "createEvent.event")
        if found is not None:
            doing.event = found["id"]
            self.ledger.events[found["id"]] = Event(
                found["id"], villager.authority, found["version"], is_secret, shared
            )

    async def update(self, villager: Villager, event: Event) -> None:
        """Its words; of one's own event perhaps also who sees it. What becomes secret is called so in
        the same step, and what is seen again is called something else; what is shared is no secret.
        """
        doing = self._begun("update", villager, event.owner, event)
        doing.since = event.version
        told: dict[str, Any] = {"id": event.id, "version": event.version}
        is_fair = event.id == self.village.fair
        if event.owner == villager.authority and not is_fair and self.random.random() < 0.6:
            is_secret = not event.is_secret and not event.is_shared
            told["visibility"] = self._visibility(is_secret, self.random.random() < 0.5)
        else:
            is_secret = event.is_secret
        told["title"] = f"{SECRET if is_secret else 'Open'} {doing.number}"
        found = await self._asked(villager, doing, UPDATE, {"input": told}, "updateEvent.event")
        if found is not None:
            event.is_secret = is_secret
        elif doing.outcome is Outcome.UNKNOWN and "visibility" in told:
            # It may be either by now: nobody touches it any more.
            self.ledger.events.pop(event.id, None)

    async def share(self, villager: Villager, event: Event) -> None:
        if event.id == self.village.fair or event.is_secret:
            return
        doing = self._begun("share", villager, event.owner, event)
        is_shared = not event.is_shared
        document, name = (SHARE, "shareEvent") if is_shared else (UNSHARE, "unshareEvent")
        event.is_shared = True  # perhaps, until the answer is there
        variables = {"event": event.id, "alliances": [self.village.alliance]}
        await self._asked(villager, doing, document, variables, f"{name}.event")
        if doing.outcome is not Outcome.UNKNOWN:
            event.is_shared = is_shared is (doing.outcome is Outcome.DONE)

    async def cancel(self, villager: Villager, event: Event) -> None:
        if event.id == self.village.fair:
            return
        doing = self._begun("cancel", villager, event.owner, event)
        variables = {"event": event.id, "version": event.version}
        await self._asked(villager, doing, CANCEL, variables, "cancelEvent.event")

    async def come(self, villager: Villager, event: Event) -> None:
        doing = self._begun("come", villager, event.owner, event)
        await self._asked(villager, doing, RSVP, {"input": {"event": event.id}}, "rsvp.rsvp")

    async def quarrel(self, villager: Villager) -> None:
        """Somebody is set aside, or taken back: from then on they read other channels."""
        doing = self._begun("quarrel", villager, villager.authority)
        other = self.random.choice([each for each in self.village.members if each != villager])
        variables = {"membership": other.membership}
        way, name = self.random.choice(
            [(SUSPEND, "suspendAllianceMember"), (REINSTATE, "reinstateAllianceMember")]
        )
        await self._asked(villager, doing, way, variables, f"{name}.membership")

    def _visibility(self, is_secret: bool, is_shared: bool) -> str:
        if is_secret:
            return "ORGANIZATION"
        return "ALLIANCE" if is_shared else "PUBLIC"

    # ── how it is asked for ──────────────────────────────────────────────────────────────────────

    def _begun(
        self, kind: str, villager: Villager, owner: str, event: Event | None = None
    ) -> Doing:
        doing = Doing(
            self.ledger.begun,
            kind,
            villager.authority,
            owner,
            event.id if event else None,
            at=self.world.loop.time(),
        )
        self.ledger.begun += 1
        self.ledger.doings.append(doing)
        return doing

    async def _asked(
        self, villager: Villager, doing: Doing, document: str, variables: dict[str, Any], where: str
    ) -> dict[str, Any] | None:
        """The thing that it was done to, if that is known."""
        key = f"doing-{doing.number}"
        is_perhaps_done = False
        for _ in range(TRIES):
            said = await self._said(villager, key, document, variables)
            if said is None:
                is_perhaps_done = True
                await asyncio.sleep(self.random.uniform(0.2, 5))
                continue
            codes = [each["extensions"]["code"] for each in said.get("errors", ())]
            field, _, name = where.partition(".")
            payload = (said.get("data") or {}).get(field)
            codes += [each["code"] for each in payload["userErrors"]] if payload else []
            doing.told = ", ".join(codes)
            if set(codes) & NOT_KNOWN:
                is_perhaps_done = True
                await asyncio.sleep(self.random.uniform(0.2, 5))
                continue
            if payload is not None:
                self._seen(payload.get(name))
            if set(codes) & NEVER_KNOWN or (is_perhaps_done and NOT_NOW in codes):
                return None
            doing.answered_at = self.world.loop.time()
            if codes or payload is None:
                doing.outcome = Outcome.REFUSED
                return None
            doing.outcome = Outcome.DONE
            found: dict[str, Any] | None = payload[name]
            if found is not None:
                doing.version = found.get("version")
                doing.is_kept = found.get("delivery") == "PENDING"
            return found
        return None

    def _seen(self, found: dict[str, Any] | None) -> None:
        known = self.ledger.events.get(found["id"]) if found else None
        if known is not None and found is not None and "version" in found:
            known.version = max(known.version, found["version"])

    async def _said(
        self, villager: Villager, key: str, document: str, variables: dict[str, Any]
    ) -> dict[str, Any] | None:
        """What the hub answers; None where it does not, or not in time."""
        hub = self.world.hubs[villager.authority]
        if hub.life is None:
            return None
        token = hub.life.service.tokens.mint.token(
            client_id="app_of_tests",
            organization_id=villager.organization,
            grant_id=villager.grant_id,
            scopes=villager.scopes,
            person_id=villager.person,
        )
        request = httpx.Request(
            "POST",
            f"https://{villager.authority}/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self.world.ask(villager.authority, request)
        except (TimeoutError, HubGoneError):
            return None
        if answer.status_code >= 500 or answer.status_code == 429:
            return None
        said: dict[str, Any] = orjson.loads(answer.content)
        return said
