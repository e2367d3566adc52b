"""Which documents the operator trusts, as this process knows, and which one a request names.

The rows are in the database, so that every process knows a document soon after it was added, and
forgets it soon after it was removed. Nobody can make a process ask the database often: what many
requests want to know is asked at once, one statement at a time and few a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from domain.errors import Busy
from schema.codes import Code, refusal
from schema.documents import Asked, Documents, Refused, digest_of

Find = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]

KNOWN_SECONDS = 30.0
PAUSE_SECONDS = 0.1
_WAIT_SECONDS = 5.0


async def nothing_is_trusted(digests: Collection[str]) -> Mapping[str, str]:
    return {}


class TrustedDocuments:
    """`find` gives the texts of those of some digests that are trusted. `only` says that nothing
    else is run. What was found is looked for again after `known_seconds`."""

    def __init__(
        self,
        find: Find = nothing_is_trusted,
        *,
        only: bool = False,
        known_seconds: float = KNOWN_SECONDS,
    ) -> None:
        self.only = only
        self._known_seconds = known_seconds
        self._find = find
        # Of those that were found, and so no more than there are.
        self._known_until: dict[str, float] = {}
        self._wanted: set[str] = set()
        self._next: asyncio.Task[Mapping[str, str]] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._rested_at = 0.0

    async def named(self, asked: Asked, documents: Documents) -> Asked:
        """What is asked, with the text of what its digest names where that is known here; or
        `Refused`, where only trusted documents run and this is none of them."""
        digest = asked.digest
        if not self.only and (digest is None or asked.source or documents.holds(asked)):
            return asked
        if digest is None:
            digest = digest_of(asked.source)
        trusted = replace(asked, digest=digest, trusted=True)
        known = self._known_until.get(digest, 0.0) > asyncio.get_running_loop().time()
        if known and documents.holds(trusted):
            return trusted
        text = await self._text(digest)
        if text is not None:
            return trusted if trusted.source else replace(trusted, source=text)
        if self.only:
            raise _not_trusted()
        return asked

    async def _text(self, digest: str) -> str | None:
        """As the database has it now. Whoever waits and leaves takes nobody's answer away."""
        self._wanted.add(digest)
        if self._next is None:
            self._next = asyncio.create_task(self._look_up())
            self._next.add_done_callback(_heard)
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                found = (await asyncio.shield(self._next)).get(digest)
        except TimeoutError:
            raise Busy("This hub is busy. Try again in a moment.") from None
        if found is None:
            self._known_until.pop(digest, None)
        else:
            now = asyncio.get_running_loop().time()
            self._known_until[digest] = now + self._known_seconds
        return found

    async def _look_up(self) -> Mapping[str, str]:
        """Those that are wanted when its turn comes; who asks later is in the next one."""
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self._rested_at - loop.time())
            wanted, self._wanted, self._next = self._wanted, set(), None
            try:
                return await self._find(wanted)
            finally:
                self._rested_at = loop.time() + PAUSE_SECONDS


def _heard(looked_up: "asyncio.Task[Any]") -> None:
    """An error is raised for those who wait; that nobody does any more is none of its own."""
    if not looked_up.cancelled():
        looked_up.exception()


def _not_trusted() -> Refused:
    return Refused(
        refusal(
            Code.DOCUMENT_NOT_TRUSTED,
            "This hub runs trusted documents alone. Ask its operator to add yours "
            "(./convoke documents add), and send its `documentId`.",
        )
    )
