"""A clock that stands until it is set, and chance that comes out the same every time."""

import hashlib
from datetime import UTC, datetime, timedelta

# A Monday in March: before the change to summer time, on either side of the ocean.
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)


class StandingClock:
    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


class SeededChance:
    """The bytes of a hash chain: never the same twice in a run, and the same in every run."""

    def __init__(self, seed: str = "convoke") -> None:
        self._seed = seed
        self._drawn = 0

    def token_bytes(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed}:{self._drawn}".encode()).digest(count)
