"""What the documents of pages and feeds give, field by field, as the contract tells it."""

from typing import TypedDict


class Named(TypedDict):
    name: str
    url: str


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

    recurrenceId: str
    startsAt: str
    endsAt: str | None
    status: str
    title: str
    place: Place | None


class Hosting(TypedDict):
    role: str
    organization: Named


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


class Event(TypedDict):
    id: str
    url: str
    title: str
    summary: str | None
    description: str | None
    translations: list[Translation]
    visibility: str
    version: int
    createdAt: str
    updatedAt: str
    status: str
    cancellationReason: str | None
    startsAt: str
    endsAt: str | None
    timeZone: str
    allDay: bool
    recurrence: Repeating | None
    attendanceMode: str
    place: Place | None
    onlineUrl: str | None
    accessibility: Access | None
    image: Picture | None
    causes: list[str]
    languages: list[str]
    isFree: bool | None
    capacity: int | None
    joinMode: str
    registrationUrl: str | None
    host: Named
    hosts: list[Hosting]
    group: Named | None
    sharedWith: list[Named]
    follows: Followed | None
    links: Links
