"""Steps with events: making, changing, publishing, sharing, merging, and telling of them."""

from datetime import timedelta

from domain.events import EventStatus, JoinMode
from domain.sharing import Visibility
from tests.walks.actors import Actor, stands_in
from tests.walks.moves import Arguments, Scene, step
from tests.walks.picture import Row, at
from tests.walks.steps_of_organizations import Made, changed

RULES = ("FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;COUNT=4", "FREQ=DAILY;INTERVAL=2;COUNT=2")
ZONES = ("America/Indiana/Indianapolis", "Europe/Berlin")
TITLES = ("Supper", "Soup night", "Repair café")


def in_use(row: Row) -> bool:
    return row["replaced_by_id"] is None


@step
def create_event(scene: Scene) -> Made:
    organization = scene.one("organizations")
    if organization is None:
        return None
    mine, starts = organization["id"], scene.soon()
    groups = [row["id"] for row in scene.rows("groups", organization_id=mine)]
    visibility = scene.word(list(Visibility))
    more = scene.sometimes(
        endsAt=(starts + timedelta(hours=2)).isoformat(),
        capacity=1 + scene.dice.below(3),
        recurrence={"rrule": scene.dice.one_of(RULES)},
        group=scene.dice.one_if_any(groups),
        publish=scene.dice.happens(50),
        visibility=visibility,
        joinMode=scene.word([JoinMode.OPEN, JoinMode.APPROVAL, JoinMode.INVITE, JoinMode.NONE]),
        shareWith=scene.dice.some_of(sorted(stands_in(scene.picture, mine))),
        allDay=True,
    )
    words = {
        "organization": mine,
        "title": scene.dice.one_of(TITLES),
        "timeZone": scene.dice.one_of(ZONES),
        "startsAt": starts.isoformat(),
    }
    return scene.staff(mine), {"input": {**words, **more}}


def editor(scene: Scene, event: Row) -> Actor:
    """The host's staff, or a co-host's."""
    partners = scene.rows("event_hosts", event_id=event["id"], status="ACCEPTED", role="CO_HOST")
    partner = scene.dice.one_if_any(partners)
    if partner is not None and scene.dice.happens(30):
        return scene.staff(partner["organization_id"])
    return scene.staff(event["organization_id"])


def event_changes(scene: Scene, event: Row) -> Arguments:
    starts = scene.soon()
    times = {
        "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=3)).isoformat(),
    }
    again: Arguments = {"rrule": scene.dice.one_of(RULES)}
    changes = scene.sometimes(
        title=scene.dice.one_of(TITLES),
        capacity=scene.dice.one_of([None, 1, 2, 3, 5]),
        visibility=scene.word(list(Visibility)),
    )
    if scene.dice.happens(15):
        changes |= times
    if scene.dice.happens(15):
        changes["recurrence"] = scene.dice.one_of([again, None])
    if scene.dice.happens(15):
        changes["joinMode"] = scene.word([JoinMode.OPEN, JoinMode.APPROVAL, JoinMode.INVITE])
    if scene.dice.happens(15):
        changes["status"] = scene.word(list(EventStatus))
    return changes


@step
def update_event(scene: Scene) -> Made:
    event = scene.one("events", in_use)
    if event is None:
        return None
    return editor(scene, event), changed(event, event_changes(scene, event))


def date_of_series(scene: Scene) -> tuple[Row, Row] | None:
    """A series, and one of its dates: sometimes of what is no series."""

    def recurs(date: Row) -> bool:
        return scene.picture["events"][date["event_id"]]["rrule"] is not None

    def is_to_come(date: Row) -> bool:
        return at(date["starts_at"]) > scene.now

    date = scene.one("occurrences", recurs, is_to_come)
    return None if date is None else (scene.picture["events"][date["event_id"]], date)


@step
def update_occurrence(scene: Scene) -> Made:
    found = date_of_series(scene)
    if found is None:
        return None
    event, date = found
    starts = at(date["starts_at"]) + timedelta(hours=scene.dice.below(30) - 4)
    changes = scene.sometimes(
        title=scene.dice.one_of(["A feast", None]),
        startsAt=starts.isoformat(),
        status=scene.dice.one_of(["CANCELLED", "SCHEDULED", "MOVED_ONLINE", None]),
    )
    given = {"id": date["id"], "version": event["version"], **changes}
    return editor(scene, event), {"input": given}


@step
def update_event_from(scene: Scene) -> Made:
    found = date_of_series(scene)
    if found is None:
        return None
    event, date = found
    changes = event_changes(scene, event)
    given = changed(event, {name: changes[name] for name in changes if name != "startsAt"})
    return scene.staff(event["organization_id"]), {"occurrence": date["id"], **given}


@step
def publish_event(scene: Scene) -> Made:
    event = scene.one("events", lambda row: row["publication_status"] == "DRAFT", in_use)
    if event is None:
        return None
    return scene.staff(event["organization_id"]), _on_version(event)


def _on_version(event: Row) -> Arguments:
    return {"event": event["id"], "version": event["version"]}


@step
def cancel_event(scene: Scene) -> Made:
    event = scene.one("events", in_use, lambda row: row["status"] != "CANCELLED")
    if event is None:
        return None
    more = scene.sometimes(reason="It rains.")
    return scene.staff(event["organization_id"]), {**_on_version(event), **more}


@step
def share_event(scene: Scene) -> Made:
    event = scene.one(
        "events", in_use, lambda row: row["visibility"] in {"PUBLIC", "UNLISTED", "ALLIANCE"}
    )
    if event is None:
        return None
    mine = event["organization_id"]
    alliances = sorted(stands_in(scene.picture, mine)) or sorted(scene.picture["alliances"])
    return scene.staff(mine), {"event": event["id"], "alliances": scene.dice.some_of(alliances)}


@step
def unshare_event(scene: Scene) -> Made:
    shared = scene.one("event_shares")
    event = scene.picture.find(shared["event_id"]) if shared else scene.one("events")
    if event is None:
        return None
    alliances = [shared["alliance_id"]] if shared else sorted(scene.picture["alliances"])
    return scene.staff(event["organization_id"]), {"event": event["id"], "alliances": alliances}


@step
def merge_events(scene: Scene) -> Made:
    """Two of one host, which its partners and those who answer may be the same of."""
    duplicate = scene.one("events", in_use)
    if duplicate is None:
        return None
    mine = duplicate["organization_id"]
    other = scene.one(
        "events", in_use, lambda row: row["id"] != duplicate["id"], organization_id=mine
    )
    if other is None:
        return None
    return scene.staff(mine), {"duplicate": duplicate["id"], "into": other["id"]}


@step
def unmerge_events(scene: Scene) -> Made:
    event = scene.one("events", lambda row: row["replaced_by_id"] is not None)
    if event is None:
        return None
    return scene.staff(event["organization_id"]), {"duplicate": event["id"]}


@step
def report_event(scene: Scene) -> Made:
    event = scene.one("events", lambda row: at(row["starts_at"]) <= scene.now, in_use)
    if event is None:
        return None
    more = scene.sometimes(attended=scene.dice.below(20))
    words = scene.dice.one_of(["There was enough for all.", "It was quiet."])
    return scene.staff(event["organization_id"]), {"event": event["id"], "text": words, **more}
