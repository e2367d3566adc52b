"""What hubs in one process need not do again in each of their lives: nothing of it is theirs.

A schedule starts some dozens of hubs, and each would compile the same statements anew. And a pool
asks whether a connection still lives each time it gives it out, in three questions: here that is known.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache

from storage import engine as engines


class Shared:
    """Kept for the whole run."""

    def __init__(self) -> None:
        self._first: Any = None
        self._read: LRUCache[Any, Any] = LRUCache(1_000)
        self._make = engines._engine
        self._initialize: Any = PGDialect_asyncpg.initialize
        self._met: dict[str, Any] = {}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        with (
            patch.object(engines, "_engine", self._engine),
            patch.object(engines, "LRUCache", lambda _size: self._read),
            patch.object(PGDialect_asyncpg, "initialize", self._meet),
            patch.object(PGDialect_asyncpg, "do_ping", staticmethod(_lives)),
        ):
            yield

    def _engine(self, url: str, pool: engines.Pool) -> AsyncEngine:
        made = self._make(url, pool)
        sync: Any = made.sync_engine
        if self._first is None:
            self._first = sync
        sync.dialect = sync.pool._dialect = self._first.dialect
        sync._compiled_cache = self._first._compiled_cache
        return made

    @property
    def _meet(self) -> Any:
        shared = self

        def initialize(dialect: Any, connection: Any) -> None:
            """What a server of this version can do."""
            if not shared._met:
                before = dict(vars(dialect))
                shared._initialize(dialect, connection)
                shared._met = {k: v for k, v in vars(dialect).items() if before.get(k) is not v}
            vars(dialect).update(shared._met)
            vars(shared._first.dialect).update(shared._met)

        return initialize


def _lives(connection: Any) -> bool:
    return not connection._connection.is_closed()
