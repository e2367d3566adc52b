"""What waits for another hub: kept with what was told to the person, and tried until it is heard.

A few changes may wait for their owner (`MAY_WAIT`): an answer to a date, one taken back, and who was
there. The first that waits for a hub goes before all others to it; hubs wait for one another never.
The owner does it once by its key, also where it had heard it before and its answer was lost. What the
owner refuses, or has not heard after the last try, is told to the person.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actors import Viewer
from domain.errors import Passing, Problem
from domain.outside import Chance
from domain.peering import DeliveryStatus, PeeringStatus
from federation.answers_elsewhere import heard
from federation.forwarding import Forwarding, Sending, is_done, why_not
from federation.hub_tokens import PeerRefused
from resolvers.audit import note
from resolvers.context import Context
from resolvers.elsewhere import PeerAnswer, PeerUnreachable
from resolvers.what_time_brings import Duty
from storage import accounts, deliveries, mail, peers
from storage.deliveries import Delivery
from storage.engine import Writing
from storage.mail import Letter
from storage.peers import Peer

# After each try without an answer; a tenth more or less, so that hubs that were away together are not
# asked by everybody at once. After the last of them nothing more is tried.
PAUSES_SECONDS = (5, 30, 120, 600, 3_600, 6 * 3_600, 24 * 3_600)
EVERY_SECONDS = 5
REMEMBERED = timedelta(days=30)
MOST_HUBS = 20  # at once
MOST_IN_A_ROW = 50  # of one hub, before the others are looked at again

log = logging.getLogger("convoke.deliveries")


@dataclass(frozen=True, slots=True)
class Delivering:
    """What a worker tells other hubs."""

    forwarding: Forwarding
    chance: Chance

    @property
    def duties(self) -> tuple[Duty, ...]:
        return (
            Duty("deliver", EVERY_SECONDS, self.deliver, limit=MOST_HUBS),
            Duty("forget_deliveries", 3_600, forget, limit=1_000),
        )

    async def deliver(self, ctx: Context, now: datetime, limit: int) -> int:
        """To each hub that is due, one after another; to all of them at once. How many there were."""
        async with ctx.database.reading(fresh=True) as db:
            due = await deliveries.hubs_due(db, now, limit)
        await asyncio.gather(*(self._to_one(ctx, hub_id, now) for hub_id in due))
        return len(due)

    async def _to_one(self, ctx: Context, hub_id: str, now: datetime) -> None:
        try:
            for _ in range(MOST_IN_A_ROW):
                async with ctx.database.reading(fresh=True) as db:
                    waiting = await deliveries.first(db, hub_id, now)
                    peer = await peers.by_hub(db, hub_id)
                if waiting is None or peer is None or not await self._told(ctx, peer, waiting):
                    return
        except Exception:  # the others' deliveries go on; the head of this line is tried again
            log.exception("What waits for %s was not delivered.", hub_id)

    async def _told(self, ctx: Context, peer: Peer, waiting: Delivery) -> bool:
        """Whether the next in line may be tried."""
        if peer.status is PeeringStatus.ENDED:
            await self._failed(ctx, peer, waiting, "this hub does not work with it any more")
            return True
        if not peer.is_active:
            await self._put_off(ctx, peer, waiting, "the peering is not active")
            return False
        sending = Sending(waiting.document, waiting.variables, frozenset(waiting.scopes), "")
        viewer = Viewer(
            organization_id=waiting.organization_id,
            person_id=waiting.person_id,
            client_id=waiting.client_id,
            scopes=frozenset(waiting.scopes),
        )
        try:
            said = await self.forwarding.send(viewer, peer, sending, waiting.id)
        except (PeerUnreachable, PeerRefused, Passing) as silence:
            # The last is our own database's, which the token is kept in: nobody has refused it.
            return await self._put_off(ctx, peer, waiting, silence.message)
        except PeerAnswer as answer:
            if answer.is_done:
                await self._delivered(ctx, peer, waiting, viewer, None)
            else:
                await self._failed(ctx, peer, waiting, answer.message)
        except Problem as refused:
            await self._failed(ctx, peer, waiting, refused.message)
        else:
            if is_done(said):
                await self._delivered(ctx, peer, waiting, viewer, said.value)
            else:
                await self._failed(ctx, peer, waiting, why_not(said))
        return True

    async def _delivered(
        self, ctx: Context, peer: Peer, waiting: Delivery, viewer: Viewer, answer: object
    ) -> None:
        async with ctx.database.writing() as db:
            await heard(ctx, db, peer, viewer, answer)
            await deliveries.settle(
                db, waiting.id, DeliveryStatus.DELIVERED, ctx.clock.now(), answer=answer
            )

    async def _put_off(self, ctx: Context, peer: Peer, waiting: Delivery, why: str) -> bool:
        if waiting.attempts >= len(PAUSES_SECONDS):
            await self._failed(ctx, peer, waiting, why)
            return True
        async with ctx.database.writing() as db:
            pause = PAUSES_SECONDS[waiting.attempts] * self._about()
            next_at = ctx.clock.now() + timedelta(seconds=pause)
            await deliveries.put_off(db, waiting.id, next_at, why)
        return False

    def _about(self) -> float:
        """Between 0.9 and 1.1."""
        return 0.9 + 0.2 * int.from_bytes(self.chance.token_bytes(2)) / 65_535

    async def _failed(self, ctx: Context, peer: Peer, waiting: Delivery, why: str) -> None:
        now = ctx.clock.now()
        async with ctx.database.writing() as db:
            if await deliveries.settle(db, waiting.id, DeliveryStatus.FAILED, now, why=why):
                await note(ctx, db, "delivery.failed", waiting.subject_id)
                await _tell(ctx, db, peer, waiting, why)


async def forget(ctx: Context, now: datetime, limit: int) -> int:
    async with ctx.database.writing() as db:
        return await deliveries.forget(db, now - REMEMBERED, limit)


async def _tell(ctx: Context, db: Writing, peer: Peer, waiting: Delivery, why: str) -> None:
    """The person, where a letter reaches them."""
    addresses = await accounts.addresses_of(db, waiting.person_id)
    text = (
        f"On {ctx.hub.name} you answered to something of {peer.name}, and it did not come to pass:\n\n"
        f"    {why}\n\nLook how it stands there: {peer.url}\n"
    )
    subject = f"{peer.name} has not taken your answer"
    letters = [Letter(address, subject, text) for address in addresses[:1]]
    await mail.post(db, ctx.names, letters, ctx.clock.now())
