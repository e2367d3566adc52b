"""On which side of a thing somebody acts, as docs/domain.md says it: from the rows alone.

It is said here once more, and on purpose: what `domain.policy` decides is what walks try.
"""

from collections.abc import Callable

from domain.transitions import Party
from tests.walks.actors import EDITOR, LEAD, STAFF, Actor
from tests.walks.picture import Picture, Row

Sides = set[Party]


def of_member(picture: Picture, row: Row, actor: Actor) -> Sides:
    alliance = picture["alliances"][row["alliance_id"]]
    sides = {Party.ORGANIZATION} if actor.acts_for(row["organization_id"], LEAD) else set()
    if leads(picture, alliance, actor):
        sides.add(Party.ALLIANCE)
    return sides


def leads(picture: Picture, alliance: Row, actor: Actor) -> bool:
    """For an alliance act the leads of its convener, if it has not left, and of its stewards."""
    led_by = {
        member["organization_id"]
        for member in picture.all("alliance_members", alliance_id=alliance["id"])
        if (member["status"] == "ACTIVE" and member["role"] == "STEWARD")
        or (
            member["status"] in {"ACTIVE", "SUSPENDED"}
            and member["organization_id"] == alliance["convener_id"]
        )
    }
    return any(actor.acts_for(each, LEAD) for each in led_by)


def of_alliance(picture: Picture, row: Row, actor: Actor) -> Sides:
    if row["id"] not in picture["alliances"]:  # it is being founded
        return {Party.ALLIANCE} if actor.acts_for(row["convener_id"], LEAD) else set()
    is_convener = actor.acts_for(row["convener_id"], LEAD)
    return {Party.ALLIANCE} if is_convener or leads(picture, row, actor) else set()


def of_proposal(picture: Picture, row: Row, actor: Actor) -> Sides:
    return {Party.ORGANIZATION} if actor.acts_for(row["organization_id"], LEAD) else set()


def of_place(picture: Picture, row: Row, actor: Actor) -> Sides:
    sides = {Party.PARTNER} if actor.acts_for(row["organization_id"], STAFF) else set()
    event = picture["events"].get(row["event_id"])
    if event is not None and actor.acts_for(event["organization_id"], STAFF):
        sides.add(Party.HOST)
    return sides


def of_event(picture: Picture, row: Row, actor: Actor) -> Sides:
    return {Party.HOST} if actor.acts_for(row["organization_id"], STAFF) else set()


def of_answer(picture: Picture, row: Row, actor: Actor) -> Sides:
    who = actor.viewer.person_id
    sides = {Party.PERSON} if who is not None and who == row["person_id"] else set()
    event = picture["events"][row["event_id"]]
    if actor.acts_for(event["organization_id"], STAFF):
        sides.add(Party.HOST)
    return sides


def at_the_door(picture: Picture, row: Row, actor: Actor) -> bool:
    """The host's staff, and those of a co-host who may change something."""
    event = picture["events"][row["event_id"]]
    doors = [event["organization_id"]] + [
        place["organization_id"]
        for place in picture.all("event_hosts", event_id=event["id"], status="ACCEPTED")
        if place["role"] == "CO_HOST" and place["may_edit"] != "NONE"
    ]
    return any(actor.acts_for(each, STAFF) for each in doors)


def of_group_member(picture: Picture, row: Row, actor: Actor) -> Sides:
    who = actor.viewer.person_id
    sides = {Party.PERSON} if who is not None and who == row["person_id"] else set()
    group = picture["groups"][row["group_id"]]
    admins = picture.all("group_members", group_id=group["id"], status="ACTIVE", role="ADMIN")
    is_admin = who is not None and any(each["person_id"] == who for each in admins)
    if is_admin or actor.acts_for(group["organization_id"], EDITOR):
        sides.add(Party.GROUP)
    return sides


_SPEAKS = {"grp": EDITOR, "aln": LEAD, "evt": STAFF}


def of_handover(picture: Picture, row: Row, actor: Actor) -> Sides:
    who, roles = actor.viewer, _SPEAKS.get(row["subject_id"][:3], ())

    def speaks(side: str) -> bool:
        if side.startswith("prs_"):
            return who.person_id == side
        return actor.acts_for(side, roles)

    owns = who.person_id is not None and actor.acts_for(row["subject_id"], LEAD[:1])
    sides = {Party.GIVER} if speaks(row["giver_id"]) or owns else set()
    return sides | ({Party.TAKER} if speaks(row["taker_id"]) else set())


SIDES: dict[str, Callable[[Picture, Row, Actor], Sides]] = {
    "alliance_members": of_member,
    "alliances": of_alliance,
    "proposals": of_proposal,
    "event_hosts": of_place,
    "events": of_event,
    "rsvps": of_answer,
    "group_members": of_group_member,
    "handovers": of_handover,
}
