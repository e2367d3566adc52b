"""What metrics say of the hub as a whole, looked up in its rows: the same whichever process is asked.

It is kept for a few seconds: several Prometheus servers ask no more of the database than one.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from domain.outside import Clock
from storage.engine import Database
from storage.operating import Standing, standing
from web.operating import metrics as m
from web.operating.readiness import free_bytes

KEPT_SECONDS = 5.0
DEADLINE_SECONDS = 2.0

log = logging.getLogger("convoke.metrics")


class HubFigures:
    """A `Look` of `Metrics`."""

    def __init__(self, database: Database, clock: Clock, data: Path) -> None:
        self._database = database
        self._clock = clock
        self._data = data
        self._found: Standing | None = None
        self._until = float("-inf")
        self._one_at_a_time = asyncio.Lock()
        self._is_in_trouble = False

    async def __call__(self) -> m.Figures:
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._until:
                self._found = await self._standing()
                self._until = loop.time() + KEPT_SECONDS
        return tuple(self._figures(self._found, self._clock.now()))

    async def _standing(self) -> Standing | None:
        """None where the database does not tell in time: the rest is worth telling then, above all."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS), self._database.reading(fresh=True) as db:
                found = await standing(db)
        except Exception as trouble:
            if not self._is_in_trouble:
                log.warning("Metrics are told without the database: %s", type(trouble).__name__)
            self._is_in_trouble = True
            return None
        self._is_in_trouble = False
        return found

    def _figures(
        self, found: Standing | None, now: datetime
    ) -> Iterator[tuple[m.Series, tuple[str, ...], float]]:
        yield m.DISK, (), free_bytes(self._data)
        yield m.UP, (), float(found is not None)
        if found is None:
            return
        for kind, head in found.feeds.items():
            yield m.FEED, (kind,), head
        yield m.MAIL, (), found.mail
        yield m.MAIL_AGE, (), _age(found.mail_since, now)
        for duty in found.duties:
            yield m.DUTY, (duty.name,), _age(duty.due_at, now)
            yield m.DUTY_FAILURES, (duty.name,), duty.failures
        if found.backup_at is not None:
            yield m.BACKUP, (), _age(found.backup_at, now)
        for peer in found.peers:
            named = (peer.authority,)
            yield m.PEER_LAG, named, _age(peer.synced_at or peer.since, now)
            yield m.PEER_FAULTS, named, peer.faults
            yield m.PEER_DELIVERIES, named, peer.deliveries
            yield m.PEER_OLDEST, named, _age(peer.oldest_at, now)
            yield m.PEER_REFUSED, named, peer.refused


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
