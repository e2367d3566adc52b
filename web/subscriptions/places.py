"""So many connections that stay, and no more; and when this process stops, all are asked to go."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

STOP = "stop"  # in the state of the application's lifespan: what sets `Places.leaving`


class Full(Exception):  # noqa: N818 - told to the caller, no error of ours
    """Every place is taken."""


class Places:
    """Of one process. `leaving` is set when it stops."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0
        self.leaving = asyncio.Event()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place as long as this lasts, or `Full`."""
        if self.taken >= self.most:
            raise Full
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
