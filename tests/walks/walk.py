"""Doing one thing after another in the town, and looking at everything after each.

`Ground` holds the database, on one event loop, and puts it back to where walks begin; `Walk` is one
sequence of steps.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import orjson
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from sqlalchemy import text

from domain.actors import Viewer
from domain.errors import Problem
from domain.hubs import LocalHub
from domain.ids import Names
from resolvers import guests, hubs
from resolvers.context import Context
from resolvers.what_time_brings import DUTIES, Duty, Time
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.all_tables import metadata
from storage.engine import Database, Pool
from tests.outside import MONDAY, SeededChance, StandingClock
from tests.walks.actors import SOMEBODY, Actor
from tests.walks.dice import Dice
from tests.walks.moves import Move, Scene, spoiled
from tests.walks.picture import Difference, Picture, at, differences, taken
from tests.walks.steps import MAKERS
from tests.walks.town import Town

T = TypeVar("T")
CONTRACT = graphql_schema._schema
GENEROUS = replace(Limits(), page_size=10_000, cost=10**9, selections=10_000)
PATIENT = Pool(size=2, wait_seconds=60, statement_seconds=60, lock_seconds=60)
TIME, CONFIRM, CANCEL = "time passes", "a link is followed", "a link to cancel is followed"
UNTOLD = {"audit_entries", "audit_concerned", "duties"}
ELSEWHERE = (TIME, CONFIRM, CANCEL)
SPOILED = 30  # in a hundred
# What leads further is done more often than what is soon done with.
OFTEN = {
    "rsvp": 5,
    "castBallot": 4,
    "inviteEventHost": 3,
    "respondToEventHost": 3,
    "proposeHandover": 2,
    "respondToHandover": 2,
    "openProposal": 2,
    "updateEvent": 3,
    "updateEventFrom": 2,
    "mergeEvents": 2,
    "unmergeEvents": 2,
    "cancelRsvp": 2,
    "respondToRsvp": 2,
    "respondToAllianceMembership": 2,
    "checkIn": 2,
    TIME: 2,
    CONFIRM: 6,
    CANCEL: 3,
}
_LINK = re.compile(r"/rsvp/(confirm|cancel)\?token=([\w-]{43})")
_PAUSES = (
    timedelta(minutes=5),
    timedelta(hours=2),
    timedelta(days=1),
    timedelta(days=8),
    timedelta(days=31),
)


@dataclass(frozen=True)
class Outcome:
    """What was answered. `codes` are those of refusals, and of errors of the request."""

    request_id: str
    thing: dict[str, Any] | None = None
    codes: tuple[str, ...] = ()
    told: str = ""

    @property
    def done(self) -> bool:
        return not self.codes


@dataclass(frozen=True)
class Taken:
    """A step that was taken: what was asked, how things stood, and how they stand."""

    move: Move
    outcome: Outcome
    before: Picture
    after: Picture
    now: datetime
    changes: list[Difference]

    def of(self, table: str) -> Iterator[Difference]:
        return (each for each in self.changes if each.table == table)

    def __str__(self) -> str:
        return f"{self.now:%d %b %H:%M:%S} {self.move}\n    {self.result}"

    @property
    def result(self) -> str:
        result = "done" if self.outcome.done else f"refused: {self.outcome.told}"
        changed = "".join(f"\n      {each}" for each in self.changes if each.table not in UNTOLD)
        return f"{result}{changed}"


class Ground:
    """The town in a database of its own, and what is needed to do something in it."""

    def __init__(self, url: str, operations: Operations | None = None) -> None:
        self._runner = asyncio.Runner()
        self.database = Database(url, PATIENT)
        self.operations = operations or Operations(graphql_schema, GENEROUS)
        self.hub: LocalHub
        self.begun: Picture
        self.run(self._found())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Not by the runner itself, which sets a handler of signals for each step."""
        return self._runner.get_loop().run_until_complete(work)

    def close(self) -> None:
        self.run(self.database.close())
        self._runner.close()

    async def _found(self) -> None:
        clock, chance = StandingClock(MONDAY - timedelta(hours=1)), SeededChance("town")
        self.hub = await hubs.ensure_local_hub(
            self.database, "http://hub.test", "Hub of walks", clock, chance
        )
        await Town(self._maker(clock, chance), self.hub).build()
        async with self.database.writing() as db:
            await db.execute(text("create schema town"))
            for table in metadata.sorted_tables:
                await db.execute(
                    text(f"create table town.{table.name} as table public.{table.name}")
                )
        self.begun = await taken(self.database)

    def _maker(self, clock: StandingClock, chance: SeededChance) -> Callable[..., Context]:
        names = Names(self.hub.authority, clock, chance)

        def make(viewer: Viewer, request_id: str = "req_town") -> Context:
            return Context(viewer, self.database, self.hub, names, clock, request_id)

        return make

    async def look(self) -> Picture:
        return await taken(self.database)

    async def put_back(self) -> None:
        """Every row as it was, and no other: without the triggers, which have kept what is there."""
        tables = [table.name for table in metadata.sorted_tables]
        async with self.database.writing() as db:
            await db.execute(text("set local session_replication_role = replica"))
            for name in tables:
                await db.execute(text(f"delete from {name}"))  # noqa: S608 - names of ours
                again = f"insert into {name} overriding system value table town.{name}"
                await db.execute(text(again))


@contextmanager
def ground(url: str) -> Iterator[Ground]:
    held = Ground(url)
    try:
        yield held
    finally:
        held.close()


@dataclass
class Walk:
    """One sequence of steps, from the beginning."""

    ground: Ground
    duties: tuple[Duty, ...] = DUTIES
    picture: Picture = field(init=False)
    _clock: StandingClock = field(default_factory=StandingClock)
    _chance: SeededChance = field(default_factory=lambda: SeededChance("walk"))
    steps: int = 0

    def __post_init__(self) -> None:
        self.picture = self.ground.begun
        self._make = self.ground._maker(self._clock, self._chance)

    @property
    def now(self) -> datetime:
        return self._clock.now()

    def next_move(self, dice: Dice, among: tuple[str, ...]) -> Move:
        """Of what can be done at all; most often as it should be."""
        scene = Scene.of(self.picture, self._clock.forward(seconds=1), dice)
        for _ in range(4):
            move = self._move(scene, dice.one_of(among))
            if move is not None:
                is_elsewhere = move.mutation in ELSEWHERE
                return spoiled(scene, move) if dice.happens(SPOILED) and not is_elsewhere else move
        return Move(TIME, SOMEBODY, {"pause": _PAUSES[0]})

    def _move(self, scene: Scene, name: str) -> Move | None:
        if name == TIME:
            return Move(TIME, SOMEBODY, {"pause": self._pause(scene)})
        if name in (CONFIRM, CANCEL):
            secrets = self._links("confirm" if name == CONFIRM else "cancel")
            secret = scene.dice.one_if_any(secrets[-3:])  # what came last is opened first
            return None if secret is None else Move(name, SOMEBODY, {"secret": secret})
        return MAKERS[name](scene)

    def _pause(self, scene: Scene) -> timedelta:
        """Some time, or until just before a date begins."""
        starts = [at(row["starts_at"]) for row in scene.rows("occurrences")]
        ahead = sorted(each - self.now for each in starts if each > self.now)
        if ahead and scene.dice.happens(50):
            return max(scene.dice.one_of(ahead) - timedelta(minutes=10), _PAUSES[0])
        return scene.dice.one_of(_PAUSES)

    def _links(self, way: str) -> list[str]:
        return [
            found[2]
            for letter in self.picture["outgoing_mail"].values()
            for found in _LINK.finditer(letter["text"])
            if found[1] == way
        ]

    async def take(self, move: Move) -> Taken:
        self.steps += 1
        request_id = f"req_{self.steps}"
        if move.mutation == TIME:
            outcome = await self._time_passes(move, request_id)
        elif move.mutation in ELSEWHERE:
            outcome = await self._follow(move, request_id)
        else:
            outcome = await self._ask(move, request_id)
        before = self.picture
        self.picture = await taken(self.ground.database)
        changes = differences(before, self.picture)
        return Taken(move, outcome, before, self.picture, self.now, changes)

    async def _ask(self, move: Move, request_id: str) -> Outcome:
        field_name = payload_field(move.mutation)[0]
        prepared = self.ground.operations.prepare(
            Asked(document(move.mutation, tuple(move.arguments)), variables=move.arguments)
        )
        assert isinstance(prepared, Prepared)
        async with self._make(move.actor.viewer, request_id) as context:
            body = (await self.ground.operations.run(prepared, context, request_id)).body
        answer = orjson.loads(body)
        payload = (answer.get("data") or {}).get(move.mutation)
        errors = answer.get("errors", [])
        refusals = payload["userErrors"] if payload else []
        codes = [each["extensions"]["code"] for each in errors]
        codes += [each["code"] for each in refusals]
        told = "; ".join(f"{each.get('code', '')} {each['message']}" for each in errors + refusals)
        thing = payload[field_name] if payload else None
        return Outcome(request_id, thing, tuple(codes), told)

    async def asked(self, actor: Actor, question: str, variables: dict[str, Any]) -> Any:
        """What somebody is answered who only looks."""
        prepared = self.ground.operations.prepare(Asked(question, variables=variables))
        assert isinstance(prepared, Prepared)
        async with self._make(actor.viewer, "req_look") as context:
            answer = await self.ground.operations.run(prepared, context, "req_look")
        found = orjson.loads(answer.body)
        assert "errors" not in found, found["errors"]
        return found["data"]

    async def _follow(self, move: Move, request_id: str) -> Outcome:
        follow = guests.confirm if move.mutation == CONFIRM else guests.cancel
        try:
            async with self._make(move.actor.viewer, request_id) as context:
                await follow(context, move.arguments["secret"])
        except Problem as problem:
            return Outcome(request_id, None, (problem.code,), problem.message)
        return Outcome(request_id)

    async def _time_passes(self, move: Move, request_id: str) -> Outcome:
        pause: timedelta = move.arguments["pause"]
        self._clock.at += pause
        time = Time(self.ground.database, self.ground.hub, self._clock, self._chance, self.duties)
        while await time.pass_once():
            pass
        return Outcome(request_id)


# ── how a mutation is asked for ──────────────────────────────────────────────────────────────


# Between hubs, and there is one here: tests/federation is about them.
BETWEEN_HUBS = {
    "proposePeering",
    "acceptPeering",
    "suspendPeering",
    "resumePeering",
    "endPeering",
}


@cache
def mutations() -> tuple[str, ...]:
    assert CONTRACT.mutation_type is not None
    return tuple(name for name in CONTRACT.mutation_type.fields if name not in BETWEEN_HUBS)


@cache
def everything() -> tuple[str, ...]:
    """What can be done, each as often as it is to be tried."""
    return tuple(name for name in (*mutations(), *ELSEWHERE) for _ in range(OFTEN.get(name, 1)))


@cache
def payload_field(mutation: str) -> tuple[str, GraphQLObjectType]:
    """What it hands out beside its userErrors, and of which type that is."""
    assert CONTRACT.mutation_type is not None
    payload: Any = get_named_type(CONTRACT.mutation_type.fields[mutation].type)
    (found,) = (each for each in payload.fields if each != "userErrors")
    thing = get_named_type(payload.fields[found].type)
    assert isinstance(thing, GraphQLObjectType)
    return found, thing


@cache
def document(mutation: str, given: tuple[str, ...]) -> str:
    """Asks for it with these arguments as variables, and for everything plain of what it gives."""
    assert CONTRACT.mutation_type is not None
    arguments = CONTRACT.mutation_type.fields[mutation].args
    declared = ", ".join(f"${name}: {arguments[name].type}" for name in given)
    handed = ", ".join(f"{name}: ${name}" for name in given)
    found, thing = payload_field(mutation)
    fields = " ".join(name for name, each in thing.fields.items() if _is_plain(each))
    return (
        f"mutation({declared}) {{ {mutation}({handed}) {{ {found} {{ {fields} }}"
        " userErrors { code field message } } }"
    )


def _is_plain(field_of_thing: GraphQLField) -> bool:
    needed = any(is_required_argument(each) for each in field_of_thing.args.values())
    return is_leaf_type(get_named_type(field_of_thing.type)) and not needed
