"""Who may let people into groups, and who may pass on what they lead: `domain.policy`, going on.

Everything here takes a viewer and what is known of the thing, and gives the sides the viewer is on
(`domain.transitions`), or refuses.
"""

from domain.actors import TeamRole, Viewer
from domain.errors import NotFound, Refused
from domain.group_memberships import GroupMembership
from domain.handovers import Handover
from domain.ids import Kind, kind_of
from domain.policy import EDITORS, EVENT_STAFF, LEADS, require_seen
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach, Reach
from domain.transitions import Party

# Who acts for an organization that hands something over, or takes it.
ACTS_FOR = {Kind.GROUP: EDITORS, Kind.ALLIANCE: LEADS, Kind.EVENT: EVENT_STAFF}
WORDS = {
    Kind.ORGANIZATION: "organization",
    Kind.GROUP: "group",
    Kind.ALLIANCE: "alliance",
    Kind.EVENT: "event",
}

# ── groups ───────────────────────────────────────────────────────────────────────────────────


def require_person(viewer: Viewer) -> str:
    """Their id. Groups are of people."""
    if viewer.person_id is None:
        raise Refused("Only a person comes into a group or leaves it, and an app alone is none.")
    return viewer.person_id


def keeps_group(viewer: Viewer, thing: GroupReach, *, is_admin: bool) -> bool:
    """Answers for who is in it: its admins, and the editors of the organization it belongs to."""
    return is_admin or viewer.acts_for(thing.organization.id, *EDITORS)


def require_group_keeping(viewer: Viewer, thing: GroupReach | None, *, is_admin: bool) -> None:
    require_seen(viewer, thing, "group", ("group",))
    if thing is None or not keeps_group(viewer, thing, is_admin=is_admin):
        raise Refused(
            "Only the group's admins and its organization's editors invite to it.", ("group",)
        )


def sides_of_membership(
    viewer: Viewer, thing: GroupReach, place: GroupMembership, *, is_admin: bool
) -> frozenset[Party]:
    """`NotFound` for whom the place does not exist, `Refused` for whoever sees it from outside."""
    sides: set[Party] = set()
    if viewer.person_id == place.person_id:
        sides.add(Party.PERSON)
    if keeps_group(viewer, thing, is_admin=is_admin):
        sides.add(Party.GROUP)
    if sides:
        return frozenset(sides)
    if viewer.works_for(thing.organization.id) or thing.id in viewer.group_ids:
        raise Refused(
            "Only the group's admins, its organization's editors and the person answer this.",
            ("membership",),
        )
    raise NotFound("There is no such place in a group, or it is not for you.", ("membership",))


# ── handing over ─────────────────────────────────────────────────────────────────────────────


def require_lead(viewer: Viewer, thing: Reach | None, kind: Kind, *, is_admin: bool) -> str:
    """The id of who leads it and may hand it over: the viewer, or their organization."""
    field = ("subject",)
    require_seen(viewer, thing, WORDS[kind], field)
    match thing:
        case OrganizationReach():
            if viewer.person_id is not None and viewer.acts_for(thing.id, TeamRole.OWNER):
                return viewer.person_id
            raise Refused("Only an owner hands over an organization, in person.", field)
        case GroupReach():
            if is_admin and viewer.person_id is not None:
                return viewer.person_id
            if viewer.acts_for(thing.organization.id, *EDITORS):
                return thing.organization.id
            raise Refused(
                "Only its admins and its organization's editors hand over a group.", field
            )
        case AllianceReach():
            if viewer.acts_for(thing.convener.id, *LEADS):
                return thing.convener.id
            raise Refused("Only the convener's owners and admins hand over an alliance.", field)
        case EventReach():
            if viewer.acts_for(thing.organization.id, *EVENT_STAFF):
                return thing.organization.id
            raise Refused("Only the host's event staff hand over an event.", field)
    raise NotFound("There is nothing to hand over.", field)


def sides_of_handover(viewer: Viewer, handover: Handover) -> frozenset[Party]:
    """`NotFound` for whoever is on neither side, `Refused` for whoever may not speak for theirs."""
    sides: set[Party] = set()
    if _speaks_for(viewer, handover.giver_id, handover.kind) or _owns(viewer, handover):
        sides.add(Party.GIVER)
    if _speaks_for(viewer, handover.taker_id, handover.kind):
        sides.add(Party.TAKER)
    if sides:
        return frozenset(sides)
    if knows_handover(viewer, handover):
        raise Refused(
            "Your organization is a side of this handover, and your role in its team is not one "
            "that speaks for it here: ask its owners or admins.",
            ("handover",),
        )
    raise NotFound("There is no such handover, or it is not for you.", ("handover",))


def knows_handover(viewer: Viewer, handover: Handover) -> bool:
    """On one of its sides: as the person, for the organization, or as another of its owners."""
    sides = {handover.giver_id, handover.taker_id}
    return viewer.organization_id in sides or viewer.person_id in sides or _owns(viewer, handover)


def _speaks_for(viewer: Viewer, side_id: str, kind: Kind) -> bool:
    if kind_of(side_id) is Kind.PERSON:
        return viewer.person_id == side_id
    return viewer.acts_for(side_id, *ACTS_FOR[kind])


def _owns(viewer: Viewer, handover: Handover) -> bool:
    """An organization with several owners is all of theirs: each may stop it from passing on."""
    return viewer.person_id is not None and viewer.acts_for(handover.subject_id, TeamRole.OWNER)


# ── alliances ────────────────────────────────────────────────────────────────────────────────


def require_convening(
    viewer: Viewer, organization: OrganizationReach | None, field: tuple[str, ...]
) -> OrganizationReach:
    """To found an alliance that this organization convenes."""
    require_seen(viewer, organization, "organization", field)
    if organization is None or not viewer.acts_for(organization.id, *LEADS):
        raise Refused("Only the convener's owners and admins may found its alliances.", field)
    return organization
