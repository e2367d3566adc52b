"""Events in the contract, their dates, and the organizations named on them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Optional
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
from resolvers.reading import attendance, co_hosting, event_steps
from resolvers.reading import events as reading
from resolvers.reading import impact as reading_impact
from resolvers.reading import rsvps as reading_rsvps
from resolvers.reading.events import EventOrder
from resolvers.reading.hubs import contacts_known, page_of
from resolvers.reading.rsvps import RsvpOrder
from resolvers.reading.sources import by_id
from resolvers.reading.translations import translations_of
from resolvers.reading.wanted import EventsWanted
from schema.access import public, requires
from schema.alliances import Alliance
from schema.filters import (
    Events,
    From,
    Id,
    InOrder,
    OfEvents,
    OfRsvps,
    Rsvps,
    RsvpsInOrder,
    To,
    given,
    known,
    of_events,
    of_rsvps,
)
from schema.groups import Group
from schema.impact import Impact, impact
from schema.later import LaterEvent
from schema.loading import Inputs, Row
from schema.organizations import Organization
from schema.reading import (
    column,
    embedded,
    expression,
    found,
    live,
    moment,
    one,
    page,
    several,
    text,
)
from schema.reports import A_REPORT, EventReport
from schema.rsvps import HOW_MANY, AttendanceSummary, Rsvp
from schema.scalars import URL, Locale, TimeZone
from schema.shared import (
    A_CONTACT,
    A_PLACE,
    Contact,
    CountedConnection,
    Image,
    Node,
    Place,
    Publication,
    SourcedConnection,
)

READ = [requires("events:read"), public]


@strawberry.type(description="The words of an event in another language.")
class EventTranslation:
    language: Locale = column("The language.")
    title: str = column("The title.")
    summary: str | None = column("The summary.")
    description: str | None = column("The description.")


@strawberry.type(description="How an event repeats (RFC 5545).")
class Recurrence:
    rrule: str = column("The rule: `FREQ=WEEKLY;BYDAY=TU`. Empty where it is dates alone.")
    dates: list[datetime] = column("Further dates (RDATE).", "recurrence_dates")
    exceptions: list[datetime] = column("Dates left out (EXDATE).", "recurrence_exceptions")


@strawberry.type(description="Whether people with disabilities can take part.")
class Accessibility:
    status: AccessibilityStatus = column("In a word.")
    notes: str | None = column("In words: entrance, lift, hearing loop.")
    features: list[str] = column("As schema.org accessibilityFeature values.")


@strawberry.type(description="Where an event can be opened and kept.")
class EventLinks:
    page: URL = strawberry.field(description="Its page.")
    ics: URL = strawberry.field(description="As iCalendar.")
    json_ld: URL = strawberry.field(description="As schema.org JSON-LD.")
    google_calendar: URL = strawberry.field(description="Puts it into a Google calendar.")
    outlook: URL = strawberry.field(description="Puts it into an Outlook calendar.")


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
        "place_",
        "Where, if elsewhere than the event's other dates; null where it is as usual.",
        A_PLACE,
    )
    title: str = text(
        "title",
        "The title of this date: its own, or the event's.",
        original="event_title",
        own="title",
    )
    description: str | None = text(
        "description",
        "What it is on this date, at length: its own words, or the event's.",
        original="event_description",
        own="description",
    )
    attendance: AttendanceSummary = embedded("", HOW_MANY)

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Occurrence"


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
    next_actions: list[str] = expression(
        co_hosting.next_actions, "What you may do to it next: names of mutations."
    )
    is_final: bool = expression(
        co_hosting.is_final, "Nothing changes it any more; a new start is a new place."
    )
    message: str | None = expression(
        co_hosting.message, "What was said with it, between the host and the organization."
    )
    responded_at: datetime | None = column("When it was answered; null where it took no answer.")
    expires_at: datetime | None = column("Until when an answer is awaited.")
    ended_at: datetime | None = column("When it ended.")
    end_reason: str | None = expression(
        co_hosting.end_reason, "Why it ended, between the host and the organization."
    )

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
    translations: list[EventTranslation] = several(translations_of, "Its words in other languages.")
    status: EventStatus = column("Whether it takes place.")
    cancellation_reason: str | None = column(
        "Why it was cancelled; null where it was not, or nobody said."
    )
    publication_status: PublicationStatus = column("Whether it has been published.")
    starts_at: datetime = moment(
        "starts_at", "When it starts; of a series, its first date (DTSTART)."
    )
    ends_at: datetime | None = moment("ends_at", "When it ends; null where nobody said.")
    time_zone: TimeZone = column("The time zone it is held in.")
    all_day: bool = column("It takes whole days: midnight to midnight in its time zone.")
    recurrence: Recurrence | None = embedded(
        "", "How it repeats; null where it takes place once.", ("rrule",)
    )
    attendance_mode: AttendanceMode = column("How one takes part.")
    place: Place | None = embedded(
        "place_",
        "Where: coarse or null, as the owner's address visibility asks of this viewer.",
        A_PLACE,
    )
    online_url: URL | None = column("Where one takes part online.")
    accessibility: Accessibility | None = embedded(
        "accessibility_",
        "Whether people with disabilities can take part; null where nobody said.",
        ("accessibility_status",),
    )
    image: Image | None = embedded("image_", "A picture.", ("image_url",))
    causes: list[str] = column("What it is for, as slugs.")
    languages: list[Locale] = column("The languages it is held in.")
    is_free: bool | None = column("It costs nothing; null where nobody said.")
    capacity: int | None = column("How many people fit; null for no limit.")
    remaining_capacity: int | None = expression(
        attendance.remaining_capacity,
        "How many places are left: its capacity less those who accepted, guests counted; null "
        "where there is no limit, or where it recurs, for each date has its own.",
    )
    join_mode: JoinMode = column("How one signs up.")
    registration_url: URL | None = column("Where one signs up, if elsewhere.")
    host: Organization = one("organization_id", "Organization", "Answers for it.")
    group: Group | None = one("group_id", "Group", "The group that holds it.")
    shared_with: list[Alliance] = several(
        reading.alliances_of, "The alliances it is shared with, as far as you may know of them."
    )
    replaced_by: Optional["Event"] = one("replaced_by_id", "Event", "The event it was merged into.")
    follows: Optional["Event"] = one(
        "follows_id", "Event", "The series that it goes on from, since a change to its later dates."
    )

    report: EventReport | None = embedded(
        "report_", "What its host tells of it afterwards; null where nothing was told.", A_REPORT
    )
    contact: Contact | None = embedded(
        "contact_",
        "Whom to ask: for its hosts, and for their allies.",
        A_CONTACT,
        known=contacts_known,
    )

    next_actions: list[str] = expression(
        event_steps.next_actions,
        "What you may do to it next, as its host, as far as your place on it lets you, or to ask for "
        "one: names of mutations. What was merged into another event is only looked at.",
    )
    viewer_may_change: list[str] = expression(
        event_steps.may_change,
        "The fields of it that you may change by `updateEvent`: all of them as its host, and what "
        "was lent to a co-host.",
    )

    @page(
        CountedConnection[Occurrence],
        reading.dates_of,
        "Its dates between two moments, in order.",
        first=50,
    )
    @staticmethod
    def occurrences(from_: From, to: To) -> tuple[EventsWanted]:
        return (window(from_, to),)

    @page(
        CountedConnection[EventHost],
        reading.hosts_of,
        "Organizations named on it; in public only those that accepted.",
    )
    @staticmethod
    def hosts(
        roles: Annotated[
            list[EventHostRole] | None, strawberry.argument(description="In any of these roles.")
        ] = None,
    ) -> tuple[tuple[EventHostRole, ...] | None]:
        return (None if roles is None else tuple(roles),)

    attendance: AttendanceSummary = embedded("", HOW_MANY)
    viewer_rsvp: Rsvp | None = one(
        reading_rsvps.of_viewer,
        "Rsvp",
        "Your own answer: of several, to different dates, the one given or changed last.",
    )

    @page(
        CountedConnection[Rsvp] | None,
        reading_rsvps.of_event,
        "Who answered: for the host all of them; for a partner, as "
        "far as its place on the event lets it know them, those who agreed to that; and oneself.",
        directives=[requires("attendance:read")],
    )
    @staticmethod
    def rsvps(filter: Rsvps = None, order_by: RsvpsInOrder = RsvpOrder.ANSWERED_AT_ASC) -> OfRsvps:
        return of_rsvps(filter, order_by)

    impact: Impact | None = impact(
        reading_impact.of_event,
        Impact | None,
        "What came of it: for its host, and for partners who are told numbers; null for others.",
        directives=[requires("events:read")],
    )

    @live(
        "Where it can be opened and kept.",
        columns=("title", "starts_at", "ends_at", "place_name"),
        worked={"page": page_of},
    )
    @staticmethod
    def links(row: Inputs) -> EventLinks:
        return links_of(row)

    @classmethod
    def is_type_of(cls, row: Row, info: object) -> bool:
        return row.type_name == "Event"


def window(from_: datetime, to: datetime) -> EventsWanted:
    if from_ >= to:
        raise BadInput("to: a window ends after it begins.", ("to",))
    return EventsWanted(from_=from_, to=to)


def links_of(row: Inputs) -> EventLinks:
    """The two calendars' own addresses for a prefilled event; both take times in UTC."""
    page_address = row.page
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
    @found(
        Event | None,
        "Event",
        by_id("Event"),
        "One event; null where there is none for you.",
        directives=[public],
    )
    @staticmethod
    def event(id: Id) -> tuple[str]:
        return (known(id),)

    @page(
        SourcedConnection[LaterEvent],
        reading.listed,
        "Events.",
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def events(filter: Events = None, order_by: InOrder = EventOrder.STARTS_AT_ASC) -> OfEvents:
        return of_events(filter, order_by)

    @page(
        CountedConnection[Occurrence],
        reading.dates,
        "Every date of the events wanted, in order: a calendar.",
        first=50,
        directives=[requires("events:read"), public],
    )
    @staticmethod
    def occurrences(from_: From, to: To, filter: Events = None) -> tuple[EventsWanted]:
        between = window(from_, to)
        wanted = given(filter, EventsWanted())
        return (replace(wanted, from_=between.from_, to=between.to),)
