"""One schedule: a seed says who does what when, and what goes wrong meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from random import Random

from sqlalchemy import text, update
from starlette.requests import Request

from domain.actors import BY_TIME
from federation.delivering import Delivering
from federation.mirroring.pulling import Pulling
from resolvers.context import Context
from storage import feeds
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.peer_tables import deliveries, mirror_channels
from tests.simulation import truths
from tests.simulation.doings import Ledger, Villagers
from tests.simulation.network import Weather
from tests.simulation.village import Village, database_of
from tests.simulation.virtual_time import SimulatedLoop
from tests.simulation.world import SimulatedHub, World
from tests.walks.picture import Picture, taken
from web.poking import Pokes
from web.service import Service
from web.settings import read_settings
from web.worker import worker_of

LOOK_SECONDS = 3.0
POKES = 0.5
ROUNDS = 8  # within which all hubs agree, once nothing goes wrong any more
A_WHILE = 40.0  # longer than a hub waits between two looks


@dataclass(frozen=True, slots=True)
class Plan:
    """What a seed stands for. Each draws a mixture of its own: an even one hides what only happens
    when one thing goes wrong often."""

    hubs: int
    doings: int  # of each villager
    weather: Weather
    crash_at_question: float
    cut_at_question: float
    partitions: float
    crashes: float
    restores: bool
    clocks: tuple[float, ...]

    @classmethod
    def of(cls, seed: int) -> "Plan":
        random = Random(seed)  # noqa: S311 - taken again

        def at_times(most: float, often: float = 0.6) -> float:
            return random.random() * most if random.random() < often else 0.0

        return cls(
            hubs=random.choice((3, 3, 3, 4)),
            doings=random.randrange(5, 11),
            weather=Weather(
                lost=at_times(0.3),
                answer_lost=at_times(0.3),
                doubled=at_times(0.3),
                delay=random.choice((0.02, 0.5, 3.0)),
            ),
            crash_at_question=at_times(0.002),
            cut_at_question=at_times(0.004),
            partitions=at_times(0.5),
            crashes=at_times(0.15),
            restores=random.random() < 0.2,
            clocks=tuple(random.uniform(-20, 20) for _ in range(4)),
        )


@dataclass
class Story:
    """What came of it."""

    seed: int
    ledger: Ledger
    happened: Counter[str]
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"Schedule {self.seed}: {dict(self.happened)}"]
        lines += [f"  {doing}" for doing in self.ledger.doings]
        lines += [f"WRONG: {each}" for each in self.wrong]
        return "\n".join(lines)


def run(seed: int, village: Village, postgres: EmbeddedPostgres) -> Story:
    loop = SimulatedLoop(seed)
    asyncio.set_event_loop(loop)
    schedule = Schedule(seed, loop, village, postgres)
    try:
        try:
            return loop.run_until_complete(schedule.told())
        finally:
            loop.run_until_complete(schedule.world.end())
    finally:
        loop.close()
        asyncio.set_event_loop(None)
        schedule.cleared()


async def worker(service: Service) -> None:
    """As it runs inside a hub. Nobody listens for what moved: a notification comes when PostgreSQL
    likes, and no seed says when. Instead, people's hubs poke now and then (`_poke`)."""
    async with worker_of(
        service.database.url,
        service.hub,
        service.clock,
        service.chance,
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
        self, seed: int, loop: SimulatedLoop, village: Village, postgres: EmbeddedPostgres
    ) -> None:
        self.plan = Plan.of(seed)
        self.postgres = postgres
        self.village = village
        self.world = World(loop, seed, (worker,))
        self.story = Story(seed, Ledger(), self.world.happened)
        self.names: dict[str, str] = {}
        for villager, clock in zip(village.villagers, self.plan.clocks, strict=True):
            if len(self.names) == self.plan.hubs:
                break
            authority = villager.authority
            name = self.names[authority] = f"now_{authority.partition('.')[0]}"
            postgres.drop_database(name)
            postgres.create_database(name, template=database_of(authority))
            settings = replace(
                read_settings({"CONVOKE_HUB_NAME": f"Hub {authority}"}),
                base_url=f"https://{authority}",
            )
            self.world.hubs[authority] = SimulatedHub(
                authority, postgres.url(name), settings, wrong_by=clock
            )

    def cleared(self) -> None:
        for name in self.names.values():
            self.postgres.drop_database(name)

    async def told(self) -> Story:
        world, plan = self.world, self.plan
        for hub in world.hubs.values():
            await world.start(hub)
        world.network.weather = plan.weather
        world.crash_at_question = plan.crash_at_question
        world.cut_at_question = plan.cut_at_question
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
        return self.story

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────

    async def _chaos(self) -> None:
        world, plan, random = self.world, self.plan, self.world.random
        kept: str | None = None
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
            if random.random() < POKES:
                self._poke(hub)
            if plan.restores and random.random() < 0.3:
                if kept is None:
                    kept = hub.authority
                    await self._keep(hub)
                elif random.random() < 0.4 and not world.happened["restores"]:
                    await self._restore(world.hubs[kept])

    def _poke(self, hub: SimulatedHub) -> None:
        other = self.world.hubs[self.world.random.choice(list(self.world.hubs))]
        if hub.life is None or other.life is None or other is hub:
            return
        service, hub_id = hub.life.service, other.life.service.hub.id
        self.world.begin(hub.life.doer, Pokes(service.database, service.abroad).send(hub_id))

    async def _keep(self, hub: SimulatedHub) -> None:
        """A copy of its database, taken while it stands still."""
        self.world.crash(hub, for_seconds=1.0)
        name = self.names[hub.authority]
        self.names["kept"] = f"{name}_kept"
        self.postgres.drop_database(self.names["kept"])
        await copied(self.postgres, name, self.names["kept"])

    async def _restore(self, hub: SimulatedHub) -> None:
        """What it had answered since is lost, as whoever restores it knows; and its people and those
        of others stand by what they find."""
        world, ledger = self.world, self.story.ledger
        world.happened["restores"] += 1
        world.crash(hub, for_seconds=3.0)
        name = self.names[hub.authority]
        self.postgres.drop_database(name)
        await copied(self.postgres, self.names["kept"], name)
        database = Database(hub.url)
        async with database.writing() as db:
            await feeds.begin_anew(db)
        await database.close()
        ledger.doings = [each for each in ledger.doings if each.owner != hub.authority]
        fair = ledger.events[self.village.fair]
        for event in [each for each in ledger.events.values() if each.owner == hub.authority]:
            if event is not fair:
                del ledger.events[event.id]
        if fair.owner == hub.authority:
            fair.version = 1

    # ── and what must hold then ──────────────────────────────────────────────────────────────────

    async def _heal(self) -> None:
        world = self.world
        world.crash_at_question = world.cut_at_question = 0.0
        world.network.cut.clear()
        world.network.weather = Weather()
        await asyncio.sleep(30)  # who is down comes back, and what is late arrives
        for hub in world.hubs.values():
            assert hub.life is not None, f"{hub.authority} did not come back"
        for _ in range(ROUNDS):
            for hub in world.hubs.values():
                await self._read_all(hub)
            await asyncio.sleep(A_WHILE)
            if not [each async for each in self._differences()]:
                return

    async def _read_all(self, hub: SimulatedHub) -> None:
        """Every other hub, and what waits for them is told, without waiting for what failed before
        to be due."""
        life = hub.life
        assert life is not None

        async def read() -> None:
            service = life.service
            async with service.database.writing() as db:
                await db.execute(update(mirror_channels).values(next_at=None, failures=0))
                await db.execute(update(deliveries).values(next_at=service.clock.now()))
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

    async def _wrongs_in_the_end(self) -> list[str]:
        return list(truths.wrongs(await self._pictures(), self.story.ledger, self.village))


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
    asked = service.asked_by_nobody(Request({"type": "http", "headers": [], "state": {}}))
    asked.viewer = BY_TIME
    return asked


async def copied(postgres: EmbeddedPostgres, source: str, target: str) -> None:
    """Nobody may be connected to the source: whoever still is, is shown out."""
    beside = Database(postgres.url("postgres"))
    ending = text(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = :of"
    )
    async with beside.writing() as db:
        await db.execute(ending, {"of": source})
    await beside.close()
    postgres.create_database(target, template=source)
