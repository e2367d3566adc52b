"""Doing things once: a change that is sent again under its key is not made again.

A client whose connection broke does not know whether its change was made. It sends it again under
the same key (draft-ietf-httpapi-idempotency-key-header), and is answered what it was answered
before. The key is written with the first change of the operation, in one transaction
(`Context.writing`): whatever happens to this process afterwards, a change that was made has its
key, and a key without a change is not there. What was refused has written nothing, and may be
tried again under its key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.actors import Viewer
from domain.errors import AnswerLost, KeyInUse, KeyReused
from storage import once as stored
from storage.engine import Database, Writing
from storage.once import Done, Name
from storage.refusals import explained

if TYPE_CHECKING:
    from resolvers.context import Context

KEPT = timedelta(days=7)  # longer than another hub tries to tell us something
LARGEST_ANSWER = 65_536  # bytes kept; changes answer with one thing as a rule


def name_of(viewer: Viewer, key: str) -> Name:
    return Name(viewer.client_id or "", viewer.organization_id or "", viewer.person_id or "", key)


@dataclass(slots=True, eq=False)
class Once:
    """One request under its key. `within` is how long it may be at work."""

    name: Name
    request_digest: bytes
    within: timedelta
    is_written: bool = False  # the key, and a change with it
    is_anothers: bool = False  # who has the same key at work

    async def earlier(self, database: Database, now: datetime) -> Done | None:
        """What was done under the key; without an answer it is still at work. Raises KeyReused,
        AnswerLost."""
        with explained():
            async with database.reading(fresh=True) as db:
                done = await stored.find(db, self.name, now - KEPT)
        if done is None:
            return None
        if done.request_digest != self.request_digest:
            raise KeyReused(
                "This Idempotency-Key was sent with another request. Use a new key for each change."
            )
        if done.answer is None and done.working_until <= now:
            raise AnswerLost(
                "This was begun and at least a part of it is done, but its answer was not kept. "
                "Read how things stand; send what is missing, if anything is, under a new key."
            )
        return done

    def begin(self) -> None:
        """Anew: whoever was first was refused, and has written nothing."""
        self.is_anothers = False

    async def write(self, db: Writing, now: datetime) -> None:
        """With the first change, in its transaction. Raises KeyInUse: then nothing is changed by
        any part of the operation, also where the other has ended meanwhile."""
        if self.is_written:
            return
        if not self.is_anothers:
            until = now + self.within
            new = await stored.add(db, self.name, self.request_digest, now, until, now - KEPT)
            self.is_anothers = not new
        if self.is_anothers:
            raise in_use()

    async def keep(self, database: Database, answer: bytes | None, now: datetime) -> None:
        """For whoever asks again. Without an answer, or with one too large to keep, they hear so
        at once."""
        with explained():
            async with database.writing() as db:
                if answer is None or len(answer) > LARGEST_ANSWER:
                    await stored.give_up(db, self.name, now)
                else:
                    await stored.keep_answer(db, self.name, answer)


async def forget(ctx: "Context", now: datetime, limit: int) -> int:
    """Takes away keys older than a week, and says how many there were. Nobody asks for them: what
    reads them looks at their age itself."""
    async with ctx.writing() as db:
        return await stored.forget(db, now - KEPT, limit)


def in_use() -> KeyInUse:
    return KeyInUse(
        "A request with this Idempotency-Key is at work. Send it again after the time in Retry-After."
    )
