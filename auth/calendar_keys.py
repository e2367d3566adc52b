"""The secret address of a person's own calendar: made, made anew, ended; and whose it is.

Calendar programs cannot sign in, so whoever has the address reads the calendar. It is shown once, and
kept as a digest; a new one ends the one before.
"""

from auth.desk import Desk, digest_of
from storage import calendar_keys as stored
from storage.calendar_keys import Kept
from storage.sessions import Session


async def of_person(desk: Desk, session: Session) -> Kept | None:
    async with desk.database.reading(fresh=True) as db:
        return await stored.of_person(db, session.person_id)


async def make(desk: Desk, session: Session) -> str:
    """The secret, which nobody can be told again."""
    secret = desk.secret()
    async with desk.database.writing() as db:
        await stored.keep(db, session.person_id, digest_of(secret), desk.clock.now())
        await desk.note(db, "calendar.address_made", person_id=session.person_id)
    return secret


async def end(desk: Desk, session: Session) -> None:
    async with desk.database.writing() as db:
        if await stored.remove(db, session.person_id):
            await desk.note(db, "calendar.address_ended", person_id=session.person_id)


async def person_of(desk: Desk, secret: str) -> str | None:
    digest = digest_of(secret)
    async with desk.database.writing() as db:
        person_id = await stored.person_of(db, digest)
        if person_id is not None:
            await stored.note_used(db, digest, desk.clock.now())
    return person_id
