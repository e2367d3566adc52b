"""Mail that waits to be sent, written in the transaction of what it tells: none is sent of what
was not done, and none is forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ids import Kind, Names
from storage.engine import Writing
from storage.tables import outgoing_mail


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    text: str


async def post(db: Writing, names: Names, letters: Sequence[Letter], now: datetime) -> None:
    if letters:
        await db.execute(
            outgoing_mail.insert(),
            [
                {
                    "id": names.new(Kind.OUTGOING_MAIL),
                    "to": letter.to,
                    "subject": letter.subject,
                    "text": letter.text,
                    "created_at": now,
                    "due_at": now,
                }
                for letter in letters
            ],
        )
