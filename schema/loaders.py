"""Reading at once what many ask for in one turn of the loop, each key once in an operation.

A batch is a task of the operation's context, which ends it with the operation. Whoever waits for it
then hears so; strawberry's DataLoader leaves them waiting for ever where a batch is stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from resolvers.context import Context

MOST = 1_000  # keys in one statement

Load = Callable[[list[str]], Awaitable[Sequence[Any]]]


class Loader:
    """`load` gives a value for each key, in their order."""

    def __init__(self, ctx: Context, load: Load) -> None:
        self._ctx = ctx
        self._load = load
        self._batches: dict[str, asyncio.Task[dict[str, Any]]] = {}
        self._keys: list[str] = []
        self._batch: asyncio.Task[dict[str, Any]] | None = None  # that keys can still be added to

    async def get(self, key: str) -> Any:
        """What there is for the key. Other fields may wait for the same: where this one is given
        up, because a field beside it failed, they are not."""
        batch = self._batches.get(key)
        if batch is None:
            batch = self._batches[key] = self._batch or self._begun()
            self._keys.append(key)
            if len(self._keys) == MOST:
                self._batch = None
        return (await asyncio.shield(batch))[key]

    def _begun(self) -> asyncio.Task[dict[str, Any]]:
        self._keys = []
        self._batch = self._ctx.begin(self._read(self._keys))
        return self._batch

    async def _read(self, keys: list[str]) -> dict[str, Any]:
        await asyncio.sleep(0)  # what hangs from the batch before is asked for in two turns
        if self._keys is keys:
            self._batch = None
        return dict(zip(keys, await self._load(keys), strict=True))
