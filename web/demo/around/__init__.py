"""The two hubs around Port Merrow's: whose they are, and the organizations at home on each.

What they do with the city is in `web/demo/together.py`.
"""

from dataclasses import dataclass

from web.demo.around.county import COUNTY
from web.demo.around.valley import VALLEY
from web.demo.pieces import Voice

WINTER = "winter-table"  # the alliance that has members on all three hubs


@dataclass(frozen=True, slots=True)
class Around:
    """`key` names its database, and its directory in the demo's; its port is so many after the
    city's. The first of its voices is the member of the Winter Table."""

    key: str
    name: str
    after: int
    voices: tuple[Voice, ...]


AROUND = (
    Around("valley", "Merrow Valley", 1, VALLEY),
    Around("county", "County Libraries", 2, COUNTY),
)
