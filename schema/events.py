"""Events in the contract, their dates, and the organizations named on them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Optional
from urllib.parse import urlencode

import strawberry

from domain.errors import BadInput
from domain.events import (
    AccessibilityStatus,
    AttendanceMode,
    EventHostRole,
    EventHostStatus,
    EventStatus,
    JoinMode,
    PublicationStatus,
)
from domain.sharing import AttendeeSharing, HostEditing
from resolvers.context import Eyes
from resolvers.reading import events as reading
from resolvers.reading.batches import Thing
from resolvers.reading.events import EventOrder
from resolvers.reading.hubs import contacts_known, page_of
from resolvers.reading.listing import Listing
from resolvers.reading.wanted import EventsWanted
from schema.access import public, requires
from schema.alliances import Alliance
from schema.filters import Events, From, Id, InOrder, To, given
from schema.groups import Group
from schema.later import LaterEvent
from schema.loading import Row, by_id
from schema.organizations import Organization
from schema.reading import Asking, Language, ask, column, embedded, moment, one, page, several, text
from schema.scalars import URL, Locale, TimeZone
from schema.shared import (
    Contact,
    CountedConnection,
    Image,
    Node,
    Place,
    Publication,
    SourcedConnection,
    contact_of,
    place_of,
)

READ = [requires("events:read"), public]


@strawberry.type(description="The words of an event in another language.")
class EventTranslation:
    language: Locale = strawberry.field(description="The language.")
    title: str = strawberry.field(description="The title.")
    summary: str | None = strawberry.field(description="The summary.")
    description: str | None = strawberry.field(description="The description.")


@strawberry.type(description="How an event repeats (RFC 5545).")
class Recurrence:
    rrule: str = strawberry.field(
        description="The rule: `FREQ=WEEKLY;BYDAY=TU`. Empty where it is dates alone."
    )
    dates: list[datetime] = strawberry.field(description="Further dates (RDATE).")
    exceptions: list[datetime] = strawberry.field(description="Dates left out (EXDATE).")


@strawberry.type(description="Whether people with disabilities can take part.")
class Accessibility:
    status: AccessibilityStatus = column("In a word.", "accessibility_status")
    notes: str | None = column("In words: entrance, lift, hearing loop.", "accessibility_notes")
    features: list[str] = column(
        "As schema.org accessibilityFeature values.", "accessibility_features"
    )


@strawberry.type(description="Where an event can be opened and kept.")
class EventLinks:
    page: URL = strawberry.field(description="Its page.")
    ics: URL = strawberry.field(description="As iCalendar.")
    json_ld: URL = strawberry.field(description="As schema.org JSON-LD.")
    google_calendar: URL = strawberry.field(description="Puts it into a Google calendar.")
    outlook: URL = strawberry.field(description="Puts it into an Outlook calendar.")


def translations_of(row: Row) -> list[EventTranslation]:
    return [
        EventTranslation(
            language=Locale(language),
            title=words["title"],
            summary=words.get("summary"),
            description=words.get("description"),
        )
        for language, words in sorted(row.translations.items())
    ]


def recurrence_of(row: Row) -> Recurrence | None:
    if row.rrule is None:
        return None
    return Recurrence(
        rrule=row.rrule, dates=row.recurrence_dates, exceptions=row.recurrence_exceptions
    )


def accessibility_of(row: Row) -> Row | None:
    return row if row.accessibility_status else None


def image_of(row: Row) -> Image | None:
    return (
        Image(url=row.image_url, alternative_text=row.image_alternative_text)
        if row.image_url
        else None
    )


@strawberry.type(
    description="One date of an event. RSVPs and attendance belong to an occurrence.",
    directives=READ,
)
class Occurrence(Node):
    event: LaterEvent = one("event_id", "Event", "The event it is a date of.")
    recurrence_id: datetime = moment(
        "recurrence_id",
        "Which date of the series it is (iCalendar RECURRENCE-ID): it stays when the date is moved.",
    )
    starts_at: datetime = moment("starts_at", "When it starts.")
    ends_at: datetime | None = moment("ends_at", "When it ends; null where nobody said.")
    status: EventStatus = column("Whether it takes place.")
    place: Place | None = embedded(
        place_of, "Where, if elsewhere than the event's other dates; null where it is as usual."
    )

    @strawberry.field(description="The title of this date: its own, or the event's.")
    @staticmethod
    def title(parent: strawberry.Parent[Row], language: Language = strawberry.UNSET) -> str:
        return str(parent.title or title_of_event(parent, language or None))

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Occurrence"


def title_of_event(row: Row, language: str | None) -> Any:
    for tag in (language, (language or "").split("-")[0]):
        translated = row.translations.get(tag, {}).get("title") if tag else None
        if translated and language != row.language:
            return translated
    return row.event_title


@strawberry.type(
    description="An organization's part in an event. Nobody is named without having accepted; either side may withdraw alone.",
    directives=READ,
)
class EventHost(Node):
    event: LaterEvent = one("event_id", "Event", "The event.")
    organization: Organization = one("organization_id", "Organization", "The organization.")
    role: EventHostRole = column("Its part.")
    status: EventHostStatus = column("Where it stands.")
    may_edit: HostEditing = column("What it may change.")
    attendee_sharing: AttendeeSharing = column("What it learns about who comes.")
    responded_at: datetime | None = column("When it answered.")

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "EventHost"


@strawberry.federation.type(
    keys=["id"],
    description="Something that people can come to (iCalendar VEVENT, schema.org Event).",
    directives=READ,
)
class Event(Publication):
    title: str = text("title", "What it is called.")
    summary: str | None = text("summary", "What it is, in a sentence or two.")
    description: str | None = text(
        "description", "What it is, at length: plain text, its line breaks kept."
    )
    translations: list[EventTranslation] = embedded(
        translations_of, "Its words in other languages."
    )
    status: EventStatus = column("Whether it takes place.")
    publication_status: PublicationStatus = column("Whether it has been published.")
    starts_at: datetime = moment(
        "starts_at", "When it starts; of a series, its first date (DTSTART)."
    )
    ends_at: datetime | None = moment("ends_at", "When it ends; null where nobody said.")
    time_zone: TimeZone = column("The time zone it is held in.")
    all_day: bool = column("It takes whole days: midnight to midnight in its time zone.")
    recurrence: Recurrence | None = embedded(
        recurrence_of, "How it repeats; null where it takes place once."
    )
    attendance_mode: AttendanceMode = column("How one takes part.")
    place: Place | None = embedded(
        place_of, "Where: coarse or null, as the owner's address visibility asks of this viewer."
    )
    online_url: URL | None = column("Where one takes part online.")
    accessibility: Accessibility | None = embedded(
        accessibility_of, "Whether people with disabilities can take part; null where nobody said."
    )
    image: Image | None = embedded(image_of, "A picture.")
    causes: list[str] = column("What it is for, as slugs.")
    languages: list[Locale] = column("The languages it is held in.")
    is_free: bool | None = column("It costs nothing; null where nobody said.")
    capacity: int | None = column("How many people fit; null for no limit.")
    join_mode: JoinMode = column("How one signs up.")
    registration_url: URL | None = column("Where one signs up, if elsewhere.")
    host: Organization = one("organization_id", "Organization", "Answers for it.")
    group: Group | None = one("group_id", "Group", "The group that holds it.")
    shared_with: list[Alliance] = several(
        reading.alliances_of, "The alliances it is shared with, as far as you may know of them."
    )
    replaced_by: Optional["Event"] = one("replaced_by_id", "Event", "The event it was merged into.")

    @page(CountedConnection[Occurrence], "Its dates between two moments, in order.", first=50)
    @staticmethod
    def occurrences(parent: Thing, eyes: Eyes, from_: From, to: To) -> Listing:
        return reading.dates_of(eyes, parent, window(from_, to))

    @page(
        CountedConnection[EventHost],
        "Organizations named on it; in public only those that accepted.",
    )
    @staticmethod
    def hosts(
        parent: Thing,
        eyes: Eyes,
        roles: Annotated[
            list[EventHostRole] | None, strawberry.argument(description="In any of these roles.")
        ] = None,
    ) -> Listing:
        return reading.hosts_of(eyes, parent, tuple(roles) if roles is not None else None)

    @strawberry.field(description="Whom to ask: for its hosts, and for their allies.")
    @staticmethod
    async def contact(parent: strawberry.Parent[Row], info: Asking) -> Contact | None:
        return contact_of(parent) if await ask(info, parent, contacts_known) else None

    @strawberry.field(description="Where it can be opened and kept.")
    @staticmethod
    async def links(parent: strawberry.Parent[Row], info: Asking) -> EventLinks:
        return links_of(parent, str(await ask(info, parent, page_of)))

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Event"

    @classmethod
    async def resolve_reference(cls, info: Asking, id: strawberry.ID) -> "Event | None":
        return await by_id(info.context, "Event", id)  # type: ignore[return-value]


def window(from_: datetime, to: datetime) -> EventsWanted:
    if from_ >= to:
        raise BadInput("to: a window ends after it begins.", ("to",))
    return EventsWanted(from_=from_, to=to)


def links_of(row: Row, page_address: str) -> EventLinks:
    """The two calendars' own addresses for a prefilled event; both take times in UTC."""
    ends_at = row.ends_at or row.starts_at
    google = urlencode(
        {
            "action": "TEMPLATE",
            "text": row.title,
            "dates": f"{row.starts_at:%Y%m%dT%H%M%SZ}/{ends_at:%Y%m%dT%H%M%SZ}",
            "details": page_address,
            "location": row.place_name or "",
        }
    )
    outlook = urlencode(
        {
            "path": "/calendar/action/compose",
            "rru": "addevent",
            "subject": row.title,
            "startdt": f"{row.starts_at:%Y-%m-%dT%H:%M:%SZ}",
            "enddt": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}",
            "body": page_address,
            "location": row.place_name or "",
        }
    )
    return EventLinks(
        page=URL(page_address),
        ics=URL(f"{page_address}.ics"),
        json_ld=URL(f"{page_address}.jsonld"),
        google_calendar=URL(f"https://calendar.google.com/calendar/render?{google}"),
        outlook=URL(f"https://outlook.live.com/calendar/0/deeplink/compose?{outlook}"),
    )


@strawberry.type
class EventQueries:
    @strawberry.field(
        description="One event; null where there is none for you.", directives=[public]
    )
    async def event(self, info: Asking, id: Id) -> Event | None:
        return await by_id(info.context, "Event", id)  # type: ignore[return-value]

    @page(SourcedConnection[LaterEvent], "Events.", directives=[requires("events:read"), public])
    @staticmethod
    def events(
        eyes: Eyes,
        filter: Events = None,
        order_by: InOrder = EventOrder.STARTS_AT_ASC,
    ) -> Listing:
        return reading.listed(
            eyes, given(filter, EventsWanted()), order_by or EventOrder.STARTS_AT_ASC
        )

    @page(
        CountedConnection[Occurrence],
        "Every date of the events wanted, in order: a calendar.",
        first=50,
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def occurrences(eyes: Eyes, from_: From, to: To, filter: Events = None) -> Listing:
        between = window(from_, to)
        wanted = given(filter, EventsWanted())
        return reading.dates(eyes, replace(wanted, from_=between.from_, to=between.to))
