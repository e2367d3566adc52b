"""Reading a peer's channels, one page after the other, into the mirror.

A turn with a peer reads every channel that is due, as far as there is something, and then says when
to come again; where nobody has said that there is news, it asks once of all of them. What goes wrong is the peer's own affair: a channel that is refused is forgotten, a bad
page leaves our place where it was and is a fault, and after `MOST_FAULTS` of those in a row the peering
is suspended. Whoever does not answer is asked later and later, and nobody else waits for them.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.channels import PUBLIC
from domain.hubs import LocalHub
from domain.outside import Chance, Clock
from domain.peering import POLL_SECONDS
from federation.client import OutgoingClient
from federation.mirroring import asking, glancing
from federation.mirroring.asking import Tokens, TooMuch, Unreachable
from federation.mirroring.reading import AskedInVain, BadPage
from resolvers import peering
from resolvers.context import Context
from storage import mirrors, mirrors_channels, mirrors_quiet, peers
from storage.engine import Database, Reading
from storage.mirrors import Place
from storage.mirrors_told import ToldPage
from storage.peers import Peer

MOST_FAULTS = 20  # bad pages in a row
PAGES_A_TURN = 50  # of one channel; then the others come first
# A page is read without a pause, and whoever asks this process something waits for that: of a
# thousand changes they would notice.
CHANGES_A_PAGE = 250
MOST_RESYNCS = 3  # of one channel in `RESYNC_WITHIN`: beyond that its epochs are made up
RESYNC_WITHIN = timedelta(hours=1)
POLL = timedelta(seconds=POLL_SECONDS)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
# A channel is not for us (any more), or there is none: the two look the same.
_CLOSED = frozenset({"CHANNEL_CLOSED", "NOT_FOUND", "FORBIDDEN"})
_RESYNC = "RESYNC"

log = logging.getLogger("convoke.mirrors")


@dataclass
class Pulling:
    """`context` makes one of nobody's, for what time brings. `outgoing` and `tokens` are this
    process's ways to other hubs."""

    database: Database
    hub: LocalHub
    clock: Clock
    chance: Chance
    outgoing: Callable[[], OutgoingClient]
    tokens: Tokens
    context: Callable[[], Context]
    # How many changes a channel's answers held last, where all that we may ask for were too many.
    _sizes: dict[tuple[str, str], int] = field(default_factory=dict)
    _resyncs: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    # One page at a time is written: peers that tell much at once share one connection.
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def turn(self, hub_id: str) -> None:
        """Every channel of that peer that is due, until nothing is, and no further one has come to
        be ours by what was read."""
        quiet: dict[str, str] | None = None
        done: set[str] = set()
        while True:
            known = await self._known(hub_id)
            if known is None:
                return
            peer, places = known
            due = [each for each in places if each.channel not in done and self._is_due(each)]
            if quiet is None:  # once in a turn
                quiet = await self._glance(peer, due)
                if quiet is None:
                    return
                done |= quiet.keys()
                due = [each for each in due if each.channel not in quiet]
            if not due:
                break
            for place in due:
                done.add(place.channel)
                if not await self._read(peer, place):
                    return
                if place.cursor is None:
                    break  # what it told may have opened others, or have them read anew
        await self._note_current(hub_id, [each for each in places if each.channel in quiet], quiet)

    async def _known(self, hub_id: str) -> tuple[Peer, list[Place]] | None:
        """The channels that are ours to read, by what is known here; None of who is no peer."""
        async with self.database.reading(fresh=True) as db:
            peer = await peers.by_hub(db, hub_id)
            if peer is None or not peer.is_active:
                return None
            kept = await mirrors.places(db, hub_id)
            if kept.keys() != await self._wanted(db, hub_id):
                kept = {}
        if not kept:
            kept = await self._opened(hub_id)
        # What concerns our organizations by name first: it says which alliances they are in.
        order = {self.hub.id: 0, PUBLIC: 2}
        found = sorted(
            kept.values(), key=lambda place: (order.get(place.channel, 1), place.channel)
        )
        return peer, found

    async def _wanted(self, db: Reading, hub_id: str) -> set[str]:
        return {PUBLIC, self.hub.id} | await mirrors_channels.shared_alliances(db, hub_id)

    def _is_due(self, place: Place) -> bool:
        return place.next_at is None or place.next_at <= self.clock.now()

    async def _opened(self, hub_id: str) -> dict[str, Place]:
        """Those that have come to be ours are opened, those that are no longer are forgotten."""
        # What is told of a hub that was unknown is read anew from all others: two that begin at one
        # moment would each wait for the other's rows.
        async with self._writing, self.database.writing() as db:
            wanted = await self._wanted(db, hub_id)
            kept = await mirrors.places(db, hub_id)
            if not kept:
                await mirrors_channels.read_others_anew(db, hub_id)
            for channel in sorted(kept.keys() - wanted):
                await mirrors.purge_channel(db, hub_id, channel)
            await mirrors.open_channels(db, hub_id, wanted - kept.keys())
            return await mirrors.places(db, hub_id)

    async def _glance(self, peer: Peer, due: Sequence[Place]) -> dict[str, str] | None:
        """Which of them have no news, and the place that each moves to; None where the peer does not
        answer. Nothing is asked where it said itself that there are news, or something is amiss."""
        if not due or not all(mirrors_quiet.is_quiet(each) for each in due):
            return {}
        try:
            return await glancing.glance(self.outgoing, self.tokens, peer, due)
        except Unreachable as problem:
            await self._failed(peer, due[0], problem.message, problem.wait_seconds)
            return None

    async def _read(self, peer: Peer, place: Place) -> bool:
        """Whether the peer is worth asking for its other channels."""
        try:
            await self._pages(peer, place)
        except mirrors.Elsewhere:
            log.info("%s of %s was read by somebody else meanwhile.", place.channel, peer.authority)
        except AskedInVain as refused:
            return await self._refused(peer, place, refused)
        except Unreachable as problem:
            await self._failed(peer, place, problem.message, problem.wait_seconds)
            return False
        except TooMuch as large:
            return await self._at_fault(peer, place, f"one change alone is too large: {large}")
        except BadPage as bad:
            return await self._at_fault(peer, place, str(bad))
        return True

    async def _pages(self, peer: Peer, place: Place) -> None:
        """While a page is written the peer is asked for the next one: one ahead, and never more."""
        seen = {place.cursor}
        coming = asyncio.create_task(self._page(peer, place))
        try:
            for turn in range(1, PAGES_A_TURN + 1):
                page = await coming
                if page.told and page.cursor in seen:
                    raise BadPage("the cursor goes round")
                seen.add(page.cursor)
                is_last = page.is_all or turn == PAGES_A_TURN
                if not is_last:
                    behind = replace(place, cursor=page.cursor)
                    coming = asyncio.create_task(self._page(peer, behind))
                place = await self._keep(place, page)
                if is_last:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)  # nobody waits for it any more

    async def _keep(self, place: Place, page: ToldPage) -> Place:
        async with self._writing, self.database.writing() as db:
            is_first = place.cursor is None and place.generation == 0
            behind = await mirrors.apply(db, place, page, self.clock.now(), POLL)
            if is_first and place.channel not in {PUBLIC, self.hub.id}:
                await mirrors.begin_others_anew(db, behind)
        return behind

    async def _page(self, peer: Peer, place: Place) -> ToldPage:
        """As many changes as fit into an answer."""
        key, most = (peer.hub_id, place.channel), max(1, min(peer.most_a_page, CHANGES_A_PAGE))
        first = min(self._sizes.get(key, most), most)
        while True:
            try:
                page = await asking.ask(self.outgoing, self.tokens, peer, place, first)
            except TooMuch:
                if first == 1:
                    raise
                first = max(1, first // 4)
                self._sizes[key] = first
                continue
            self._sizes[key] = min(most, first * 2)
            return page

    async def _refused(self, peer: Peer, place: Place, refused: AskedInVain) -> bool:
        if refused.code == _RESYNC:
            return await self._begin_anew(peer, place)
        if refused.code in _CLOSED and place.channel != PUBLIC:
            async with self.database.writing() as db:
                await mirrors.purge_channel(db, peer.hub_id, place.channel)
                await mirrors.open_channels(db, peer.hub_id, [place.channel])
            await self._failed(peer, place, str(refused))
            return True
        await self._failed(peer, place, str(refused))
        return True

    async def _begin_anew(self, peer: Peer, place: Place) -> bool:
        now, key = self.clock.now(), (peer.hub_id, place.channel)
        lately = [at for at in self._resyncs.get(key, []) if at > now - RESYNC_WITHIN]
        self._resyncs[key] = [*lately, now]
        if place.cursor is None or len(lately) >= MOST_RESYNCS:
            why = "RESYNC once more, of a channel that is read from its start"
            return await self._at_fault(peer, place, why)
        async with self.database.writing() as db:
            await mirrors.begin_anew(db, peer.hub_id, place.channel)
            place = (await mirrors.places(db, peer.hub_id))[place.channel]
        return await self._read(peer, place)

    async def _failed(self, peer: Peer, place: Place, why: str, wait_seconds: int = 0) -> None:
        now = self.clock.now()
        next_at = now + max(self._pause(place.failures), timedelta(seconds=wait_seconds))
        async with self.database.writing() as db:
            await mirrors.note_failure(db, place, why, now, next_at)
            await mirrors_channels.note_trouble(db, peer.hub_id, why, now)

    def _pause(self, failures: int) -> timedelta:
        """Twice as long each time, and never the same for all that wait for one hub."""
        longest: timedelta = min(LONGEST_PAUSE, SHORTEST_PAUSE * (1 << min(failures, 10)))
        return longest * (0.5 + self.chance.token_bytes(1)[0] / 512)

    async def _at_fault(self, peer: Peer, place: Place, why: str) -> bool:
        await self._failed(peer, place, why)
        async with self.database.writing() as db:
            faults = await peers.note_fault(db, peer.hub_id, why, self.clock.now())
        log.warning("%s answered with a bad page: %s (%d in a row).", peer.authority, why, faults)
        if faults < MOST_FAULTS:
            return True
        async with self.context() as ctx:
            await peering.suspend_for(ctx, peer.hub_id, f"{faults} bad pages in a row: {why}")
        return False

    async def _note_current(
        self, hub_id: str, quiet: Sequence[Place], cursors: Mapping[str, str]
    ) -> None:
        """Every channel was read to its end: then all that the peer had published is here."""
        async with self.database.writing() as db:
            await mirrors_quiet.note(db, quiet, cursors, self.clock.now(), POLL)
            kept = await mirrors.places(db, hub_id)
            # An alliance that is refused to us may be news that has not reached one of the two.
            ours = [
                each
                for channel, each in kept.items()
                if channel in {PUBLIC, self.hub.id} or each.failures == 0
            ]
            read = [each.current_at for each in ours if each.failures == 0 and each.current_at]
            if len(read) == len(ours):
                await peers.note_synced(db, hub_id, min(read))
