"""How often somebody may try, by client, by account and by address, counted for all processes at once.

A count drains with time: `burst` tries at once, and one more every `seconds`. Whoever is refused is
told how long to wait, and their refused tries do not make it longer, so that nobody can shut another
out for good.
"""

from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from typing import ClassVar

from auth.desk import Desk
from domain.errors import Problem
from domain.words import say
from storage import throttles


class TooManyTries(Problem):
    """Too often of late. 429, with Retry-After (RFC 6585 s4)."""

    code: ClassVar[str] = "RATE_LIMITED"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            say(
                "Too many tries of late. Wait %(wait_seconds)s seconds, and try again.",
                wait_seconds=wait_seconds,
            )
        )
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` is what is counted, and by what: "password by account"."""

    name: str
    burst: int
    seconds: float


async def count(desk: Desk, limit: Limit, by: str) -> None:
    """One more try by that client, account or address. Raises `TooManyTries`.

    In a transaction of its own: a try counts also where what was tried comes to nothing.
    """
    # Whoever reads the table learns no address.
    key = sha256(f"{limit.name}\0{by}".encode("utf-8", "surrogatepass")).digest()
    async with desk.database.writing() as db:
        level = await throttles.add(db, key, desk.clock.now(), limit.burst, limit.seconds)
    if level > limit.burst:
        raise TooManyTries(max(1, ceil((level - limit.burst) * limit.seconds)))
