"""What the rules need of the world outside: the time, and chance.

Both are handed in, never reached for, so that any run can be replayed from its seed.
The real ones are made in `web/outside.py`.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class Chance(Protocol):
    def token_bytes(self, count: int) -> bytes:
        """That many bytes nobody can guess."""
        ...
