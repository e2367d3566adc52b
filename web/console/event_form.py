"""The form of an event, read: what was typed, as values of the contract."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from languages import gettext as _
from web.console.event_values import CONTACT, PLACE, POSITION, Values
from web.console.repeating import Repeats, choice_of, rule_of, typed_choice
from web.console.typed import Typed, moment

TRANSLATIONS = 30  # the most that the contract takes
STATUSES = ("SCHEDULED", "TENTATIVE", "POSTPONED", "RESCHEDULED", "MOVED_ONLINE", "CANCELLED")
MODES = ("IN_PERSON", "ONLINE", "HYBRID")
JOINING = ("OPEN", "APPROVAL", "INVITE", "EXTERNAL", "NONE")
VISIBILITIES = ("PUBLIC", "UNLISTED", "ALLIANCE", "ORGANIZATION", "GROUP", "PRIVATE")
ACCESS = ("ACCESSIBLE", "PARTLY", "NOT_ACCESSIBLE", "NOT_SURE")
PRECISIONS = ("PRECISE", "NEAR", "REGION")
TIMES = frozenset({"startsAt", "endsAt", "timeZone", "allDay", "recurrence"})
_ONE_DAY = timedelta(days=1)


def typed_values(typed: Typed, names: Collection[str]) -> Values:
    """Those of `names` that the form has; what cannot be read is among `typed.problems`."""
    found: Values = {}
    for name in ("title", "summary", "description"):
        if name in names:
            found[name] = typed.text(name)
    if "title" in names and not found["title"]:
        typed.wrong("title", _("Say what it is called."))
    if TIMES & set(names):
        found |= {name: value for name, value in _times(typed).items() if name in names}
    for name, read in _READ.items():
        if name in names:
            found[name] = read(typed)
    return found


def typed_times_of_date(typed: Typed, zone: str, *, all_day: bool) -> Values:
    """When one date of a series is; its clocks are those of the series."""
    return _from_to(typed, ZoneInfo(zone), all_day=all_day)


def _times(typed: Typed) -> Values:
    zone = typed.zone("timeZone")
    all_day = typed.is_ticked("allDay")
    if zone is None:
        return {}
    found = _from_to(typed, zone, all_day=all_day)
    if "startsAt" in found:
        starts = datetime.fromisoformat(found["startsAt"]).astimezone(zone)
        found["recurrence"] = _recurrence(typed, starts)
    return {**found, "timeZone": str(zone), "allDay": all_day}


def _from_to(typed: Typed, zone: ZoneInfo, *, all_day: bool) -> Values:
    day = typed.day("startsAt")
    begins = time() if all_day else typed.clock("startsAt-time")
    if day is None:
        typed.wrong("startsAt", _("Say on which day it starts."))
    if begins is None:
        typed.wrong("startsAt-time", _("Say when it starts."))
    if day is None or begins is None:
        return {}
    return {
        "startsAt": moment(day, begins, zone),
        "endsAt": _end(typed, day, begins, zone, all_day=all_day),
    }


def _end(typed: Typed, day: date, begins: time, zone: ZoneInfo, *, all_day: bool) -> str | None:
    last = typed.day("endsAt")
    if all_day:
        return None if last is None else moment(last + _ONE_DAY, time(), zone)
    ends = typed.clock("endsAt-time")
    if ends is None:
        if last is not None:
            typed.wrong("endsAt-time", _("Say when it ends on that day."))
        return None
    if last is None:  # an evening that ends after midnight
        last = day if ends > begins else day + _ONE_DAY
    return moment(last, ends, zone)


def _recurrence(typed: Typed, starts: datetime) -> dict[str, Any] | None:
    choice = typed_choice(typed)
    kept = _kept(typed)
    if choice.repeats is Repeats.ONCE or (choice.repeats is Repeats.KEPT and kept is None):
        return None
    if kept is None:
        return {"rrule": rule_of(choice, starts), "dates": [], "exceptions": []}
    is_same = choice.repeats is Repeats.KEPT or choice == choice_of(kept, starts)
    return {
        "rrule": kept["rrule"] if is_same else rule_of(choice, starts),
        **{name: _on_new_clocks(kept, name, starts) for name in ("dates", "exceptions")},
    }


def _on_new_clocks(kept: Mapping[str, Any], name: str, starts: datetime) -> list[str]:
    """A date that was left out stays left out where the series is moved to another hour."""
    zone = starts.tzinfo
    told: list[str] = kept[name]
    if not kept["startsAt"] or zone is None:
        return told
    before = datetime.fromisoformat(kept["startsAt"]).astimezone(zone).time()
    moved: list[str] = []
    for each in told:
        at = datetime.fromisoformat(each).astimezone(zone)
        is_of_series = at.time() == before and before != starts.time()
        moved.append(
            moment(at.date(), starts.time(), ZoneInfo(str(zone))) if is_of_series else each
        )
    return moved


def _kept(typed: Typed) -> dict[str, Any] | None:
    """What the event had: its rule, further dates, and dates left out."""
    try:
        told = json.loads(typed.form.get("recurrence-kept", "null"))
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    return {
        "rrule": str(told.get("rrule", "")),
        "startsAt": _known_moment(told.get("startsAt")),
        **{
            name: [str(each) for each in _listed(told.get(name)) if _known_moment(each)]
            for name in ("dates", "exceptions")
        },
    }


def _listed(told: object) -> list[object]:
    return told if isinstance(told, list) else []


def _known_moment(text: object) -> str | None:
    """None for what no form of ours sends."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return str(text) if at.tzinfo else None


def typed_place(typed: Typed) -> dict[str, Any] | None:
    place: dict[str, Any] = {name: typed.text(f"place-{name}") for name in PLACE}
    place |= {name: typed.degrees(f"place-{name}") for name in POSITION}
    if not any(value is not None for value in place.values()):
        return None
    return {**place, "precision": typed.chosen("place-precision", PRECISIONS, "PRECISE")}


def _accessibility(typed: Typed) -> dict[str, Any] | None:
    status = typed.chosen("accessibility-status", ACCESS, "")
    notes = typed.text("accessibility-notes")
    features = (typed.text("accessibility-features") or "").split("\n")
    named = [each.strip() for each in features if each.strip()]
    if not status and not notes and not named:
        return None
    return {"status": status or "NOT_SURE", "notes": notes, "features": named}


def _contact(typed: Typed) -> dict[str, Any] | None:
    read = {"email": typed.mail_address, "url": typed.web_address}
    contact = {name: read.get(name, typed.text)(f"contact-{name}") for name in CONTACT}
    return contact if any(contact.values()) else None


def _languages(typed: Typed) -> list[str]:
    first = typed.language("language")
    others = [name.removeprefix("language-") for name in typed.form if _is_ticked(typed, name)]
    added = typed.language("language-more")
    found = sorted({each for each in (*others, added) if each} - {first})
    return [first, *found] if first else found


def _is_ticked(typed: Typed, name: str) -> bool:
    return name.startswith("language-") and name != "language-more" and typed.is_ticked(name)


def _translations(typed: Typed) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for at in range(TRANSLATIONS + 1):
        begins = f"translations-{at}-"
        words = {name: typed.text(begins + name) for name in ("title", "summary", "description")}
        if not any(words.values()):
            continue  # emptied, it is taken away
        language = typed.language(begins + "language")
        if language is None:
            typed.wrong(begins + "language", _("Say in which language this is."))
        elif language in found:
            typed.wrong(
                begins + "language", _("There is a translation into this language already.")
            )
        elif words["title"] is None:
            typed.wrong(begins + "title", _("Say what it is called in this language."))
        else:
            found[language] = {"language": language, **words}
    return [found[language] for language in sorted(found)]


def _causes(typed: Typed) -> list[str]:
    named = (typed.text("causes") or "").replace("\n", ",").split(",")
    return ["-".join(each.casefold().split()) for each in named if each.strip()]


_READ: Mapping[str, Any] = {
    "status": lambda typed: typed.chosen("status", STATUSES, "SCHEDULED"),
    "attendanceMode": lambda typed: typed.chosen("attendanceMode", MODES, "IN_PERSON"),
    "place": typed_place,
    "onlineUrl": lambda typed: typed.web_address("onlineUrl"),
    "accessibility": _accessibility,
    "causes": _causes,
    "languages": _languages,
    "isFree": lambda typed: {"yes": True, "no": False}.get(typed.form.get("isFree", "")),
    "capacity": lambda typed: typed.number("capacity"),
    "joinMode": lambda typed: typed.chosen("joinMode", JOINING, "OPEN"),
    "registrationUrl": lambda typed: typed.web_address("registrationUrl"),
    "contact": _contact,
    "visibility": lambda typed: typed.chosen("visibility", VISIBILITIES, "PUBLIC"),
    "translations": _translations,
}
