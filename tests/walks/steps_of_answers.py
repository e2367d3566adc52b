"""Steps of people who come, and of those who host."""

from domain.events import EventHostRole
from domain.sharing import HostEditing
from tests.walks.actors import SOMEBODY
from tests.walks.moves import STUBBORN, Arguments, Scene, step
from tests.walks.picture import Row, at
from tests.walks.steps_of_events import in_use
from tests.walks.steps_of_organizations import Made

GUESTS = ("mei@home.example", "Ola@home.example", "tom@home.example")
EXPECTED = {"NEEDS_ACTION", "ACCEPTED", "TENTATIVE", "PENDING_APPROVAL", "WAITLISTED"}


def partners(scene: Scene, event: Row) -> list[str]:
    hosts = scene.rows("event_hosts", event_id=event["id"], status="ACCEPTED")
    return [row["organization_id"] for row in hosts]


def takes_answers(scene: Scene, event: Row) -> bool:
    is_on = event["publication_status"] == "PUBLISHED" and event["status"] != "CANCELLED"
    to_come = at(event["over_at"]) > scene.now and event["join_mode"] in {"OPEN", "APPROVAL"}
    return is_on and to_come and in_use(event)


@step
def rsvp(scene: Scene) -> Made:
    actor = scene.somebody()
    seen = scene.seen_by(actor, scene.rows("events"))
    fit = [row for row in seen if takes_answers(scene, row)]
    if not fit and not scene.dice.happens(STUBBORN):
        return None
    narrow = [row for row in fit if row["capacity"] is not None]
    fit = narrow if narrow and scene.dice.happens(50) else fit
    event = scene.dice.one_if_any(fit or scene.rows("events"))
    if event is None:
        return None
    dates = [
        row["id"]
        for row in scene.rows("occurrences", event_id=event["id"])
        if at(row["starts_at"]) > scene.now
    ]
    given: Arguments = {"event": event["id"]}
    given |= scene.sometimes(
        occurrence=scene.dice.one_if_any(dates),
        additionalGuests=scene.dice.below(3),
        status=scene.dice.one_of(["ACCEPTED", "TENTATIVE", "DECLINED"]),
        consentTo=scene.dice.some_of(partners(scene, event)),
        referredBy=scene.dice.one_if_any(partners(scene, event)),
    )
    match scene.dice.below(6):
        case 3 | 4:
            address = scene.dice.one_of(GUESTS)
            given |= {"guestName": address.split("@")[0], "guestEmail": address}
            actor = SOMEBODY if scene.dice.happens(50) else actor
        case 5:
            given |= {"guestName": scene.dice.one_of(["Jo", "Bea"])}
            given.pop("consentTo", None)
            actor = scene.staff(event["organization_id"])
    return actor, {"input": given}


@step
def cancel_rsvp(scene: Scene) -> Made:
    answer = scene.one("rsvps", lambda row: row["status"] in EXPECTED)
    if answer is None:
        return None
    actor = scene.staff(scene.picture["events"][answer["event_id"]]["organization_id"])
    if answer["person_id"] is not None and scene.dice.happens(70):
        actor = scene.as_person(answer["person_id"])
    return actor, {"rsvp": answer["id"]}


@step
def respond_to_rsvp(scene: Scene) -> Made:
    awaited = scene.dice.one_of([{"PENDING_APPROVAL"}, {"REFUSED"}, EXPECTED])
    answer = scene.one("rsvps", lambda row: row["status"] in awaited)
    if answer is None:
        return None
    host = scene.picture["events"][answer["event_id"]]["organization_id"]
    return scene.staff(host), {"rsvp": answer["id"], "accept": scene.dice.happens(60)}


@step
def check_in(scene: Scene) -> Made:
    def has_begun(answer: Row) -> bool:
        return at(scene.picture["occurrences"][answer["occurrence_id"]]["starts_at"]) <= scene.now

    answer = scene.one("rsvps", has_begun, lambda row: row["status"] in EXPECTED)
    if answer is None:
        return None
    event = scene.picture["events"][answer["event_id"]]
    actor = scene.staff(scene.dice.one_of([event["organization_id"], *partners(scene, event)]))
    return actor, {"rsvp": answer["id"], "attended": not scene.dice.happens(30)}


@step
def invite_event_host(scene: Scene) -> Made:
    """By the host, or by one that asks for itself."""
    actor = scene.staff(scene.dice.one_of(sorted(scene.picture["organizations"])))
    mine = actor.viewer.organization_id
    event = scene.dice.one_if_any(scene.seen_by(actor, scene.rows("events", replaced_by_id=None)))
    if event is None:
        return None
    if event["organization_id"] == mine:
        there = partners(scene, event)
        known = scene.seen_by(actor, scene.rows("organizations"))
        others = [row["id"] for row in known if row["id"] not in there]
        mine = scene.dice.one_if_any(others) or mine
    roles = [EventHostRole.CO_HOST, EventHostRole.PROMOTER, EventHostRole.SPONSOR]
    more = scene.sometimes(
        role=scene.word(roles), mayEdit=scene.word(list(HostEditing)), message="With us?"
    )
    return actor, {"event": event["id"], "organization": mine or event["organization_id"], **more}


def side_of_place(scene: Scene, place: Row, asked: bool) -> str:
    """The organization that was asked, or the one that did."""
    event = scene.picture["events"][place["event_id"]]
    by_host = place["initiated_by"] == "OWNER"
    return str(place["organization_id"] if by_host is asked else event["organization_id"])


@step
def respond_to_event_host(scene: Scene) -> Made:
    place = scene.one("event_hosts", lambda row: row["status"] in {"INVITED", "REQUESTED"})
    if place is None:
        return None
    actor = scene.staff(side_of_place(scene, place, asked=not scene.dice.happens(20)))
    return actor, {"eventHost": place["id"], "accept": not scene.dice.happens(25)}


@step
def withdraw_event_host(scene: Scene) -> Made:
    place = scene.one(
        "event_hosts",
        lambda row: row["status"] in {"INVITED", "REQUESTED", "ACCEPTED"},
        lambda row: row["role"] != "HOST",
    )
    if place is None:
        return None
    actor = scene.staff(side_of_place(scene, place, asked=scene.dice.happens(50)))
    return actor, {"eventHost": place["id"], **scene.sometimes(reason="No time")}
