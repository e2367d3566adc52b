"""Which feeds moved, and which of the things somebody watches: one look for a whole process.

Every process of a hub has one `Moved`. It listens for what `storage.notices` tells behind commits,
looks then, and every few seconds by itself, in case a notification was lost; after a connection
was lost, everything counts as moved. However many wait, the database is asked two questions a look.

    async with moved.running():                          once for each process
    await moved.wait("public", beyond=41, seconds=30)    until that feed is past 41 (a long poll)
    async with moved.listen() as channels:               those that moved since it was asked last
        async for names in channels: ...
    with moved.watching(Thing(event_id)) as watch:       one thing, whoever may see it
        await watch.moved()

Rows hold the truth: whoever is woken reads for themselves what they may see.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import asyncpg

from storage.engine import Database
from storage.notices import CHANNEL
from storage.refusals import log

LOOK_SECONDS = 10.0
PAUSE_SECONDS = 0.05  # between two looks
SHARE = 5  # of the time that a look takes, so long is the pause at least
LOST_SECONDS = 10.0  # a database that does not say a word for so long is gone
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.25, 15.0

_HEADS = """
select f.channel, f.epoch, greatest(f.compacted_to, (
    select e.seq from feed_entries e where e.channel = f.channel order by e.seq desc limit 1
  )) as head
from feeds f
"""
# How a thing stands: its version, and which transactions wrote it and its parts (their sum is
# another one after each change, whichever of them ends first). Where it is published too: by what
# others did, it may have come into sight or left it. Of who looks, where they belong.
_THINGS = """
select w.id, coalesce(e.version, a.version) as version, concat_ws(' ', e.xmin, a.xmin,
  (select count(*) || ' ' || sum(h.xmin::text::bigint) from event_hosts h where h.event_id = e.id),
  (select count(*) || ' ' || sum(s.xmin::text::bigint) from event_shares s where s.event_id = e.id),
  (select count(*) || ' ' || sum(m.xmin::text::bigint) from alliance_members m where m.alliance_id = a.id),
  (select count(*) || ' ' || sum(g.xmin::text::bigint) from agreements g where g.alliance_id = a.id),
  (select count(*) || ' ' || sum(p.xmin::text::bigint) from proposals p where p.alliance_id = a.id),
  (select count(*) || ' ' || sum(f.xmin::text::bigint) from feed_entries f where f.thing_id = w.id),
  (select count(*) || ' ' || sum(m.xmin::text::bigint) from alliance_members m where m.organization_id = w.id),
  (select count(*) || ' ' || sum(g.xmin::text::bigint) from group_members g where g.person_id = w.id),
  (select count(*) || ' ' || sum(t.xmin::text::bigint) from team_members t where t.person_id = w.id)
) as standing
from unnest($1::text[]) w (id) left join events e on e.id = w.id left join alliances a on a.id = w.id
"""
_OWN = {
    "application_name": "convoke: moved",
    "timezone": "UTC",
    "statement_timeout": "5000",
    "jit": "off",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "5",
    "tcp_user_timeout": "15000",
}

Connection = Any  # asyncpg has no types


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Thing:
    """An event or an alliance, by its id: also one that nobody else sees. Or an organization or a
    person, of which nothing is told but that it belongs elsewhere."""

    id: str


Topic = Channel | Thing


@dataclass(slots=True, eq=False)
class Watch:
    """What somebody wants to hear of. It holds no more than that something moved since they asked
    last, however often it did."""

    topics: tuple[Topic, ...]
    version: int | None = None  # of the first, if it is there: of a feed, its head
    _standings: dict[Topic, object] = field(default_factory=dict)
    _has_moved: asyncio.Event = field(default_factory=asyncio.Event)
    _is_looked_at: asyncio.Event = field(default_factory=asyncio.Event)

    async def begun(self) -> None:
        """Until all of it was looked at once: what changes from then on is heard of."""
        await self._is_looked_at.wait()

    async def moved(self) -> None:
        """Until it has moved since this was asked last."""
        await self._has_moved.wait()
        self._has_moved.clear()

    def stands(
        self, topic: Topic, standing: object, version: int | None, *, is_unsure: bool
    ) -> None:
        """As it was found in a look. `is_unsure`: it may have moved and come back since the last."""
        if topic in self._standings and (is_unsure or standing != self._standings[topic]):
            self._has_moved.set()
        self._standings[topic] = standing
        if topic == self.topics[0]:
            self.version = version
        if len(self._standings) == len(self.topics):
            self._is_looked_at.set()


class Moves:
    """The channels that moved since they were last taken from here."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._some = asyncio.Event()

    def add(self, names: frozenset[str]) -> None:
        self._names |= names
        self._some.set()

    def __aiter__(self) -> "Moves":
        return self

    async def __anext__(self) -> frozenset[str]:
        await self._some.wait()
        self._some.clear()
        taken, self._names = frozenset(self._names), set()
        return taken


class Moved:
    """One for each process. `heads` is the last number of each feed, as of the last look."""

    def __init__(self, database: Database, look_seconds: float = LOOK_SECONDS) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._feeds: dict[str, tuple[str, int]] = {}  # epoch and head
        self._heads: dict[str, int] = {}
        self.heads: Mapping[str, int] = MappingProxyType(self._heads)
        self._watched: dict[Topic, set[Watch]] = {}
        self._listeners: set[Moves] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_in_trouble = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks as long as this lasts. Where the database is away, until it is back."""
        if self._task is not None:
            raise RuntimeError("It runs already, once for each process.")
        self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait([task])

    async def wait(self, channel: str, beyond: int, seconds: float) -> bool:
        """Whether the head of that channel is beyond the number, or comes to be in time."""
        if self._heads.get(channel, 0) > beyond:
            return True
        deadline = asyncio.timeout(seconds)
        try:
            with self.watching(Channel(channel)) as watch:
                async with deadline:
                    await watch.begun()
                    while self._heads.get(channel, 0) <= beyond:
                        await watch.moved()
        except TimeoutError:
            if not deadline.expired():
                raise
            return False
        return True

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[frozenset[str]]]:
        self._require_running()
        listener = Moves()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    @contextmanager
    def watching(self, *topics: Topic) -> Iterator[Watch]:
        self._require_running()
        watch = Watch(tuple(dict.fromkeys(topics)))
        for topic in watch.topics:
            self._watched.setdefault(topic, set()).add(watch)
        self._wake.set()
        try:
            yield watch
        finally:
            for topic in watch.topics:
                others = self._watched[topic]
                others.discard(watch)
                if not others:
                    del self._watched[topic]

    @property
    def watched(self) -> int:
        """How many things and feeds somebody watches."""
        return len(self._watched)

    def _require_running(self) -> None:
        if self._task is None:
            raise RuntimeError("Nobody looks: enter `running()` first, once for each process.")

    async def _run(self) -> None:
        retry = FIRST_RETRY_SECONDS
        while True:
            try:
                async with self._connected() as connection:
                    retry = FIRST_RETRY_SECONDS
                    await self._look_on(connection)
            except Exception as error:  # whatever it is, it is tried again
                if not self._is_in_trouble:
                    log.warning("Nobody hears what moves until this passes: %r", error)
                self._is_in_trouble = True
            await asyncio.sleep(retry)
            retry = min(2 * retry, LAST_RETRY_SECONDS)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        engine = self._database.engine
        _, options = engine.dialect.create_connect_args(engine.url)
        async with asyncio.timeout(LOST_SECONDS):
            connection: Connection = await asyncpg.connect(**{**options, "server_settings": _OWN})
        try:
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
            yield connection
        finally:
            connection.terminate()

    async def _look_on(self, connection: Connection) -> None:
        await self._look(connection, is_first=True)
        if self._is_in_trouble:
            log.warning("What moves is heard of again.")
        self._is_in_trouble = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(self._look_seconds):
                    await self._wake.wait()
            except TimeoutError:
                pass  # nobody said a word: it is looked all the same
            self._wake.clear()
            began = loop.time()
            await self._look(connection)
            await asyncio.sleep(max(PAUSE_SECONDS, SHARE * (loop.time() - began)))

    async def _look(self, connection: Connection, *, is_first: bool = False) -> None:
        """`is_first` on this connection: what moved before is not known, so all did."""
        rows = await connection.fetch(_HEADS, timeout=LOST_SECONDS)
        now = {row["channel"]: (row["epoch"], row["head"]) for row in rows}
        moved = frozenset(
            name for name, stands in now.items() if is_first or self._feeds.get(name) != stands
        )
        self._feeds = now
        self._heads.clear()
        self._heads.update({name: head for name, (_, head) in now.items()})
        if moved:
            for listener in self._listeners:
                listener.add(moved)
        ids = [topic.id for topic in self._watched if isinstance(topic, Thing)]
        things = await connection.fetch(_THINGS, ids, timeout=LOST_SECONDS) if ids else ()
        standings = {Thing(row["id"]): (row["standing"], row["version"]) for row in things}
        for topic, watches in self._watched.items():
            if isinstance(topic, Channel):
                feed = now.get(topic.name)
                standing: tuple[object, int | None] = (feed, feed[1] if feed else None)
            elif topic in standings:
                standing = standings[topic]
            else:
                continue  # it is watched since we asked: the next look is for it
            for watch in watches:
                watch.stands(topic, *standing, is_unsure=is_first)
