"""How answers of our people stand by now: their owners are asked, for whoever gave each of them.

Nobody tells a hub what became of an answer of its people, as answers are in no feed. One that waits for
a word of the host, or for a place, is asked about often; one that stands, from time to time.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.actors import Viewer
from domain.errors import Problem
from federation.answers_elsewhere import asked_again, status_in
from federation.forwarding import Forwarding
from resolvers.context import Context
from resolvers.elsewhere import Question
from resolvers.what_time_brings import Duty
from storage import answers_elsewhere as stored
from storage.answers_elsewhere import Waiting

EVERY_SECONDS = 60
AT_ONCE = 100  # as many as `nodes` takes
WITHOUT_ANSWER = timedelta(minutes=30)
KEPT = timedelta(days=30)
SECONDS = 4.0
SCOPES = frozenset({"attendance:write", "events:read"})
ASKED = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Rsvp { id status } } }"

log = logging.getLogger("convoke.answers_elsewhere")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a worker asks other hubs."""

    forwarding: Forwarding

    @property
    def duties(self) -> tuple[Duty, ...]:
        return (
            Duty("ask_of_answers", EVERY_SECONDS, self.ask, limit=AT_ONCE),
            Duty("forget_answers_elsewhere", 3_600, forget, limit=1_000),
        )

    async def ask(self, ctx: Context, now: datetime, limit: int) -> int:
        """How many there were to ask about. Of each person by themself, under their own token."""
        async with ctx.database.reading(fresh=True) as db:
            waiting = await stored.to_ask(db, now, limit)
        groups: defaultdict[tuple[str, ...], list[Waiting]] = defaultdict(list)
        for each in waiting:
            groups[each.authority, each.person_id, each.organization_id].append(each)
        for those in groups.values():
            await self._of_one(ctx, those, now)
        return len(waiting)

    async def _of_one(self, ctx: Context, those: Sequence[Waiting], now: datetime) -> None:
        first = those[0]
        viewer = Viewer(
            organization_id=first.organization_id,
            person_id=first.person_id,
            client_id=first.client_id,
            scopes=SCOPES,
        )
        question = Question(ASKED, {"ids": [each.id for each in those]}, SCOPES, SECONDS)
        try:
            said = await self.forwarding.look(
                replace(ctx, viewer=viewer), first.authority, question
            )
        except Problem as problem:
            log.info("%s does not say how answers stand: %s", first.authority, problem.message)
            said = None
        async with ctx.database.writing() as db:
            silent = {each.id for each in those}
            for node in said if isinstance(said, list) else ():
                status = status_in(node)
                if status is not None and node["id"] in silent:
                    silent.remove(node["id"])
                    await stored.stands(db, node["id"], status, asked_again(status, now))
            await stored.ask_again(db, silent, now + WITHOUT_ANSWER)


async def forget(ctx: Context, now: datetime, limit: int) -> int:
    async with ctx.database.writing() as db:
        return await stored.forget(db, now - KEPT, limit)
