"""Making and changing events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from domain.errors import BadInput
from domain.events import Accessibility as DomainAccessibility
from domain.events import AccessibilityStatus, AttendanceMode, EventStatus, JoinMode
from domain.recurrence import Recurrence as DomainRecurrence
from domain.sharing import Visibility
from domain.words import say
from resolvers import events
from resolvers.events import NewEvent
from schema.access import Need, refusal, requires
from schema.events import Event
from schema.inputs import (
    ContactInput,
    IdentifierInput,
    PlaceInput,
    optional,
    outcome,
    renamed,
    required,
    values,
    without_nulls,
)
from schema.reading import Asking
from schema.scalars import URL, Locale, TimeZone
from schema.shared import UserError

PUBLISHING = Need(token=True, scopes=(frozenset({"events:write", "events:publish"}),))


@strawberry.input(description="Whether people with disabilities can take part.")
class AccessibilityInput:
    status: AccessibilityStatus = required("In a word.")
    notes: str | None = optional("In words: entrance, lift, hearing loop.")
    features: list[str] | None = optional("As schema.org accessibilityFeature values.")

    def value(self) -> DomainAccessibility:
        return DomainAccessibility(**without_nulls(values(self)))


@strawberry.input(description="How an event repeats (RFC 5545), from its start on.")
class RecurrenceInput:
    rrule: str = required("The rule, without DTSTART: `FREQ=WEEKLY;BYDAY=TU;COUNT=10`.")
    dates: list[datetime] | None = optional("Further dates (RDATE).")
    exceptions: list[datetime] | None = optional("Dates left out (EXDATE).")

    def value(self) -> DomainRecurrence:
        return DomainRecurrence(**without_nulls(values(self)))


@strawberry.input(description="The words of an event in another language.")
class TranslationInput:
    language: Locale = required("The language.")
    title: str = required("The title.")
    summary: str | None = optional("The summary.")
    description: str | None = optional("The description.")

    def value(self) -> dict[str, str]:
        return without_nulls(values(self))


@strawberry.input(description="A new event.")
class CreateEventInput:
    organization: strawberry.ID = required("The organization that hosts it: yours.")
    group: strawberry.ID | None = optional("The group of that organization that holds it.")
    title: str = required("What it is called.")
    summary: str | None = optional("What it is, in a sentence or two.")
    description: str | None = optional("What it is, at length.")
    translations: list[TranslationInput] | None = optional("Its words in other languages.")
    starts_at: datetime = required("When it starts; of a series, its first date.")
    ends_at: datetime | None = optional("When it ends.")
    time_zone: TimeZone = required("The time zone it is held in; a series keeps its local time.")
    all_day: bool | None = optional(
        "It takes whole days: startsAt and endsAt are midnights in its time zone.", False
    )
    recurrence: RecurrenceInput | None = optional("How it repeats.")
    attendance_mode: AttendanceMode | None = optional(
        "How one takes part.", AttendanceMode.IN_PERSON
    )
    place: PlaceInput | None = optional("Where.")
    online_url: URL | None = optional("Where one takes part online.")
    accessibility: AccessibilityInput | None = optional(
        "Whether people with disabilities can take part."
    )
    causes: list[str] | None = optional("What it is for.")
    languages: list[Locale] | None = optional(
        "The languages it is held in; its words here are in the first."
    )
    is_free: bool | None = optional("It costs nothing.")
    capacity: int | None = optional("How many people fit.")
    join_mode: JoinMode | None = optional("How one signs up.", JoinMode.OPEN)
    registration_url: URL | None = optional("Where one signs up, if elsewhere.")
    contact: ContactInput | None = optional("Whom to ask.")
    visibility: Visibility | None = optional("Who sees it.", Visibility.PUBLIC)
    share_with: list[strawberry.ID] | None = optional(
        "Alliances to share it with; the host stands in each. Needs events:publish."
    )
    publish: bool | None = optional(
        "Publish it at once, which needs events:publish; false leaves a draft.", True
    )
    identifiers: list[IdentifierInput] | None = optional("Names it bears in other systems.")


@strawberry.input(description="A change to an event: what is left out stays, null empties.")
class UpdateEventInput:
    id: strawberry.ID = required("Its id.")
    version: int = required("Its version when you read it.")
    title: str | None = optional("What it is called.")
    summary: str | None = optional("What it is, in a sentence or two.")
    description: str | None = optional("What it is, at length.")
    translations: list[TranslationInput] | None = optional(
        "Its words in other languages, all of them: those left out are dropped."
    )
    starts_at: datetime | None = optional("When it starts; of a series, its first date.")
    ends_at: datetime | None = optional("When it ends.")
    time_zone: TimeZone | None = optional("The time zone it is held in.")
    all_day: bool | None = optional("It takes whole days.")
    recurrence: RecurrenceInput | None = optional("How it repeats; null: it takes place once.")
    attendance_mode: AttendanceMode | None = optional("How one takes part.")
    place: PlaceInput | None = optional("Where.")
    online_url: URL | None = optional("Where one takes part online.")
    accessibility: AccessibilityInput | None = optional(
        "Whether people with disabilities can take part."
    )
    causes: list[str] | None = optional("What it is for.")
    languages: list[Locale] | None = optional("The languages it is held in.")
    is_free: bool | None = optional("It costs nothing.")
    capacity: int | None = optional("How many people fit; null for no limit.")
    join_mode: JoinMode | None = optional("How one signs up.")
    registration_url: URL | None = optional("Where one signs up, if elsewhere.")
    contact: ContactInput | None = optional("Whom to ask.")
    visibility: Visibility | None = optional("Who sees it. Needs events:publish.")
    status: EventStatus | None = optional("Whether it takes place.")


@strawberry.type(description="What became of a change to an event.")
class EventPayload:
    event: Event | None = strawberry.field(
        description="The event as it stands; null where there is none for you."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was not done; empty where it was."
    )


@strawberry.type
class EventMutations:
    @strawberry.mutation(
        description="Make an event that your organization hosts.",
        directives=[requires("events:write")],
    )
    async def create_event(
        self,
        info: Asking,
        input: Annotated[CreateEventInput, strawberry.argument(description="What it is.")],
    ) -> EventPayload:
        given = without_nulls(in_languages(values(input)))
        if given.get("publish", True) or given.get("share_with"):
            require_publishing(info, "Mutation.createEvent")
        new = NewEvent(**renamed(given, organization="organization_id", group="group_id"))
        return _payload(await outcome(info, "Event", events.create(info.context, new)))

    @strawberry.mutation(description="Change an event.", directives=[requires("events:write")])
    async def update_event(
        self,
        info: Asking,
        input: Annotated[UpdateEventInput, strawberry.argument(description="What to change.")],
    ) -> EventPayload:
        changes = in_languages(values(input))
        if "visibility" in changes:
            require_publishing(info, "Mutation.updateEvent")
        thing_id, version = changes.pop("id"), changes.pop("version")
        work = events.update(info.context, thing_id, version, changes)  # type: ignore[arg-type]
        return _payload(await outcome(info, "Event", work, changing=thing_id))


def _payload(done: tuple[object, list[UserError]]) -> EventPayload:
    return EventPayload(event=done[0], user_errors=done[1])  # type: ignore[arg-type]


def require_publishing(info: Asking, coordinate: str) -> None:
    """What others see of it takes more than writing it."""
    if not PUBLISHING.met_by(info.context.viewer):
        raise refusal(coordinate, PUBLISHING, info.context.viewer)


def in_languages(given: dict[str, Any]) -> dict[str, Any]:
    """The translations by language; one language twice is a mistake, not a choice."""
    listed = given.get("translations")
    if not isinstance(listed, tuple):
        return given
    by_language: dict[str, Mapping[str, str]] = {}
    for words in listed:
        language = words["language"]
        if language in by_language:
            raise BadInput(
                say("translations: %(language)s stands there twice.", language=language),
                ("input", "translations"),
            )
        by_language[language] = {name: text for name, text in words.items() if name != "language"}
    return {**given, "translations": by_language}
