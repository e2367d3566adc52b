"""What there is to tell whoever answered to a date: how it stands now, beside what they know.

Nothing is decided by what somebody did, only by what is different: so one letter tells of several
changes, none tells what was taken back meanwhile, and whatever changes a date is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.events import EventStatus
from domain.occurrences import end_of_day
from domain.rsvps import ACCEPTED, PENDING, TENTATIVE, WAITLISTED, RsvpStatus

IS_TO_COME = frozenset({ACCEPTED, TENTATIVE, PENDING, WAITLISTED})
IN_CALENDAR = frozenset({ACCEPTED, TENTATIVE})
REMINDED_BEFORE = timedelta(days=1)


class News(StrEnum):
    ANSWERED = "ANSWERED"  # how their answer stands
    PLACE_FREE = "PLACE_FREE"
    CHANGED = "CHANGED"
    CALLED_OFF = "CALLED_OFF"
    NOT_COMING = "NOT_COMING"  # by their own word, or the host's
    REMINDER = "REMINDER"


# What somebody did just now, or waits for; told also to whoever wants no letters of the host.
ANSWERS_THEM = frozenset({News.ANSWERED, News.PLACE_FREE, News.NOT_COMING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody knows. `uid` and `recurrence_id` name the entry in their calendar."""

    uid: str
    recurrence_id: datetime | None
    sequence: int
    status: RsvpStatus
    date_status: EventStatus
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str | None
    online_url: str | None
    reminded_of: datetime | None = None
    language: str | None = None  # in which they were told


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An answer and its date as they are. `place` is what anybody may know of where it is."""

    rsvp_id: str
    address: str
    is_guest: bool
    status: RsvpStatus
    event_id: str
    occurrence_id: str
    recurrence_id: datetime | None  # of a series
    version: int
    host_id: str
    host_name: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    time_zone: str
    all_day: bool
    date_status: EventStatus
    is_published: bool
    why_cancelled: str | None
    place: str | None
    online_url: str | None
    told: Told | None
    preferred_language: str | None = None

    @property
    def language(self) -> str | None:
        """What they prefer; else what they were told in before."""
        return self.preferred_language or (self.told.language if self.told else None)

    @property
    def is_called_off(self) -> bool:
        return self.date_status is EventStatus.CANCELLED or not self.is_published

    @property
    def over_at(self) -> datetime:
        if self.ends_at is None and self.all_day:
            return end_of_day(self.starts_at, self.time_zone)
        return self.ends_at or self.starts_at


def news(standing: Standing, now: datetime) -> News | None:
    """What there is to write, or None; what is over is told nobody."""
    told, status = standing.told, standing.status
    if standing.over_at <= now:
        return None
    if told is None:
        return News.ANSWERED if status in IS_TO_COME and not standing.is_called_off else None
    was_to_come = told.status in IS_TO_COME
    if standing.is_called_off:
        knows = told.date_status is EventStatus.CANCELLED
        return News.CALLED_OFF if was_to_come and status in IS_TO_COME and not knows else None
    if status is not told.status:
        if status is ACCEPTED and told.status is WAITLISTED:
            return News.PLACE_FREE
        if status in IS_TO_COME:
            return News.ANSWERED
        return News.NOT_COMING if was_to_come else None
    if status in IS_TO_COME and any(differences(standing)):
        return News.CHANGED
    return None


def is_to_be_reminded(standing: Standing, now: datetime) -> bool:
    is_near = now < standing.starts_at <= now + REMINDED_BEFORE
    told = standing.told
    reminded = told is not None and told.reminded_of == standing.starts_at
    expected = standing.status in IN_CALENDAR and not standing.is_called_off
    return is_near and expected and not reminded


def known(
    standing: Standing, *, sequence: int, reminded: bool = False, language: str | None = None
) -> Told:
    """What they know once they were written how it stands."""
    told = standing.told
    before = told.reminded_of if told else None
    return Told(
        # The entry that they have stays the same, also where its date went to another event.
        uid=told.uid if told else standing.event_id,
        recurrence_id=told.recurrence_id if told else standing.recurrence_id,
        sequence=sequence,
        status=standing.status,
        date_status=(EventStatus.CANCELLED if standing.is_called_off else standing.date_status),
        title=standing.title,
        starts_at=standing.starts_at,
        ends_at=standing.ends_at,
        place=standing.place or "",
        online_url=standing.online_url or "",
        reminded_of=standing.starts_at if reminded else before,
        language=language,
    )


def next_sequence(standing: Standing) -> int:
    """Higher than any that they were sent (RFC 5546 s2.1.4), and no lower than that of the feeds."""
    if standing.told is None:
        return standing.version
    return max(standing.version, standing.told.sequence + 1)


class Differs(StrEnum):
    STATUS = "STATUS"
    TITLE = "TITLE"
    TIME = "TIME"
    PLACE = "PLACE"
    ONLINE = "ONLINE"


def differences(standing: Standing) -> Iterator[Differs]:
    """What is otherwise than they know."""
    told = standing.told
    if told is None:
        return
    is_back = told.date_status is EventStatus.CANCELLED
    if is_back or told.date_status is not standing.date_status:
        yield Differs.STATUS
    if told.title != standing.title:
        yield Differs.TITLE
    if (told.starts_at, told.ends_at) != (standing.starts_at, standing.ends_at):
        yield Differs.TIME
    # What they were not told is no news to them.
    if told.place is not None and told.place != (standing.place or ""):
        yield Differs.PLACE
    if told.online_url is not None and told.online_url != (standing.online_url or ""):
        yield Differs.ONLINE
