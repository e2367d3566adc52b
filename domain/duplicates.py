"""How alike two events are, and why somebody may take them for one.

A score from 0 to 1, from what both say: their names in other systems, title, time, place and hosts.
What only one of them says tells nothing. `PROBABLE` and more is worth a person's look; nothing is
ever merged by a score alone.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from domain.geo import distance_km

PROBABLE = 0.6
SAME_NAME = 0.98  # of one identifier in another system
SAME_UID = 0.95  # calendars are copied, and their UIDs edited by hand
WINDOW = timedelta(hours=24)
NEAR_KM = 2.0
# A title says more than a place: a town hall has many events, and a place many names.
_TITLE, _PLACE, _TOWN, _HOST = 0.7, 0.2, 0.1, 0.1
_LATE = 0.5  # what remains of the score at the far end of the window
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """As much of an event as tells whether it is another one."""

    id: str
    title: str
    starts_at: datetime
    place_name: str | None = None
    locality: str | None = None
    position: tuple[float, float] | None = None
    online_url: str | None = None
    hosts: frozenset[str] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()  # system and value
    uids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    reasons: tuple[str, ...]


def likeness(one: Sketch, other: Sketch) -> Likeness:
    """The same whichever is asked about the other."""
    reasons: list[str] = []
    least = 0.0
    if names := one.names & other.names:
        system, value = min(names)
        reasons.append(f"same identifier {system}:{value}")
        least = SAME_NAME
    if uids := one.uids & other.uids:
        reasons.append(f"same calendar entry {min(uids)}")
        least = max(least, SAME_UID)
    title = title_likeness(one.title, other.title)
    if title > 0:
        reasons.append(
            "same title" if title == 1 else f"title {title:.0%} alike".replace("%", " %")
        )
    apart = abs(one.starts_at - other.starts_at)
    reasons.append("starts at the same time" if not apart else f"starts {_spoken(apart)} apart")
    parts = [(_TITLE, title)]
    place = _place(one, other)
    if place is not None:
        weight, likely, said = place
        parts.append((weight, likely))
        reasons += [said] if said else []
    if one.hosts and other.hosts:
        shared = one.hosts & other.hosts
        parts.append((_HOST, len(shared) / min(len(one.hosts), len(other.hosts))))
        reasons += ["same host"] if shared else []
    alike = sum(weight * likely for weight, likely in parts) / sum(weight for weight, _ in parts)
    score = max(least, alike * _time(apart))
    return Likeness(round(min(1.0, score), 4), tuple(reasons))


def most_alike(
    event: Sketch, others: Collection[Sketch], least: float = PROBABLE
) -> list[tuple[Sketch, Likeness]]:
    """The likeliest first; of equals, by id."""
    found = [(other, likeness(event, other)) for other in others if other.id != event.id]
    found = [pair for pair in found if pair[1].score >= least]
    return sorted(found, key=lambda pair: (-pair[1].score, pair[0].id))


def title_likeness(one: str, other: str) -> float:
    """By letters, which forgives what was typed wrong, or by words in any order. 1 only where the
    two are the same but for accents, case and punctuation."""
    first, second = words(one), words(other)
    if first == second:
        return 1.0 if first else 0.0
    by_letters = _shared(_trigrams(first), _trigrams(second))
    by_words = _shared(Counter(first), Counter(second))
    return min(0.99, max(by_letters, by_words))


def words(text: str) -> list[str]:
    """Without accents and case."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORDS.findall(unicodedata.normalize("NFKC", kept.casefold()))


def _trigrams(of: list[str]) -> Counter[str]:
    """Of each word by itself, its ends marked."""
    found: Counter[str] = Counter()
    for word in of:
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return found


def _shared(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient: twice what both have, of all that there is."""
    every = one.total() + other.total()
    return 2 * (one & other).total() / every if every else 0.0


def _time(apart: timedelta) -> float:
    """Falls fast in the first hours, for a quarter of an hour is doors and a day is tomorrow."""
    return 1 - (1 - _LATE) * sqrt(min(1.0, apart / WINDOW))


def _place(one: Sketch, other: Sketch) -> tuple[float, float, str | None] | None:
    """How much it counts, how alike it is, and what to say of it."""
    if one.position and other.position:
        apart = distance_km(*one.position, *other.position)
        # The same place has one name and many positions, or one position and many names.
        likely = max(1 - apart / NEAR_KM, _place_name(one, other) or 0.0, 0.0)
        return _PLACE, likely, "same place" if apart < 0.05 else f"{_far(apart)} apart"
    named = _place_name(one, other)
    if named is not None:
        return _PLACE, named, "same place" if named == 1 else None
    if one.online_url and other.online_url:
        same = one.online_url == other.online_url
        return _PLACE, float(same), "same online address" if same else None
    if one.locality and other.locality:
        same = words(one.locality) == words(other.locality)
        return _TOWN, float(same), f"both in {min(one.locality, other.locality)}" if same else None
    return None


def _place_name(one: Sketch, other: Sketch) -> float | None:
    if not (one.place_name and other.place_name):
        return None
    return title_likeness(one.place_name, other.place_name)


def _spoken(apart: timedelta) -> str:
    minutes = max(1, round(apart.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    hours = round(minutes / 60)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"


def _far(km: float) -> str:
    return f"{round(km * 1000, -1):.0f} m" if km < 0.995 else f"{km:.1f} km"
