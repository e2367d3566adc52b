"""One schedule: a seed says who does what when, and what goes wrong meanwhile."""

import asyncio
import gc
import logging
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import update
from starlette.requests import Request

from domain.actors import BY_TIME
from federation.delivering import Delivering
from federation.mirroring.pulling import Pulling
from resolvers.context import Context
from resolvers.what_time_brings import DUTIES
from storage import feeds
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.peer_tables import deliveries, mirror_channels
from tests.simulation import truths, village
from tests.simulation.doings import Doing, Ledger, Villagers
from tests.simulation.ground import BACKUP, BEGINNING, Ground
from tests.simulation.lines import Servers
from tests.simulation.network import Weather
from tests.simulation.plan import Plan
from tests.simulation.thrift import Shared
from tests.simulation.village import Village
from tests.simulation.virtual_time import SimulatedLoop
from tests.simulation.world import SimulatedHub, World
from tests.walks.picture import Picture, taken
from web.poking import Pokes
from web.service import Service
from web.settings import read_settings
from web.worker import worker_of

# Of what time brings, what has to do with other hubs; the rest would find nothing to do.
DUTIES_HERE = [each for each in DUTIES if each.name in {"forget_changes", "expire_co_hosting"}]
LOOK_SECONDS = 5.0
# Between the rounds within which all hubs agree, once nothing goes wrong any more: what one is told
# in a round may be news for another. The longer ones are longer than a hub waits between two looks.
PAUSES = (1.0, 1.0, 5.0, 40.0, 40.0, 40.0)
LATEST = 11.0  # until all that crashed is back, and all that was sent has come


@dataclass
class Story:
    """What came of it."""

    seed: int
    ledger: Ledger
    happened: Counter[str]
    questions: list[str]  # to the databases
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"Schedule {self.seed}: {dict(sorted(self.happened.items()))}"]
        lines += [f"  {doing}" for doing in self.ledger.doings]
        lines += [f"WRONG: {each}" for each in self.wrong]
        return "\n".join(lines)


class Villages:
    """Of each size one, built when it is first needed; and what schedules share."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._built: dict[int, Village] = {}
        self.servers = Servers(postgres.socket_directory)
        self.shared = Shared()

    def of(self, size: int) -> Village:
        if size not in self._built:
            self._built[size] = self._done(village.built(self._postgres, size))
            for ground in self.grounds(size).values():
                ground.prepare()
        for ground in self.grounds(size).values():
            ground.put_back(BEGINNING)
        self.servers.plan_anew()
        return self._built[size]

    def grounds(self, size: int) -> dict[str, Ground]:
        return {
            authority: Ground(self.servers, village.database_of(size, authority))
            for authority in village.AUTHORITIES[:size]
        }

    def _done(self, building: Coroutine[Any, Any, Village]) -> Village:
        """However busy the machine is: nobody loses patience meanwhile."""
        with self.shared.in_use(), closing(SimulatedLoop(0, self.servers)) as loop:
            return loop.run_until_complete(building)

    def tidy(self) -> None:
        """What a schedule left behind is gone before the next; what stays is not looked through
        again."""
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        gc.unfreeze()
        self.servers.close()


def run(seed: int, villages: Villages, plan: Plan | None = None) -> Story:
    """`plan` is another than the seed's own."""
    plan = plan or Plan.of(seed)
    home = villages.of(plan.hubs)
    with villages.shared.in_use(), quiet():
        gc.disable()  # what it finds, it would end at a moment that no seed says
        try:
            return _played(seed, plan, home, villages)
        finally:
            gc.enable()
            villages.tidy()


def _played(seed: int, plan: Plan, home: Village, villages: Villages) -> Story:
    loop = SimulatedLoop(seed, villages.servers)
    asyncio.set_event_loop(loop)
    try:
        schedule = Schedule(seed, plan, loop, home, villages.grounds(plan.hubs))
        try:
            return loop.run_until_complete(schedule.told())
        finally:
            loop.run_until_complete(schedule.world.end())
    finally:
        loop.close()
        asyncio.set_event_loop(None)


@contextmanager
def quiet() -> Iterator[None]:
    """Hubs that break down say so at length, and what they leave behind is found later."""
    before = logging.root.manager.disable
    logging.disable()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The garbage collector is trying to clean up")
        try:
            yield
        finally:
            logging.disable(before)


async def worker(service: Service) -> None:
    """As it runs inside a hub. Nobody listens for what moved: a notification comes when PostgreSQL
    likes, and no seed says when. Instead, people's hubs poke now and then (`_poke`)."""
    async with worker_of(
        service.database.url,
        service.hub,
        service.clock,
        service.chance,
        DUTIES_HERE,
        abroad=service.abroad,
        forwarding=service.forwarding,
    ) as working:
        working.poking = None
        working.look_seconds = LOOK_SECONDS
        if working.mirroring is not None:
            working.mirroring.look_seconds = LOOK_SECONDS
        await working.run(asyncio.Event())


class Schedule:
    def __init__(
        self,
        seed: int,
        plan: Plan,
        loop: SimulatedLoop,
        home: Village,
        grounds: dict[str, Ground],
    ) -> None:
        self.plan, self.village, self.grounds = plan, home, grounds
        self.world = World(loop, seed, (worker,))
        self.story = Story(seed, Ledger(), self.world.happened, loop.questions)
        for villager, clock in zip(self.village.villagers, self.plan.clocks, strict=False):
            authority = villager.authority
            settings = replace(
                read_settings({"CONVOKE_HUB_NAME": f"Hub {authority}"}),
                base_url=f"https://{authority}",
            )
            self.world.hubs[authority] = SimulatedHub(
                authority, self.village.urls[authority], settings, wrong_by=clock
            )

    async def told(self) -> Story:
        world, plan = self.world, self.plan
        for hub in world.hubs.values():
            await world.start(hub)
        world.network.weather = plan.weather
        world.crash_at_question = plan.crash_at_question
        world.cut_at_question = plan.cut_at_question
        world.cut_at_commit = plan.cut_at_commit
        ledger, random = self.story.ledger, world.random
        villagers = Villagers(world, self.village, ledger, random)
        chaos = asyncio.create_task(self._chaos())
        living = [
            asyncio.create_task(villagers.live(self.village.of(authority), plan.doings))
            for authority in world.hubs
        ]
        await asyncio.gather(*living)
        chaos.cancel()
        await self._heal()
        self.story.wrong += await self._wrongs_in_the_end()
        self.story.wrong += world.wrong + world.secrets_told
        happened = world.happened
        happened["schedules"] += 1
        happened[f"of {plan.hubs} hubs"] += 1
        happened["questions to databases"] += len(self.story.questions)
        happened["seconds"] += int(world.loop.time())
        happened.update({f"messages {what}": n for what, n in world.network.seen.items()})
        happened.update(f"doings {doing.outcome.value}" for doing in ledger.doings)
        return self.story

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────

    async def _chaos(self) -> None:
        world, plan, random = self.world, self.plan, self.world.random
        kept: str | None = None
        kept_at = 0.0
        while True:
            await asyncio.sleep(random.uniform(0.5, 6))
            hub = world.hubs[random.choice(list(world.hubs))]
            if random.random() < plan.crashes:
                world.crash(hub)
            if random.random() < plan.partitions:
                one, other = random.sample(list(world.hubs), 2)
                between = frozenset({one, other})
                world.network.cut.add(between)
                world.happened["partitions"] += 1
                world.loop.call_later(random.uniform(1, 25), world.network.cut.discard, between)
            if random.random() < plan.pokes:
                self._poke(hub)
            if plan.restores and random.random() < 0.5:
                if kept is None:
                    kept, kept_at = hub.authority, world.loop.time()
                    self._keep(hub)
                elif random.random() < 0.5 and not world.happened["restores"]:
                    await self._restore(world.hubs[kept], kept_at)

    def _poke(self, hub: SimulatedHub) -> None:
        other = self.world.hubs[self.world.random.choice(list(self.world.hubs))]
        if hub.life is None or other.life is None or other is hub:
            return
        service, hub_id = hub.life.service, other.life.service.hub.id
        self.world.begin(hub.life.doer, Pokes(service.database, service.abroad).send(hub_id))

    def _keep(self, hub: SimulatedHub) -> None:
        """A copy of its database, taken while it stands still."""
        self.world.crash(hub, for_seconds=1.0)
        self.world.loop.sweep()
        self.grounds[hub.authority].keep(BACKUP)

    async def _restore(self, hub: SimulatedHub, kept_at: float) -> None:
        """What it had answered since is lost, as whoever restores it knows; and its people and those
        of others stand by what they find."""
        world, ledger = self.world, self.story.ledger
        world.happened["restores"] += 1
        world.crash(hub, for_seconds=3.0)
        world.loop.sweep()
        self.grounds[hub.authority].put_back(BACKUP)
        database = Database(hub.url)
        async with database.writing() as db:
            await feeds.begin_anew(db)
        await database.close()
        if self.plan.apart:
            self._keep_apart(hub)
        ledger.doings = [each for each in ledger.doings if not _is_undone(each, hub, kept_at)]
        fair = ledger.events[self.village.fair]
        for event in [each for each in ledger.events.values() if each.owner == hub.authority]:
            if event is not fair:
                del ledger.events[event.id]
        if fair.owner == hub.authority:
            fair.version = 1

    def _keep_apart(self, hub: SimulatedHub) -> None:
        """It works on for a while, before anybody sees that it is as it was."""
        world, longest = self.world, self.plan.apart
        for other in world.hubs.values():
            if other is not hub:
                between = frozenset({hub.authority, other.authority})
                world.network.cut.add(between)
                seconds = world.random.uniform(longest / 2, longest)
                world.loop.call_later(seconds, world.network.cut.discard, between)

    # ── and what must hold then ──────────────────────────────────────────────────────────────────

    async def _heal(self) -> None:
        world = self.world
        world.crash_at_question = world.cut_at_question = world.cut_at_commit = 0.0
        world.network.cut.clear()
        world.network.weather = Weather()
        await asyncio.sleep(LATEST)  # who is down comes back, and what is late arrives
        for hub in world.hubs.values():
            assert hub.life is not None, f"{hub.authority} did not come back"
        for pause in PAUSES:
            for hub in world.hubs.values():
                await self._read_all(hub)
            if not [each async for each in self._differences()]:
                return
            await asyncio.sleep(pause)

    async def _read_all(self, hub: SimulatedHub) -> None:
        """Every other hub, and what waits for them is told, without waiting for what failed before
        to be due."""
        life = hub.life
        assert life is not None

        async def read() -> None:
            service = life.service
            async with service.database.writing() as db:
                await db.execute(update(mirror_channels).values(next_at=None, failures=0))
                # A pause that is left out counts for no try: there are only so many.
                now_and_as_often = {"next_at": service.clock.now(), "attempts": 0}
                await db.execute(update(deliveries).values(now_and_as_often))
            telling = Delivering(service.forwarding, service.chance)
            await telling.deliver(nobodys(service), service.clock.now(), 20)
            pulling = pulling_of(service)
            for other in self.world.hubs.values():
                if other is not hub and other.life is not None:
                    await pulling.turn(other.life.service.hub.id)

        await self.world.within(life.doer, read())

    async def _pictures(self) -> dict[str, Picture]:
        pictures = {}
        async with AsyncExitStack() as opened:
            for authority, hub in self.world.hubs.items():
                database = Database(hub.url)
                opened.push_async_callback(database.close)
                pictures[authority] = await taken(database)
        return pictures

    async def _differences(self) -> AsyncIterator[str]:
        pictures = await self._pictures()
        for reader in pictures:
            for owner in pictures:
                if owner != reader:
                    for each in truths.not_converged(pictures, owner, reader):
                        yield each
        for each in truths.waiting(pictures):
            yield each

    async def _wrongs_in_the_end(self) -> list[str]:
        return list(truths.wrongs(await self._pictures(), self.story.ledger, self.village))


def _is_undone(doing: Doing, hub: SimulatedHub, kept_at: float) -> bool:
    """By a hub that is again as it was then. What it had been told by others, or had to tell them,
    it knows no more."""
    if doing.is_answered_by(kept_at) and not doing.is_kept:
        return False
    if doing.owner == hub.authority:
        return True
    return doing.by == hub.authority and doing.is_kept and not doing.is_answered_by(kept_at)


def pulling_of(service: Service) -> Pulling:
    return Pulling(
        service.database,
        service.hub,
        service.clock,
        service.chance,
        service.abroad.outgoing,
        service.abroad.tokens,
        lambda: nobodys(service),
    )


def nobodys(service: Service) -> Context:
    """For what time brings."""
    state = {"request_id": "time_of_the_simulation"}
    asked = service.asked_by_nobody(Request({"type": "http", "headers": [], "state": state}))
    asked.viewer = BY_TIME
    return asked
