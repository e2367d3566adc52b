"""Three hubs in processes of their own, which share an alliance, and people who go on whatever breaks.

The Pantry with Anna is at home at A (two workers), the Shelter with Sam at B (whose worker is a process
of its own), the Clinic with Lee at C. Each of them creates events, answers to those of the others, and
Sam changes an event of the Pantry's, each as an app does: under an Idempotency-Key, and again under the
same one until there is an answer.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from domain.errors import AnswerLost
from resolvers.elsewhere import PeerAnswer
from storage.embedded import EmbeddedPostgres
from tests.conftest import TEMPLATE, migrated
from tests.processes.hub_process import PATIENCE_SECONDS, Hub, Somebody, a_hub, eventually

FEW_CONNECTIONS = {
    "CONVOKE_POOL_SIZE": "3",
    "CONVOKE_POOL_OVERFLOW": "2",
    "CONVOKE_POOL_ANSWERING": "3",
}
PROPOSE = """mutation($url: String!) {
  proposePeering(url: $url) { hub { id peering { status } } userErrors { message } }
}"""
ACCEPT = """mutation($hub: ID!) {
  acceptPeering(hub: $hub) { hub { peering { status } } userErrors { message } }
}"""
ALLY = """mutation($input: CreateAllianceInput!) {
  createAlliance(input: $input) { alliance { id } userErrors { message } }
}"""
JOIN = """mutation($alliance: ID!, $organization: ID!) {
  requestToJoinAlliance(alliance: $alliance, organization: $organization) {
    membership { status } userErrors { code message }
  }
}"""
CREATE = """mutation($input: CreateEventInput!) {
  createEvent(input: $input) { event { id version } userErrors { code message } }
}"""
UPDATE = """mutation($input: UpdateEventInput!) {
  updateEvent(input: $input) { event { id version } userErrors { code message } }
}"""
RSVP = """mutation($input: RsvpInput!) {
  rsvp(input: $input) { rsvp { id status } userErrors { code message } }
}"""
INVITE = """mutation($event: ID!, $organization: ID!) {
  inviteEventHost(event: $event, organization: $organization) {
    eventHost { id } userErrors { message }
  }
}"""
HOST_TOO = """mutation($place: ID!) {
  respondToEventHost(eventHost: $place, accept: true) {
    eventHost { status } userErrors { message }
  }
}"""
PEERINGS = "{ hubs { nodes { url isLocal peering { status lastError lagSeconds } } } }"
ORGANIZATION = "query($id: ID!) { organization(id: $id) { id } }"
EVENT = "query($id: ID!) { event(id: $id) { id version } }"
THERE = text(
    "select id, title from events where hub_id <> :hub and title like 'Event %' order by id"
)
CALLED = text("select id from events where title = :title")


@dataclass
class Promises:
    """What was answered to somebody, and so has to be so for ever."""

    events: dict[str, str] = field(default_factory=dict)  # ids by title
    answers: set[tuple[str, str]] = field(default_factory=set)  # who, and to which event
    changes: list[int] = field(default_factory=list)  # the versions that Sam was told
    last_words: str = ""
    odd: list[Any] = field(default_factory=list)  # answers that nobody should have had
    again: int = 0  # how many times something was sent once more


@dataclass
class Village:
    postgres: EmbeddedPostgres
    hubs: dict[str, Hub]
    people: dict[str, Somebody]
    alliance: str = ""
    drive: str = ""  # the Pantry's, which the Shelter hosts too
    promises: Promises = field(default_factory=Promises)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: dict[str, int] = field(default_factory=dict)

    async def ends(
        self, somebody: Somebody, document: str, variables: Mapping[str, Any], key: str
    ) -> dict[str, Any] | None:
        """The answer, however often it has to be asked for. None where there is none at the end."""
        while True:
            try:
                said = await somebody.ask(document, variables, key=key)
            except (httpx.TransportError, ValueError):  # ValueError: an answer of half a body
                said = {"errors": [{"extensions": {"code": "UNREACHABLE"}}]}
            codes = codes_of(said)
            if not codes:
                return said
            if is_done(said, codes):
                return said
            if not codes <= LATER:
                self.promises.odd.append(said)
                return None
            self.promises.again += 1
            await asyncio.sleep(0.5)

    async def creates(self, name: str) -> None:
        """One event after the other."""
        somebody = self.people[name]
        while not self.over.is_set():
            await self.create(somebody, name)
            await asyncio.sleep(0.6)

    async def create(self, somebody: Somebody, name: str) -> None:
        n = self.numbers[name] = self.numbers.get(name, 0) + 1
        title = f"Event {n} of {name}"
        shared = {"visibility": "ALLIANCE", "shareWith": [self.alliance]} if n % 2 else {}
        given = {**an_event(somebody, title), **shared}
        said = await self.ends(somebody, CREATE, {"input": given}, f"create-{name}-{n}")
        if said is not None:
            event = ((said.get("data") or {}).get("createEvent") or {}).get("event")
            looked_up = await somebody.hub.rows(CALLED.bindparams(title=title))
            self.promises.events[title] = (event or looked_up[0])["id"]

    async def answers(self, name: str) -> None:
        """To what the others host, as soon as it is seen here."""
        somebody = self.people[name]
        while not self.over.is_set():
            await asyncio.sleep(0.8)
            for row in await somebody.hub.rows(THERE.bindparams(hub=somebody.hub.id)):
                if (name, row["id"]) not in self.promises.answers and not self.over.is_set():
                    await self._answer(somebody, name, row["id"])
                    break

    async def _answer(self, somebody: Somebody, name: str, event: str) -> None:
        given = {"event": event, "status": "ACCEPTED"}
        said = await self.ends(somebody, RSVP, {"input": given}, f"rsvp-{name}-{event[:30]}")
        if said is not None:
            self.promises.answers.add((name, event))

    async def changes(self) -> None:
        """Sam changes the words of the Pantry's drive, which is done at A."""
        sam, n = self.people["B"], 0
        version = (await sam.ask(EVENT, {"id": self.drive}))["data"]["event"]["version"]
        self.promises.changes.append(version)
        while not self.over.is_set():
            n += 1
            words = f"Change {n}"
            given = {"id": self.drive, "version": version, "summary": words}
            said = await self.ends(sam, UPDATE, {"input": given}, f"change-{n}")
            if said is None:
                return
            event = ((said.get("data") or {}).get("updateEvent") or {}).get("event")
            version = event["version"] if event else version + 1
            self.promises.changes.append(version)
            self.promises.last_words = words
            await asyncio.sleep(0.8)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Everybody, until it ends: then each has the answer that they were waiting for."""
        self.over.clear()
        doing = [self.creates(name) for name in self.people]
        doing += [self.answers(name) for name in self.people]
        tasks = [asyncio.create_task(each) for each in [*doing, self.changes()]]
        try:
            yield
        finally:
            self.over.set()
            done, late = await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        assert not late, "Somebody is still waiting for an answer."
        for task in done:
            task.result()


# What an app asks for again: the hub is away, or its database, or the owner of the thing.
LATER = {
    "UNREACHABLE",
    "UNAVAILABLE",
    "OVERLOADED",
    "TIMEOUT",
    "INTERNAL",
    "PEER_UNREACHABLE",
    "IDEMPOTENCY_KEY_IN_USE",
}


def is_done(said: Mapping[str, Any], codes: set[str]) -> bool:
    """It was done before, under that key, and the answer went down with a process."""
    is_told = "its answer was not kept" in json.dumps(said)
    return codes == {AnswerLost.code} or (codes == {PeerAnswer.code} and is_told)


def codes_of(said: Mapping[str, Any]) -> set[str]:
    """Why it was not done: by the errors of the whole, or of the change."""
    if said.get("errors"):
        return {error.get("extensions", {}).get("code", "") for error in said["errors"]}
    (outcome,) = said["data"].values()
    return {error["code"] for error in outcome["userErrors"]}


def an_event(somebody: Somebody, title: str) -> dict[str, Any]:
    return {
        "organization": somebody.organization,
        "title": title,
        "startsAt": "2027-05-01T09:00:00+02:00",
        "endsAt": "2027-05-01T12:00:00+02:00",
        "timeZone": "Europe/Paris",
    }


@asynccontextmanager
async def a_village(directory: Path) -> AsyncIterator[Village]:
    """With a PostgreSQL of its own, because that is killed too, and so one that writes down what it
    says it has."""
    async with AsyncExitStack() as opened:
        postgres = opened.enter_context(EmbeddedPostgres.start(directory / "db"))
        postgres.create_database(TEMPLATE)
        await migrated(postgres.url(TEMPLATE))
        hubs: dict[str, Hub] = {}
        for name, options, settings in (
            ("A", ("--workers", "2"), {"CONVOKE_OPERATOR": "pantry"}),
            ("B", (), {"CONVOKE_OPERATOR": "shelter", "CONVOKE_WORKER": "off"}),
            ("C", (), {"CONVOKE_OPERATOR": "clinic"}),
        ):
            postgres.create_database(name, template=TEMPLATE)
            made = a_hub(
                name, postgres.url(name), directory, *options, **FEW_CONNECTIONS, **settings
            )
            hubs[name] = await opened.enter_async_context(made)
        people = {
            "A": await hubs["A"].organization("pantry", "Anna"),
            "B": await hubs["B"].organization("shelter", "Sam"),
            "C": await hubs["C"].organization("clinic", "Lee"),
        }
        await asyncio.gather(*(hub.serve() for hub in hubs.values()))
        await hubs["B"].work()
        village = Village(postgres, hubs, people)
        await befriended(village)
        await allied(village)
        yield village


async def befriended(village: Village) -> None:
    """A with B by the command, C with both as their people do it."""
    hubs, people = village.hubs, village.people
    for name, arguments in (("A", ("add", hubs["B"].url)), ("B", ("accept", hubs["A"].url))):
        await eventually(
            lambda: _commanded(hubs[name], "peer", *arguments, "--yes"),  # noqa: B023 - awaited here
            f"{name} did not {arguments[0]}",
        )
    for name in ("A", "B"):
        said = await people["C"].ask(PROPOSE, {"url": hubs[name].url})
        assert said["data"]["proposePeering"]["userErrors"] == [], said

        async def accepted(name: str = name) -> bool:
            answer = await people[name].ask(ACCEPT, {"hub": hubs["C"].id})
            return bool(answer["data"]["acceptPeering"]["userErrors"] == [])

        await eventually(accepted, f"{name} did not accept C")
    await eventually(lambda: all_of(village, _works), "They do not work together.")


async def _commanded(hub: Hub, *arguments: str) -> bool:
    code, _ = await hub.command(*arguments)
    return code == 0


async def _works(somebody: Somebody) -> bool:
    nodes = (await somebody.ask(PEERINGS))["data"]["hubs"]["nodes"]
    return [n["peering"]["status"] for n in nodes if not n["isLocal"]] == ["ACTIVE", "ACTIVE"]


async def all_of(village: Village, claim: Callable[[Somebody], Awaitable[bool]]) -> bool:
    return all([await claim(somebody) for somebody in village.people.values()])


async def allied(village: Village) -> None:
    """An alliance of the Pantry's that the others join, and a drive of its own that the Shelter
    hosts too."""
    anna, sam = village.people["A"], village.people["B"]
    new = {
        "convener": anna.organization,
        "slug": "city-table",
        "name": "City Table",
        "purpose": "No hunger.",
        "joinPolicy": "OPEN",
        "visibility": "PUBLIC",
    }
    said = await anna.ask(ALLY, {"input": new})
    village.alliance = said["data"]["createAlliance"]["alliance"]["id"]
    for name in ("B", "C"):
        somebody = village.people[name]
        variables = {"alliance": village.alliance, "organization": somebody.organization}

        async def joined(somebody: Somebody = somebody, given: Any = variables) -> bool:
            answer = await somebody.ask(JOIN, given)
            outcome = (answer.get("data") or {}).get("requestToJoinAlliance") or {}
            return (outcome.get("membership") or {}).get("status") == "ACTIVE"

        await eventually(joined, f"{name} did not join")
    said = await anna.ask(CREATE, {"input": an_event(anna, "Food drive")})
    village.drive = said["data"]["createEvent"]["event"]["id"]
    await eventually(lambda: _knows(anna, ORGANIZATION, sam.organization), "A knows no Shelter")
    said = await anna.ask(INVITE, {"event": village.drive, "organization": sam.organization})
    place = said["data"]["inviteEventHost"]["eventHost"]["id"]

    async def hosts() -> bool:
        answer = await sam.ask(HOST_TOO, {"place": place})
        outcome = (answer.get("data") or {}).get("respondToEventHost") or {}
        return (outcome.get("eventHost") or {}).get("status") == "ACCEPTED"

    await eventually(hosts, "The Shelter does not host the drive")
    await eventually(lambda: _knows(sam, EVENT, village.drive), "B knows no drive")


async def _knows(somebody: Somebody, document: str, identifier: str) -> bool:
    said = await somebody.ask(document, {"id": identifier})
    return any((said.get("data") or {}).values())
