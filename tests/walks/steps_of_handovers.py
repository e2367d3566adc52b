"""Steps of those who pass on what they lead."""

from tests.walks.actors import EDITOR, LEAD, STAFF, Actor
from tests.walks.moves import Scene, step
from tests.walks.picture import Row
from tests.walks.steps_of_events import in_use
from tests.walks.steps_of_organizations import Made

Offer = tuple[Actor, str | None]
ROLES = {"grp": EDITOR, "aln": LEAD, "evt": STAFF}


@step
def propose_handover(scene: Scene) -> Made:
    kind = scene.dice.one_of(["events", "alliances", "groups", "organizations"])
    subject = scene.one(kind, in_use if kind == "events" else lambda row: True)
    if subject is None:
        return None
    actor, taker = _OFFERS[kind](scene, subject)
    anybody = scene.dice.one_of(sorted(scene.picture["organizations"]))
    return actor, {"subject": subject["id"], "to": taker or anybody}


def _of_event(scene: Scene, event: Row) -> Offer:
    partners = scene.rows("event_hosts", event_id=event["id"], status="ACCEPTED", role="CO_HOST")
    taker = scene.dice.one_if_any(partners)
    return scene.staff(event["organization_id"]), taker["organization_id"] if taker else None


def _of_alliance(scene: Scene, alliance: Row) -> Offer:
    members = [
        row["organization_id"]
        for row in scene.rows("alliance_members", alliance_id=alliance["id"], status="ACTIVE")
        if row["organization_id"] != alliance["convener_id"]
    ]
    return scene.staff(alliance["convener_id"], LEAD), scene.dice.one_if_any(members)


def _of_group(scene: Scene, group: Row) -> Offer:
    places = scene.rows("group_members", group_id=group["id"], status="ACTIVE")
    admins = [row for row in places if row["role"] == "ADMIN"]
    others = [row["person_id"] for row in places if row["role"] != "ADMIN"]
    actor = scene.staff(group["organization_id"], EDITOR)
    if admins and scene.dice.happens(50):
        actor = scene.as_person(scene.dice.one_of(admins)["person_id"])
    return actor, scene.dice.one_if_any(others)


def _of_organization(scene: Scene, organization: Row) -> Offer:
    team = scene.rows("team_members", organization_id=organization["id"])
    owners = [row["person_id"] for row in team if row["role"] == "OWNER"]
    others = [row["person_id"] for row in team if row["role"] != "OWNER"]
    giver = scene.dice.one_if_any(owners)
    known = [
        each
        for each in scene.known
        if each.viewer.person_id == giver and each.viewer.organization_id == organization["id"]
    ]
    return (known or [scene.anybody()])[0], scene.dice.one_if_any(others)


_OFFERS = {
    "events": _of_event,
    "alliances": _of_alliance,
    "groups": _of_group,
    "organizations": _of_organization,
}


def _speaker(scene: Scene, handover: Row, side: str) -> Actor:
    if side.startswith("prs_"):
        return scene.as_person(side)
    return scene.staff(side, ROLES[handover["subject_id"][:3]])


@step
def respond_to_handover(scene: Scene) -> Made:
    handover = scene.one("handovers", lambda row: row["status"] == "PROPOSED")
    if handover is None:
        return None
    actor = _speaker(scene, handover, handover["taker_id"])
    return actor, {"handover": handover["id"], "accept": not scene.dice.happens(20)}


@step
def cancel_handover(scene: Scene) -> Made:
    handover = scene.one("handovers", lambda row: row["status"] in {"PROPOSED", "ACCEPTED"})
    if handover is None:
        return None
    side = scene.dice.one_of([handover["giver_id"], handover["taker_id"]])
    return _speaker(scene, handover, side), {"handover": handover["id"]}
