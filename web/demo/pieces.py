"""What the city is written in: an organization with its people and groups, and what it puts on.

A `Piece` is an event as somebody would think of it: "Saturdays at ten, at the warehouse". Which
dates that gives is worked out in `schedule`.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from domain.actors import TeamRole
from domain.alliances import AllianceKind, AllianceRole, DecisionRule, SharingPolicy
from domain.events import Accessibility, AccessibilityStatus, JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility

STEP_FREE = Accessibility(
    AccessibilityStatus.ACCESSIBLE,
    "Step-free from the street, with an accessible toilet. Tell us a day ahead if you need more.",
    ("wheelchair", "accessible-toilet"),
)
SIGNED = Accessibility(
    AccessibilityStatus.ACCESSIBLE,
    "Step-free. Interpreted into ASL, with live captions and a hearing loop.",
    ("wheelchair", "accessible-toilet", "sign-language", "captions", "hearing-loop"),
)
SOME_STEPS = Accessibility(
    AccessibilityStatus.PARTLY,
    "Three steps at the door; we have a ramp, ring the bell. The toilet is up a stair.",
    ("ramp",),
)
ROUGH_GROUND = Accessibility(
    AccessibilityStatus.NOT_ACCESSIBLE, "Mud, roots and a stile. Sturdy shoes, and company."
)
UNKNOWN = Accessibility(AccessibilityStatus.NOT_SURE, "We have not been there yet: ask us.")


@dataclass(frozen=True, slots=True)
class Piece:
    """`title` and `text` (and those of `other` languages) may hold {topic}, which changes from
    time to time, as `where` and `days` do where there are several."""

    title: str
    text: str
    where: str = ""  # keys of `city.PLACES`; nowhere, and it is online
    days: str = "Sat"
    at: str = "18:30"
    hours: float = 2
    _: KW_ONLY
    every: str = ""  # "week", "2 weeks", "month 1" (its first such day), "month -1" (its last)
    sessions: int = 0  # a course: so many weeks
    whole_days: int = 0
    topics: tuple[str, ...] = ()
    summary: str | None = None
    online: str | None = None  # an address; beside a place it makes the event hybrid
    language: str = "en"
    other: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    causes: tuple[str, ...] = ()
    access: Accessibility | None = None
    free: bool | None = True
    capacity: int | None = None
    joining: JoinMode = JoinMode.OPEN
    sign_up: str | None = None
    group: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    share: tuple[str, ...] = ()  # slugs of alliances
    beside: tuple[str, ...] = ()  # slugs of organizations that host it too
    draft: bool = False
    time_zone: str | None = None  # where it is not the city's


@dataclass(frozen=True, slots=True)
class Circle:
    """A group of an organization."""

    slug: str
    name: str
    purpose: str
    kind: GroupKind = GroupKind.LOCAL
    parent: str | None = None
    where: str | None = None
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    joining: JoinPolicy = JoinPolicy.OPEN
    visibility: Visibility = Visibility.PUBLIC
    share: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    is_new: bool = False  # founded last month


@dataclass(frozen=True, slots=True)
class Someone:
    """Of an organization's team where there is a role, else a neighbour in its groups."""

    name: str
    role: TeamRole | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An organization, its people, and what it puts on: `series` always, and of `pieces` so many
    each week, in turn."""

    slug: str
    name: str
    summary: str
    description: str
    causes: tuple[str, ...]
    languages: tuple[str, ...]
    where: str
    telephone: str
    visibility: Visibility = Visibility.PUBLIC
    people: tuple[Someone, ...]
    circles: tuple[Circle, ...]
    weekly: int
    series: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Charter:
    """An agreement, each of its versions by its words; `late` have yet to accept the newest."""

    title: str
    versions: tuple[str, ...]
    required: bool = True
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pact:
    """An alliance: `members` come after the convener, with their parts where they have one."""

    slug: str
    name: str
    purpose: str
    description: str
    kind: AllianceKind
    joining: JoinPolicy
    deciding: DecisionRule
    sharing: SharingPolicy
    causes: tuple[str, ...]
    convener: str
    members: Mapping[str, AllianceRole]
    charters: tuple[Charter, ...]
