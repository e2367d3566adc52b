"""The letters that a hub writes, as who gets them finds them; and the worker's turn to write them."""

from dataclasses import dataclass
from email.message import EmailMessage

import icalendar
from sqlalchemy import select

from domain.actors import BY_TIME
from domain.outside import Clock
from resolvers.post import answers, line
from storage.engine import Database
from storage.mail import Posted
from storage.tables import outgoing_mail
from tests.cast import MakeContext
from web.mailing import composed

FROM = "hub@pantry.example"


@dataclass(frozen=True)
class Mailbox:
    context: MakeContext
    database: Database
    clock: Clock

    async def turn(self) -> list[Posted]:
        """What the worker writes of what has happened, until there is nothing left to look at."""
        before = {each.id for each in await self.all()}
        while await line.write(self.context(BY_TIME), self.clock.now(), 10):
            pass
        await answers.remind(self.context(BY_TIME), self.clock.now(), 10)
        return [each for each in await self.all() if each.id not in before]

    async def one(self) -> Posted:
        (letter,) = await self.turn()
        return letter

    async def all(self) -> list[Posted]:
        columns = [outgoing_mail.c[name] for name in Posted.__dataclass_fields__]
        async with self.database.reading() as db:
            found = await db.execute(select(*columns).order_by(outgoing_mail.c.id))
            return [Posted(**row) for row in found.mappings()]

    def mail(self, letter: Posted) -> EmailMessage:
        """As it goes to the mail server."""
        return composed(letter, FROM, self.context().hub)


def entry_of(letter: Posted) -> tuple[str, icalendar.Event]:
    """The method, and the one entry, of the calendar in it."""
    assert letter.calendar is not None
    calendar = icalendar.Calendar.from_ical(letter.calendar)
    (entry,) = calendar.events
    return str(calendar["METHOD"]), entry
