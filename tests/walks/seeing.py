"""What policy lets somebody see of a picture: everything there is, thing by thing.

What `domain.policy` needs to know of a thing is read from the rows here, in few words and without
the statements of `storage`; what of a thing's parts is shown to whom is restated from
docs/domain.md.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from domain import policy
from domain.actors import Viewer
from domain.alliances import AllianceStatus
from domain.events import EventHostStatus, PublicationStatus
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach, Reach
from domain.sharing import MembershipStatus, Visibility
from tests.walks.actors import LEAD, STAFF, Actor, stands_in
from tests.walks.picture import Picture, Row

ENDED = {"LEFT", "REMOVED", "DECLINED", "CANCELED", "REJECTED", "EXPIRED"}
ASKED = {"INVITED", "REQUESTED", "ACCEPTED"}
# Taken before anything is tampered with.
sees, finds = policy.sees, policy.finds


@dataclass
class Facts:
    """What policy is told of each thing in a picture."""

    picture: Picture
    things: dict[str, Reach] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.picture["organizations"].values():
            self.things[row["id"]] = self._organization(row)
        for row in self.picture["groups"].values():
            self.things[row["id"]] = GroupReach(
                id=row["id"],
                visibility=Visibility(row["visibility"]),
                organization=self.owner(row["organization_id"]),
                shared_with=self._shares("group_shares", "group_id", row["id"]),
            )
        for row in self.picture["alliances"].values():
            self.things[row["id"]] = self._alliance(row)
        for row in self.picture["events"].values():
            self.things[row["id"]] = self._event(row)

    def event(self, event_id: str) -> EventReach:
        found = self.things[event_id]
        assert isinstance(found, EventReach)
        return found

    def owner(self, organization_id: str) -> OrganizationReach:
        """Of a thing: what it does otherwise says nothing of that."""
        row = self.picture["organizations"][organization_id]
        return OrganizationReach(
            id=row["id"],
            visibility=Visibility(row["visibility"]),
            alliance_ids=stands_in(self.picture, row["id"]),
        )

    def _organization(self, row: Row) -> OrganizationReach:
        mine = row["id"]
        convened = {each["id"] for each in self.picture.all("alliances", convener_id=mine)}
        hosted = {each["id"] for each in self.picture.all("events", organization_id=mine)}
        asked_in = {
            each["alliance_id"] for each in self.picture.all("proposals", organization_id=mine)
        }
        return replace(
            self.owner(mine),
            convenes_for=frozenset(
                each["organization_id"]
                for each in self.picture["alliance_members"].values()
                if each["alliance_id"] in convened and each["status"] not in ENDED
            ),
            hosts_with=frozenset(
                each["organization_id"]
                for each in self.picture["event_hosts"].values()
                if each["event_id"] in hosted and each["status"] in ASKED
            ),
            group_ids=frozenset(
                each["id"] for each in self.picture.all("groups", organization_id=mine)
            ),
            proposes_to=frozenset(
                each["organization_id"]
                for each in self.picture["alliance_members"].values()
                if each["alliance_id"] in asked_in and each["status"] in {"ACTIVE", "SUSPENDED"}
            ),
        )

    def _alliance(self, row: Row) -> AllianceReach:
        members = self.picture.all("alliance_members", alliance_id=row["id"])
        members.sort(key=lambda each: each["status"] not in ENDED)
        return AllianceReach(
            id=row["id"],
            visibility=Visibility(row["visibility"]),
            status=AllianceStatus(row["status"]),
            convener=self.owner(row["convener_id"]),
            members={each["organization_id"]: MembershipStatus(each["status"]) for each in members},
        )

    def _event(self, row: Row) -> EventReach:
        places = self.picture.all("event_hosts", event_id=row["id"])
        places.sort(key=lambda each: each["status"] in ASKED)
        return EventReach(
            id=row["id"],
            visibility=Visibility(row["visibility"]),
            organization=self.owner(row["organization_id"]),
            publication_status=PublicationStatus(row["publication_status"]),
            group_id=row["group_id"],
            hosts={each["organization_id"]: EventHostStatus(each["status"]) for each in places},
            shared_with=self._shares("event_shares", "event_id", row["id"]),
            replaced_by_id=row["replaced_by_id"],
        )

    def _shares(self, table: str, column: str, thing_id: str) -> frozenset[str]:
        return frozenset(
            row["alliance_id"] for row in self.picture.all(table, **{column: thing_id})
        )


class Sight:
    """What one viewer may open, and what stands in their lists."""

    def __init__(self, facts: Facts, actor: Actor) -> None:
        self.picture, self.facts, self.actor = facts.picture, facts, actor
        self.viewer: Viewer = actor.viewer
        self.opened = {name for name, thing in facts.things.items() if sees(self.viewer, thing)}
        self.listed = {name for name, thing in facts.things.items() if finds(self.viewer, thing)}

    def everything(self) -> set[str]:
        parts = {
            row["id"]
            for table, rule in _PARTS.items()
            for row in self.picture[table].values()
            if rule(self, row)
        }
        return self.opened | parts | self.people()

    def knows(self, organization_id: str) -> bool:
        """Sees it by what it is itself."""
        return sees(self.viewer, self.facts.owner(organization_id))

    def _named(self, row: Row, answers_for_it: str) -> bool:
        named = row["organization_id"]
        mine = self.viewer.organization_id is not None
        return self.knows(named) or (mine and named == answers_for_it)

    def is_mine(self, organization_id: str) -> bool:
        return self.viewer.works_for(organization_id)

    # ── parts of things ──

    def date(self, row: Row) -> bool:
        return row["event_id"] in self.opened

    def place(self, row: Row) -> bool:
        host = self.picture["events"][row["event_id"]]["organization_id"]
        shown = row["status"] == "ACCEPTED"
        shown |= self.is_mine(row["organization_id"]) or self.is_mine(host)
        return shown and row["event_id"] in self.opened and self._named(row, host)

    def member(self, row: Row) -> bool:
        alliance = self.picture["alliances"][row["alliance_id"]]
        fellows = self.picture.all("alliance_members", alliance_id=alliance["id"], status="ACTIVE")
        shown = row["status"] == "ACTIVE" or self.is_mine(row["organization_id"])
        shown |= any(self.is_mine(each["organization_id"]) for each in fellows)
        return shown and alliance["id"] in self.opened and self._named(row, alliance["convener_id"])

    def agreement(self, row: Row) -> bool:
        return row["alliance_id"] in self.opened

    def acceptance(self, row: Row) -> bool:
        alliance_id = self.picture["agreements"][row["agreement_id"]]["alliance_id"]
        convener = self.picture["alliances"][alliance_id]["convener_id"]
        return alliance_id in self.opened and self._named(row, convener)

    def proposal(self, row: Row) -> bool:
        return any(
            self.is_mine(each["organization_id"]) and each["status"] in {"ACTIVE", "SUSPENDED"}
            for each in self.picture.all("alliance_members", alliance_id=row["alliance_id"])
        )

    def ballot(self, row: Row) -> bool:
        proposal = self.picture["proposals"][row["proposal_id"]]
        return self.proposal(proposal) and self._named(row, proposal["organization_id"])

    def group_member(self, row: Row) -> bool:
        group = self.picture["groups"][row["group_id"]]
        own = self.viewer.person_id is not None and row["person_id"] == self.viewer.person_id
        return (
            self.is_mine(group["organization_id"])
            or group["id"] in self.viewer.group_ids
            or (own and group["id"] in self.opened)
        )

    def team_member(self, row: Row) -> bool:
        return self.is_mine(row["organization_id"])

    def answer(self, row: Row) -> bool:
        own = self.viewer.person_id is not None and row["person_id"] == self.viewer.person_id
        return row["event_id"] in self.opened and (own or self.is_told(row))

    def is_told(self, row: Row) -> bool:
        """As the host's staff; or a partner's, as far as its place and their consent go."""
        if self.actor.acts_for(self.picture["events"][row["event_id"]]["organization_id"], STAFF):
            return True
        mine = self.viewer.organization_id
        if mine is None or not self.actor.acts_for(mine, STAFF):
            return False
        agreed = self.picture.all(
            "rsvp_consents", rsvp_id=row["id"], organization_id=mine, withdrawn_at=None
        )
        sharing = self.sharing_on(row["event_id"])
        brought = row["referred_by_id"] == mine
        return bool(agreed) and (
            sharing == "ALL_WITH_CONSENT" or (sharing == "REFERRED_ONLY" and brought)
        )

    def sharing_on(self, event_id: str) -> str | None:
        """What the viewer's accepted place there lets it learn."""
        places = self.picture.all("event_hosts", event_id=event_id, status="ACCEPTED")
        mine = [row for row in places if self.is_mine(row["organization_id"])]
        return mine[0]["attendee_sharing"] if mine else None

    def on_a_side(self, row: Row) -> bool:
        sides = {row["giver_id"], row["taker_id"]}
        owner = self.viewer.person_id is not None and self.actor.acts_for(
            row["subject_id"], LEAD[:1]
        )
        return owner or bool(sides & {self.viewer.organization_id, self.viewer.person_id} - {None})

    def handover(self, row: Row) -> bool:
        named = [row["subject_id"]]
        named += [each for each in (row["giver_id"], row["taker_id"]) if each.startswith("org_")]
        return self.on_a_side(row) and set(named) <= self.opened

    def people(self) -> set[str]:
        if self.viewer.organization_id is None:
            return set()
        known = {self.viewer.person_id}
        known |= {r["person_id"] for r in self._rows("team_members") if self.team_member(r)}
        known |= {r["person_id"] for r in self._rows("group_members") if self.group_member(r)}
        known |= {r["person_id"] for r in self._rows("rsvps") if self.is_told(r)}
        for row in self._rows("handovers"):
            if self.on_a_side(row):
                known |= {row["giver_id"], row["taker_id"]}
        return {each for each in known if each is not None and each.startswith("prs_")}

    def _rows(self, table: str) -> list[Row]:
        return list(self.picture[table].values())

    # ── numbers ──

    def numbers(self, event_id: str, status: str) -> int:
        """How many, as the viewer is told: the host exactly, partners in steps of five by date."""
        by_date: dict[str, int] = defaultdict(int)
        for row in self.picture.all("rsvps", event_id=event_id, status=status):
            by_date[row["occurrence_id"]] += 1 + row["additional_guests"]
        if self.is_mine(self.picture["events"][event_id]["organization_id"]):
            return sum(by_date.values())
        if self.sharing_on(event_id) in {None, "NONE"}:
            return 0
        return sum(count // 5 * 5 for count in by_date.values())


_PARTS: Mapping[str, Callable[[Sight, Row], bool]] = {
    "occurrences": Sight.date,
    "event_hosts": Sight.place,
    "alliance_members": Sight.member,
    "agreements": Sight.agreement,
    "agreement_acceptances": Sight.acceptance,
    "proposals": Sight.proposal,
    "ballots": Sight.ballot,
    "group_members": Sight.group_member,
    "team_members": Sight.team_member,
    "rsvps": Sight.answer,
    "handovers": Sight.handover,
}
SHOWN = frozenset({"organizations", "groups", "events", "alliances", "persons", *_PARTS})
