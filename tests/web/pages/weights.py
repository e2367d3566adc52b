"""What pages may weigh on a first visit, for the table of docs/pages.md. `test_weights.py` holds it.

In thousands of bytes, uncompressed: the page, the stylesheet and, where it has one, the script.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weight:
    """`most` is never more than five above what the page of a busy hub weighs."""

    page: str
    path: str  # {event}, {organization}, {group} and {alliance} are ids
    requests: int
    most: int


WEIGHTS = (
    Weight("first page", "/", 3, 25),
    Weight("events, as a list", "/events", 3, 35),
    Weight("events, a week", "/events?view=week&on=2027-03-06", 3, 25),
    Weight("events, a month", "/events?view=month&on=2027-03-06", 3, 45),
    Weight("events, on a map", "/events?view=map", 3, 30),
    Weight("search", "/search?q=food", 2, 20),
    Weight("organizations", "/organizations", 2, 20),
    Weight("alliances", "/alliances", 2, 20),
    Weight("event, a series", "/events/{event}", 3, 50),
    Weight("saying that one comes", "/events/{event}/rsvp", 2, 20),
    Weight("organization", "/organizations/{organization}", 2, 40),
    Weight("group", "/groups/{group}", 2, 40),
    Weight("alliance, as a list", "/alliances/{alliance}", 2, 40),
    Weight("alliance, a month", "/alliances/{alliance}?view=month&on=2027-03-06", 2, 45),
    Weight("alliance, on a map", "/alliances/{alliance}?view=map", 2, 30),
    Weight("alliance in a frame, as a list", "/embed/alliances/{alliance}", 2, 30),
    Weight(
        "alliance in a frame, a month",
        "/embed/alliances/{alliance}?view=month&on=2027-03-06",
        2,
        40,
    ),
    Weight("alliance in a frame, on a map", "/embed/alliances/{alliance}?view=map", 2, 30),
)
LIMIT = 50


def page_weights() -> Iterator[list[str]]:
    yield ["Page", "Requests", "At most"]
    for each in WEIGHTS:
        yield [each.page, str(each.requests), f"{each.most} kB"]
