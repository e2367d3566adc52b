"""What takes place when: the pieces of the city as events with dates, in the weeks around a day.

Nothing is left to chance: the number of a week says whose turn it is. The same day gives the same
events, and a later day those of further weeks, so that `making` only has to add what is missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from domain.events import EventStatus
from domain.recurrence import Recurrence
from domain.sharing import Visibility
from web.demo import city
from web.demo.moments import today
from web.demo.pieces import Piece, Voice
from web.demo.voices import VOICES

BACK, AHEAD = timedelta(weeks=2), timedelta(weeks=10)
_FIRST_WEEK = date(1970, 1, 5)  # a Monday
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_A_DAY, _A_WEEK = timedelta(days=1), timedelta(weeks=1)

# Of 256 one-off public events, how many are not simply going ahead.
_TROUBLE = (
    (EventStatus.CANCELLED, 10),
    (EventStatus.TENTATIVE, 6),
    (EventStatus.POSTPONED, 4),
    (EventStatus.RESCHEDULED, 4),
    (EventStatus.MOVED_ONLINE, 4),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An event that the demo should have. `name` is its identifier there, as in `demo:<name>`."""

    name: str
    voice: Voice
    piece: Piece
    topic: str
    where: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    recurrence: Recurrence | None = None
    status: EventStatus = EventStatus.SCHEDULED

    def said(self, words: str) -> str:
        return words.replace("{topic}", self.topic)


def planned(now: datetime, voices: Sequence[Voice] = VOICES) -> list[Planned]:
    """Everything around this moment: what repeats, and each week's own."""
    day = today(now)
    first, last = _week_of(day - BACK), _week_of(day + AHEAD)
    return [
        event
        for order, voice in enumerate(voices)
        for event in (
            *_series(order, voice, _monday(first)),
            *(one for week in range(first, last + 1) for one in _of_week(order, voice, week)),
        )
    ]


def _series(order: int, voice: Voice, since: date) -> Iterator[Planned]:
    for index, piece in enumerate(voice.series):
        number = (index + 1) * 100 + order
        starts, ends = times_of(piece, _first_day(piece, since))
        yield Planned(
            name=str(number),
            voice=voice,
            piece=piece,
            topic="",
            where=piece.where,
            starts_at=starts,
            ends_at=ends,
            time_zone=zone_of(piece),
            recurrence=_repeating(piece, starts, _drawn(voice, number)),
        )


def _of_week(order: int, voice: Voice, week: int) -> Iterator[Planned]:
    for place in range(voice.weekly):
        turn, which = divmod(week * voice.weekly + place, len(voice.pieces))
        piece = voice.pieces[which]
        number = (week * 10 + place) * 100 + order
        day = _monday(week) + timedelta(days=DAYS.index(_in_turn(piece.days.split(), turn)))
        starts, ends = times_of(piece, day)
        yield Planned(
            name=str(number),
            voice=voice,
            piece=piece,
            topic=_in_turn(piece.topics, turn),
            where=_in_turn(piece.where.split(), turn),
            starts_at=starts,
            ends_at=ends,
            time_zone=zone_of(piece),
            recurrence=(
                Recurrence(f"FREQ=WEEKLY;COUNT={piece.sessions}") if piece.sessions else None
            ),
            status=_status(piece, _drawn(voice, number)),
        )


def _repeating(piece: Piece, starts: datetime, drawn: int) -> Recurrence:
    often, _, which = piece.every.partition(" ")
    if often == "month":
        return Recurrence(f"FREQ=MONTHLY;BYDAY={which}{_two_letters(piece.days)}")
    every_other = ";INTERVAL=2" if piece.every == "2 weeks" else ""
    # Now and then a week falls out, or somebody adds a day.
    local = starts.astimezone(ZoneInfo(zone_of(piece)))
    return Recurrence(
        f"FREQ=WEEKLY{every_other};BYDAY={_two_letters(piece.days)}",
        dates=((local + 3 * _A_WEEK + _A_DAY).astimezone(UTC),) if drawn % 6 == 0 else (),
        exceptions=((local + 6 * _A_WEEK).astimezone(UTC),) if drawn % 4 == 1 else (),
    )


def _first_day(piece: Piece, since: date) -> date:
    """The first day that the piece's own rule gives."""
    often, _, which = piece.every.partition(" ")
    day = since
    while True:
        if DAYS[day.weekday()] in piece.days.split():
            last_of_month = (day + _A_WEEK).month != day.month
            nth = -1 if which == "-1" and last_of_month else (day.day - 1) // 7 + 1
            if often != "month" or str(nth) == which:
                return day
        day += _A_DAY


def times_of(piece: Piece, day: date) -> tuple[datetime, datetime]:
    """When it starts and ends on that day."""
    zone = ZoneInfo(zone_of(piece))
    if piece.whole_days:
        over = day + timedelta(days=piece.whole_days)
        return _moment(day, time(), zone), _moment(over, time(), zone)
    starts = _moment(day, time.fromisoformat(piece.at), zone)
    return starts, starts + timedelta(hours=piece.hours)


def _status(piece: Piece, drawn: int) -> EventStatus:
    if piece.visibility is Visibility.PUBLIC and not piece.draft:
        for status, many in _TROUBLE:
            if drawn < many:
                return status
            drawn -= many
    return EventStatus.SCHEDULED


def _drawn(voice: Voice, number: int) -> int:
    """A number from 0 to 255 that looks like chance, and is the same every time."""
    return blake2b(f"{voice.slug}:{number}".encode(), digest_size=1).digest()[0]


def _in_turn(given: tuple[str, ...] | list[str], turn: int) -> str:
    return given[turn % len(given)] if given else ""


def _two_letters(days: str) -> str:
    return ",".join(day[:2].upper() for day in days.split())


def zone_of(piece: Piece) -> str:
    return piece.time_zone or city.TIME_ZONE


def _week_of(day: date) -> int:
    return (day - _FIRST_WEEK).days // 7


def _monday(week: int) -> date:
    return _FIRST_WEEK + week * _A_WEEK


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
