"""One of the demo's three hubs, and somebody at home there who asks it what people ask: by HTTP, with
a token. The hub answers in a process of its own, or in this one; the database is known here too.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Select, select

from auth.built_in import COMMAND_LINE
from auth.desk import Desk
from auth.scopes import BUILT_IN_ONLY, FOR_PEOPLE
from domain.errors import Problem
from domain.ids import Names, ulid
from federation.client import OutgoingClient
from resolvers.context import Context
from resolvers.operating import operator_for
from storage import credentials
from storage.credential_tables import grants
from storage.credentials import Grant
from web.demo.known import Known
from web.demo.moments import Contexts, contexts
from web.demo.pieces import Voice
from web.service import Service

MOST_BYTES = 1_048_576
LOOK_SECONDS = 0.15
PATIENCE_SECONDS = 90.0  # hubs that were told of nothing look each half a minute; machines are slow
TRIES = 6  # of one change, each of at most the few seconds that a hub gives it
PAUSE_SECONDS = 3.0  # between two of them: who did not answer is not asked again at once
PASSING = {"TIMEOUT", "PEER_UNREACHABLE", "OVERLOADED", "IDEMPOTENCY_KEY_IN_USE"}
METHODS = ("swk",)  # RFC 8176: they showed a key of their own, as far as the demo goes
_A_MOMENT = timedelta(minutes=1)

Found = TypeVar("Found")


class NotSeen(Problem):
    """What should have come of it did not, in good time."""

    code: ClassVar[str] = "DEMO"


@dataclass(slots=True)
class Hub:
    """`known` is what it has of the city, and of its surroundings."""

    service: Service
    outgoing: OutgoingClient
    voices: tuple[Voice, ...]
    known: Known = field(default_factory=Known)

    @property
    def name(self) -> str:
        return self.service.hub.name

    @property
    def url(self) -> str:
        return self.service.hub.url

    @property
    def place(self) -> str:
        """As people say it: `localhost:8001`."""
        return self.service.hub.authority

    @property
    def contexts(self) -> Contexts:
        of = self.service
        return contexts(of.database, of.hub, of.clock, of.chance, self.request_id)

    @property
    def request_id(self) -> str:
        return f"cmd_{ulid(self.service.clock.now(), self.service.chance.token_bytes(10))}"

    @property
    def operator(self) -> Context:
        """One operation of whoever runs it, who may ask other hubs, as ./convoke peer does."""
        return replace(self.contexts(operator_for()), neighbours=self.service.abroad)

    async def value(self, wanted: Select[Any]) -> Any:
        """Of its first row, as it stands; None without one."""
        async with self.service.database.reading(fresh=True) as db:
            return await db.scalar(wanted)

    async def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        token: str | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """What GraphQL answers: `data`, `errors`. A change that is sent again with the same key is not
        made again."""
        headers = {"Authorization": token and f"Bearer {token}", "Idempotency-Key": key}
        answer = await self.outgoing.post(
            f"{self.url}/graphql",
            body=json.dumps({"query": document, "variables": variables or {}}).encode(),
            content_type="application/json",
            accept="application/json",
            max_bytes=MOST_BYTES,
            headers={name: value for name, value in headers.items() if value is not None},
        )
        said: dict[str, Any] = json.loads(answer.body)
        return said

    async def somebody(self, slug: str, name: str) -> "Somebody":
        """Of that organization's team. They let the command line act for them, once."""
        organization_id = self.known.organizations[slug]
        person_id = self.known.people[organization_id, name]
        of = self.service
        grant_id = await self.value(
            select(grants.c.id).where(
                grants.c.client_id == COMMAND_LINE,
                grants.c.person_id == person_id,
                grants.c.organization_id == organization_id,
                grants.c.revoked_at.is_(None),
            )
        )
        if grant_id is None:
            names = Names(of.hub.authority, of.clock, of.chance)
            desk = Desk(of.database, names, of.clock, of.chance, self.request_id)
            grant_id = desk.named("grant")
            given = Grant(
                id=grant_id,
                client_id=COMMAND_LINE,
                organization_id=organization_id,
                person_id=person_id,
                scopes=tuple(scope for scope in FOR_PEOPLE if scope not in BUILT_IN_ONLY),
                created_at=of.clock.now(),
                authenticated_at=of.clock.now() - _A_MOMENT,
                methods=METHODS,
            )
            async with of.database.writing() as db:
                await credentials.add_grant(db, given)
                await desk.note(
                    db,
                    "consent.given",
                    organization_id=organization_id,
                    client_id=COMMAND_LINE,
                    person_id=person_id,
                    detail=" ".join(given.scopes),
                )
        return Somebody(self, name, person_id, organization_id, str(grant_id))


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of a team, at their own hub."""

    hub: Hub
    name: str
    id: str
    organization_id: str
    grant_id: str

    def token(self, *scopes: str) -> str:
        return self.hub.service.tokens.mint.token(
            client_id=COMMAND_LINE,
            organization_id=self.organization_id,
            grant_id=self.grant_id,
            scopes=scopes,
            person_id=self.id,
        )

    async def ask(
        self, scopes: tuple[str, ...], document: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        return await self.hub.ask(document, variables, self.token(*scopes))

    async def change(
        self, scopes: tuple[str, ...], document: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What its one mutation gives; sent again where a hub had too much to do. Raises `NotSeen`
        where it was not done."""
        key = self.hub.request_id
        refused: list[dict[str, Any]] = []
        for number in range(TRIES):
            await asyncio.sleep(PAUSE_SECONDS if number else 0)
            said = await self.hub.ask(document, variables, self.token(*scopes), key)
            outcome: dict[str, Any] | None = next(iter((said.get("data") or {}).values()), None)
            refused = said.get("errors") or (outcome or {}).get("userErrors") or []
            if outcome is not None and not refused:
                return outcome
            codes = {(each.get("extensions") or each).get("code") for each in refused}
            if not codes & PASSING:
                break
        why = "; ".join(str(each.get("message")) for each in refused)
        raise NotSeen(f"{self.name} did not get it done at {self.hub.place}: {why}")


async def until(
    what: str, look: Callable[[], Awaitable[Found | None]], seconds: float = PATIENCE_SECONDS
) -> Found:
    """What it finds, as soon as it finds something; a hub that has too much to do is asked again.
    Raises `NotSeen`, with what was awaited, and what was in the way of it last."""
    trouble = ""
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    found = await look()
                    if found:
                        return found
                except Problem as problem:
                    trouble = f" {problem.message}"
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise NotSeen(
            f"{what}: that was awaited for {seconds:g} seconds, in vain.{trouble}"
        ) from None
