"""Alliances: organizations that agreed to act together, and on which terms."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from domain import texts
from domain.errors import Invalid
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from domain.texts import Translations
from domain.transitions import Machine, Party, Step
from domain.words import say

TRANSLATED = ("name", "purpose", "description")


class AllianceKind(StrEnum):
    COALITION = "COALITION"
    NETWORK = "NETWORK"
    PARTNERSHIP = "PARTNERSHIP"
    CAMPAIGN = "CAMPAIGN"


class AllianceStatus(StrEnum):
    FORMING = "FORMING"
    ACTIVE = "ACTIVE"
    DORMANT = "DORMANT"
    DISSOLVED = "DISSOLVED"


FORMING, ACTIVE = AllianceStatus.FORMING, AllianceStatus.ACTIVE
DORMANT, DISSOLVED = AllianceStatus.DORMANT, AllianceStatus.DISSOLVED

ALLIANCE: Machine[AllianceStatus] = Machine(
    say("The alliance"),
    AllianceStatus,
    (
        Step("found", Party.ALLIANCE, (), (FORMING,), "createAlliance"),
        Step("be two", Party.MEMBERS, (FORMING,), (ACTIVE,)),  # a second member became active
        Step("rest", Party.TIME, (FORMING, ACTIVE), (DORMANT,)),  # the day of review has passed
        Step("leave", Party.ALLIANCE, (FORMING, ACTIVE), (DORMANT,), "leaveAlliance"),
        # With a new reviewAt, by a convener: after one has left, by the one it was handed over to.
        Step("review", Party.ALLIANCE, (DORMANT,), (FORMING, ACTIVE), "updateAlliance"),
        Step("dissolve", Party.MEMBERS, (FORMING, ACTIVE, DORMANT), (DISSOLVED,), "openProposal"),
    ),
)


class DecisionRule(StrEnum):
    CONVENER = "CONVENER"
    MAJORITY = "MAJORITY"
    CONSENT = "CONSENT"
    UNANIMITY = "UNANIMITY"


class AllianceRole(StrEnum):
    CONVENER = "CONVENER"
    STEWARD = "STEWARD"
    MEMBER = "MEMBER"
    OBSERVER = "OBSERVER"


class MembershipInitiator(StrEnum):
    ALLIANCE = "ALLIANCE"
    ORGANIZATION = "ORGANIZATION"


# An event may never be wider than its alliance allows; narrower is its owner's choice.
SHAREABLE = frozenset({Visibility.PUBLIC, Visibility.UNLISTED, Visibility.ALLIANCE})


@dataclass(frozen=True, slots=True)
class SharingPolicy:
    """What members grant one another by joining."""

    default_event_visibility: Visibility = Visibility.ALLIANCE
    member_editing: HostEditing = HostEditing.DETAILS
    attendee_sharing: AttendeeSharing = AttendeeSharing.AGGREGATE_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Alliance:
    id: str
    hub_id: str
    convener_id: str
    slug: str
    name: str
    purpose: str
    description: str | None = None
    translations: Translations = field(default_factory=dict)
    kind: AllianceKind = AllianceKind.COALITION
    status: AllianceStatus = AllianceStatus.FORMING
    join_policy: JoinPolicy = JoinPolicy.INVITE_ONLY
    decision_rule: DecisionRule = DecisionRule.CONVENER
    sharing: SharingPolicy = field(default_factory=SharingPolicy)
    causes: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    review_at: date | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A charter or code of ethics. Its number in a row of versions is given when it is kept."""

    id: str
    alliance_id: str
    title: str
    body: str
    language: str | None = None
    required: bool = True
    active_from: datetime


def checked_agreement(given: Agreement) -> Agreement:
    body = texts.page(given.body, ("body",))
    if body is None:
        raise Invalid("body: write what members agree to.", ("body",))
    return replace(
        given,
        title=texts.line(given.title, ("title",)),
        body=body,
        language=texts.language(given.language) if given.language else None,
    )


def check_audience(visibility: Visibility, shared_with: Collection[Alliance]) -> None:
    """`Invalid` where what is shared is for fewer than the alliances, or for more than an
    alliance allows: one that keeps itself to its members may keep what they share there too."""
    if not shared_with:
        return
    if visibility not in SHAREABLE:
        raise Invalid(
            "What is shared with an alliance is PUBLIC, UNLISTED or ALLIANCE: choose one of "
            "these, or share it with no alliance.",
            ("visibility",),
        )
    for alliance in shared_with:
        keeps_to_itself = alliance.visibility in {Visibility.ALLIANCE, Visibility.PRIVATE}
        if keeps_to_itself and _width(visibility) > _width(
            alliance.sharing.default_event_visibility
        ):
            widest = alliance.sharing.default_event_visibility
            raise Invalid(
                say(
                    "%(alliance)s keeps what is shared with it at %(widest)s or narrower; "
                    "choose %(widest)s, or do not share it there.",
                    alliance=alliance.name,
                    widest=widest,
                ),
                ("visibility",),
            )


def _width(visibility: Visibility) -> int:
    return (Visibility.ALLIANCE, Visibility.UNLISTED, Visibility.PUBLIC).index(visibility)


def checked(given: Alliance) -> Alliance:
    """The alliance with its words put in order, or `Invalid` naming the field."""
    if given.visibility in {Visibility.GROUP, Visibility.ORGANIZATION}:
        raise Invalid(
            "An alliance is PUBLIC, UNLISTED, or for its members: ALLIANCE or PRIVATE.",
            ("visibility",),
        )
    if given.sharing.default_event_visibility not in SHAREABLE:
        raise Invalid(
            "What members share is PUBLIC, UNLISTED or ALLIANCE.",
            ("sharing", "defaultEventVisibility"),
        )
    return replace(
        given,
        slug=texts.slug(given.slug),
        name=texts.line(given.name, ("name",)),
        purpose=texts.line(given.purpose, ("purpose",), texts.PARAGRAPH),
        description=texts.page(given.description, ("description",)),
        translations=texts.translations(given.translations, TRANSLATED),
        causes=texts.causes(given.causes),
    )
