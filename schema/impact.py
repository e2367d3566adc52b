"""What came of events, in people: of one event, of an organization's, of an alliance's."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date
from typing import Annotated, Any

import strawberry

from domain import impact as domain
from resolvers.context import Context
from schema.loading import Row
from schema.reading import Asking

FirstDay = Annotated[
    date, strawberry.argument(name="from", description="The first day, by the clocks of the place.")
]
LastDay = Annotated[
    date, strawberry.argument(description="The last day; a year after the first at most.")
]


@strawberry.type(
    description="What came of events in some time. Only what was recorded counts: see `coverage`. To others than the host, numbers of people are told in steps of five, 0 below that. docs/impact.md defines each figure."
)
class Impact:
    events_held: int = strawberry.field(
        description="Events of which a date took place in that time."
    )
    co_hosted_events: int = strawberry.field(
        description="Those of them that two organizations or more held together."
    )
    people_connected: int = strawberry.field(
        description="People who were at one of them at least; who accepted and did not come is not counted."
    )
    new_connections: int = strawberry.field(
        description="Pairs of people who were at the same date for the first time. Dates of more than fifty people are left out."
    )
    cross_organization_connections: int = strawberry.field(
        description="Those pairs whose people came first through different organizations."
    )
    first_timers: int = strawberry.field(
        description="People who had never been at one of these events before."
    )
    return_rate: float | None = strawberry.field(
        description="The share of people who came to two dates or more; null where nobody was recorded."
    )
    turnout: float | None = strawberry.field(
        description="The share of those who accepted who came, where attendance was recorded; null where it never was."
    )
    groups_founded: int = strawberry.field(description="Groups that began in that time.")
    coverage: float | None = strawberry.field(
        description="The share of dates whose attendance was recorded: how far the figures about people go. Null where no date took place."
    )


def impact(
    of: Callable[[Context, str, date, date], Awaitable[domain.Impact | None]],
    result: Any,
    description: str,
    directives: Iterable[object] = (),
) -> Any:
    """A field of the thing whose events are meant."""

    async def read(
        parent: strawberry.Parent[Row], info: Asking, from_: FirstDay, to: LastDay
    ) -> Any:
        return _shown(await of(info.context, parent.id, from_, to))

    read.__annotations__["return"] = result
    return strawberry.field(resolver=read, description=description, directives=list(directives))


def _shown(found: domain.Impact | None) -> Impact | None:
    if found is None:
        return None
    return Impact(
        events_held=found.events_held,
        co_hosted_events=found.co_hosted_events,
        people_connected=found.people_connected,
        new_connections=found.new_connections,
        cross_organization_connections=found.cross_organization_connections,
        first_timers=found.first_timers,
        return_rate=found.return_rate,
        turnout=found.turnout,
        groups_founded=found.groups_founded,
        coverage=found.coverage,
    )
