"""What a peer's feed says, made by hand: to be read, and to be lied with."""

import json
from collections.abc import Mapping
from typing import Any

from domain.ids import Kind, ulid
from domain.outside import Chance
from tests.outside import SeededChance, StandingClock

Said = dict[str, Any]

NOWHERE: Said | None = None
TOWN_HALL: Said = {
    "name": "Town Hall",
    "streetAddress": "1 Main Street",
    "locality": "River City",
    "region": "Indiana",
    "postalCode": None,
    "country": "US",
    "latitude": 39.1653,
    "longitude": -86.5264,
    "precision": "PRECISE",
}


class Telling:
    """One peer, as its feed speaks. Each of these is a thing as it should be, but for what is given."""

    def __init__(self, authority: str, seed: str = "telling") -> None:
        self.authority = authority
        self._clock = StandingClock()
        self._chance: Chance = SeededChance(seed)

    def id(self, kind: Kind) -> str:
        return (
            f"{kind.value}_{ulid(self._clock.now(), self._chance.token_bytes(10))}@{self.authority}"
        )

    def organization(self, **given: Any) -> Said:
        identifier = given.pop("id", self.id(Kind.ORGANIZATION))
        return self._publication("Organization", identifier) | {
            "slug": identifier[4:30].lower(),
            "name": "Riverside Mosque",
            "summary": "A house by the river.",
            "description": None,
            "website": "https://riverside.example/",
            "logo": {"url": "https://riverside.example/logo.png", "alternativeText": "A river"},
            "languages": ["en"],
            "timeZone": "America/Chicago",
            "isVerified": False,
            "place": TOWN_HALL,
            **given,
        }

    def group(self, organization: str, **given: Any) -> Said:
        identifier = given.pop("id", self.id(Kind.GROUP))
        return self._publication("Group", identifier) | {
            "organization": self.named(organization),
            "parent": None,
            "slug": identifier[4:30].lower(),
            "name": "Readers",
            "purpose": "To read.",
            "description": None,
            "groupKind": "LOCAL",
            "languages": [],
            "joinPolicy": "OPEN",
            "links": ["https://chat.example/readers"],
            "memberCount": 3,
            "place": None,
            "sharedWith": [],
            **given,
        }

    def alliance(self, convener: str, **given: Any) -> Said:
        identifier = given.pop("id", self.id(Kind.ALLIANCE))
        return self._publication("Alliance", identifier) | {
            "slug": identifier[4:30].lower(),
            "name": "River Table",
            "aim": "Nobody goes to bed hungry.",
            "description": None,
            "allianceKind": "COALITION",
            "allianceStatus": "ACTIVE",
            "convener": self.named(convener),
            "joinPolicy": "INVITE_ONLY",
            "decisionRule": "CONVENER",
            "reviewAt": "2028-01-01",
            "sharing": {
                "defaultEventVisibility": "ALLIANCE",
                "memberEditing": "DETAILS",
                "attendeeSharing": "AGGREGATE_ONLY",
            },
            "members": connection(self.member(convener, role="CONVENER")),
            "agreements": [],
            **given,
        }

    def member(self, organization: str, **given: Any) -> Said:
        return {
            "id": self.id(Kind.ALLIANCE_MEMBERSHIP),
            "role": "MEMBER",
            "status": "ACTIVE",
            "initiatedBy": "ALLIANCE",
            "message": None,
            "joinedAt": "2026-11-01T00:00:00+00:00",
            "endedAt": None,
            "endReason": None,
            "organization": self.named(organization),
            **given,
        }

    def agreement(self, *accepted_by: str, **given: Any) -> Said:
        return {
            "id": self.id(Kind.AGREEMENT),
            "title": "Charter",
            "body": "We share.",
            "versionNumber": 1,
            "activeFrom": "2026-11-01T00:00:00+00:00",
            "required": True,
            "acceptances": connection(
                *(
                    {
                        "id": self.id(Kind.AGREEMENT_ACCEPTANCE),
                        "versionNumber": 1,
                        "acceptedAt": "2026-11-02T00:00:00+00:00",
                        "organization": self.named(each),
                    }
                    for each in accepted_by
                )
            ),
            **given,
        }

    def event(self, organization: str, **given: Any) -> Said:
        identifier = given.pop("id", self.id(Kind.EVENT))
        starts, ends = "2027-03-06T09:00:00-05:00", "2027-03-06T12:00:00-05:00"
        return self._publication("Event", identifier) | {
            "title": "Open house",
            "summary": None,
            "description": "Come and see.",
            "translations": [
                {
                    "language": "es",
                    "title": "Puertas abiertas",
                    "summary": None,
                    "description": None,
                }
            ],
            "eventStatus": "SCHEDULED",
            "cancellationReason": None,
            "publicationStatus": "PUBLISHED",
            "startsAt": starts,
            "endsAt": ends,
            "timeZone": "America/Indiana/Indianapolis",
            "allDay": False,
            "recurrence": None,
            "attendanceMode": "IN_PERSON",
            "onlineUrl": None,
            "place": TOWN_HALL,
            "accessibility": {"status": "ACCESSIBLE", "notes": "A ramp.", "features": ["ramp"]},
            "image": {"url": "https://riverside.example/door.jpg", "alternativeText": "A door"},
            "languages": ["en"],
            "isFree": True,
            "capacity": 40,
            "joinMode": "OPEN",
            "registrationUrl": None,
            "host": self.named(organization),
            "group": None,
            "sharedWith": [],
            "replacedBy": None,
            "follows": None,
            "report": None,
            "hosts": connection(self.host(organization, role="HOST", mayEdit="ALL")),
            "occurrences": connection(self.date(startsAt=starts, endsAt=ends, recurrenceId=starts)),
            **given,
        }

    def host(self, organization: str, **given: Any) -> Said:
        return {
            "id": self.id(Kind.EVENT_HOST),
            "role": "CO_HOST",
            "status": "ACCEPTED",
            "mayEdit": "DETAILS",
            "attendeeSharing": "AGGREGATE_ONLY",
            "message": None,
            "respondedAt": "2026-11-02T00:00:00+00:00",
            "expiresAt": None,
            "endedAt": None,
            "endReason": None,
            "organization": self.named(organization),
            **given,
        }

    def date(self, **given: Any) -> Said:
        return {
            "id": self.id(Kind.OCCURRENCE),
            "recurrenceId": "2027-03-06T09:00:00-05:00",
            "startsAt": "2027-03-06T09:00:00-05:00",
            "endsAt": "2027-03-06T12:00:00-05:00",
            "status": "SCHEDULED",
            "title": "Open house",
            "description": "Come and see.",
            "place": None,
            "attendance": {"accepted": 7},
            **given,
        }

    def named(self, organization: str) -> Said:
        return {
            "id": organization,
            "name": f"Called {organization[4:14]}",
            "visibility": "PRIVATE",
            "languages": ["en"],
        }

    def _publication(self, type_name: str, identifier: str) -> Said:
        return {
            "__typename": type_name,
            "id": identifier,
            "visibility": "PUBLIC",
            "version": 1,
            "createdAt": "2026-11-01T00:00:00+00:00",
            "updatedAt": "2026-11-02T00:00:00.25+00:00",
            "identifiers": [],
            "causes": ["food"],
        }


def connection(*nodes: Said) -> Said:
    return {"pageInfo": {"hasNextPage": False}, "nodes": list(nodes)}


def upserted(thing: Mapping[str, Any]) -> Said:
    return {"__typename": "Upserted", "entity": dict(thing)}


def removed(identifier: str, reason: str = "UNSHARED") -> Said:
    return {"__typename": "Removed", "id": identifier, "reason": reason}


def page(*changes: Said, cursor: str = "cursor-1", more: bool = False) -> bytes:
    edges = [{"cursor": f"{cursor}-{n}", "node": each} for n, each in enumerate(changes)]
    info = {"hasNextPage": more, "endCursor": cursor}
    return json.dumps({"data": {"changes": {"edges": edges, "pageInfo": info}}}).encode()


def told(*things: Mapping[str, Any], cursor: str = "cursor-1", more: bool = False) -> bytes:
    return page(*map(upserted, things), cursor=cursor, more=more)
