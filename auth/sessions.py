"""Sessions: who is signed in, in which browser, since when, and by which means.

A session is a random text in a cookie and a row that knows its digest. Signing in always makes a
new one and ends the one that was there, so that nobody can be given a session beforehand. What
asks for more than being signed in (`is_fresh`) is asked again of the person: "step-up".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from auth.desk import Desk, digest_of
from domain.errors import NotFound, Refused
from storage import sessions as stored
from storage.engine import Writing
from storage.sessions import SEEN_IS_KEPT_TO, Session

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
# For what binds an organization or changes who may act for it (docs/scopes.md: step-up).
FRESH = timedelta(minutes=10)


class Method(StrEnum):
    """How somebody showed who they are: `amr` values of RFC 8176 s2."""

    PASSKEY = "pop"
    PASSWORD = "pwd"  # noqa: S105  # the name of a method
    LETTER = "otp"
    PROVIDER = "fed"  # of none in the RFC; Microsoft's and Okta's word


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session with what its cookie holds, which is told this once and kept nowhere."""

    session: Session
    secret: str


async def begin(
    desk: Desk,
    db: Writing,
    person_id: str,
    person_name: str,
    methods: Sequence[Method],
    device: str,
    instead_of: Session | None = None,
) -> SignedIn:
    """In the transaction in which they showed who they are. `instead_of` is the session of this
    browser until now, which ends."""
    now, secret = desk.clock.now(), desk.secret()
    if instead_of is not None:
        await stored.end(db, instead_of.person_id, instead_of.id, now)
    session = Session(
        id=desk.named("ses"),
        person_id=person_id,
        person_name=person_name,
        created_at=now,
        last_seen_at=now,
        authenticated_at=now,
        methods=tuple(str(method) for method in methods),
        device=device,
    )
    await stored.add(db, digest_of(secret), session)
    await desk.note(db, "session.begun", person_id=person_id, detail=" ".join(session.methods))
    return SignedIn(session, secret)


async def of_cookie(desk: Desk, secret: str) -> Session | None:
    """The session that lasts, and is noted as seen; None for any other text."""
    if not secret or len(secret) > 200:
        return None
    now = desk.clock.now()
    async with desk.database.reading(fresh=True) as db:
        session = await stored.of_digest(db, digest_of(secret), now, IDLE, LONGEST)
    if session is not None and session.last_seen_at <= now - SEEN_IS_KEPT_TO:
        async with desk.database.writing() as writing:
            await stored.note_seen(writing, session.id, now)
    return session


def is_fresh(desk: Desk, session: Session) -> bool:
    """They showed who they are a moment ago."""
    return desk.clock.now() - session.authenticated_at <= FRESH


def require_fresh(desk: Desk, session: Session) -> None:
    """Raises `Refused`. Pages ask before (`web.account.visits`), and lead to where to sign in again."""
    if not is_fresh(desk, session):
        raise Refused("Sign in again first: this changes what opens your account.")


async def of_person(desk: Desk, session: Session) -> list[Session]:
    """All that last of whoever has this one; the one seen last first."""
    async with desk.database.reading(fresh=True) as db:
        return await stored.of_person(db, session.person_id, desk.clock.now(), IDLE, LONGEST)


async def end(desk: Desk, session: Session, session_id: str) -> None:
    """One of the person's own, this one or another. Raises `NotFound` for anybody else's."""
    async with desk.database.writing() as db:
        if not await stored.end(db, session.person_id, session_id, desk.clock.now()):
            raise NotFound("This session has ended already.", ("session",))
        await desk.note(db, "session.ended", person_id=session.person_id)


async def end_others(desk: Desk, session: Session) -> int:
    """All but this one; how many they were."""
    async with desk.database.writing() as db:
        return await end_all_but(desk, db, session)


async def end_all_but(desk: Desk, db: Writing, session: Session) -> int:
    """In the transaction of what opens the account no more, so that nobody stays in by it."""
    ended = await stored.end_others(db, session.person_id, session.id, desk.clock.now())
    if ended:
        await desk.note(db, "session.ended", person_id=session.person_id, detail=f"{ended}")
    return ended
