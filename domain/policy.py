"""Who may do what. Tables read from top to bottom; the only place that says so.

Lists are filtered in SQL by `storage.visibility`, the twin of the `sees` rules here;
tests/storage/test_visibility_agrees_with_policy.py holds the two together.

Two rules hold for all. A thing is seen no wider than the organization that answers for it, unless
the viewer was let in by name. And whoever may see a thing may open the organization that answers
for it; but what is seen for that reason alone opens none of that organization's other things.
"""

from collections.abc import Collection
from dataclasses import replace

from domain.actors import OPERATOR, TeamRole, Viewer
from domain.co_hosting import MAY_CHANGE
from domain.errors import InvalidTransition, NotFound, Refused, Unauthenticated
from domain.events import EventHostStatus, PublicationStatus
from domain.policy_words import NO_SUCH, merged_into, of_the_host
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach, Reach
from domain.sharing import FINAL_STATUSES, HostEditing, MembershipStatus, Visibility
from domain.transitions import Party
from domain.words import say

# Published and archived things are for their audience; the rest is still on its owner's desk.
ON_SHOW = frozenset({PublicationStatus.PUBLISHED, PublicationStatus.ARCHIVED})
# Who was named on an event, or is being asked, must be able to look at it.
CONCERNED = frozenset(
    {EventHostStatus.INVITED, EventHostStatus.REQUESTED, EventHostStatus.ACCEPTED}
)
# Members that decide together, or did until they were set aside, know what is decided.
DECIDING = frozenset({MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED})
LEADS = (TeamRole.OWNER, TeamRole.ADMIN)
EDITORS = (*LEADS, TeamRole.EDITOR)
EVENT_STAFF = (*EDITORS, TeamRole.EVENT_MANAGER)


# ── seeing ───────────────────────────────────────────────────────────────────────────────────


def sees(viewer: Viewer, thing: Reach) -> bool:
    """May the viewer open it, having its id or link?"""
    return _sees(viewer, thing, by_link=True)


def finds(viewer: Viewer, thing: Reach) -> bool:
    """May it stand in a list, a search or a count made for the viewer?"""
    return _sees(viewer, thing, by_link=False)


def _sees(viewer: Viewer, thing: Reach, *, by_link: bool) -> bool:
    match thing:
        case OrganizationReach():
            return _sees_organization(viewer, thing, by_link)
        case AllianceReach():
            return _sees_alliance(viewer, thing, by_link)
        case GroupReach():
            return _sees_group(viewer, thing, by_link)
        case EventReach():
            return _sees_event(viewer, thing, by_link)


def _open(visibility: Visibility, by_link: bool) -> bool:
    return visibility is Visibility.PUBLIC or (by_link and visibility is Visibility.UNLISTED)


def _sees_organization(viewer: Viewer, thing: OrganizationReach, by_link: bool) -> bool:
    if _sees_on_its_own(viewer, thing, by_link):
        return True
    return by_link and _answers_to(viewer, thing)


def _answers_to(viewer: Viewer, thing: OrganizationReach) -> bool:
    """It answers for something that the viewer was let into by name: an alliance, an event, a
    group, a proposal. Everything else is seen only by those who see its owner on its own."""
    partners = thing.convenes_for | thing.hosts_with
    return (
        bool(partners & viewer.stands_for)
        or viewer.organization_id in thing.proposes_to
        or bool(thing.group_ids & viewer.group_ids)
    )


def _sees_on_its_own(viewer: Viewer, thing: OrganizationReach, by_link: bool) -> bool:
    """By what it is itself. This alone decides who sees its things."""
    if _open(thing.visibility, by_link) or thing.id in viewer.stands_for:
        return True
    # Allies know each other, unless one keeps to itself.
    return thing.visibility in {Visibility.ALLIANCE, Visibility.UNLISTED} and bool(
        thing.alliance_ids & viewer.alliance_ids
    )


def _sees_alliance(viewer: Viewer, thing: AllianceReach, by_link: bool) -> bool:
    if _takes_part(viewer, thing):
        return True
    return _open(thing.visibility, by_link) and _sees_on_its_own(viewer, thing.convener, True)


def _takes_part(viewer: Viewer, thing: AllianceReach) -> bool:
    """A member, or an organization that was asked or asks: it must see what it answers to."""
    return any(
        thing.members.get(each, MembershipStatus.LEFT) not in FINAL_STATUSES
        for each in viewer.stands_for
    )


def _sees_group(viewer: Viewer, thing: GroupReach, by_link: bool) -> bool:
    if viewer.works_for(thing.organization.id) or thing.id in viewer.group_ids:
        return True
    if not _sees_on_its_own(viewer, thing.organization, True):
        return False
    return _open(thing.visibility, by_link) or (
        thing.visibility in {Visibility.ALLIANCE, Visibility.UNLISTED} and _is_ally(viewer, thing)
    )


def _sees_event(viewer: Viewer, thing: EventReach, by_link: bool) -> bool:
    if thing.replaced_by_id is not None and not by_link:
        return False  # the event it was merged into stands in the list
    if viewer.works_for(thing.organization.id):
        return True
    if _is_named(viewer, thing):
        return True
    if thing.publication_status not in ON_SHOW:
        return False
    if not _sees_on_its_own(viewer, thing.organization, True):
        return False
    if thing.visibility is Visibility.GROUP:
        return thing.group_id in viewer.group_ids
    return _open(thing.visibility, by_link) or (
        thing.visibility in {Visibility.ALLIANCE, Visibility.UNLISTED} and _is_ally(viewer, thing)
    )


def _is_named(viewer: Viewer, thing: EventReach) -> bool:
    """It stands on the event, or is asked to."""
    return any(thing.hosts.get(each) in CONCERNED for each in viewer.stands_for)


def is_concerned(viewer: Viewer, thing: Reach) -> bool:
    """Let in by name, or into something that it answers for: whoever else may see it."""
    match thing:
        case OrganizationReach():
            return _answers_to(viewer, thing)
        case AllianceReach():
            return _takes_part(viewer, thing)
        case GroupReach():
            return thing.id in viewer.group_ids
        case EventReach():
            return _is_named(viewer, thing)


def _is_ally(viewer: Viewer, thing: GroupReach | EventReach) -> bool:
    """Shared with an alliance in which both the owner and the viewer stand today."""
    return bool(thing.shared_with & thing.organization.alliance_ids & viewer.alliance_ids)


# ── changing ─────────────────────────────────────────────────────────────────────────────────


def require_seen(viewer: Viewer, thing: Reach | None, what: str, field: tuple[str, ...]) -> None:
    """Unknown and unseen look the same."""
    if thing is None or not sees(viewer, thing):
        raise NotFound(NO_SUCH[what], field)


def require_founding(viewer: Viewer) -> None:
    """To found an organization, which needs a person to answer for it."""
    if viewer.is_nobody:
        raise Unauthenticated("Sign in to found an organization.")
    if viewer.person_id is None and viewer.client_id != OPERATOR:
        raise Refused(
            "Only a person may found an organization, and will be its owner: an app speaks for "
            "the organization that it was registered by."
        )


def require_operator(viewer: Viewer) -> None:
    """To do what takes no partner's answer: whoever runs the hub, at its command line."""
    if viewer.client_id != OPERATOR:
        raise Refused("Only the operator of this hub may do this, at its command line.")


def require_organization_edit(viewer: Viewer, thing: OrganizationReach | None) -> OrganizationReach:
    require_seen(viewer, thing, "organization", ("id",))
    if thing is None or not viewer.acts_for(thing.id, *LEADS):
        raise Refused("Only its owners and admins may change an organization.", ("id",))
    return thing


def require_group_edit(viewer: Viewer, thing: GroupReach | None) -> GroupReach:
    require_seen(viewer, thing, "group", ("id",))
    if thing is None or not viewer.acts_for(thing.organization.id, *EDITORS):
        raise Refused("Only the organization's own editors may keep its groups.", ("id",))
    return thing


def require_alliance_edit(viewer: Viewer, thing: AllianceReach | None) -> AllianceReach:
    """Its terms. Where its convener has left, the stewards keep them."""
    require_seen(viewer, thing, "alliance", ("id",))
    keeps = thing is not None and (
        viewer.acts_for(thing.convener.id, *LEADS)
        if thing.has_convener
        else leads_alliance(viewer, thing)
    )
    if thing is None or not keeps:
        raise Refused("Only the convener's owners and admins may change an alliance.", ("id",))
    return thing


def leads_alliance(viewer: Viewer, thing: AllianceReach) -> bool:
    """For an alliance act the leads of its convener and of its stewards."""
    return viewer.organization_id in thing.led_by and viewer.acts_for(
        viewer.organization_id, *LEADS
    )


def require_alliance_lead(
    viewer: Viewer, thing: AllianceReach | None, field: tuple[str, ...]
) -> AllianceReach:
    """To act for the alliance."""
    require_seen(viewer, thing, "alliance", field)
    if thing is None or not leads_alliance(viewer, thing):
        raise Refused(
            "Only owners and admins of the convener, or of a steward, act for the alliance.", field
        )
    return thing


def require_organization_lead(
    viewer: Viewer, thing: OrganizationReach | None, field: tuple[str, ...]
) -> OrganizationReach:
    """To bind the organization: to ask for, accept or leave what it stands in with others."""
    require_seen(viewer, thing, "organization", field)
    if thing is None or not viewer.acts_for(thing.id, *LEADS):
        raise Refused("Only the organization's own owners and admins may do this for it.", field)
    return thing


def require_known(
    viewer: Viewer, organization: OrganizationReach | None, field: tuple[str, ...]
) -> OrganizationReach:
    """To name an organization to others, seeing that it answers for something is not enough."""
    if organization is None or not _sees_on_its_own(viewer, organization, by_link=True):
        raise NotFound("There is no such organization, or it is not shared with you.", field)
    return organization


def require_group_work(
    viewer: Viewer, organization: OrganizationReach | None, field: tuple[str, ...]
) -> OrganizationReach:
    """To create or change a group of the organization."""
    require_seen(viewer, organization, "organization", field)
    if organization is None or not viewer.acts_for(organization.id, *EDITORS):
        raise Refused("Only the organization's own editors may keep its groups.", field)
    return organization


def require_event_work(
    viewer: Viewer, organization: OrganizationReach | None, field: tuple[str, ...]
) -> OrganizationReach:
    """To create an event in the organization's name."""
    require_seen(viewer, organization, "organization", field)
    if organization is None or not viewer.acts_for(organization.id, *EVENT_STAFF):
        raise Refused("Only the organization's own event staff may publish in its name.", field)
    return organization


def require_event_edit(
    viewer: Viewer, thing: EventReach | None, fields: Collection[str]
) -> EventReach:
    """To change these fields of an event: as its host, or as far as a co-host was let."""
    require_seen(viewer, thing, "event", ("id",))
    if thing is not None and viewer.acts_for(thing.organization.id, *EVENT_STAFF):
        return in_use(thing, ("id",))
    theirs = _lent(viewer, thing)
    others = sorted(set(fields) - theirs)
    if thing is None or not theirs or others:
        raise Refused(of_the_host(others, theirs), ("id",))
    return in_use(thing, ("id",))


def in_use(thing: EventReach, field: tuple[str, ...]) -> EventReach:
    """What was merged into another event is only looked at: nobody would learn of a change."""
    if thing.replaced_by_id is not None:
        raise InvalidTransition(merged_into(thing.replaced_by_id), field)
    return thing


def _lent(viewer: Viewer, thing: EventReach | None) -> frozenset[str]:
    """The fields of another's event that the viewer may change."""
    if thing is None or viewer.organization_id is None:
        return frozenset()
    if not viewer.acts_for(viewer.organization_id, *EVENT_STAFF):
        return frozenset()
    return MAY_CHANGE[thing.may_edit.get(viewer.organization_id, HostEditing.NONE)]


def require_host(
    viewer: Viewer, thing: EventReach | None, what: str, field: tuple[str, ...] = ("event",)
) -> EventReach:
    """To do what is never lent: publish it, cancel it, share it, say who stands on it."""
    require_seen(viewer, thing, "event", field)
    if thing is None or not viewer.acts_for(thing.organization.id, *EVENT_STAFF):
        raise Refused(say("Only the event staff of the host may %(what)s.", what=what), field)
    return in_use(thing, field)


def sees_uninvited(organization: OrganizationReach, thing: EventReach) -> bool:
    """The organization sees the event without having been let in by name."""
    seer = Viewer(organization.id, alliance_ids=organization.alliance_ids)
    return _sees_event(seer, replace(thing, hosts={}), by_link=True)


def require_own_sight(organization: OrganizationReach | None, thing: EventReach) -> None:
    """To ask, as a member of a group that the event is for, is not to bring along one's whole
    organization: whoever asks comes to see the event."""
    if organization is None or not sees_uninvited(organization, thing):
        raise Refused(
            "You see this event and your organization does not, so it cannot ask for a place there. "
            "Ask the host to invite it.",
            ("organization",),
        )


def knows(organization: OrganizationReach, other: OrganizationReach) -> bool:
    """The one sees the other on its own, and so its part in what they do together."""
    seer = Viewer(organization.id, alliance_ids=organization.alliance_ids)
    return _sees_on_its_own(seer, other, by_link=True)


def require_asking(viewer: Viewer, thing: EventReach | None, organization_id: str) -> Party:
    """To ask for an organization's place on an event: for the host, or for itself."""
    require_seen(viewer, thing, "event", ("event",))
    if thing is not None and viewer.acts_for(thing.organization.id, *EVENT_STAFF):
        return Party.HOST
    if viewer.acts_for(organization_id, *EVENT_STAFF):
        return Party.PARTNER
    raise Refused(
        "Only the event staff of the host invite others to an event; the event staff of another "
        "organization may ask for a place of their own.",
        ("organization",),
    )


def require_side(
    viewer: Viewer,
    thing: EventReach | None,
    named: OrganizationReach | None,
    status: EventHostStatus | None,
) -> Party:
    """On which side of the place of an organization on an event the viewer acts."""
    if thing is not None and named is not None:
        if viewer.acts_for(thing.organization.id, *EVENT_STAFF):
            return Party.HOST
        if viewer.acts_for(named.id, *EVENT_STAFF):
            return Party.PARTNER
        shown = status is EventHostStatus.ACCEPTED and sees(viewer, thing)
        if (
            viewer.works_for(thing.organization.id)
            or viewer.works_for(named.id)
            or (shown and _sees_on_its_own(viewer, named, by_link=True))
        ):
            raise Refused(
                "Only the event staff of the host, or of the organization whose place it is, may "
                "do this.",
                ("eventHost",),
            )
    raise NotFound(
        "There is no such place on an event, or it is not shared with you.", ("eventHost",)
    )


def require_sharing(
    organization: OrganizationReach, alliance_ids: Collection[str], field: tuple[str, ...]
) -> None:
    """To share with alliances, the owner must stand in each of them."""
    outside = sorted(set(alliance_ids) - organization.alliance_ids)
    if outside:
        raise Refused(
            say(
                "The organization is no active member of %(outside)s; join first.",
                outside=", ".join(outside),
            ),
            field,
        )


def may_know_contacts(viewer: Viewer, organization: OrganizationReach) -> bool:
    """Names and addresses of people are for the team, and for allies who work with them."""
    if viewer.is_hub:
        return False  # what concerns people is asked for by people
    return viewer.works_for(organization.id) or bool(
        organization.alliance_ids & viewer.alliance_ids
    )
