"""What a host tells of an event afterwards."""

from datetime import datetime

import strawberry

from schema.reading import column

A_REPORT = ("report_published_at",)


@strawberry.type(
    description="What the host tells of the event afterwards, to everybody who sees the event."
)
class EventReport:
    text: str = column("How it was.")
    attended: int | None = column("How many people came; null where nobody counted.")
    published_at: datetime = column("When this was told.")
