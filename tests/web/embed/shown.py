"""Some dates to embed: of the Pantry, of a group of its, and shared with the alliance."""

from dataclasses import dataclass

from domain.events import EventStatus
from domain.places import Place
from domain.sharing import Visibility
from tests.cast import Cast, MakeContext, publish, start_group

ATTACK = "<img src=x onerror=alert(1)> \"'><script>alert(2)</script>"
BARN = Place(name="The Barn", locality="River City", latitude=39.2, longitude=-86.4)


@dataclass(frozen=True)
class Paths:
    """Of embeds."""

    organization: str
    group: str
    alliance: str
    hub: str = "/embed/events"

    @property
    def all(self) -> tuple[str, ...]:
        return self.organization, self.group, self.alliance, self.hub


async def something_on(context: MakeContext, cast: Cast) -> Paths:
    anna, table = cast.anna, (cast.city_table,)
    group = await start_group(context, anna, "drivers")
    words = {"ar": {"title": "حملة الغذاء"}}
    of_group = {"group_id": group, "share_with": table}
    await publish(
        context, anna, title="Food drive", causes=("food",), translations=words, **of_group
    )
    await publish(context, anna, title=ATTACK, place=BARN, causes=("housing",), **of_group)
    await publish(context, anna, title="Called off", status=EventStatus.CANCELLED, **of_group)
    await publish(context, anna, title="Staff meeting", visibility=Visibility.ORGANIZATION)
    return Paths(
        f"/embed/organizations/{cast.pantry}",
        f"/embed/groups/{group}",
        f"/embed/alliances/{cast.city_table}",
    )
