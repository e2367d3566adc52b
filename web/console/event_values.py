"""An event as what may be changed of it: by the names of the contract, as its inputs write them.

An event that is read, and a form that was sent, both come to such values: so they can be compared,
field by field, and either can fill the form again.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from web.console.repeating import choice_of
from web.feeds.events import local

Values = dict[str, Any]
# In the order in which a form asks for them, and a clash shows them.
ORDER = (
    "title", "summary", "description", "startsAt", "endsAt", "timeZone", "allDay", "recurrence",
    "status", "attendanceMode", "place", "onlineUrl", "accessibility", "causes", "languages",
    "isFree", "capacity", "joinMode", "registrationUrl", "contact", "visibility", "translations",
)  # fmt: skip
OF_DATE = ("title", "description", "startsAt", "endsAt", "place", "status")
PLACE = ("name", "streetAddress", "locality", "region", "postalCode", "country")
POSITION = ("latitude", "longitude")
CONTACT = ("name", "email", "telephone", "url")
_ONE_DAY = timedelta(days=1)


def values_of(thing: Mapping[str, Any], names: Iterable[str] = ORDER) -> Values:
    """Of an event, or of one date of it, as the contract told it."""
    found: Values = {name: thing[name] for name in names}
    if found.get("languages"):
        first, *others = found["languages"]
        found["languages"] = [first, *sorted(others)]
    if "translations" in found:
        found["translations"] = sorted(found["translations"], key=lambda one: str(one["language"]))
    return found


def marks_of(values: Values) -> dict[str, str]:
    """A short mark for each value, by which it is seen whether it was changed."""
    return {name: _mark(value) for name, value in values.items()}


def written_marks(values: Values) -> str:
    """For a hidden field of the form: as it was when the form was made."""
    return " ".join(f"{name}:{mark}" for name, mark in marks_of(values).items())


def read_marks(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split())
    return {name: mark for name, _, mark in pairs}


def differing(values: Values, marks: Mapping[str, str]) -> Values:
    """Those that are not as the marks say they were."""
    return {name: value for name, value in values.items() if marks.get(name) != _mark(value)}


def _mark(value: Any) -> str:
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """Moments of one instant are one, and what says nothing is the same as nothing."""
    if isinstance(value, Mapping):
        kept = {name: _plain(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in (None, [], "")}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return _instant(value)
    return value


def _instant(text: str) -> str:
    if len(text) < len("2027-03-06T14:00Z") or text[10:11] != "T":
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return str(at.timestamp()) if at.tzinfo else text


# ── into a form ──────────────────────────────────────────────────────────────────────────────


def fields_of(values: Values, kept: Mapping[str, Any]) -> dict[str, str]:
    """What the fields of the form hold. `kept` has the times of the event where `values` do not."""
    zone = str(values.get("timeZone") or kept["timeZone"])
    all_day = bool(values.get("allDay", kept["allDay"]))
    starts = local(str(values.get("startsAt") or kept["startsAt"]), zone)
    ends_at = values.get("endsAt", kept["endsAt"])
    fields = {
        **{name: _said(values.get(name)) for name in _TEXTS},
        **_times(starts, local(ends_at, zone) if ends_at else None, all_day=all_day),
        "timeZone": zone,
        "allDay": "on" if all_day else "",
        "causes": ", ".join(values.get("causes") or ()),
        "isFree": _cost(values.get("isFree")),
        **_of_languages(values.get("languages") or ()),
        **_of_place(values.get("place")),
        **_of_accessibility(values.get("accessibility")),
        **{f"contact-{name}": _said((values.get("contact") or {}).get(name)) for name in CONTACT},
        **_of_translations(values.get("translations") or ()),
    }
    if "recurrence" in values:
        fields |= choice_of(values["recurrence"], starts).fields()
        fields["recurrence-kept"] = json.dumps(
            values["recurrence"] and {**values["recurrence"], "startsAt": starts.isoformat()}
        )
    return fields


_TEXTS = (
    "title", "summary", "description", "status", "attendanceMode", "onlineUrl", "capacity",
    "joinMode", "registrationUrl", "visibility",
)  # fmt: skip


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _cost(is_free: bool | None) -> str:
    return "" if is_free is None else "yes" if is_free else "no"


def _times(starts: datetime, ends: datetime | None, *, all_day: bool) -> dict[str, str]:
    """The last day of what takes whole days is the one before the midnight at which it ends."""
    last = ends - _ONE_DAY if ends and all_day else ends
    return {
        "startsAt": starts.date().isoformat(),
        "startsAt-time": "" if all_day else f"{starts:%H:%M}",
        "endsAt": last.date().isoformat() if last and last.date() != starts.date() else "",
        "endsAt-time": f"{ends:%H:%M}" if ends and not all_day else "",
    }


def _of_languages(tags: Iterable[str]) -> dict[str, str]:
    first, *others = [*tags, ""]
    return {"language": first, **{f"language-{tag}": "on" for tag in others if tag}}


def _of_place(place: Mapping[str, Any] | None) -> dict[str, str]:
    told = place or {}
    return {
        **{f"place-{name}": _said(told.get(name)) for name in (*PLACE, *POSITION)},
        "place-precision": _said(told.get("precision") or "PRECISE"),
    }


def _of_accessibility(told: Mapping[str, Any] | None) -> dict[str, str]:
    told = told or {}
    return {
        "accessibility-status": _said(told.get("status")),
        "accessibility-notes": _said(told.get("notes")),
        "accessibility-features": "\n".join(told.get("features") or ()),
    }


def _of_translations(told: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        f"translations-{at}-{name}": _said(each.get(name))
        for at, each in enumerate(told)
        for name in ("language", "title", "summary", "description")
    }
