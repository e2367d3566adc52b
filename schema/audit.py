"""The record of who did what, in the contract."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.errors import BadInput
from resolvers.reading import audit as reading
from schema.access import requires
from schema.filters import known
from schema.later import LaterHub
from schema.loading import Row
from schema.organizations import Organization
from schema.people import Person
from schema.reading import column, expression, one, page
from schema.shared import CountedConnection, Node

FIRST = 50

Subject = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="About this thing and its parts: the history of an event has what became of its hosts."
    ),
]
Since = Annotated[
    datetime | None,
    strawberry.argument(name="from", description="Done at or after this moment."),
]
Before = Annotated[datetime | None, strawberry.argument(description="Done before this moment.")]
Wanted = tuple[str | None, datetime | None, datetime | None]


@strawberry.type(
    description="Who did what, for which organization, through which client. An entry is never changed and never taken away.",
    directives=[requires("audit:read")],
)
class AuditEntry(Node):
    at: datetime = column("When it was done.")
    action: str = column("What was done: `event.updated`, `alliance.created`.")
    subject: strawberry.ID | None = column("What it was done to, by its id.", "subject_id")
    person: Person | None = one(
        "person_id", "Person", "Who did it, where you may know them; null where an app or time did."
    )
    organization: Organization | None = one(
        "organization_id", "Organization", "For whom it was done; null where nobody asked."
    )
    hub: LaterHub | None = one("hub_id", "Hub", "The hub at which whoever did it is at home.")
    client: str | None = expression(
        reading.client_shown,
        "Through which app, by its client id, where it is your organization's or you may know who asked; `time` where a date had come, `operator` at the hub's command line.",
    )
    request_id: str = column("The request, as `X-Request-Id` named it.")
    detail: str | None = column("The fields that were changed, and never what was in them.")

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "AuditEntry"


@strawberry.type
class AuditQueries:
    @page(
        CountedConnection[AuditEntry],
        reading.listed,
        "Who did what, newest first: what concerned your organization when it was done, or all that you may know of one thing. An event's history is open to all its accepted hosts.",
        first=FIRST,
        directives=[requires("audit:read")],
    )
    @staticmethod
    def audit(
        subject: Subject = UNSET,
        from_: Since = UNSET,
        to: Before = UNSET,
    ) -> Wanted:
        since, before = from_ or None, to or None
        if since and before and since >= before:
            raise BadInput("to: a window ends after it begins.", ("to",))
        return known(subject) if subject else None, since, before
