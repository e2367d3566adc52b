"""What lists can be narrowed to: the filters of the contract, read into the values of a use case."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from domain.alliances import AllianceStatus
from domain.errors import BadInput
from domain.events import AttendanceMode, EventHostRole, EventStatus, PublicationStatus
from domain.rsvps import RsvpStatus
from domain.words import say
from resolvers.reading.events import EventOrder
from resolvers.reading.given import Near
from resolvers.reading.rsvps import RsvpOrder
from resolvers.reading.wanted import (
    AlliancesWanted,
    EventsWanted,
    GroupsWanted,
    OrganizationsWanted,
    RsvpsWanted,
)
from schema.scalars import Locale

LONGEST_SEARCH = 400  # characters
MOST_VALUES = 100  # ids, causes or languages in one filter


def asked(description: str, default: Any = UNSET) -> Any:
    """A part of a filter: absent or null, it narrows nothing."""
    return strawberry.field(description=description, default=default)


@strawberry.input(
    description="Within a distance of a position, over the date line and the poles too."
)
class NearInput:
    latitude: float = strawberry.field(description="Degrees north of the equator, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east of Greenwich, -180 to 180.")
    radius_km: float = strawberry.field(
        description="How far at most, in kilometres: more than 0, at most 500.", default=25.0
    )


@strawberry.input(description="Narrows a list of organizations. All that is given must hold.")
class OrganizationFilter:
    search: str | None = asked("Words in its name or description, in any language.")
    causes: list[str] | None = asked("Any of these causes.")
    alliance: strawberry.ID | None = asked("Active members of this alliance.")
    near: NearInput | None = asked("Within a distance.")
    hub: strawberry.ID | None = asked("At home on this hub.")

    def wanted(self) -> OrganizationsWanted:
        return OrganizationsWanted(
            search=_words(self.search),
            causes=_causes(self.causes),
            alliance=self.alliance or None,
            near=_near(self.near),
            hub=self.hub or None,
        )


@strawberry.input(description="Narrows a list of groups. All that is given must hold.")
class GroupFilter:
    search: str | None = asked("Words in its name, purpose or description, in any language.")
    organizations: list[strawberry.ID] | None = asked("Of any of these organizations.")
    alliances: list[strawberry.ID] | None = asked("Shared with any of these alliances.")
    causes: list[str] | None = asked("Any of these causes.")
    languages: list[Locale] | None = asked("Any of these languages.")
    near: NearInput | None = asked("Within a distance.")

    def wanted(self) -> GroupsWanted:
        return GroupsWanted(
            search=_words(self.search),
            organizations=_values(self.organizations, "organizations"),
            alliances=_values(self.alliances, "alliances"),
            causes=_causes(self.causes),
            languages=_values(self.languages, "languages"),
            near=_near(self.near),
        )


@strawberry.input(
    description="Narrows a list of events. All that is given must hold; a list of values holds where one of them does."
)
class EventFilter:
    search: str | None = asked("Words in its title, summary or description, in any language.")
    organizations: list[strawberry.ID] | None = asked(
        "Hosted by any of these organizations, in a role of hostRoles."
    )
    groups: list[strawberry.ID] | None = asked("Of any of these groups.")
    alliances: list[strawberry.ID] | None = asked("Shared with any of these alliances.")
    hubs: list[strawberry.ID] | None = asked("Owned by any of these hubs.")
    causes: list[str] | None = asked("Any of these causes.")
    languages: list[Locale] | None = asked("Held in any of these languages.")
    from_: datetime | None = strawberry.field(
        name="from",
        description="With a date that starts at or after this moment, or is still going on then.",
        default=UNSET,
    )
    to: datetime | None = asked("With a date that starts before this moment.")
    near: NearInput | None = asked("Within a distance.")
    statuses: list[EventStatus] | None = asked(
        "In any of these states; naming CANCELLED includes the cancelled."
    )
    publication_statuses: list[PublicationStatus] | None = asked(
        "In any of these states of publication; only PUBLISHED where it is left out, so that a draft is listed only on request."
    )
    attendance_modes: list[AttendanceMode] | None = asked("Any of these ways to take part.")
    host_roles: list[EventHostRole] | None = asked(
        "The roles in which an organization counts as hosting; HOST and CO_HOST where it is left out."
    )
    accessible: bool | None = asked(
        "true: only what says it is accessible. false: only what does not say so."
    )
    include_cancelled: bool | None = asked("Cancelled events too.", default=False)
    updated_since: datetime | None = asked("Changed at or after this moment.")

    def wanted(self) -> EventsWanted:
        from_, to = self.from_ or None, self.to or None
        if from_ and to and from_ >= to:
            raise BadInput("filter.to: a window ends after it begins.", ("filter", "to"))
        return EventsWanted(
            search=_words(self.search),
            organizations=_values(self.organizations, "organizations"),
            groups=_values(self.groups, "groups"),
            alliances=_values(self.alliances, "alliances"),
            hubs=_values(self.hubs, "hubs"),
            causes=_causes(self.causes),
            languages=_values(self.languages, "languages"),
            from_=from_,
            to=to,
            near=_near(self.near),
            statuses=_values(self.statuses, "statuses"),
            publication_statuses=_values(self.publication_statuses, "publicationStatuses")
            or (PublicationStatus.PUBLISHED,),
            attendance_modes=_values(self.attendance_modes, "attendanceModes"),
            host_roles=_values(self.host_roles, "hostRoles"),
            accessible=None if self.accessible is UNSET else self.accessible,
            include_cancelled=bool(self.include_cancelled),
            updated_since=self.updated_since or None,
        )


@strawberry.input(description="Narrows a list of alliances. All that is given must hold.")
class AllianceFilter:
    search: str | None = asked("Words in its name, purpose or description, in any language.")
    causes: list[str] | None = asked("Any of these causes.")
    member_organization: strawberry.ID | None = asked("With this organization as active member.")
    statuses: list[AllianceStatus] | None = asked("In any of these states.")

    def wanted(self) -> AlliancesWanted:
        return AlliancesWanted(
            search=_words(self.search),
            causes=_causes(self.causes),
            member_organization=self.member_organization or None,
            statuses=_values(self.statuses, "statuses"),
        )


@strawberry.input(description="Narrows a list of answers. All that is given must hold.")
class RsvpFilter:
    occurrence: strawberry.ID | None = asked("To this date.")
    statuses: list[RsvpStatus] | None = asked("In any of these states.")
    search: str | None = asked("A part of the name, in small or capital letters, accents or none.")

    def wanted(self) -> RsvpsWanted:
        return RsvpsWanted(
            occurrence=known(self.occurrence) if self.occurrence else None,
            statuses=_values(self.statuses, "statuses"),
            search=_words(self.search),
        )


def _words(text: str | None) -> str | None:
    if not text:  # absent, null or empty: nothing to look for
        return None
    return search_text(text, ("filter", "search"))


def search_text(text: str, field: tuple[str, ...]) -> str:
    if len(text) > LONGEST_SEARCH:
        raise BadInput(
            say("%(field)s: at most %(most)s characters.", field=field[-1], most=LONGEST_SEARCH),
            field,
        )
    return text.replace("\x00", "")  # which PostgreSQL's texts cannot hold, and no word has


def _values(values: list[Any] | None, name: str) -> tuple[Any, ...] | None:
    if values is None or values is UNSET:
        return None
    if len(values) > MOST_VALUES:
        raise BadInput(
            say("filter.%(name)s: at most %(most)s values.", name=name, most=MOST_VALUES),
            ("filter", name),
        )
    return tuple(values)


def _causes(values: list[str] | None) -> tuple[str, ...] | None:
    given = _values(values, "causes")
    if given is None:
        return None
    return tuple("-".join(cause.casefold().split()) for cause in given) if given else ()


def _near(near: NearInput | None) -> Near | None:
    return Near.of(near.latitude, near.longitude, near.radius_km) if near else None


OfEvents = tuple[EventsWanted, EventOrder]


def of_events(filter_: "EventFilter | None", order: EventOrder | None) -> OfEvents:
    """What a list of events is asked for, its order included."""
    return given(filter_, EventsWanted()), order or EventOrder.STARTS_AT_ASC


OfRsvps = tuple[RsvpsWanted, RsvpOrder]


def of_rsvps(filter_: "RsvpFilter | None", order: RsvpOrder | None) -> OfRsvps:
    """What a list of answers is asked for, its order included."""
    return given(filter_, RsvpsWanted()), order or RsvpOrder.ANSWERED_AT_ASC


def id_or_slug(identifier: str | None, slug: str | None) -> tuple[str | None, str | None]:
    """The one of them that was given."""
    if bool(identifier) is bool(slug):
        raise BadInput("Give either an id or a slug.", ("id",))
    return (known(identifier), None) if identifier else (None, known(slug))


def known(identifier: str | None) -> str:
    """The id, or one that nothing has: PostgreSQL's texts hold no U+0000."""
    return "" if identifier is None or "\x00" in identifier else identifier


def given(filter_: Any, empty: Any) -> Any:
    """The filter's values, or those of a filter that narrows nothing."""
    return filter_.wanted() if filter_ else empty


Organizations = Annotated[
    OrganizationFilter | None, strawberry.argument(description="Which organizations.")
]
Groups = Annotated[GroupFilter | None, strawberry.argument(description="Which groups.")]
Events = Annotated[EventFilter | None, strawberry.argument(description="Which events.")]
Alliances = Annotated[AllianceFilter | None, strawberry.argument(description="Which alliances.")]
Rsvps = Annotated[RsvpFilter | None, strawberry.argument(description="Which answers.")]
RsvpsInOrder = Annotated[RsvpOrder | None, strawberry.argument(description="In which order.")]
InOrder = Annotated[EventOrder | None, strawberry.argument(description="In which order.")]
Id = Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
MaybeId = Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")]
MaybeSlug = Annotated[str | None, strawberry.argument(description="Its slug on this hub.")]
From = Annotated[
    datetime,
    strawberry.argument(
        name="from", description="Dates that start at or after this, or are still going on."
    ),
]
To = Annotated[datetime, strawberry.argument(description="Dates that start before this.")]
