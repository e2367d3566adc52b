"""Names a thing bears in other systems, like `mobilize` 123 or `ical` and a UID."""

import re
from dataclasses import dataclass

from domain import texts
from domain.errors import Invalid
from domain.words import say

_SYSTEM = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?", re.ASCII)
MOST = 20
LONGEST = 500  # iCalendar sets no limit to a UID; longer ones were not seen


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    system: str
    value: str


def checked(given: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Each once, or `Invalid` naming what is wrong with one."""
    if len(given) > MOST:
        raise Invalid(say("At most %(most)s identifiers.", most=MOST), ("identifiers",))
    return tuple(dict.fromkeys(_checked(one) for one in given))


def _checked(one: Identifier) -> Identifier:
    system = one.system.lower()
    if not _SYSTEM.fullmatch(system):
        raise Invalid(
            "A system is 1 to 40 small letters, digits, dots and hyphens, like mobilize or ical.",
            ("identifiers", "system"),
        )
    return Identifier(system, texts.line(one.value, ("identifiers", "value"), LONGEST))
