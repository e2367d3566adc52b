"""What a host tells of an event afterwards: how it was, and how many came."""

from dataclasses import dataclass
from datetime import datetime

from domain import texts
from domain.errors import Invalid
from domain.words import Count, say

MOST_PEOPLE = 10_000_000


@dataclass(frozen=True, slots=True)
class Report:
    text: str
    attended: int | None = None


def checked(
    text: str, attended: int | None, *, started_at: datetime, now: datetime, checked_in: int
) -> Report:
    """The report, or `Invalid`. Where people were checked in, they are who attended."""
    if now < started_at:
        raise Invalid("The event has not started; report on it afterwards.", ("event",))
    told = texts.page(text, ("text",))
    if told is None:
        raise Invalid("text: write how it was.", ("text",))
    if attended is not None and not 0 <= attended <= MOST_PEOPLE:
        raise Invalid(
            say("attended: from 0 to %(most)s people.", most=Count(MOST_PEOPLE)), ("attended",)
        )
    if checked_in and attended not in {None, checked_in}:
        raise Invalid(
            say(
                "%(checked_in)s people were checked in: leave attended out, and that number "
                "is told; or check in whoever is missing first.",
                checked_in=Count(checked_in),
            ),
            ("attended",),
        )
    return Report(told, checked_in or attended)
