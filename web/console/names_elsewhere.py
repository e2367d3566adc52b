"""Who comes to an event of another hub, as that hub tells it while the page is made.

Names are mirrored nowhere. Where the owner does not answer there is no list, which is another thing
than an empty one: the page says so, and what can be done all the same.
"""

from collections.abc import Mapping
from typing import Any

from web.console.dates_of_event import Dates

# Beside the names: how many, which a mirror knows as of the last change that it was told.
NUMBERS = """
told: rsvps(filter: {occurrence: $date}, first: 1) @include(if: $elsewhere) {
  nodes { occurrence { attendance { accepted tentative waitlisted attended } } }
}
"""


def asked_of(dates: Dates) -> dict[str, Any]:
    """The variables of `NUMBERS`."""
    return {"date": dates.chosen.id, "elsewhere": dates.is_elsewhere}


def numbers_of(dates: Dates, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the date: the owner's, where it tells of somebody at all; else what is known here."""
    told = event.get("told")
    for answer in told["nodes"] if told else ():
        numbers: Mapping[str, Any] = answer["occurrence"]["attendance"]
        return numbers
    return dates.chosen.numbers
