"""The real clock and the real chance. Everything below `web` is handed these."""

import os
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemChance:
    def token_bytes(self, count: int) -> bytes:
        return os.urandom(count)
