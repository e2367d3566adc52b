"""How answers of our people stand at the hubs that they were given to, so that we can write to them.

What the owner says of an answer is read out of what it says to the change itself (`ANSWER`). What its
hosts, or the line of those who wait, make of it later is asked of it (`asking_of_answers.py`).
"""

from datetime import datetime, timedelta
from typing import Any

from domain.actors import Viewer
from domain.ids import Kind, kind_of
from domain.rsvps import ANSWERS, PENDING, UNDER_WAY, WAITLISTED, RsvpStatus
from resolvers.context import Context
from resolvers.elsewhere import ANSWER
from storage import answers_elsewhere as stored
from storage.answers_elsewhere import Heard
from storage.engine import Writing
from storage.peers import Peer

AWAITS_A_WORD = timedelta(minutes=5)  # of the host, or of the line
STANDS = timedelta(hours=1)


async def heard(ctx: Context, db: Writing, peer: Peer, viewer: Viewer, said: object) -> None:
    """Of a change that was done, where it says how an answer of the viewer's stands."""
    answer = _answer_in(peer, said)
    if answer is None or viewer.person_id is None or viewer.organization_id is None:
        return
    now = ctx.clock.now()
    ask_at = asked_again(answer.status, now)
    if answer.status not in {*UNDER_WAY, *ANSWERS}:  # taken back, perhaps somebody else's
        await stored.stands(db, answer.id, answer.status, ask_at)
        return
    await stored.keep(
        db,
        answer,
        person_id=viewer.person_id,
        organization_id=viewer.organization_id,
        client_id=viewer.client_id,
        now=now,
        ask_at=ask_at,
    )


def asked_again(status: RsvpStatus, now: datetime) -> datetime | None:
    """When its owner is asked next how it stands; None where nothing more comes of it."""
    if status not in UNDER_WAY:
        return None
    return now + (AWAITS_A_WORD if status in {PENDING, WAITLISTED} else STANDS)


def _answer_in(peer: Peer, said: object) -> Heard | None:
    """It is a stranger's: an answer and a date of that hub's own, or nothing."""
    answer = said.get(ANSWER) if isinstance(said, dict) else None
    status = status_in(answer)
    if status is None or not isinstance(answer, dict):
        return None
    event, date = _id_in(answer.get("event")), _id_in(answer.get("occurrence"))
    kinds = ((answer["id"], Kind.RSVP), (event, Kind.EVENT), (date, Kind.OCCURRENCE))
    if any(kind_of(each) is not kind for each, kind in kinds):
        return None
    if any(each.partition("@")[2] != peer.authority for each, _ in kinds):
        return None
    return Heard(id=answer["id"], event_id=event, occurrence_id=date, status=status)


def _id_in(thing: object) -> str:
    named = thing.get("id") if isinstance(thing, dict) else None
    return named if isinstance(named, str) else ""


def status_in(answer: Any) -> RsvpStatus | None:
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
        return None
    status = answer.get("status")
    return RsvpStatus(status) if status in set(RsvpStatus) else None
