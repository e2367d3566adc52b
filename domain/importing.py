"""What an import does to each entry of a calendar, and how a person's edits stand against it.

The source rules a field until a person edits it: what it said last is kept beside the event, and a
value that differs from that is a person's. `resolvers/importing` makes the plan and carries it out.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain import identifiers, recurrence
from domain.calendars import CalendarItem
from domain.events import AttendanceMode, Event, EventStatus, JoinMode
from domain.identifiers import Identifier
from domain.occurrences import OneDate
from domain.places import Place, PlacePrecision
from domain.recurrence import Recurrence
from domain.sharing import Visibility

READING = 1  # raise it when the same file would become other events, so that it is read again
RUNS_AN_HOUR = 4  # of a source by address, so that nobody's server is pestered in our name

Said = Mapping[str, Any]  # what a source said of an event or a date, field by field, as JSON
Key = tuple[str, str]  # the UID of an entry and its RECURRENCE-ID: its name within a source


class Outcome(StrEnum):
    """What becomes of an entry. A preview says what would."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    KEEP = "KEEP"  # the source changed it, and the edits of people stand in every changed field
    UNCHANGED = "UNCHANGED"
    VANISHED = "VANISHED"  # in the source no longer; its event stays
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One entry in the report. `changed` and `kept` are fields by their names in the contract."""

    uid: str
    recurrence_id: str = ""
    title: str | None = None
    outcome: Outcome
    event_id: str | None = None
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    possible_duplicate_of: tuple[str, ...] = ()
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the events of one run are to be published. `visibility` is not for private entries."""

    visibility: Visibility = Visibility.PUBLIC
    group_id: str | None = None
    share_with: tuple[str, ...] = ()  # alliances


# ── names ────────────────────────────────────────────────────────────────────────────────────


def key_of(item: CalendarItem) -> Key:
    return item.uid, written(item.recurrence_id)


def written(date: datetime | None) -> str:
    """A RECURRENCE-ID as iCalendar writes it in UTC; nothing for the series itself."""
    return "" if date is None else date.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def name_of(key: Key) -> Identifier:
    """What an event of its own is called among the organization's identifiers, or `Invalid`."""
    uid, date = key
    value = f"{uid};RECURRENCE-ID={date}" if date else uid
    return identifiers.checked((Identifier("ical", value),))[0]


def checksum(item: CalendarItem, wishes: Wishes) -> str:
    """Differs where the entry, or what is wished for it, would make something else of the event.
    SEQUENCE and LAST-MODIFIED do not: many programs write new ones at every export."""
    told = asdict(item)
    del told["sequence"], told["last_modified"]
    return digest([READING, told, wishes.visibility, sorted(wishes.share_with)])


def digest(of: object) -> str:
    shaped = json.dumps(of, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(shaped.encode("utf-8", "surrogatepass")).hexdigest()


# ── what an entry says of an event ───────────────────────────────────────────────────────────

_TIMES = ("starts_at", "ends_at", "time_zone", "all_day", "recurrence")
_SIGNING_UP = ("join_mode", "registration_url")
# Fields that make sense only together: who edits one of them answers for all.
_TOGETHER = {name: group for group in (_TIMES, _SIGNING_UP) for name in group}
RULED = (
    *("title", "description", "place", "online_url", "attendance_mode", "causes", "languages"),
    *("status", "visibility"),
    *_TIMES,
    *_SIGNING_UP,
)


def attendance_of(item: CalendarItem) -> AttendanceMode:
    if item.online_url is None:
        return AttendanceMode.IN_PERSON
    return AttendanceMode.HYBRID if item.place else AttendanceMode.ONLINE


def placed(item: CalendarItem, position: tuple[float, float] | None) -> CalendarItem:
    """The entry, near that latitude and longitude where it says no position of its own: what an
    operator knows of a town's calendars, which seldom do. What is online alone has none."""
    has_one = item.place is not None and item.place.latitude is not None
    if position is None or has_one or attendance_of(item) is AttendanceMode.ONLINE:
        return item
    latitude, longitude = position
    near = replace(
        item.place or Place(),
        latitude=latitude,
        longitude=longitude,
        precision=PlacePrecision.NEAR,
    )
    return replace(item, place=near)


def join_mode_of(item: CalendarItem) -> JoinMode:
    """Whoever publishes a calendar takes no sign-ups here: one goes to its page, or just comes."""
    return JoinMode.NONE if item.url is None else JoinMode.EXTERNAL


def visibility_of(item: CalendarItem, wishes: Wishes) -> Visibility:
    """CLASS:PRIVATE and CONFIDENTIAL (RFC 5545 s3.8.1.3) are its owner's word, whatever the run
    wishes for the rest."""
    return Visibility.PRIVATE if item.private else wishes.visibility


def said_of(event: Event) -> dict[str, Any]:
    """What the event says in the fields that a source rules, as JSON."""
    return {name: as_json(getattr(event, name)) for name in RULED}


def as_json(value: object) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Recurrence():
            dates, exceptions = as_json(value.dates), as_json(value.exceptions)
            return {"rrule": value.rrule, "dates": dates, "exceptions": exceptions}
        case Place():
            return {name: part for name, part in asdict(value).items() if part is not None}
        case tuple():
            return [as_json(one) for one in value]
        case _:
            return value


# ── what becomes of an event that is there already ───────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Merged:
    """`changes` are values to set; `kept` the fields in which a person differs from the source."""

    changes: Mapping[str, Any]
    kept: tuple[str, ...]


def merged(sources: Sequence[Said], event: Event, told: Event, own: Said | None = None) -> Merged:
    """What follows the source, and what stays as a person left it. `sources` is what each calendar
    that brings the event said last; nothing, where people made the event. `own` is what this one
    said last: where several bring the event, each is heard for what it says anew, so that none
    says again what another has taken back."""
    now, tells = said_of(event), said_of(told)
    edited = {name for name in RULED if all(said.get(name) != now[name] for said in sources)}
    edited |= {name for one in edited for name in _TOGETHER.get(one, ())}
    if _calls_off(sources, tells):
        edited.discard("status")
    differing = [name for name in RULED if now[name] != tells[name]]
    if own is not None and len(sources) > 1:
        news = {name for name in RULED if tells[name] != own.get(name)}
        news |= {name for one in news for name in _TOGETHER.get(one, ())}
        differing = [name for name in differing if name in news]
    return Merged(
        {name: getattr(told, name) for name in differing if name not in edited},
        tuple(name for name in differing if name in edited),
    )


def _calls_off(sources: Sequence[Said], tells: Said) -> bool:
    """A cancellation that is news counts whatever people set before: nobody should come in vain.
    Who then sets another status again is not overruled, for it is no news any more."""
    return (
        tells["status"] == EventStatus.CANCELLED
        and bool(sources)
        and all(said.get("status") != EventStatus.CANCELLED for said in sources)
    )


# ── one date of a series ─────────────────────────────────────────────────────────────────────


def is_date_of(series: Event, date: datetime) -> bool:
    """Whether the series has that date, excluded ones not: RFC 5545 s3.8.4.4 lets a date of it be
    replaced, and of nothing else."""
    if series.recurrence is None:
        return False
    just_after = date.replace(microsecond=999_999)
    found = recurrence.dates_between(
        series.recurrence, series.starts_at, series.time_zone, date, just_after, 1
    )
    return date in found


def one_date(event_id: str, date: datetime, told: Event, series: Event) -> OneDate:
    """What the source says of one date, beside what it says of the whole series."""
    usual_end = recurrence.end_of(date, series.starts_at, series.ends_at, series.time_zone)
    differs = {
        "title": told.title != series.title,
        "description": told.description is not None and told.description != series.description,
        "place": told.place is not None and told.place != series.place,
        "starts_at": told.starts_at != date,
        "ends_at": told.ends_at != usual_end,
        "status": told.status is not series.status,
    }
    return OneDate(
        event_id=event_id,
        recurrence_id=date,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        status=told.status,
        title=told.title if differs["title"] else None,
        description=told.description if differs["description"] else None,
        place=told.place if differs["place"] else None,
        overrides=tuple(sorted(name for name, different in differs.items() if different)),
    )


def said_of_date(date: OneDate) -> dict[str, Any]:
    names = ("starts_at", "ends_at", "status", "title", "description", "place", "overrides")
    return {name: as_json(getattr(date, name)) for name in names}


# ── when ─────────────────────────────────────────────────────────────────────────────────────


def next_turn(recent: Collection[datetime], now: datetime) -> datetime | None:
    """When the source may be fetched again, or None for now."""
    within = sorted(run for run in recent if run > now - timedelta(hours=1))
    return within[-RUNS_AN_HOUR] + timedelta(hours=1) if len(within) >= RUNS_AN_HOUR else None
