"""Steps with alliances: their members, what these agree to, and what they decide."""

from collections.abc import Collection
from datetime import timedelta

from domain.alliances import AllianceRole, DecisionRule
from domain.proposals import BallotChoice, ProposalKind
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from tests.walks.actors import LEAD, Actor
from tests.walks.moves import Arguments, Scene, step
from tests.walks.picture import Row
from tests.walks.steps_of_organizations import UNDER_WAY, Made, changed, new_slug

_OF_ALLIANCE = (
    Visibility.PUBLIC,
    Visibility.UNLISTED,
    Visibility.ALLIANCE,
    Visibility.PRIVATE,
)
_SHARED = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.ALLIANCE)


def sharing(scene: Scene) -> Arguments:
    return {
        "defaultEventVisibility": scene.word(_SHARED),
        "memberEditing": scene.word(list(HostEditing)),
        "attendeeSharing": scene.word(list(AttendeeSharing)),
    }


def terms(scene: Scene) -> Arguments:
    review = (scene.now + timedelta(days=1 + scene.dice.below(60))).date().isoformat()
    return scene.sometimes(
        joinPolicy=scene.word(list(JoinPolicy)),
        decisionRule=scene.word(list(DecisionRule)),
        sharing=sharing(scene),
        visibility=scene.word(_OF_ALLIANCE),
        reviewAt=review,
    )


def lead(scene: Scene, alliance: Row) -> Actor:
    """Who acts for it: its convener's leads, or a steward's."""
    stewards = scene.rows(
        "alliance_members", alliance_id=alliance["id"], role="STEWARD", status="ACTIVE"
    )
    led_by = [alliance["convener_id"], *(row["organization_id"] for row in stewards)]
    return scene.staff(scene.dice.one_of(led_by), LEAD)


def of_members(scene: Scene, member: Row) -> Row:
    return scene.picture["alliances"][member["alliance_id"]]


def in_force(row: Row) -> bool:
    is_over: bool = row["status"] == "DISSOLVED"
    return not is_over


@step
def create_alliance(scene: Scene) -> Made:
    convener = scene.one("organizations")
    if convener is None:
        return None
    slug = new_slug(scene, "alliances")
    words = {"convener": convener["id"], "slug": slug, "name": slug.title(), "purpose": "Together."}
    return scene.staff(convener["id"], LEAD), {"input": {**words, **terms(scene)}}


@step
def update_alliance(scene: Scene) -> Made:
    alliance = scene.one("alliances", in_force)
    if alliance is None:
        return None
    changes = {"name": "One table", **terms(scene)}
    return scene.staff(alliance["convener_id"], LEAD), changed(alliance, changes)


def outside(scene: Scene, alliance: Row, known: Collection[str]) -> str:
    """An organization of these that is not in it, if there is one."""
    members = {
        row["organization_id"]
        for row in scene.rows("alliance_members", alliance_id=alliance["id"])
        if row["status"] in UNDER_WAY
    }
    everybody = sorted(scene.picture["organizations"])
    others = [each for each in everybody if each not in members and each in known]
    return scene.dice.one_of(others or everybody)


@step
def invite_to_alliance(scene: Scene) -> Made:
    alliance = scene.one("alliances", in_force)
    if alliance is None:
        return None
    actor = lead(scene, alliance)
    known = {row["id"] for row in scene.seen_by(actor, scene.rows("organizations"))}
    named = {"alliance": alliance["id"], "organization": outside(scene, alliance, known)}
    roles = [AllianceRole.MEMBER, AllianceRole.STEWARD, AllianceRole.OBSERVER]
    return actor, {**named, **scene.sometimes(role=scene.word(roles), message="Join us")}


@step
def request_to_join_alliance(scene: Scene) -> Made:
    actor = scene.staff(scene.dice.one_of(sorted(scene.picture["organizations"])), LEAD)
    mine = actor.viewer.organization_id
    seen = scene.seen_by(actor, scene.rows("alliances"))
    open_to = [row for row in seen if in_force(row) and row["join_policy"] != "INVITE_ONLY"]
    alliance = scene.dice.one_if_any(open_to)
    if alliance is None or mine is None:
        return None
    given = {"alliance": alliance["id"], "organization": mine}
    return actor, {**given, **scene.sometimes(message="We?")}


@step
def respond_to_alliance_membership(scene: Scene) -> Made:
    member = scene.one("alliance_members", lambda row: row["status"] in {"INVITED", "REQUESTED"})
    if member is None:
        return None
    sides = (scene.staff(member["organization_id"], LEAD), lead(scene, of_members(scene, member)))
    asked = sides[0] if member["status"] == "INVITED" else sides[1]
    actor = asked if not scene.dice.happens(25) else scene.dice.one_of(sides)
    given = {"membership": member["id"], "accept": not scene.dice.happens(25)}
    return actor, {**given, **scene.sometimes(reason="Not now")}


def member(scene: Scene, *statuses: str) -> Row | None:
    return scene.one(
        "alliance_members",
        lambda row: row["status"] in statuses,
        lambda row: in_force(of_members(scene, row)),
    )


@step
def leave_alliance(scene: Scene) -> Made:
    found = member(scene, "ACTIVE", "SUSPENDED", "PENDING_AGREEMENT")
    if found is None:
        return None
    return scene.staff(found["organization_id"], LEAD), {"membership": found["id"]}


@step
def suspend_alliance_member(scene: Scene) -> Made:
    found = member(scene, "ACTIVE")
    if found is None:
        return None
    actor = lead(scene, of_members(scene, found))
    return actor, {"membership": found["id"], "reason": "The charter"}


@step
def reinstate_alliance_member(scene: Scene) -> Made:
    found = member(scene, "SUSPENDED")
    if found is None:
        return None
    return lead(scene, of_members(scene, found)), {"membership": found["id"]}


@step
def remove_alliance_member(scene: Scene) -> Made:
    found = member(scene, "ACTIVE", "SUSPENDED", "PENDING_AGREEMENT")
    if found is None:
        return None
    actor = lead(scene, of_members(scene, found))
    return actor, {"membership": found["id"], "reason": "The charter"}


@step
def publish_agreement(scene: Scene) -> Made:
    alliance = scene.one("alliances", in_force)
    if alliance is None:
        return None
    later = (scene.now + timedelta(days=scene.dice.below(20), seconds=1)).isoformat()
    given = {"alliance": alliance["id"], "title": scene.dice.one_of(["Charter", "Code"])}
    more = scene.sometimes(required=scene.dice.happens(50), activeFrom=later)
    return lead(scene, alliance), {"input": {**given, "body": "We share.", **more}}


@step
def accept_agreement(scene: Scene) -> Made:
    found = member(scene, "PENDING_AGREEMENT", "SUSPENDED", "ACTIVE")
    if found is None:
        return None
    accepted = {
        row["agreement_id"]
        for row in scene.rows("agreement_acceptances", organization_id=found["organization_id"])
    }
    agreement = scene.one(
        "agreements", lambda row: row["id"] not in accepted, alliance_id=found["alliance_id"]
    ) or scene.one("agreements")
    if agreement is None:
        return None
    actor = scene.person_of(found["organization_id"], LEAD)
    return actor, {"agreement": agreement["id"], "organization": found["organization_id"]}


@step
def open_proposal(scene: Scene) -> Made:
    found = member(scene, "ACTIVE")
    if found is None:
        return None
    kinds = [ProposalKind.ADMIT_MEMBER, ProposalKind.REMOVE_MEMBER, *ProposalKind]
    kind = scene.dice.one_of(kinds)
    wanted = {
        ProposalKind.ADMIT_MEMBER: {"REQUESTED"},
        ProposalKind.REMOVE_MEMBER: {"PENDING_AGREEMENT", "ACTIVE", "SUSPENDED"},
    }.get(kind)
    given: Arguments = {
        "alliance": found["alliance_id"],
        "organization": found["organization_id"],
        "title": "Charter" if kind is ProposalKind.PUBLISH_AGREEMENT else "A van?",
        "body": "Shall we?",
        "kind": kind.value,
        "closesAt": (scene.now + timedelta(hours=2 + scene.dice.below(300))).isoformat(),
    }
    if wanted is not None:
        about = scene.one(
            "alliance_members",
            lambda row: row["status"] in wanted,
            lambda row: row["organization_id"] != found["organization_id"],
            alliance_id=found["alliance_id"],
        )
        if about is None:
            return None
        given["subject"] = about["id"]
    return scene.staff(found["organization_id"], LEAD), {"input": given}


def proposal(scene: Scene) -> Row | None:
    return scene.one("proposals", lambda row: row["status"] == "OPEN")


@step
def withdraw_proposal(scene: Scene) -> Made:
    found = proposal(scene)
    if found is None:
        return None
    return scene.staff(found["organization_id"], LEAD), {"proposal": found["id"]}


@step
def cast_ballot(scene: Scene) -> Made:
    found = proposal(scene)
    if found is None:
        return None
    voter = scene.one(
        "alliance_members", alliance_id=found["alliance_id"], status="ACTIVE"
    ) or scene.one("alliance_members")
    if voter is None:
        return None
    choices = [BallotChoice.AGREE, BallotChoice.AGREE, *BallotChoice]
    given = {
        "proposal": found["id"],
        "organization": voter["organization_id"],
        "choice": scene.word(choices),
    }
    more = {"reason": "Because."} if scene.dice.happens(50) else {}
    return scene.staff(voter["organization_id"], LEAD), {**given, **more}
