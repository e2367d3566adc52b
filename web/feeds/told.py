"""What the documents of pages and feeds give, field by field, as the contract tells it."""

from typing import NotRequired, TypedDict


class Named(TypedDict):
    """With its id where somebody may agree to what it learns."""

    name: str
    url: str
    id: NotRequired[str]


class Place(TypedDict):
    name: str | None
    streetAddress: str | None
    locality: str | None
    region: str | None
    postalCode: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    precision: str


class Picture(TypedDict):
    url: str
    alternativeText: str


class Repeating(TypedDict):
    rrule: str
    dates: list[str]
    exceptions: list[str]


class Access(TypedDict):
    status: str
    notes: str | None
    features: list[str]


class OneDate(TypedDict):
    """A date of an event; `place` is null where it is as usual."""

    id: str
    recurrenceId: str
    startsAt: str
    endsAt: str | None
    status: str
    title: str
    place: Place | None


class Origin(TypedDict):
    name: str
    isLocal: bool


class Hosting(TypedDict):
    role: str
    organization: Named
    attendeeSharing: NotRequired[str]


class Links(TypedDict):
    page: str
    ics: str
    jsonLd: str
    googleCalendar: str
    outlook: str


class Translation(TypedDict):
    language: str


class Followed(TypedDict):
    id: str


class OnClocks(TypedDict):
    timeZone: str
    allDay: bool


class InPlace(TypedDict):
    attendanceMode: str


class Entry(OnClocks, InPlace):
    """An event as far as calendars and lists show it; `hosts` are those who hold it."""

    id: str
    url: str
    title: str
    summary: str | None
    description: str | None
    version: int
    createdAt: str
    updatedAt: str
    status: str
    cancellationReason: str | None
    startsAt: str
    endsAt: str | None
    recurrence: Repeating | None
    place: Place | None
    onlineUrl: str | None
    causes: list[str]
    host: Named
    hosts: list[Hosting]
    follows: Followed | None


class Briefly(OnClocks, InPlace):
    """An event as a page lists its dates."""

    url: str
    place: Place | None
    host: Named


class Listed(TypedDict):
    """A date among those of several events."""

    startsAt: str
    endsAt: str | None
    status: str
    title: str
    place: Place | None
    event: Briefly


class Row(Entry):
    """An event as a table and a news reader show it."""

    languages: list[str]
    isFree: bool | None
    registrationUrl: str | None
    group: Named | None
    nextAt: str | None  # its next date


class Event(Entry):
    translations: list[Translation]
    visibility: str
    accessibility: Access | None
    image: Picture | None
    languages: list[str]
    isFree: bool | None
    capacity: int | None
    remainingCapacity: int | None
    joinMode: str
    origin: Origin
    registrationUrl: str | None
    group: Named | None
    sharedWith: list[Named]
    links: Links
