"""What is read from a stranger's calendar: events, and what was wrong with those that were not.

Every entry of the source is either an item or a dropped problem; nothing goes missing unsaid.
`federation/ics.py` reads iCalendar into these records.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import EventStatus
from domain.places import Place
from domain.recurrence import Recurrence

MOST_BYTES = 5_000_000
MOST_COMPONENTS = 5_000


class ProblemReason(StrEnum):
    """Stable words for programs; `ItemProblem.message` says it to people."""

    # The entry was left out.
    UNREADABLE = "UNREADABLE"
    NO_START = "NO_START"
    BAD_DATE = "BAD_DATE"
    CUT_OFF = "CUT_OFF"
    DUPLICATE = "DUPLICATE"
    # The entry was kept, with a change.
    BAD_LINE = "BAD_LINE"
    ENCODING = "ENCODING"
    NO_UID = "NO_UID"
    NO_TITLE = "NO_TITLE"
    BAD_END = "BAD_END"
    BAD_RECURRENCE = "BAD_RECURRENCE"
    UNKNOWN_TIME_ZONE = "UNKNOWN_TIME_ZONE"
    UNSUPPORTED = "UNSUPPORTED"
    SHORTENED = "SHORTENED"
    BAD_VALUE = "BAD_VALUE"


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """`item` is the entry's uid, or where in the file it begins, like `line 12`."""

    item: str
    reason: ProblemReason
    message: str
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """One event as its source tells it. Moments are in UTC; `ends_at` is when it is over, for a
    whole day the midnight after it. `uid` and `recurrence_id` name it within its source."""

    uid: str
    title: str
    starts_at: datetime
    time_zone: str
    recurrence_id: datetime | None = None  # the date of the series that this one replaces
    description: str | None = None
    ends_at: datetime | None = None
    all_day: bool = False
    recurrence: Recurrence | None = None
    status: EventStatus = EventStatus.SCHEDULED  # or TENTATIVE, or CANCELLED
    place: Place | None = None
    url: str | None = None
    online_url: str | None = None
    categories: tuple[str, ...] = ()
    sequence: int = 0
    last_modified: datetime | None = None
    language: str | None = None
    private: bool = False  # CLASS is PRIVATE or CONFIDENTIAL: not for the public


@dataclass(frozen=True, slots=True)
class Calendar:
    name: str | None
    time_zone: str  # what times without a zone were read in
    items: tuple[CalendarItem, ...]
    problems: tuple[ItemProblem, ...]
    component_count: int  # entries in the file, of every kind
    event_count: int  # of them, events: `items` and dropped problems together
