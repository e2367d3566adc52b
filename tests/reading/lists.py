"""The lists that matter: every listing, with the filters and orders that people ask with."""

from dataclasses import replace
from datetime import timedelta

from domain.events import PublicationStatus
from domain.proposals import ProposalStatus
from resolvers.reading import alliances, audit, events, groups, organizations, proposals
from resolvers.reading.events import EventOrder
from resolvers.reading.given import Near
from resolvers.reading.wanted import (
    AlliancesWanted,
    EventsWanted,
    GroupsWanted,
    OrganizationsWanted,
)
from storage import tables as t
from tests.reading.asking import STAFF, Asked
from tests.reading.busy_hub import GREAT, GROUP, MEMBER, NOW, RIVER_CITY, SMALL

SOON, LATEST = EventOrder.STARTS_AT_ASC, EventOrder.STARTS_AT_DESC
CHANGED, NEAREST = EventOrder.UPDATED_AT_DESC, EventOrder.DISTANCE_ASC
NEXT = EventsWanted(from_=NOW)
MONTH = EventsWanted(from_=NOW, to=NOW + timedelta(days=30))
NEAR, FAR = Near.of(*RIVER_CITY, 25.0), Near.of(37.0, -90.0, 25.0)


def _events(wanted: EventsWanted, order: EventOrder = SOON) -> Asked:
    return Asked(events.listed, (wanted, order))


def _shared(alliance: str, wanted: EventsWanted, order: EventOrder = SOON) -> Asked:
    return Asked(events.of_alliance, (wanted, order), t.alliances, alliance)


IN_TIME = {
    "the next events": _events(NEXT),
    "the next events, the last first": _events(NEXT, LATEST),
    "the events of a month": _events(MONTH),
    "all events by start": _events(EventsWanted()),
    "all events, the last first": _events(EventsWanted(), LATEST),
    "what began before": _events(EventsWanted(to=NOW)),
    "drafts and cancelled events too": _events(
        replace(NEXT, include_cancelled=True, publication_statuses=tuple(PublicationStatus))
    ),
    "the next events near here": _events(replace(NEXT, near=NEAR)),
    "a month near here": _events(replace(MONTH, near=NEAR)),
    "near here, the last first": _events(replace(NEXT, near=NEAR), LATEST),
    "the next events in the country": _events(replace(NEXT, near=FAR)),
    "the next of some organizations": _events(replace(NEXT, organizations=(MEMBER, "org-6"))),
    "the next of some groups": _events(replace(NEXT, groups=(GROUP, "group-4", GROUP))),
    "the next of some alliances": _events(replace(NEXT, alliances=(GREAT, SMALL))),
    "a great alliance's next": _shared(GREAT, NEXT),
    "a great alliance's next, the last first": _shared(GREAT, NEXT, LATEST),
    "a great alliance's month": _shared(GREAT, MONTH),
    "a great alliance's events by start": _shared(GREAT, EventsWanted()),
    "a great alliance's past": _shared(GREAT, EventsWanted(to=NOW), LATEST),
    "a small alliance's next": _shared(SMALL, NEXT),
    "a small alliance's events by start": _shared(SMALL, EventsWanted()),
    "an organization's next": Asked(events.of_organization, (NEXT, SOON), t.organizations, MEMBER),
    "a group's next": Asked(events.of_group, (NEXT, SOON), t.groups, GROUP),
    "a group's events by start": Asked(events.of_group, (EventsWanted(), SOON), t.groups, GROUP),
}
OTHERWISE = {
    "what changed last": _events(EventsWanted(), CHANGED),
    "what an alliance changed last": _shared(SMALL, NEXT, CHANGED),
    "the nearest": _events(replace(NEXT, near=FAR), NEAREST),
    "by a word": _events(replace(NEXT, search="word17")),
    "by a word, in an alliance": _shared(GREAT, replace(NEXT, search="word17")),
    "by a cause": _events(replace(NEXT, causes=("cause-7",))),
}
CALENDARS = {
    "every date of a month": Asked(events.dates, (MONTH,)),
    "every date of a month in the country": Asked(events.dates, (replace(MONTH, near=FAR),)),
    "every date of an alliance's month": Asked(events.dates, (replace(MONTH, alliances=(SMALL,)),)),
    "an event's dates": Asked(events.dates_of, (MONTH,), t.events, "event-00000060"),
}
BY_NAME = {
    "organizations": Asked(organizations.listed, (OrganizationsWanted(),)),
    "an alliance's organizations": Asked(
        organizations.listed, (OrganizationsWanted(alliance=GREAT),)
    ),
    "organizations of a hub": Asked(organizations.of_hub, (), t.hubs, "hub"),
    "groups": Asked(groups.listed, (GroupsWanted(),)),
    "some organizations' groups": Asked(
        groups.listed, (GroupsWanted(organizations=(MEMBER, "org-6")),)
    ),
    "an organization's groups": Asked(
        groups.of_organization, (GroupsWanted(),), t.organizations, MEMBER
    ),
    "an alliance's groups": Asked(groups.of_alliance, (GroupsWanted(),), t.alliances, GREAT),
    "some alliances' groups": Asked(groups.listed, (GroupsWanted(alliances=(SMALL,)),)),
    "subgroups": Asked(groups.subgroups_of, (), t.groups, GROUP),
    "alliances": Asked(alliances.listed, (AlliancesWanted(),)),
    "alliances of an organization": Asked(
        alliances.listed, (AlliancesWanted(member_organization=MEMBER),)
    ),
    "an event's alliances": Asked(events.alliances_of, (), t.events, "event-00000060"),
}
BY_TIME = {
    "a great alliance's members": Asked(alliances.members_of, (None,), t.alliances, GREAT),
    "an event's hosts": Asked(events.hosts_of, (None,), t.events, "event-00000060"),
    "an organization's alliances": Asked(organizations.memberships_of, (), t.organizations, MEMBER),
    "an organization's team": Asked(organizations.team_of, (), t.organizations, MEMBER, eyes=STAFF),
}
OF_RECORD = {
    "an organization's record": Asked(audit.listed, (None, None, None), eyes=STAFF),
    "an organization's record of a day": Asked(
        audit.listed, (None, NOW - timedelta(days=1), NOW), eyes=STAFF
    ),
    "an event's history": Asked(audit.listed, ("event-00000060", None, None), eyes=STAFF),
    "an event's history until then": Asked(
        audit.listed, ("event-00000060", None, NOW - timedelta(days=1)), eyes=STAFF
    ),
}
OF_DECISIONS = {
    "a great alliance's proposals": Asked(
        proposals.of_alliance, (None,), t.alliances, GREAT, eyes=STAFF
    ),
    "a great alliance's open proposals": Asked(
        proposals.of_alliance, ((ProposalStatus.OPEN,),), t.alliances, GREAT, eyes=STAFF
    ),
    "a proposal's ballots": Asked(
        proposals.ballots_of, (), t.proposals, "question-alliance-great-1", eyes=STAFF
    ),
}
FOR_NOBODY = {**IN_TIME, **OTHERWISE, **CALENDARS, **BY_NAME, **BY_TIME}
LISTS = {
    **FOR_NOBODY,
    **{f"{name}, for staff": replace(asked, eyes=STAFF) for name, asked in FOR_NOBODY.items()},
    **OF_RECORD,
    **OF_DECISIONS,
}
ALL_THERE_IS = (
    "all events",
    "what changed last",
    "organizations",
    "groups",
)
